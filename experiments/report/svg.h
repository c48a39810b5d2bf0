#pragma once
// Charts as SVG, for papers: one document each, without fonts, scripts or requests, black on nothing, with a
// title and a description for those who do not see it. The same input gives the same bytes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tonne {

struct ChartSeries {
  std::string name;
  std::vector<double> x, y;
  std::vector<double> low, high;  ///< a band; empty: none
};
struct ChartLine {
  double y = 0.0;
  std::string label;
};
/// Curves with bands over one x axis, and their legend. Series without points are left out; x > 0 on a log
/// axis.
struct LineChart {
  std::string title, x_label, y_label;
  bool log_x = false;
  bool steps = false;  ///< a value holds until the next x
  std::vector<ChartSeries> series;
  std::vector<ChartLine> lines;         ///< horizontal
  std::optional<double> y_low, y_high;  ///< none: from the data
  std::string description = {};         ///< empty: where each curve ends
  std::optional<double> x_low = {};     ///< none: from the data
  double width = 0.0;  ///< in points of the drawing, about a quarter of a millimetre; 0: its own
};
[[nodiscard]] std::string line_chart_svg(const LineChart& chart);

struct ScatterPoint {
  std::string name;
  double x = 0.0, y = 0.0;
  std::optional<double> low, high;  ///< of y
};
/// Named points with error bars, and the step line of those that no other beats: least x, and most y or least
/// y.
struct ScatterChart {
  std::string title, x_label, y_label;
  bool higher_is_better = true;
  std::vector<ScatterPoint> points;
  double width = 0.0;  ///< in points of the drawing, about a quarter of a millimetre; 0: its own
};
[[nodiscard]] std::string scatter_chart_svg(const ScatterChart& chart);

/// Mean ranks on an axis, bars over those that are not told apart (Demsar 2006, figure 1).
struct RankChart {
  std::string title;
  std::vector<std::string> names;
  std::vector<double> mean_ranks;
  std::vector<std::vector<std::size_t>> groups;
  std::optional<double> critical_difference;
  double width = 0.0;  ///< as above; more where the names do not fit
};
[[nodiscard]] std::string rank_chart_svg(const RankChart& chart);

/// Stacked bars, one a row.
struct BarChart {
  std::string title, x_label;
  std::vector<std::string> rows, parts;
  std::vector<std::vector<double>> values;  ///< [row][part], >= 0
  double width = 0.0;  ///< in points of the drawing, about a quarter of a millimetre; 0: its own
};
[[nodiscard]] std::string bar_chart_svg(const BarChart& chart);

/// A column of a journal: its width on paper, and that of a drawing whose type is then 8 points high.
struct ChartColumn {
  double millimetres = 0.0, width = 0.0;
};
inline constexpr ChartColumn kSingleColumn{88.0, 343.0}, kDoubleColumn{180.0, 701.0};
/// The drawing, one of those made here, with a size in millimetres.
[[nodiscard]] std::string sized_svg(const std::string& svg, double millimetres);

}  // namespace tonne
