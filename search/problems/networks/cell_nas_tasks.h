#pragma once
// What is known of each task of `cell_nas`, and what was fitted to it.

#include <array>

#include "search/problems/networks/cell_nas.h"
#include "search/problems/networks/cell_nas_landscape.h"

namespace tonne::cell_nas {

/// NAS-Bench-201 (Dong and Yang 2020): test accuracy after 200 epochs, in percent.
[[nodiscard]] const Landscape& landscape_of(CellTask task);

/// Published CIFAR-10 quantiles after 12 epochs, 54.4/73.6/79.6/83.8/86.7/88.1/89.2, as shares of the way
/// from chance to the 200-epoch quantiles.
inline constexpr std::array<Knot, 7> kEarlyShareCifar10 = {{{0.05, 44.4 / 63.5},
                                                            {0.25, 63.6 / 77.6},
                                                            {0.50, 69.6 / 80.8},
                                                            {0.75, 73.8 / 82.2},
                                                            {0.95, 76.7 / 83.3},
                                                            {0.99, 78.1 / 83.8},
                                                            {1.00, 79.2 / 84.37}}};

/// TransNAS-Bench-101 (Duan et al. 2021): values after full training as published.
[[nodiscard]] const Landscape& landscape_of(TransnasTask task);
[[nodiscard]] ObjectiveTraits objective_of(TransnasTask task);

}  // namespace tonne::cell_nas
