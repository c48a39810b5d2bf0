// Syne Tune's results.csv(.zip): a row for each report. metadata.json beside it names metric, mode and
// scheduler. Columns as syne_tune/constants.py and tuner_callback.py name them.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.h"
#include "experiments/histories/python_json.h"
#include "experiments/histories/readers.h"
#include "experiments/histories/table_history.h"
#include "experiments/histories/table_roles.h"

namespace tonne::histories {
namespace {

namespace fs = std::filesystem;

const KnownColumns& columns_of_syne_tune() {
  static const KnownColumns known = {
      .trial = {"trial_id"},
      .end = {"st_worker_timestamp"},
      .duration = {"st_worker_time", "elapsed_time"},
      .step = {"epoch", "resource", "step", "iteration", "hp_epoch", "st_worker_iter"},
      .energy = {"kwh", "energy_kwh"},
      .co2 = {"kg_co2e", "co2_kg"},
      .parameter_prefixes = {"config_"}};
  return known;
}

// What metadata.json says.
struct Metadata {
  std::vector<NamedObjective> objectives;
  std::string scheduler, tuner;
  double created = 0.0;  // seconds since 1970
};

std::string text_in(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

std::optional<Direction> mode_of(const Json& mode) {
  if (!mode.is_string()) return std::nullopt;
  if (mode.get_ref<const std::string&>() == "max") return Direction::maximise;
  return mode.get_ref<const std::string&>() == "min" ? std::optional(Direction::minimise) : std::nullopt;
}

Metadata read_metadata(const fs::path& file) {
  constexpr std::size_t kLargest = std::size_t{4} << 20U;
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  JsonFault fault;
  const Json json = parse_python_json(read_text_file(file, kLargest), &fault);
  if (!json.is_object())
    throw InputError({file.string(), 0, 0}, "", json.is_discarded() ? fault.what : "is no object of JSON");
  Metadata metadata;
  metadata.scheduler = text_in(json, "scheduler_name");
  metadata.tuner = text_in(json, "tuner_name");
  if (json.contains("st_tuner_creation_timestamp"))
    metadata.created = number_in(json["st_tuner_creation_timestamp"]).value_or(0.0);
  const Json names = json.value("metric_names", Json::array());
  const Json modes = json.value("metric_mode", Json());
  for (std::size_t i = 0; names.is_array() && i < std::min<std::size_t>(names.size(), 100); ++i)
    if (names[i].is_string())
      metadata.objectives.push_back(
          {names[i].get<std::string>(), mode_of(modes.is_array() && i < modes.size() ? modes[i] : modes)});
  return metadata;
}

// The metric that `tonne export` names in columns of its own.
std::vector<NamedObjective> named_in_rows(const CsvTable& table) {
  const auto mode = table.find("metric_mode"), value = table.find("metric_value");
  if (!mode || !value) return {};
  const std::string_view text = table.field(0, *mode);
  return {{"metric_value", text == "max" ? Direction::maximise : Direction::minimise}};
}

class SyneTune {
 public:
  SyneTune(const CsvTable& table, const fs::path& file, const ReadOptions& options)
      : table_(table),
        file_(file),
        options_(options),
        metadata_(read_metadata(file.parent_path() / "metadata.json")) {}

  std::vector<History> histories() {
    if (!table_.find("trial_id"))
      throw InputError({table_.file(), 1, 0}, "",
                       "is no results.csv of Syne Tune: it has no column 'trial_id'. Its columns: " +
                           join_names(table_.columns()));
    if (options_.objectives.empty()) options_.objectives = objectives();
    TableRoles roles = find_roles(table_, options_, columns_of_syne_tune());
    if (!roles.end)
      if (const auto tuner_time = table_.find("st_tuner_time")) {
        roles.end = tuner_time;
        roles.end_is_relative = true;
      }
    std::vector<History> histories;
    for (auto& [name, rows] : searches()) histories.push_back(history(name, std::move(rows), roles));
    return histories;
  }

 private:
  [[nodiscard]] std::vector<NamedObjective> objectives() const {
    std::vector<NamedObjective> found;
    for (const NamedObjective& objective : metadata_.objectives)
      if (table_.find(objective.column)) found.push_back(objective);
    return found.empty() ? named_in_rows(table_) : found;
  }

  // Rows by tuner_name, where there is one.
  [[nodiscard]] std::map<std::string, std::vector<std::size_t>> searches() const {
    const auto tuner = table_.find("tuner_name");
    std::map<std::string, std::vector<std::size_t>> rows;
    const std::string only = metadata_.tuner.empty() ? file_.stem().stem().string() : metadata_.tuner;
    for (std::size_t r = 0; r < table_.rows(); ++r)
      rows[tuner ? std::string(table_.field(r, *tuner)) : only].push_back(r);
    if (options_.study.empty()) return rows;
    const auto at = rows.find(options_.study);
    if (at == rows.end()) {
      std::vector<std::string> names;
      for (const auto& [name, some] : rows) names.push_back(name);
      throw InputError(
          {table_.file(), 0, 0}, "",
          fmt::format("has no search '{}'. Its searches: {}", options_.study, join_names(names)));
    }
    return {*at};
  }

  [[nodiscard]] History history(const std::string& name, std::vector<std::size_t> rows,
                                const TableRoles& roles) const {
    const auto scheduler = table_.find("scheduler");
    TableDescription description{
        .name = name, .source = "Syne Tune results", .method = metadata_.scheduler, .rows = std::move(rows)};
    if (description.method.empty() && scheduler)
      description.method = table_.field(description.rows.front(), *scheduler);
    description.began = metadata_.created;
    const double highest = highest_step(description.rows, roles);
    description.state = [this, highest, step = roles.step](std::size_t row) {
      return state_of(row, step, highest);
    };
    return table_history(table_, roles, description, options_);
  }

  [[nodiscard]] double highest_step(const std::vector<std::size_t>& rows, const TableRoles& roles) const {
    double highest = 0.0;
    for (const std::size_t row : rows)
      if (roles.step) highest = std::max(highest, parse_number(table_.field(row, *roles.step)).value_or(0.0));
    return highest;
  }

  [[nodiscard]] std::string cell(std::size_t row, const char* column) const {
    const auto at = table_.find(column);
    return at ? std::string(table_.field(row, *at)) : std::string();
  }

  // The status is that of the moment of the report: of a trial's last one it is mostly InProgress, whatever
  // came after.
  [[nodiscard]] std::optional<CellState> state_of(std::size_t row, std::optional<std::size_t> step,
                                                  double highest) const {
    const std::string decision = cell(row, "st_decision");
    const auto status = cell_state(cell(row, "st_status"));
    if (status && status->state == State::failed) return status;
    if (decision == "STOP" || decision == "PAUSE") {
      const bool is_last = step && parse_number(table_.field(row, *step)).value_or(0.0) >= highest;
      return CellState{is_last ? State::complete : State::pruned};
    }
    if (status && status->state != State::running) return status;
    const bool is_whole = !step || parse_number(table_.field(row, *step)).value_or(0.0) >= highest;
    return CellState{is_whole ? State::complete : State::running};
  }

  const CsvTable& table_;
  const fs::path& file_;
  ReadOptions options_;
  Metadata metadata_;
};

}  // namespace

std::vector<History> read_syne_tune(const fs::path& file, const ReadOptions& options) {
  if (file.extension() == ".zip")
    throw InputError({file.string(), 0, 0}, "",
                     "is packed: unpack it first, with unzip, beside its metadata.json");
  const CsvTable table = read_trial_table(file);
  return SyneTune(table, file, options).histories();
}

}  // namespace tonne::histories
