#pragma once
// What a reader should know before the results are taken at their word.

#include <string>
#include <vector>

#include "experiments/report/report_input.h"

namespace tonne {

/// One sentence or two each: an unfinished experiment, few seeds, unequal costs, exact figures, notes.
[[nodiscard]] std::vector<std::string> warnings(const ReportInput& input);

}  // namespace tonne
