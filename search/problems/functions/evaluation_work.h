#pragma once
// What one evaluation of an analytic function costs unless the user says otherwise.

#include "core/units.h"

namespace tonne {

/// About two minutes of a V100 at half its fp32 peak of 15.7 TFLOP/s: a small training.
inline constexpr Work kSmallTraining = 1e6 * gigaflop;

}  // namespace tonne
