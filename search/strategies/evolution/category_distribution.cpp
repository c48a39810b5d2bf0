#include "search/strategies/evolution/category_distribution.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tonne {
namespace {

constexpr double kSignal = 1.5;  // alpha: ratio of signal to noise that keeps the rate as it is; the paper's
constexpr double kFavourites = 0.73;  // the paper's, for its margin

}  // namespace

CategoryDistribution::CategoryDistribution(std::vector<std::size_t> choices) : choices_(std::move(choices)) {
  std::size_t total = 0;
  for (const std::size_t count : choices_) {
    first_.push_back(total);
    total += count;
    degrees_ += static_cast<double>(count) - 1.0;
  }
  q_.resize(total);
  gradient_.resize(total);
  path_.resize(total);
  begin();
}

void CategoryDistribution::begin() {
  for (std::size_t category = 0; category < size(); ++category)
    for (std::size_t k = 0; k < choices_[category]; ++k)
      q_[first_[category] + k] = 1.0 / static_cast<double>(choices_[category]);
  std::ranges::fill(path_, 0.0);
  path_norm_ = 0.0;
  slowness_ = 1.0;
}

void CategoryDistribution::draw(Random& random, double* choices) const {
  for (std::size_t category = 0; category < size(); ++category) {
    const double* const q = q_.data() + first_[category];
    const std::size_t last = choices_[category] - 1;
    double u = random.uniform();
    std::size_t k = 0;
    while (k < last && u >= q[k]) u -= q[k++];
    choices[category] = static_cast<double>(k);
  }
}

double CategoryDistribution::least_probability(std::size_t category) const {
  const double all_others = 1.0 - std::pow(kFavourites, 1.0 / static_cast<double>(size()));
  return all_others / (static_cast<double>(choices_[category]) - 1.0);
}

void CategoryDistribution::update(std::span<const double* const> ranked, std::span<const double> weights) {
  if (size() == 0) return;
  std::ranges::fill(gradient_, 0.0);
  double weight = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weight += weights[i];
    for (std::size_t category = 0; category < size(); ++category)
      gradient_[first_[category] + static_cast<std::size_t>(ranked[i][category])] += weights[i];
  }
  double squared = 0.0;  // length in the Fisher metric, diag(1 / q) where the sum of each category is 0
  for (std::size_t k = 0; k < q_.size(); ++k) {
    gradient_[k] -= weight * q_[k];
    squared += gradient_[k] * gradient_[k] / q_[k];
  }
  operations_ += static_cast<double>(weights.size() * size() + 12 * q_.size());
  if (!(squared > 0.0)) return;  // all samples are what is expected: no direction
  adapt_rate(std::sqrt(squared));
  for (std::size_t category = 0; category < size(); ++category) keep_margin(category);
}

// A step of length 1 / slowness; its direction joins the path. The longer the path in comparison with random
// selection, the clearer the signal, and the longer the next steps, up to where the path holds the last
// direction alone (beta = 1).
void CategoryDistribution::adapt_rate(double length) {
  const double step = 1.0 / slowness_;
  const double beta = step / std::sqrt(degrees_);
  const double keep = 1.0 - beta;
  const double gain = std::sqrt(beta * (2.0 - beta));
  double squared = 0.0;
  for (std::size_t k = 0; k < q_.size(); ++k) {
    path_[k] = keep * path_[k] + gain * gradient_[k] / (std::sqrt(q_[k]) * length);
    squared += path_[k] * path_[k];
    q_[k] += step * gradient_[k] / length;
  }
  path_norm_ = keep * keep * path_norm_ + beta * (2.0 - beta);
  slowness_ =
      std::max(slowness_ * std::exp(beta * (path_norm_ - squared / kSignal)), 1.0 / std::sqrt(degrees_));
}

void CategoryDistribution::keep_margin(std::size_t category) {
  double* const q = q_.data() + first_[category];
  const std::size_t count = choices_[category];
  const double least = least_probability(category);
  double sum = 0.0;
  for (std::size_t k = 0; k < count; ++k) {
    q[k] = std::max(q[k], least);
    sum += q[k];
  }
  // What was added is taken from what stands above the margin.
  const double above = sum - least * static_cast<double>(count);
  double total = 0.0;
  for (std::size_t k = 0; k < count; ++k) {
    q[k] -= (sum - 1.0) * (q[k] - least) / above;
    total += q[k];
  }
  for (std::size_t k = 0; k < count; ++k) q[k] /= total;
}

}  // namespace tonne
