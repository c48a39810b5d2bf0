#include "search/strategies/evolution/standard_normals.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/normal_centre.h"
#include "search/strategies/evolution/columns.h"

namespace tonne {

// First all probabilities, then the quantiles: what was just written in parts is slow to read as a whole.
void draw_normals(Random& random, double* z, std::size_t count) {
  std::array<double, 64> p;
  for (std::size_t first = 0; first < count; first += p.size()) {
    const std::size_t some = std::min(count - first, p.size());
    for (std::size_t k = 0; k < some; ++k)
      p[k] = (static_cast<double>(random.next() >> 12U) + 0.5) * 0x1.0p-52;
    for (std::size_t k = some; k < padded(some); ++k) p[k] = 0.5;
    for (std::size_t k = 0; k < some; k += kLaneCount)
      for (std::size_t lane = 0; lane < kLaneCount; ++lane) z[first + k + lane] = centre_quantile(p[k + lane] - 0.5);
    for (std::size_t k = 0; k < some; ++k)
      if (std::abs(p[k] - 0.5) > kNormalCentre) z[first + k] = normal_quantile(p[k]);
  }
}

}  // namespace tonne
