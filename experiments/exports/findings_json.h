#pragma once
// What was found on a board, as summary.json and the report's JSON say it.

#include "core/json_fwd.h"
#include "experiments/analysis/findings.h"

namespace tonne {

/// Sets "best_configuration" (null where no search found a candidate that trains) and, where there are any,
/// "baseline" and "published" of the board's object.
void add_findings(Json& board, const BoardFindings& findings);

}  // namespace tonne
