#pragma once
// The table of CLBlast's matrix product on an RTX 3090 (Auto-Tuning benchmark hub, MIT), as quantiles.

#include <array>

#include "search/problems/landscape/quantile_map.h"

namespace tonne {

/// Seconds of a run on the table's device, by rank among the valid schedules: the ten best one by one, then
// quantiles.
inline constexpr double kGemmLast = 17'955.0;
inline constexpr std::array<Quantile, 25> kGemmSeconds = {{{0.0 / kGemmLast, 5.6578e-3},
                                                           {1.0 / kGemmLast, 5.7335e-3},
                                                           {2.0 / kGemmLast, 5.7605e-3},
                                                           {3.0 / kGemmLast, 5.8243e-3},
                                                           {4.0 / kGemmLast, 5.9352e-3},
                                                           {5.0 / kGemmLast, 5.9356e-3},
                                                           {6.0 / kGemmLast, 5.9801e-3},
                                                           {7.0 / kGemmLast, 5.9816e-3},
                                                           {8.0 / kGemmLast, 6.0004e-3},
                                                           {9.0 / kGemmLast, 6.0208e-3},
                                                           {.001, 6.2517e-3},
                                                           {.002, 6.3752e-3},
                                                           {.005, 6.675e-3},
                                                           {.01, 6.925e-3},
                                                           {.02, 7.3236e-3},
                                                           {.05, 7.9782e-3},
                                                           {.1, 8.9567e-3},
                                                           {.25, 11.084e-3},
                                                           {.5, 14.58e-3},
                                                           {.75, 21.766e-3},
                                                           {.9, 35.846e-3},
                                                           {.95, 47.634e-3},
                                                           {.99, 71.33e-3},
                                                           {.999, 90.828e-3},
                                                           {1.0, 96.343e-3}}};

}  // namespace tonne
