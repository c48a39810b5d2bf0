#pragma once
// Whether more training still changes who is ahead: the soft ranking of PASHA (Bohdal et al. 2023, section 4).

#include <span>
#include <vector>

namespace tonne {

/// How many comparisons the estimate of the noise made, for a strategy's own work.
struct NoiseEstimate {
  double epsilon = 0.0;      ///< 0 where no pair tells
  double comparisons = 0.0;  ///< of two losses
  bool found = false;        ///< whether some pair told
};

/// Losses that differ by no more than noise does. Each curve has a trial's losses at the same steps, the last one at the
/// end. A pair of curves that change places, and back again, tells of noise: its distance at the end. The estimate is the
/// `percent`th percentile of those distances.
[[nodiscard]] NoiseEstimate noise_of(std::span<const std::vector<double>> curves, double percent);

/// Whether two rankings of the same trials, by their losses after less and after more training, agree but for trials whose
/// earlier losses differ by `epsilon` or less: whoever is at a place of the later ranking was then that close to who was
/// at this place of the earlier one. Ties by index.
[[nodiscard]] bool ranks_agree(std::span<const double> earlier, std::span<const double> later, double epsilon);

}  // namespace tonne
