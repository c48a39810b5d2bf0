#pragma once
// A synthetic landscape that is fitted to a problem's portrait, and how near it comes.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "experiments/imitation/terrain.h"
#include "experiments/imitation/terrain_lines.h"
#include "search/problems/imitation/imitation_space.h"

namespace tonne {

struct ImitateOptions {
  std::size_t landscapes = 5;  ///< against which the portrait is shown, from 0 on; the fit uses others
  std::size_t rounds = 4;      ///< of the search for the structure; 0: as measured
  std::size_t samples = 3000;  ///< working candidates of a space too large to be gone through
};

/// One line of the portrait, side by side.
struct ImitatedLine {
  std::string name;
  double original = 0.0;
  double mean = 0.0, low = 0.0, high = 0.0;  ///< over the landscapes
  double tolerance = 0.0;                    ///< a difference, or where `factor` a ratio
  bool factor = false;
  [[nodiscard]] bool missed() const;
};

struct Imitation {
  imitation::Space space;
  std::vector<ImitatedLine> lines;
  bool complete = false;  ///< every candidate was asked for
  std::size_t tried = 0;
};

/// Deterministic. Looks at the problem alone, never at what strategies do on it. Throws InputError where
/// too few candidates work, or a parameter is conditional.
[[nodiscard]] Imitation imitate(const Problem& problem, const ImitateOptions& options);

/// The lines of a problem's portrait, as of imitate(): of the original, or of one landscape.
[[nodiscard]] std::vector<TerrainLine> portrait_lines(const Terrain& terrain);

}  // namespace tonne
