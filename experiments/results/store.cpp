#include "experiments/results/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/random.h"
#include "experiments/run/repricing.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "7";

constexpr const char* kSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE seeds(position INTEGER PRIMARY KEY, seed INTEGER NOT NULL);
CREATE TABLE problems(problem INTEGER PRIMARY KEY, label TEXT NOT NULL, settings TEXT NOT NULL,
  objective TEXT NOT NULL, unit TEXT NOT NULL, direction TEXT NOT NULL, fidelity TEXT NOT NULL, optimum REAL,
  default_true_value REAL NOT NULL, parameters TEXT NOT NULL, objectives TEXT NOT NULL, constraints TEXT NOT NULL);
CREATE TABLE scenarios(scenario INTEGER PRIMARY KEY, label TEXT NOT NULL, summary TEXT NOT NULL, settings TEXT NOT NULL,
  deployment TEXT, trainings REAL, inferences REAL, train_until TEXT);
CREATE TABLE strategies(strategy INTEGER PRIMARY KEY, label TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL);
CREATE TABLE cells(cell INTEGER PRIMARY KEY, problem INTEGER NOT NULL, scenario INTEGER NOT NULL,
  strategy INTEGER NOT NULL, seed INTEGER NOT NULL, stop TEXT NOT NULL, evaluations INTEGER NOT NULL,
  failures INTEGER NOT NULL, cached INTEGER NOT NULL, trained REAL NOT NULL, makespan_s REAL NOT NULL,
  winner_trial INTEGER, winner_true_value REAL, training_s REAL, training_energy_j REAL,
  training_operational_kg REAL, training_embodied_kg REAL, training_usd REAL, screenings INTEGER NOT NULL);
CREATE TABLE accounts(cell INTEGER NOT NULL, account TEXT NOT NULL, worker_s REAL NOT NULL,
  PRIMARY KEY(cell, account)) WITHOUT ROWID;
CREATE TABLE ledger(cell INTEGER NOT NULL, account TEXT NOT NULL, line TEXT NOT NULL, energy_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL, water_l REAL NOT NULL,
  PRIMARY KEY(cell, account, line)) WITHOUT ROWID;
CREATE TABLE trials(cell INTEGER NOT NULL, trial INTEGER NOT NULL, configuration TEXT NOT NULL,
  fidelity REAL NOT NULL, trained_from REAL NOT NULL, resumes INTEGER, repeat INTEGER NOT NULL,
  worker INTEGER NOT NULL, start_s REAL NOT NULL, end_s REAL NOT NULL, status TEXT NOT NULL, objective REAL,
  device_dynamic_j REAL NOT NULL, device_idle_j REAL NOT NULL, host_j REAL NOT NULL, facility_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL,
  preemptions INTEGER NOT NULL, lost_s REAL NOT NULL, lost_j REAL NOT NULL, lost_kg REAL NOT NULL, lost_usd REAL NOT NULL,
  objectives TEXT, constraints TEXT,
  PRIMARY KEY(cell, trial)) WITHOUT ROWID;
CREATE TABLE incumbents(cell INTEGER NOT NULL, number INTEGER NOT NULL, trial INTEGER NOT NULL,
  configuration TEXT NOT NULL, fidelity REAL NOT NULL, observed REAL NOT NULL, true_value REAL NOT NULL,
  time_s REAL NOT NULL, evaluations INTEGER NOT NULL, trained REAL NOT NULL, energy_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL,
  PRIMARY KEY(cell, number)) WITHOUT ROWID;
CREATE TABLE uncertain(scenario INTEGER NOT NULL, position INTEGER NOT NULL, key TEXT NOT NULL, distribution TEXT NOT NULL,
  low TEXT NOT NULL, high TEXT NOT NULL, PRIMARY KEY(scenario, position)) WITHOUT ROWID;
CREATE TABLE variants(cell INTEGER NOT NULL, variant INTEGER NOT NULL, energy_j REAL NOT NULL, operational_kg REAL NOT NULL,
  embodied_kg REAL NOT NULL, usd REAL NOT NULL, water_l REAL NOT NULL, training_energy_j REAL, training_operational_kg REAL,
  training_embodied_kg REAL, training_usd REAL, training_water_l REAL, PRIMARY KEY(cell, variant)) WITHOUT ROWID;
CREATE TABLE payback(cell INTEGER NOT NULL, side TEXT NOT NULL, trained_to REAL NOT NULL,
  training_energy_j REAL, training_operational_kg REAL, training_embodied_kg REAL, training_usd REAL, training_water_l REAL,
  inference_energy_j REAL, inference_operational_kg REAL, inference_embodied_kg REAL, inference_usd REAL, inference_water_l REAL,
  PRIMARY KEY(cell, side)) WITHOUT ROWID;
CREATE TABLE stages(cell INTEGER NOT NULL, position INTEGER NOT NULL, stage TEXT NOT NULL, energy_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL, water_l REAL NOT NULL,
  PRIMARY KEY(cell, position)) WITHOUT ROWID;
)sql";

// Only in stores of experiments with sites: trials that ran away from home. Others stay what they were before there
// were sites.
constexpr const char* kSitesSchema = R"sql(
CREATE TABLE moves(cell INTEGER NOT NULL, trial INTEGER NOT NULL, site TEXT NOT NULL, transfer_j REAL NOT NULL,
  PRIMARY KEY(cell, trial)) WITHOUT ROWID;
)sql";

// Every table with its key, in the order in which the digest reads them; that of sites comes last.
constexpr auto kTables = std::to_array<std::pair<const char*, const char*>>({
    {"meta", "key"}, {"seeds", "position"}, {"problems", "problem"}, {"scenarios", "scenario"},
    {"strategies", "strategy"}, {"cells", "cell"}, {"accounts", "cell, account"}, {"ledger", "cell, account, line"},
    {"trials", "cell, trial"}, {"incumbents", "cell, number"}, {"uncertain", "scenario, position"},
    {"variants", "cell, variant"}, {"payback", "cell, side"},
    {"stages", "cell, position"}});
// Those that hold rows of cells.
constexpr auto kCellTables = std::to_array<const char*>({"cells", "accounts", "ledger", "trials", "incumbents", "variants", "payback", "stages"});

// The world's failures, told as such; SQLite's own words are kept since they name the cause.
template <class Function>
auto guarded(const fs::path& file, Function function) {
  try {
    return function();
  } catch (const SQLite::Exception& error) {
    throw StoreError(file.string() + ": " + error.what());
  } catch (const fs::filesystem_error& error) {
    throw StoreError(error.what());
  }
}

std::string objectives_json(const ProblemTraits& traits) {
  Json list = Json::array();
  for (const ObjectiveTraits& objective : traits.objectives)
    list.push_back({{"name", objective.name},
                    {"unit", objective.unit},
                    {"direction", objective.direction == Direction::minimise ? "minimise" : "maximise"}});
  return list.dump(-1, ' ', true);
}

std::vector<ObjectiveTraits> read_objectives(const std::string& text, const fs::path& file) {
  std::vector<ObjectiveTraits> objectives;
  try {
    for (const Json& entry : Json::parse(text))
      objectives.push_back({entry.at("name").get<std::string>(), entry.at("unit").get<std::string>(),
                            entry.at("direction") == "maximise" ? Direction::maximise : Direction::minimise});
  } catch (const Json::exception&) {
    objectives.clear();
  }
  if (objectives.empty() || objectives.size() > kMaxObjectives)
    throw StoreError(file.string() + ": is damaged: the objectives of a problem cannot be read");
  return objectives;
}

void read_notes(const std::string& text, std::vector<StoredProblem>& problems, const fs::path& file) {
  try {
    const Json notes = Json::parse(text);
    for (std::size_t i = 0; i < problems.size(); ++i)
      if (const auto own = notes.find(std::to_string(i)); own != notes.end())
        problems[i].notes = own->get<std::vector<std::string>>();
  } catch (const Json::exception&) {
    throw StoreError(file.string() + ": is damaged: the notes of its problems cannot be read");
  }
}

// Read back by stored_space().
std::string parameters_json(const SearchSpace& space) {
  Json list = Json::array();
  for (const Parameter& parameter : space.parameters()) {
    Json entry;
    entry["name"] = parameter.name;
    if (const auto* categorical = std::get_if<Categorical>(&parameter.domain)) entry["choices"] = categorical->choices;
    if (const auto* ordinal = std::get_if<Ordinal>(&parameter.domain)) entry["levels"] = ordinal->levels;
    if (const auto* real = std::get_if<Real>(&parameter.domain)) {
      entry["real"] = {real->low, real->high};
      if (real->scale == Scale::log) entry["log"] = true;
    }
    if (const auto* integer = std::get_if<Integer>(&parameter.domain)) {
      entry["integer"] = {integer->low, integer->high};
      if (integer->scale == Scale::log) entry["log"] = true;
    }
    if (parameter.active_when) entry["active_when"] = {{"parent", parameter.active_when->parent}, {"choices", parameter.active_when->choices}};
    if (parameter.default_value) entry["default"] = *parameter.default_value;
    list.push_back(std::move(entry));
  }
  return list.dump(-1, ' ', true, Json::error_handler_t::replace);
}

bool has_moves(const SQLite::Database& database) { return database.tableExists("moves"); }

// A pipe or a device would be read for ever.
void require_regular(const fs::path& file) {
  if (!fs::is_regular_file(file)) throw StoreError(file.string() + ": is no regular file");
}

fs::path store_file(const fs::path& place) {
  return fs::is_directory(place) ? place / Store::kFileName : place;
}

// What stands in a database, as text: every table, view, trigger and index with the statement that made it.
std::vector<std::string> schema_of(const SQLite::Database& database) {
  std::vector<std::string> objects;
  SQLite::Statement query(database, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1");
  while (query.executeStep()) objects.push_back(query.getColumn(0).getString());
  return objects;
}

// A store holds this program's tables and nothing else. A view or a generated column of somebody else's would be run
// when it is read, and may run for ever.
void check_schema(const SQLite::Database& database, const fs::path& file) {
  const auto schema = [](bool with_sites) {
    SQLite::Database empty(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    empty.exec(kSchema);
    if (with_sites) empty.exec(kSitesSchema);
    return schema_of(empty);
  };
  static const std::vector<std::string> expected = schema(false);
  static const std::vector<std::string> expected_with_sites = schema(true);
  const std::vector<std::string> found = schema_of(database);
  if (found == expected || found == expected_with_sites) return;
  const auto meta = std::ranges::find_if(expected, [](const std::string& o) { return o.starts_with("table meta "); });
  if (std::ranges::find(found, *meta) != found.end()) {
    SQLite::Statement format(database, "SELECT value FROM meta WHERE key='format'");
    if (format.executeStep() && format.getColumn(0).getString() != kFormat)
      throw StoreError(file.string() + ": its format is not known to this program: another version of tonne made it");
  }
  throw StoreError(file.string() + ": is damaged: it does not hold the tables that this program makes");
}

// Held by whoever writes into a results folder: two writers would remove each other's rows.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) : path_(folder / ".lock") {
    while (true) {
      descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
      if (descriptor_ < 0)
        throw StoreError(path_.string() + ": cannot be made: " + std::generic_category().message(errno));
      if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor_);
        throw StoreError(folder.string() + ": another tonne is writing there: wait for it, or choose another folder with --out");
      }
      if (is_current()) return;
      ::close(descriptor_);  // whoever held it has just removed the file that we opened
    }
  }
  ~FolderLock() {
    ::unlink(path_.c_str());
    ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  [[nodiscard]] bool is_current() const {
    struct stat ours {};
    struct stat current {};
    return ::fstat(descriptor_, &ours) == 0 && ::stat(path_.c_str(), &current) == 0 && ours.st_ino == current.st_ino &&
           ours.st_dev == current.st_dev;
  }

  fs::path path_;
  int descriptor_ = -1;
};

// Removes a draft that an error left behind; after its renaming there is nothing to remove.
struct RemovedUnlessRenamed {
  const fs::path& draft;
  ~RemovedUnlessRenamed() {
    std::error_code ignored;
    fs::remove(draft, ignored);
  }
};

void bind_optional(SQLite::Statement& statement, int at, const std::optional<double>& value) {
  if (value) {
    statement.bind(at, *value);
  } else {
    statement.bind(at);
  }
}

// No text is NULL: most trials have neither further objectives nor constraints.
void bind_text(SQLite::Statement& statement, int at, const std::string& text) {
  if (text.empty()) {
    statement.bind(at);
  } else {
    statement.bindNoCopy(at, text);
  }
}

// Five columns from `at`; all NULL: not known.
void bind_usage(SQLite::Statement& insert, int at, const std::optional<Usage>& usage) {
  if (!usage) {
    for (int i = 0; i < 5; ++i) insert.bind(at + i);
    return;
  }
  insert.bind(at, usage->energy / joule);
  insert.bind(at + 1, usage->operational / kilogram);
  insert.bind(at + 2, usage->embodied / kilogram);
  insert.bind(at + 3, usage->money / dollar);
  insert.bind(at + 4, usage->water / litre);
}

void insert_uses(SQLite::Statement& insert, std::size_t cell, const char* side, const Uses& uses) {
  insert.bind(1, static_cast<std::int64_t>(cell));
  insert.bind(2, side);
  insert.bind(3, uses.trained_to);
  bind_usage(insert, 4, uses.training);
  bind_usage(insert, 9, uses.inference);
  insert.exec();
  insert.reset();
}

void insert_variant(SQLite::Statement& insert, std::size_t cell, const VariantRow& row) {
  insert.bind(1, static_cast<std::int64_t>(cell));
  insert.bind(2, static_cast<std::int64_t>(row.variant));
  bind_usage(insert, 3, row.search);
  bind_usage(insert, 8, row.training);
  insert.exec();
  insert.reset();
}

Usage read_usage(const SQLite::Statement& query, int at) {
  return {query.getColumn(at).getDouble() * joule, query.getColumn(at + 1).getDouble() * kilogram,
          query.getColumn(at + 2).getDouble() * kilogram, query.getColumn(at + 3).getDouble() * dollar,
          query.getColumn(at + 4).getDouble() * litre};
}

Uses read_uses(const SQLite::Statement& query) {
  Uses uses;
  uses.trained_to = query.getColumn(2).getDouble();
  if (!query.getColumn(3).isNull()) uses.training = read_usage(query, 3);
  if (!query.getColumn(8).isNull()) uses.inference = read_usage(query, 8);
  return uses;
}

std::optional<Payback> read_payback(SQLite::Statement& query, std::size_t cell) {
  query.bind(1, static_cast<std::int64_t>(cell));
  std::optional<Payback> payback;
  while (query.executeStep()) {
    if (!payback) payback.emplace();
    const std::string side = query.getColumn(1).getString();
    if (side == "cheapest")
      payback->cheapest = read_uses(query);
    else
      (side == "winner" ? payback->winner : payback->standard) = read_uses(query);
  }
  query.reset();
  return payback;
}

}  // namespace

class Store::Implementation {
 public:
  Implementation(const fs::path& file, int flags) : file_(file), database_(file.string(), flags) {
    database_.setBusyTimeout(10'000);
  }

  void begin_writing() {
    // One writer, crash-safe: a killed process leaves whole transactions only.
    database_.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536");
  }

  void prepare_writing() {
    keeps_trials_ = find_meta("record") == "trials";
    insert_trial_.emplace(database_, "INSERT INTO trials VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_incumbent_.emplace(database_, "INSERT INTO incumbents VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_cell_.emplace(database_, "INSERT INTO cells VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_account_.emplace(database_, "INSERT INTO accounts VALUES(?,?,?)");
    insert_ledger_.emplace(database_, "INSERT INTO ledger VALUES(?,?,?,?,?,?,?,?)");
    insert_variant_.emplace(database_, "INSERT INTO variants VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_payback_.emplace(database_, "INSERT INTO payback VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_stage_.emplace(database_, "INSERT INTO stages VALUES(?,?,?,?,?,?,?,?)");
    if (has_moves(database_)) insert_move_.emplace(database_, "INSERT INTO moves VALUES(?,?,?,?)");
  }

  void write_plan(const Experiment& experiment, const Shard& shard) {
    SQLite::Transaction transaction(database_);
    database_.exec(kSchema);
    if (experiment.has_sites()) database_.exec(kSitesSchema);
    set_meta("format", kFormat);
    set_meta("program", version());
    set_meta("name", experiment.name);
    set_meta("experiment", experiment.text);
    set_meta("digest", experiment.digest);
    set_meta("cells", std::to_string(experiment.cells()));
    set_meta("record", experiment.recording == Recording::trials ? "trials" : "incumbents");
    if (shard.of > 1) set_meta("shard", fmt::format("{}/{}", shard.number, shard.of));
    SQLite::Statement seed(database_, "INSERT INTO seeds VALUES(?,?)");
    for (std::size_t i = 0; i < experiment.seeds.size(); ++i)
      run(seed, static_cast<std::int64_t>(i), static_cast<std::int64_t>(experiment.seeds[i]));
    write_problems(experiment);
    write_notes(experiment);
    write_scenarios(experiment);
    SQLite::Statement strategy(database_, "INSERT INTO strategies VALUES(?,?,?,?)");
    for (std::size_t i = 0; i < experiment.strategies.size(); ++i) {
      const auto& s = experiment.strategies[i];
      run(strategy, static_cast<std::int64_t>(i), s.label, s.name, s.settings);
    }
    write_uncertainty(experiment);
    transaction.commit();
  }

  void remove_unfinished() {
    SQLite::Transaction transaction(database_);
    for (const char* table : {"accounts", "ledger", "trials", "incumbents", "variants", "payback", "stages"})
      database_.exec(fmt::format("DELETE FROM {} WHERE cell NOT IN (SELECT cell FROM cells)", table));
    if (has_moves(database_)) database_.exec("DELETE FROM moves WHERE cell NOT IN (SELECT cell FROM cells)");
    transaction.commit();
  }

  // No row may have gone missing since it was written.
  void check_trials(std::size_t cell, std::uint64_t expected) const {
    SQLite::Statement query(database_, "SELECT count(*) FROM trials WHERE cell=?");
    query.bind(1, static_cast<std::int64_t>(cell));
    query.executeStep();
    const auto found = static_cast<std::uint64_t>(query.getColumn(0).getInt64());
    if (found != expected)
      throw StoreError(fmt::format("{}: holds {} trials of cell {}, which had {}: something else wrote into the file", file_.string(),
                                   found, cell, expected));
  }

  template <class... Values>
  static void run(SQLite::Statement& statement, const Values&... values) {
    int at = 0;
    (statement.bind(++at, values), ...);
    statement.exec();
    statement.reset();
  }

  void set_meta(const std::string& key, const std::string& value) {
    SQLite::Statement insert(database_, "INSERT INTO meta VALUES(?,?)");
    run(insert, key, value);
  }

  std::optional<std::string> find_meta(const std::string& key) const {
    SQLite::Statement query(database_, "SELECT value FROM meta WHERE key=?");
    query.bind(1, key);
    if (!query.executeStep()) return std::nullopt;
    return query.getColumn(0).getString();
  }

  fs::path file_;
  std::unique_ptr<FolderLock> lock_;  // of a writer; released last
  SQLite::Database database_;
  std::mutex mutex_;
  bool keeps_trials_ = false;
  std::optional<SQLite::Statement> insert_trial_, insert_incumbent_, insert_cell_, insert_account_, insert_ledger_, insert_variant_, insert_payback_, insert_stage_, insert_move_;

 private:
  void write_uncertainty(const Experiment& experiment) {
    if (!experiment.is_uncertain()) return;
    Json drawn;
    drawn["draws"] = experiment.uncertainty.draws;
    drawn["seed"] = experiment.uncertainty.seed;
    drawn["level"] = experiment.uncertainty.level;
    set_meta("uncertainty", drawn.dump());
    SQLite::Statement insert(database_, "INSERT INTO uncertain VALUES(?,?,?,?,?,?)");
    for (std::size_t s = 0; s < experiment.scenarios.size(); ++s) {
      const auto& uncertain = experiment.scenarios[s].uncertain;
      for (std::size_t i = 0; i < uncertain.size(); ++i)
        run(insert, static_cast<std::int64_t>(s), static_cast<std::int64_t>(i), uncertain[i].key, uncertain[i].text,
            value_text(uncertain[i], uncertain[i].distribution.quantile(kTornadoLow)),
            value_text(uncertain[i], uncertain[i].distribution.quantile(kTornadoHigh)));
    }
  }

  void write_scenarios(const Experiment& experiment) {
    SQLite::Statement insert(database_, "INSERT INTO scenarios VALUES(?,?,?,?,?,?,?,?)");
    for (std::size_t i = 0; i < experiment.scenarios.size(); ++i) {
      const ScenarioPlan& s = experiment.scenarios[i];
      insert.bind(1, static_cast<std::int64_t>(i));
      insert.bind(2, s.label);
      insert.bind(3, s.summary);
      insert.bind(4, s.settings);
      if (s.deployment.given()) {
        insert.bind(5, s.deployment_summary);
        insert.bind(6, s.deployment.trainings);
        insert.bind(7, s.deployment.inferences);
        insert.bind(8, std::string(kTrainUntilNames[static_cast<std::size_t>(s.deployment.train_until)]));
      } else {
        for (int at = 5; at <= 8; ++at) insert.bind(at);
      }
      insert.exec();
      insert.reset();
    }
  }

  // Few problems have notes, so that they are no table of their own.
  void write_notes(const Experiment& experiment) {
    Json notes = Json::object();
    for (std::size_t i = 0; i < experiment.problems.size(); ++i) {
      const auto& own = experiment.problems[i].problem->traits().notes;
      if (!own.empty()) notes[std::to_string(i)] = own;
    }
    if (!notes.empty()) set_meta("problem_notes", notes.dump(-1, ' ', true, Json::error_handler_t::replace));
  }

  void write_problems(const Experiment& experiment) {
    SQLite::Statement insert(database_, "INSERT INTO problems VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
    for (std::size_t i = 0; i < experiment.problems.size(); ++i) {
      const auto& plan = experiment.problems[i];
      const ProblemTraits& traits = plan.problem->traits();
      const ObjectiveTraits& objective = traits.objectives.front();
      insert.bind(1, static_cast<std::int64_t>(i));
      insert.bind(2, plan.label);
      insert.bind(3, plan.settings);
      insert.bind(4, objective.name);
      insert.bind(5, objective.unit);
      insert.bind(6, objective.direction == Direction::minimise ? "minimise" : "maximise");
      insert.bind(7, traits.fidelity.name);
      bind_optional(insert, 8, plan.problem->optimum());
      insert.bind(9, plan.problem->true_value(plan.problem->default_configuration()));
      insert.bind(10, parameters_json(plan.problem->space()));
      insert.bind(11, objectives_json(traits));
      insert.bind(12, Json(traits.constraints).dump(-1, ' ', true));
      insert.exec();
      insert.reset();
    }
  }
};

Store::Store(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::create(const fs::path& folder, const Experiment& experiment, const Shard& shard) {
  const fs::path file = folder / kFileName;
  return guarded(file, [&] {
    fs::create_directories(folder);
    auto lock = std::make_unique<FolderLock>(folder);
    if (fs::exists(file))
      throw StoreError(file.string() + " exists already: continue it with --resume, or choose another folder with --out");
    // The plan is written under another name first: a store that exists is a store that can be resumed.
    const fs::path draft = folder / (std::string(kFileName) + ".new");
    fs::remove(draft);
    const RemovedUnlessRenamed cleanup{draft};
    {
      Implementation plan(draft, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      plan.write_plan(experiment, shard);
    }
    fs::rename(draft, file);
    auto implementation = std::make_unique<Implementation>(file, SQLite::OPEN_READWRITE);
    implementation->lock_ = std::move(lock);
    implementation->begin_writing();
    implementation->prepare_writing();
    return Store(std::move(implementation));
  });
}

Store Store::resume(const fs::path& folder, const Experiment& experiment, const Shard& shard) {
  const fs::path file = folder / kFileName;
  if (!fs::exists(file)) return create(folder, experiment, shard);
  return guarded(file, [&] {
    require_regular(file);
    auto lock = std::make_unique<FolderLock>(folder);
    auto implementation = std::make_unique<Implementation>(file, SQLite::OPEN_READWRITE);
    implementation->lock_ = std::move(lock);
    check_schema(implementation->database_, file);
    const auto expect = [&](const char* key, const std::string& wanted, const char* what) {
      const std::string found = implementation->find_meta(key).value_or("");
      if (found != wanted)
        throw StoreError(fmt::format("{}: cannot resume, it holds another {} ({}, this is {}): choose another folder with --out",
                                     file.string(), what, found.empty() ? "none" : found, wanted.empty() ? "none" : wanted));
    };
    expect("program", version(), "program version");
    expect("digest", experiment.digest, "experiment");
    expect("shard", shard.of > 1 ? fmt::format("{}/{}", shard.number, shard.of) : "", "shard");
    implementation->begin_writing();
    implementation->remove_unfinished();
    implementation->prepare_writing();
    return Store(std::move(implementation));
  });
}

Store Store::open(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) throw StoreError(folder.string() + ": no such results folder");
  const fs::path file = store_file(folder);
  if (!fs::exists(file, error)) throw StoreError(folder.string() + ": holds no " + std::string(kFileName));
  return guarded(file, [&] {
    require_regular(file);
    auto implementation = std::make_unique<Implementation>(file, SQLite::OPEN_READONLY);
    check_schema(implementation->database_, file);
    const auto format = implementation->find_meta("format");
    if (format != kFormat) throw StoreError(file.string() + ": its format is not known to this program");
    return Store(std::move(implementation));
  });
}

void Store::append_trials(std::size_t cell, const std::vector<TrialRow>& rows) {
  guarded(implementation_->file_, [&] {
    const std::scoped_lock lock(implementation_->mutex_);
    SQLite::Transaction transaction(implementation_->database_);
    SQLite::Statement& insert = *implementation_->insert_trial_;
    for (const TrialRow& row : rows) {
      insert.bind(1, static_cast<std::int64_t>(cell));
      insert.bind(2, static_cast<std::int64_t>(row.trial));
      insert.bindNoCopy(3, row.configuration);
      insert.bind(4, row.fidelity);
      insert.bind(5, row.trained_from);
      if (row.resumes) {
        insert.bind(6, static_cast<std::int64_t>(*row.resumes));
      } else {
        insert.bind(6);
      }
      insert.bind(7, row.repeat);
      insert.bind(8, row.worker);
      insert.bind(9, row.start_s);
      insert.bind(10, row.end_s);
      insert.bindNoCopy(11, row.status);
      bind_optional(insert, 12, row.objective);
      for (int i = 0; i < 4; ++i) insert.bind(13 + i, row.energy_j[static_cast<std::size_t>(i)]);
      insert.bind(17, row.operational_kg);
      insert.bind(18, row.embodied_kg);
      insert.bind(19, row.usd);
      insert.bind(20, row.preemptions);
      insert.bind(21, row.lost_s);
      insert.bind(22, row.lost_j);
      insert.bind(23, row.lost_kg);
      insert.bind(24, row.lost_usd);
      bind_text(insert, 25, row.objectives);
      bind_text(insert, 26, row.constraints);
      insert.exec();
      insert.reset();
      if (!row.site.empty())
        Implementation::run(*implementation_->insert_move_, static_cast<std::int64_t>(cell),
                            static_cast<std::int64_t>(row.trial), row.site, row.energy_j[4]);
    }
    transaction.commit();
  });
}

void Store::finish_cell(const Cell& cell, const SearchResult& result, const std::vector<IncumbentRow>& incumbents,
                        const std::vector<VariantRow>& variants, const std::optional<Payback>& payback,
                        const std::vector<std::string>& stages) {
  guarded(implementation_->file_, [&] {
    const std::scoped_lock lock(implementation_->mutex_);
    SQLite::Transaction transaction(implementation_->database_);
    const auto index = static_cast<std::int64_t>(cell.index);
    if (implementation_->keeps_trials_) implementation_->check_trials(cell.index, result.evaluations + result.cached + result.screenings);
    if (payback) {
      insert_uses(*implementation_->insert_payback_, cell.index, "winner", payback->winner);
      insert_uses(*implementation_->insert_payback_, cell.index, "default", payback->standard);
      if (payback->cheapest) insert_uses(*implementation_->insert_payback_, cell.index, "cheapest", *payback->cheapest);
    }
    SQLite::Statement& insert = *implementation_->insert_incumbent_;
    for (const IncumbentRow& row : incumbents)
      Implementation::run(insert, index, static_cast<std::int64_t>(row.number), static_cast<std::int64_t>(row.trial),
                          row.configuration, row.fidelity, row.observed, row.true_value, row.time_s,
                          static_cast<std::int64_t>(row.evaluations), row.trained, row.energy_j, row.operational_kg,
                          row.embodied_kg, row.usd);
    for (std::size_t a = 0; a < kAccounts; ++a) {
      const Charge& charge = result.ledger.accounts[a];
      const std::string account(kAccountNames[a]);
      Implementation::run(*implementation_->insert_account_, index, account, charge.time / second);
      for (std::size_t l = 0; l < kLines; ++l) {
        const Usage& usage = charge.lines[l];
        // Where nothing moves, the ledger is what it was before there were sites.
        if (l == static_cast<std::size_t>(Line::transfer) && usage == Usage{}) continue;
        Implementation::run(*implementation_->insert_ledger_, index, account, std::string(kLineNames[l]),
                            usage.energy / joule, usage.operational / kilogram, usage.embodied / kilogram,
                            usage.money / dollar, usage.water / litre);
      }
    }
    for (std::size_t s = 0; s < result.stages.size(); ++s) {
      const Usage usage = result.stages[s].total();
      Implementation::run(*implementation_->insert_stage_, index, static_cast<std::int64_t>(s), stages.at(s),
                          usage.energy / joule, usage.operational / kilogram, usage.embodied / kilogram,
                          usage.money / dollar, usage.water / litre);
    }
    for (const VariantRow& variant : variants) insert_variant(*implementation_->insert_variant_, cell.index, variant);
    SQLite::Statement& row = *implementation_->insert_cell_;
    row.bind(1, index);
    row.bind(2, static_cast<std::int64_t>(cell.problem));
    row.bind(3, static_cast<std::int64_t>(cell.scenario));
    row.bind(4, static_cast<std::int64_t>(cell.strategy));
    row.bind(5, static_cast<std::int64_t>(cell.seed));
    row.bind(6, std::string(to_string(result.stop)));
    row.bind(7, static_cast<std::int64_t>(result.evaluations));
    row.bind(8, static_cast<std::int64_t>(result.failures));
    row.bind(9, static_cast<std::int64_t>(result.cached));
    row.bind(10, result.trained);
    row.bind(11, result.makespan / second);
    for (int i = 12; i <= 18; ++i) row.bind(i);
    row.bind(19, static_cast<std::int64_t>(result.screenings));
    if (result.winner) {
      row.bind(12, static_cast<std::int64_t>(result.winner->trial));
      row.bind(13, result.winner->true_value);
    }
    if (result.winner_training) {
      const Usage training = result.winner_training->total();
      row.bind(14, result.winner_training->time / second);
      row.bind(15, training.energy / joule);
      row.bind(16, training.operational / kilogram);
      row.bind(17, training.embodied / kilogram);
      row.bind(18, training.money / dollar);
    }
    row.exec();
    row.reset();
    transaction.commit();
  });
}

void Store::close() {
  guarded(implementation_->file_, [&] {
    implementation_->insert_trial_.reset();
    implementation_->insert_incumbent_.reset();
    implementation_->insert_cell_.reset();
    implementation_->insert_account_.reset();
    implementation_->insert_ledger_.reset();
    implementation_->insert_variant_.reset();
    implementation_->insert_payback_.reset();
    implementation_->insert_stage_.reset();
    implementation_->insert_move_.reset();
    implementation_->database_.exec("PRAGMA journal_mode=DELETE");
  });
}

void Store::remove() {
  const fs::path file = implementation_->file_;
  guarded(file, [&] {
    implementation_.reset();
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) fs::remove(file.string() + ending);
    if (fs::is_empty(file.parent_path())) fs::remove(file.parent_path());
  });
}

std::string Store::meta(const std::string& key) const {
  return guarded(implementation_->file_, [&] { return implementation_->find_meta(key).value_or(""); });
}

std::size_t Store::planned_cells() const {
  const std::string text = meta("cells");
  std::size_t cells = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cells);
  if (error != std::errc{} || end != text.data() + text.size() || cells > kMostCells)
    throw StoreError(implementation_->file_.string() + ": is damaged: its number of cells is '" + text + "'");
  return cells;
}

std::vector<std::uint64_t> Store::seeds() const {
  return guarded(implementation_->file_, [&] {
    std::vector<std::uint64_t> seeds;
    SQLite::Statement query(implementation_->database_, "SELECT seed FROM seeds ORDER BY position");
    while (query.executeStep()) seeds.push_back(static_cast<std::uint64_t>(query.getColumn(0).getInt64()));
    return seeds;
  });
}

std::vector<bool> Store::finished(std::size_t cells) const {
  return guarded(implementation_->file_, [&] {
    std::vector<bool> done(cells, false);
    SQLite::Statement query(implementation_->database_, "SELECT cell FROM cells");
    while (query.executeStep()) {
      const auto cell = static_cast<std::size_t>(query.getColumn(0).getInt64());
      if (cell < cells) done[cell] = true;
    }
    return done;
  });
}

std::vector<StoredProblem> Store::problems() const {
  return guarded(implementation_->file_, [&] {
    std::vector<StoredProblem> rows;
    SQLite::Statement query(implementation_->database_,
                            "SELECT label, settings, objective, unit, fidelity, direction, optimum, default_true_value, objectives "
                            "FROM problems ORDER BY problem");
    while (query.executeStep()) {
      StoredProblem row;
      row.label = query.getColumn(0).getString();
      row.settings = query.getColumn(1).getString();
      row.objective = query.getColumn(2).getString();
      row.unit = query.getColumn(3).getString();
      row.fidelity = query.getColumn(4).getString();
      row.direction = query.getColumn(5).getString() == "maximise" ? Direction::maximise : Direction::minimise;
      if (!query.getColumn(6).isNull()) row.optimum = query.getColumn(6).getDouble();
      row.default_true_value = query.getColumn(7).getDouble();
      row.objectives = read_objectives(query.getColumn(8).getString(), implementation_->file_);
      rows.push_back(std::move(row));
    }
    if (const auto notes = implementation_->find_meta("problem_notes")) read_notes(*notes, rows, implementation_->file_);
    return rows;
  });
}

std::vector<StoredScenario> Store::scenarios() const {
  return guarded(implementation_->file_, [&] {
    std::vector<StoredScenario> rows;
    SQLite::Statement query(implementation_->database_,
                            "SELECT label, summary, settings, deployment, trainings, inferences, train_until FROM scenarios ORDER BY scenario");
    while (query.executeStep()) {
      StoredScenario row;
      row.label = query.getColumn(0).getString();
      row.summary = query.getColumn(1).getString();
      row.settings = query.getColumn(2).getString();
      if (!query.getColumn(3).isNull()) {
        row.deployment_summary = query.getColumn(3).getString();
        row.deployment.trainings = query.getColumn(4).getDouble();
        row.deployment.inferences = query.getColumn(5).getDouble();
        row.deployment.train_until = query.getColumn(6).getString() == kTrainUntilNames[0] ? TrainUntil::full : TrainUntil::default_quality;
      }
      rows.push_back(std::move(row));
    }
    return rows;
  });
}

std::vector<StoredStrategy> Store::strategies() const {
  return guarded(implementation_->file_, [&] {
    std::vector<StoredStrategy> rows;
    SQLite::Statement query(implementation_->database_, "SELECT label, name, settings FROM strategies ORDER BY strategy");
    while (query.executeStep())
      rows.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(), query.getColumn(2).getString()});
    return rows;
  });
}

std::vector<CellRecord> Store::cells() const {
  return guarded(implementation_->file_, [&] {
    std::vector<CellRecord> rows;
    const auto damaged = [&](const char* what) {
      return StoreError(implementation_->file_.string() + ": is damaged: it holds " + what);
    };
    const auto planned = planned_cells();
    const std::size_t problem_count = problems().size();
    const std::size_t scenario_count = scenarios().size();
    const std::size_t strategy_count = strategies().size();
    SQLite::Statement query(implementation_->database_, "SELECT * FROM cells ORDER BY cell");
    SQLite::Statement ledger(implementation_->database_,
                             "SELECT account, energy_j, operational_kg, embodied_kg, usd, water_l FROM ledger WHERE cell=? "
                             "ORDER BY account, line");
    SQLite::Statement accounts(implementation_->database_, "SELECT account, worker_s FROM accounts WHERE cell=?");
    SQLite::Statement payback(implementation_->database_, "SELECT * FROM payback WHERE cell=? ORDER BY side");
    SQLite::Statement stages(implementation_->database_, "SELECT * FROM stages WHERE cell=? ORDER BY position");
    while (query.executeStep()) {
      CellRecord row;
      row.index = static_cast<std::size_t>(query.getColumn(0).getInt64());
      if (row.index >= planned) throw damaged("a cell beyond its plan");
      row.problem = static_cast<std::size_t>(query.getColumn(1).getInt64());
      row.scenario = static_cast<std::size_t>(query.getColumn(2).getInt64());
      row.strategy = static_cast<std::size_t>(query.getColumn(3).getInt64());
      if (row.problem >= problem_count || row.scenario >= scenario_count || row.strategy >= strategy_count)
        throw damaged("a cell of a problem, scenario or strategy that it does not hold");
      row.seed = static_cast<std::uint64_t>(query.getColumn(4).getInt64());
      row.stop = query.getColumn(5).getString();
      row.evaluations = static_cast<std::uint64_t>(query.getColumn(6).getInt64());
      row.failures = static_cast<std::uint64_t>(query.getColumn(7).getInt64());
      row.cached = static_cast<std::uint64_t>(query.getColumn(8).getInt64());
      row.screenings = static_cast<std::uint64_t>(query.getColumn(18).getInt64());
      row.trained = query.getColumn(9).getDouble();
      row.makespan = query.getColumn(10).getDouble() * second;
      if (!query.getColumn(12).isNull()) row.winner_true_value = query.getColumn(12).getDouble();
      if (!query.getColumn(14).isNull())
        row.winner_training = Usage{query.getColumn(14).getDouble() * joule, query.getColumn(15).getDouble() * kilogram,
                                    query.getColumn(16).getDouble() * kilogram, query.getColumn(17).getDouble() * dollar,
                                    Water{}};
      ledger.bind(1, static_cast<std::int64_t>(row.index));
      while (ledger.executeStep()) {
        const Usage usage{ledger.getColumn(1).getDouble() * joule, ledger.getColumn(2).getDouble() * kilogram,
                          ledger.getColumn(3).getDouble() * kilogram, ledger.getColumn(4).getDouble() * dollar,
                          ledger.getColumn(5).getDouble() * litre};
        (ledger.getColumn(0).getString() == "retraining" ? row.retraining : row.search) += usage;
      }
      ledger.reset();
      accounts.bind(1, static_cast<std::int64_t>(row.index));
      while (accounts.executeStep())
        if (const std::string account = accounts.getColumn(0).getString(); account != "retraining" && account != "strategy")
          row.worker_time += accounts.getColumn(1).getDouble() * second;
      accounts.reset();
      row.payback = read_payback(payback, row.index);
      stages.bind(1, static_cast<std::int64_t>(row.index));
      while (stages.executeStep()) row.stages.push_back({stages.getColumn(2).getString(), read_usage(stages, 3)});
      stages.reset();
      rows.push_back(std::move(row));
    }
    return rows;
  });
}

std::uint64_t Store::trial_count() const {
  return guarded(implementation_->file_, [&] {
    return static_cast<std::uint64_t>(
        implementation_->database_.execAndGet("SELECT count(*) FROM trials").getInt64());
  });
}

bool Store::has_sites() const {
  return guarded(implementation_->file_, [&] { return has_moves(implementation_->database_); });
}

void Store::each_trial(const std::function<void(const TrialRow&)>& visit) const {
  guarded(implementation_->file_, [&] {
    const bool moves = has_moves(implementation_->database_);
    SQLite::Statement query(implementation_->database_,
                            moves ? "SELECT trials.*, site, transfer_j FROM trials LEFT JOIN moves USING(cell, trial) ORDER BY cell, trial"
                                  : "SELECT * FROM trials ORDER BY cell, trial");
    TrialRow row;
    while (query.executeStep()) {
      row.cell = static_cast<std::size_t>(query.getColumn(0).getInt64());
      row.trial = static_cast<std::uint64_t>(query.getColumn(1).getInt64());
      row.configuration = query.getColumn(2).getText();
      row.fidelity = query.getColumn(3).getDouble();
      row.trained_from = query.getColumn(4).getDouble();
      row.resumes.reset();
      if (!query.getColumn(5).isNull()) row.resumes = static_cast<std::uint64_t>(query.getColumn(5).getInt64());
      row.repeat = query.getColumn(6).getUInt();
      row.worker = query.getColumn(7).getUInt();
      row.start_s = query.getColumn(8).getDouble();
      row.end_s = query.getColumn(9).getDouble();
      row.status = query.getColumn(10).getText();
      row.objective.reset();
      if (!query.getColumn(11).isNull()) row.objective = query.getColumn(11).getDouble();
      for (int i = 0; i < 4; ++i) row.energy_j[static_cast<std::size_t>(i)] = query.getColumn(12 + i).getDouble();
      row.operational_kg = query.getColumn(16).getDouble();
      row.embodied_kg = query.getColumn(17).getDouble();
      row.usd = query.getColumn(18).getDouble();
      row.preemptions = query.getColumn(19).getUInt();
      row.lost_s = query.getColumn(20).getDouble();
      row.lost_j = query.getColumn(21).getDouble();
      row.lost_kg = query.getColumn(22).getDouble();
      row.lost_usd = query.getColumn(23).getDouble();
      row.objectives = query.getColumn(24).getText();
      row.constraints = query.getColumn(25).getText();
      if (moves) {
        row.site = query.getColumn(26).getText();
        row.energy_j[4] = query.getColumn(27).getDouble();
      }
      visit(row);
    }
  });
}

void Store::each_incumbent(const std::function<void(const IncumbentRow&)>& visit) const {
  guarded(implementation_->file_, [&] {
    SQLite::Statement query(implementation_->database_, "SELECT * FROM incumbents ORDER BY cell, number");
    IncumbentRow row;
    while (query.executeStep()) {
      row.cell = static_cast<std::size_t>(query.getColumn(0).getInt64());
      row.number = static_cast<std::uint64_t>(query.getColumn(1).getInt64());
      row.trial = static_cast<std::uint64_t>(query.getColumn(2).getInt64());
      row.configuration = query.getColumn(3).getText();
      row.fidelity = query.getColumn(4).getDouble();
      row.observed = query.getColumn(5).getDouble();
      row.true_value = query.getColumn(6).getDouble();
      row.time_s = query.getColumn(7).getDouble();
      row.evaluations = static_cast<std::uint64_t>(query.getColumn(8).getInt64());
      row.trained = query.getColumn(9).getDouble();
      row.energy_j = query.getColumn(10).getDouble();
      row.operational_kg = query.getColumn(11).getDouble();
      row.embodied_kg = query.getColumn(12).getDouble();
      row.usd = query.getColumn(13).getDouble();
      visit(row);
    }
  });
}

void Store::each_ledger_row(const std::function<void(const LedgerRow&)>& visit) const {
  guarded(implementation_->file_, [&] {
    SQLite::Statement query(implementation_->database_, "SELECT * FROM ledger ORDER BY cell, account, line");
    while (query.executeStep())
      visit({static_cast<std::size_t>(query.getColumn(0).getInt64()), query.getColumn(1).getString(),
             query.getColumn(2).getString(), query.getColumn(3).getDouble(), query.getColumn(4).getDouble(),
             query.getColumn(5).getDouble(), query.getColumn(6).getDouble(), query.getColumn(7).getDouble()});
  });
}

void Store::each_variant(const std::function<void(const VariantRow&)>& visit) const {
  guarded(implementation_->file_, [&] {
    SQLite::Statement query(implementation_->database_, "SELECT * FROM variants ORDER BY cell, variant");
    while (query.executeStep()) {
      VariantRow row;
      row.cell = static_cast<std::size_t>(query.getColumn(0).getInt64());
      row.variant = static_cast<std::size_t>(query.getColumn(1).getInt64());
      row.search = read_usage(query, 2);
      if (!query.getColumn(7).isNull()) row.training = read_usage(query, 7);
      visit(row);
    }
  });
}

std::vector<StoredUncertain> Store::uncertain() const {
  return guarded(implementation_->file_, [&] {
    std::vector<StoredUncertain> rows;
    SQLite::Statement query(implementation_->database_,
                            "SELECT scenario, key, distribution, low, high FROM uncertain ORDER BY scenario, position");
    while (query.executeStep())
      rows.push_back({static_cast<std::size_t>(query.getColumn(0).getInt64()), query.getColumn(1).getString(),
                      query.getColumn(2).getString(), query.getColumn(3).getString(), query.getColumn(4).getString()});
    return rows;
  });
}

std::optional<StoredUncertainty> Store::uncertainty() const {
  return guarded(implementation_->file_, [&]() -> std::optional<StoredUncertainty> {
    const auto text = implementation_->find_meta("uncertainty");
    if (!text) return std::nullopt;
    const Json drawn = Json::parse(*text, nullptr, false);
    try {
      StoredUncertainty read{drawn.at("draws").get<std::size_t>(), drawn.at("seed").get<std::uint64_t>(),
                             drawn.at("level").get<double>()};
      if (read.draws >= 2 && read.level > 0.0 && read.level < 1.0) return read;
    } catch (const Json::exception&) {  // told below, as for numbers that make no sense
    }
    throw StoreError(implementation_->file_.string() + ": is damaged: how its uncertain figures were drawn cannot be read");
  });
}

std::string Store::parameters(std::size_t problem) const {
  return guarded(implementation_->file_, [&] {
    SQLite::Statement query(implementation_->database_, "SELECT parameters FROM problems WHERE problem=?");
    query.bind(1, static_cast<std::int64_t>(problem));
    return query.executeStep() ? query.getColumn(0).getString() : std::string("[]");
  });
}

std::string Store::content_digest() const {
  return guarded(implementation_->file_, [&] {
    std::uint64_t a = 0;
    std::uint64_t b = 1;
    const auto absorb = [&](std::uint64_t value) {
      a = mix_bits(a ^ value);
      b = mix_bits(b + mix_bits(value));
    };
    const auto absorb_table = [&](const char* table, const char* key) {
      absorb(hash_text(table));
      SQLite::Statement query(implementation_->database_, fmt::format("SELECT * FROM {} ORDER BY {}", table, key));
      while (query.executeStep())
        for (int i = 0; i < query.getColumnCount(); ++i) {
          const SQLite::Column column = query.getColumn(i);
          absorb(static_cast<std::uint64_t>(column.getType()));
          if (column.isFloat()) {
            absorb(std::bit_cast<std::uint64_t>(column.getDouble()));
          } else if (column.isInteger()) {
            absorb(static_cast<std::uint64_t>(column.getInt64()));
          } else if (column.isText()) {
            absorb(hash_text(std::string_view(column.getText(), static_cast<std::size_t>(column.getBytes()))));
          }
        }
    };
    for (const auto& [table, key] : kTables) absorb_table(table, key);
    if (has_moves(implementation_->database_)) absorb_table("moves", "cell, trial");
    return fmt::format("{:016x}{:016x}", a, b);
  });
}

Store Store::merge(const std::vector<fs::path>& shards, const fs::path& folder) {
  const fs::path file = folder / kFileName;
  return guarded(file, [&] {
    if (fs::exists(file)) throw StoreError(file.string() + " exists already: choose another folder with --out");
    const Store first = open(shards.front());
    const std::string digest = first.meta("digest");
    const std::string program = first.meta("program");
    const std::size_t cells = first.planned_cells();
    std::vector<bool> covered(cells, false);
    for (const fs::path& shard : shards) {
      const Store store = open(shard);
      if (store.meta("digest") != digest)
        throw StoreError(shard.string() + ": belongs to another experiment than " + shards.front().string());
      if (store.meta("program") != program)
        throw StoreError(shard.string() + ": was made by another version of the program");
      const auto finished = store.finished(cells);
      for (std::size_t i = 0; i < cells; ++i) {
        if (finished[i] && covered[i])
          throw StoreError(fmt::format("{}: holds cell {}, which stands in another shard too", shard.string(), i));
        if (finished[i]) covered[i] = true;
      }
    }
    const auto missing = std::ranges::count(covered, false);
    if (missing > 0)
      throw StoreError(fmt::format("{} of {} cells stand in none of the shards: run or resume the missing shards first",
                                   missing, cells));

    fs::create_directories(folder);
    const FolderLock lock(folder);
    const fs::path draft = folder / (std::string(kFileName) + ".new");
    fs::remove(draft);
    const RemovedUnlessRenamed cleanup{draft};
    {
      Implementation joined(draft, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      joined.database_.exec(kSchema);
      std::vector<std::string> cell_tables(kCellTables.begin(), kCellTables.end());
      if (first.has_sites()) {
        joined.database_.exec(kSitesSchema);
        cell_tables.emplace_back("moves");
      }
      bool plan_copied = false;
      for (const fs::path& shard : shards) {
        SQLite::Statement attach(joined.database_, "ATTACH ? AS part");
        attach.bind(1, store_file(shard).string());
        attach.exec();
        SQLite::Transaction transaction(joined.database_);
        if (!plan_copied)
          for (const char* table : {"seeds", "problems", "scenarios", "strategies", "uncertain"})
            joined.database_.exec(fmt::format("INSERT INTO {0} SELECT * FROM part.{0}", table));
        if (!plan_copied) joined.database_.exec("INSERT INTO meta SELECT * FROM part.meta WHERE key <> 'shard'");
        plan_copied = true;
        for (const std::string& table : cell_tables)
          joined.database_.exec(fmt::format("INSERT INTO {0} SELECT * FROM part.{0} WHERE cell IN (SELECT cell FROM part.cells)", table));
        transaction.commit();
        joined.database_.exec("DETACH part");
      }
    }
    fs::rename(draft, file);
    return open(folder);
  });
}

std::string encode_configuration(const Configuration& configuration) {
  fmt::memory_buffer text;
  text.push_back('[');
  for (std::size_t i = 0; i < configuration.size(); ++i) {
    if (i > 0) text.push_back(',');
    if (!configuration.is_active(i)) {
      text.append(std::string_view("null"));
      continue;
    }
    const double value = configuration[i];
    constexpr double kExact = 9007199254740992.0;  // 2^53: beyond, the cast could overflow
    if (std::abs(value) < kExact && std::trunc(value) == value) {
      fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}"), static_cast<std::int64_t>(value));
    } else {
      fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}"), value);
    }
  }
  text.push_back(']');
  return fmt::to_string(text);
}

}  // namespace tonne
