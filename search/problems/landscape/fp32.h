#pragma once

namespace tonne {

/// Of parameters and activations in memory and on their way to it: fp32, as the published trainings had them.
inline constexpr double kBytesPerNumber = 4.0;

}  // namespace tonne
