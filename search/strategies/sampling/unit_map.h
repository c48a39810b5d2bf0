#pragma once
// from_unit of a whole space, with what depends on the domains alone computed once.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/search_space.h"

namespace tonne {

/// The values at points of the unit cube: the same bits as from_unit (core/search_space.h), without its
/// logarithms of bounds and its look at the kind of domain. The space must outlive the map.
class UnitMap {
 public:
  explicit UnitMap(const SearchSpace& space);

  /// from_unit(space[i].domain, u)
  [[nodiscard]] double value(std::size_t i, double u) const { return value(lines_[i], u); }
  /// The configuration at a point, as configuration_at (sampling/moves.h). Shape of u: space.size().
  [[nodiscard]] Configuration configuration(const double* u) const;

 private:
  enum class Kind : std::uint8_t { real, cells, log_real, log_integer };
  struct Line {
    Kind kind = Kind::cells;
    double low = 0.0;    // of the coordinate on the scale, a logarithm on a logarithmic one
    double range = 0.0;  // beside it; of cells their number
    double least = 0.0;  // value
    double most = 0.0;
  };
  [[nodiscard]] static double value(const Line& line, double u) {
    const double t = clamped(u, 0.0, 1.0);
    if (line.kind == Kind::real) return clamped(line.low + line.range * t, line.least, line.most);
    if (line.kind == Kind::cells) return line.least + std::min(std::floor(t * line.range), line.range - 1.0);
    return logarithmic(line, t);
  }
  [[nodiscard]] static Line line_of(const Domain& domain);
  [[nodiscard]] static double logarithmic(const Line& line, double t);
  // std::clamp in a form of which compilers make two instructions without a branch.
  [[nodiscard]] static double clamped(double x, double low, double high) {
    const double raised = low > x ? low : x;
    return high < raised ? high : raised;
  }

  const SearchSpace& space_;
  std::vector<Line> lines_;
};

}  // namespace tonne
