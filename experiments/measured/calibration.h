#pragma once
// Fitting the cost model's figures to measured runs.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "experiments/measured/fitted_figures.h"
#include "experiments/measured/machine_fit.h"
#include "experiments/measured/measurements.h"
#include "experiments/measured/prediction.h"

namespace tonne {

/// Agreement on time and, where it was measured, energy.
struct SideAgreement {
  Agreement time;
  std::optional<Agreement> energy;
};

/// A run that the fit misses.
struct MissedRun {
  int line = 0;
  std::string group;
  double time_ratio = 1.0;  ///< predicted / measured
  std::optional<double> energy_ratio;
};

struct Calibration {
  std::string device;
  WorkKind kind = WorkKind::other;           ///< of the rows: all of one kind and precision
  Precision precision = Precision::fp32;     ///< that the runs ran in
  std::size_t rows = 0;                      ///< that were fitted
  std::size_t groups = 0;
  std::vector<CalibratedFigure> figures;
  SideAgreement before;                      ///< fitted rows, with the catalogue's figures
  SideAgreement after;                       ///< the same, with the fitted ones
  std::optional<SideAgreement> crossed;      ///< out of fold; none with fewer than three groups
  std::optional<SideAgreement> unseen_before;  ///< rows that were held out
  std::optional<SideAgreement> unseen;
  std::vector<MissedRun> missed;             ///< the worst five of the fitted rows, by the larger ratio

  [[nodiscard]] bool told_anything() const;
};

/// Maximum a posteriori: log-residuals of time and of mean power, Student's t with four degrees of freedom (a stalled
/// run does not move the fit), scales estimated from them; priors around the catalogue's figures, wide enough for any
/// framework (a factor of two or so for shares, of four for times), so that three rows change little and twenty decide.
/// Intervals: the curvature at the optimum, or the spread between groups where that is larger. `limit`: at most so many
/// rows are fitted, spread evenly over the table; 0: all. Throws InputError for jobs with clusters of several kinds,
/// rows of several kinds of work, an unknown name in `fit`, fewer than two rows.
[[nodiscard]] Calibration calibrate(const Measurements& measurements, std::size_t limit);

/// The cost model against the rows as it stands: all of them under an empty name, then each job where there are
/// several.
struct CheckedJob {
  std::string name;
  SideAgreement seen;
  std::optional<SideAgreement> unseen;  ///< rows that were kept out of fits
  double least_power = 0.0;             ///< mean power of a run as predicted, W, over all rows; 0: not measured
  double most_power = 0.0;
  double least_measured = 0.0;
  double most_measured = 0.0;
};
[[nodiscard]] std::vector<CheckedJob> check(const Measurements& measurements);

}  // namespace tonne
