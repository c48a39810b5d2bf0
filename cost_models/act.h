#pragma once
// Embodied carbon from what a device is made of: ACT, the architectural carbon model of Gupta et al., "ACT:
// Designing Sustainable Computer Systems With an Architectural Carbon Modeling Tool", ISCA 2022, and its
// published tables. Nothing is interpolated between the tables' rows: a process that is not in them is an
// error.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.h"

namespace tonne {

/// How much of the fab's process gases is destroyed. 97 % is the mean of the two that the paper tabulates.
enum class GasAbatement : std::uint8_t { percent_95, percent_97, percent_99 };

/// The fab that makes a die.
struct Fab {
  std::int64_t node = 0;  ///< in nm, one of fab_nodes()
  GasAbatement abatement = GasAbatement::percent_97;
  /// Default: Taiwan, 583 g/kWh (ACT's table of locations).
  Intensity electricity = 583.0 * gram_per_kilowatt_hour;
  double yield = 0.875;  ///< share of good dies, in (0, 1]; ACT's default
};

/// What one package of an integrated circuit costs: 150 g (ACT).
inline constexpr Carbon kPackageCarbon = 0.150 * kilogram;

/// Nodes with published figures, in nm, from the coarsest.
[[nodiscard]] std::vector<std::int64_t> fab_nodes();
/// "ddr4_10nm", ...: kinds of memory and of flash storage with published figures.
[[nodiscard]] std::vector<std::string> dram_types();
[[nodiscard]] std::vector<std::string> ssd_types();

/// area * (electricity * EPA + GPA + MPA) / yield (ACT): energy, gases and materials per area, with
/// MPA 500 g/cm2. Throws InputError for a node that is not in the tables.
[[nodiscard]] Carbon die_carbon(Area area, const Fab& fab);
/// capacity * (carbon per GB) / yield (ACT; its published program divides these by the yield too).
/// Throws InputError for a type that is not in the tables.
[[nodiscard]] Carbon dram_carbon(std::string_view type, Bytes capacity, double yield);
[[nodiscard]] Carbon ssd_carbon(std::string_view type, Bytes capacity, double yield);

}  // namespace tonne
