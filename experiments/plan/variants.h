#pragma once
// The values at which a search is charged again where figures of its scenario are uncertain.

#include <span>
#include <string>
#include <vector>

namespace tonne {

struct SpreadSettings;
struct UncertainSetting;

/// The values of the uncertain settings in each variant: `spread.draws` draws, then for each setting in turn
/// all at their medians but that one, at kTornadoLow and at kTornadoHigh.
[[nodiscard]] std::vector<std::vector<double>> variant_values(std::span<const UncertainSetting> uncertain,
                                                              const SpreadSettings& spread);
/// "cluster.tdp = 250 W, cluster.facility.pue = 1.3".
[[nodiscard]] std::string values_text(std::span<const UncertainSetting> uncertain,
                                      std::span<const double> values);
/// "250 W": a value of the setting, in the unit in which the user wrote it.
[[nodiscard]] std::string value_text(const UncertainSetting& setting, double value);

}  // namespace tonne
