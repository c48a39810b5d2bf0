#pragma once
// When a run of CMA-ES has nothing more to find: Hansen 2016 (arXiv 1604.00772), section B.3.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "search/strategies/evolution/cma_distribution.h"

namespace tonne {

/// W = 10 + ceil(30 n / lambda) generations; losses in the problem's unit, the rest in parts of the box.
enum class CmaStop : std::uint8_t {
  tol_fun,  ///< the best losses of the last W generations and all of the present one lie within 1e-12
  equal_fun_values,  ///< the best losses of the last W generations are one and the same
  tol_x,             ///< deviation and sigma p_c are below 1e-12 of the first sigma in each coordinate
  condition_cov,     ///< the condition number of C is above 1e14
  no_effect_axis,    ///< a tenth of the deviation along a principal axis (they take turns) leaves the mean as
                     ///< it is
  no_effect_coord,   ///< so does a fifth of the deviation of one coordinate
  stagnation,  ///< neither best nor median losses have fallen over the last fifth of the run, 120 + 30 n /
               ///< lambda to 20,000 generations: the median of its last 30 % is no better than that of its
               ///< first
  tol_x_up,  ///< the widest axis is 10^4 times as wide as at the beginning, or ten times as wide as the box
};

class CmaStopping {
 public:
  /// A run begins. n: all coordinates, categories included.
  void begin(std::size_t n, std::size_t lambda, double sigma);
  /// The losses of a generation, ascending; not all of them failed (infinite).
  void record(std::span<const double> losses);
  /// Why the run should end now, after record() and the distribution's update; the first reason of the list.
  [[nodiscard]] std::optional<CmaStop> reason(const CmaDistribution& distribution) const;

 private:
  [[nodiscard]] std::optional<CmaStop> reason_in_losses() const;
  [[nodiscard]] bool has_stagnated() const;

  std::size_t window_ = 0;
  std::size_t least_history_ = 0;
  double first_sigma_ = 0.0;
  double lowest_ = 0.0;  // of the present generation
  double highest_ = 0.0;
  std::vector<double> best_;  // of each generation
  std::vector<double> median_;
};

}  // namespace tonne
