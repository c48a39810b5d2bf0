#pragma once
// One row of a published table: its inputs, and the figures that follow from them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "core/units.h"
#include "cost_models/act.h"

namespace tonne {

/// Inputs of a row; absent is unknown, and what needs it is not computed.
struct PublishedRow {
  std::string name;
  double devices = 1.0;
  double runs = 1.0;             ///< equal runs, one after the other
  std::optional<Duration> time;  ///< of one run
  std::optional<double> steps;   ///< or: steps / run_steps * run_time
  std::optional<double> run_steps;
  std::optional<Duration> run_time;
  double deployments = 0.0;
  std::optional<Duration> time_per_deployment;  ///< on top of time, for each deployment
  /// Devices x time as the paper rounds it before it computes energy, carbon and price from it.
  std::optional<Duration> rounded_device_time;

  std::optional<Power> power;         ///< of one device with its share of the host
  std::optional<Power> system_power;  ///< or of all devices together
  std::optional<double> pue;
  std::optional<Intensity> intensity;
  std::optional<Intensity> net_intensity;
  std::optional<PriceRate> price;
  std::optional<PriceRate> spot_price;
  std::optional<WorkRate> rate;  ///< measured, of one device
  std::string device;            ///< catalogue entries, for price, PUE and intensity where these are absent
  std::string facility;
  std::string grid;

  std::optional<Carbon> carbon;           ///< the row's carbon itself, where that is the input
  std::optional<Carbon> carbon_per_hour;  ///< of one device

  /// Embodied carbon after ACT (Gupta et al. 2022): figures per cm2 of die, or per gigabyte.
  double count = 1.0;
  std::optional<Area> die_area;
  std::optional<std::int64_t> node;  ///< nm
  GasAbatement abatement = GasAbatement::percent_97;
  std::optional<Intensity> electricity;
  std::optional<double> yield;
  double packages = 0.0;
  std::string memory;  ///< of dram_types()
  std::optional<Bytes> capacity;

  bool stated = false;  ///< the published figure is an input of this row

  void visit(SettingsVisitor& visitor);
};

/// Devices x time, all runs and deployments.
[[nodiscard]] std::optional<Duration> device_time(const PublishedRow& row);
/// What energy, carbon and price are computed from: the device time, rounded where the paper does so.
[[nodiscard]] std::optional<Duration> costed_time(const PublishedRow& row);
/// Of one device, one run; a step's where steps are counted.
[[nodiscard]] std::optional<Power> device_power(const PublishedRow& row);
[[nodiscard]] std::optional<double> row_pue(const PublishedRow& row);
[[nodiscard]] std::optional<Intensity> row_intensity(const PublishedRow& row);
/// Whatever the inputs give: the carbon itself, of chips, by the hour, or of electricity.
[[nodiscard]] std::optional<Carbon> row_carbon(const PublishedRow& row);

/// Keys of the columns that a table can have.
[[nodiscard]] std::vector<std::string> column_keys();
/// The figure in the column's unit; nullopt when the row's inputs do not give it. Precondition: a known key.
[[nodiscard]] std::optional<double> column_value(const PublishedRow& row, std::string_view column);

}  // namespace tonne
