// tonne report, tonne compare: what results say, as a page or as data.

#include "experiments/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/report/render_latex.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"

namespace tonne::cli {
namespace {

std::optional<double> number_in(const std::string& text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_target(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto value = number_in(text);
  if (!value)
    throw InputError(fmt::format(
        "--target: '{}' is not a number; expected one such as 94 in the objective's own unit", printable(text)));
  return value;
}

double parse_worth(const std::string& text) {
  if (text.empty()) return 0.0;
  const auto value = number_in(text);
  if (!value || !(*value > 0.0))
    throw InputError(fmt::format(
        "--worth: '{}' is not a number above 0; expected one such as 0.01 in the objective's own unit per kg",
        printable(text)));
  return *value;
}

std::string in_format(const Report& report, const std::string& format) {
  if (format == "md") return report_markdown(report);
  if (format == "csv") return report_csv(report);
  if (format == "json") return report_json(report);
  if (format == "latex") return render_latex(report.view);
  if (format == "text") return report_text(report);
  return report_html(report);
}

void deliver(const std::string& text, const std::filesystem::path& out) {
  if (out.empty()) {
    print(text);
    return;
  }
  NewFile file(out);
  file.write(text);
  file.commit();
  print(out.string() + "\n");
}

void write_charts(const Report& report, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw StoreError(folder.string() + ": cannot be made: " + error.message());
  for (const ChartFile& chart : report.charts) {
    NewFile file(folder / chart.name);
    file.write(chart.svg);
    file.commit();
  }
}

// "results/before" for messages and tables; the folder's own name where that is enough.
std::vector<std::string> names_of(const std::vector<std::filesystem::path>& folders) {
  std::vector<std::string> names;
  for (const std::filesystem::path& folder : folders) {
    const auto trimmed = folder.has_filename() ? folder : folder.parent_path();
    names.push_back(trimmed.filename().string());
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::ranges::count(names, names[i]) > 1)
      for (std::size_t k = 0; k < names.size(); ++k) names[k] = folders[k].string();
  return names;
}

}  // namespace

int report(const ReportArguments& arguments) {
  const ReportOptions options{parse_target(arguments.target), parse_worth(arguments.worth),
                              arguments.chart_width == "single" ? kSingleColumn : kDoubleColumn};
  const Store store = Store::open(arguments.results);
  if (const std::size_t done = store.cell_count(), planned = store.planned_cells(); done < planned && !arguments.partial)
    tell(fmt::format("{} of {} cells are finished: the report is partial, and says so.\n", done, planned));
  const ReportInput input = read_report_input(store);
  const bool folder = std::filesystem::is_directory(arguments.results);
  const std::filesystem::path beside = folder ? arguments.results : arguments.results.parent_path();
  const bool page = arguments.format == "html" && arguments.out.empty();
  const Report made = make_report(input, options);
  if (!arguments.charts.empty()) write_charts(made, arguments.charts);
  deliver(in_format(made, arguments.format), page ? beside / "report.html" : arguments.out);
  return kSuccess;
}

int compare(const CompareArguments& arguments) {
  const ReportOptions options{parse_target(arguments.target), parse_worth(arguments.worth), kDoubleColumn};
  const std::vector<std::string> names = names_of(arguments.results);
  std::vector<NamedInput> inputs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    inputs.push_back({names[i], read_report_input(Store::open(arguments.results[i]))});
    for (std::size_t k = 0; k < i; ++k)
      if (std::filesystem::equivalent(arguments.results[i], arguments.results[k]))
        throw InputError(fmt::format("{} and {} are the same results",
                                     printable(arguments.results[k].string()),
                                     printable(arguments.results[i].string())));
  }
  deliver(in_format(make_report(join_inputs(std::move(inputs)), options), arguments.format), arguments.out);
  return kSuccess;
}

}  // namespace tonne::cli
