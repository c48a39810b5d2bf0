// Tables with a row for each trial: any CSV, and the exports of Weights & Biases and MLflow.

#include <numeric>
#include <utility>

#include "experiments/histories/readers.h"
#include "experiments/histories/table_history.h"
#include "experiments/histories/table_roles.h"

namespace tonne::histories {
namespace {

// Also what Optuna's trials_dataframe() and Ray Tune's results_df name theirs.
const KnownColumns& columns_of_any_table() {
  static const KnownColumns known = {
      .trial = {"number", "trial_id", "trial", "trial_number", "run_id", "id", "run"},
      .start = {"datetime_start", "start_time", "started_at", "start", "started", "begin"},
      .end = {"datetime_complete", "datetime_end", "end_time", "ended_at", "completed_at", "finished_at",
              "end", "ended"},
      .duration = {"duration", "duration_s", "duration_seconds", "seconds", "runtime", "time_total_s",
                   "elapsed_time", "elapsed", "wall_time", "walltime", "training_time", "train_time",
                   "time_s", "time"},
      .state = {"state", "status", "trial_state"},
      .step = {"epoch", "epochs", "step", "iteration", "training_iteration", "resource"},
      .energy = {"energy_kwh", "kwh", "energy_consumed", "energy_consumed_kwh"},
      .co2 = {"co2_kg", "co2e_kg", "kg_co2e", "kg_co2", "emissions_kg", "emissions"},
      .parameter_prefixes = {"params_", "params.", "param_", "config_", "config/", "config.", "hp_"},
      .neither = {"user_attrs_*", "system_attrs_*", "name", "notes", "tags", "user", "host", "hostname",
                  "date", "timestamp", "pid", "node_ip", "experiment_id", "trial_name", "done"}};
  return known;
}

// The runs table, "Export as CSV": configuration and summary side by side.
const KnownColumns& columns_of_wandb() {
  static const KnownColumns known = {
      .trial = {"id", "name"},
      .start = {"created", "created_at", "start_time"},
      .end = {"end_time"},
      .duration = {"runtime", "_runtime", "duration"},
      .state = {"state"},
      .parameter_prefixes = {"config.", "config/"},
      .neither = {
          "name",    "notes",     "user",     "tags",         "sweep",     "group",          "job_type",
          "updated", "heartbeat", "commit",   "github",       "project",   "entity",         "url",
          "host",    "hostname",  "gpu_type", "gpu_count",    "cpu_count", "python_version", "os",
          "command", "agent",     "_*",       "parameters_*", "graph_*"}};
  return known;
}

// Columns of the page's download and of `mlflow experiments csv` or search_runs().
const KnownColumns& columns_of_mlflow() {
  static const KnownColumns known = {
      .trial = {"run_id"},
      .start = {"start_time"},
      .end = {"end_time"},
      .duration = {"duration"},
      .state = {"status"},
      .parameter_prefixes = {"params."},
      .neither = {"name", "source_type", "source_name", "source", "user", "version", "models", "dataset",
                  "created", "experiment_id", "experiment_name", "artifact_uri", "lifecycle_stage",
                  "run_name", "mlflow_*", "tags_*", "metrics_*"}};
  return known;
}

std::vector<History> read_rows(const std::filesystem::path& file, const ReadOptions& options,
                               const KnownColumns& known, const char* source) {
  const CsvTable table = read_trial_table(file);
  const TableRoles roles = find_roles(table, options, known);
  TableDescription description{
      .name = file.stem().string(), .source = source, .rows = std::vector<std::size_t>(table.rows())};
  std::iota(description.rows.begin(), description.rows.end(), std::size_t{0});
  std::vector<History> histories;
  histories.push_back(table_history(table, roles, description, options));
  return histories;
}

}  // namespace

std::vector<History> read_csv(const std::filesystem::path& file, const ReadOptions& options) {
  return read_rows(file, options, columns_of_any_table(), "table of trials (CSV)");
}

std::vector<History> read_wandb(const std::filesystem::path& file, const ReadOptions& options) {
  return read_rows(file, options, columns_of_wandb(), "Weights & Biases runs table (CSV)");
}

std::vector<History> read_mlflow(const std::filesystem::path& file, const ReadOptions& options) {
  return read_rows(file, options, columns_of_mlflow(), "MLflow runs (CSV)");
}

}  // namespace tonne::histories
