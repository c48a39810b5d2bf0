#pragma once
// What charts in SVG are written with: text, numbers, ticks, and the look of a series.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tonne {

/// Text for an element or attribute: markup characters escaped, control characters dropped.
[[nodiscard]] std::string svg_text(std::string_view text);
/// A coordinate: two decimals at most, "12.5".
[[nodiscard]] std::string svg_number(double value);

/// Marks of an axis, in increasing order.
struct Tick {
  double value = 0.0;
  std::string label;
};
/// About `most` marks at 1, 2 or 5 times a power of ten between low and high; low < high, both finite.
[[nodiscard]] std::vector<Tick> linear_ticks(double low, double high, std::size_t most = 6);
/// Powers of ten, with 2 and 5 between them where there is room; 0 < low < high.
[[nodiscard]] std::vector<Tick> log_ticks(double low, double high);
/// "0.25", "94", "20 k", "1e-05": short, without digits that are not there.
[[nodiscard]] std::string tick_label(double value);

/// Strategies keep their colour and dash in every chart of a report: Okabe and Ito's palette without black,
/// its two light colours darkened to a contrast of 3 on white; then the same with other dashes.
[[nodiscard]] std::string_view series_colour(std::size_t index);
[[nodiscard]] std::string_view series_dash(std::size_t index);  ///< for stroke-dasharray; empty: solid

}  // namespace tonne
