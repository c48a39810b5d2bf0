#pragma once
// Quantities as people write them: three significant digits, thousands grouped, in the unit that fits the
// size.

#include <optional>
#include <string>

#include "core/units.h"

namespace tonne {

/// "250 mg", "4.1 g", "12.3 kg", "329 t"; of CO2 equivalent, which the sentence around it has to say.
[[nodiscard]] std::string mass_text(Carbon mass);
/// "0.0212 USD", "979 USD", "1,920 USD", "3.71 M USD".
[[nodiscard]] std::string money_text(Money money);
/// "0.0212", "1,920": a cell of a column of dollars; "not known" where no price is.
[[nodiscard]] std::string dollars_text(const std::optional<Money>& money);
/// "3.5 Wh", "120 kWh", "1.29 MWh", "3 GWh".
[[nodiscard]] std::string energy_text(Energy energy);
/// "50 ms", "12 s", "3.5 min", "41 h", "12 days", "3 years".
[[nodiscard]] std::string duration_text(Duration duration);

}  // namespace tonne
