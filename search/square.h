#pragma once

namespace tonne {

[[nodiscard]] inline double square(double x) {
  return x * x;
}

}  // namespace tonne
