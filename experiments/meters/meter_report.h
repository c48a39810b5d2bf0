#pragma once
// What a log says, and what its reader has to know beside the figures: `tonne meter`.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/meters/energy.h"
#include "experiments/meters/meter_log.h"
#include "experiments/text/text_table.h"

namespace tonne::meters {

/// What the user asks of a log.
struct MeterRequest {
  std::string from = {}, to = {};            ///< of the run; empty: found by the power, or else the whole log
  std::string idle_from = {}, idle_to = {};  ///< when the devices were idle; empty: outside of the run
  std::vector<std::string> devices = {};     ///< by id or number, of runs the components; empty: all
};

/// Of one device.
struct DeviceFigures {
  const Device* device = nullptr;  ///< of the report's log
  std::size_t readings = 0;
  Duration step{};            ///< median
  Span span;                  ///< from its first to its last reading
  Measured whole;             ///< over `span`
  Span run;                   ///< MeterReport::run, as far as the device has readings
  Measured in_run;            ///< over `run`
  Power mean{};               ///< over `run`
  std::optional<Power> idle;  ///< nullopt: not known
  bool is_busy = false;       ///< its own power tells a run
};

/// Where the run's span is from.
enum class RunSpan : std::uint8_t { named, found, whole };

struct MeterReport {
  std::shared_ptr<const MeterLog> log;  ///< never null
  std::vector<DeviceFigures> devices;
  std::vector<Run> runs;
  std::vector<std::string> components;  ///< of the runs' parts, that were asked for; empty: all
  Span run;
  RunSpan run_is = RunSpan::whole;
  /// Over the run, of the devices that are not part of another here.
  Measured total;
  std::vector<std::string> warnings;  ///< sentences without a full stop, the log's notes among them
};

/// Throws InputError: an unknown device, a time that is none or outside of the log, a window that ends before
/// it begins, a window for a log of finished runs.
[[nodiscard]] MeterReport report_of(MeterLog log, const MeterRequest& request = {});

/// Whether a device counts in the sum: it is not part of another of the report.
[[nodiscard]] bool is_in_sum(const MeterReport& report, const DeviceFigures& figures);

/// All that a user must know of a device's readings; and of the log and the run as a whole.
[[nodiscard]] std::vector<std::string> warnings_of(const MeterReport& report);

/// For people, within the style's width.
[[nodiscard]] std::string meter_text(const MeterReport& report, const TextStyle& style);
[[nodiscard]] std::string meter_json(const MeterReport& report);
/// Runs for `tonne calibrate`: source,device,start,seconds,joules,mean_watts,idle_watts; one row a device
/// that is in the sum and has two readings, or a run's component. `source` is the file's name, and behind a
/// colon that of the run. Empty: not known.
[[nodiscard]] std::string meter_csv(const MeterReport& report);

}  // namespace tonne::meters
