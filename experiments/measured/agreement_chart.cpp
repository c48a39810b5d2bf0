#include "experiments/measured/agreement_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace tonne {
namespace {

// Colours of Okabe & Ito 2008 (told apart by the colour-blind), legible on white and on black.
constexpr std::size_t kGroups = 6;
constexpr std::array<std::string_view, kGroups> kColours = {"#0072b2", "#d55e00", "#009e73",
                                                            "#cc79a7", "#e69f00", "#56b4e9"};
constexpr double kLeft = 70.0;
constexpr double kTop = 44.0;
constexpr double kSide = 400.0;
constexpr std::size_t kMostPoints = 600;  // per group: beyond, every n-th row is drawn

struct Plot {
  std::string title;
  bool energy = false;
  std::span<const ComparedRun> rows;
};

double measured(const Plot& plot, const ComparedRun& row) {
  return plot.energy ? row.joules : row.seconds;
}

double predicted(const Plot& plot, const ComparedRun& row) {
  return plot.energy ? row.predicted_joules : row.predicted_seconds;
}

// Rows of a job that were kept out of the fit; all of them where none was.
Agreement shown_agreement(const Plot& plot, const std::string& job) {
  const bool held_out = std::ranges::any_of(plot.rows, &ComparedRun::unseen);
  std::vector<double> of_rows, of_model;
  for (const ComparedRun& row : plot.rows) {
    if (row.job != job || (held_out && !row.unseen)) continue;
    of_rows.push_back(measured(plot, row));
    of_model.push_back(predicted(plot, row));
  }
  return agreement(of_rows, of_model);
}

// Decimal logarithms; both axes have the same range.
struct Axis {
  double low = std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::lowest();

  void cover(double value) {
    low = std::min(low, std::log10(value) - 0.03);
    high = std::max(high, std::log10(value) + 0.03);
  }
  [[nodiscard]] double at(double value) const { return (std::log10(value) - low) / (high - low) * kSide; }
};

std::vector<std::string> groups_of(const Plot& plot) {
  std::vector<std::string> groups;
  for (const ComparedRun& row : plot.rows) {
    if (std::ranges::find(groups, row.job) == groups.end()) groups.push_back(row.job);
  }
  return groups;
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {  // XML has no control characters, not even escaped
    if (c == '<' || c == '>' || c == '&' || c == '"')
      safe += fmt::format("&#{};", static_cast<int>(c));
    else
      safe += c;
  }
  return safe;
}

std::string tick(double value) {
  return value >= 1e4 || value < 1e-2 ? fmt::format("{:.0e}", value) : fmt::format("{:g}", value);
}

void draw_ticks(std::string& svg, const Axis& axis) {
  const bool fine = axis.high - axis.low < 1.5;
  for (int decade = static_cast<int>(std::floor(axis.low)); decade <= axis.high; ++decade) {
    for (const double digit : fine ? std::vector<double>{1, 2, 3, 5} : std::vector<double>{1}) {
      const double value = digit * std::pow(10.0, decade);
      const double at = axis.at(value);
      if (at < 0.0 || at > kSide) continue;
      svg += fmt::format("<path class=\"g\" d=\"M{0:.1f} {1:.1f}v{2:.0f}M{3:.1f} {4:.1f}h{2:.0f}\"/>\n",
                         kLeft + at, kTop, kSide, kLeft, kTop + kSide - at);
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", kLeft + at,
                         kTop + kSide + 18.0, tick(value));
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 7.0,
                         kTop + kSide - at + 4.0, tick(value));
    }
  }
}

void draw_points(std::string& svg, const Plot& plot, const Axis& axis,
                 const std::vector<std::string>& groups) {
  const bool held_out = std::ranges::any_of(plot.rows, &ComparedRun::unseen);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<const ComparedRun*> rows;
    for (const ComparedRun& row : plot.rows) {
      if (row.job == groups[g]) rows.push_back(&row);
    }
    std::size_t stride = 1 + rows.size() / kMostPoints;
    stride += stride > 1 && stride % 2 == 0 ? 1 : 0;  // odd: rows alternate between seen and unseen
    for (std::size_t i = 0; i < rows.size(); i += stride) {
      svg += fmt::format("<circle class=\"c{}{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>\n", g % kGroups,
                         rows[i]->unseen || !held_out ? "" : " s", kLeft + axis.at(measured(plot, *rows[i])),
                         kTop + kSide - axis.at(predicted(plot, *rows[i])));
    }
  }
}

void draw_legend(std::string& svg, const Plot& plot, const std::vector<std::string>& groups) {
  const double x = kLeft + kSide + 16.0;
  double y = kTop + 12.0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Agreement fit = shown_agreement(plot, groups[g]);
    svg += fmt::format("<circle class=\"c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", g % kGroups, x, y - 4.0);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x + 10.0, y, escaped(groups[g].empty() ? "runs" : groups[g]));
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">R2 {:.3f}, error {:.1f} %</text>\n", x + 10.0,
                       y + 15.0, fit.r2.value_or(0.0), 100.0 * fit.mean_error);
    y += 40.0;
  }
  if (std::ranges::none_of(plot.rows, &ComparedRun::unseen)) return;
  svg += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\">filled: kept out of the fit</text>\n", x, y + 4.0);
  svg += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\">hollow: fitted</text>\n", x, y + 20.0);
}

std::string draw(const Plot& plot) {
  Axis axis;
  for (const ComparedRun& row : plot.rows) {
    axis.cover(measured(plot, row));
    axis.cover(predicted(plot, row));
  }
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"510\" viewBox=\"0 0 680 510\" "
      "font-family=\"sans-serif\" "
      "font-size=\"12\">\n<title>{}</title>\n<style>\n.b{{fill:#fff}}text{{fill:#222}}"
      ".g{{stroke:#8885;fill:none}}.d{{stroke:#888;fill:none;stroke-dasharray:5 4}}\n"
      "@media (prefers-color-scheme:dark){{.b{{fill:#0d1117}}text{{fill:#ddd}}}}\n",
      escaped(plot.title));
  for (std::size_t i = 0; i < kColours.size(); ++i)
    svg += fmt::format(".c{0}{{fill:{1};stroke:{1};fill-opacity:.75}}", i, kColours[i]);
  svg += "\n.s{fill:none;stroke-opacity:.6}\n</style>\n<rect class=\"b\" width=\"680\" height=\"510\"/>\n";
  svg += fmt::format("<text x=\"{:.1f}\" y=\"24\" font-size=\"15\">{}</text>\n", kLeft, escaped(plot.title));
  draw_ticks(svg, axis);
  svg += fmt::format("<path class=\"d\" d=\"M{:.1f} {:.1f}l{:.0f} -{:.0f}\"/>\n", kLeft, kTop + kSide, kSide,
                     kSide);
  const std::vector<std::string> groups = groups_of(plot);
  draw_points(svg, plot, axis, groups);
  draw_legend(svg, plot, groups);
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">measured, {}</text>\n",
                     kLeft + kSide / 2.0, kTop + kSide + 40.0, std::string_view(plot.energy ? "J" : "s"));
  svg += fmt::format(
      "<text transform=\"translate(16 {:.1f}) rotate(-90)\" text-anchor=\"middle\">predicted, {}</text>\n",
      kTop + kSide / 2.0, std::string_view(plot.energy ? "J" : "s"));
  return svg + "</svg>\n";
}

}  // namespace

std::string agreement_chart(const std::string& title, std::span<const ComparedRun> runs, bool energy) {
  return draw({title, energy, runs});
}

}  // namespace tonne
