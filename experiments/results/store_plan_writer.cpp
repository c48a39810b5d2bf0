#include "experiments/results/store_plan_writer.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <optional>

#include "core/json.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/variants.h"
#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"
#include "experiments/results/stored_space.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

std::string direction_text(Direction direction) {
  return direction == Direction::minimise ? "minimise" : "maximise";
}

std::string objectives_json(const ProblemTraits& traits) {
  Json list = Json::array();
  for (const ObjectiveTraits& objective : traits.objectives)
    list.push_back({{"name", objective.name},
                    {"unit", objective.unit},
                    {"direction", direction_text(objective.direction)}});
  return json_line(list);
}

// Few problems have notes, so that they are no table of their own.
void write_notes(StoreDatabase& database, const Experiment& experiment) {
  Json notes = Json::object();
  for (std::size_t i = 0; i < experiment.problems.size(); ++i) {
    const auto own = notes_of(experiment, i);
    if (!own.empty()) notes[std::to_string(i)] = own;
  }
  if (!notes.empty())
    database.set_meta("problem_notes", json_line(notes));
}

// What strategies learned from; other stores stay what they were without it.
void write_warm_start(StoreDatabase& database, const Experiment& experiment) {
  const WarmStartPlan& plan = experiment.warm_start;
  if (!plan.given()) return;
  Json json;
  for (std::size_t i = 0; i < plan.digests.size(); ++i)
    json["results"].push_back({{"folder", plan.settings.results[i]}, {"content_digest", plan.digests[i]}});
  json["strategies"] = Json::array();
  for (std::size_t s = 0; s < experiment.strategies.size(); ++s)
    if (plan.learns[s]) json["strategies"].push_back(experiment.strategies[s].label);
  json["carbon"] = plan.settings.carbon;
  json["uses"] = plan.settings.uses;
  for (const EarlierPlan& problem : plan.problems) json["notes"].push_back(problem.notes.front());
  database.set_meta("warm_start", json_line(json));
}

// What tells full trainings from partial ones on a front; other problems' stores stay what they were without
// it.
void write_full_fidelities(StoreDatabase& database, const Experiment& experiment) {
  Json full = Json::object();
  for (std::size_t i = 0; i < experiment.problems.size(); ++i) {
    const ProblemTraits& traits = experiment.problems[i].problem->traits();
    if (traits.objectives.size() > 1 && traits.fidelity.lowest < traits.fidelity.highest)
      full[std::to_string(i)] = traits.fidelity.highest;
  }
  if (!full.empty()) database.set_meta("full_fidelities", json_line(full));
}

// Few machines are without a price; other stores stay what they were.
void write_unpriced(StoreDatabase& database, const Experiment& experiment) {
  Json unpriced = Json::object();
  for (std::size_t i = 0; i < experiment.scenarios.size(); ++i) {
    const ScenarioPlan& plan = experiment.scenarios[i];
    if (!plan.priced) unpriced[std::to_string(i)].push_back("search");
    if (!plan.deployment_priced) unpriced[std::to_string(i)].push_back("deployment");
  }
  if (!unpriced.empty()) database.set_meta("unpriced", json_line(unpriced));
}

void write_meta(StoreDatabase& database, const Experiment& experiment, const Shard& shard) {
  database.set_meta("format", kStoreFormat);
  database.set_meta("program", version());
  database.set_meta("name", experiment.name);
  database.set_meta("experiment", experiment.text);
  database.set_meta("digest", experiment.digest);
  database.set_meta("cells", std::to_string(experiment.cells()));
  database.set_meta("record", experiment.recording == Recording::trials ? "trials" : "incumbents");
  if (!experiment.published.empty())
    database.set_meta("published", encode_published_figures(experiment.published));
  if (!experiment.baseline.empty()) database.set_meta("baseline", experiment.baseline);
  if (experiment.has_sites()) database.set_meta("sites", "several");
  if (shard.of > 1) database.set_meta("shard", shard_text(shard));
}

void write_seeds(StoreDatabase& database, const Experiment& experiment) {
  SQLite::Statement insert(database.sql(), "INSERT INTO seeds VALUES(?,?)");
  for (std::size_t i = 0; i < experiment.seeds.size(); ++i) insert_row(insert, i, experiment.seeds[i]);
}

void write_problems(StoreDatabase& database, const Experiment& experiment) {
  SQLite::Statement insert(database.sql(), "INSERT INTO problems VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
  for (std::size_t i = 0; i < experiment.problems.size(); ++i) {
    const ProblemPlan& plan = experiment.problems[i];
    const Problem& problem = *plan.problem;
    const ProblemTraits& traits = problem.traits();
    const ObjectiveTraits& objective = traits.objectives.front();
    insert_row(insert, i, plan.label, plan.settings, objective.name, objective.unit,
               direction_text(objective.direction), traits.fidelity.name, problem.optimum(),
               problem.true_value(problem.default_configuration()), encode_space(problem.space()),
               objectives_json(traits), json_line(Json(traits.constraints)));
  }
}

void write_scenarios(StoreDatabase& database, const Experiment& experiment) {
  SQLite::Statement insert(database.sql(), "INSERT INTO scenarios VALUES(?,?,?,?,?,?,?,?)");
  for (std::size_t i = 0; i < experiment.scenarios.size(); ++i) {
    const ScenarioPlan& plan = experiment.scenarios[i];
    const DeploymentSettings& deployment = plan.deployment;
    const auto where_deployed = [&](const auto& value) {
      return deployment.given() ? std::optional(value) : std::nullopt;
    };
    insert_row(insert, i, plan.label, plan.summary, plan.settings, where_deployed(plan.deployment_summary),
               where_deployed(deployment.trainings), where_deployed(deployment.inferences),
               where_deployed(kTrainUntilNames[static_cast<std::size_t>(deployment.train_until)]));
  }
}

void write_strategies(StoreDatabase& database, const Experiment& experiment) {
  SQLite::Statement insert(database.sql(), "INSERT INTO strategies VALUES(?,?,?,?)");
  for (std::size_t i = 0; i < experiment.strategies.size(); ++i) {
    const StrategyPlan& plan = experiment.strategies[i];
    insert_row(insert, i, plan.label, plan.name, plan.settings);
  }
}

void write_uncertainty(StoreDatabase& database, const Experiment& experiment) {
  if (!experiment.is_uncertain()) return;
  Json drawn;
  drawn["draws"] = experiment.uncertainty.draws;
  drawn["seed"] = experiment.uncertainty.seed;
  drawn["level"] = experiment.uncertainty.level;
  database.set_meta("uncertainty", json_line(drawn));
  SQLite::Statement insert(database.sql(), "INSERT INTO uncertain VALUES(?,?,?,?,?,?)");
  for (std::size_t s = 0; s < experiment.scenarios.size(); ++s) {
    const auto& uncertain = experiment.scenarios[s].uncertain;
    for (std::size_t i = 0; i < uncertain.size(); ++i) {
      const UncertainSetting& setting = uncertain[i];
      const auto text_at = [&](double p) { return value_text(setting, setting.distribution.quantile(p)); };
      insert_row(insert, s, i, setting.key, setting.text, text_at(kTornadoLow), text_at(kTornadoHigh));
    }
  }
}

}  // namespace

void write_plan(StoreDatabase& database, const Experiment& experiment, const Shard& shard) {
  SQLite::Transaction transaction(database.sql());
  create_tables(database.sql());
  write_meta(database, experiment, shard);
  write_seeds(database, experiment);
  write_problems(database, experiment);
  write_notes(database, experiment);
  write_warm_start(database, experiment);
  write_full_fidelities(database, experiment);
  write_unpriced(database, experiment);
  write_scenarios(database, experiment);
  write_strategies(database, experiment);
  write_uncertainty(database, experiment);
  transaction.commit();
}

std::string shard_text(const Shard& shard) {
  return shard.of > 1 ? fmt::format("{}/{}", shard.number, shard.of) : "";
}

}  // namespace tonne
