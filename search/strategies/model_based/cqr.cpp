// CQR: Salinas, Golebiowski, Klein, Seeger and Archambeau 2023, "Optimizing Hyperparameters with Conformal
// Quantile Regression", ICML: gradient-boosted trees give several quantiles of the loss of a candidate,
// corrected on held-out trials (conformal prediction), and independent Thompson sampling proposes: each
// candidate draws one of its quantiles, and the smallest wins.
//
// Where the paper is silent, or this differs:
// - The model is fitted to no more than `max_fit_points` trials, and again once their number has grown by
//   `refit_growth`.
// - Candidates are 2,000 uniform draws, as in Syne Tune: with some around the best trials it got worse.
// - Failed trials have the worst loss so far. What is known or running is not proposed again.
// - Under a scheduler, partial trainings count with their last losses (`partial_trainings`).

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/model_based/tree_candidates.h"
#include "search/surrogates/conformal_quantiles.h"
#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/model_settings.h"
#include "search/surrogates/trial_history.h"

namespace tonne {
namespace {

/// Defaults: Syne Tune's CQR; trees as scikit-learn's GradientBoostingRegressor. The last two before `partial`
/// are this program's, to bound an ask.
struct CqrSettings {
  std::int64_t init_random = 5;
  std::int64_t quantiles = 5;
  double valid_fraction = 0.1;
  std::int64_t least_points = 32;
  std::int64_t trees = 100;
  std::int64_t depth = 3;
  double learning_rate = 0.1;
  std::int64_t min_leaf = 1;
  std::int64_t candidates = 2000;
  double refit_growth = 0.02;
  std::int64_t max_fit_points = 1000;
  PartialLosses partial = PartialLosses::last;

  void visit(SettingsVisitor& v) {
    v.integer("init_random", init_random, Bounds::between(1, 1e6), "random trials before the model is used");
    v.integer("quantiles", quantiles, Bounds::between(1, 99),
              "quantiles of the loss that are modelled, an odd number");
    v.require(quantiles % 2 == 1, "quantiles", "must be odd");
    v.number("valid_fraction", valid_fraction, {0.0, 0.9, true},
             "fraction of trials held out to correct the quantiles");
    v.integer("least_points", least_points, Bounds::between(0, 1e6),
              "trials up to which nothing is held out");
    v.integer("trees", trees, Bounds::between(1, 1e4), "boosted trees for each quantile");
    v.integer("depth", depth, Bounds::between(1, 30), "most splits on the way to a leaf");
    v.number("learning_rate", learning_rate, {0.0, 1.0, true}, "shrinkage of each tree");
    v.integer("min_leaf", min_leaf, Bounds::between(1, 1e6), "minimum trials per leaf");
    v.integer("candidates", candidates, Bounds::between(1, 1e6),
              "random candidates that draw a quantile per ask");
    v.number("refit_growth", refit_growth, Bounds::between(0, 10),
             "fit again after this fraction of new trials");
    visit_max_fit_points(v, max_fit_points);
    visit_partial_losses(v, partial);
  }
};

class Cqr final : public Strategy {
 public:
  Cqr(const CqrSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        encoding_(context.space),
        history_(context.fidelity),
        model_(options(settings)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    history_.turned_down(id);
    const Configuration configuration = choose(random);
    history_.propose(id, configuration);
    return Proposal{.configuration = configuration, .fidelity = fidelity_};
  }
  void tell(const Trial& trial) override { history_.tell(trial); }
  void report(const Trial& trial) override { history_.report(trial); }
  [[nodiscard]] bool learns_from_reports() const override { return true; }
  [[nodiscard]] Work computed() const override { return model_.computed() + predictions_; }

 private:
  static ConformalOptions options(const CqrSettings& settings) {
    return {.quantiles = static_cast<std::size_t>(settings.quantiles),
            .valid_fraction = settings.valid_fraction,
            .least_points = static_cast<std::size_t>(settings.least_points),
            .boosting = {.trees = static_cast<std::size_t>(settings.trees),
                         .depth = static_cast<std::size_t>(settings.depth),
                         .rate = settings.learning_rate,
                         .min_child = static_cast<double>(settings.min_leaf)}};
  }

  Configuration choose(Random& random) {
    const Known known = [this](const Configuration& c) { return history_.is_known(c); };
    const bool starts = history_.observations().size() < static_cast<std::size_t>(settings_.init_random);
    if (starts || !history_.worst() || encoding_.columns() == 0) return draw_unknown(space_, known, random);
    if (refit_due(history_.updates(), fitted_at_, settings_.refit_growth)) fit(random.child("held out"));
    draw_candidates(space_, settings_.candidates, known, random, batch_);
    return batch_.empty() ? draw_unknown(space_, known, random) : smallest_draw(random);
  }

  void fit(Random random) {
    fitted_at_ = history_.updates();
    const std::vector<double> losses = history_.losses(settings_.partial);
    const auto& observations = history_.observations();
    const auto better = [&](std::size_t a, std::size_t b) {
      return std::tuple(losses[a], !observations[a].loss, a) <
             std::tuple(losses[b], !observations[b].loss, b);
    };
    std::vector<double> targets;
    const std::vector<std::size_t> chosen = fit_points(losses.size(), settings_.max_fit_points, better);
    rows_.resize(chosen.size() * encoding_.columns());
    for (const std::size_t i : chosen) {
      encoding_.encode(observations[i].configuration, rows_.data() + targets.size() * encoding_.columns());
      targets.push_back(losses[i]);
    }
    model_.fit(encoding_.categories(), rows_, targets, random);
  }

  // Thompson sampling: one quantile for each candidate, the first among equal ones.
  Configuration smallest_draw(Random& random) {
    rows_.resize(encoding_.columns());
    std::size_t best = 0;
    double smallest = 0.0;
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      encoding_.encode(batch_[i], rows_.data());
      const double drawn = model_.predict(random.below(model_.quantiles()), rows_.data());
      if (i > 0 && !(drawn < smallest)) continue;
      best = i;
      smallest = drawn;
    }
    predictions_ += static_cast<double>(batch_.size()) * model_.prediction_work();
    return batch_[best];
  }

  CqrSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  ForestEncoding encoding_;
  TrialHistory history_;
  ConformalQuantiles model_;
  std::size_t fitted_at_ = 0;  // updates of the history
  Work predictions_{};

  // Scratch space, kept to spare allocations.
  std::vector<Configuration> batch_;
  std::vector<double> rows_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_cqr_recipe() {
  return std::make_unique<BasicStrategyRecipe<CqrSettings, Cqr>>();
}

}  // namespace tonne
