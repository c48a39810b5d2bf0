#pragma once
// More charts as SVG, for papers: where carbon comes from step by step, what the workers did when, and
// estimates with their intervals. As in svg.h: one document each, and the same input gives the same bytes.

#include <optional>
#include <string>
#include <vector>

namespace tonne {

struct WaterfallStep {
  std::string name;
  double value = 0.0;  ///< finite; below 0: taken away
};
/// Amounts that add up, one a row, each beginning where the last ended; the sum as last row.
struct WaterfallChart {
  std::string title, x_label, total_name;
  std::vector<WaterfallStep> steps;
  double width = 0.0;  ///< in points of the drawing, about a quarter of a millimetre; 0: its own
};
[[nodiscard]] std::string waterfall_chart_svg(const WaterfallChart& chart);

struct TimelineSpan {
  std::size_t worker = 0;
  double start = 0.0, end = 0.0;  ///< on the x axis; start <= end
  std::size_t status = 0;         ///< into TimelineChart::statuses
};
/// What each worker did over time, and below it, where given, a quantity that holds until its next x.
/// At most 500 spans are drawn one by one. More are drawn by columns 1/400 of the time wide, each with the
/// status, idle included, that took most of it, and neighbours alike as one: the size of the document does
/// not grow with the trials. Of more than 32 workers neighbours share a row in the same manner.
struct TimelineChart {
  std::string title, x_label, below_label;
  std::size_t workers = 0;
  std::vector<std::string> statuses;
  std::vector<TimelineSpan> spans;       ///< in any order; worker < workers, status < statuses.size()
  std::vector<double> below_x, below_y;  ///< x increasing; empty: no lower panel
  double width = 0.0;  ///< in points of the drawing, about a quarter of a millimetre; 0: its own
};
[[nodiscard]] std::string timeline_chart_svg(const TimelineChart& chart);

struct ForestRow {
  std::string name;
  double estimate = 0.0, low = 0.0, high = 0.0;
};
/// Estimates with intervals, one a row, and a line at what would be no difference.
struct ForestChart {
  std::string title, x_label;
  std::vector<ForestRow> rows;
  std::optional<double> reference;
  double width = 0.0;  ///< in points of the drawing, about a quarter of a millimetre; 0: its own
};
[[nodiscard]] std::string forest_chart_svg(const ForestChart& chart);

/// For each name its values, of which a profile shows how many are no more than x: an empirical distribution,
/// or, of ratios to the best, a performance profile (Dolan and More 2002, equation 2.1). A search that never
/// got there has +infinity and counts among all.
struct ProfileSeries {
  std::string name;
  std::vector<double> values;
};
struct ProfileChart {
  std::string title, x_label, y_label;
  bool log_x = false;  ///< then all values > 0
  std::vector<ProfileSeries> series;
  double width = 0.0;  ///< in points of the drawing, about a quarter of a millimetre; 0: its own
};
[[nodiscard]] std::string profile_chart_svg(const ProfileChart& chart);

}  // namespace tonne
