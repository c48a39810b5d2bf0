#pragma once
// Kernel density estimates with product kernels over mixed spaces: the models of BOHB.

#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"
#include "search/surrogates/parzen_data.h"

namespace tonne {

/// The mean of n product kernels, one on each observation (Falkner, Klein and Hutter 2018, section 4.1;
/// statsmodels' KDEMultivariate, which HpBandSter uses), with one bandwidth h for each parameter. In unit
/// coordinates:
/// - reals, integers, ordinals: a normal with standard deviation h at the observation, not truncated;
/// - categoricals with c choices (Aitchison and Aitken 1976): 1 - h on the same choice, h / (c - 1) on each
/// other;
/// - h by the normal reference rule, 1.06 sigma n^(-1 / (4 + d)), at least `min_bandwidth` (and at most (c -
/// 1) / c, where
///   the kernel of a categorical is uniform). sigma of a categorical is sqrt((1 - sum p^2) / 2): that of two
///   choices coded 0 and 1, and for more, other than that of the codes, the same in whatever order they
///   stand.
/// An observation that lacks a parameter has a uniform kernel there. (HpBandSter imputes a value of another
/// observation at random.)
class ProductKde {
 public:
  /// The data must outlive the estimate.
  ProductKde(const ParzenData& data, double min_bandwidth);

  /// Puts kernels on these rows of the data, at least one.
  void fit(std::span<const std::uint32_t> rows);

  /// Draws from the kernel of a random observation, numbers from its normal with `factor` times the bandwidth
  /// and truncated to the domain, into a configuration without active parameters.
  void sample(Configuration& configuration, double factor, Random& random) const;

  /// Density of the active parameters: per unit coordinate for numbers, mass for categoricals.
  [[nodiscard]] double density(const Configuration& configuration);

  /// h of a parameter; 0 where it has one value only.
  [[nodiscard]] double bandwidth(std::size_t parameter) const { return bandwidth_[parameter]; }

  /// Floating-point operations of all fits and densities so far, by formula: 8 for each observation and
  /// parameter of a fit; 4 for each observation and parameter of a density, and 20 for each observation.
  [[nodiscard]] double operations() const { return operations_; }

 private:
  [[nodiscard]] double spread(std::size_t parameter);
  void add_categorical(std::size_t parameter, double choice);
  void add_number(std::size_t parameter, double position);

  const ParzenData& data_;
  double min_bandwidth_;
  std::vector<std::uint32_t> rows_;
  std::vector<double> bandwidth_;
  double operations_ = 0.0;
  std::vector<double> scores_;  // log kernels by observation: scratch space
  std::vector<double> counts_;  // of choices: scratch space
};

}  // namespace tonne
