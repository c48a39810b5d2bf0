// BORE: Tiao, Klein, Seeger, Bonilla, Archambeau and Ramos 2021, "BORE: Bayesian Optimization by
// Density-Ratio Estimation", ICML. The probability of improvement over y*, the gamma-quantile of the losses,
// grows with the density ratio of the candidates below y* to all others, and that with the probability pi(x)
// that a classifier gives to x being below y* (section 3): the next candidate has the largest pi(x).
//
// Where the paper is silent, or this differs:
// - The classifier is fitted to no more than `max_fit_points` trials, and again once their number has grown
//   by `refit_growth`.
// - The classifier is a random forest: on the landscapes where the settings were chosen it was ahead of
//   boosted trees with XGBoost's settings, Syne Tune's default.
// - Candidates are 500 uniform draws, as in Syne Tune (the paper: differential evolution). With 2,000 draws,
//   with draws around the best trials or with local search the classifier's maximum is found more often, and
//   the search gets worse: proposals heap up in one good corner.
// - Failed trials are not below y*. What is running is not proposed again.
// - Under a scheduler, partial trainings count with their last losses (`partial_trainings`).

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <tuple>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/model_based/tree_candidates.h"
#include "search/surrogates/boosted_trees.h"
#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/model_settings.h"
#include "search/surrogates/random_forest.h"
#include "search/surrogates/trial_history.h"

namespace tonne {
namespace {

enum class Classifier : std::uint8_t { boosted_trees, forest };

/// Defaults: Syne Tune's Bore, but for the classifier (see above); of boosted trees XGBoost's, of a forest
/// scikit-learn's. The last two before `partial` are this program's, to bound an ask.
struct BoreSettings {
  std::int64_t init_random = 6;
  double gamma = 0.25;
  double random_prob = 0.0;
  Classifier classifier = Classifier::forest;
  std::int64_t trees = 100;
  std::int64_t depth = 6;
  double learning_rate = 0.3;
  double l2 = 1.0;
  double min_child = 1.0;
  std::int64_t candidates = 500;
  double refit_growth = 0.02;
  std::int64_t max_fit_points = 1000;
  PartialLosses partial = PartialLosses::last;

  void visit(SettingsVisitor& v) {
    static constexpr std::array<std::string_view, 2> kNames = {"boosted_trees", "forest"};
    v.integer("init_random", init_random, Bounds::between(1, 1e6), "random trials before the model is used");
    v.number("gamma", gamma, {0.0, 1.0, true}, "fraction of trials that count as good");
    v.number("random_prob", random_prob, Bounds::between(0, 1), "fraction of random proposals after that");
    v.choice("classifier", classifier, kNames, "model of which trials are good");
    v.integer("trees", trees, Bounds::between(1, 1e4), "trees in the classifier");
    v.integer("depth", depth, Bounds::between(1, 30), "most splits on the way to a leaf of a boosted tree");
    v.number("learning_rate", learning_rate, {0.0, 1.0, true}, "shrinkage of each boosted tree");
    v.number("l2", l2, Bounds::between(0, 1e6), "penalty on the leaves of boosted trees (lambda)");
    v.number("min_child", min_child, Bounds::between(0, 1e6),
             "least sum of p (1 - p) on each side of a split of a boosted tree");
    v.integer("candidates", candidates, Bounds::between(1, 1e6), "random candidates scored per ask");
    v.number("refit_growth", refit_growth, Bounds::between(0, 10),
             "fit again after this fraction of new trials");
    visit_max_fit_points(v, max_fit_points);
    visit_partial_losses(v, partial);
  }
};

class Bore final : public Strategy {
 public:
  Bore(const BoreSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        encoding_(context.space),
        history_(context.fidelity),
        boosted_({.loss = BoostingLoss::logistic,
                  .trees = static_cast<std::size_t>(settings.trees),
                  .depth = static_cast<std::size_t>(settings.depth),
                  .rate = settings.learning_rate,
                  .l2 = settings.l2,
                  .min_child = settings.min_child}),
        forest_(encoding_.categories(),
                {.trees = static_cast<std::size_t>(settings.trees),
                 .features = 1.0 / std::sqrt(std::max(1.0, static_cast<double>(encoding_.columns())))}) {}

  Bore(const Bore&) = delete;  // known_ refers to this
  Bore& operator=(const Bore&) = delete;

  std::optional<Proposal> ask(TrialId id, Random random) override {
    history_.turned_down(id);
    const Configuration configuration = choose(random);
    history_.propose(id, configuration);
    return Proposal{.configuration = configuration, .fidelity = fidelity_};
  }
  void tell(const Trial& trial) override { history_.tell(trial); }
  void report(const Trial& trial) override { history_.report(trial); }
  [[nodiscard]] bool learns_from_reports() const override { return true; }
  [[nodiscard]] Work computed() const override {
    return binning_ + boosted_.computed() + forest_.computed() + predictions_;
  }

 private:
  Configuration choose(Random& random) {
    const bool starts = history_.observations().size() < static_cast<std::size_t>(settings_.init_random);
    if (starts || !history_.worst() || encoding_.columns() == 0 || random.bernoulli(settings_.random_prob))
      return draw_unknown(space_, known_, random);
    if (refit_due(history_.updates(), fitted_at_, settings_.refit_growth)) fit(random.child("classifier"));
    return maximise(random);
  }

  void fit(Random random) {
    fitted_at_ = history_.updates();
    const std::vector<double> losses = history_.losses(settings_.partial);
    const auto& observations = history_.observations();
    const auto better = [&](std::size_t a, std::size_t b) {
      return std::tuple(losses[a], !observations[a].loss, a) <
             std::tuple(losses[b], !observations[b].loss, b);
    };
    std::vector<double> sorted = losses;
    const double threshold = smallest_quantile(sorted, settings_.gamma);
    const std::vector<std::size_t> chosen = fit_points(losses.size(), settings_.max_fit_points, better);
    rows_.resize(chosen.size() * encoding_.columns());
    std::vector<double> good;
    for (const std::size_t i : chosen) {
      encoding_.encode(observations[i].configuration, rows_.data() + good.size() * encoding_.columns());
      good.push_back(observations[i].loss && losses[i] <= threshold ? 1.0 : 0.0);
    }
    if (settings_.classifier == Classifier::forest) return forest_.fit(rows_, good, random);
    const BinnedPoints points(encoding_.categories(), rows_);
    binning_ += points.computed();
    boosted_.fit(points, good);
  }

  Configuration maximise(Random& random) {
    draw_candidates(space_, settings_.candidates, known_, random, batch_);
    if (batch_.empty()) return draw_unknown(space_, known_, random);
    score();
    std::size_t best = 0;
    for (std::size_t i = 1; i < batch_.size(); ++i)
      if (scores_[i] > scores_[best]) best = i;
    return batch_[best];
  }

  void score() {
    rows_.resize(batch_.size() * encoding_.columns());
    for (std::size_t i = 0; i < batch_.size(); ++i)
      encoding_.encode(batch_[i], rows_.data() + i * encoding_.columns());
    scores_.resize(batch_.size());
    const auto count = static_cast<double>(batch_.size());
    if (settings_.classifier == Classifier::boosted_trees) {
      predictions_ += count * boosted_.prediction_work();
      return boosted_.predict(rows_, scores_);
    }
    predictions_ += count * forest_.prediction_work();
    forest_.predict(rows_, prediction_);
    scores_ = prediction_.mean;
  }

  BoreSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  ForestEncoding encoding_;
  TrialHistory history_;
  Known known_ = [this](const Configuration& c) { return history_.is_known(c); };
  BoostedTrees boosted_;
  RandomForest forest_;
  std::size_t fitted_at_ = 0;  // updates of the history
  Work binning_{};
  Work predictions_{};

  // Scratch space, kept to spare allocations.
  std::vector<Configuration> batch_;
  std::vector<double> rows_;
  std::vector<double> scores_;
  ForestPrediction prediction_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_bore_recipe() {
  return std::make_unique<BasicStrategyRecipe<BoreSettings, Bore>>();
}

}  // namespace tonne
