#pragma once
// What makes a synthetic landscape rough: smooth waves over the whole space, and hashed numbers of single
// configurations.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"

namespace tonne {

/// Uniform on (0, 1), and standard normal, as a function of 64 mixed bits.
[[nodiscard]] inline double hashed_uniform(std::uint64_t bits) {
  return (static_cast<double>(bits >> 12U) + 0.5) * 0x1.0p-52;
}
[[nodiscard]] inline double hashed_normal(std::uint64_t bits) {
  return normal_quantile(hashed_uniform(bits));
}

/// Smooth ruggedness: a sum of cosines of random directions in the unit cube, of mean 0 and sd 1 over the
/// cube (random features of a Gaussian kernel, Rahimi and Recht 2007).
class Ruggedness {
 public:
  Ruggedness(std::uint64_t seed, std::size_t dimensions, double length) : dimensions_(dimensions) {
    Random random = Random(seed).child("ruggedness");
    for (std::size_t k = 0; k < kWaves; ++k) {
      for (std::size_t i = 0; i < dimensions; ++i) frequencies_.push_back(random.normal() / length);
      phases_[k] = random.uniform(0.0, 2.0 * std::numbers::pi);
    }
  }
  [[nodiscard]] double at(const SearchSpace& space, const Configuration& configuration) const {
    std::array<double, kWaves> angles = phases_;
    for (std::size_t i = 0; i < dimensions_; ++i) {
      const double u = configuration.is_active(i) ? to_unit(space[i].domain, configuration[i]) : 0.5;
      for (std::size_t k = 0; k < kWaves; ++k) angles[k] += frequencies_[k * dimensions_ + i] * u;
    }
    double sum = 0.0;
    for (const double angle : angles) sum += std::cos(angle);
    return sum * std::sqrt(2.0 / static_cast<double>(kWaves));
  }

 private:
  static constexpr std::size_t kWaves = 12;
  std::size_t dimensions_;
  std::vector<double> frequencies_;
  std::array<double, kWaves> phases_{};
};

}  // namespace tonne
