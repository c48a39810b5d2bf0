#pragma once
// Charts as SVG, for papers: one document each, without fonts, scripts or requests, black on nothing, with a
// title and a description for those who do not see it. The same input gives the same bytes.

#include <optional>
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
/// then the same with other dashes.
[[nodiscard]] std::string_view series_colour(std::size_t index);
[[nodiscard]] std::string_view series_dash(std::size_t index);  ///< for stroke-dasharray; empty: solid

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
};
[[nodiscard]] std::string scatter_chart_svg(const ScatterChart& chart);

/// Mean ranks on an axis, bars over those that are not told apart (Demsar 2006, figure 1).
struct RankChart {
  std::string title;
  std::vector<std::string> names;
  std::vector<double> mean_ranks;
  std::vector<std::vector<std::size_t>> groups;
  std::optional<double> critical_difference;
};
[[nodiscard]] std::string rank_chart_svg(const RankChart& chart);

/// Stacked bars, one a row.
struct BarChart {
  std::string title, x_label;
  std::vector<std::string> rows, parts;
  std::vector<std::vector<double>> values;  ///< [row][part], >= 0
};
[[nodiscard]] std::string bar_chart_svg(const BarChart& chart);

}  // namespace tonne
