#pragma once
// Factors that multiply, as SVG: as in svg.h, one document, and the same input gives the same bytes.

#include <string>
#include <vector>

namespace tonne {

struct LadderStep {
  std::string group;  ///< what it leads from and to: a heading above the first step of it
  std::string name;
  double factor = 1.0;  ///< above 0; below 1: it takes away from the product
};
/// One bar a step on a log axis, each beginning where the last ended; all of them as last row.
struct LadderChart {
  std::string title, x_label;
  std::vector<LadderStep> steps;
  std::vector<std::string> notes;  ///< below the chart, each on lines of its own
};
[[nodiscard]] std::string ladder_chart_svg(const LadderChart& chart);

}  // namespace tonne
