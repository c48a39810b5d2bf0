#pragma once
// From the trials that a file has to a search with a space.

#include <string>

#include "experiments/histories/history.h"
#include "experiments/histories/raw_study.h"

namespace tonne::histories {

/// The history of the trials: domains that differ between them joined into one, conditions inferred, what is
/// missing of a trial that ended early filled in; notes say each. `where` is what messages begin with (a
/// file). Throws InputError beyond the limits of raw_study.h, and for a parameter that is a number in one trial and a
/// choice in another.
[[nodiscard]] History assemble(RawStudy study, const std::string& where);

}  // namespace tonne::histories
