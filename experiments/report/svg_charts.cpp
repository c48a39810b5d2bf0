#include "experiments/report/svg_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "experiments/report/svg.h"
#include "experiments/report/svg_parts.h"

namespace tonne {
namespace {

using namespace svg_parts;

constexpr std::size_t kMostSpans = 500;  // drawn one by one
constexpr std::size_t kColumns = 400;
constexpr std::size_t kMostRows = 32;
constexpr std::string_view kGrid = "stroke=\"currentColor\" stroke-opacity=\"0.15\"";

// Three digits are enough beside a bar.
std::string value_label(double value) {
  if (value == 0.0) return "0";
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2.0);
  return tick_label(std::round(value / unit) * unit);
}

void draw_x_axis(Canvas& drawing, const Frame& frame, const AxisScale& x, const std::string& label) {
  for (const Tick& tick : x.ticks()) {
    drawing.line(x(tick.value), frame.top, x(tick.value), frame.bottom, kGrid);
    drawing.text(x(tick.value), frame.bottom + 14.0, tick.label, "middle");
  }
  drawing.line(frame.left, frame.bottom, frame.right, frame.bottom);
  drawing.text(0.5 * (frame.left + frame.right), frame.bottom + 31.0, label, "middle", "", kMostAxisLabel);
}

void draw_waterfall_bar(Canvas& drawing, const AxisScale& x, double from, double to, double y,
                        std::string_view style, const std::string& label) {
  const double left = std::min(x(from), x(to)), right = std::max(x(from), x(to));
  drawing.rectangle(left, y, std::max(0.5, right - left), 14.0, style);
  drawing.text(right + 4.0, y + 11.0, label);
}

// Which status took most of each cell of a row; statuses.size() stands for idle.
class Columns {
 public:
  Columns(const TimelineChart& chart, std::size_t rows, double low, double high)
      : rows_(rows), statuses_(chart.statuses.size()), low_(low), width_((high - low) / kColumns) {
    time_.assign(rows * kColumns * statuses_, 0.0);
    for (const TimelineSpan& span : chart.spans) add(span, span.worker * rows / chart.workers);
    share_ = width_ * std::ceil(static_cast<double>(chart.workers) / static_cast<double>(rows));
  }
  [[nodiscard]] std::size_t status(std::size_t row, std::size_t column) const {
    const double* times = &time_[(row * kColumns + column) * statuses_];
    const double idle = share_ - std::accumulate(times, times + statuses_, 0.0);
    const double* most = std::max_element(times, times + statuses_);
    return *most >= idle && *most > 0.0 ? static_cast<std::size_t>(most - times) : statuses_;
  }
  /// One path of all cells of a status: strokes as high as a row.
  [[nodiscard]] std::string path(std::size_t wanted, const AxisScale& x, double top, double step) const {
    std::string data;
    for (std::size_t row = 0; row < rows_; ++row) {
      const double y = top + step * (static_cast<double>(row) + 0.5);
      for (std::size_t from = 0; from < kColumns;) {
        std::size_t to = from;
        while (to < kColumns && status(row, to) == wanted) ++to;
        if (to > from)
          data += fmt::format("M{} {}H{}", svg_number(x(edge(from))), svg_number(y), svg_number(x(edge(to))));
        from = to > from ? to : from + 1;
      }
    }
    return data;
  }

 private:
  [[nodiscard]] double edge(std::size_t column) const { return low_ + width_ * static_cast<double>(column); }
  void add(const TimelineSpan& span, std::size_t row) {
    const auto first = static_cast<std::size_t>((span.start - low_) / width_);
    for (std::size_t column = first; column < kColumns && edge(column) < span.end; ++column)
      time_[(row * kColumns + column) * statuses_ + span.status] +=
          std::max(0.0, std::min(span.end, edge(column + 1)) - std::max(span.start, edge(column)));
  }

  std::size_t rows_, statuses_;
  double low_, width_, share_ = 0.0;
  std::vector<double> time_;  // [row][column][status]
};

// One by one, with a hair between neighbours.
void draw_spans(Canvas& drawing, const TimelineChart& chart, std::size_t rows, const AxisScale& x, double top,
                double step) {
  for (const TimelineSpan& span : chart.spans) {
    const double left = x(span.start), width = x(span.end) - left;
    const double y = top + step * static_cast<double>(span.worker * rows / chart.workers);
    drawing.rectangle(left, y + 0.1 * step, std::max(0.3, width - std::min(0.6, 0.3 * width)), 0.8 * step,
                      fmt::format("fill=\"{}\"", series_colour(span.status)));
  }
}

// At most two points a column; of more, neighbours as their mean.
std::string held_line(const std::vector<double>& xs, const std::vector<double>& ys, const AxisScale& x,
                      const AxisScale& y, double end) {
  std::string data = fmt::format("M{} {}", svg_number(x(xs.front())), svg_number(y(ys.front())));
  const std::size_t every = xs.size() / (2 * kColumns) + 1;
  for (std::size_t i = every; i < xs.size(); i += every) {
    double sum = 0.0;
    const std::size_t last = std::min(xs.size(), i + every);
    for (std::size_t k = i; k < last; ++k) sum += ys[k];
    data += fmt::format("H{}V{}", svg_number(x(xs[i])), svg_number(y(sum / static_cast<double>(last - i))));
  }
  return data + "H" + svg_number(x(end));
}

void draw_below(Canvas& drawing, const TimelineChart& chart, const Frame& frame, const AxisScale& x,
                double high) {
  Extent ys;
  for (const double y : chart.below_y) ys.add(y);
  const AxisScale y(std::min(0.0, ys.low), ys.high, frame.bottom, frame.top, false);
  for (const Tick& tick : y.ticks(4)) {
    drawing.line(frame.left, y(tick.value), frame.right, y(tick.value), kGrid);
    drawing.text(frame.left - 5.0, y(tick.value) + 4.0, tick.label, "end");
  }
  drawing.line(frame.left, frame.top, frame.left, frame.bottom);
  const double middle = 0.5 * (frame.top + frame.bottom);
  drawing.text(14.0, middle, chart.below_label, "middle",
               fmt::format("transform=\"rotate(-90 14 {})\"", svg_number(middle)));
  drawing.clip(frame.left, frame.top - 1.0, frame.right, frame.bottom);
  drawing.path(held_line(chart.below_x, chart.below_y, x, y, high),
               "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.2\"");
  drawing.unclip();
}

void draw_worker_names(Canvas& drawing, std::size_t workers, std::size_t rows, double left, double top,
                       double step) {
  const std::size_t every = step >= 11.0 ? 1 : static_cast<std::size_t>(std::ceil(11.0 / step));
  for (std::size_t row = 0; row < rows; row += every) {
    // The first worker of a row that several share.
    const std::size_t worker = (row * workers + rows - 1) / rows;
    drawing.text(left - 5.0, top + step * (static_cast<double>(row) + 0.5) + 4.0, std::to_string(worker + 1),
                 "end");
  }
}

std::string describe(const WaterfallChart& chart, double sum) {
  std::vector<std::string> steps;
  for (const WaterfallStep& step : chart.steps) steps.push_back(step.name + " " + spoken(step.value));
  return fmt::format("{}: {}; {} {}.", chart.x_label, listed(steps), chart.total_name, spoken(sum));
}

std::string describe(const TimelineChart& chart, const Extent& xs) {
  std::vector<double> time(chart.statuses.size(), 0.0);
  for (const TimelineSpan& span : chart.spans) time[span.status] += span.end - span.start;
  std::vector<std::string> shares;
  const double all = (xs.high - xs.low) * static_cast<double>(chart.workers);
  for (std::size_t s = 0; s < chart.statuses.size(); ++s)
    shares.push_back(fmt::format("{} {:.0f} %", chart.statuses[s], 100.0 * time[s] / all));
  return fmt::format("{} worker{}, {} from {} to {}. Of their time: {}.", chart.workers,
                     chart.workers == 1 ? "" : "s", chart.x_label, spoken(xs.low), spoken(xs.high),
                     listed(shares));
}

std::string describe(const ForestChart& chart) {
  std::vector<std::string> rows;
  for (const ForestRow& row : chart.rows)
    rows.push_back(
        fmt::format("{} {} ({} to {})", row.name, spoken(row.estimate), spoken(row.low), spoken(row.high)));
  return fmt::format("{}: {}.", chart.x_label, listed(rows));
}

// What half of a series reach: its values are sorted.
std::string median_text(const std::vector<double>& values) {
  const double median =
      values.empty() ? std::numeric_limits<double>::infinity() : values[(values.size() - 1) / 2];
  return std::isfinite(median) ? "half by " + spoken(median) : "never reaches half";
}

}  // namespace

std::string waterfall_chart_svg(const WaterfallChart& chart) {
  if (chart.steps.empty()) return nothing_to_show(chart.title);
  Extent bounds;
  bounds.add(0.0);
  std::vector<std::string> names;
  double sum = 0.0;
  for (const WaterfallStep& step : chart.steps) {
    bounds.add(sum += step.value);
    names.push_back(step.name);
  }
  names.push_back(chart.total_name);
  constexpr double kRow = 20.0;
  const auto [left, letters] = name_margin(names, chart.width);
  const Frame frame{left, 8.0, chart.width > 0.0 ? chart.width - 60.0 : left + 340.0,
                    12.0 + kRow * static_cast<double>(names.size())};
  Canvas drawing(frame.right + 60.0, frame.bottom + 40.0, chart.title, describe(chart, sum));
  const AxisScale x(bounds.low, bounds.high, frame.left, frame.right, false);
  draw_x_axis(drawing, frame, x, chart.x_label);
  drawing.line(x(0.0), frame.top, x(0.0), frame.bottom);
  double from = 0.0;
  for (std::size_t s = 0; s < names.size(); ++s) {
    const double y = frame.top + kRow * static_cast<double>(s) + 3.0;
    drawing.text(left - 6.0, y + 11.0, names[s], "end", "", letters);
    if (s > 0) drawing.line(x(from), y - 6.0, x(from), y, "stroke=\"currentColor\" stroke-width=\"0.8\"");
    if (s == chart.steps.size()) {
      draw_waterfall_bar(drawing, x, 0.0, sum, y, "fill=\"currentColor\" fill-opacity=\"0.7\"",
                         value_label(sum));
      break;
    }
    const double value = chart.steps[s].value;
    const std::size_t colour = value < 0.0 ? 2 : 1;  // green takes away
    draw_waterfall_bar(drawing, x, from, from + value, y, fmt::format("fill=\"{}\"", series_colour(colour)),
                       value_label(value));
    from += value;
  }
  return drawing.finish();
}

std::string timeline_chart_svg(const TimelineChart& chart) {
  assert(chart.below_x.size() == chart.below_y.size());
  Extent xs;
  for (const TimelineSpan& span : chart.spans) {
    assert(span.worker < chart.workers && span.status < chart.statuses.size() && span.start <= span.end);
    xs.add(span.start);
    xs.add(span.end);
  }
  if (xs.empty() || !(xs.low < xs.high)) return nothing_to_show(chart.title);
  const std::size_t rows = std::min(chart.workers, kMostRows);
  const double step = std::clamp(160.0 / static_cast<double>(rows), 7.0, 18.0);
  Frame upper = frame_of(chart.width);
  upper.bottom = upper.top + step * static_cast<double>(rows);
  Frame lower = upper;
  if (!chart.below_x.empty()) {
    lower.top = upper.bottom + 12.0;
    lower.bottom = lower.top + 80.0;
  }
  const double legend = legend_height(chart.statuses, upper.right - upper.left);
  Canvas drawing(upper.right + 12.0, lower.bottom + 50.0 + legend, chart.title, describe(chart, xs));
  const AxisScale x(xs.low, xs.high, upper.left, upper.right, false);
  draw_x_axis(drawing, {upper.left, upper.top, upper.right, lower.bottom}, x, chart.x_label);
  draw_worker_names(drawing, chart.workers, rows, upper.left, upper.top, step);
  const double middle = 0.5 * (upper.top + upper.bottom);
  drawing.text(14.0, middle, "worker", "middle",
               fmt::format("transform=\"rotate(-90 14 {})\"", svg_number(middle)));
  if (chart.spans.size() <= kMostSpans && chart.workers <= kMostRows) {
    draw_spans(drawing, chart, rows, x, upper.top, step);
  } else {
    const Columns columns(chart, rows, xs.low, xs.high);
    for (std::size_t status = 0; status < chart.statuses.size(); ++status)
      drawing.path(
          columns.path(status, x, upper.top, step),
          fmt::format("stroke=\"{}\" stroke-width=\"{}\"", series_colour(status), svg_number(0.8 * step)));
  }
  drawing.line(upper.left, upper.top, upper.left, upper.bottom);
  if (!chart.below_x.empty()) draw_below(drawing, chart, lower, x, xs.high);
  std::vector<std::size_t> shown(chart.statuses.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  draw_legend(drawing, chart.statuses, shown, upper.left, upper.right, lower.bottom + 50.0, Key::box);
  return drawing.finish();
}

std::string forest_chart_svg(const ForestChart& chart) {
  if (chart.rows.empty()) return nothing_to_show(chart.title);
  Extent xs;
  if (chart.reference) xs.add(*chart.reference);
  std::vector<std::string> names;
  for (const ForestRow& row : chart.rows) {
    for (const double value : {row.low, row.estimate, row.high}) xs.add(value);
    names.push_back(row.name);
  }
  constexpr double kRow = 18.0;
  // In a single column there is no room for figures beside the bars; the description has them.
  const bool figures = chart.width <= 0.0 || chart.width > 480.0;
  const double beside = figures ? 170.0 : 14.0, pad = 0.04 * (xs.high - xs.low);
  const auto [left, letters] = name_margin(names, chart.width);
  const Frame frame{left, 8.0, chart.width > 0.0 ? chart.width - beside : left + 300.0,
                    12.0 + kRow * static_cast<double>(names.size())};
  Canvas drawing(frame.right + beside, frame.bottom + 40.0, chart.title, describe(chart));
  const AxisScale x(xs.low - pad, xs.high + pad, frame.left, frame.right, false);
  draw_x_axis(drawing, frame, x, chart.x_label);
  if (chart.reference)
    drawing.line(x(*chart.reference), frame.top, x(*chart.reference), frame.bottom,
                 "stroke=\"currentColor\" stroke-dasharray=\"2 3\"");
  for (std::size_t r = 0; r < chart.rows.size(); ++r) {
    const ForestRow& row = chart.rows[r];
    const double y = frame.top + kRow * (static_cast<double>(r) + 0.5) + 2.0;
    drawing.text(left - 6.0, y + 4.0, row.name, "end", "", letters);
    drawing.line(x(row.low), y, x(row.high), y, "stroke=\"#0072b2\" stroke-width=\"1.5\"");
    for (const double end : {row.low, row.high})
      drawing.line(x(end), y - 3.0, x(end), y + 3.0, "stroke=\"#0072b2\" stroke-width=\"1.5\"");
    drawing.rectangle(x(row.estimate) - 3.5, y - 3.5, 7.0, 7.0, "fill=\"#0072b2\"");
    if (!figures) continue;
    drawing.text(
        frame.right + 8.0, y + 4.0,
        fmt::format("{} [{}, {}]", value_label(row.estimate), value_label(row.low), value_label(row.high)));
  }
  return drawing.finish();
}

std::string profile_chart_svg(const ProfileChart& chart) {
  LineChart lines;
  lines.title = chart.title;
  lines.x_label = chart.x_label;
  lines.y_label = chart.y_label;
  lines.log_x = chart.log_x;
  lines.width = chart.width;
  lines.steps = true;
  lines.y_low = 0.0;
  lines.y_high = 1.0;
  Extent xs;
  for (const ProfileSeries& series : chart.series)
    for (const double value : series.values)
      if (value != std::numeric_limits<double>::infinity()) xs.add(value);
  if (xs.empty()) return nothing_to_show(chart.title);
  std::vector<std::string> medians;
  for (const ProfileSeries& series : chart.series) {
    ChartSeries& line = lines.series.emplace_back();
    line.name = series.name;
    if (series.values.empty()) continue;
    std::vector<double> values = series.values;
    std::ranges::sort(values);
    medians.push_back(series.name + " " + median_text(values));
    line.x.push_back(xs.low);
    line.y.push_back(0.0);
    for (std::size_t i = 0; i < values.size() && std::isfinite(values[i]); ++i) {
      const double share = static_cast<double>(i + 1) / static_cast<double>(values.size());
      if (line.x.back() == values[i]) {
        line.y.back() = share;
        continue;
      }
      line.x.push_back(values[i]);
      line.y.push_back(share);
    }
    if (line.x.back() < xs.high) {
      line.x.push_back(xs.high);
      line.y.push_back(line.y.back());
    }
  }
  lines.description = fmt::format("{} against {}: {}.", chart.y_label, chart.x_label, listed(medians));
  return line_chart_svg(lines);
}

}  // namespace tonne
