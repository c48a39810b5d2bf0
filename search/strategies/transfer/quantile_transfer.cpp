// What earlier tasks tell of a configuration's rank as a prior: Salinas, Shen and Perrone 2020, "A
// quantile-based approach for hyperparameter transfer learning", ICML.
//
// The losses of each task become normal scores, z = Phi^-1(F(y)) with F their empirical distribution, cut at
// both ends by
//     delta = 1 / (4 n^(1/4) sqrt(pi log n))      (section 4.1, after Liu, Lafferty and Wasserman 2009),
// so that tasks of any scale are one. A model of z over the configurations of all tasks gives a mean mu(x)
// and a deviation sigma(x). The paper has a neural network with two heads for these; here it is a random
// forest, as Syne Tune has boosted trees: sigma comes from the spread within and between its leaves.
//
// - thompson (the paper's CTS): the candidate with the lowest draw from N(mu(x), sigma(x)^2) among random
// ones. It learns
//   nothing of the present task.
// - gp (the paper's GCP, section 4.3): a Gaussian process over the residuals (z - mu(x)) / sigma(x) of the
// present task's
//   trials, whose losses become normal scores among themselves; the candidate with the largest expected
//   improvement.
//
// Own choices: until there are `startup` trials, gp proposes the candidate with the lowest mu(x). Candidates
// are half random and half neighbours of the present task's best (the paper has random ones), and none is
// proposed twice while another is found. Failed trials count as the worst.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"
#include "search/strategies/transfer/transfer_tasks.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/model_settings.h"
#include "search/surrogates/random_forest.h"

namespace tonne {
namespace {

enum class QuantileModel : std::uint8_t { gp, thompson };

struct QuantileTransferSettings {
  QuantileModel model = QuantileModel::gp;
  std::int64_t startup = 2;        ///< own choice: the rank of a single trial says nothing
  std::int64_t candidates = 1000;  ///< own choice
  std::int64_t trees = 50;         ///< own choice, as min_leaf
  std::int64_t min_leaf = 3;       ///< so that the spread within leaves tells sigma
  double least_deviation = 0.1;  ///< own choice: below it, residuals of noise would be taken for differences
  std::int64_t fit_points = 1000;
  std::int64_t max_fit_points = 300;
  RefitSettings refit;

  void visit(SettingsVisitor& v) {
    v.choice("model", model, std::to_array<std::string_view>({"gp", "thompson"}),
             "gp: correct the earlier tasks' prediction by the present task's trials; thompson: draw from it "
             "alone");
    v.integer("startup", startup, Bounds::between(2, 1e6),
              "trials by the prediction alone before the Gaussian process is used");
    v.integer("candidates", candidates, Bounds::between(1, 1e6), "configurations scored per ask");
    v.integer("trees", trees, Bounds::between(1, 1e4), "trees in the forest over all earlier tasks");
    v.integer("min_leaf", min_leaf, Bounds::between(1, 1e6), "minimum earlier trials per leaf");
    v.number("least_deviation", least_deviation, {0.0, 10.0, true},
             "lowest sd of the prediction, in normal scores");
    v.integer("fit_points", fit_points, Bounds::between(1, 1e6),
              "earlier trials used per task, evenly spaced");
    visit_max_fit_points(v, max_fit_points);
    refit.visit(v);
  }
  [[nodiscard]] static std::optional<std::string> refuses(const StrategyContext& context) {
    return refuses_without_earlier(context);
  }
};

/// Normal scores of losses among themselves; equal ones share theirs. Of one loss: 0.
std::vector<double> normal_scores(const std::vector<double>& losses) {
  const auto n = static_cast<double>(losses.size());
  std::vector<double> scores(losses.size(), 0.0);
  if (losses.size() < 2) return scores;
  const double delta = 1.0 / (4.0 * std::pow(n, 0.25) * std::sqrt(std::numbers::pi * std::log(n)));
  const std::vector<double> ranks = relative_ranks(losses);
  // The middle of a loss's step of the empirical distribution, so that the scores of a task are symmetric.
  for (std::size_t i = 0; i < losses.size(); ++i)
    scores[i] = normal_quantile(std::clamp((ranks[i] * (n - 1.0) + 0.5) / n, delta, 1.0 - delta));
  return scores;
}

/// Mean and deviation of the normal score of a configuration, from earlier tasks.
class QuantilePrior {
 public:
  QuantilePrior(const QuantileTransferSettings& settings, const StrategyContext& context)
      : encoding_(context.space),
        least_variance_(settings.least_deviation * settings.least_deviation),
        forest_(encoding_.categories(), {.trees = static_cast<std::size_t>(settings.trees),
                                         .min_leaf = static_cast<std::size_t>(settings.min_leaf)}) {
    std::vector<double> rows, scores;
    for (const TransferTask& task :
         transfer_tasks(context.earlier, static_cast<std::size_t>(settings.fit_points))) {
      const std::vector<double> own = normal_scores(task.losses);
      scores.insert(scores.end(), own.begin(), own.end());
      append_rows(task.configurations, rows);
    }
    if (encoding_.columns() > 0) forest_.fit(rows, scores, Random(0).child("quantile_transfer"));
  }

  /// `mean` and `deviation` get one entry for each configuration.
  void predict(const std::vector<Configuration>& configurations, std::vector<double>& mean,
               std::vector<double>& deviation) {
    mean.assign(configurations.size(), 0.0);
    deviation.assign(configurations.size(), 1.0);
    if (encoding_.columns() == 0) return;  // a space of one configuration
    rows_.clear();
    append_rows(configurations, rows_);
    forest_.predict(rows_, prediction_);
    mean = prediction_.mean;
    for (std::size_t i = 0; i < deviation.size(); ++i)
      deviation[i] = std::sqrt(std::max(prediction_.variance[i], least_variance_));
    work_ += static_cast<double>(configurations.size()) * forest_.prediction_work();
  }
  [[nodiscard]] Work computed() const { return forest_.computed() + work_; }

 private:
  void append_rows(const std::vector<Configuration>& configurations, std::vector<double>& rows) const {
    const std::size_t begin = rows.size();
    rows.resize(begin + configurations.size() * encoding_.columns());
    for (std::size_t i = 0; i < configurations.size(); ++i)
      encoding_.encode(configurations[i], rows.data() + begin + i * encoding_.columns());
  }

  ForestEncoding encoding_;
  double least_variance_;
  RandomForest forest_;
  std::vector<double> rows_;
  ForestPrediction prediction_;
  Work work_{};
};

class QuantileTransfer final : public Strategy {
 public:
  QuantileTransfer(const QuantileTransferSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        notes_(context.notes),
        prior_(settings, context),
        encoding_(context.space),
        process_(encoding_.layout()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (const auto turned_down = pending_.find(id); turned_down != pending_.end()) {
      known_.insert(turned_down->second.digest());
      pending_.erase(turned_down);
    }
    Configuration chosen = choose(random);
    pending_.emplace(id, chosen);
    return Proposal{.configuration = std::move(chosen), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    pending_.erase(trial.id);
    if (trial.proposal.fidelity != fidelity_ || !told_.insert(trial.id).second) return;
    known_.insert(trial.proposal.configuration.digest());
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed != nullptr && completed->cached) return;
    const bool finite = completed != nullptr && std::isfinite(completed->losses.front());
    configurations_.push_back(trial.proposal.configuration);
    losses_.push_back(finite ? completed->losses.front() : std::numeric_limits<double>::infinity());
    is_fresh_ = false;
  }

  [[nodiscard]] Work computed() const override {
    return prior_.computed() + process_.computed() + predictions_;
  }

 private:
  Configuration choose(Random& random) {
    std::set<std::uint64_t> running;
    for (const auto& [id, configuration] : pending_) running.insert(configuration.digest());
    draw_candidates(running, random);
    if (candidates_.empty()) return space_.sample(random);
    prior_.predict(candidates_, mean_, deviation_);
    if (settings_.model == QuantileModel::thompson) return candidates_[lowest_draw(random)];
    if (losses_.size() >= static_cast<std::size_t>(settings_.startup)) return candidates_[best_improvement()];
    return candidates_[static_cast<std::size_t>(std::ranges::min_element(mean_) - mean_.begin())];
  }

  // Random ones and neighbours of the best; none that is known or running.
  void draw_candidates(const std::set<std::uint64_t>& running, Random& random) {
    const std::vector<std::size_t> best = best_observations(losses_.size(), 10, is_better());
    std::set<std::uint64_t> drawn;
    candidates_.clear();
    for (std::int64_t i = 0; i < settings_.candidates; ++i) {
      const bool near = !best.empty() && i % 2 == 1 && settings_.model == QuantileModel::gp;
      Configuration candidate =
          near ? neighbour(configurations_[best[static_cast<std::size_t>(i / 2) % best.size()]], random)
               : space_.sample(random);
      const std::uint64_t digest = candidate.digest();
      if (known_.contains(digest) || running.contains(digest) || !drawn.insert(digest).second) continue;
      candidates_.push_back(std::move(candidate));
    }
  }

  // One or two parameters moved.
  Configuration neighbour(Configuration configuration, Random& random) const {
    constexpr double kStep = 0.1;  // deviation of a number's step, as a part of its range
    const std::uint64_t moves = 1 + random.below(2);
    for (std::uint64_t m = 0; m < moves && space_.size() > 0; ++m) {
      const std::size_t i = random.below(space_.size());
      if (can_move(space_, configuration, i)) perturb(space_, configuration, i, kStep, random);
    }
    return configuration;
  }

  std::size_t lowest_draw(Random& random) const {
    std::size_t best = 0;
    double lowest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const double draw = mean_[i] + deviation_[i] * random.normal();
      if (draw >= lowest) continue;
      lowest = draw;
      best = i;
    }
    return best;
  }

  [[nodiscard]] BetterObservation is_better() const {
    return
        [this](std::size_t a, std::size_t b) { return std::pair(losses_[a], a) < std::pair(losses_[b], b); };
  }

  // Of the present task's trials: losses as normal scores, then as residuals of the prior.
  void update_model() {
    if (is_fresh_) return;
    is_fresh_ = true;
    const std::vector<double> scores = normal_scores(losses_);
    const std::vector<std::size_t> kept = fit_points(losses_.size(), settings_.max_fit_points, is_better());
    std::vector<Configuration> configurations;
    for (const std::size_t i : kept) configurations.push_back(configurations_[i]);
    std::vector<double> mean, deviation, residuals;
    prior_.predict(configurations, mean, deviation);
    PointSet points(static_cast<Eigen::Index>(kept.size()), encoding_.columns());
    lowest_ = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < kept.size(); ++k) {
      encoding_.encode(configurations[k], points, static_cast<Eigen::Index>(k));
      residuals.push_back((scores[kept[k]] - mean[k]) / deviation[k]);
      lowest_ = std::min(lowest_, scores[kept[k]]);
    }
    if (settings_.refit.due(losses_.size(), fitted_at_)) {
      process_.fit(points, residuals);
      fitted_at_ = losses_.size();
    } else {
      process_.condition(points, residuals);
    }
    note_fallbacks(notes_, process_, "residuals of the earlier tasks' prediction");
  }

  // The trials that run are taken to end as predicted.
  std::size_t best_improvement() {
    update_model();
    PointSet point(1, encoding_.columns());
    for (const auto& [id, configuration] : latest_pending(pending_)) {
      encoding_.encode(configuration, point, 0);
      process_.fantasise(point, 0);
    }
    PointSet points(static_cast<Eigen::Index>(candidates_.size()), encoding_.columns());
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      encoding_.encode(candidates_[i], points, static_cast<Eigen::Index>(i));
    process_.predict(points, posterior_);
    predictions_ += static_cast<double>(candidates_.size()) * process_.prediction_work();
    process_.forget_fantasies();
    std::size_t best = 0;
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      const double mean = mean_[i] + deviation_[i] * posterior_.mean[row];
      const double deviation = deviation_[i] * std::sqrt(posterior_.variance[row]);
      const double improvement = log_expected_improvement(mean, deviation, lowest_);
      if (improvement <= largest) continue;
      largest = improvement;
      best = i;
    }
    return best;
  }

  QuantileTransferSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  NoteSink* notes_;
  QuantilePrior prior_;
  PointEncoding encoding_;
  GaussianProcess process_;  // of residuals
  std::map<TrialId, Configuration> pending_;
  std::set<TrialId> told_;
  std::set<std::uint64_t> known_;  // digests of what was told or turned down
  std::vector<Configuration> configurations_;
  std::vector<double> losses_;  // of the present task; infinite where it failed
  bool is_fresh_ = false;       // whether the process knows them all
  double lowest_ = 0.0;         // score of the best of them
  std::size_t fitted_at_ = 0;
  std::vector<Configuration> candidates_;
  std::vector<double> mean_, deviation_;  // of the candidates, by the prior
  BatchPrediction posterior_;
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_quantile_transfer_recipe() {
  return std::make_unique<BasicStrategyRecipe<QuantileTransferSettings, QuantileTransfer>>();
}

}  // namespace tonne
