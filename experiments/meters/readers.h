#pragma once
// One reader for each kind of log. Each throws InputError as read_log says.

#include <string>
#include <string_view>

#include "experiments/meters/meter_log.h"

namespace tonne::meters {

/// Tables with a header: nvidia-smi --query-gpu, DCGM's fields, Zeus's power monitors, RAPL's counters.
[[nodiscard]] MeterLog read_table(std::string_view text, const std::string& file, Format format,
                                  const ReadOptions& options);
/// Whether a header has a column of power or of an energy counter that read_table knows; which format that
/// makes it.
[[nodiscard]] Format table_format(std::string_view header);
/// Rows of numbers that begin with seconds since 1970: what Zeus's PowerMonitor of 2023 and 2024 writes.
[[nodiscard]] bool is_bare_table(std::string_view first_line);

/// Words in columns below a head that is repeated: nvidia-smi dmon, dcgmi dmon, turbostat.
[[nodiscard]] MeterLog read_columns(std::string_view text, const std::string& file, Format format,
                                    const ReadOptions& options);

/// dcgm-exporter's text. Times: the one behind a value, or a line before the scrape with a time alone ("#
/// 1706695872").
[[nodiscard]] MeterLog read_prometheus(std::string_view text, const std::string& file,
                                       const ReadOptions& options);

/// perf stat -x, (or another separator) -I.
[[nodiscard]] MeterLog read_perf(std::string_view text, const std::string& file, const ReadOptions& options);

/// Rows are runs: CodeCarbon's emissions.csv and files of tasks. PUE, which CodeCarbon multiplies into its
/// energies, is taken out; rows of one run_id are one run's flushes, of which the last counts. Refuses
/// simulated rows.
[[nodiscard]] MeterLog read_codecarbon(std::string_view text, const std::string& file);

/// Rows are jobs. A job's energy is its own row's; where that has none, the largest of its steps', never
/// their sum, since each step's counter sees all of the nodes. 0, NO_VAL and INFINITE of slurm.h are not
/// measured.
[[nodiscard]] MeterLog read_slurm(std::string_view text, const std::string& file);

/// Rows are windows: ZeusMonitor's log_file.
[[nodiscard]] MeterLog read_zeus_windows(std::string_view text, const std::string& file);

}  // namespace tonne::meters
