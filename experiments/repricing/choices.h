#pragma once
// The places of a comparison, from lists of settings.

#include <string>
#include <utility>
#include <vector>

#include "experiments/repricing/elsewhere.h"

namespace tonne {

/// The parts of a list with commas; those within braces or brackets do not part. Without blanks around them; empty parts
/// are left out.
[[nodiscard]] std::vector<std::string> list_parts(const std::string& text);

/// Start times from `range` ("2022-06-01..2022-06-03", both included) every `step` ("6 h"), as settings. Throws InputError.
[[nodiscard]] std::vector<std::string> starts_in(const std::string& range, const std::string& step);

/// The setting of the grid that a user means: a CSV or JSON file is a trace.
[[nodiscard]] std::string grid_setting(const std::string& text);

/// Every combination of the values of each key, labelled by those that have several; with only one combination by all.
/// A key without values is left out. Throws InputError where there are more than kMostPlaces.
[[nodiscard]] std::vector<Elsewhere> combined(const std::vector<std::pair<std::string, std::vector<std::string>>>& lists);

}  // namespace tonne
