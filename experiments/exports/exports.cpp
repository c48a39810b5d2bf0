#include "experiments/exports/exports.h"

#include "experiments/analysis/findings.h"
#include "experiments/exports/csv_exports.h"
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

}  // namespace tonne
