#pragma once
// What the cost model says of measured runs, and how near that is.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cost_models/machine_model.h"
#include "experiments/measured/measurements.h"

namespace tonne {

struct Prediction {
  Duration time{};
  Energy energy{};  ///< of the device or in all, as the measurements have it
};

/// What a cluster's cost model charges for each of the runs, in their order, at any time of day: the grid plays no
/// part. Throws InputError as make_cost_model(), and for a power limit of a run that is not above the idle power.
[[nodiscard]] std::vector<Prediction> predict(const MachineParameters& machine, std::span<const MeasuredRun> runs,
                                              MeasuredEnergy energy);

/// Throws InputError where the model predicts no time or, for a run whose energy was measured, no energy, or more of
/// them than a number holds: nothing can be compared with that.
void refuse_senseless(std::span<const MeasuredRun> runs, std::span<const Prediction> predictions);

/// A run, and what the cost model says of it as it stands.
struct ComparedRun {
  std::string job;
  bool unseen = false;
  double seconds = 0.0;
  double predicted_seconds = 0.0;
  double joules = 0.0;  ///< 0: not measured
  double predicted_joules = 0.0;
};
/// Precondition: as many predictions as runs.
[[nodiscard]] std::vector<ComparedRun> compare(std::span<const MeasuredRun> runs,
                                               std::span<const Prediction> predictions);
/// All runs of all jobs, in the order of the file and its table.
[[nodiscard]] std::vector<ComparedRun> compare_runs(const Measurements& measurements);

/// Of some figures: R2 of the figures and of their logarithms, mean |predicted / measured - 1|, mean of predicted /
/// measured as a geometric mean (1: no bias). R2 is nullopt where the measured figures do not differ.
struct Agreement {
  std::size_t rows = 0;
  std::optional<double> r2;
  std::optional<double> r2_log;
  double mean_error = 0.0;
  double bias = 1.0;
};
[[nodiscard]] Agreement agreement(std::span<const double> measured, std::span<const double> predicted);

}  // namespace tonne
