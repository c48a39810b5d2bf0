#include "experiments/report/svg_overview.h"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/report/svg_parts.h"

namespace tonne {
namespace {

using svg_parts::AxisScale;
using svg_parts::Canvas;
using svg_parts::Extent;
using svg_parts::width_of;

constexpr double kRowHeight = 19.0;
constexpr double kPlotWidth = 330.0;  // width of the part with the axis
constexpr std::string_view kFaintLine = "stroke=\"currentColor\" stroke-opacity=\"0.15\"";

// Room for the longest name to the left of the axis.
double room_for_names(const std::vector<std::string>& names) {
  double widest = 0.0;
  for (const std::string& name : names) widest = std::max(widest, width_of(svg_parts::shortened(name)));
  return widest + 14.0;
}

std::vector<std::string> row_names(const auto& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

// The x axis below rows that have a name each, which end at `names_end`.
void draw_named_rows(Canvas& drawing, const std::vector<std::string>& names, const AxisScale& x,
                     double names_end, double left, double top, const std::string& x_label) {
  const double bottom = top + kRowHeight * static_cast<double>(names.size());
  for (const Tick& tick : x.ticks(5)) {
    drawing.line(x(tick.value), top, x(tick.value), bottom, kFaintLine);
    drawing.text(x(tick.value), bottom + 14.0, tick.label, "middle");
  }
  drawing.line(left, bottom, left + kPlotWidth, bottom);
  drawing.text(left + kPlotWidth / 2.0, bottom + 31.0, x_label, "middle", "", svg_parts::kMostAxisLabel);
  for (std::size_t r = 0; r < names.size(); ++r)
    drawing.text(names_end, top + kRowHeight * (static_cast<double>(r) + 0.5) + 4.0, names[r], "end");
}

double row_middle(std::size_t row, double top) {
  return top + kRowHeight * (static_cast<double>(row) + 0.5);
}

std::string spoken_dots(const DotChart& chart) {
  std::vector<std::string> lines;
  for (const DotRow& row : chart.rows) {
    std::vector<std::string> dots;
    for (std::size_t s = 0; s < row.values.size(); ++s)
      if (row.values[s]) dots.push_back(chart.series[s] + " " + svg_parts::spoken(*row.values[s]));
    if (!dots.empty()) lines.push_back(row.name + ": " + svg_parts::listed(dots));
  }
  return chart.x_label + ". " + svg_parts::listed(lines, "; ") + ".";
}

void draw_dots(Canvas& drawing, const DotRow& row, const AxisScale& x, double y) {
  Extent extent;
  for (const auto& value : row.values)
    if (value) extent.add(*value);
  if (extent.empty()) return;
  drawing.line(x(extent.low), y, x(extent.high), y, "stroke=\"currentColor\" stroke-opacity=\"0.35\"");
  for (std::size_t s = 0; s < row.values.size(); ++s)
    if (row.values[s]) drawing.marker(x(*row.values[s]), y, s);
}

}  // namespace

std::string dot_chart_svg(const DotChart& chart) {
  Extent extent;
  for (const DotRow& row : chart.rows)
    for (const auto& value : row.values)
      if (value) extent.add(*value);
  if (extent.empty()) return svg_parts::nothing_to_show(chart.title);
  const std::vector<std::string> names = row_names(chart.rows);
  const double left = room_for_names(names), top = 10.0;
  const double bottom = top + kRowHeight * static_cast<double>(names.size());
  const double width = left + kPlotWidth + 24.0;
  const double legend = svg_parts::legend_height(chart.series, width - 20.0);
  std::vector<std::size_t> series(chart.series.size());
  for (std::size_t s = 0; s < series.size(); ++s) series[s] = s;
  const AxisScale x(extent.low, extent.high, left + 8.0, left + kPlotWidth - 8.0, true);
  Canvas drawing(width, bottom + 52.0 + legend, chart.title, spoken_dots(chart));
  draw_named_rows(drawing, names, x, left - 8.0, left, top, chart.x_label);
  for (std::size_t r = 0; r < chart.rows.size(); ++r)
    draw_dots(drawing, chart.rows[r], x, row_middle(r, top));
  svg_parts::draw_legend(drawing, chart.series, series, 10.0, width - 10.0, bottom + 52.0,
                         svg_parts::Key::marker);
  return drawing.finish();
}

std::string labelled_bar_chart_svg(const LabelledBarChart& chart) {
  double highest = 0.0, behind = 0.0;
  std::vector<std::string> spoken;
  for (const LabelledBar& bar : chart.bars) {
    highest = std::max(highest, bar.value);
    behind = std::max(behind, width_of(bar.label));
    spoken.push_back(bar.name + ": " + bar.label);
  }
  if (!(highest > 0.0)) return svg_parts::nothing_to_show(chart.title);
  const std::vector<std::string> names = row_names(chart.bars);
  const double left = room_for_names(names), top = 10.0;
  const double bottom = top + kRowHeight * static_cast<double>(names.size());
  const AxisScale x(0.0, highest, left, left + kPlotWidth, false);
  Canvas drawing(left + kPlotWidth + behind + 18.0, bottom + 40.0, chart.title,
                 chart.x_label + ". " + svg_parts::listed(spoken, "; ") + ".");
  draw_named_rows(drawing, names, x, left - 8.0, left, top, chart.x_label);
  for (std::size_t r = 0; r < chart.bars.size(); ++r) {
    const double end = x(chart.bars[r].value);
    drawing.rectangle(left, row_middle(r, top) - 6.0, end - left, 12.0,
                      fmt::format("fill=\"{}\"", series_colour(0)));
    drawing.text(end + 6.0, row_middle(r, top) + 4.0, chart.bars[r].label);
  }
  return drawing.finish();
}

std::string tornado_chart_svg(const TornadoChart& chart) {
  Extent extent;
  extent.add(chart.middle);
  double below = 0.0, above = 0.0;
  std::vector<std::string> spoken;
  for (const TornadoRow& row : chart.rows) {
    extent.add(row.at_low);
    extent.add(row.at_high);
    below = std::max(below, width_of(row.low_text));
    above = std::max(above, width_of(row.high_text));
    spoken.push_back(fmt::format("{}: {} at {}, {} at {}", row.name, svg_parts::spoken(row.at_low),
                                 row.low_text, svg_parts::spoken(row.at_high), row.high_text));
  }
  const std::vector<std::string> names = row_names(chart.rows);
  const double left = room_for_names(names), top = 10.0, side = std::max(below, above) + 10.0;
  const double bottom = top + kRowHeight * static_cast<double>(names.size());
  const AxisScale x(extent.low, extent.high, left + side, left + side + kPlotWidth, false);
  Canvas drawing(left + 2.0 * side + kPlotWidth, bottom + 40.0, chart.title,
                 chart.x_label + ". " + svg_parts::listed(spoken, "; ") + ".");
  draw_named_rows(drawing, names, x, left - 8.0, left + side, top, chart.x_label);
  for (std::size_t r = 0; r < chart.rows.size(); ++r) {
    const TornadoRow& row = chart.rows[r];
    const bool rising = row.at_low <= row.at_high;
    const double from = x(std::min(row.at_low, row.at_high)), to = x(std::max(row.at_low, row.at_high));
    drawing.rectangle(from, row_middle(r, top) - 6.0, to - from, 12.0,
                      fmt::format("fill=\"{}\"", series_colour(0)));
    drawing.text(from - 4.0, row_middle(r, top) + 4.0, rising ? row.low_text : row.high_text, "end");
    drawing.text(to + 4.0, row_middle(r, top) + 4.0, rising ? row.high_text : row.low_text);
  }
  drawing.line(x(chart.middle), top - 4.0, x(chart.middle), bottom);
  return drawing.finish();
}

}  // namespace tonne
