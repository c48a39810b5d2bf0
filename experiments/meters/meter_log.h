#pragma once
// What a power meter's log holds, whoever wrote it: readings of power or of an energy counter by device, or
// finished runs.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.h"

namespace tonne::meters {

/// Programs and interfaces whose logs are read. docs/how-to.md says which command writes each.
enum class Format : std::uint8_t {
  automatic,     ///< told from the content
  codecarbon,    ///< emissions.csv of CodeCarbon 1 to 3, and its files of tasks
  nvidia_smi,    ///< nvidia-smi --query-gpu=timestamp,index,power.draw,... --format=csv[,nounits]
  nvidia_dmon,   ///< nvidia-smi dmon -s p [-o DT]
  dcgm_dmon,     ///< dcgmi dmon -e 155,156
  dcgm_csv,      ///< a table with columns DCGM_FI_DEV_POWER_USAGE or DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION
  prometheus,    ///< the same names as dcgm-exporter's text, scrape after scrape
  zeus_power,    ///< the power monitors of Zeus, and any table of a time and watts
  zeus_windows,  ///< ZeusMonitor(log_file=...)
  slurm,         ///< sacct -P -o JobID,ElapsedRaw,Start,ConsumedEnergyRaw,...
  rapl,          ///< a table with a time and energy_uj of /sys/class/powercap
  perf,          ///< perf stat -x, -I 1000 -e power/energy-pkg/
  turbostat,     ///< turbostat with PkgWatt, and Time_Of_Day_Seconds or a known step
};

/// As an option names it: "nvidia-smi"; and for people: "nvidia-smi --query-gpu".
[[nodiscard]] std::string_view format_name(Format format);
[[nodiscard]] std::string_view format_title(Format format);
/// Throws InputError that lists the names.
[[nodiscard]] Format format_from_name(std::string_view name);

/// What the times of a log are measured from.
enum class TimeBasis : std::uint8_t {
  utc,       ///< times say their zone, or are seconds since 1970
  local,     ///< dates and times of a zone that the log does not say
  relative,  ///< seconds since the log began, or times of day
};

/// What one power reading stands for.
enum class PowerKind : std::uint8_t {
  instant,   ///< the power at its time
  averaged,  ///< a mean over a while before its time, by the sensor (power.draw.average: one second)
  interval,  ///< the mean since the reading before
};

/// Times are offsets from MeterLog::origin, rounded to microseconds.
struct PowerReading {
  Duration time{};
  Power power{};
  bool operator==(const PowerReading&) const = default;
};
struct CounterReading {
  Duration time{};
  Energy energy{};  ///< counted since some earlier moment
  bool operator==(const CounterReading&) const = default;
};

/// One device of a log with what was read of it, sorted by time, without repeated times.
struct Device {
  std::string id;      ///< "GPU 0", "package-0"
  std::string model;   ///< as the log says; empty: it does not
  std::string source;  ///< the column that power is from; of the counter where there is no power
  PowerKind kind = PowerKind::instant;
  std::vector<PowerReading> power;      ///< may be empty
  std::vector<CounterReading> counter;  ///< may be empty; one of both is not
  std::optional<Energy> counter_range;  ///< where the counter begins again at zero
  /// Of another device of the log, whose energy has this one's: "package-0". Left out of sums.
  std::string part_of;
  std::size_t missing = 0;    ///< readings that were empty, N/A or the like
  std::size_t repeated = 0;   ///< readings at a time that another reading had: left out
  std::size_t reordered = 0;  ///< readings that stood after a later one
};

/// A run whose energy its meter has added up.
struct Run {
  std::string name;               ///< project, job or window
  std::optional<Duration> start;  ///< from MeterLog::origin; nullopt: not known
  Duration time{};
  /// By component ("gpu", "cpu", "ram", "node", "machine", "GPU 0"); they do not overlap.
  struct Part {
    std::string component;
    Energy energy{};
  };
  std::vector<Part> parts;
  int line = 0;

  [[nodiscard]] Energy energy() const;
};

/// A log as read. Either devices or runs are empty.
struct MeterLog {
  std::string file;
  Format format = Format::automatic;
  TimeBasis basis = TimeBasis::relative;
  Duration origin{};  ///< whole seconds since 1970 (of the basis' zone), or since the log began
  std::vector<Device> devices;
  std::vector<Run> runs;
  /// What a reader noticed and a user must know, each a sentence without a full stop.
  std::vector<std::string> notes;
};

/// What the user says of a log.
struct ReadOptions {
  Format format = Format::automatic;
  std::string column = {};                   ///< of power; empty: the best that each device has
  std::optional<Duration> step = {};         ///< between readings of a log without times
  std::optional<Energy> counter_range = {};  ///< where counters wrap, if the log does not say
};

/// Reads a log of at most 1 GiB. Throws InputError, with file, line and column, for: a file that is no text,
/// a format that is not known, no readings, a number that is none, infinite, negative or absurd (above 1 MW,
/// or 1e18 J), a time that is none or goes back by more than a few steps, times with and without a zone in
/// one file, a log without times or step.
[[nodiscard]] MeterLog read_log(const std::filesystem::path& file, const ReadOptions& options = {});
/// The same of text; `file` is what messages call it.
[[nodiscard]] MeterLog parse_log(std::string text, const std::string& file, const ReadOptions& options = {});

/// A device of the log by its id, or by the number in it ("0" for "GPU 0"). Throws InputError that lists the
/// devices.
[[nodiscard]] const Device& find_device(const MeterLog& log, std::string_view id);

}  // namespace tonne::meters
