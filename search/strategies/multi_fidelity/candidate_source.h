#pragma once
// A strategy as the source of a scheduler's new candidates: the scheduler decides how long each is trained, the strategy
// within which are tried. ASHA around a Gaussian process is MOBSTER (Klein et al. 2020, "Model-based Asynchronous
// Hyperparameter and Neural Architecture Search"); the median rule around TPE is Optuna's default study.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "search/strategies/inner_recipe.h"
#include "search/strategies/trial_table.h"

namespace tonne {

/// Asks the inner strategy for candidates, each by the id of its first trial, and tells it how their training goes:
/// - a strategy that learns from reports hears of each partial training (Strategy::report) and is told a full one;
/// - any other is told a candidate's first training as if it were the result, at its own fidelity, and nothing after it:
///   so all candidates that begin on the same rung are compared at equal training;
/// - a failure, or a loss that is not a number, is told at once, at the inner strategy's fidelity.
/// A candidate that was proposed before is turned down, and another asked for, up to kMostRepeats times: to train it
/// again on the lowest rung would teach next to nothing (Syne Tune: allow_duplicates false).
class CandidateSource {
 public:
  /// `inner` was made for `context`. `repeats`: what was proposed before is taken again.
  CandidateSource(std::unique_ptr<Strategy> inner, const StrategyContext& context, bool repeats)
      : inner_(std::move(inner)),
        full_(context.fidelity),
        repeats_(repeats),
        cardinality_(context.space.cardinality()) {}

  /// What the inner strategy proposes for trial `id`: a candidate, of which the scheduler sets the fidelity, or a look at
  /// one (`screening`), which passes through as it is and is told to take_look(). None: nothing now, maybe nothing ever.
  std::optional<Proposal> ask(TrialId id, Random random);
  /// Whether the trial was such a look; the inner strategy has then been told.
  bool take_look(const Trial& trial);
  /// A training of the candidate whose first trial was `candidate` has ended.
  void tell(TrialId candidate, const Trial& trial);

  /// Whether looks are running, whose ends may bring candidates.
  [[nodiscard]] bool is_looking() const { return !looks_.empty(); }
  [[nodiscard]] Work computed() const { return inner_->computed(); }

 private:
  static constexpr int kMostRepeats = 5;  // assumed

  [[nodiscard]] bool is_repeat(const std::optional<Proposal>& proposal) const;

  std::unique_ptr<Strategy> inner_;
  double full_;
  bool repeats_;
  std::optional<double> cardinality_;
  TrialSet looks_;
  std::unordered_set<std::uint64_t> proposed_;  // digests of the candidates; for membership only
};

/// The recipe of a scheduler: the strategy within, its own settings, and an Implementation made of
/// (settings, source, context). Settings have `refuses(context)`. Random search within is left as it is: its draws are
/// independent, repeats and all.
template <class Settings, class Implementation>
class SchedulerRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override {
    inner_.visit(visitor, "strategy that proposes the candidates");
    settings_.visit(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    if (auto reason = settings_.refuses(context)) return reason;
    if (auto reason = inner_.refuses(context)) return reason;
    // An external program may resume, as far as anybody knows before it runs.
    if (!inner_.runs() && !inner_.make(context)->may_resume()) return std::nullopt;
    return "its inner strategy " + inner_.name() +
           " resumes trainings itself, which is for the scheduler to decide: give it a strategy that only proposes "
           "candidates, such as tpe";
  }
  [[nodiscard]] std::uint64_t content_digest() const override { return inner_.content_digest(); }
  [[nodiscard]] std::optional<std::string> runs() const override { return inner_.runs(); }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    CandidateSource source(inner_.make(context), context, inner_.name() == "random");
    return std::make_unique<Implementation>(settings_, std::move(source), context);
  }

 private:
  InnerRecipe inner_;
  Settings settings_;
};

}  // namespace tonne
