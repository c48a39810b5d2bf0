#pragma once
// Where the parameters of a space stand among the coordinates and categories of CMA-ES, and back.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/search_space.h"
#include "search/strategies/sampling/unit_map.h"

namespace tonne {

enum class BoxHandling : std::uint8_t { resample, reflect };
inline constexpr std::array<std::string_view, 2> kBoxHandlingNames = {"resample", "reflect"};
enum class IntegerHandling : std::uint8_t { margin, rounding };
inline constexpr std::array<std::string_view, 2> kIntegerHandlingNames = {"margin", "rounding"};
enum class CategoryHandling : std::uint8_t { catcma, one_hot };
inline constexpr std::array<std::string_view, 2> kCategoryHandlingNames = {"catcma", "one_hot"};

/// Coordinates are those of the normal distribution; in the unit cube, one for each number or ordinal, and
/// with `one_hot` one for each choice of a categorical. With `catcma` a categorical of two choices or more is
/// a category, and with `margin` beside it also whatever else has two values. The space must outlive the
/// layout.
class CmaLayout {
 public:
  CmaLayout(const SearchSpace& space, IntegerHandling integers, CategoryHandling categories);

  struct Coordinate {
    std::size_t parameter = 0;
    bool in_box = true;  ///< samples outside [0, 1] are resampled or reflected
    bool has_margin =
        false;  ///< an integer or ordinal with a margin: may lie outside, where the ends are meant
    double least_deviation = 0.0;  ///< of a discrete one without margin
  };
  [[nodiscard]] const std::vector<Coordinate>& coordinates() const { return coordinates_; }
  [[nodiscard]] const std::vector<std::size_t>& category_sizes() const { return category_sizes_; }

  /// The configuration at coordinates x and with choices c.
  [[nodiscard]] Configuration configuration(const double* x, const double* c) const;

 private:
  enum class Kind : std::uint8_t { number, one_hot, category, single };
  struct Place {
    Kind kind = Kind::number;
    std::size_t first = 0;  // of its coordinates, or its category
    std::size_t count = 1;
  };
  [[nodiscard]] double value(std::size_t parameter, const double* x, const double* c) const;

  const SearchSpace& space_;
  UnitMap values_;
  std::size_t numbers_ = 0;    // parameters with one coordinate in the distribution's
  std::vector<Place> places_;  // of each parameter
  std::vector<Coordinate> coordinates_;
  std::vector<std::size_t> category_sizes_;
};

}  // namespace tonne
