// tonne export: every trial as rows, or results in the formats of other tools.

#include <fmt/format.h>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/exports/csv_exports.h"
#include "experiments/exports/tool_exports.h"
#include "experiments/results/store.h"

namespace tonne::cli {
namespace {

// The store is all there is of an experiment: no export takes its place.
void refuse_to_replace(const std::filesystem::path& store, const std::filesystem::path& out) {
  std::error_code error;
  if (std::filesystem::equivalent(store, out, error))
    throw InputError(out.string() + " holds the results themselves; name another file to write");
}

void write_rows(const Store& store, const std::filesystem::path& file) {
  store.write_rows(file);
}

}  // namespace

int export_results(const ExportArguments& arguments) {
  struct Format {
    const char* name;
    const char* file;
    void (*write)(const Store&, const std::filesystem::path&);
  };
  constexpr Format kFormats[] = {{"csv", "trials.csv", write_trials_csv},
                                 {"sqlite", "rows.sqlite", write_rows},
                                 {"tidy", "tidy.csv", write_tidy},
                                 {"optuna", "optuna_journal.log", write_optuna_journal},
                                 {"optuna-sqlite", "optuna.db", write_optuna_sqlite},
                                 {"iohprofiler", "iohprofiler", write_iohprofiler},
                                 {"codecarbon", "emissions.csv", write_codecarbon},
                                 {"syne-tune", "results.csv", write_syne_tune}};
  const Store store = Store::open(arguments.results);
  for (const Format& format : kFormats) {
    if (arguments.format != format.name) continue;
    const bool folder = std::filesystem::is_directory(arguments.results);
    const std::filesystem::path beside = folder ? arguments.results : arguments.results.parent_path();
    const std::filesystem::path out = arguments.out.empty() ? beside / format.file : arguments.out;
    refuse_to_replace(folder ? arguments.results / Store::kFileName : arguments.results, out);
    if (store.meta("record") != "trials" && arguments.format != "codecarbon")
      tell(fmt::format("{} was recorded with `record: {}`: it holds no trials, so neither does {}.\n", arguments.results.string(),
                       store.meta("record"), out.string()));
    format.write(store, out);
    print(out.string() + "\n");
  }
  return kSuccess;
}

}  // namespace tonne::cli
