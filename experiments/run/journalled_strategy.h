#pragma once
// A strategy whose answers are kept while its search runs, so that a killed search goes on where it was.

#include <cstddef>
#include <optional>
#include <vector>

#include "core/replayable.h"
#include "core/strategy.h"
#include "experiments/results/ask_journal.h"
#include "experiments/text/log.h"

namespace tonne {

/// Answers from the journal of an earlier run as long as that lasts, then as the inner strategy does, and
/// keeps its answers. Everything else of a search is computed again, so that it is the same search to the
/// bit.
class JournalledStrategy final : public Strategy {
 public:
  /// `replayable` is `inner`, seen from its other side. Both and the journal outlive this.
  JournalledStrategy(Strategy& inner, Replayable& replayable, const SearchSpace& space, AskJournal& journal);

  /// Throws StoreError, and removes the journal, when that is of another search.
  std::optional<Proposal> ask(TrialId id, Random random) override;
  void tell(const Trial& trial) override { inner_.tell(trial); }
  void report(const Trial& trial) override { inner_.report(trial); }
  [[nodiscard]] bool learns_from_reports() const override { return inner_.learns_from_reports(); }
  [[nodiscard]] Work computed() const override { return inner_.computed(); }
  [[nodiscard]] bool may_resume() const override { return inner_.may_resume(); }

  /// How many answers an earlier run left.
  [[nodiscard]] std::size_t recorded() const { return recorded_.size(); }

 private:
  void keep(TrialId id, const std::optional<Proposal>& proposal);

  Strategy& inner_;
  Replayable& replayable_;
  AskJournal& journal_;
  std::vector<AnsweredAsk> recorded_;
  std::size_t replayed_ = 0;
  bool keeps_ = true;
  Stopwatch watch_;
  double written_at_s_ = 0.0;
};

}  // namespace tonne
