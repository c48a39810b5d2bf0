#pragma once
// Figures written as ranges: `utilisation: 0.3..0.57`, `power: 200..350 W`.

#include <span>
#include <vector>

#include "core/yaml.h"
#include "experiments/estimate_spread.h"

namespace tonne {

/// The values of a tree that are ranges, in the order of the file: uniform from the lower to the higher end,
/// with one unit at the end or the same at both. Throws InputError when the ends stand in the wrong order or
/// have two units.
[[nodiscard]] std::vector<UncertainInput> find_ranges(const YamlNode& tree, const YamlSource& source);

/// The tree with each range's value instead of the range, in the order of find_ranges().
[[nodiscard]] YamlNode with_values(YamlNode tree, std::span<const double> values);

}  // namespace tonne
