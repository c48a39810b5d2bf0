#pragma once
// A monotone curve through given points: maps ranks to published quantiles.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace tonne {

/// Monotone piecewise cubic interpolation (Fritsch and Carlson 1980; slopes by the weighted harmonic mean of
/// Fritsch and Butland 1984), constant outside its knots. x strictly increasing, at least two knots.
class MonotoneCurve {
 public:
  MonotoneCurve(std::vector<double> x, std::vector<double> y)
      : x_(std::move(x)), y_(std::move(y)), slope_(x_.size()) {
    const std::size_t last = x_.size() - 1;
    slope_.front() = secant(0);
    slope_.back() = secant(last - 1);
    for (std::size_t i = 1; i < last; ++i) {
      const double before = x_[i] - x_[i - 1];
      const double after = x_[i + 1] - x_[i];
      const double w1 = 2.0 * after + before;
      const double w2 = after + 2.0 * before;
      const bool monotone = secant(i - 1) * secant(i) > 0.0;
      slope_[i] = monotone ? (w1 + w2) / (w1 / secant(i - 1) + w2 / secant(i)) : 0.0;
    }
  }

  [[nodiscard]] double operator()(double x) const {
    if (x <= x_.front()) return y_.front();
    if (x >= x_.back()) return y_.back();
    const auto above = static_cast<std::size_t>(std::upper_bound(x_.begin(), x_.end(), x) - x_.begin());
    const std::size_t i = above - 1;
    const double width = x_[above] - x_[i];
    const double t = (x - x_[i]) / width;
    const double s = 1.0 - t;
    return (1.0 + 2.0 * t) * s * s * y_[i] + t * s * s * width * slope_[i] +
           t * t * (3.0 - 2.0 * t) * y_[above] - t * t * s * width * slope_[above];
  }

 private:
  [[nodiscard]] double secant(std::size_t i) const { return (y_[i + 1] - y_[i]) / (x_[i + 1] - x_[i]); }

  std::vector<double> x_;
  std::vector<double> y_;
  std::vector<double> slope_;
};

}  // namespace tonne
