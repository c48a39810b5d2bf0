// tonne reprice: recorded searches elsewhere, later, on other machines.

#include "experiments/repricing/reprice.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/report/svg.h"
#include "experiments/repricing/choices.h"
#include "experiments/repricing/reprice_text.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"

namespace tonne::cli {
namespace {

std::vector<std::string> all_parts(const std::vector<std::string>& given) {
  std::vector<std::string> parts;
  for (const std::string& text : given)
    for (std::string& part : list_parts(text)) parts.push_back(std::move(part));
  return parts;
}

std::vector<Elsewhere> places_of(const RepriceArguments& arguments) {
  std::vector<std::pair<std::string, std::vector<std::string>>> lists;
  for (const auto& [key, given] : arguments.values) {
    std::vector<std::string> values = all_parts(given);
    if (key == "grid")
      for (std::string& value : values) value = grid_setting(value);
    if (key == "start" && !arguments.start_range.empty())
      for (std::string& start : starts_in(arguments.start_range, arguments.step)) values.push_back(std::move(start));
    lists.emplace_back(key, std::move(values));
  }
  constexpr std::string_view kPrefix = "cluster.";
  for (const std::string& setting : arguments.settings) {
    const std::size_t equals = setting.find('=');
    if (!setting.starts_with(kPrefix) || equals == std::string::npos)
      throw InputError("--set: expected cluster.KEY=VALUE, such as cluster.utilisation=0.4; got '" + setting + "'");
    lists.push_back({setting.substr(kPrefix.size(), equals - kPrefix.size()), list_parts(setting.substr(equals + 1))});
  }
  return combined(lists);
}

// Of a row in the chart's legend, which is narrow: what tells the rows apart. The problem and scenario only where there are several.
std::string legend_of(const RepricedSearch& row, const Repricing& repricing, const std::vector<Elsewhere>& places) {
  const bool one_board = std::ranges::all_of(repricing.rows, [&](const RepricedSearch& other) {
    return other.problem == row.problem && other.scenario == row.scenario;
  });
  return places[row.place].label + ": " + (one_board ? row.strategy : search_name(row));
}

std::string chart_of(const Repricing& repricing, const std::vector<Elsewhere>& places) {
  ScatterChart chart;
  chart.title = "The recorded searches elsewhere";
  chart.x_label = "hours from start to end";
  chart.y_label = "kg CO2e of the mean search";
  chart.higher_is_better = false;
  for (const RepricedSearch& row : repricing.rows)
    chart.points.push_back({legend_of(row, repricing, places), row.time_after / hour, row.after.carbon() / kilogram, {}, {}});
  return scatter_chart_svg(chart);
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  NewFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace

int reprice_results(const RepriceArguments& arguments) {
  const std::vector<Elsewhere> places = places_of(arguments);
  const Store store = Store::open(arguments.results);
  const Repricing repricing = reprice(store, places);
  if (!arguments.chart.empty()) write_file(arguments.chart, chart_of(repricing, places));
  const std::string format = arguments.json ? "json" : arguments.format;
  const std::string text = format == "json"  ? reprice_json(repricing, places)
                           : format == "csv" ? reprice_csv(repricing, places)
                                             : reprice_text(repricing, places, arguments.out.empty() ? text_style() : TextStyle{});
  if (arguments.out.empty())
    print(text);
  else
    write_file(arguments.out, text);
  return kSuccess;
}

}  // namespace tonne::cli
