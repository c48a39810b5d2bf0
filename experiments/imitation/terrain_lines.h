#pragma once
// The lines of a landscape's portrait to which an imitation is fitted, and by which it is judged.

#include <string>
#include <vector>

#include "experiments/imitation/terrain.h"

namespace tonne {

/// One figure. NaN: there is none.
struct TerrainLine {
  std::string name;
  double value = 0.0;
  double tolerance = 0.0;  ///< a difference, or where `factor` a ratio
  bool factor = false;
  bool fitted = true;      ///< the structure is fitted to it; the others follow from what is measured
};

/// The same lines in the same order for a problem and its imitations.
[[nodiscard]] std::vector<TerrainLine> terrain_lines(const Terrain& terrain);

/// By how many tolerances two values differ; 0 where both are NaN or one is.
[[nodiscard]] double misses_by(const TerrainLine& line, double value);

}  // namespace tonne
