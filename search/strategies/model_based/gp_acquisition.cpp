#include "search/strategies/model_based/gp_acquisition.h"

#include <algorithm>
#include <cmath>

#include "search/surrogates/acquisition.h"

namespace tonne::gp {

using Eigen::Index;

Scorer::Scorer(const Model& model, Acquisition acquisition, double root_beta, double inflation)
    : model_(model),
      acquisition_(acquisition),
      root_beta_(root_beta),
      inflation_(inflation),
      best_(model.loss != nullptr ? model.loss->lowest_mean() : 0.0) {}

void Scorer::score(const PointSet& points, std::vector<double>& scores) {
  scores.assign(static_cast<std::size_t>(points.count()), 0.0);
  computed_ += static_cast<double>(points.count()) * model_.prediction_work();
  for (const GaussianProcess& process : model_.constraints) {
    process.predict(points, batch_);
    for (Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] +=
          feasibility_weight() * log_normal_distribution(-batch_.mean[i] / std::sqrt(batch_.variance[i]));
  }
  if (model_.log_cost != nullptr) {
    model_.log_cost->predict(points, batch_);
    for (Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] -= model_.cost_exponent * batch_.mean[i];
  }
  if (model_.loss != nullptr) {
    model_.loss->predict(points, batch_);
    for (Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] +=
          of_loss(batch_.mean[i], inflation_ * std::sqrt(batch_.variance[i]));
  }
  if (acquisition_ == Acquisition::ei)
    for (double& value : scores) value = std::exp(value);
}

double Scorer::score(const PointSet& points, Index row, Eigen::VectorXd& gradient) {
  gradient.setZero(points.columns());
  computed_ += 2.0 * model_.prediction_work();
  double value = 0.0;
  for (const GaussianProcess& process : model_.constraints) {
    process.predict(points, row, point_);
    const double deviation = std::sqrt(point_.variance);
    const double z = -point_.mean / deviation;
    const double weight = feasibility_weight();
    value += weight * log_normal_distribution(z);
    const double slope = weight * normal_hazard(z);
    gradient -= (slope / deviation) * point_.mean_gradient +
                (slope * z * 0.5 / point_.variance) * point_.variance_gradient;
  }
  if (model_.log_cost != nullptr) {
    model_.log_cost->predict(points, row, point_);
    value -= model_.cost_exponent * point_.mean;
    gradient -= model_.cost_exponent * point_.mean_gradient;
  }
  if (model_.loss != nullptr) {
    model_.loss->predict(points, row, point_);
    const double deviation = inflation_ * std::sqrt(point_.variance);
    const AcquisitionValue of_loss =
        acquisition_ == Acquisition::ucb
            ? AcquisitionValue{root_beta_ * deviation - point_.mean, -1.0, root_beta_}
            : log_expected_improvement_with_gradient(point_.mean, deviation, best_);
    value += of_loss.value;
    gradient += of_loss.by_mean * point_.mean_gradient +
                (of_loss.by_deviation * 0.5 * inflation_ * inflation_ / deviation) * point_.variance_gradient;
  }
  if (acquisition_ != Acquisition::ei) return value;
  gradient *= std::exp(value);
  return std::exp(value);
}

bool Scorer::overexploited(const PointSet& points, double share) {
  model_.loss->predict(points, 0, point_);
  computed_ += model_.loss->prediction_work();
  return std::sqrt(point_.variance) < share * model_.loss->noise_deviation();
}

double Scorer::feasibility_weight() const {
  return acquisition_ == Acquisition::ucb && model_.loss != nullptr ? model_.unit : 1.0;
}

double Scorer::of_loss(double mean, double deviation) const {
  return acquisition_ == Acquisition::ucb ? root_beta_ * deviation - mean
                                          : log_expected_improvement(mean, deviation, best_);
}

void Draw::score(const PointSet& points, std::vector<double>& scores) {
  scores.assign(static_cast<std::size_t>(points.count()), 0.0);
  if (model_.loss != nullptr) draw(*model_.loss, points);
  for (std::size_t i = 0; i < sample_.size(); ++i) scores[i] = -sample_[i];
  std::vector<double> violation(scores.size(), 0.0);
  for (const GaussianProcess& process : model_.constraints) {
    draw(process, points);
    for (std::size_t i = 0; i < sample_.size(); ++i) violation[i] += std::max(0.0, sample_[i]);
  }
  constexpr double kBehindAll = 1e12;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (violation[i] > 0.0) scores[i] = -kBehindAll * (1.0 + violation[i]);
}

void Draw::draw(const GaussianProcess& process, const PointSet& points) {
  raises_ += process.sample(points, random_, sample_);
  const auto m = static_cast<double>(points.count());
  computed_ += m * process.prediction_work() + m * m * (m / 3.0 + static_cast<double>(process.size())) * flop;
}

}  // namespace tonne::gp
