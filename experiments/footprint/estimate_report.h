#pragma once
// An estimate as people and programs read it.

#include <string>

#include "experiments/footprint/estimate.h"

namespace tonne {

/// Tables, sources, notes, and a paragraph for a paper.
[[nodiscard]] std::string estimate_text(const Estimate& estimate);
/// The paragraph with \cite, and its \bibitem lines; needs no package.
[[nodiscard]] std::string estimate_latex(const Estimate& estimate);
/// Everything, in full precision; what is not known is null.
[[nodiscard]] std::string estimate_json(const Estimate& estimate);

}  // namespace tonne
