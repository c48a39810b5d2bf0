#pragma once
// What a mass of CO2e is comparable with: for readers who do not think in kilograms.

#include <span>
#include <string_view>

#include "core/units.h"

namespace tonne {

/// Something that emits (or binds) a known mass of CO2e.
struct Equivalent {
  std::string_view key;   ///< for JSON: "car_km_eu"
  std::string_view what;  ///< in words, after a number: "km in a passenger car (EU)"
  Carbon each{};          ///< of one of it
  std::string_view source;
  int year = 0;  ///< of the source
  bool verified = false;
};

/// All of them. Travel and trees: Green Algorithms (Lannelongue, Grealey & Inouye 2021); a car's life:
/// Strubell, Ganesh & McCallum 2019, table 1; a smartphone's charge: US EPA, 12.4 g since the edition of 2024.
[[nodiscard]] std::span<const Equivalent> equivalents();

}  // namespace tonne
