#pragma once
// A file that says what was measured: a table of runs with seconds and joules, the work behind each row, and the
// cluster that ran them. `tonne calibrate` reads it, to check the cost model against the rows or to fit it to them.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/units.h"
#include "cost_models/cluster_settings.h"
#include "experiments/measured/measured_settings.h"

namespace tonne {

/// One measured run.
struct MeasuredRun {
  std::string job;    ///< name of the job that it belongs to; empty where the file has one job without a name
  std::string group;  ///< runs of one group are repeats or relatives: never split between fit and check
  bool unseen = false;  ///< kept out of fits
  int line = 0;         ///< of the table
  Duration time{};
  std::optional<Energy> energy;
  std::optional<Power> idle;  ///< of the device before or after the run, as a meter read it
  Workload work;
  std::optional<Power> power_limit;  ///< of this run, instead of the cluster's
};

/// What one job's rows share.
struct MeasuredJob {
  std::string name;
  ClusterSettings cluster;
  std::vector<MeasuredRun> runs;
};

struct Measurements {
  std::string title;
  std::filesystem::path table;
  std::string date;  ///< of the measurement, as the file has it; may be empty
  MeasuredEnergy energy = MeasuredEnergy::device;
  std::vector<MeasuredJob> jobs;  ///< at least one, none empty
  std::vector<std::string> fit;   ///< the figures to fit; empty: all that can be
  std::size_t skipped = 0;        ///< rows that belong to no job
  std::size_t empty = 0;          ///< rows of a job without a time

  [[nodiscard]] std::size_t runs() const;
  [[nodiscard]] bool has_energy() const;
};

/// Reads the file and its table. Throws InputError, with file and line, for what is unknown, missing or no number, a
/// run that took no time, a configuration that the problem does not have, a file without rows.
[[nodiscard]] Measurements read_measurements(const std::filesystem::path& file);

}  // namespace tonne
