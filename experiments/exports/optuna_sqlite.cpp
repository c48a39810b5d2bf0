// Results as a database of Optuna's: the same studies and trials as in its journal (tool_exports.cpp).

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "experiments/exports/optuna_trials.h"
#include "experiments/exports/study_names.h"
#include "experiments/exports/tool_exports.h"
#include "experiments/results/optuna_database.h"

namespace tonne {
namespace {

// As SQLAlchemy writes it.
std::string sql_moment(double seconds) {
  std::string text = simulated_moment(seconds);
  text[10] = ' ';
  return text;
}

std::string_view state_name(OptunaState state) {
  return state == OptunaState::complete ? "COMPLETE" : state == OptunaState::pruned ? "PRUNED" : "FAIL";
}

OptunaRow optuna_row(const OptunaTrials& trials, const StudyNames& names, const TrialRow& trial, const CellRecord& cell) {
  const OptunaTrial made = trials(trial, cell);
  OptunaRow row;
  row.state = state_name(made.state);
  row.start = sql_moment(trial.start_s);
  row.end = sql_moment(trial.end_s);
  row.values = made.values;
  if (!made.values.empty()) row.intermediate = {made.step, made.values.front()};
  const SearchSpace& space = names.spaces[cell.problem];
  for (const std::size_t i : made.active)
    row.parameters.push_back({space[i].name, trial.configuration[i], trials.distribution(cell.problem, i)});
  for (const auto& [key, value] : made.attributes.items()) row.attributes.emplace_back(key, json_line(value));
  return row;
}

}  // namespace

void write_optuna_sqlite(const Store& store, const std::filesystem::path& path) {
  StudyNames names(store);
  find_full_fidelities(store, names);
  OptunaDatabase database(path);
  std::map<std::size_t, std::size_t> studies;  // cell: study id
  for (const auto& [index, cell] : names.cells) {
    std::vector<std::string_view> directions;
    for (const ObjectiveTraits& objective : names.problems[cell.problem].objectives)
      directions.push_back(objective.direction == Direction::maximise ? "MAXIMIZE" : "MINIMIZE");
    studies[index] = database.add_study(names.study(cell), directions);
  }
  const OptunaTrials trials(names);
  TrialCounts counts;
  store.each_trial([&](const TrialRow& trial) {
    const auto cell = names.cells.find(trial.cell);
    if (cell == names.cells.end() || trial.status == TrialStatus::screened) return;
    OptunaRow row = optuna_row(trials, names, trial, cell->second);
    row.study = studies.at(trial.cell);
    database.add_trial(row);
    counts.add(trial.cell);
  });
  counts.check(store, names);
  database.commit();
}

}  // namespace tonne
