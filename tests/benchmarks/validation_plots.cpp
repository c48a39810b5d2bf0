// Draws docs/plots/*.svg: measured against predicted, of each table beside the checkout.
//   build/release/validation_plots docs/plots

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "../cost_models/measured_tables.h"
#include "core/error.h"

namespace {

using tonne::CsvTable;
using tonne::testing::Comparison;
using tonne::testing::Figure;

constexpr double kLeft = 70.0;
constexpr double kTop = 44.0;
constexpr double kSide = 400.0;
constexpr std::size_t kMostPoints = 600;  // per group: beyond, every n-th row is drawn

struct Plot {
  std::string file;
  std::string title;
  std::string unit;
  Figure figure = Figure::seconds;
  std::vector<Comparison> rows;
};

double measured(const Plot& plot, const Comparison& row) {
  return plot.figure == Figure::seconds ? row.seconds : row.joules;
}

double predicted(const Plot& plot, const Comparison& row) {
  return plot.figure == Figure::seconds ? row.predicted_seconds : row.predicted_joules;
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
  for (const Comparison& row : plot.rows) {
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) groups.push_back(row.group);
  }
  return groups;
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
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<const Comparison*> rows;
    for (const Comparison& row : plot.rows) {
      if (row.group == groups[g]) rows.push_back(&row);
    }
    std::size_t stride = 1 + rows.size() / kMostPoints;
    stride += stride > 1 && stride % 2 == 0 ? 1 : 0;  // odd: rows alternate between seen and unseen
    for (std::size_t i = 0; i < rows.size(); i += stride) {
      svg += fmt::format("<circle class=\"c{}{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>\n", g,
                         rows[i]->unseen ? "" : " s", kLeft + axis.at(measured(plot, *rows[i])),
                         kTop + kSide - axis.at(predicted(plot, *rows[i])));
    }
  }
}

void draw_legend(std::string& svg, const Plot& plot, const std::vector<std::string>& groups) {
  const double x = kLeft + kSide + 16.0;
  double y = kTop + 12.0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const tonne::testing::Fit fit = tonne::testing::fit_of_unseen(plot.rows, plot.figure, groups[g]);
    svg += fmt::format("<circle class=\"c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", g, x, y - 4.0);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x + 10.0, y, groups[g]);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">R2 {:.3f}, error {:.1f} %</text>\n", x + 10.0,
                       y + 15.0, fit.r2, 100.0 * fit.mean_error);
    y += 40.0;
  }
  svg += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\">filled: unseen in the fit</text>\n", x, y + 4.0);
  svg += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\">hollow: seen</text>\n", x, y + 20.0);
}

std::string draw(const Plot& plot) {
  Axis axis;
  for (const Comparison& row : plot.rows) {
    axis.cover(measured(plot, row));
    axis.cover(predicted(plot, row));
  }
  // Colours of Okabe & Ito 2008 (told apart by the colour-blind), legible on white and on black.
  constexpr std::array<std::string_view, 6> kColours = {"#0072b2", "#d55e00", "#009e73",
                                                        "#cc79a7", "#e69f00", "#56b4e9"};
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"510\" viewBox=\"0 0 680 510\" "
      "font-family=\"sans-serif\" "
      "font-size=\"12\">\n<title>{}</title>\n<style>\n.b{{fill:#fff}}text{{fill:#222}}"
      ".g{{stroke:#8885;fill:none}}.d{{stroke:#888;fill:none;stroke-dasharray:5 4}}\n"
      "@media (prefers-color-scheme:dark){{.b{{fill:#0d1117}}text{{fill:#ddd}}}}\n",
      plot.title);
  for (std::size_t i = 0; i < kColours.size(); ++i)
    svg += fmt::format(".c{0}{{fill:{1};stroke:{1};fill-opacity:.75}}", i, kColours[i]);
  svg += "\n.s{fill:none;stroke-opacity:.6}\n</style>\n<rect class=\"b\" width=\"680\" height=\"510\"/>\n";
  svg += fmt::format("<text x=\"{:.1f}\" y=\"24\" font-size=\"15\">{}</text>\n", kLeft, plot.title);
  draw_ticks(svg, axis);
  svg += fmt::format("<path class=\"d\" d=\"M{:.1f} {:.1f}l{:.0f} -{:.0f}\"/>\n", kLeft, kTop + kSide, kSide,
                     kSide);
  const std::vector<std::string> groups = groups_of(plot);
  draw_points(svg, plot, axis, groups);
  draw_legend(svg, plot, groups);
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">measured, {}</text>\n",
                     kLeft + kSide / 2.0, kTop + kSide + 40.0, plot.unit);
  svg += fmt::format(
      "<text transform=\"translate(16 {:.1f}) rotate(-90)\" text-anchor=\"middle\">predicted, {}</text>\n",
      kTop + kSide / 2.0, plot.unit);
  return svg + "</svg>\n";
}

std::vector<Plot> all_plots() {
  using tonne::testing::measured_table;
  const auto runs = tonne::testing::read_runs(CsvTable::read(measured_table("ecnas_4v_measured_energy.csv")));
  const CsvTable zeus = CsvTable::read(measured_table("zeus_summary_power_v100.csv"));
  const CsvTable accel = CsvTable::read(measured_table("accel_nasbench.csv"));
  std::vector<Plot> plots;
  plots.push_back({"ecnas-device", "EC-NAS-Bench: device while training", "J", Figure::joules,
                   tonne::testing::compare_ecnas_device(runs)});
  plots.push_back({"ecnas-total", "EC-NAS-Bench: whole run, CPU and facility", "J", Figure::joules,
                   tonne::testing::compare_ecnas_total(runs)});
  plots.push_back({"zeus-energy", "V100, six jobs by batch size and power limit", "J per epoch",
                   Figure::joules, tonne::testing::compare_zeus(zeus)});
  Plot inference{"accel-inference", "Accel-NASBench: inference", "s per image", Figure::seconds, {}};
  for (const tonne::testing::AccelColumn& column : tonne::testing::kAccelColumns) {
    const std::vector<Comparison> rows = tonne::testing::compare_accel_inference(accel, column);
    inference.rows.insert(inference.rows.end(), rows.begin(), rows.end());
  }
  plots.push_back(std::move(inference));
  plots.push_back({"accel-training", "Accel-NASBench: training", "s", Figure::seconds,
                   tonne::testing::compare_accel_training(accel)});
  return plots;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: validation_plots DIRECTORY\n");
    return 2;
  }
  try {
    for (const Plot& plot : all_plots()) {
      std::ofstream file(fmt::format("{}/{}.svg", argv[1], plot.file), std::ios::binary);
      file << draw(plot);
      if (!file.flush()) throw tonne::InputError({}, "", fmt::format("cannot write into {}", argv[1]));
    }
  } catch (const tonne::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
