#include "experiments/measured/calibration.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "core/error.h"
#include "cost_models/machine_model.h"

namespace tonne {
namespace {

constexpr std::array<std::string_view, kFittedFigures> kNames = {
    "utilisation", "bandwidth_utilisation", "step_overhead", "startup", "idle", "compute", "memory", "waiting"};

using enum FittedFigure;

bool is_share(FittedFigure figure) {
  return figure != step_overhead && figure != startup && figure != idle;
}
bool needs_energy(FittedFigure figure) {
  return figure == idle || figure == compute || figure == memory || figure == waiting;
}

// Figures are fitted where they have no bounds: shares as logits, the rest as logarithms.
double to_line(FittedFigure figure, double value) {
  constexpr double kEdge = 1e-4;
  if (!is_share(figure)) return std::log(std::max(value, 1e-6));
  const double share = std::clamp(value, kEdge, 1.0 - kEdge);
  return std::log(share / (1.0 - share));
}
double from_line(FittedFigure figure, double x) {
  return is_share(figure) ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x);
}

// Standard deviation of the prior on that scale. Assumed: what frameworks and drivers differ by.
double prior_spread(FittedFigure figure) {
  switch (figure) {
    case utilisation:
    case bandwidth_utilisation:
      return 0.9;
    case step_overhead:
      return 1.4;
    case startup:
      return 1.0;
    case idle:
      return 0.3;
    case compute:
      return 1.2;
    case memory:
      return 0.7;
    case waiting:
      return 0.8;
  }
  return 1.0;
}

void set(MachineRates& rates, FittedFigure figure, double old_value, double value) {
  switch (figure) {
    case utilisation:
      if (rates.arithmetic) *rates.arithmetic = *rates.arithmetic * (value / old_value);
      return;
    case bandwidth_utilisation:
      if (rates.traffic) *rates.traffic = *rates.traffic * (value / old_value);
      return;
    case step_overhead:
      rates.step_overhead = value * second;
      return;
    case startup:
      rates.startup = value * second;
      return;
    case compute:
      rates.compute = value;
      return;
    case memory:
      rates.memory = value;
      return;
    case waiting:
      rates.waiting = value;
      return;
    case idle:
      return;
  }
}

// The cluster whose figures are fitted, and how they enter its machine.
class Model {
 public:
  Model(const ClusterSettings& cluster, const Workload& example)
      : catalogue_(Catalogue::with_file(cluster.catalogue)), machine_(resolve_machine(cluster)) {
    kind_ = example.kind;
    precision_ = machine_.precision_of(example);
    const TrainingFigures figures =
        training_figures(cluster, catalogue_->device(cluster.device), kind_, precision_);
    before_ = {*figures.utilisation, *figures.bandwidth_utilisation, *figures.step_overhead / second,
               *figures.startup / second, machine_.idle / watt, *figures.compute, *figures.memory,
               *figures.waiting};
  }
  [[nodiscard]] WorkKind kind() const { return kind_; }
  [[nodiscard]] Precision precision() const { return precision_; }
  [[nodiscard]] double before(FittedFigure figure) const {
    return before_[static_cast<std::size_t>(figure)];
  }
  [[nodiscard]] const MachineParameters& machine() const { return machine_; }
  [[nodiscard]] MachineParameters with(std::span<const FittedFigure> figures,
                                       std::span<const double> values) const {
    MachineParameters machine = machine_;
    MachineRates& rates =
        machine.rates[static_cast<std::size_t>(kind_)][static_cast<std::size_t>(precision_)];
    for (std::size_t i = 0; i < figures.size(); ++i) {
      if (figures[i] == idle)
        machine.idle = std::min(values[i], 0.95 * (machine.tdp / watt)) * watt;
      else
        set(rates, figures[i], before(figures[i]), values[i]);
    }
    return machine;
  }

 private:
  std::shared_ptr<const Catalogue> catalogue_;
  MachineParameters machine_;
  WorkKind kind_ = WorkKind::other;
  Precision precision_ = Precision::fp32;
  std::array<double, kFittedFigures> before_{};
};

SideAgreement side_of(std::span<const MeasuredRun> runs, std::span<const Prediction> predictions) {
  std::vector<double> seconds, predicted_seconds, joules, predicted_joules;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    seconds.push_back(runs[i].time / second);
    predicted_seconds.push_back(predictions[i].time / second);
    if (!runs[i].energy) continue;
    joules.push_back(*runs[i].energy / joule);
    predicted_joules.push_back(predictions[i].energy / joule);
  }
  SideAgreement side;
  side.time = agreement(seconds, predicted_seconds);
  if (!joules.empty()) side.energy = agreement(joules, predicted_joules);
  return side;
}

// The residuals of time, and of mean power where energy was measured; their weights come from their spread.
class Fit {
 public:
  Fit(const Model& model, std::vector<FittedFigure> figures, std::vector<MeasuredRun> runs,
      MeasuredEnergy energy)
      : model_(model), figures_(std::move(figures)), runs_(std::move(runs)), energy_(energy) {
    x_.resize(static_cast<Eigen::Index>(figures_.size()));
    for (std::size_t i = 0; i < figures_.size(); ++i)
      x_[static_cast<Eigen::Index>(i)] = to_line(figures_[i], model.before(figures_[i]));
    prior_ = x_;
  }

  void run() {
    constexpr int kRounds = 12;  // of weights; the spreads settle after a few
    for (int round = 0; round < kRounds; ++round) {
      const Eigen::VectorXd residuals = residuals_at(x_);
      estimate_spreads(residuals);
      if (!improve(weights_of(residuals))) break;
    }
    const Eigen::VectorXd residuals = residuals_at(x_);
    estimate_spreads(residuals);
    estimate_covariance(residuals);
  }

  [[nodiscard]] std::vector<double> values() const {
    std::vector<double> values;
    for (std::size_t i = 0; i < figures_.size(); ++i)
      values.push_back(from_line(figures_[i], x_[static_cast<Eigen::Index>(i)]));
    return values;
  }
  [[nodiscard]] MachineParameters machine() const { return model_.with(figures_, values()); }
  [[nodiscard]] CalibratedFigure figure(std::size_t i) const {
    constexpr double kNinety = 1.645;
    const auto at = static_cast<Eigen::Index>(i);
    const FittedFigure figure = figures_[i];
    const double sd = std::sqrt(covariance_(at, at));
    return {figure,
            model_.before(figure),
            from_line(figure, x_[at]),
            from_line(figure, x_[at] - kNinety * sd),
            from_line(figure, x_[at] + kNinety * sd),
            sd / prior_spread(figure)};
  }

 private:
  // Time of every run, then the power of those whose energy is known.
  [[nodiscard]] Eigen::VectorXd residuals_at(const Eigen::VectorXd& x) const {
    std::vector<double> values;
    for (std::size_t i = 0; i < figures_.size(); ++i)
      values.push_back(from_line(figures_[i], x[static_cast<Eigen::Index>(i)]));
    const auto predictions = predict(model_.with(figures_, values), runs_, energy_);
    std::vector<double> residuals;
    for (std::size_t i = 0; i < runs_.size(); ++i)
      residuals.push_back(std::log(predictions[i].time / runs_[i].time));
    for (std::size_t i = 0; i < runs_.size(); ++i)
      if (runs_[i].energy)
        residuals.push_back(std::log((predictions[i].energy / predictions[i].time) /
                                     (*runs_[i].energy / runs_[i].time)));
    return Eigen::Map<const Eigen::VectorXd>(residuals.data(), static_cast<Eigen::Index>(residuals.size()));
  }

  [[nodiscard]] bool is_time(Eigen::Index i) const { return i < static_cast<Eigen::Index>(runs_.size()); }

  // From the median of |residual|, as of a normal distribution, but never below what meters resolve.
  void estimate_spreads(const Eigen::VectorXd& residuals) {
    constexpr double kLeast = 0.01;
    constexpr double kOfMedian = 1.4826;
    const auto spread = [&](bool time) {
      std::vector<double> sizes;
      for (Eigen::Index i = 0; i < residuals.size(); ++i)
        if (is_time(i) == time) sizes.push_back(std::abs(residuals[i]));
      if (sizes.empty()) return kLeast;
      std::ranges::sort(sizes);
      // Few rows fit too well by their number of figures.
      const double n = static_cast<double>(sizes.size());
      const double lost = std::min(0.5 * static_cast<double>(figures_.size()), 0.75 * n);
      return std::max(kLeast, kOfMedian * sizes[sizes.size() / 2] * std::sqrt(n / (n - lost)));
    };
    time_spread_ = spread(true);
    power_spread_ = spread(false);
  }

  // Of Student's t with four degrees of freedom, over the variance.
  [[nodiscard]] Eigen::VectorXd weights_of(const Eigen::VectorXd& residuals) const {
    constexpr double kFreedom = 4.0;
    Eigen::VectorXd weights(residuals.size());
    for (Eigen::Index i = 0; i < residuals.size(); ++i) {
      const double spread = is_time(i) ? time_spread_ : power_spread_;
      const double z = residuals[i] / spread;
      weights[i] = (kFreedom + 1.0) / (kFreedom + z * z) / (spread * spread);
    }
    return weights;
  }

  [[nodiscard]] Eigen::MatrixXd jacobian_at(const Eigen::VectorXd& x) const {
    constexpr double kStep = 1e-4;
    Eigen::MatrixXd jacobian;
    for (Eigen::Index p = 0; p < x.size(); ++p) {
      Eigen::VectorXd up = x;
      Eigen::VectorXd down = x;
      up[p] += kStep;
      down[p] -= kStep;
      const Eigen::VectorXd slope = (residuals_at(up) - residuals_at(down)) / (2.0 * kStep);
      if (p == 0) jacobian.resize(slope.size(), x.size());
      jacobian.col(p) = slope;
    }
    return jacobian;
  }

  [[nodiscard]] Eigen::VectorXd prior_precision() const {
    Eigen::VectorXd precision(x_.size());
    for (std::size_t i = 0; i < figures_.size(); ++i)
      precision[static_cast<Eigen::Index>(i)] = 1.0 / (prior_spread(figures_[i]) * prior_spread(figures_[i]));
    return precision;
  }

  [[nodiscard]] double loss(const Eigen::VectorXd& x, const Eigen::VectorXd& weights) const {
    const Eigen::VectorXd residuals = residuals_at(x);
    return (residuals.array().square() * weights.array()).sum() +
           ((x - prior_).array().square() * prior_precision().array()).sum();
  }

  // Levenberg and Marquardt's steps under fixed weights. False: nothing moved.
  bool improve(const Eigen::VectorXd& weights) {
    constexpr int kSteps = 60;
    constexpr double kStill = 1e-9;
    double damping = 1e-3;
    double current = loss(x_, weights);
    bool moved = false;
    for (int step = 0; step < kSteps; ++step) {
      const Eigen::VectorXd residuals = residuals_at(x_);
      const Eigen::MatrixXd jacobian = jacobian_at(x_);
      const Eigen::VectorXd pull = prior_precision().cwiseProduct(x_ - prior_);
      Eigen::MatrixXd curvature = jacobian.transpose() * weights.asDiagonal() * jacobian;
      curvature.diagonal() += prior_precision();
      const Eigen::VectorXd gradient = jacobian.transpose() * weights.cwiseProduct(residuals) + pull;
      bool better = false;
      while (damping < 1e8) {
        Eigen::MatrixXd damped = curvature;
        damped.diagonal() *= 1.0 + damping;
        const Eigen::VectorXd candidate = x_ - damped.ldlt().solve(gradient);
        const double value = loss(candidate, weights);
        if (value < current) {
          better = current - value > kStill * current;
          moved = moved || better;
          x_ = candidate;
          current = value;
          damping = std::max(1e-9, damping * 0.1);
          break;
        }
        damping *= 10.0;
      }
      if (!better) break;
    }
    return moved;
  }

  // The inverse curvature; where groups pull apart by more than their rows' noise, that (White's sandwich).
  void estimate_covariance(const Eigen::VectorXd& residuals) {
    const Eigen::VectorXd weights = weights_of(residuals);
    const Eigen::MatrixXd jacobian = jacobian_at(x_);
    Eigen::MatrixXd curvature = jacobian.transpose() * weights.asDiagonal() * jacobian;
    curvature.diagonal() += prior_precision();
    covariance_ = curvature.ldlt().solve(Eigen::MatrixXd::Identity(x_.size(), x_.size()));
    std::map<std::string, Eigen::VectorXd> scores;
    Eigen::Index power = static_cast<Eigen::Index>(runs_.size());
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      auto& score = scores.try_emplace(runs_[i].group, Eigen::VectorXd::Zero(x_.size())).first->second;
      const auto row = static_cast<Eigen::Index>(i);
      score += jacobian.row(row).transpose() * weights[row] * residuals[row];
      if (!runs_[i].energy) continue;
      score += jacobian.row(power).transpose() * weights[power] * residuals[power];
      ++power;
    }
    if (scores.size() < 5) return;
    Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(x_.size(), x_.size());
    for (const auto& [group, score] : scores) meat += score * score.transpose();
    meat.diagonal() += prior_precision();
    const Eigen::MatrixXd sandwich = covariance_ * meat * covariance_;
    for (Eigen::Index p = 0; p < x_.size(); ++p)
      covariance_(p, p) = std::max(covariance_(p, p), sandwich(p, p));
  }

  const Model& model_;
  std::vector<FittedFigure> figures_;
  std::vector<MeasuredRun> runs_;
  MeasuredEnergy energy_;
  Eigen::VectorXd x_, prior_;
  Eigen::MatrixXd covariance_;
  double time_spread_ = 0.1;
  double power_spread_ = 0.1;
};

// --- Which rows and figures

// What the user gives is theirs.
bool is_given(FittedFigure figure, const ClusterSettings& cluster) {
  switch (figure) {
    case utilisation:
      return cluster.utilisation.has_value();
    case bandwidth_utilisation:
      return cluster.bandwidth_utilisation.has_value();
    case step_overhead:
      return cluster.step_overhead.has_value();
    case startup:
      return cluster.startup.has_value();
    case idle:
      return cluster.idle.has_value();
    case compute:
      return cluster.activity.compute.has_value();
    case memory:
      return cluster.activity.memory.has_value();
    case waiting:
      return cluster.activity.waiting.has_value();
  }
  return false;
}

std::vector<FittedFigure> figures_of(const Measurements& measurements, const ClusterSettings& cluster,
                                     std::span<const MeasuredRun> runs) {
  const bool any_energy = std::ranges::any_of(runs, [](const auto& run) { return run.energy.has_value(); });
  std::vector<FittedFigure> figures;
  for (std::size_t i = 0; i < kFittedFigures; ++i) {
    const auto figure = static_cast<FittedFigure>(i);
    if ((!any_energy && needs_energy(figure)) || is_given(figure, cluster)) continue;
    if (measurements.fit.empty() || std::ranges::find(measurements.fit, kNames[i]) != measurements.fit.end())
      figures.push_back(figure);
  }
  for (const std::string& name : measurements.fit)
    if (std::ranges::find(kNames, name) == kNames.end())
      throw InputError({}, "measured.fit",
                       fmt::format("'{}' is no figure that can be fitted: {}", printable(name.substr(0, 40)),
                                   fmt::join(kNames, ", ")));
  if (figures.empty())
    throw InputError({}, "measured.fit",
                     "nothing is left to fit: figures that the cluster gives are kept, and power needs joules or "
                     "watts of the runs");
  return figures;
}

// Every n-th row, so that all of a table is seen.
std::vector<MeasuredRun> spread_over(std::vector<MeasuredRun> runs, std::size_t limit) {
  if (limit == 0 || runs.size() <= limit) return runs;
  std::vector<MeasuredRun> chosen;
  for (std::size_t i = 0; i < limit; ++i) chosen.push_back(runs[i * runs.size() / limit]);
  return chosen;
}

std::vector<MeasuredRun> side(const MeasuredJob& job, bool unseen) {
  std::vector<MeasuredRun> runs;
  std::ranges::copy_if(job.runs, std::back_inserter(runs), [&](const auto& run) { return run.unseen == unseen; });
  return runs;
}

const MeasuredJob& the_job(const Measurements& measurements) {
  const MeasuredJob& job = measurements.jobs.front();
  if (measurements.jobs.size() > 1)
    throw InputError({}, "jobs", "a fit is of one job: give the file one of them, or use --check");
  for (const MeasuredRun& run : job.runs)
    if (run.work.kind != job.runs.front().work.kind || run.work.precision != job.runs.front().work.precision)
      throw InputError({}, "work", "the rows are of several kinds of work or precisions: fit each by itself");
  return job;
}

// Predictions of each group by a fit to the others, in up to ten folds.
std::optional<SideAgreement> crossed(const Model& model, const std::vector<FittedFigure>& figures,
                                     const std::vector<MeasuredRun>& runs, MeasuredEnergy energy) {
  constexpr std::size_t kMostFolds = 10;
  std::map<std::string, std::size_t> groups;
  for (const MeasuredRun& run : runs) groups.try_emplace(run.group, groups.size());
  if (groups.size() < 3 || figures.empty()) return std::nullopt;
  const std::size_t folds = std::min(kMostFolds, groups.size());
  std::vector<Prediction> predictions(runs.size());
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<MeasuredRun> others;
    std::vector<MeasuredRun> left;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (groups.at(runs[i].group) % folds == fold) {
        left.push_back(runs[i]);
        places.push_back(i);
      } else {
        others.push_back(runs[i]);
      }
    }
    Fit fit(model, figures, others, energy);
    fit.run();
    const auto of_left = predict(fit.machine(), left, energy);
    for (std::size_t i = 0; i < places.size(); ++i) predictions[places[i]] = of_left[i];
  }
  return side_of(runs, predictions);
}

std::vector<MissedRun> worst(std::span<const MeasuredRun> runs, std::span<const Prediction> predictions) {
  constexpr std::size_t kShown = 5;
  std::vector<MissedRun> missed;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    MissedRun run{runs[i].line, runs[i].group, predictions[i].time / runs[i].time, std::nullopt};
    if (runs[i].energy) run.energy_ratio = predictions[i].energy / *runs[i].energy;
    missed.push_back(std::move(run));
  }
  const auto distance = [](const MissedRun& run) {
    return std::max(std::abs(std::log(run.time_ratio)), std::abs(std::log(run.energy_ratio.value_or(1.0))));
  };
  std::ranges::sort(missed, [&](const MissedRun& a, const MissedRun& b) {
    return std::pair(-distance(a), a.line) < std::pair(-distance(b), b.line);
  });
  if (missed.size() > kShown) missed.resize(kShown);
  return missed;
}

std::optional<SideAgreement> side_of(std::span<const ComparedRun> runs, bool unseen) {
  std::vector<double> seconds, predicted_seconds, joules, predicted_joules;
  for (const ComparedRun& run : runs) {
    if (run.unseen != unseen) continue;
    seconds.push_back(run.seconds);
    predicted_seconds.push_back(run.predicted_seconds);
    if (run.joules == 0.0) continue;
    joules.push_back(run.joules);
    predicted_joules.push_back(run.predicted_joules);
  }
  if (seconds.empty()) return std::nullopt;
  SideAgreement side;
  side.time = agreement(seconds, predicted_seconds);
  if (!joules.empty()) side.energy = agreement(joules, predicted_joules);
  return side;
}

CheckedJob checked(const std::string& name, std::span<const ComparedRun> runs) {
  CheckedJob job;
  job.name = name;
  job.seen = side_of(runs, false).value_or(SideAgreement{});
  job.unseen = side_of(runs, true);
  for (const ComparedRun& run : runs) {
    if (run.joules == 0.0) continue;
    const double predicted = run.predicted_joules / run.predicted_seconds;
    const double measured = run.joules / run.seconds;
    const bool first = job.most_power == 0.0;
    job.least_power = first ? predicted : std::min(job.least_power, predicted);
    job.most_power = std::max(job.most_power, predicted);
    job.least_measured = first ? measured : std::min(job.least_measured, measured);
    job.most_measured = std::max(job.most_measured, measured);
  }
  return job;
}

}  // namespace

std::string_view name_of(FittedFigure figure) {
  return kNames[static_cast<std::size_t>(figure)];
}

bool Calibration::told_anything() const {
  return std::ranges::any_of(figures, &CalibratedFigure::identified);
}

Calibration calibrate(const Measurements& measurements, std::size_t limit) {
  const MeasuredJob& job = the_job(measurements);
  const std::vector<MeasuredRun> runs = spread_over(side(job, false), limit);
  if (runs.size() < 2)
    throw InputError({}, "measured.table",
                     fmt::format("has {} row{} to fit: two are the least, twenty are enough", runs.size(),
                                 runs.size() == 1 ? "" : "s"));
  const Model model(job.cluster, runs.front().work);
  const std::vector<FittedFigure> figures = figures_of(measurements, job.cluster, runs);
  Fit everything(model, figures, runs, measurements.energy);
  everything.run();
  // What the rows do not tell keeps its figure, and the others are fitted anew around that: so the entry that is
  // written predicts what is reported here.
  Calibration result;
  std::vector<FittedFigure> told;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    result.figures.push_back(everything.figure(i));
    if (result.figures.back().identified()) told.push_back(figures[i]);
  }
  Fit fit(model, told, runs, measurements.energy);
  if (!told.empty()) fit.run();
  for (std::size_t i = 0; i < told.size(); ++i) {
    auto& figure = *std::ranges::find(result.figures, told[i], &CalibratedFigure::figure);
    const double told_by = figure.told;
    figure = fit.figure(i);
    figure.told = told_by;
  }
  result.device = job.cluster.device;
  result.kind = model.kind();
  result.precision = model.precision();
  result.rows = runs.size();
  std::set<std::string> groups;
  for (const MeasuredRun& run : runs) groups.insert(run.group);
  result.groups = groups.size();
  const auto predictions = predict(fit.machine(), runs, measurements.energy);
  result.before = side_of(runs, predict(model.machine(), runs, measurements.energy));
  result.after = side_of(runs, predictions);
  result.crossed = crossed(model, told, runs, measurements.energy);
  result.missed = worst(runs, predictions);
  if (const auto unseen = side(job, true); !unseen.empty()) {
    result.unseen_before = side_of(unseen, predict(model.machine(), unseen, measurements.energy));
    result.unseen = side_of(unseen, predict(fit.machine(), unseen, measurements.energy));
  }
  return result;
}

std::string_view what_would_tell(FittedFigure figure) {
  switch (figure) {
    case utilisation:
      return "runs with much arithmetic for each byte: wide convolutions, large matrices";
    case bandwidth_utilisation:
      return "runs with little arithmetic for each byte: pooling, narrow or depthwise convolutions";
    case step_overhead:
      return "the same training with smaller batches, so with more steps";
    case startup:
      return "short and long runs of the same training";
    case idle:
      return "a reading of the idle device: tonne meter shows one before and after a run";
    case compute:
      return "joules or watts of runs with much arithmetic for each byte";
    case memory:
      return "joules or watts of runs with little arithmetic for each byte";
    case waiting:
      return "joules or watts of runs with tiny batches, whose device mostly waits";
  }
  return "";
}

std::vector<CheckedJob> check(const Measurements& measurements) {
  const std::vector<ComparedRun> runs = compare_runs(measurements);
  std::vector<CheckedJob> jobs = {checked("", runs)};
  if (measurements.jobs.size() < 2) return jobs;
  for (const MeasuredJob& job : measurements.jobs) {
    std::vector<ComparedRun> own;
    std::ranges::copy_if(runs, std::back_inserter(own), [&](const auto& run) { return run.job == job.name; });
    jobs.push_back(checked(job.name, own));
  }
  return jobs;
}

}  // namespace tonne
