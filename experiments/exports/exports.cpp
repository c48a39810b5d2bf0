#include "experiments/exports/exports.h"

#include "experiments/analysis/findings.h"
#include "experiments/exports/csv_exports.h"
#include "experiments/exports/own_footprint.h"
#include "experiments/exports/summary.h"
#include "experiments/results/new_file.h"

namespace tonne {

void write_exports(const Store& store, const std::filesystem::path& folder, bool with_trials) {
  write_exports(store, conclusions(store), folder, with_trials);
}

void write_exports(const Store& store, const Conclusions& conclusions, const std::filesystem::path& folder, bool with_trials) {
  for (const char* name : {"incumbents.csv", "trials.csv", "summary.json"}) discard_link(folder / name);
  write_csv_exports(store, folder);
  if (with_trials) write_trials_csv(store, folder / "trials.csv");
  NewFile summary(folder / "summary.json");
  summary.write(summary_json(store, conclusions));
  summary.commit();
}

void remove_exports(const std::filesystem::path& folder) {
  std::error_code error;  // what cannot be removed is written anew at the end
  for (const char* name : {"incumbents.csv", "trials.csv", "summary.json", "uncertainty.csv", kOwnFootprintFile, "report.html"})
    std::filesystem::remove(folder / name, error);
}

}  // namespace tonne
