#include "experiments/report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "experiments/report/svg_parts.h"

namespace tonne {
namespace {

using namespace svg_parts;

std::string polyline(const std::vector<double>& xs, const std::vector<double>& ys, const AxisScale& x,
                     const AxisScale& y, bool steps) {
  std::string data;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (i > 0 && steps) data += "H" + svg_number(x(xs[i]));
    data += fmt::format("{}{} {}", i == 0 ? "M" : "L", svg_number(x(xs[i])), svg_number(y(ys[i])));
  }
  return data;
}

std::string band(const ChartSeries& series, const AxisScale& x, const AxisScale& y) {
  std::string data;
  for (std::size_t i = 0; i < series.x.size(); ++i)
    data +=
        fmt::format("{}{} {}", i == 0 ? "M" : "L", svg_number(x(series.x[i])), svg_number(y(series.high[i])));
  for (std::size_t i = series.x.size(); i-- > 0;)
    data += fmt::format("L{} {}", svg_number(x(series.x[i])), svg_number(y(series.low[i])));
  return data + "Z";
}

std::string describe(const LineChart& chart) {
  if (!chart.description.empty()) return chart.description;
  std::vector<std::string> ends;
  for (const ChartSeries& series : chart.series)
    if (!series.x.empty())
      ends.push_back(
          fmt::format("{} {} at {}", series.name, spoken(series.y.back()), spoken(series.x.back())));
  for (const ChartLine& line : chart.lines) ends.push_back(line.label + " " + spoken(line.y));
  return fmt::format("{} against {}. The curves end at: {}.", chart.y_label, chart.x_label, listed(ends));
}

std::string describe(const ScatterChart& chart) {
  std::vector<std::string> points;
  for (const ScatterPoint& point : chart.points)
    points.push_back(fmt::format("{} {} at {}", point.name, spoken(point.y), spoken(point.x)));
  return fmt::format("{} against {}: {}.", chart.y_label, chart.x_label, listed(points));
}

std::string describe(const RankChart& chart, const std::vector<std::size_t>& order) {
  std::vector<std::string> ranks, groups;
  for (const std::size_t i : order)
    ranks.push_back(fmt::format("{} {:.2f}", chart.names[i], chart.mean_ranks[i]));
  for (const auto& group : chart.groups) {
    std::vector<std::string> names;
    for (const std::size_t i : group) names.push_back(chart.names[i]);
    groups.push_back(listed(names, " and "));
  }
  return fmt::format("Mean rank (1 is best): {}.{}", listed(ranks),
                     groups.empty() ? "" : fmt::format(" Not separated: {}.", listed(groups, "; ")));
}

std::string describe(const BarChart& chart) {
  std::vector<std::string> rows;
  for (std::size_t r = 0; r < chart.rows.size(); ++r) {
    std::vector<std::string> parts;
    for (std::size_t p = 0; p < chart.parts.size(); ++p)
      parts.push_back(chart.parts[p] + " " + spoken(chart.values[r][p]));
    rows.push_back(fmt::format("{} {} ({})", chart.rows[r],
                               spoken(std::accumulate(chart.values[r].begin(), chart.values[r].end(), 0.0)),
                               listed(parts)));
  }
  return fmt::format("{}: {}.", chart.x_label, listed(rows, "; "));
}

}  // namespace

std::string line_chart_svg(const LineChart& chart) {
  Extent xs, ys;
  std::vector<std::string> names;
  std::vector<std::size_t> shown;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const ChartSeries& series = chart.series[s];
    if (series.x.empty()) continue;
    names.push_back(series.name);
    shown.push_back(s);
    for (const double x : series.x) xs.add(x);
    for (const double y : series.y) ys.add(y);
    for (const double y : series.low) ys.add(y);
    for (const double y : series.high) ys.add(y);
  }
  if (xs.empty()) return nothing_to_show(chart.title);
  for (const ChartLine& line : chart.lines) ys.add(line.y);
  const Frame frame = frame_of(chart.width);
  const double legend = legend_height(names, frame.right - frame.left);
  Canvas drawing(frame.right + 12.0, frame.bottom + 50.0 + legend, chart.title, describe(chart));
  const AxisScale x(std::min(chart.x_low.value_or(xs.low), xs.high), xs.high, frame.left, frame.right,
                    chart.log_x);
  const AxisScale y(chart.y_low.value_or(ys.low), chart.y_high.value_or(ys.high), frame.bottom, frame.top,
                    false);
  draw_axes(drawing, frame, x, y, chart.x_label, chart.y_label);
  drawing.clip(frame.left, frame.top - 1.0, frame.right + 1.0,
               frame.bottom + 1.0);  // a line on the edge is whole
  for (const std::size_t s : shown)
    if (!chart.series[s].low.empty())
      drawing.path(band(chart.series[s], x, y),
                   fmt::format("fill=\"{}\" fill-opacity=\"0.14\"", series_colour(s)));
  for (const ChartLine& line : chart.lines) {
    drawing.line(frame.left, y(line.y), frame.right, y(line.y),
                 "stroke=\"currentColor\" stroke-dasharray=\"2 3\"");
  }
  for (const std::size_t s : shown)
    drawing.path(polyline(chart.series[s].x, chart.series[s].y, x, y, chart.steps), stroke(s, 1.8));
  // Over the curves, in a halo of the paper's colour; below a line that has no room above it.
  for (const ChartLine& line : chart.lines) {
    const double at = y(line.y);
    drawing.text(frame.right - 5.0, at < frame.top + 14.0 ? at + 13.0 : at - 4.0, line.label, "end",
                 "paint-order=\"stroke\" stroke-width=\"3\" style=\"stroke:var(--chart-paper,#fff)\"");
  }
  drawing.unclip();
  draw_legend(drawing, names, shown, frame.left, frame.right, frame.bottom + 50.0, Key::line);
  return drawing.finish();
}

std::string scatter_chart_svg(const ScatterChart& chart) {
  Extent xs, ys;
  std::vector<std::string> names;
  std::vector<std::size_t> shown(chart.points.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  for (const ScatterPoint& point : chart.points) {
    xs.add(point.x);
    for (const double y : {point.y, point.low.value_or(point.y), point.high.value_or(point.y)}) ys.add(y);
    names.push_back(point.name);
  }
  if (xs.empty()) return nothing_to_show(chart.title);
  const Frame frame = frame_of(chart.width);
  const double pad = 0.06 * (xs.high - xs.low), pad_y = 0.06 * (ys.high - ys.low);
  Canvas drawing(frame.right + 12.0, frame.bottom + 50.0 + legend_height(names, frame.right - frame.left),
                 chart.title, describe(chart));
  const AxisScale x(xs.low - pad, xs.high + pad, frame.left, frame.right, false);
  const AxisScale y(ys.low - pad_y, ys.high + pad_y, frame.bottom, frame.top, false);
  draw_axes(drawing, frame, x, y, chart.x_label, chart.y_label);
  std::vector<std::size_t> order = shown;
  const double sign = chart.higher_is_better ? -1.0 : 1.0;
  std::ranges::sort(order, {},
                    [&](std::size_t i) { return std::pair(chart.points[i].x, sign * chart.points[i].y); });
  std::vector<double> front_x, front_y;
  for (const std::size_t i : order) {
    if (!front_y.empty() && sign * chart.points[i].y >= sign * front_y.back()) continue;
    front_x.push_back(chart.points[i].x);
    front_y.push_back(chart.points[i].y);
  }
  if (front_x.size() > 1)
    drawing.path(polyline(front_x, front_y, x, y, true),
                 "fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"2 3\"");
  for (std::size_t i = 0; i < chart.points.size(); ++i) {
    const ScatterPoint& point = chart.points[i];
    if (point.low && point.high)
      drawing.line(x(point.x), y(*point.low), x(point.x), y(*point.high),
                   fmt::format("stroke=\"{}\" stroke-width=\"1.5\"", series_colour(i)));
    drawing.marker(x(point.x), y(point.y), i);
  }
  draw_legend(drawing, names, shown, frame.left, frame.right, frame.bottom + 50.0, Key::marker);
  return drawing.finish();
}

std::string sized_svg(const std::string& svg, double millimetres) {
  constexpr std::string_view kBox = "viewBox=\"0 0 ", kWidth = "\" width=\"";
  const std::size_t box = svg.find(kBox), after = svg.find("role=", box);
  assert(box != std::string::npos && after != std::string::npos);
  std::size_t read = 0;
  const std::string numbers = svg.substr(box + kBox.size());
  const double width = std::stod(numbers, &read), height = std::stod(numbers.substr(read));
  const std::size_t sizes = svg.find(kWidth, box) + 2;
  return svg.substr(0, sizes) +
         fmt::format("width=\"{}mm\" height=\"{}mm\" ", svg_number(millimetres),
                     svg_number(millimetres * height / width)) +
         svg.substr(after);
}

std::string rank_chart_svg(const RankChart& chart) {
  const std::size_t count = chart.names.size();
  if (count < 2) return nothing_to_show(chart.title);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(chart.mean_ranks[i], i); });
  const std::size_t left_count = (count + 1) / 2;
  double margin = 60.0;
  for (const std::string& name : chart.names) margin = std::max(margin, width_of(shortened(name)) + 52.0);
  const double inner = chart.width > 0.0 ? std::max(110.0, chart.width - 2.0 * margin) : 300.0;
  const double width = 2.0 * margin + inner, axis = 50.0, step = 17.0;
  const double bars = axis + 12.0 + 8.0 * static_cast<double>(chart.groups.size());
  const double height = bars + step * (static_cast<double>(left_count) + 1.0) + 10.0;
  Canvas drawing(width, height, chart.title, describe(chart, order));
  const double highest = static_cast<double>(count);
  const AxisScale x(1.0, highest, margin, width - margin, false);
  drawing.line(x(1.0), axis, x(highest), axis);
  const std::size_t every = count > 12 ? 2 : 1;
  for (std::size_t rank = 1; rank <= count; ++rank) {
    const double at = x(static_cast<double>(rank));
    drawing.line(at, axis - 5.0, at, axis);
    if ((rank - 1) % every == 0) drawing.text(at, axis - 9.0, std::to_string(rank), "middle");
  }
  if (chart.critical_difference && *chart.critical_difference <= highest - 1.0) {
    const double end = x(1.0 + *chart.critical_difference);
    for (const double at : {x(1.0), end}) drawing.line(at, 14.0, at, 22.0);
    drawing.line(x(1.0), 18.0, end, 18.0, "stroke=\"currentColor\" stroke-width=\"1.5\"");
    drawing.text(0.5 * (x(1.0) + end), 11.0, fmt::format("CD {:.2f}", *chart.critical_difference), "middle");
  }
  for (std::size_t g = 0; g < chart.groups.size(); ++g) {
    Extent ranks;
    for (const std::size_t i : chart.groups[g]) ranks.add(chart.mean_ranks[i]);
    const double y = axis + 9.0 + 8.0 * static_cast<double>(g);
    drawing.line(x(ranks.low) - 3.0, y, x(ranks.high) + 3.0, y, "stroke=\"currentColor\" stroke-width=\"4\"");
  }
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = order[k];
    const bool left = k < left_count;
    const double at = x(chart.mean_ranks[i]);
    const double row = static_cast<double>(left ? k + 1 : count - k);
    const double y = bars + step * row;
    const double edge = left ? margin - 8.0 : width - margin + 8.0;
    drawing.path(
        fmt::format("M{} {}V{}H{}", svg_number(at), svg_number(axis), svg_number(y), svg_number(edge)),
        "fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.8\"");
    const std::string words = left ? fmt::format("{} {:.2f}", shortened(chart.names[i]), chart.mean_ranks[i])
                                   : fmt::format("{:.2f} {}", chart.mean_ranks[i], shortened(chart.names[i]));
    drawing.text(left ? edge - 4.0 : edge + 4.0, y + 4.0, words, left ? "end" : "start");
  }
  return drawing.finish();
}

std::string bar_chart_svg(const BarChart& chart) {
  double most = 0.0;
  for (const auto& row : chart.values) most = std::max(most, std::accumulate(row.begin(), row.end(), 0.0));
  if (most <= 0.0) return nothing_to_show(chart.title);
  const auto [margin, letters] = name_margin(chart.rows, chart.width);
  const double right = chart.width > 0.0 ? chart.width - 20.0 : margin + 380.0, top = 8.0, bar = 20.0;
  const double bottom = top + bar * static_cast<double>(chart.rows.size()) + 4.0;
  Canvas drawing(right + 20.0, bottom + 50.0 + legend_height(chart.parts, right - margin), chart.title,
                 describe(chart));
  const AxisScale x(0.0, most, margin, right, false);
  for (const Tick& tick : x.ticks()) {
    drawing.line(x(tick.value), top, x(tick.value), bottom,
                 "stroke=\"currentColor\" stroke-opacity=\"0.15\"");
    drawing.text(x(tick.value), bottom + 14.0, tick.label, "middle");
  }
  drawing.line(margin, bottom, right, bottom);
  drawing.text(0.5 * (margin + right), bottom + 31.0, chart.x_label, "middle");
  for (std::size_t r = 0; r < chart.rows.size(); ++r) {
    const double y = top + bar * static_cast<double>(r) + 2.0;
    drawing.text(margin - 6.0, y + 12.0, chart.rows[r], "end", "", letters);
    double sum = 0.0;
    for (std::size_t p = 0; p < chart.parts.size(); ++p) {
      const double from = x(sum);
      sum += chart.values[r][p];
      drawing.rectangle(from, y, x(sum) - from, bar - 4.0, fmt::format("fill=\"{}\"", series_colour(p)));
    }
  }
  std::vector<std::size_t> parts(chart.parts.size());
  std::iota(parts.begin(), parts.end(), std::size_t{0});
  draw_legend(drawing, chart.parts, parts, margin, right, bottom + 50.0, Key::box);
  return drawing.finish();
}

}  // namespace tonne
