#pragma once
// What earlier searches found, for strategies that learn from it (`warm_start`).

#include <string>
#include <vector>

#include "core/configuration.h"
#include "core/units.h"

namespace tonne {

/// A completed trial of an earlier search, its configuration in the space of the present one.
struct EarlierTrial {
  Configuration configuration;
  double fidelity = 1.0;  ///< it was trained up to
  double loss = 0.0;      ///< first objective as observed, turned so that smaller is better
  Carbon charged{};
};

/// One earlier search, in the order in which its trials ended.
struct EarlierSearch {
  std::string name;  ///< for messages: its problem, strategy and seed
  std::string problem;  ///< trials of equal problems are of one landscape
  std::vector<EarlierTrial> trials;
};

}  // namespace tonne
