#include "experiments/report/svg_ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "experiments/report/svg_parts.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

using namespace svg_parts;

constexpr double kLadderRow = 20.0;
constexpr double kNoteLine = 14.0;

// Whole numbers from 10,000 on, with separators of thousands: a lecture hall does not read 4.4e+05.
std::string times(double factor) {
  if (factor < 1e4) return spoken(factor) + " x";
  return grouped(std::round(factor)) + " x";
}

std::string described(const LadderChart& chart, double product) {
  std::vector<std::string> items;
  for (const LadderStep& step : chart.steps) items.push_back(step.name + " " + times(step.factor));
  std::string text = fmt::format("{}: {}; all steps {}.", chart.x_label, listed(items), times(product));
  for (const std::string& note : chart.notes) text += " " + note;
  return text;
}

// The notes cut into lines that fit the drawing.
std::vector<std::string> note_lines(const LadderChart& chart, double width) {
  std::vector<std::string> lines;
  for (const std::string& note : chart.notes) {
    std::istringstream text(wrapped(note, static_cast<std::size_t>(width / kCharacter)));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
  }
  return lines;
}

std::size_t rows_of(const LadderChart& chart) {
  std::size_t rows = 1;  // all steps together
  std::string group;
  for (const LadderStep& step : chart.steps) rows += std::exchange(group, step.group) == step.group ? 1U : 2U;
  return rows;
}

void draw_ladder_axis(Canvas& drawing, const Frame& frame, const AxisScale& x, const std::string& label) {
  for (const Tick& tick : x.ticks()) {
    drawing.line(x(tick.value), frame.top, x(tick.value), frame.bottom,
                 "stroke=\"currentColor\" stroke-opacity=\"0.15\"");
    drawing.text(x(tick.value), frame.bottom + 14.0, tick.label, "middle");
  }
  drawing.line(frame.left, frame.bottom, frame.right, frame.bottom);
  drawing.line(x(1.0), frame.top, x(1.0), frame.bottom);
  drawing.text(0.5 * (frame.left + frame.right), frame.bottom + 31.0, label, "middle", "", kMostAxisLabel);
}

void draw_bar(Canvas& drawing, const AxisScale& x, double from, double to, double y, std::string_view style) {
  const double left = std::min(x(from), x(to)), right = std::max(x(from), x(to));
  drawing.rectangle(left, y, std::max(0.5, right - left), 14.0, style);
  drawing.text(right + 4.0, y + 11.0, times(to / from));
}

}  // namespace

std::string ladder_chart_svg(const LadderChart& chart) {
  if (chart.steps.empty()) return nothing_to_show(chart.title);
  Extent bounds;
  bounds.add(1.0);
  double left = 70.0, product = 1.0;
  for (const LadderStep& step : chart.steps) {
    bounds.add(product *= step.factor);
    left = std::max(left, width_of(shortened(step.name)) + 12.0);
  }
  const Frame frame{left, 8.0, left + 340.0, 12.0 + kLadderRow * static_cast<double>(rows_of(chart))};
  const double width = frame.right + 70.0;
  const std::vector<std::string> notes = note_lines(chart, width);
  const double height = frame.bottom + 40.0 + kNoteLine * static_cast<double>(notes.size());
  Canvas drawing(width, height, chart.title, described(chart, product));
  for (std::size_t i = 0; i < notes.size(); ++i)
    drawing.text(6.0, frame.bottom + 50.0 + kNoteLine * static_cast<double>(i), notes[i], "start", "",
                 notes[i].size());
  const AxisScale x(bounds.low, bounds.high, frame.left, frame.right, true);
  draw_ladder_axis(drawing, frame, x, chart.x_label);
  double reached = 1.0, y = frame.top + 3.0;
  std::string group;
  for (const LadderStep& step : chart.steps) {
    if (std::exchange(group, step.group) != step.group) {
      drawing.text(6.0, y + 11.0, step.group, "start", "font-style=\"italic\"", 80);
      y += kLadderRow;
    }
    drawing.text(left - 6.0, y + 11.0, step.name, "end");
    const std::size_t colour = step.factor < 1.0 ? 1 : 2;  // green divides what is emitted
    draw_bar(drawing, x, reached, reached * step.factor, y,
             fmt::format("fill=\"{}\"", series_colour(colour)));
    reached *= step.factor;
    y += kLadderRow;
  }
  drawing.text(left - 6.0, y + 11.0, "all steps", "end");
  draw_bar(drawing, x, 1.0, product, y, "fill=\"currentColor\" fill-opacity=\"0.7\"");
  return drawing.finish();
}

}  // namespace tonne
