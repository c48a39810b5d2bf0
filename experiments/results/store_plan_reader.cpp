#include "experiments/results/store_plan_reader.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "core/json.h"
#include "experiments/plan/experiment.h"
#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/stored_space.h"

namespace tonne {
namespace {

Direction direction_of(const std::string& text) {
  return text == "maximise" ? Direction::maximise : Direction::minimise;
}

std::vector<ObjectiveTraits> objectives_of(const std::string& text, const StoreDatabase& database) {
  std::vector<ObjectiveTraits> objectives;
  const Json list = parse_json(text);  // of a text that is none, nothing is read
  try {
    for (const Json& entry : list)
      objectives.push_back({entry.at("name").get<std::string>(), entry.at("unit").get<std::string>(),
                            entry.at("direction") == "maximise" ? Direction::maximise : Direction::minimise});
  } catch (const Json::exception&) {
    objectives.clear();
  }
  if (objectives.empty() || objectives.size() > kMaxObjectives)
    throw database.damaged("the objectives of a problem cannot be read");
  return objectives;
}

void read_notes(std::vector<StoredProblem>& problems, const StoreDatabase& database) {
  const auto text = database.find_meta("problem_notes");
  if (!text) return;
  const Json notes = parse_json(*text);
  if (!notes.is_object()) throw database.damaged("the notes of its problems cannot be read");
  try {
    for (std::size_t i = 0; i < problems.size(); ++i)
      if (const auto own = notes.find(std::to_string(i)); own != notes.end())
        problems[i].notes = own->get<std::vector<std::string>>();
  } catch (const Json::exception&) {
    throw database.damaged("the notes of its problems cannot be read");
  }
}

void read_full_fidelities(std::vector<StoredProblem>& problems, const StoreDatabase& database) {
  const auto text = database.find_meta("full_fidelities");
  if (!text) return;
  const Json full = parse_json(*text);
  if (!full.is_object()) throw database.damaged("the full fidelities of its problems cannot be read");
  try {
    for (std::size_t i = 0; i < problems.size(); ++i)
      if (const auto own = full.find(std::to_string(i)); own != full.end())
        problems[i].full_fidelity = own->get<double>();
  } catch (const Json::exception&) {
    throw database.damaged("the full fidelities of its problems cannot be read");
  }
}

void read_unpriced(std::vector<StoredScenario>& scenarios, const StoreDatabase& database) {
  const auto text = database.find_meta("unpriced");
  if (!text) return;
  const Json unpriced = parse_json(*text);
  if (!unpriced.is_object()) throw database.damaged("which of its prices are known cannot be read");
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const auto own = unpriced.find(std::to_string(i));
    if (own == unpriced.end()) continue;
    scenarios[i].priced = std::ranges::find(*own, Json("search")) == own->end();
    scenarios[i].deployment_priced = std::ranges::find(*own, Json("deployment")) == own->end();
  }
}

StoredProblem read_problem(const SQLite::Statement& query, const StoreDatabase& database) {
  StoredProblem row;
  std::string direction, objectives;
  Columns(query) >> row.label >> row.settings >> row.objective >> row.unit >> row.fidelity >> direction >>
      row.optimum >> row.default_true_value >> objectives;
  row.direction = direction_of(direction);
  row.objectives = objectives_of(objectives, database);
  return row;
}

StoredScenario read_scenario(const SQLite::Statement& query) {
  StoredScenario row;
  std::optional<std::string> deployment;
  Columns columns(query);
  columns >> row.label >> row.summary >> row.settings >> deployment;
  if (!deployment) return row;
  row.deployment_summary = *deployment;
  std::string train_until;
  columns >> row.deployment.trainings >> row.deployment.inferences >> train_until;
  row.deployment.train_until =
      train_until == kTrainUntilNames[0] ? TrainUntil::full : TrainUntil::default_quality;
  return row;
}

}  // namespace

std::size_t read_planned_cells(const StoreDatabase& database) {
  const std::string text = database.find_meta("cells").value_or("");
  std::size_t cells = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cells);
  if (error != std::errc{} || end != text.data() + text.size() || cells > kMostCells)
    throw database.damaged("its number of cells is '" + text + "'");
  return cells;
}

std::vector<std::uint64_t> read_seeds(const StoreDatabase& database) {
  std::vector<std::uint64_t> seeds;
  SQLite::Statement query(database.sql(), "SELECT seed FROM seeds ORDER BY position");
  while (query.executeStep()) Columns(query) >> seeds.emplace_back();
  return seeds;
}

std::vector<StoredProblem> read_problems(const StoreDatabase& database) {
  std::vector<StoredProblem> problems;
  SQLite::Statement query(database.sql(),
                          "SELECT label, settings, objective, unit, fidelity, direction, optimum, "
                          "default_true_value, objectives FROM problems ORDER BY problem");
  while (query.executeStep()) problems.push_back(read_problem(query, database));
  read_notes(problems, database);
  read_full_fidelities(problems, database);
  return problems;
}

SearchSpace read_space(const StoreDatabase& database, std::size_t problem) {
  SQLite::Statement query(database.sql(), "SELECT parameters FROM problems WHERE problem=?");
  bind_value(query, 1, problem);
  std::string parameters = "[]";
  if (query.executeStep()) Columns(query) >> parameters;
  return decode_space(parameters);
}

std::vector<StoredScenario> read_scenarios(const StoreDatabase& database) {
  std::vector<StoredScenario> scenarios;
  SQLite::Statement query(database.sql(),
                          "SELECT label, summary, settings, deployment, trainings, inferences, train_until "
                          "FROM scenarios ORDER BY scenario");
  while (query.executeStep()) scenarios.push_back(read_scenario(query));
  read_unpriced(scenarios, database);
  return scenarios;
}

std::vector<StoredStrategy> read_strategies(const StoreDatabase& database) {
  std::vector<StoredStrategy> strategies;
  SQLite::Statement query(database.sql(), "SELECT label, name, settings FROM strategies ORDER BY strategy");
  while (query.executeStep()) {
    StoredStrategy& row = strategies.emplace_back();
    Columns(query) >> row.label >> row.name >> row.settings;
  }
  return strategies;
}

std::vector<StoredUncertain> read_uncertain(const StoreDatabase& database) {
  std::vector<StoredUncertain> rows;
  SQLite::Statement query(
      database.sql(),
      "SELECT scenario, key, distribution, low, high FROM uncertain ORDER BY scenario, position");
  while (query.executeStep()) {
    StoredUncertain& row = rows.emplace_back();
    Columns(query) >> row.scenario >> row.key >> row.distribution >> row.low >> row.high;
  }
  return rows;
}

std::optional<StoredUncertainty> read_uncertainty(const StoreDatabase& database) {
  const auto text = database.find_meta("uncertainty");
  if (!text) return std::nullopt;
  const Json drawn = parse_json(*text);
  try {
    StoredUncertainty read{drawn.at("draws").get<std::size_t>(), drawn.at("seed").get<std::uint64_t>(),
                           drawn.at("level").get<double>()};
    if (read.draws >= 2 && read.level > 0.0 && read.level < 1.0) return read;
  } catch (const Json::exception&) {  // told below, as for numbers that make no sense
  }
  throw database.damaged("how its uncertain figures were drawn cannot be read");
}

}  // namespace tonne
