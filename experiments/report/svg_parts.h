#pragma once
// What every chart is drawn with: marks on a page, scales, axes, legends. Inside experiments/report only.

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/report/svg_marks.h"
#include "experiments/text/text_table.h"

namespace tonne::svg_parts {

inline constexpr double kFont = 11.0;
inline constexpr double kCharacter =
    6.5;  // mean width of one at that size, in the wider of the fonts a reader may have
inline constexpr std::size_t kMostLabel = 36;
inline constexpr std::size_t kMostAxisLabel = 48;

inline double width_of(const std::string& text) {
  return kCharacter * static_cast<double>(length_of(text));
}

// Cut at a code point's start.
inline std::string shortened(const std::string& text, std::size_t most = kMostLabel) {
  if (length_of(text) <= most) return text;
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) continue;
    if (count++ == most - 1) break;
  }
  return text.substr(0, end) + "…";
}

// For descriptions, which are read aloud: four digits, and no more names than one can follow.
inline std::string spoken(double value) {
  return fmt::format("{:.4g}", value);
}
inline std::string listed(const std::vector<std::string>& items, std::string_view between = ", ") {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kMost); ++i)
    text += (i == 0 ? "" : std::string(between)) + items[i];
  return items.size() > kMost ? fmt::format("{} and {} more", text, items.size() - kMost) : text;
}

class Canvas {
 public:
  /// The description says in words and figures what the drawing shows, to those who do not see it.
  Canvas(double width, double height, const std::string& title, const std::string& description) {
    text_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
        "role=\"img\" "
        "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"{2}\" fill=\"currentColor\" "
        "color=\"#000\">\n<title>{3}</title>\n<desc>{4}</desc>\n",
        svg_number(width), svg_number(height), svg_number(kFont), svg_text(title), svg_text(description));
  }
  void line(double x1, double y1, double x2, double y2, std::string_view style = "stroke=\"currentColor\"") {
    text_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>\n", svg_number(x1),
                         svg_number(y1), svg_number(x2), svg_number(y2), style);
  }
  void rectangle(double x, double y, double width, double height, std::string_view style) {
    text_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}/>\n", svg_number(x),
                         svg_number(y), svg_number(width), svg_number(height), style);
  }
  void circle(double x, double y, double radius, std::string_view style) {
    text_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>\n", svg_number(x), svg_number(y),
                         svg_number(radius), style);
  }
  void path(const std::string& data, std::string_view style) {
    if (!data.empty()) text_ += fmt::format("<path d=\"{}\" {}/>\n", data, style);
  }
  /// anchor: start, middle or end
  void text(double x, double y, const std::string& words, std::string_view anchor = "start",
            std::string_view more = "", std::size_t most = kMostLabel) {
    text_ +=
        fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}{}>{}</text>\n", svg_number(x),
                    svg_number(y), anchor, more.empty() ? "" : " ", more, svg_text(shortened(words, most)));
  }
  /// What follows until unclip() is cut at the rectangle's edges.
  void clip(double left, double top, double right, double bottom) {
    text_ +=
        fmt::format("<svg x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\" viewBox=\"{0} {1} {2} {3}\">\n",
                    svg_number(left), svg_number(top), svg_number(right - left), svg_number(bottom - top));
  }
  void unclip() { text_ += "</svg>\n"; }
  /// A disc, square, diamond or triangle: strategies that share a colour differ in it.
  void marker(double x, double y, std::size_t series) {
    const std::string style = fmt::format("fill=\"{}\"", series_colour(series));
    const std::size_t shape = series / 7 % 4;
    if (shape == 0) circle(x, y, 4.5, style);
    if (shape == 1) rectangle(x - 4.0, y - 4.0, 8.0, 8.0, style);
    const std::string top = fmt::format("M{} {}", svg_number(x), svg_number(y - 5.5));
    if (shape == 2) path(top + "l5.5 5.5l-5.5 5.5l-5.5 -5.5z", style);
    if (shape == 3) path(top + "l5.5 9h-11z", style);
  }
  [[nodiscard]] std::string finish() { return text_ + "</svg>\n"; }

 private:
  std::string text_;
};

inline std::string stroke(std::size_t series, double width) {
  const std::string_view dash = series_dash(series);
  return fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}", series_colour(series),
                     svg_number(width), dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
}

// From values to places on the page.
class AxisScale {
 public:
  AxisScale(double low, double high, double from, double to, bool log) : from_(from), to_(to), log_(log) {
    assert(std::isfinite(low) && std::isfinite(high) && (!log || low > 0.0));
    // One value, or values apart by rounding alone, between which no mark can be counted: give them room.
    if (!(high - low > 1e-9 * std::max(std::abs(low), std::abs(high)))) {
      const double pad = low == 0.0 ? 1.0 : 0.05 * std::abs(low);
      low = log ? low / 2.0 : low - pad;
      high = log ? high * 2.0 : high + pad;
    }
    low_ = low;
    high_ = high;
  }
  [[nodiscard]] double operator()(double value) const {
    const double part =
        log_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
    return from_ + std::clamp(part, -10.0, 11.0) * (to_ - from_);
  }
  [[nodiscard]] std::vector<Tick> ticks(std::size_t most = 6) const {
    return log_ ? log_ticks(low_, high_) : linear_ticks(low_, high_, most);
  }

 private:
  double low_ = 0.0, high_ = 1.0, from_, to_;
  bool log_;
};

struct Frame {
  double left = 62.0, top = 12.0, right = 468.0, bottom = 280.0;
};
// Of a chart so wide: not much flatter than a page's, nor higher than it is wide.
inline Frame frame_of(double width) {
  Frame frame;
  if (width <= 0.0) return frame;
  frame.right = width - 12.0;
  frame.bottom = frame.top + std::clamp(0.58 * width, 190.0, 320.0);
  return frame;
}
// The margin for names at the left: at most half of the drawing's width, and the letters that fit into it.
struct NameMargin {
  double left = 60.0;
  std::size_t letters = kMostLabel;
};
inline NameMargin name_margin(const std::vector<std::string>& names, double width) {
  NameMargin margin;
  for (const std::string& name : names) margin.left = std::max(margin.left, width_of(shortened(name)) + 12.0);
  if (width <= 0.0 || margin.left <= 0.5 * width) return margin;
  margin.left = 0.5 * width;
  margin.letters = static_cast<std::size_t>((margin.left - 12.0) / kCharacter);
  return margin;
}

inline void draw_axes(Canvas& drawing, const Frame& frame, const AxisScale& x, const AxisScale& y,
                      const std::string& x_label, const std::string& y_label) {
  constexpr std::string_view kGrid = "stroke=\"currentColor\" stroke-opacity=\"0.15\"";
  for (const Tick& tick : x.ticks()) {
    drawing.line(x(tick.value), frame.top, x(tick.value), frame.bottom, kGrid);
    drawing.text(x(tick.value), frame.bottom + 14.0, tick.label, "middle");
  }
  for (const Tick& tick : y.ticks()) {
    drawing.line(frame.left, y(tick.value), frame.right, y(tick.value), kGrid);
    drawing.text(frame.left - 5.0, y(tick.value) + 4.0, tick.label, "end");
  }
  drawing.line(frame.left, frame.bottom, frame.right, frame.bottom);
  drawing.line(frame.left, frame.top, frame.left, frame.bottom);
  drawing.text(0.5 * (frame.left + frame.right), frame.bottom + 31.0, x_label, "middle", "", kMostAxisLabel);
  const double middle = 0.5 * (frame.top + frame.bottom);
  drawing.text(14.0, middle, y_label, "middle",
               fmt::format("transform=\"rotate(-90 14 {})\"", svg_number(middle)));
}

enum class Key { line, marker, box };

// Entries in as many columns as fit.
inline void draw_legend(Canvas& drawing, const std::vector<std::string>& names,
                        const std::vector<std::size_t>& series, double left, double right, double top,
                        Key key) {
  double widest = 0.0;
  for (const std::string& name : names) widest = std::max(widest, width_of(shortened(name)));
  const double column = widest + 42.0;
  const auto columns = static_cast<std::size_t>(std::max(1.0, std::floor((right - left) / column)));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double x = left + column * static_cast<double>(i % columns);
    const double y = top + 15.0 * static_cast<double>(i / columns);
    if (key == Key::box)
      drawing.rectangle(x, y - 8.0, 18.0, 9.0, fmt::format("fill=\"{}\"", series_colour(series[i])));
    if (key == Key::line) drawing.line(x, y - 4.0, x + 22.0, y - 4.0, stroke(series[i], 2.0));
    if (key == Key::marker) drawing.marker(x + 9.0, y - 4.0, series[i]);
    drawing.text(x + 27.0, y, names[i]);
  }
}

inline double legend_height(const std::vector<std::string>& names, double width) {
  double widest = 0.0;
  for (const std::string& name : names) widest = std::max(widest, width_of(shortened(name)));
  const auto columns = std::max(1.0, std::floor(width / (widest + 42.0)));
  return 15.0 * std::ceil(static_cast<double>(names.size()) / columns);
}

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void add(double value) {
    assert(std::isfinite(value));
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool empty() const { return low > high; }
};

inline std::string nothing_to_show(const std::string& title) {
  Canvas drawing(480.0, 60.0, title, "Nothing to show.");
  drawing.text(240.0, 35.0, "nothing to show", "middle");
  return drawing.finish();
}

}  // namespace tonne::svg_parts
