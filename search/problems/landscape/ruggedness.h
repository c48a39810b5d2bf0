#pragma once
// What makes a synthetic landscape rough on a large scale: smooth waves over the whole space.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"

namespace tonne {

/// Smooth ruggedness: a sum of cosines of random directions in the unit cube (random features of a Gaussian
/// kernel, Rahimi and Recht 2007), of mean 0 over the cube and sd about 1.
class Ruggedness {
 public:
  /// Varies on the scale of `length` of a parameter's range.
  Ruggedness(std::uint64_t seed, const SearchSpace& space, double length) : dimensions_(space.size()) {
    frequencies_.resize(dimensions_ * kWaves);
    Random random = Random(seed).child("ruggedness");
    for (std::size_t k = 0; k < kWaves; ++k) {
      phases_[k] = random.uniform(0.0, 2.0 * std::numbers::pi);
      // The mean over the cube: the middle's cosine, flattened in each direction.
      double middle = phases_[k];
      double flattened = 1.0;
      for (std::size_t i = 0; i < dimensions_; ++i) {
        const bool constant = cardinality(space[i].domain) == 1U;
        const double frequency = constant ? 0.0 : random.normal() / length;
        frequencies_[i * kWaves + k] = frequency;
        middle += frequency / 2.0;
        if (frequency != 0.0) flattened *= std::sin(frequency / 2.0) / (frequency / 2.0);
      }
      mean_ += std::cos(middle) * flattened;
    }
  }
  [[nodiscard]] double at(const SearchSpace& space, const Configuration& configuration) const {
    std::array<double, kWaves> angles = phases_;
    for (std::size_t i = 0; i < dimensions_; ++i) {
      const double u = configuration.is_active(i) ? to_unit(space[i].domain, configuration[i]) : 0.5;
      for (std::size_t k = 0; k < kWaves; ++k) angles[k] += frequencies_[i * kWaves + k] * u;
    }
    double sum = -mean_;
    for (const double angle : angles) sum += std::cos(angle);
    return sum * std::sqrt(2.0 / static_cast<double>(kWaves));
  }

 private:
  static constexpr std::size_t kWaves = 12;
  std::size_t dimensions_;
  std::vector<double> frequencies_;  // of a parameter's waves, one after another
  std::array<double, kWaves> phases_{};
  double mean_ = 0.0;  // of the sum
};

}  // namespace tonne
