#include "search/strategies/model_based/gp_acquisition.h"

#include <algorithm>
#include <cmath>

#include "search/surrogates/best_scores.h"
#include "search/surrogates/min_value_entropy.h"

namespace tonne::gp {

using Eigen::Index;

Scorer::Scorer(const Model& model, const Weighing& weighing, Random random, BatchPrediction& scratch)
    : model_(model),
      weighing_(weighing),
      random_(random),
      best_(model.best              ? *model.best
            : model.loss != nullptr ? model.loss->lowest_mean()
                                    : 0.0),
      batch_(scratch) {}

void Scorer::score(const PointSet& points, std::vector<double>& scores) {
  scores.assign(static_cast<std::size_t>(points.count()), 0.0);
  computed_ += static_cast<double>(points.count()) * (model_.prediction_work() + weighing_work());
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
    if (weighing_.acquisition == Acquisition::mes && minima_.empty()) draw_minima();
    for (Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] +=
          of_loss(batch_.mean[i], weighing_.inflation * std::sqrt(batch_.variance[i]));
  }
  if (weighing_.acquisition == Acquisition::ei)
    for (double& value : scores) value = std::exp(value);
}

// The improvement and the bound grow with the deviation. With ei itself, far points share the score 0.
bool Scorer::has_bound() const {
  const bool grows = weighing_.acquisition == Acquisition::log_ei || weighing_.acquisition == Acquisition::ucb;
  return grows && model_.loss != nullptr && model_.log_cost == nullptr && model_.constraints.empty();
}

// Work counts as if nothing were passed over: how much is depends on the losses.
void Scorer::score_best(const PointSet& points, std::size_t most, double least, std::vector<double>& scores) {
  if (!has_bound()) return score(points, scores);
  computed_ += static_cast<double>(points.count()) * model_.prediction_work();
  score_best_of(*model_.loss, points, most, least,
                [this](double mean, double variance) { return of_loss(mean, weighing_.inflation * std::sqrt(variance)); },
                batch_, scores);
}

double Scorer::score(const PointSet& points, Index row, Eigen::VectorXd& gradient) {
  gradient.setZero(points.columns());
  computed_ += 2.0 * model_.prediction_work() + weighing_work();
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
    const double deviation = weighing_.inflation * std::sqrt(point_.variance);
    const AcquisitionValue of_loss = of_loss_with_gradient(point_.mean, deviation);
    value += of_loss.value;
    gradient += of_loss.by_mean * point_.mean_gradient +
                (of_loss.by_deviation * 0.5 * weighing_.inflation * weighing_.inflation / deviation) *
                    point_.variance_gradient;
  }
  if (weighing_.acquisition != Acquisition::ei) return value;
  gradient *= std::exp(value);
  return std::exp(value);
}

// That of an improvement or a bound is nothing beside the prediction.
Work Scorer::weighing_work() const {
  return weighing_.acquisition == Acquisition::mes ? minimum_information_work(weighing_.minima) : Work{};
}

bool Scorer::overexploited(const PointSet& points, double share) {
  model_.loss->predict(points, 0, point_);
  computed_ += model_.loss->prediction_work();
  return std::sqrt(point_.variance) < share * model_.loss->noise_deviation();
}

double Scorer::feasibility_weight() const {
  return weighing_.acquisition == Acquisition::ucb && model_.loss != nullptr ? model_.unit : 1.0;
}

double Scorer::of_loss(double mean, double deviation) const {
  if (weighing_.acquisition == Acquisition::ucb) return weighing_.root_beta * deviation - mean;
  if (weighing_.acquisition == Acquisition::mes)
    return log_minimum_information(mean, deviation, minima_).value;
  return log_expected_improvement(mean, deviation, best_);
}

AcquisitionValue Scorer::of_loss_with_gradient(double mean, double deviation) const {
  if (weighing_.acquisition == Acquisition::ucb)
    return {weighing_.root_beta * deviation - mean, -1.0, weighing_.root_beta};
  if (weighing_.acquisition == Acquisition::mes) return log_minimum_information(mean, deviation, minima_);
  return log_expected_improvement_with_gradient(mean, deviation, best_);
}

// At least five deviations of the noise below the best, as in the authors' program: what lies nearer would be
// no news.
void Scorer::draw_minima() {
  constexpr double kNoiseDeviations = 5.0;
  const double most = best_ - kNoiseDeviations * model_.loss->noise_deviation();
  minima_ = sample_minimum(batch_, most, weighing_.minima, random_);
  computed_ += sample_minimum_work(static_cast<std::size_t>(batch_.mean.size()));
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

void AtLevel::lift(const PointSet& points, Index row, Index to) {
  for (Index c = 0; c < points.columns(); ++c) lifted_(to, c) = points(row, c);
  lifted_(to, points.columns()) = level_;
}

void AtLevel::lift_all(const PointSet& points) {
  lifted_.resize(points.count(), points.columns() + 1);
  for (Index i = 0; i < points.count(); ++i) lift(points, i, i);
}

void AtLevel::score(const PointSet& points, std::vector<double>& scores) {
  lift_all(points);
  function_.score(lifted_, scores);
}

void AtLevel::score_best(const PointSet& points, std::size_t most, double least, std::vector<double>& scores) {
  lift_all(points);
  function_.score_best(lifted_, most, least, scores);
}

double AtLevel::score(const PointSet& points, Index row, Eigen::VectorXd& gradient) {
  lifted_.resize(1, points.columns() + 1);
  lift(points, row, 0);
  const double value = function_.score(lifted_, 0, gradient_);
  gradient = gradient_.head(points.columns());
  return value;
}

}  // namespace tonne::gp
