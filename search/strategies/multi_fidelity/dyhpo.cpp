// DyHPO: Wistuba, Kadra and Grabocka 2022, "Supervising the Multi-Fidelity Hyperparameter Optimization",
// NeurIPS.
//
// One step of training at a time: of all begun trainings and of new configurations, the one goes on (or
// begins) whose next step j has the largest multi-fidelity expected improvement (eq. 5)
//     EI_MF(x, j) = E[max(best_j - f(x, j), 0)],
// best_j: the best loss after j steps, or the best of all where no training got so far (eq. 6). f is a
// Gaussian process over the configuration, the amount of training and the learning curve so far.
//
// Where the paper is silent, or this differs:
// - The paper's kernel is deep: an RBF kernel over what a network makes of the configuration, the step and
// the curve
//   (through a small convolution), trained with the process. Here it is a Matern kernel with a length scale
//   for each parameter, for the logarithm of the training, and for the last loss (on request also for the
//   last change, which gained nothing). A configuration without a loss stands at a fixed distance from all
//   values, as an inactive parameter does.
// - It begins with a bracket of successive halving, and a `finish_share` of all training goes to the begun
// curve expected
//   to end best (the process's predictions step by step): the paper reports the best loss after any step,
//   this program that of the longest training, and where curves fall late EI_MF alone trains nothing to the
//   end.
// - The paper chooses among the rows of a table; here among `candidates` draws and `neighbours` of the best.
// - It learns from each curve's last `curve_points` losses, and from `max_fit_points` of these in all.
// - Losses are seen on a scale on which bad ones differ little (LossScale).
// - Workers: running steps are told to the process at their predicted value. A failed step counts
//   as the worst loss, and ends the training.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/multi_fidelity/training_curves.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/model_settings.h"

namespace tonne {
namespace {

/// What the process is told of a curve, next to configuration and training.
enum class CurveInputs : std::uint8_t { none, last, last_and_change };

CurveSettings finishing(double share) {
  CurveSettings settings;
  settings.finish_share = share;
  return settings;
}

/// Defaults: this program's; the paper's network has its own. A finish_share of 0.1 was a little better on
/// hpo (MLP) and worse on three landscapes of LCBench's space.
struct DyhpoSettings {
  CurveSettings curves = finishing(0.3);
  CurveInputs inputs = CurveInputs::last;
  std::int64_t curve_points = 4;
  RefitSettings refit;

  void visit(SettingsVisitor& visitor) {
    static constexpr std::array<std::string_view, 3> kInputs = {"none", "last", "last_and_change"};
    curves.visit(visitor);
    visitor.choice(
        "curve_inputs", inputs, kInputs,
        "what the model sees of a learning curve: nothing, its last loss, or also its last change");
    visitor.integer("curve_points", curve_points, Bounds::between(1, 200),
                    "losses of each curve, its latest, that the model is fitted to");
    refit.visit(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return curves.refuses(context);
  }
};

class Dyhpo final : public Strategy {
 public:
  Dyhpo(const DyhpoSettings& settings, const StrategyContext& context)
      : settings_(settings),
        notes_(context.notes),
        curves_(context.space, training_steps(context, settings.curves.interval, std::nullopt)),
        encoding_(context.space),
        columns_(static_cast<Eigen::Index>(layout().columns.size())),
        process_(layout()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    curves_.withdraw(id);
    if (auto proposal = curves_.design(id, static_cast<std::size_t>(settings_.curves.initial), random))
      return proposal;
    if (process_.size() == 0) return curves_.begin(id, curves_.draw(random));
    return maximise(id, random);
  }

  void tell(const Trial& trial) override {
    const auto curve = curves_.tell(trial);
    if (!curve) return;
    const TrainingCurve& told = curves_.all()[*curve];
    observations_.push_back({*curve, told.failed ? told.losses.size() : told.losses.size() - 1});
    update_model();
    note_fallbacks(notes_, process_, "loss");
  }

  [[nodiscard]] bool may_resume() const override { return true; }
  [[nodiscard]] Work computed() const override { return predictions_ + process_.computed(); }

 private:
  struct Observation {
    std::size_t curve = 0;
    std::size_t step = 0;  ///< from 0; that of a failure has no loss
  };

  [[nodiscard]] KernelLayout layout() const {
    KernelLayout layout = encoding_.layout();
    const auto add = [&](bool first_of_scale) {
      layout.scales += first_of_scale ? 1 : 0;
      layout.columns.push_back({layout.scales - 1, false});
    };
    add(true);  // training
    if (settings_.inputs == CurveInputs::none) return layout;
    add(true);   // last loss
    add(false);  // whether there is none
    if (settings_.inputs == CurveInputs::last_and_change) add(true);
    return layout;
  }

  // The point of the next step of a candidate with these losses, on the scale, before it.
  void encode(const Configuration& configuration, std::span<const double> before, PointSet& points,
              Eigen::Index row) const {
    const std::vector<double>& steps = curves_.steps();
    Eigen::Index column = encoding_.columns();
    encoding_.encode(configuration, points, row);
    points(row, column++) = steps.size() == 1 ? 1.0
                                              : std::log(steps[before.size()] / steps.front()) /
                                                    std::log(steps.back() / steps.front());
    if (settings_.inputs == CurveInputs::none) return;
    points(row, column++) = before.empty() ? 0.5 : share(before.back() - centre_);
    points(row, column++) = before.empty() ? 1.0 : 0.0;
    if (settings_.inputs == CurveInputs::last) return;
    points(row, column) = before.size() < 2 ? 0.5 : share(before.back() - before[before.size() - 2]);
  }
  [[nodiscard]] double share(double difference) const { return normal_cdf(difference / unit_); }

  void encode(const Observation& observation, PointSet& points, Eigen::Index row) const {
    const TrainingCurve& curve = curves_.all()[observation.curve];
    encode(curve.configuration, scale_(std::span(curve.losses).first(observation.step)), points, row);
  }
  [[nodiscard]] std::optional<double> loss_of(const Observation& observation) const {
    const std::vector<double>& losses = curves_.all()[observation.curve].losses;
    return observation.step < losses.size() ? std::optional(losses[observation.step]) : std::nullopt;
  }
  [[nodiscard]] double target_of(const Observation& observation) const {
    const auto loss = loss_of(observation);
    return loss ? scale_(*loss) : scale_.worst();
  }

  void update_model() {
    if (curves_.all().size() < static_cast<std::size_t>(settings_.curves.initial) || !curves_.best()) return;
    if (process_.size() == 0 || settings_.refit.due(observations_.size(), fitted_at_)) {
      refit();
      fitted_at_ = observations_.size();
      return;
    }
    PointSet point(1, columns_);
    encode(observations_.back(), point, 0);
    process_.append(point, 0, target_of(observations_.back()));
  }

  void refit() {
    std::vector<Observation> latest;
    for (const Observation& observation : observations_) {
      const std::size_t trained = curves_.all()[observation.curve].losses.size();
      if (observation.step + static_cast<std::size_t>(settings_.curve_points) >= trained)
        latest.push_back(observation);
    }
    const auto better = [&](std::size_t a, std::size_t b) {
      const auto key = [&](std::size_t i) {
        return std::pair(loss_of(latest[i]).value_or(std::numeric_limits<double>::infinity()), i);
      };
      return key(a) < key(b);
    };
    const std::vector<std::size_t> chosen =
        fit_points(latest.size(), settings_.curves.max_fit_points, better);
    set_scale(latest, chosen);
    PointSet points(static_cast<Eigen::Index>(chosen.size()), columns_);
    std::vector<double> targets;
    for (const std::size_t i : chosen) {
      encode(latest[i], points, static_cast<Eigen::Index>(targets.size()));
      targets.push_back(target_of(latest[i]));
    }
    process_.fit(points, targets);
  }

  void set_scale(const std::vector<Observation>& observations, const std::vector<std::size_t>& chosen) {
    std::vector<double> losses;
    for (const std::size_t i : chosen)
      if (const auto loss = loss_of(observations[i])) losses.push_back(*loss);
    if (losses.empty()) losses.push_back(*curves_.best());
    scale_ = LossScale(losses);
    const auto n = static_cast<double>(losses.size());
    double sum = 0.0;
    double squares = 0.0;
    for (const double loss : losses) sum += scale_(loss);
    centre_ = sum / n;
    for (const double loss : losses) squares += (scale_(loss) - centre_) * (scale_(loss) - centre_);
    unit_ = squares > 0.0 ? std::sqrt(squares / n) : 1.0;
  }

  Proposal maximise(TrialId id, Random& random) {
    fantasise();
    const std::vector<std::size_t> open = curves_.open(settings_.curves.max_fit_points);
    if (curves_.finishing_due(settings_.curves.finish_share) && !open.empty()) {
      const std::size_t chosen = foreseen_best(open);
      process_.forget_fantasies();
      return curves_.finish(id, chosen);
    }
    std::vector<Configuration> fresh =
        curves_.fresh(static_cast<std::size_t>(settings_.curves.candidates),
                      static_cast<std::size_t>(settings_.curves.neighbours), random);
    PointSet points(static_cast<Eigen::Index>(open.size() + fresh.size()), columns_);
    std::vector<std::size_t> done;  // steps
    for (const std::size_t curve : open) {
      const TrainingCurve& begun = curves_.all()[curve];
      encode(begun.configuration, scale_(begun.losses), points, static_cast<Eigen::Index>(done.size()));
      done.push_back(begun.losses.size());
    }
    for (const Configuration& configuration : fresh) {
      encode(configuration, {}, points, static_cast<Eigen::Index>(done.size()));
      done.push_back(0);
    }
    const auto best = best_of(points, done);
    process_.forget_fantasies();
    if (!best) return curves_.begin(id, curves_.draw(random));
    if (*best < open.size()) return curves_.go_on(id, open[*best]);
    return curves_.begin(id, std::move(fresh[*best - open.size()]));
  }

  void fantasise() {
    PointSet point(1, columns_);
    for (const std::size_t curve : curves_.running()) {
      encode(curves_.all()[curve].configuration, scale_(curves_.all()[curve].losses), point, 0);
      process_.fantasise(point, 0);
    }
  }

  // Of begun curves the one with the least loss at the end, when each step is as expected.
  std::size_t foreseen_best(const std::vector<std::size_t>& open) {
    std::vector<std::vector<double>> losses;
    for (const std::size_t curve : open) losses.push_back(scale_(curves_.all()[curve].losses));
    for (std::vector<std::size_t> short_ones = unfinished(losses); !short_ones.empty();
         short_ones = unfinished(losses)) {
      PointSet points(static_cast<Eigen::Index>(short_ones.size()), columns_);
      for (std::size_t i = 0; i < short_ones.size(); ++i)
        encode(curves_.all()[open[short_ones[i]]].configuration, losses[short_ones[i]], points,
               static_cast<Eigen::Index>(i));
      process_.predict(points, predicted_);
      predictions_ += static_cast<double>(short_ones.size()) * process_.prediction_work();
      for (std::size_t i = 0; i < short_ones.size(); ++i)
        losses[short_ones[i]].push_back(predicted_.mean[static_cast<Eigen::Index>(i)]);
    }
    const auto ends = [](const std::vector<double>& curve) { return curve.back(); };
    return open[static_cast<std::size_t>(std::ranges::min_element(losses, {}, ends) - losses.begin())];
  }
  [[nodiscard]] std::vector<std::size_t> unfinished(const std::vector<std::vector<double>>& losses) const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < losses.size(); ++i)
      if (losses[i].size() < curves_.steps().size()) result.push_back(i);
    return result;
  }

  // The point with the largest EI_MF, the first of equal ones; nullopt where there is none.
  std::optional<std::size_t> best_of(const PointSet& points, const std::vector<std::size_t>& done) {
    if (done.empty()) return std::nullopt;
    process_.predict(points, predicted_);
    predictions_ += static_cast<double>(done.size()) * process_.prediction_work();
    std::size_t best = 0;
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < done.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      const double value = log_expected_improvement(predicted_.mean[row], std::sqrt(predicted_.variance[row]),
                                                    scale_(*curves_.best_after(done[i] + 1)));
      if (!(value > largest)) continue;
      largest = value;
      best = i;
    }
    return best;
  }

  DyhpoSettings settings_;
  NoteSink* notes_;
  TrainingCurves curves_;
  PointEncoding encoding_;
  Eigen::Index columns_;  // of the process's points
  GaussianProcess process_;
  BatchPrediction predicted_;
  std::vector<Observation> observations_;
  std::size_t fitted_at_ = 0;
  LossScale scale_;
  double centre_ = 0.0;
  double unit_ = 1.0;
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_dyhpo_recipe() {
  return std::make_unique<BasicStrategyRecipe<DyhpoSettings, Dyhpo>>();
}

}  // namespace tonne
