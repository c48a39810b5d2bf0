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

/// Text as LaTeX prints it literally. Control characters become '?'.
[[nodiscard]] std::string latex_escaped(std::string_view text);
/// The same, with the 2 of CO2e set low.
[[nodiscard]] std::string latex_text(std::string_view text);

}  // namespace tonne
