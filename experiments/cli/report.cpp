// tonne report: what results say, as a page or as data.

#include "experiments/report/report.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/new_file.h"
#include "experiments/store.h"

namespace tonne::cli {
namespace {

std::optional<double> parse_target(const std::string& text) {
  if (text.empty()) return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    throw InputError(fmt::format(
        "--target: '{}' is no number; expected one such as 94 in the objective's own unit", printable(text)));
  return value;
}

std::string in_format(const Report& report, const std::string& format) {
  if (format == "md") return report_markdown(report);
  if (format == "csv") return report_csv(report);
  if (format == "json") return report_json(report);
  return report_html(report);
}

}  // namespace

int report(const ReportArguments& arguments) {
  const ReportOptions options{parse_target(arguments.target)};
  const Store store = Store::open(arguments.results);
  const std::string text = in_format(make_report(store, options), arguments.format);
  if (arguments.out.empty() && arguments.format != "html") {
    print(text);
    return kSuccess;
  }
  const bool folder = std::filesystem::is_directory(arguments.results);
  const std::filesystem::path beside = folder ? arguments.results : arguments.results.parent_path();
  const std::filesystem::path out = arguments.out.empty() ? beside / "report.html" : arguments.out;
  NewFile file(out);
  file.write(text);
  file.commit();
  print(out.string() + "\n");
  return kSuccess;
}

}  // namespace tonne::cli
