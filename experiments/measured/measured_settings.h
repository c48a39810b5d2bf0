#pragma once
// The settings of a file of measurements, as they are written.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/settings.h"
#include "cost_models/training_figures.h"

namespace tonne {

/// Whose energy a table has: the device's alone, or the whole machine's with its facility.
enum class MeasuredEnergy : std::uint8_t { device, total };

/// `measured:`. Names of columns, and how rows belong together.
struct MeasuredSettings {
  std::filesystem::path table;
  std::string seconds;  ///< column
  std::string rate;     ///< column of runs per second, instead of seconds
  std::string joules;   ///< column; or `watts`, the mean power over the seconds; neither: no energy was measured
  std::string watts;
  std::string idle_watts;  ///< column of the device's idle power beside a run, where it was read
  std::string kwh;         ///< column, instead of joules
  MeasuredEnergy energy = MeasuredEnergy::device;
  std::string group;     ///< column; empty: every row stands by itself
  std::string hold_out;  ///< column: ordered by its values, every second value of a job is kept out of fits; "rows":
                         ///< every second row
  std::string date;
  std::vector<std::string> fit;

  void visit(SettingsVisitor& visitor);
};

/// `work:`. The work of a row, from columns or constants: each amount is a number or a column's name.
struct WorkSettings {
  std::string network;  ///< "accel_nasbench": counted from the table's columns; empty: from below
  WorkKind kind = WorkKind::other;
  Precision precision = Precision::fp32;  ///< in which traffic is counted
  bool inference = false;                 ///< of a network: one forward pass a sample instead of a training
  std::string flops, traffic, steps, samples, batch, parameters;
  std::string flops_per_sample, traffic_per_sample, traffic_per_step;
  std::string scale = "1";       ///< of all the work: evaluations beside the training
  std::string power_limit;       ///< watts
  double activation_traffic = 1.0;  ///< share of the traffic that follows the precision

  void visit(SettingsVisitor& visitor);
};

}  // namespace tonne
