#pragma once
// Exact expected hypervolume improvement under independent normal posteriors, for minimisation.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/pareto.h"

namespace tonne {

/// E[HV(P + {Y}) - HV(P)] for a front P below a reference point r, Y_j ~ N(mean_j, deviation_j^2)
/// independent, 2 or 3 objectives.
///
/// The region below r that P does not dominate is cut into disjoint boxes [l, u), l_j = -infinity where
/// nothing bounds it: the n + 1 strips of a staircase (Emmerich, Deutz and Klinkenberg 2011), or with three
/// objectives the at most 2 n + 1 boxes of a sweep along the third (Lacour, Klamroth and Fonseca 2017; Yang
/// et al. 2019, "Efficient computation of expected hypervolume improvement using box decomposition
/// algorithms"). A point y improves a box by prod_j (u_j - max(y_j, l_j))+, and (u - max(y, l))+ = (u - y)+ -
/// (l - y)+, so
///     EHVI = sum over boxes of prod_j (EI_j(u_j) - EI_j(l_j)),   EI_j(t) = E[(t - Y_j)+].
/// Its logarithm is the log-sum-exp of sums of logarithms (Ament et al. 2023), finite where every EI
/// underflows. Cutting costs O(n log n) with two objectives, up to O(n^2) moves in memory with three; a value
/// O(n).
class ExpectedHypervolumeImprovement {
 public:
  static constexpr std::size_t kMostObjectives = 3;
  struct Value {
    double log = 0.0;
    std::array<double, kMostObjectives> by_mean{};       ///< d log / d mean_j
    std::array<double, kMostObjectives> by_deviation{};  ///< d log / d deviation_j
  };

  /// Points that are dominated, repeated or not below the reference in all objectives change nothing.
  /// Precondition: 2 or 3 objectives in all of them.
  ExpectedHypervolumeImprovement(std::span<const Objectives> points, const Objectives& reference);

  /// The logarithm. Precondition: finite means, positive deviations, one for each objective.
  [[nodiscard]] double log_value(std::span<const double> means, std::span<const double> deviations);
  /// The same with its gradient.
  [[nodiscard]] Value log_value_with_gradient(std::span<const double> means,
                                              std::span<const double> deviations);

  [[nodiscard]] std::size_t boxes() const { return boxes_.size(); }
  /// Floating-point operations of one value, about.
  [[nodiscard]] double operations() const;

 private:
  // By index into levels_.
  struct Box {
    std::array<std::uint32_t, kMostObjectives> lower{};
    std::array<std::uint32_t, kMostObjectives> upper{};
  };
  // EI at one level, as far as it was asked for.
  struct Level {
    double plain = 0.0;
    double log = 0.0;
    double by_mean = 0.0;
    double by_deviation = 0.0;
  };
  void cut_plane(const std::vector<std::array<std::uint32_t, kMostObjectives>>& front);
  void sweep_space(const std::vector<std::array<std::uint32_t, kMostObjectives>>& front);

  std::size_t m_;
  std::array<std::vector<double>, kMostObjectives>
      levels_;  // ascending: -infinity, the front's values, the reference
  std::vector<Box> boxes_;
  std::array<std::vector<Level>, kMostObjectives> at_;  // scratch, one a level
  std::vector<double> terms_;                           // scratch, one a box
};

/// The reference point for a front: behind its worst value in each objective by `margin` parts of its extent
/// (BoTorch's infer_reference_point has 0.1). Where the front has no extent, that of `extent` counts; where
/// that is zero too, the value itself or 1. Precondition: front is not empty.
[[nodiscard]] Objectives inferred_reference(std::span<const Objectives> front, const Objectives& extent,
                                            double margin);

}  // namespace tonne
