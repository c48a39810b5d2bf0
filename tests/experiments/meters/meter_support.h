#pragma once
// Logs made in the test, and what went wrong with them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "experiments/meters/energy.h"
#include "experiments/meters/meter_log.h"
#include "experiments/meters/meter_report.h"

namespace tonne::testing {

inline meters::MeterLog parsed(const std::string& text, const meters::ReadOptions& options = {}) {
  return meters::parse_log(text, "log", options);
}

/// What parsing throws; empty: nothing.
inline std::string refusal(const std::string& text, const meters::ReadOptions& options = {}) {
  try {
    parsed(text, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline double joules_of(const meters::Device& device) {
  return meters::energy_within(meters::slices_of(device), meters::span_of(device)).energy / joule;
}

inline double joules_between(const meters::MeterLog& log, double from, double to, std::size_t device = 0) {
  return meters::energy_between(log, log.devices.at(device), {from * second, to * second}).energy / joule;
}

/// Whether a sentence of a report has this part.
inline bool warns(const meters::MeterReport& report, const std::string& part) {
  for (const std::string& warning : report.warnings)
    if (warning.find(part) != std::string::npos) return true;
  return false;
}

inline std::string all_warnings(const meters::MeterReport& report) {
  std::string text;
  for (const std::string& warning : report.warnings) text += warning + "\n";
  return text;
}

/// A table "time,power_w" of seconds and watts.
struct Reading {
  double time, power;
};
inline std::string power_table(const std::vector<Reading>& readings) {
  std::string text = "time,power_w\n";
  for (const Reading& reading : readings)
    text += std::to_string(reading.time) + "," + std::to_string(reading.power) + "\n";
  return text;
}

}  // namespace tonne::testing
