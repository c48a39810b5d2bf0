#pragma once
// What a user says of a search that is imported, beside what its file says.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace tonne::histories {

/// The machines that the search ran on. What is not given here stands in `cluster`, or is the default of an experiment file.
struct PricingRequest {
  std::filesystem::path cluster;  ///< YAML: an experiment's `cluster`, or a map with that key; empty: none
  std::string device, host, grid, facility;  ///< names of the catalogue; the grid may also be a trace's file; empty: not given
  std::string pue;       ///< a number from 1, or a distribution
  std::string activity;  ///< cluster.activity.measured: the device's mean dynamic power where none was measured
  std::optional<std::size_t> workers;  ///< that were paid for; none: as many as trials ran at once
  double devices_per_trial = 1.0;      ///< below 1: trials shared a device
};

}  // namespace tonne::histories
