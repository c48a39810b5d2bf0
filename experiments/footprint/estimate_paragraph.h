#pragma once
// The paragraph for a paper that says what a run used, with its citations.

#include <string>

#include "experiments/footprint/estimate.h"
#include "experiments/footprint/estimate_sources.h"

namespace tonne {

/// The paragraph with citations as "[1,2]".
[[nodiscard]] std::string plain_paragraph(const Estimate& estimate, EstimateSources& sources);
/// The same with \cite{tonne:1,tonne:2} and powers of ten in mathematics.
[[nodiscard]] std::string latex_paragraph(const Estimate& estimate, EstimateSources& sources);

}  // namespace tonne
