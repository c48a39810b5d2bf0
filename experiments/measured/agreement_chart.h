#pragma once
// Measured against predicted, as a picture.

#include <span>
#include <string>

#include "experiments/measured/prediction.h"

namespace tonne {

/// SVG of runs on logarithmic axes, a colour for each job, rows that were kept out of the fit filled. Of time, or of
/// energy where `energy`. Precondition: not empty; with `energy`, all have joules.
[[nodiscard]] std::string agreement_chart(const std::string& title, std::span<const ComparedRun> runs, bool energy);

}  // namespace tonne
