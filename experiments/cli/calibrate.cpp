// tonne calibrate: the cost model against measured runs, and a catalogue's entry from them.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include "core/error.h"
#include "cost_models/catalogue.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/measured/agreement_chart.h"
#include "experiments/measured/calibration_text.h"
#include "experiments/measured/measurements.h"
#include "experiments/results/new_file.h"

namespace tonne::cli {
namespace {

void draw(const std::filesystem::path& folder, const std::filesystem::path& file,
          const Measurements& measurements) {
  const auto runs = compare_runs(measurements);
  const bool energy = std::ranges::all_of(runs, [](const ComparedRun& run) { return run.joules > 0.0; });
  std::filesystem::create_directories(folder);
  NewFile picture(folder / (file.stem().string() + ".svg"));
  picture.write(agreement_chart(measurements.title, runs, energy));
  picture.commit();
}

// Two files of one name in different folders would be one picture.
void refuse_same_pictures(const CalibrateArguments& arguments) {
  std::set<std::string> names;
  for (const std::filesystem::path& file : arguments.files)
    if (!arguments.charts.empty() && !names.insert(file.stem().string()).second)
      throw InputError(fmt::format("--charts: two files are called '{}', and their pictures would be one: check them one "
                                   "at a time",
                                   printable(file.stem().string())));
}

int check_files(const CalibrateArguments& arguments) {
  refuse_same_pictures(arguments);
  bool first = true;
  bool held_out = false;
  for (const std::filesystem::path& file : arguments.files) {
    const Measurements measurements = read_measurements(file);
    const auto jobs = check(measurements);
    print(arguments.json ? check_json(measurements, jobs)
                         : (first ? "" : "\n") + check_text(measurements, jobs, text_style()));
    held_out = held_out || jobs.front().unseen.has_value();
    if (!arguments.charts.empty()) draw(arguments.charts, file, measurements);
    first = false;
  }
  if (!arguments.json) print(check_legend(held_out, text_style()));
  return kSuccess;
}

// What cannot be meant is said before anything is read.
void check_arguments(const CalibrateArguments& arguments) {
  if (arguments.check && (!arguments.out.empty() || !arguments.name.empty() || arguments.rows > 0))
    throw InputError("--check fits nothing: --out, --name and --rows are for a fit");
  if (!arguments.check && !arguments.charts.empty()) throw InputError("--charts needs --check");
  if (!arguments.name.empty() && !is_entry_name(arguments.name))
    throw InputError(fmt::format("--name: '{}' is not a valid name: use 1 to 64 letters, digits and -_.+",
                                 printable(arguments.name.substr(0, 64))));
  if (!arguments.out.empty() && std::filesystem::exists(arguments.out))
    throw InputError(fmt::format("{}: exists, and is not overwritten: give another name, and join the entries by hand",
                                 arguments.out.string()));
}

}  // namespace

int calibrate(const CalibrateArguments& arguments) {
  check_arguments(arguments);
  if (arguments.check) return check_files(arguments);
  if (arguments.files.size() > 1)
    throw InputError("calibrate fits one file at a time; with --check it takes several");
  const Measurements measurements = read_measurements(arguments.files.front());
  if (measurements.date.empty())
    throw InputError({arguments.files.front().string(), 1, 1}, "measured.date",
                     "is missing: the day of the measurement (2026-11-30) or its year, which the entry keeps");
  const Calibration calibration = tonne::calibrate(measurements, arguments.rows);
  if (arguments.json) {
    print(calibration_json(measurements, calibration));
  } else {
    print(calibration_text(measurements, calibration, text_style()));
  }
  if (!calibration.told_anything())
    throw InputError(measurements.table.string() + ": these rows tell none of the figures, so nothing is written");
  const std::string name = arguments.name.empty() ? calibration.device + "-measured" : arguments.name;
  const std::string entry = calibration_entry(measurements, calibration, name);
  // What cannot be read again is a fault of the program or a bad name: better now than in the next run.
  static_cast<void>(Catalogue::with_text(entry, arguments.out.empty() ? name : arguments.out.string(),
                                         *Catalogue::with_file(measurements.jobs.front().cluster.catalogue)));
  if (!arguments.out.empty()) {
    NewFile file(arguments.out);
    file.write(entry);
    file.commit();
  }
  if (arguments.json) return kSuccess;
  print(wrapped(where_it_counts(calibration), text_style().width));
  print(arguments.out.empty() ? "\n" + entry : fmt::format("wrote {}\n", arguments.out.string()));
  return kSuccess;
}

}  // namespace tonne::cli
