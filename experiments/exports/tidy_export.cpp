// One row a trial, one column a parameter. results/tidy_views.h makes the same of a copy for SQL.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/units.h"
#include "experiments/exports/study_names.h"
#include "experiments/exports/tool_exports.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "experiments/text/csv_text.h"

namespace tonne {
namespace {

// Of any problem, in the order in which they first stand.
std::vector<std::string> objective_names(const std::vector<StoredProblem>& problems) {
  std::vector<std::string> names;
  for (const StoredProblem& problem : problems)
    for (const ObjectiveTraits& objective : problem.objectives)
      if (std::ranges::find(names, objective.name) == names.end()) names.push_back(objective.name);
  return names;
}

// Where a problem's own names stand among the columns; what it has not is left empty.
std::map<std::string, std::size_t> places_of(const std::vector<std::string>& columns) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < columns.size(); ++i) places[columns[i]] = i;
  return places;
}

std::string parameter_text(const Domain& domain, double value) {
  if (const auto* categorical = std::get_if<Categorical>(&domain)) return csv_text(categorical->choices[static_cast<std::size_t>(value)]);
  if (const auto* ordinal = std::get_if<Ordinal>(&domain)) return csv_text(ordinal->levels[static_cast<std::size_t>(value)]);
  return encode_number(value);
}

std::string after_commas(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += "," + cell;
  return line;
}

}  // namespace

void write_tidy(const Store& store, const std::filesystem::path& path) {
  const StudyNames names(store);
  const std::vector<std::string> objectives = objective_names(names.problems), parameters = parameter_names(names.spaces);
  const auto objective_places = places_of(objectives), parameter_places = places_of(parameters);
  NewFile file(path);
  TrialCounts counts;
  std::string head = "problem,scenario,strategy,seed,trial,status,fidelity,trained_from,resumes,worker,start_s,seconds,kwh,kg_co2e,usd";
  for (const std::string& name : objectives) head += "," + csv_text("objective_" + name);
  for (const std::string& name : parameters) head += "," + csv_text("param_" + name);
  file.write(head + "\n");
  store.each_trial([&](const TrialRow& row) {
    const auto at = names.cells.find(row.cell);
    if (at == names.cells.end()) return;
    const CellRecord& cell = at->second;
    const StoredProblem& problem = names.problems[cell.problem];
    std::vector<std::string> values(objectives.size()), configuration(parameters.size());
    for (std::size_t i = 0; i < row.objectives.size(); ++i)
      values[objective_places.at(problem.objectives[i].name)] = fmt::format("{}", row.objectives[i]);
    const SearchSpace& space = names.spaces[cell.problem];
    check_configuration(row.configuration, space);
    for (std::size_t i = 0; i < space.size(); ++i)
      if (row.configuration.is_active(i))
        configuration[parameter_places.at(space[i].name)] = parameter_text(space[i].domain, row.configuration[i]);
    const StoredScenario& scenario = names.scenarios[cell.scenario];
    file.write(fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}{}{}\n", csv_text(problem.label), csv_text(scenario.label),
                           csv_text(names.strategies[cell.strategy].label), cell.seed, row.trial, to_string(row.status), row.fidelity,
                           row.trained_from, row.resumes ? fmt::format("{}", *row.resumes) : "", row.worker, row.start_s,
                           row.end_s - row.start_s, trial_joules(row) * joule / kilowatt_hour, row.operational_kg + row.embodied_kg,
                           scenario.priced ? fmt::format("{}", row.usd) : "", after_commas(values), after_commas(configuration)));
    if (row.status != TrialStatus::screened) counts.add(row.cell);
  });
  counts.check(store, names);
  file.commit();
}

}  // namespace tonne
