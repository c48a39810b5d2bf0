#include "experiments/measured/machine_fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "cost_models/catalogue.h"
#include "experiments/measured/prediction.h"

namespace tonne {
namespace {

using enum FittedFigure;

constexpr double kFirstSpread = 0.05;  // of runs, before the rows have said theirs
constexpr double kLeastNoise = 0.03;   // of few rows that fit too well: clocks, sensors, the room's temperature
constexpr double kLearning = 0.04;     // weight of the priors while the noise is learnt

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

}  // namespace

FittedMachine::FittedMachine(const ClusterSettings& cluster, const Workload& example)
    : machine_(resolve_machine(cluster)) {
  const auto catalogue = Catalogue::with_file(cluster.catalogue);
  kind_ = example.kind;
  precision_ = machine_.precision_of(example);
  const TrainingFigures figures =
      training_figures(cluster, catalogue->device(cluster.device), kind_, precision_);
  before_ = {*figures.utilisation, *figures.bandwidth_utilisation, *figures.step_overhead / second,
             *figures.startup / second, machine_.idle / watt, *figures.compute, *figures.memory,
             *figures.waiting};
}

MachineParameters FittedMachine::with(std::span<const FittedFigure> figures,
                                     std::span<const double> values) const {
  MachineParameters machine = machine_;
  MachineRates& rates =
      machine.rates[static_cast<std::size_t>(kind_)][static_cast<std::size_t>(precision_)];
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i] == idle)
      machine.idle = values[i] * watt;
    else
      set(rates, figures[i], before(figures[i]), values[i]);
  }
  return machine;
}

MachineFit::MachineFit(const FittedMachine& machine, std::vector<FittedFigure> figures, std::vector<MeasuredRun> runs,
    MeasuredEnergy energy)
    : model_(machine), figures_(std::move(figures)), runs_(std::move(runs)), energy_(energy) {
  x_.resize(static_cast<Eigen::Index>(figures_.size()));
  for (std::size_t i = 0; i < figures_.size(); ++i)
    x_[static_cast<Eigen::Index>(i)] = to_line(figures_[i], machine.before(figures_[i]));
  prior_ = x_;
  std::set<std::string_view> groups;
  for (const MeasuredRun& run : runs_) groups.insert(run.group);
  groups_ = groups.size();
  powers_ = std::ranges::count_if(runs_, [](const auto& run) { return run.energy.has_value(); });
  reads_idle_ = std::ranges::find(figures_, idle) != figures_.end();
  // Idle power stays below TDP and every limit, whatever the steps of the fit try.
  Power least = std::min(machine.machine().tdp, machine.machine().power_limit.value_or(machine.machine().tdp));
  for (const MeasuredRun& run : runs_)
    if (run.power_limit) least = std::min(least, *run.power_limit);
  ceiling_ = std::max(0.95 * (least / watt), machine.before(idle));
}

void MachineFit::run() {
  constexpr int kRounds = 8;  // of weights; they settle after a few
  // First nearly without priors, to learn how noisy the runs are: where the catalogue is far off, residuals around its
  // figures would pass for noise, and noise for a reason to keep them.
  prior_weight_ = kLearning;
  Eigen::VectorXd weights = Eigen::VectorXd::Constant(residuals_at(x_).size(), 1.0 / (kFirstSpread * kFirstSpread));
  for (int round = 0; round < kRounds && improve(weights); ++round) {
    const Eigen::VectorXd residuals = residuals_at(x_);
    estimate_spreads(residuals);
    weights = weights_of(residuals);
  }
  estimate_spreads(residuals_at(x_));
  // Few rows fit too well by their number of figures: what is left of them is less than their noise.
  const auto widened = [&](double spread, double n) {
    const double lost = std::min(0.5 * static_cast<double>(figures_.size()), 0.75 * n);
    return std::max(kLeastNoise, spread * std::sqrt(n / (n - lost)));
  };
  time_spread_ = widened(time_spread_, static_cast<double>(runs_.size()));
  if (powers_ > 0) power_spread_ = widened(power_spread_, static_cast<double>(powers_));
  prior_weight_ = 1.0;
  for (int round = 0; round < kRounds && improve(weights_of(residuals_at(x_))); ++round) {
  }
  estimate_covariance(residuals_at(x_));
}

double MachineFit::value_at(FittedFigure figure, double x) const {
  const double value = from_line(figure, x);
  if (figure == idle) return std::min(value, ceiling_);
  constexpr double kLeastShare = 1e-6;  // the catalogue's, too: below, times overflow
  return figure == utilisation || figure == bandwidth_utilisation ? std::max(value, kLeastShare) : value;
}

std::vector<double> MachineFit::values_at(const Eigen::VectorXd& x) const {
  std::vector<double> values;
  for (std::size_t i = 0; i < figures_.size(); ++i)
    values.push_back(value_at(figures_[i], x[static_cast<Eigen::Index>(i)]));
  return values;
}

CalibratedFigure MachineFit::figure(std::size_t i) const {
  constexpr double kNinety = 0.95;  // of a one-sided normal: both ends together leave 10 %
  const double of_prior = quantile(boost::math::normal(), kNinety);
  const auto at = static_cast<Eigen::Index>(i);
  const FittedFigure figure = figures_[i];
  const double sd = std::sqrt(covariance_(at, at));
  // Few groups know their own noise badly; but no interval is wider than what was thought before.
  const double half = std::min(quantile(boost::math::students_t(degrees_of_freedom()), kNinety) * sd,
                               of_prior * prior_spread(figure));
  return {figure,
          model_.before(figure),
          value_at(figure, x_[at]),
          value_at(figure, x_[at] - half),
          value_at(figure, x_[at] + half),
          half / (of_prior * prior_spread(figure)),
          std::abs(x_[at] - prior_[at]) / prior_spread(figure)};
}

// Of independent readings, less the figures: repeats of one thing say the same of the model twice.
double MachineFit::degrees_of_freedom() const {
  const double readings = static_cast<double>(groups_) * (powers_ > 0 ? 2.0 : 1.0);
  return std::max(1.0, readings - static_cast<double>(figures_.size()));
}

// Time of every run, then the power of those whose energy is known.
Eigen::VectorXd MachineFit::residuals_at(const Eigen::VectorXd& x) const {
  const MachineParameters machine = model_.with(figures_, values_at(x));
  const auto predictions = predict(machine, runs_, energy_);
  std::vector<double> residuals;
  for (std::size_t i = 0; i < runs_.size(); ++i)
    residuals.push_back(std::log(predictions[i].time / runs_[i].time));
  for (std::size_t i = 0; i < runs_.size(); ++i)
    if (runs_[i].energy)
      residuals.push_back(std::log((predictions[i].energy / predictions[i].time) /
                                   (*runs_[i].energy / runs_[i].time)));
  for (const MeasuredRun& run : runs_)
    if (run.idle && reads_idle_) residuals.push_back(std::log(machine.idle / *run.idle));
  return Eigen::Map<const Eigen::VectorXd>(residuals.data(), static_cast<Eigen::Index>(residuals.size()));
}

MachineFit::Residual MachineFit::kind_of(Eigen::Index i) const {
  const auto times = static_cast<Eigen::Index>(runs_.size());
  if (i < times) return Residual::time;
  return i < times + powers_ ? Residual::power : Residual::idle;
}

double MachineFit::spread_of(Eigen::Index i) const {
  constexpr double kOfIdle = 0.05;  // of a reading: sensors differ by so much between boards
  const Residual kind = kind_of(i);
  return kind == Residual::time ? time_spread_ : kind == Residual::power ? power_spread_ : kOfIdle;
}

// From the median of |residual|, as of a normal distribution, but never below what meters resolve.
void MachineFit::estimate_spreads(const Eigen::VectorXd& residuals) {
  constexpr double kLeast = 0.01;
  constexpr double kOfMedian = 1.4826;
  const auto spread = [&](Residual kind) {
    std::vector<double> sizes;
    for (Eigen::Index i = 0; i < residuals.size(); ++i)
      if (kind_of(i) == kind) sizes.push_back(std::abs(residuals[i]));
    if (sizes.empty()) return kLeast;
    std::ranges::sort(sizes);
    return std::max(kLeast, kOfMedian * sizes[sizes.size() / 2]);
  };
  time_spread_ = spread(Residual::time);
  power_spread_ = spread(Residual::power);
}

// Of Student's t with four degrees of freedom, over the variance.
Eigen::VectorXd MachineFit::weights_of(const Eigen::VectorXd& residuals) const {
  constexpr double kFreedom = 4.0;
  Eigen::VectorXd weights(residuals.size());
  for (Eigen::Index i = 0; i < residuals.size(); ++i) {
    const double spread = spread_of(i);
    const double z = residuals[i] / spread;
    weights[i] = (kFreedom + 1.0) / (kFreedom + z * z) / (spread * spread);
  }
  return weights;
}

Eigen::MatrixXd MachineFit::jacobian_at(const Eigen::VectorXd& x) const {
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

Eigen::VectorXd MachineFit::prior_precision() const {
  Eigen::VectorXd precision(x_.size());
  for (std::size_t i = 0; i < figures_.size(); ++i)
    precision[static_cast<Eigen::Index>(i)] = prior_weight_ / (prior_spread(figures_[i]) * prior_spread(figures_[i]));
  return precision;
}

double MachineFit::loss(const Eigen::VectorXd& x, const Eigen::VectorXd& weights) const {
  const Eigen::VectorXd residuals = residuals_at(x);
  return (residuals.array().square() * weights.array()).sum() +
         ((x - prior_).array().square() * prior_precision().array()).sum();
}

// Levenberg and Marquardt's steps under fixed weights. False: nothing moved.
bool MachineFit::improve(const Eigen::VectorXd& weights) {
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
void MachineFit::estimate_covariance(const Eigen::VectorXd& residuals) {
  constexpr std::size_t kEnoughGroups = 5;  // to see their spread below
  Eigen::VectorXd weights = weights_of(residuals);
  if (groups_ < kEnoughGroups) weights *= static_cast<double>(groups_) / static_cast<double>(runs_.size());
  const Eigen::MatrixXd jacobian = jacobian_at(x_);
  Eigen::MatrixXd curvature = jacobian.transpose() * weights.asDiagonal() * jacobian;
  curvature.diagonal() += prior_precision();
  covariance_ = curvature.ldlt().solve(Eigen::MatrixXd::Identity(x_.size(), x_.size()));
  std::map<std::string, Eigen::VectorXd> scores;
  Eigen::Index power = static_cast<Eigen::Index>(runs_.size());
  Eigen::Index reading = power + powers_;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    auto& score = scores.try_emplace(runs_[i].group, Eigen::VectorXd::Zero(x_.size())).first->second;
    const auto add = [&](Eigen::Index at) { score += jacobian.row(at).transpose() * weights[at] * residuals[at]; };
    add(static_cast<Eigen::Index>(i));
    if (runs_[i].energy) add(power++);
    if (runs_[i].idle && reads_idle_) add(reading++);
  }
  if (groups_ < kEnoughGroups) return;
  Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(x_.size(), x_.size());
  for (const auto& [group, score] : scores) meat += score * score.transpose();
  meat.diagonal() += prior_precision();
  const Eigen::MatrixXd sandwich = covariance_ * meat * covariance_;
  for (Eigen::Index p = 0; p < x_.size(); ++p)
    covariance_(p, p) = std::max(covariance_(p, p), sandwich(p, p));
}

}  // namespace tonne
