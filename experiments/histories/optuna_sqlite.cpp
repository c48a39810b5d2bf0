// Optuna's SQLite storage, after optuna/storages/_rdb/models.py: schema 12 as Optuna 3.0 to 4 write it, and
// what their migrations
// (_rdb/alembic) found before: values without types, one direction in `studies`, one value in `trials`.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "experiments/histories/foreign_database.h"
#include "experiments/histories/optuna_study.h"
#include "experiments/histories/python_json.h"

namespace tonne::histories {
namespace {

// As their names stand in the tables.
OptunaState state_named(const ForeignRow& row, const std::string& name) {
  constexpr std::pair<const char*, OptunaState> kStates[] = {{"RUNNING", OptunaState::running},
                                                             {"COMPLETE", OptunaState::complete},
                                                             {"PRUNED", OptunaState::pruned},
                                                             {"FAIL", OptunaState::failed},
                                                             {"WAITING", OptunaState::waiting}};
  for (const auto& [text, state] : kStates)
    if (name == text) return state;
  row.refuse("'" + name.substr(0, 40) + "' is no state of a trial");
}

std::optional<Direction> direction_named(const ForeignRow& row, const std::string& name) {
  if (name == "MINIMIZE") return Direction::minimise;
  if (name == "MAXIMIZE") return Direction::maximise;
  if (name == "NOT_SET") return std::nullopt;
  row.refuse("'" + name.substr(0, 40) + "' is no direction of an objective");
}

class SqliteStudies {
 public:
  SqliteStudies(const std::filesystem::path& file, const ReadOptions& options)
      : file_(file.string()), database_(file), options_(options), clock_(options.time_zone) {}

  std::vector<History> read() {
    if (!database_.has("studies") || !database_.has("trials") || !database_.has("trial_params"))
      throw InputError(
          {file_, 0, 0}, "",
          "is an SQLite file but no storage of Optuna: it lacks the tables studies, trials and trial_params");
    const std::string source = read_version();
    read_studies();
    read_directions();
    read_metric_names();
    read_trials();
    read_parameters();
    read_values();
    read_reports();
    read_attributes("trial_user_attributes", true);
    read_attributes("trial_system_attributes", false);
    std::vector<OptunaStudy> studies;
    for (auto& [id, study] : studies_) studies.push_back(std::move(study));
    return optuna_histories(std::move(studies), source, clock_, options_, file_);
  }

 private:
  struct Place {
    OptunaStudy* study = nullptr;
    std::size_t index = 0;  // in its trials
    [[nodiscard]] OptunaTrial& trial() const { return study->trials[index]; }
  };

  std::string read_version() {
    std::string version, schema;
    if (database_.has("version_info"))
      database_.each("version_info", {"version_info_id", "schema_version", "library_version"},
                     [&](const ForeignRow& row) {
                       if (!row.is_null(1)) schema = fmt::format(", schema {}", row.integer(1));
                       if (!row.is_null(2)) version = " " + row.text(2).substr(0, 20);
                     });
    return "Optuna" + version + " SQLite storage" + schema;
  }

  void read_studies() {
    database_.each("studies", {"study_id", "study_name"}, [&](const ForeignRow& row) {
      if (studies_.size() >= kMostStudies)
        row.refuse(fmt::format("this is one more than {} studies", kMostStudies));
      studies_[row.integer(0)].name = row.text(1);
    });
  }

  OptunaStudy* study(std::int64_t id) {
    const auto at = studies_.find(id);
    return at == studies_.end() ? nullptr : &at->second;
  }

  void read_directions() {
    if (!database_.has("study_directions"))
      return database_.each("studies", {"study_id", "direction"}, [&](const ForeignRow& row) {
        studies_.at(row.integer(0)).directions = {direction_named(row, row.text(1))};
      });
    std::map<std::int64_t, std::map<std::int64_t, std::optional<Direction>>> directions;
    database_.each("study_directions", {"study_direction_id", "study_id", "objective", "direction"},
                   [&](const ForeignRow& row) {
                     directions[row.integer(1)][row.integer(2)] = direction_named(row, row.text(3));
                   });
    for (auto& [id, by_objective] : directions)
      if (OptunaStudy* const found = study(id))
        for (const auto& [objective, direction] : by_objective) found->directions.push_back(direction);
  }

  void read_metric_names() {
    if (!database_.has("study_system_attributes")) return;
    database_.each("study_system_attributes", {"study_system_attribute_id", "study_id", "key", "value_json"},
                   [&](const ForeignRow& row) {
                     if (row.is_null(1) || row.is_null(2) || row.is_null(3)) return;
                     const std::string key = row.text(2);
                     if (!key.ends_with("_names")) return;
                     auto names = metric_names(key, parse_python_json(row.text(3)));
                     if (OptunaStudy* const found = study(row.integer(1)); found && !names.empty())
                       found->metric_names = std::move(names);
                   });
  }

  std::optional<double> moment(const ForeignRow& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    const std::string text = row.text(column);
    const auto seconds = clock_.read(text);
    if (!seconds) row.refuse("'" + text.substr(0, 40) + "' is no time");
    return seconds;
  }

  void read_trials() {
    const bool is_numbered = database_.has("trials", "number");
    const bool has_value = database_.has("trials", "value");  // until 2.4
    std::vector<std::string> columns = {"trial_id", "study_id", "state", "datetime_start",
                                        "datetime_complete"};
    if (is_numbered) columns.emplace_back("number");
    const int value = static_cast<int>(columns.size());
    if (has_value) columns.emplace_back("value");
    database_.each("trials", columns, [&](const ForeignRow& row) {
      OptunaStudy* const found = row.is_null(1) ? nullptr : study(row.integer(1));
      if (found == nullptr) return;
      if (places_.size() >= kMostTrials)
        row.refuse(fmt::format("this is one more than {} trials", kMostTrials));
      OptunaTrial trial;
      trial.number = found->trials.size();
      if (is_numbered && !row.is_null(5)) {
        if (row.integer(5) < 0) row.refuse("a trial's number is below 0");
        trial.number = static_cast<std::uint64_t>(row.integer(5));
      }
      trial.state = state_named(row, row.text(2));
      trial.start_s = moment(row, 3);
      trial.end_s = moment(row, 4);
      if (has_value && !row.is_null(value)) trial.values[0] = row.number(value);
      places_[row.integer(0)] = {found, found->trials.size()};
      found->trials.push_back(std::move(trial));
    });
  }

  // Null for a row of a trial that is not there.
  const Place* place(const ForeignRow& row, int column) const {
    const auto at = row.is_null(column) ? places_.end() : places_.find(row.integer(column));
    return at == places_.end() ? nullptr : &at->second;
  }

  void read_parameters() {
    database_.each("trial_params", {"param_id", "trial_id", "param_name", "param_value", "distribution_json"},
                   [&](const ForeignRow& row) {
                     if (const Place* const found = place(row, 1))
                       found->study->set_parameter(found->trial(), row.text(2), row.number(3), row.text(4),
                                                   row.where());
                   });
  }

  // A number whose type stands beside it, where the storage has types (from 3.0 on).
  static double typed(const ForeignRow& row, int value, int type, bool has_type) {
    const std::string name = has_type && !row.is_null(type) ? row.text(type) : "FINITE";
    if (name == "INF_POS") return std::numeric_limits<double>::infinity();
    if (name == "INF_NEG") return -std::numeric_limits<double>::infinity();
    if (name == "NAN" || row.is_null(value)) return std::numeric_limits<double>::quiet_NaN();
    if (name != "FINITE") row.refuse("'" + name.substr(0, 40) + "' is no type of a value");
    return row.number(value);
  }

  void read_values() {
    if (!database_.has("trial_values", "objective")) return;
    const bool has_type = database_.has("trial_values", "value_type");
    std::vector<std::string> columns = {"trial_value_id", "trial_id", "objective", "value"};
    if (has_type) columns.emplace_back("value_type");
    database_.each("trial_values", columns, [&](const ForeignRow& row) {
      if (row.integer(2) < 0 || row.integer(2) > 1000)
        row.refuse("the number of an objective is out of range");
      if (const Place* const found = place(row, 1))
        found->trial().values[static_cast<std::size_t>(row.integer(2))] = typed(row, 3, 4, has_type);
    });
  }

  // Until 2.4 they stood in trial_values, by step.
  void read_reports() {
    const bool is_old = !database_.has("trial_intermediate_values");
    const std::string table = is_old ? "trial_values" : "trial_intermediate_values";
    if (!database_.has(table, "step")) return;
    const bool has_type = database_.has(table, "intermediate_value_type");
    std::vector<std::string> columns =
        is_old ? std::vector<std::string>{"trial_value_id", "trial_id", "step", "value"}
               : std::vector<std::string>{"trial_intermediate_value_id", "trial_id", "step",
                                          "intermediate_value"};
    if (has_type) columns.emplace_back("intermediate_value_type");
    database_.each(table, columns, [&](const ForeignRow& row) {
      if (const Place* const found = place(row, 1))
        found->trial().reports[row.integer(2)] = typed(row, 3, 4, has_type);
    });
  }

  void read_attributes(const std::string& table, bool by_user) {
    if (!database_.has(table)) return;
    const std::string id = by_user ? "trial_user_attribute_id" : "trial_system_attribute_id";
    database_.each(table, {id, "trial_id", "key", "value_json"}, [&](const ForeignRow& row) {
      const Place* const found = place(row, 1);
      if (found == nullptr || row.is_null(2) || row.is_null(3)) return;
      const std::string key = row.text(2);
      if (!is_read(key, by_user, options_)) return;
      JsonFault fault;
      const Json value = parse_python_json(row.text(3), &fault);
      if (value.is_discarded()) row.refuse("column 'value_json' " + fault.what);
      set_attribute(found->trial(), key, by_user, value, options_, row.where());
    });
  }

  static constexpr std::size_t kMostStudies = 10'000;

  std::string file_;
  ForeignDatabase database_;
  const ReadOptions& options_;
  Clock clock_;
  std::map<std::int64_t, OptunaStudy> studies_;
  std::map<std::int64_t, Place> places_;  // by trial_id
};

}  // namespace

bool is_sqlite(std::string_view beginning) {
  return beginning.starts_with(std::string_view("SQLite format 3\0", 16));
}

std::vector<History> read_optuna_sqlite(const std::filesystem::path& file, const ReadOptions& options) {
  return SqliteStudies(file, options).read();
}

}  // namespace tonne::histories
