#pragma once
// What a trial was charged, as one number that a strategy can weigh.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/trial.h"

namespace tonne {

enum class TrialCost : std::uint8_t { none, time, energy, co2e, money };
inline constexpr std::array<std::string_view, 5> kTrialCostNames = {"none", "time", "energy", "co2e",
                                                                    "money"};

/// In base units; 0 for none.
[[nodiscard]] double cost_of(const Charge& charge, TrialCost cost);

}  // namespace tonne
