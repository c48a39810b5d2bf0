#include "search/surrogates/noisy_hypervolume.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace tonne {
namespace {

using Eigen::Index;

// Noise variance, in units of the targets' variance, of what a draw says of its points: far above the jitter of the
// draws, far below any deviation that matters.
constexpr double kNoNoise = 1e-6;

GaussianProcess without_noise(const GaussianProcess& process, const PointSet& points, const Eigen::VectorXd& targets) {
  GaussianProcess exact = process;
  LogHyperparameters theta = process.hyperparameters();
  theta[theta.size() - 1] = std::log(kNoNoise);
  exact.set_hyperparameters(theta);
  exact.condition(points, std::vector<double>(targets.begin(), targets.end()));
  return exact;
}

// A part of a set.
PointSet rows(const PointSet& points, Index first, Index size) {
  PointSet part(size, points.columns());
  for (Index i = 0; i < size; ++i) part.copy_row(i, points, first + i);
  return part;
}

}  // namespace

LogNoisyHypervolumeImprovement::LogNoisyHypervolumeImprovement(const std::vector<GaussianProcess>& processes,
                                                               const PointSet& points, const std::vector<bool>& counts,
                                                               const Objectives& reference,
                                                               const std::vector<Eigen::MatrixXd>& normals)
    : batch_(processes.size()),
      means_(processes.size()),
      point_(processes.size()),
      point_means_(processes.size()),
      mean_gradients_(processes.size()) {
  const Index size = points.count();
  const Index draw_count = normals.front().cols();
  std::vector<Eigen::MatrixXd> drawn;
  std::size_t raises = 0;
  for (std::size_t j = 0; j < processes.size(); ++j) {
    drawn.push_back(processes[j].draws(points, normals[j], raises));
    exact_.push_back(without_noise(processes[j], points, drawn[j].col(0)));
    trends_.push_back(processes[j].trend());
    const Eigen::MatrixXd deviations = (drawn[j].array() - trends_[j]).matrix();
    weights_.push_back(exact_[j].weights_of(deviations));
    const auto n = static_cast<double>(size);
    computed_ += (n * n * n + static_cast<double>(draw_count) * 3.0 * n * n) * flop;
    computed_ += n * processes[j].prediction_work();
  }
  for (Index s = 0; s < draw_count; ++s) {
    std::vector<Objectives> values;
    for (Index i = 0; i < size; ++i) {
      if (!counts[static_cast<std::size_t>(i)]) continue;
      values.emplace_back();
      for (const Eigen::MatrixXd& of_objective : drawn) values.back().push_back(of_objective(i, s));
    }
    improvements_.emplace_back(values, reference);
  }
  logs_.resize(improvements_.size());
}

void LogNoisyHypervolumeImprovement::score(const PointSet& points, std::vector<double>& scores) {
  scores.resize(static_cast<std::size_t>(points.count()));
  for (Index first = 0; first < points.count(); first += GaussianProcess::kBatch) {
    const Index size = std::min(GaussianProcess::kBatch, points.count() - first);
    score_batch(rows(points, first, size),
                std::span(scores).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size)));
  }
}

void LogNoisyHypervolumeImprovement::score_batch(const PointSet& points, std::span<double> scores) {
  const std::size_t m = exact_.size();
  for (std::size_t j = 0; j < m; ++j) {
    exact_[j].predict(points, batch_[j]);
    exact_[j].means(batch_[j], weights_[j], means_[j]);
  }
  count(points.count());
  std::array<double, ExpectedHypervolumeImprovement::kMostObjectives> mean{};
  std::array<double, ExpectedHypervolumeImprovement::kMostObjectives> deviation{};
  for (Index i = 0; i < points.count(); ++i) {
    for (std::size_t j = 0; j < m; ++j) deviation[j] = std::sqrt(batch_[j].variance[i]);
    for (std::size_t s = 0; s < improvements_.size(); ++s) {
      for (std::size_t j = 0; j < m; ++j) mean[j] = trends_[j] + means_[j](i, static_cast<Index>(s));
      logs_[s] = improvements_[s].log_value(std::span(mean).first(m), std::span(deviation).first(m));
    }
    scores[static_cast<std::size_t>(i)] = log_mean();
  }
}

double LogNoisyHypervolumeImprovement::score(const PointSet& points, Index row, Eigen::VectorXd& gradient) {
  const std::size_t m = exact_.size();
  std::array<double, ExpectedHypervolumeImprovement::kMostObjectives> mean{};
  std::array<double, ExpectedHypervolumeImprovement::kMostObjectives> deviation{};
  for (std::size_t j = 0; j < m; ++j) {
    exact_[j].predict(points, row, point_[j]);
    exact_[j].means(points, row, weights_[j], point_means_[j], mean_gradients_[j]);
    deviation[j] = std::sqrt(point_[j].variance);
  }
  count(2);
  std::vector<ExpectedHypervolumeImprovement::Value> values;
  for (std::size_t s = 0; s < improvements_.size(); ++s) {
    for (std::size_t j = 0; j < m; ++j) mean[j] = trends_[j] + point_means_[j][static_cast<Index>(s)];
    values.push_back(
        improvements_[s].log_value_with_gradient(std::span(mean).first(m), std::span(deviation).first(m)));
    logs_[s] = values[s].log;
  }
  const double log = log_mean();
  gradient.setZero(points.columns());
  if (!std::isfinite(log)) return log;
  for (std::size_t s = 0; s < values.size(); ++s) {
    const double share = std::exp(logs_[s] - log) / static_cast<double>(values.size());
    if (!(share > 0.0)) continue;
    for (std::size_t j = 0; j < m; ++j)
      gradient += share * (values[s].by_mean[j] * mean_gradients_[j].col(static_cast<Index>(s)) +
                           (values[s].by_deviation[j] * 0.5 / deviation[j]) * point_[j].variance_gradient);
  }
  return log;
}

double LogNoisyHypervolumeImprovement::log_mean() const {
  const double greatest = std::ranges::max(logs_);
  if (!std::isfinite(greatest)) return greatest;
  double sum = 0.0;
  for (const double log : logs_) sum += std::exp(log - greatest);
  return greatest + std::log(sum / static_cast<double>(logs_.size()));
}

void LogNoisyHypervolumeImprovement::count(Index points) {
  const auto number = static_cast<double>(points);
  for (const GaussianProcess& process : exact_)
    computed_ += number * (process.prediction_work() +
                           2.0 * static_cast<double>(process.size()) * static_cast<double>(logs_.size()) * flop);
  for (const auto& improvement : improvements_) computed_ += number * improvement.operations() * flop;
}

Work LogNoisyHypervolumeImprovement::computed() const { return computed_; }

}  // namespace tonne
