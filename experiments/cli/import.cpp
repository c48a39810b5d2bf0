// tonne import: a real search that another tool recorded, as results or as a table.

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/settings.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/histories/imported_experiment.h"
#include "experiments/histories/readers.h"
#include "experiments/histories/recorded_search.h"
#include "experiments/histories/search_table.h"
#include "experiments/meters/meter_log.h"
#include "experiments/results/records.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"

namespace tonne::cli {
namespace {

namespace fs = std::filesystem;

// One search of the file, and where it goes.
struct Import {
  histories::RecordedSearch search;
  histories::EnergySource energy;
  fs::path folder, table;
};

std::vector<histories::History> read_histories(const ImportArguments& arguments) {
  histories::ReadOptions reading = arguments.reading;
  for (const std::string& text : arguments.objectives) reading.objectives.push_back(histories::parse_objective(text));
  for (const std::string& text : arguments.domains) reading.domains.push_back(histories::parse_domain(text));
  return histories::read_history(arguments.file, histories::format_from_name(arguments.format), reading);
}

// mine.yaml for the only search, mine-STUDY.yaml for one of several.
fs::path with_study(const fs::path& file, const std::string& study) {
  return file.parent_path() / (file.stem().string() + "-" + study + file.extension().string());
}

std::vector<Import> read_imports(const ImportArguments& arguments) {
  const std::vector<histories::History> found = read_histories(arguments);
  std::optional<meters::MeterLog> log;
  if (!arguments.emissions.empty()) log = meters::read_log(arguments.emissions);
  std::vector<Import> imports;
  for (const histories::History& history : found) {
    Import import;
    import.search = histories::recorded_search(history);
    import.energy = log ? histories::share_energy(import.search, *log, arguments.reading.time_zone) : histories::recorded_energy(import.search);
    if (!arguments.measured.empty()) import.energy.whole_machine = arguments.measured == "machine";
    const std::string study = histories::folder_name(history.name);
    const bool only = found.size() == 1;
    if (!arguments.out.empty()) import.folder = only ? arguments.out : arguments.out / study;
    if (!arguments.table.empty()) import.table = only ? arguments.table : with_study(arguments.table, study);
    for (const Import& other : imports)
      if ((!import.folder.empty() && other.folder == import.folder) || (!import.table.empty() && other.table == import.table))
        throw InputError(fmt::format("two searches of {} have names that make one file name, '{}': choose one with --study",
                                     arguments.file.string(), study));
    imports.push_back(std::move(import));
  }
  return imports;
}

void refuse_existing(const fs::path& folder) {
  if (const fs::path file = folder / Store::kFileName; fs::exists(file))
    throw StoreError(fmt::format("{} exists already: choose another folder with --out", file.string()));
}

std::string write_search(const Experiment& experiment, const fs::path& folder, bool json) {
  Store store = Store::create(folder, experiment, {});
  Progress progress;
  try {
    static_cast<void>(run_cells(experiment, {}, 1, store, progress));
    store.close();
  } catch (const InputError&) {
    store.close();
    store.remove();
    throw;
  }
  return write_results(std::move(store), folder, json, false);
}

}  // namespace

int import_search(const ImportArguments& arguments) {
  if (arguments.out.empty() && arguments.table.empty())
    throw InputError("nothing to write: give --out FOLDER for results, or --as-table FILE.yaml for an experiment on the search's landscape");
  const std::string name = arguments.name.empty() ? arguments.file.stem().string() : arguments.name;
  const std::vector<Import> imports = read_imports(arguments);
  std::vector<Experiment> experiments;  // all are checked before the first is written
  for (const Import& import : imports) {
    if (import.folder.empty()) continue;
    refuse_existing(import.folder);
    experiments.push_back(histories::imported_experiment(import.search, import.energy, arguments.pricing, name));
  }
  for (std::size_t i = 0; i < imports.size(); ++i) {
    if (!imports[i].folder.empty()) print(write_search(experiments[i], imports[i].folder, arguments.json));
    if (imports[i].table.empty()) continue;
    histories::write_search_table(imports[i].search, imports[i].energy, arguments.pricing, imports[i].table);
    tell(fmt::format("Wrote {0}. What another strategy would have cost on this landscape: tonne run {0}\n", imports[i].table.string()));
  }
  return kSuccess;
}

}  // namespace tonne::cli
