#pragma once
// The tables of an estimate, for a terminal.

#include <string>

#include "experiments/footprint/estimate.h"
#include "experiments/footprint/estimate_sources.h"

namespace tonne {

/// Time, power, energy, CO2e, money and water; intervals where figures are ranges.
[[nodiscard]] std::string totals_table(const Estimate& estimate);
/// Which uncertain figure moves the CO2e most: bars as long as the swing, from the widest.
[[nodiscard]] std::string tornado_table(const EstimateSpread& spread);
/// The CO2e in familiar terms.
[[nodiscard]] std::string equivalents_table(const Estimate& estimate, EstimateSources& sources);
/// Every figure that entered, with its source's number.
[[nodiscard]] std::string factor_table(const Estimate& estimate, EstimateSources& sources);

}  // namespace tonne
