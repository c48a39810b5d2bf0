// PASHA: Bohdal, Balles, Wistuba, Ermis, Archambeau and Zappella 2023, "PASHA: Efficient HPO and NAS with Progressive
// Resource Allocation", ICLR. The symbols are those of algorithm 1.
//
// ASHA (promotion) whose greatest training R_t grows from eta r only while it changes who is ahead: whenever a trial ends
// the top rung, the trials there are ranked by their losses in it and in the rung below (soft ranking, soft_ranking.h).
// Where the rankings disagree, R_t becomes eta R_t, up to R. Losses count as equal within epsilon, the 90th percentile of
// the distances of pairs whose learning curves change places and back again (section 4.2).
//
// Where the paper is silent, or this differs:
// - Trials report every `interval` of training, as the paper's do each epoch: a report is an evaluation here, so compare
//   PASHA by epochs, time or CO2e, not by evaluations.
// - Of the top rung the latest `window` trials are ranked and tell of the noise (the paper has 256 configurations in all).
//   Those on their way to it do not tell of the noise yet; in Syne Tune they do.
// - Where no pair tells of noise, epsilon stays what it was, at first 0, as in Syne Tune.
// - The paper ends after a number of configurations and trains the best one in full; here the search goes on while there is
//   budget, and its winner is the best of the most trained.
// - Rungs, failures, workers and the strategy within: as asha.cpp.

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include "core/settings.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/multi_fidelity/candidate_source.h"
#include "search/strategies/multi_fidelity/loss_rung.h"
#include "search/strategies/multi_fidelity/soft_ranking.h"
#include "search/strategies/trial_table.h"

namespace tonne {
namespace {

/// Defaults: Bohdal et al. 2023 (eta 3, 90th percentile).
struct PashaSettings {
  double eta = 3.0;
  std::optional<double> min_fidelity;  ///< r; none: the least that the problem has
  std::optional<double> interval;      ///< none: r, or a 200th of the full training where that is more
  double percentile = 90.0;
  std::int64_t window = 100;  ///< assumed

  void visit(SettingsVisitor& visitor) {
    visitor.number("eta", eta, Bounds::between(1.1, 1e6),
                   "reduction factor: 1 in eta is promoted, with eta times the training");
    visitor.optional_number("min_fidelity", min_fidelity, Bounds::above(0.0),
                            "minimum training of the lowest rung, in the problem's fidelity unit; default: the "
                            "problem's lowest fidelity");
    visitor.optional_number("interval", interval, Bounds::above(0.0),
                            "training between reports, in the problem's fidelity unit; default: the minimum training");
    visitor.number("percentile", percentile, Bounds::between(0, 100),
                   "of the distances of pairs that change places by noise: what counts as equal");
    visitor.integer("window", window, Bounds::between(2, 1e4), "latest trials of the top rung that are ranked");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (auto reason = refuses_interval(interval, context)) return reason;
    return refuses_least(min_fidelity, context);
  }
  [[nodiscard]] std::vector<double> rungs(const StrategyContext& context) const {
    const double least = min_fidelity.value_or(context.traits.fidelity.lowest);
    std::vector<double> result = rung_fidelities(context.traits.fidelity, least, context.fidelity, eta);
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }
  /// Where trials report: on the rungs and between them.
  [[nodiscard]] std::vector<double> steps(const StrategyContext& context) const {
    constexpr double kMostReports = 200.0;
    std::vector<double> result = rungs(context);
    const double every = interval.value_or(std::max(result.front(), context.fidelity / kMostReports));
    const std::vector<double> between = training_steps(context, every, result.front());
    result.insert(result.end(), between.begin(), between.end());
    std::ranges::sort(result);
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }
};

class Pasha final : public Strategy {
 public:
  Pasha(const PashaSettings& settings, CandidateSource source, const StrategyContext& context)
      : settings_(settings), rule_{settings.eta, true}, source_(std::move(source)), pool_(context.space) {
    const std::vector<double> steps = settings.steps(context);
    for (const double fidelity : settings.rungs(context)) {
      RungState& rung = rungs_.emplace_back();
      rung.step = static_cast<std::size_t>(std::ranges::lower_bound(steps, fidelity) - steps.begin());
    }
    steps_ = steps;
    top_ = std::min<std::size_t>(1, rungs_.size() - 1);
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (const auto given_up = pending_.take(id)) pool_.release(given_up->candidate);  // asked again: it was turned down
    if (!going_on_.empty()) {
      const Learner learner = going_on_.front();
      going_on_.pop_front();
      return train(id, learner);
    }
    if (auto proposal = promote(id)) return proposal;
    auto proposal = source_.ask(id, random);
    if (!proposal || proposal->screening) return proposal;
    proposal->fidelity = steps_.front();
    pending_.put(id, begun(proposal->configuration, id));
    return proposal;
  }

  void tell(const Trial& trial) override {
    if (source_.take_look(trial)) return;
    const std::optional<Learner> found = pending_.take(trial.id);
    if (!found) return;
    const Learner learner = *found;
    source_.tell(pool_.first(learner.candidate), trial);
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed == nullptr || std::isnan(trial.loss())) return end_rung(learner, kFailed);
    // A cached answer was not trained: there is no checkpoint.
    pool_.set_checkpoint(learner.candidate, completed->cached ? std::nullopt : std::optional(trial.id));
    Progress& progress = progress_[learner.candidate];
    if (may_grow()) progress.losses.push_back(trial.loss());
    if (progress.steps++ < rungs_[learner.rung].step) return going_on_.push_back(learner);
    end_rung(learner, trial.loss());
  }

  [[nodiscard]] Work computed() const override { return source_.computed() + comparisons_ * flop; }
  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  static constexpr double kFailed = std::numeric_limits<double>::infinity();

  struct RungState {
    std::size_t step = 0;
    LossRung rung = {};
    std::deque<CandidatePool::Number> latest = {};  // that ended it, at most `window`
  };
  // On its way to a rung.
  struct Learner {
    CandidatePool::Number candidate = 0;
    std::size_t rung = 0;
  };
  struct Progress {
    std::size_t steps = 0;            // that it has reported
    std::vector<double> losses = {};  // at them, while the rankings of the top two rungs matter
  };

  // Whether R_t can still become greater.
  [[nodiscard]] bool may_grow() const { return top_ + 1 < rungs_.size(); }

  Learner begun(const Configuration& configuration, TrialId id) {
    const CandidatePool::Number candidate = pool_.add(configuration, id);
    if (candidate >= progress_.size()) progress_.resize(candidate + 1);
    progress_[candidate] = {};
    return {candidate, 0};
  }

  Proposal train(TrialId id, const Learner& learner) {
    pending_.put(id, learner);
    return {.configuration = pool_.configuration(learner.candidate),
            .fidelity = steps_[progress_[learner.candidate].steps],
            .resumes = pool_.checkpoint(learner.candidate)};
  }

  std::optional<Proposal> promote(TrialId id) {
    for (std::size_t k = top_; k-- > 0;)
      if (const auto best = rungs_[k].rung.take(rule_)) return train(id, {*best, k + 1});
    return std::nullopt;
  }

  void end_rung(const Learner& learner, double loss) {
    const std::size_t k = learner.rung;
    if (k + 1 == rungs_.size()) return pool_.release(learner.candidate);
    RungState& state = rungs_[k];
    state.rung.enter(learner.candidate, loss, rule_, pool_);
    if (!may_grow() || loss == kFailed) return;
    state.latest.push_back(learner.candidate);
    if (state.latest.size() > static_cast<std::size_t>(settings_.window)) state.latest.pop_front();
    if (k != top_ || !must_grow()) return;
    ++top_;
    if (!may_grow()) forget_losses();
  }

  void forget_losses() {
    for (Progress& progress : progress_) progress.losses = {};
    for (RungState& rung : rungs_) rung.latest = {};
  }

  // Algorithm 1: whether the rankings in the top two rungs disagree.
  bool must_grow() {
    const RungState& top = rungs_[top_];
    const std::size_t below = rungs_[top_ - 1].step;
    std::vector<std::vector<double>> curves;
    std::vector<double> earlier, later;
    for (const CandidatePool::Number candidate : top.latest) {
      const std::vector<double>& losses = progress_[candidate].losses;  // up to here: nobody goes on from the top rung
      curves.push_back(losses);
      earlier.push_back(losses[below]);
      later.push_back(losses.back());
    }
    const NoiseEstimate noise = noise_of(curves, settings_.percentile);
    comparisons_ += noise.comparisons;
    if (noise.found) epsilon_ = noise.epsilon;
    return !ranks_agree(earlier, later, epsilon_);
  }

  PashaSettings settings_;
  RungRule rule_;
  CandidateSource source_;
  CandidatePool pool_;
  std::vector<double> steps_;  // fidelities of the reports, ascending
  std::vector<RungState> rungs_;
  std::size_t top_ = 0;  // K_t
  double epsilon_ = 0.0;
  double comparisons_ = 0.0;
  std::vector<Progress> progress_;  // of each candidate in the pool
  std::deque<Learner> going_on_;
  TrialTable<Learner> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_pasha_recipe() {
  return std::make_unique<SchedulerRecipe<PashaSettings, Pasha>>();
}

}  // namespace tonne
