#include "experiments/exports/optuna_trials.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <system_error>

#include "core/csv.h"
#include "core/units.h"
#include "experiments/results/stored_space.h"

namespace tonne {
namespace {

// Numbers where all levels are, each told apart from the others; else texts.
Json level_choices(const Ordinal& ordinal) {
  Json choices = Json::array();
  std::set<double> seen;
  for (const std::string& level : ordinal.levels) {
    const auto number = parse_number(level);
    if (!number || !seen.insert(*number).second) return ordinal.levels;
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(level.data(), level.data() + level.size(), whole);
    const bool is_whole = error == std::errc{} && end == level.data() + level.size();
    choices.push_back(is_whole ? Json(whole) : Json(*number));
  }
  return choices;
}

std::string distribution_text(const Domain& domain) {
  Json json;
  if (const auto* real = std::get_if<Real>(&domain))
    json = {
        {"name", "FloatDistribution"},
        {"attributes",
         {{"step", nullptr}, {"low", real->low}, {"high", real->high}, {"log", real->scale == Scale::log}}}};
  if (const auto* integer = std::get_if<Integer>(&domain))
    json = {{"name", "IntDistribution"},
            {"attributes",
             {{"log", integer->scale == Scale::log},
              {"step", 1},
              {"low", integer->low},
              {"high", integer->high}}}};
  if (const auto* categorical = std::get_if<Categorical>(&domain))
    json = {{"name", "CategoricalDistribution"}, {"attributes", {{"choices", categorical->choices}}}};
  if (const auto* ordinal = std::get_if<Ordinal>(&domain))
    json = {{"name", "CategoricalDistribution"}, {"attributes", {{"choices", level_choices(*ordinal)}}}};
  return json_line(json);
}

// All values of a completed trial, or none where one is not finite.
std::optional<std::vector<double>> values_of(const TrialRow& row) {
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!is_completed(row) || row.objectives.empty() || !std::ranges::all_of(row.objectives, finite)) return std::nullopt;
  return std::vector<double>(row.objectives.begin(), row.objectives.end());
}

Json optuna_attributes(const TrialRow& row, bool priced) {
  Json attributes = {{"trial", row.trial},
                     {"status", to_string(row.status)},
                     {"fidelity", row.fidelity},
                     {"trained_from", row.trained_from},
                     {"worker", row.worker},
                     {"seconds", row.end_s - row.start_s},
                     {"kwh", trial_joules(row) * joule / kilowatt_hour},
                     {"kg_co2e", row.operational_kg + row.embodied_kg},
                     {"usd", priced ? Json(row.usd) : Json(nullptr)}};
  if (row.resumes) attributes["resumes"] = *row.resumes;
  return attributes;
}

}  // namespace

OptunaTrials::OptunaTrials(const StudyNames& names) : names_(names) {
  for (const SearchSpace& space : names.spaces) {
    auto& texts = distributions_.emplace_back();
    for (const Parameter& parameter : space.parameters()) texts.push_back(distribution_text(parameter.domain));
  }
}

OptunaTrial OptunaTrials::operator()(const TrialRow& row, const CellRecord& cell) const {
  const SearchSpace& space = names_.spaces[cell.problem];
  check_configuration(row.configuration, space);
  OptunaTrial trial;
  for (std::size_t i = 0; i < space.size(); ++i)
    if (row.configuration.is_active(i)) trial.active.push_back(i);
  trial.attributes = optuna_attributes(row, names_.scenarios[cell.scenario].priced);
  trial.step = std::llround(row.fidelity);
  const auto values = values_of(row);
  if (!values) return trial;
  trial.values = *values;
  trial.state = row.fidelity >= names_.full.at(cell.problem) ? OptunaState::complete : OptunaState::pruned;
  return trial;
}

}  // namespace tonne
