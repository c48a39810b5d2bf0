// Population based bandits: Parker-Holder, Nguyen and Roberts 2020, "Provably Efficient Online Hyperparameter
// Optimization with Population-Based Bandits", NeurIPS 33: population based training (see population.h and
// pbt.cpp, also for what a simulator cannot know) whose members explore by a Gaussian process instead of at
// random. The process models how much a step of training improves the loss, given the time t of the step, the
// loss before it and the hyper-parameters x (section 3.2 and the authors' program), and x is the largest
// upper confidence bound at the present t and loss (eq. 9).
//
// Where the paper is silent, or this differs:
// - The kernel over x is this program's (Matern 5/2 with a length scale each; the paper: squared exponential
//   with one), times an exponential one of |t - t'| as in the paper, (1 - epsilon)^(|t - t'| / 2), whose
//   epsilon is fitted likewise.
// - Categoricals and conditional parameters have kernels too (the paper has none; its successor of 2021
//   treats them apart).
// - The process is fitted to the latest `max_fit_points` steps, of all populations of the search; a step that
//   failed counts with the least improvement so far. First steps have no loss before them, and do not enter.
// - Steps that are being trained enter with their mean (as the authors' program does it, after Desautels et
//   al. 2014).
// - What has been trained at this step already is not proposed again.

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/multi_fidelity/population.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/model_settings.h"

namespace tonne {
namespace {

using Eigen::Index;

constexpr std::size_t kLeastSteps = 3;  // before the process is asked; explored at random until then
constexpr double kClip = 2.0;           // deviations of standardised improvements; the authors' program

/// Defaults: Parker-Holder et al. 2020 (populations of 4 and 8, a quarter copies) and the authors' program; the
/// search for the largest bound and the last two are this program's.
struct Pb2Settings {
  PopulationSettings population{.size = 4};
  double c1 = 0.2;  ///< beta_n = c1 ln(c2 n) after n steps
  double c2 = 0.4;
  CandidateSettings search{.candidates = 512, .local_starts = 3};
  double refit_growth = 0.1;
  std::int64_t max_fit_points = 200;

  void visit(SettingsVisitor& visitor) {
    population.visit_selection(visitor);
    population.visit_schedule(visitor);
    visitor.number("c1", c1, Bounds::between(0, 1e6),
                   "exploration: beta = c1 ln(c2 n) after n steps of training");
    visitor.number("c2", c2, {0.0, 1e6, true}, "exploration: beta = c1 ln(c2 n) after n steps of training");
    search.visit(visitor);
    visitor.number("refit_growth", refit_growth, Bounds::between(0, 10),
                   "fit the kernel again after this fraction of new steps");
    visitor.integer("max_fit_points", max_fit_points, Bounds::between(10, 2000),
                    "latest steps of training that the model is fitted to");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_interval(population.interval, context);
  }
};

// The space's columns, then time and loss before the step, both in [0, 1]. Time has the kernel of a category,
// exp(-w |difference|), which is the paper's with w = -ln(1 - epsilon) / 2 for each step.
KernelLayout with_context(KernelLayout layout) {
  layout.columns.push_back({layout.scales++, true});
  layout.columns.push_back({layout.scales++, false});
  return layout;
}

// The upper confidence bound of the improvement in a given context.
class ConfidenceBound final : public AcquisitionFunction {
 public:
  ConfidenceBound(const GaussianProcess& process, double root_beta, double time, double before)
      : process_(process), root_beta_(root_beta), time_(time), before_(before) {}

  void score(const PointSet& points, std::vector<double>& scores) override {
    extend(points, 0, points.count());
    process_.predict(extended_, batch_);
    scores.resize(static_cast<std::size_t>(points.count()));
    for (Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] = batch_.mean[i] + root_beta_ * std::sqrt(batch_.variance[i]);
    computed_ += static_cast<double>(points.count()) * process_.prediction_work();
  }
  double score(const PointSet& points, Index row, Eigen::VectorXd& gradient) override {
    extend(points, row, 1);
    process_.predict(extended_, 0, point_);
    const double deviation = std::sqrt(point_.variance);
    gradient = (point_.mean_gradient + (0.5 * root_beta_ / deviation) * point_.variance_gradient)
                   .head(points.columns());
    computed_ += 2.0 * process_.prediction_work();
    return point_.mean + root_beta_ * deviation;
  }
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  void extend(const PointSet& points, Index first, Index count) {
    const Index columns = points.columns();
    extended_.resize(count, columns + 2);
    for (Index i = 0; i < count; ++i) {
      for (Index c = 0; c < columns; ++c) extended_(i, c) = points(first + i, c);
      extended_(i, columns) = time_;
      extended_(i, columns + 1) = before_;
    }
  }

  const GaussianProcess& process_;
  double root_beta_;
  double time_;
  double before_;
  PointSet extended_;
  BatchPrediction batch_;
  PointPrediction point_;
  Work computed_{};
};

class Pb2 final : public Strategy {
 public:
  Pb2(const Pb2Settings& settings, const StrategyContext& context)
      : settings_(settings),
        notes_(context.notes),
        population_(settings.population, context),
        encoding_(context.space),
        search_(context.space, encoding_, settings.search.options()),
        process_(with_context(encoding_.layout())) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    return population_.ask(id, random,
                           [this](const Population::State& source, std::size_t trained, Random& stream) {
                             return explore(source, trained, stream);
                           });
  }
  void tell(const Trial& trial) override {
    auto step = population_.tell(trial);
    if (!step) return;
    trained_.emplace(step->trained, step->configuration.digest());
    if (!step->source) return;
    steps_.push_back(*std::move(step));
    ++count_;
    if (steps_.size() > static_cast<std::size_t>(settings_.max_fit_points)) steps_.erase(steps_.begin());
  }
  [[nodiscard]] bool may_resume() const override { return true; }
  [[nodiscard]] Work computed() const override { return process_.computed() + predictions_; }

 private:
  using Step = Population::Step;

  Configuration explore(const Population::State& source, std::size_t trained, Random& random) {
    const auto excluded = [&](const Configuration& c) { return is_taken(trained, c); };
    const auto succeeded = static_cast<std::size_t>(
        std::ranges::count_if(steps_, [](const Step& s) { return s.loss.has_value(); }));
    if (succeeded < kLeastSteps || encoding_.columns() == 0) return search_.draw(excluded, random);
    fit();
    const double root_beta =
        std::sqrt(std::max(0.0, settings_.c1 * std::log(settings_.c2 * static_cast<double>(count_))));
    ConfidenceBound bound(process_, root_beta, time_of(trained), scaled(source.loss));
    const Configuration best = search_.maximise(bound, std::span(&source.configuration, 1), excluded, random);
    process_.forget_fantasies();
    predictions_ += bound.computed();
    note_fallbacks(notes_, process_, "improvement");
    return best;
  }

  [[nodiscard]] bool is_taken(std::size_t trained, const Configuration& configuration) const {
    if (trained_.contains({trained, configuration.digest()})) return true;
    return std::ranges::any_of(population_.running(), [&](const auto& running) {
      return running.second.trained == trained && running.second.configuration == configuration;
    });
  }

  [[nodiscard]] double time_of(std::size_t trained) const {
    return static_cast<double>(trained) / static_cast<double>(population_.steps());
  }
  [[nodiscard]] double scaled(double loss) const {
    return highest_ > lowest_ ? (loss - lowest_) / (highest_ - lowest_) : 0.0;
  }

  void fit() {
    lowest_ = highest_ = steps_.front().source->loss;
    for (const Step& step : steps_) {
      lowest_ = std::min(lowest_, step.source->loss);
      highest_ = std::max(highest_, step.source->loss);
    }
    PointSet points(static_cast<Index>(steps_.size()), encoding_.columns() + 2);
    for (std::size_t i = 0; i < steps_.size(); ++i) encode(steps_[i], points, static_cast<Index>(i));
    const std::vector<double> targets = improvements();
    const RefitSettings refit{.every = 1, .growth = settings_.refit_growth};
    if (refit.due(count_, fitted_at_)) {
      process_.fit(points, targets);
      fitted_at_ = count_;
    } else {
      process_.condition(points, targets);
    }
    PointSet running(1, encoding_.columns() + 2);
    std::size_t rows = 0;
    for (const auto& [id, step] : population_.running()) {
      if (!step.source) continue;
      if (++rows > kMostFantasies) break;
      encode(step, running, 0);
      process_.fantasise(running, 0);
    }
  }

  void encode(const Step& step, PointSet& points, Index row) const {
    encoding_.encode(step.configuration, points, row);
    points(row, encoding_.columns()) = time_of(step.trained);
    points(row, encoding_.columns() + 1) = scaled(step.source->loss);
  }

  // Standardised and clipped.
  [[nodiscard]] std::vector<double> improvements() const {
    std::vector<double> result;
    double least = 0.0;
    for (const Step& step : steps_)
      if (step.loss) least = std::min(least, step.source->loss - *step.loss);
    for (const Step& step : steps_) result.push_back(step.loss ? step.source->loss - *step.loss : least);
    const auto n = static_cast<double>(result.size());
    double mean = 0.0;
    for (const double value : result) mean += value / n;
    double variance = 0.0;
    for (const double value : result) variance += (value - mean) * (value - mean) / n;
    const double deviation = variance > 0.0 ? std::sqrt(variance) : 1.0;
    for (double& value : result) value = std::clamp((value - mean) / deviation, -kClip, kClip);
    return result;
  }

  Pb2Settings settings_;
  NoteSink* notes_;
  Population population_;
  PointEncoding encoding_;
  AcquisitionSearch search_;
  GaussianProcess process_;
  std::vector<Step> steps_;                                  // the latest that began from a state
  std::set<std::pair<std::size_t, std::uint64_t>> trained_;  // steps before it, digest
  std::size_t count_ = 0;
  std::size_t fitted_at_ = 0;
  double lowest_ = 0.0;  // of the losses before steps_
  double highest_ = 0.0;
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_pb2_recipe() {
  return std::make_unique<BasicStrategyRecipe<Pb2Settings, Pb2>>();
}

}  // namespace tonne
