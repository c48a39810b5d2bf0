#pragma once
// Scores of candidates that are looked at instead of trained (see Screening in core/trial.h).

#include <vector>

#include "core/problem.h"
#include "core/random.h"
#include "core/trial.h"

namespace tonne {

/// Maps a value to its normal score among a sample: the inverse normal distribution of its mid-rank, linear between the
/// values of the sample and beyond them, so that the order among the very best is kept.
class NormalScores {
 public:
  NormalScores() = default;
  /// `sample` in any order; NaN must not occur. A sample of less than two different values scores everything 0.
  explicit NormalScores(std::vector<double> sample);
  [[nodiscard]] double operator()(double value) const;

 private:
  [[nodiscard]] double along(std::size_t from, std::size_t to, double value) const;

  std::vector<double> values_;  // ascending, each once
  std::vector<double> scores_;
};

/// What random candidates of a problem are like: the scale on which screening scores them.
class ScreeningScale {
 public:
  /// Looks at 1,000 random candidates of the space; those that fail in the shortest training are left out.
  ScreeningScale(const Problem& problem, const Random& random);
  /// The score of a candidate, smaller is better. `outcome` is that of the shortest training, `random` the
  /// stream of this configuration.
  [[nodiscard]] double score(const Problem& problem, const Configuration& configuration, const Outcome& outcome,
                             const Screening& screening, Random random) const;

 private:
  NormalScores losses_;
  NormalScores work_;
};

/// What of the workload of a training up to `fidelity` a screening uses that costs `epochs`.
[[nodiscard]] Workload screening_workload(Workload training, double fidelity, double epochs);

}  // namespace tonne
