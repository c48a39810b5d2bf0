#include "experiments/results/optuna_database.h"

#include <SQLiteCpp/Transaction.h>

#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"

namespace tonne {
namespace {

constexpr const char* kOptunaTables = R"sql(
CREATE TABLE studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, PRIMARY KEY (study_id));
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER, library_version VARCHAR(256),
  PRIMARY KEY (version_info_id), CHECK (version_info_id=1));
CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL, direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL,
  objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id), UNIQUE (study_id, objective),
  FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE study_user_attributes (study_user_attribute_id INTEGER NOT NULL, study_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (study_user_attribute_id), UNIQUE (study_id, "key"),
  FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE study_system_attributes (study_system_attribute_id INTEGER NOT NULL, study_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (study_system_attribute_id), UNIQUE (study_id, "key"),
  FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE trials (trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, state VARCHAR(8) NOT NULL,
  datetime_start DATETIME, datetime_complete DATETIME, PRIMARY KEY (trial_id), FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE trial_user_attributes (trial_user_attribute_id INTEGER NOT NULL, trial_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (trial_user_attribute_id), UNIQUE (trial_id, "key"), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_system_attributes (trial_system_attribute_id INTEGER NOT NULL, trial_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (trial_system_attribute_id), UNIQUE (trial_id, "key"), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER, param_name VARCHAR(512), param_value FLOAT,
  distribution_json TEXT, PRIMARY KEY (param_id), UNIQUE (trial_id, param_name), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, objective INTEGER NOT NULL, value FLOAT,
  value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_value_id), UNIQUE (trial_id, objective),
  FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL,
  step INTEGER NOT NULL, intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL,
  PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, heartbeat DATETIME NOT NULL,
  PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO version_info VALUES(1, 12, '3.1.0');
)sql";

}  // namespace

struct OptunaDatabase::Open {
  explicit Open(const std::filesystem::path& file)
      : draft(file), database(std::in_place, draft.path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    SQLite::Database& sql = *database;
    sql.exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536");
    transaction.emplace(sql);
    sql.exec(kOptunaTables);
    study.emplace(sql, "INSERT INTO studies VALUES(?,?)");
    direction.emplace(sql, "INSERT INTO study_directions(direction, study_id, objective) VALUES(?,?,?)");
    trial.emplace(sql, "INSERT INTO trials VALUES(?,?,?,?,?,?)");
    parameter.emplace(sql, "INSERT INTO trial_params(trial_id, param_name, param_value, distribution_json) VALUES(?,?,?,?)");
    value.emplace(sql, "INSERT INTO trial_values(trial_id, objective, value, value_type) VALUES(?,?,?,'FINITE')");
    intermediate.emplace(
        sql, "INSERT INTO trial_intermediate_values(trial_id, step, intermediate_value, intermediate_value_type) VALUES(?,?,?,'FINITE')");
    attribute.emplace(sql, "INSERT INTO trial_user_attributes(trial_id, \"key\", value_json) VALUES(?,?,?)");
  }
  void end_statements() {
    for (auto* statement : {&study, &direction, &trial, &parameter, &value, &intermediate, &attribute}) statement->reset();
  }

  StoreDraft draft;
  std::optional<SQLite::Database> database;
  std::optional<SQLite::Transaction> transaction;
  std::optional<SQLite::Statement> study, direction, trial, parameter, value, intermediate, attribute;
  std::vector<std::size_t> numbers;  // of the next trial, by study
  std::size_t trials = 0;
};

OptunaDatabase::OptunaDatabase(const std::filesystem::path& file) : file_(file) {
  // A database cannot be written to a pipe or a device, and none may lose its place to a file.
  if (std::filesystem::exists(file) && !std::filesystem::is_regular_file(file)) throw StoreError(file.string() + ": is not a regular file");
  guarded(file_, [&] { open_ = std::make_unique<Open>(file); });
}

OptunaDatabase::~OptunaDatabase() = default;

std::size_t OptunaDatabase::add_study(const std::string& name, const std::vector<std::string_view>& directions) {
  return guarded(file_, [&] {
    const std::size_t id = open_->numbers.size() + 1;
    insert_row(*open_->study, id, name);
    for (std::size_t i = 0; i < directions.size(); ++i) insert_row(*open_->direction, std::string(directions[i]), id, i);
    open_->numbers.push_back(0);
    return id;
  });
}

void OptunaDatabase::add_trial(const OptunaRow& row) {
  guarded(file_, [&] {
    const std::size_t id = ++open_->trials;
    insert_row(*open_->trial, id, open_->numbers[row.study - 1]++, row.study, std::string(row.state), row.start, row.end);
    for (const OptunaParameter& p : row.parameters)
      insert_row(*open_->parameter, id, std::string(p.name), p.value, std::string(p.distribution));
    for (std::size_t i = 0; i < row.values.size(); ++i) insert_row(*open_->value, id, i, row.values[i]);
    if (row.intermediate) insert_row(*open_->intermediate, id, row.intermediate->first, row.intermediate->second);
    for (const auto& [key, json] : row.attributes) insert_row(*open_->attribute, id, key, json);
  });
}

void OptunaDatabase::commit() {
  guarded(file_, [&] {
    open_->end_statements();
    // Now, since it costs less than while the table grows.
    open_->database->exec("CREATE INDEX ix_trials_study_id ON trials (study_id)");
    open_->transaction->commit();
    open_->transaction.reset();
    open_->database.reset();
    open_->draft.publish();
    open_.reset();
  });
}

}  // namespace tonne
