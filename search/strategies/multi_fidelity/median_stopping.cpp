// The median stopping rule: Golovin, Solnik, Moitra, Kochanski, Karro and Sculley 2017, "Google Vizier: A
// Service for Black-Box Optimization", KDD, section 3.2.2.
//
// A trial reports its loss at steps 1, 2, .. of its training. It is stopped at step s if its best loss by
// then is strictly worse than the median of the running averages o(1:s) of the completed trials: the mean of
// what each had reported at steps 1 to s. Configurations are drawn at random; the rule itself does not care
// where they come from.
//
// Where the paper is silent, or this differs:
// - Completed trials are those that trained in full; the stopped ones do not enter the median (as in Optuna).
// - The rule rests until `grace_population` trials have completed (Optuna: n_startup_trials 5).
// - A step is `interval` of fidelity, here a tenth of the whole by default, since each report is an
// evaluation.
// - Workers: who reports goes on, or a new trial begins, before anything else. Failed trials end.

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"

namespace tonne {
namespace {

/// Defaults: grace population as in Optuna's MedianPruner (from memory, not checked); Golovin et al. name
/// none.
struct MedianStoppingSettings {
  std::int64_t grace_population = 5;
  std::optional<double> interval;      ///< none: a tenth of the full training
  std::optional<double> min_fidelity;  ///< training before the first report; none: one interval

  void visit(SettingsVisitor& visitor) {
    visitor.integer("grace_population", grace_population, Bounds::between(1, 1e9),
                    "completed trials required before any trial is stopped");
    visitor.optional_number(
        "interval", interval, Bounds::above(0.0),
        "training between reports, in the problem's fidelity unit; default: a tenth of the full training");
    visitor.optional_number(
        "min_fidelity", min_fidelity, Bounds::above(0.0),
        "training before the first report, in the problem's fidelity unit; default: one interval");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (auto reason = refuses_interval(interval, context)) return reason;
    return refuses_least(min_fidelity, context);
  }
};

class MedianStopping final : public Strategy {
 public:
  MedianStopping(const MedianStoppingSettings& settings, const StrategyContext& context)
      : grace_(static_cast<std::size_t>(settings.grace_population)),
        space_(context.space),
        steps_(training_steps(context, settings.interval, settings.min_fidelity)),
        averages_(steps_.size()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    pending_.erase(id);  // asked again: what was proposed was turned down, and is given up
    Learner learner;
    if (!going_on_.empty()) {
      learner = std::move(going_on_.front());
      going_on_.pop_front();
    } else {
      learner.configuration = space_.sample(random);
    }
    Proposal proposal{.configuration = learner.configuration,
                      .fidelity = steps_[learner.losses.size()],
                      .resumes = learner.checkpoint};
    pending_.emplace(id, std::move(learner));
    return proposal;
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    Learner learner = std::move(found->second);
    pending_.erase(found);
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed == nullptr || std::isnan(trial.loss())) return;
    learner.losses.push_back(trial.loss());
    if (learner.losses.size() == steps_.size()) return complete(learner);
    if (must_stop(learner)) return;
    // A cached answer was not trained: there is no checkpoint.
    learner.checkpoint = completed->cached ? std::nullopt : std::optional(trial.id);
    going_on_.push_back(std::move(learner));
  }

  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  struct Learner {
    Configuration configuration;
    std::vector<double> losses;  ///< at steps 1, 2, ..
    std::optional<TrialId> checkpoint;
  };

  [[nodiscard]] bool must_stop(const Learner& learner) const {
    const std::vector<double>& averages = averages_[learner.losses.size() - 1];
    return averages.size() >= grace_ && *std::ranges::min_element(learner.losses) > median(averages);
  }

  // Of ascending numbers, at least one.
  [[nodiscard]] static double median(const std::vector<double>& values) {
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : values[half - 1] + (values[half] - values[half - 1]) / 2;
  }

  void complete(const Learner& learner) {
    double sum = 0.0;
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      sum += learner.losses[s];
      const double average = sum / static_cast<double>(s + 1);
      averages_[s].insert(std::ranges::upper_bound(averages_[s], average), average);
    }
  }

  std::size_t grace_;
  const SearchSpace& space_;
  std::vector<double> steps_;
  std::vector<std::vector<double>> averages_;  // o(1:s) of the completed trials by step, ascending
  std::deque<Learner> going_on_;
  std::map<TrialId, Learner> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_median_stopping_recipe() {
  return std::make_unique<BasicStrategyRecipe<MedianStoppingSettings, MedianStopping>>();
}

}  // namespace tonne
