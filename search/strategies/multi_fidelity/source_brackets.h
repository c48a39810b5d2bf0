#pragma once
// Successive halving and Hyperband: one search, different brackets.

#include <functional>
#include <memory>
#include <utility>

#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/multi_fidelity/candidate_source.h"

namespace tonne {

/// Synchronous brackets of a strategy's candidates.
class SourceBrackets final : public Strategy {
 public:
  /// `Settings` have `brackets(context)`, `rounds` and `barrier`.
  template <class Settings>
  SourceBrackets(const Settings& settings, CandidateSource source, const StrategyContext& context)
      : source_(std::move(source)),
        brackets_(settings.brackets(context), static_cast<std::uint64_t>(settings.rounds), settings.barrier) {
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    const auto draw = [&] { return source_.ask(id, random); };
    auto proposal = brackets_.ask(id, std::cref(draw));
    if (proposal || source_.is_looking() || brackets_.is_running()) return proposal;
    brackets_.close();
    return brackets_.ask(id, std::cref(draw));
  }
  void tell(const Trial& trial) override {
    if (source_.take_look(trial)) return;
    if (const auto candidate = brackets_.tell(trial)) source_.tell(*candidate, trial);
  }
  [[nodiscard]] Work computed() const override { return source_.computed(); }
  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  CandidateSource source_;
  SynchronousBrackets brackets_;
};

}  // namespace tonne
