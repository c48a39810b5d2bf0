#pragma once
// Charts as SVG that stand on the page itself: boards side by side, scenarios side by side, what moves a
// figure most. As in svg.h: one document each, and the same input gives the same bytes.

#include <optional>
#include <string>
#include <vector>

namespace tonne {

struct DotRow {
  std::string name;
  std::vector<std::optional<double>> values;  ///< one a series, > 0; none: no dot
};
/// One row a thing, one dot a series, on a logarithmic axis; a thin line joins the dots of a row.
struct DotChart {
  std::string title, x_label;
  std::vector<std::string> series;
  std::vector<DotRow> rows;
};
[[nodiscard]] std::string dot_chart_svg(const DotChart& chart);

/// One bar a row from 0, with a text behind it: "3.2 kg, -43 %".
struct LabelledBar {
  std::string name, label;
  double value = 0.0;  ///< >= 0
};
struct LabelledBarChart {
  std::string title, x_label;
  std::vector<LabelledBar> bars;
};
[[nodiscard]] std::string labelled_bar_chart_svg(const LabelledBarChart& chart);

/// From the value at a figure's low end to that at its high end, around the value with all figures at their
/// medians.
struct TornadoRow {
  std::string name, low_text, high_text;  ///< the figure's key and its two values
  double at_low = 0.0, at_high = 0.0;
};
struct TornadoChart {
  std::string title, x_label;
  double middle = 0.0;
  std::vector<TornadoRow> rows;  ///< the widest first
};
[[nodiscard]] std::string tornado_chart_svg(const TornadoChart& chart);

}  // namespace tonne
