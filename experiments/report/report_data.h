#pragma once
// The numbers behind a report's charts, as the JSON that stands in report.html (assets/report.js draws it).

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_fwd.h"
#include "experiments/analysis/board.h"
#include "experiments/analysis/trial_digest.h"

namespace tonne {

/// Everything of one board but what is computed over cost axes. Numbers that are not known are null.
[[nodiscard]] Json board_data(const Board& board, const TrialDigest& digest);

/// Compact JSON that can stand inside a script element: nothing in it looks like the end of the element, or
/// like a comment.
[[nodiscard]] std::string script_text(const Json& data);

/// The steps from the devices' work to the total, in kg CO2e, mean of the strategy's searches.
struct CarbonStep {
  std::string name;
  double kilograms = 0.0;
};
[[nodiscard]] std::vector<CarbonStep> carbon_steps(const BoardStrategy& strategy);

/// The line items of a search's CO2e: device at work, device idle, host, facility, embodied, transfer.
struct BreakdownLine {
  std::string_view metric;  ///< in figures for programs: "co2e of devices at work"
  std::string_view label;   ///< in charts
};
inline constexpr std::array<BreakdownLine, 6> kBreakdownLines = {{
    {"devices at work", "active devices"},
    {"devices idle", "idle devices"},
    {"hosts", "hosts"},
    {"cooling and distribution", "cooling and distribution"},
    {"making the hardware", "embodied in hardware"},
    {"moving data between sites", "data transfer between sites"},
}};
/// How many of them are shown: all, or all but the last where no strategy moved anything.
[[nodiscard]] std::size_t shown_breakdown_lines(const Board& board);
/// kg CO2e of a search by line item, mean of the strategy's searches.
[[nodiscard]] std::array<double, kBreakdownLines.size()> carbon_breakdown(const BoardStrategy& strategy);

}  // namespace tonne
