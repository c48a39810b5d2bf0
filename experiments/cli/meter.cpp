// tonne meter: what a power meter's log says.

#include "experiments/meters/meter_report.h"

#include <utility>

#include "core/error.h"
#include "core/settings.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/results/new_file.h"

namespace tonne::cli {
namespace {

double option_quantity(const std::string& text, QuantityKind kind, const char* option) {
  try {
    const double value = parse_quantity(text, kind);
    if (value > 0.0) return value;
  } catch (const InputError& error) {
    throw InputError(std::string(option) + ": " + error.message());
  }
  throw InputError(std::string(option) + ": '" + printable(text) + "' is not above 0");
}

meters::ReadOptions read_options(const MeterArguments& arguments) {
  meters::ReadOptions options;
  options.format = meters::format_from_name(arguments.format);
  options.column = arguments.column;
  if (!arguments.step.empty())
    options.step = option_quantity(arguments.step, QuantityKind::duration, "--step") * second;
  if (!arguments.counter_range.empty())
    options.counter_range =
        option_quantity(arguments.counter_range, QuantityKind::energy, "--counter-range") * joule;
  return options;
}

void write_csv(const std::filesystem::path& log, const std::filesystem::path& out, const std::string& text) {
  std::error_code error;
  if (std::filesystem::equivalent(log, out, error))
    throw InputError(out.string() + " is the log itself; name another file to write");
  NewFile file(out);
  file.write(text);
  file.commit();
}

}  // namespace

int meter(const MeterArguments& arguments) {
  meters::MeterLog log = meters::read_log(arguments.file, read_options(arguments));
  const meters::MeterReport report = meters::report_of(
      std::move(log),
      {arguments.from, arguments.to, arguments.idle_from, arguments.idle_to, arguments.devices});
  if (!arguments.csv.empty()) write_csv(arguments.file, arguments.csv, meters::meter_csv(report));
  print(arguments.json ? meters::meter_json(report) : meters::meter_text(report, text_style()));
  return kSuccess;
}

}  // namespace tonne::cli
