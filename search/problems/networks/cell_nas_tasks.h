#pragma once
// What is known of each task of `cell_nas`, and what was fitted to it.

#include "search/problems/networks/cell_nas.h"
#include "search/problems/networks/cell_nas_landscape.h"

namespace tonne::cell_nas {

/// NAS-Bench-201 (Dong and Yang 2020): test accuracy after 200 epochs, in percent.
[[nodiscard]] const Landscape& landscape_of(CellTask task);

/// TransNAS-Bench-101 (Duan et al. 2021): values after full training as published.
[[nodiscard]] const Landscape& landscape_of(TransnasTask task);
[[nodiscard]] ObjectiveTraits objective_of(TransnasTask task);

}  // namespace tonne::cell_nas
