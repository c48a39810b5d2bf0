// Freeze-thaw Bayesian optimisation: Swersky, Snoek and Adams 2014, "Freeze-Thaw Bayesian Optimization"
// (arXiv:1406.3896), with the acquisition of Rakotoarison et al. 2024, "In-Context Freeze-Thaw Bayesian
// Optimization for Hyperparameter Optimization" (ifBO), ICML.
//
// Each learning curve decays to an asymptote (surrogates/decay_curves.h); the asymptotes are a Gaussian
// process over the configurations. A curve enters that process as one observation, with the variance that its
// losses leave of its asymptote: this is the paper's posterior (eq. 15 to 18) in another order, so that an
// ask costs the cube of the curves and not of the losses. One step at a time goes to a begun training or to a
// new configuration; what is never chosen again has thereby been stopped.
//
// Acquisition. `ei`: the expected improvement of the full training over the best full training (the best of
// all losses where there is none yet) for each unit of training that is left to the end: a training that is
// nearly done costs little more. `mfpi_random` (ifBO, section 4.2): the probability that a training that gets
// h more steps (at most to its end) is then better than T; h uniform from 1 to the steps of a full training,
// T the best loss less 10^u of the distance between median and best loss, u uniform in (-4, -1), both drawn
// anew at each ask. (ifBO takes the distance to a perfect score, which a loss does not have.)
//
// Where the paper is silent, or this differs:
// - Swersky et al. integrate over the hyper-parameters by slice sampling and choose from a basket by entropy
// search; here
//   they are the maximum of their posterior: first the curves' shape, whatever the asymptotes, then the
//   process.
// - Curves fall by a common factor times the mean decay (the paper's mean is zero: as likely to rise as to
// fall).
// - ifBO's model is a transformer that was trained on synthetic curves. There is none here: only its
// acquisition is.
// - Losses above twice the median less the best count as this value, and failures too.
// - It begins with a bracket of successive halving, and a `finish_share` of all training goes to the begun
// curve expected
//   to end best: the papers report the best loss after any step, this program that of the longest training.
// - The process has the best and latest `max_fit_points` curves; only these can be gone on with.
// - Workers: running trainings are told to the process at their predicted asymptote.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/multi_fidelity/training_curves.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/decay_curves.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/model_settings.h"

namespace tonne {
namespace {

enum class CurveAcquisition : std::uint8_t {
  ei,           ///< expected improvement of the full training, for each unit of training that is left
  mfpi_random,  ///< probability of passing a random threshold after a random number of steps
};

/// Defaults: this program's. Ei was ahead of mfpi_random after 20 full trainings on hpo's lcbench, level
/// elsewhere.
struct FreezeThawSettings {
  CurveSettings curves;
  CurveAcquisition acquisition = CurveAcquisition::ei;
  RefitSettings refit;

  void visit(SettingsVisitor& visitor) {
    static constexpr std::array<std::string_view, 2> kAcquisitions = {"ei", "mfpi_random"};
    curves.visit(visitor);
    visitor.choice(
        "acquisition", acquisition, kAcquisitions,
        "what the next step is chosen by: ei: the expected improvement of the full training per remaining "
        "training; mfpi_random: the probability of passing a random improvement after a random number of "
        "steps");
    refit.visit(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return curves.refuses(context);
  }
};

std::vector<double> parts_of_last(std::vector<double> steps) {
  const double full = steps.back();
  for (double& step : steps) step /= full;
  return steps;
}

class FreezeThaw final : public Strategy {
 public:
  FreezeThaw(const FreezeThawSettings& settings, const StrategyContext& context)
      : settings_(settings),
        notes_(context.notes),
        curves_(context.space, training_steps(context, settings.curves.interval, std::nullopt)),
        decays_(parts_of_last(curves_.steps())),
        encoding_(context.space),
        process_(encoding_.layout()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    curves_.withdraw(id);
    if (auto proposal = curves_.design(id, static_cast<std::size_t>(settings_.curves.initial), random))
      return proposal;
    if (!curves_.best()) return curves_.begin(id, curves_.draw(random));
    update_model();
    return maximise(id, random);
  }

  void tell(const Trial& trial) override {
    if (curves_.tell(trial)) ++told_;
  }

  [[nodiscard]] bool may_resume() const override { return true; }
  [[nodiscard]] Work computed() const override {
    return predictions_ + decays_.computed() + process_.computed();
  }

 private:
  struct Goal {
    std::size_t steps = 0;  ///< more steps of training
    double loss = 0.0;      ///< to be passed
  };

  [[nodiscard]] const TrainingCurve& curve(std::size_t i) const { return curves_.all()[i]; }

  [[nodiscard]] std::vector<std::size_t> chosen_curves() const {
    std::vector<std::size_t> known;
    for (std::size_t i = 0; i < curves_.all().size(); ++i)
      if (curve(i).failed || !curve(i).losses.empty()) known.push_back(i);
    const auto better = [&](std::size_t a, std::size_t b) {
      const auto key = [&](std::size_t i) {
        const TrainingCurve& of = curve(known[i]);
        return std::pair(of.failed ? std::numeric_limits<double>::infinity() : of.losses.back(), i);
      };
      return key(a) < key(b);
    };
    std::vector<std::size_t> result;
    for (const std::size_t i : fit_points(known.size(), settings_.curves.max_fit_points, better))
      result.push_back(known[i]);
    return result;
  }

  [[nodiscard]] std::vector<double> capped(std::vector<double> losses) const {
    for (double& loss : losses) loss = std::min(loss, cap_);
    return losses;
  }

  void update_model() {
    if (told_ == modelled_at_) return;
    modelled_at_ = told_;
    modelled_ = chosen_curves();
    const bool refits = settings_.refit.due(told_, fitted_at_);
    if (refits) fit_shape();
    PointSet points(static_cast<Eigen::Index>(modelled_.size()), encoding_.columns());
    evidence_.clear();
    std::vector<double> values;
    std::vector<double> variances;
    for (const std::size_t i : modelled_) {
      encoding_.encode(curve(i).configuration, points, static_cast<Eigen::Index>(values.size()));
      evidence_.push_back(curve(i).failed ? AsymptoteEvidence{cap_, decays_.shape().noise}
                                          : decays_.evidence(capped(curve(i).losses)));
      values.push_back(evidence_.back().value);
      variances.push_back(evidence_.back().variance);
    }
    if (refits)
      process_.fit(points, values, variances);
    else
      process_.condition(points, values, variances);
    note_fallbacks(notes_, process_, "asymptote");
  }

  void fit_shape() {
    fitted_at_ = told_;
    std::vector<double> all;
    for (const std::size_t i : modelled_)
      all.insert(all.end(), curve(i).losses.begin(), curve(i).losses.end());
    if (all.empty()) all.push_back(*curves_.best());
    cap_ = loss_cap(all);
    std::vector<std::vector<double>> losses;
    for (const std::size_t i : modelled_)
      if (!curve(i).losses.empty()) losses.push_back(capped(curve(i).losses));
    decays_.fit(losses);
  }

  Goal draw_goal(Random& random) const {
    const double best = *curves_.best();
    const std::size_t all = curves_.steps().size();
    if (settings_.acquisition == CurveAcquisition::ei) return {all, *curves_.best_after(all)};
    const double distance = std::max(0.5 * (cap_ - best), 1e-12 * std::max(1.0, std::abs(best)));
    const std::size_t steps = 1 + random.below(all);
    return {steps, best - distance * std::pow(10.0, random.uniform(-4.0, -1.0))};
  }

  Proposal maximise(TrialId id, Random& random) {
    std::vector<std::size_t> open;  // in modelled_
    for (std::size_t i = 0; i < modelled_.size(); ++i)
      if (!curve(modelled_[i]).running && !curve(modelled_[i]).over) open.push_back(i);
    if (curves_.finishing_due(settings_.curves.finish_share) && !open.empty())
      return curves_.finish(id, modelled_[open[foreseen_best(open)]]);
    const Goal goal = draw_goal(random);
    std::vector<Configuration> fresh =
        curves_.fresh(static_cast<std::size_t>(settings_.curves.candidates),
                      static_cast<std::size_t>(settings_.curves.neighbours), random);
    if (open.empty() && fresh.empty()) return curves_.begin(id, curves_.draw(random));
    PointSet points(static_cast<Eigen::Index>(open.size() + fresh.size()), encoding_.columns());
    Eigen::Index row = 0;
    for (const std::size_t i : open) encoding_.encode(curve(modelled_[i]).configuration, points, row++);
    for (const Configuration& configuration : fresh) encoding_.encode(configuration, points, row++);
    predict(points);
    std::vector<NormalBelief> beliefs;
    for (const std::size_t i : open) beliefs.push_back(of_begun(i, beliefs.size(), goal));
    for (std::size_t i = 0; i < fresh.size(); ++i) beliefs.push_back(of_new(beliefs.size(), goal));
    std::vector<double> left;  // training to the end
    const std::vector<double>& steps = curves_.steps();
    for (const std::size_t i : open)
      left.push_back(steps.back() - steps[curve(modelled_[i]).losses.size() - 1]);
    left.resize(beliefs.size(), steps.back());
    const std::size_t best = best_of(beliefs, left, goal);
    if (best < open.size()) return curves_.go_on(id, modelled_[open[best]]);
    return curves_.begin(id, std::move(fresh[best - open.size()]));
  }

  // Of begun curves the one with the least expected loss at the end.
  std::size_t foreseen_best(const std::vector<std::size_t>& open) {
    PointSet points(static_cast<Eigen::Index>(open.size()), encoding_.columns());
    for (std::size_t i = 0; i < open.size(); ++i)
      encoding_.encode(curve(modelled_[open[i]]).configuration, points, static_cast<Eigen::Index>(i));
    predict(points);
    std::vector<double> ends;
    for (std::size_t i = 0; i < open.size(); ++i)
      ends.push_back(of_begun(open[i], i, {curves_.steps().size(), 0.0}).mean);
    return static_cast<std::size_t>(std::ranges::min_element(ends) - ends.begin());
  }

  void predict(const PointSet& points) {
    PointSet point(1, encoding_.columns());
    for (const std::size_t i : curves_.running()) {
      encoding_.encode(curve(i).configuration, point, 0);
      process_.fantasise(point, 0);
    }
    process_.predict(points, predicted_);
    predictions_ += static_cast<double>(points.count()) * process_.prediction_work();
    process_.forget_fantasies();
  }

  // A configuration's asymptote differs from the process by what the process takes for noise, and its curve
  // says of both together.
  [[nodiscard]] NormalBelief of_begun(std::size_t i, std::size_t row, const Goal& goal) const {
    const std::vector<double> losses = capped(curve(modelled_[i]).losses);
    const auto [mean, variance] = at(row);
    const double own = process_.noise_deviation() * process_.noise_deviation();
    const double share = own / (own + evidence_[i].variance);  // of the evidence in what is given the process
    const NormalBelief asymptote{(1.0 - share) * mean + share * evidence_[i].value,
                                 (1.0 - share) * (1.0 - share) * variance + share * evidence_[i].variance};
    const std::size_t reached = std::min(losses.size() + goal.steps, curves_.steps().size());
    return decays_.predict(losses, reached - 1, asymptote);
  }
  [[nodiscard]] NormalBelief of_new(std::size_t row, const Goal& goal) const {
    const auto [mean, variance] = at(row);
    const double own = process_.noise_deviation() * process_.noise_deviation();
    return decays_.predict({}, goal.steps - 1, {mean, variance + own});
  }
  [[nodiscard]] NormalBelief at(std::size_t row) const {
    return {predicted_.mean[static_cast<Eigen::Index>(row)],
            predicted_.variance[static_cast<Eigen::Index>(row)]};
  }

  // The first of the best.
  [[nodiscard]] std::size_t best_of(const std::vector<NormalBelief>& beliefs, const std::vector<double>& left,
                                    const Goal& goal) const {
    std::size_t best = 0;
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < beliefs.size(); ++i) {
      const double deviation = std::sqrt(beliefs[i].variance);
      const double value =
          settings_.acquisition == CurveAcquisition::ei
              ? log_expected_improvement(beliefs[i].mean, deviation, goal.loss) - std::log(left[i])
              : (goal.loss - beliefs[i].mean) / deviation;
      if (!(value > largest)) continue;
      largest = value;
      best = i;
    }
    return best;
  }

  FreezeThawSettings settings_;
  NoteSink* notes_;
  TrainingCurves curves_;
  DecayCurves decays_;
  PointEncoding encoding_;
  GaussianProcess process_;
  BatchPrediction predicted_;
  std::vector<std::size_t> modelled_;
  std::vector<AsymptoteEvidence> evidence_;  // of modelled_
  std::size_t told_ = 0;
  std::size_t modelled_at_ = 0;
  std::size_t fitted_at_ = 0;
  double cap_ = 0.0;
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_freeze_thaw_recipe() {
  return std::make_unique<BasicStrategyRecipe<FreezeThawSettings, FreezeThaw>>();
}

}  // namespace tonne
