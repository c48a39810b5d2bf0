#include "experiments/histories/imported_experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/json.h"
#include "core/random.h"
#include "cost_models/time.h"
#include "experiments/histories/recorded_problem.h"
#include "experiments/results/imported.h"
#include "experiments/results/stored_space.h"

namespace tonne::histories {
namespace {

std::string digest_text(const std::string& text) {
  return fmt::format("{:016x}", hash_text(text));
}

// What may not differ between searches that are compared.
std::string problem_settings(const RecordedSearch& search, const EnergySource& energy) {
  Json objectives = Json::array();
  for (const ObjectiveTraits& objective : search.objectives)
    objectives.push_back({{"name", objective.name}, {"direction", objective.direction == Direction::minimise ? "minimise" : "maximise"}});
  const Json json = {{"name", kRecorded},
                     {"settings",
                      {{"objectives", json_line(objectives)},
                       {"constraints", search.constraints},
                       {"space", digest_text(encode_space(search.space))}}}};
  return with_import(json_line(json), {search.source, energy.meter});
}

// Every trial, so that other trials are another experiment.
std::string content_of(const RecordedSearch& search) {
  std::string text;
  for (const RecordedRun& run : search.runs) {
    text += fmt::format("{};{:016x};{};{};{};{};{};", run.number, run.configuration.digest(), run.fidelity, run.start.base(), run.time.base(),
                        run.energy ? fmt::format("{}", run.energy->base()) : "-", run.failure ? to_string(*run.failure) : "-");
    for (const double value : run.objectives) text += fmt::format("{},", value);
    for (const double value : run.constraints) text += fmt::format(",{}", value);
    text += "\n";
  }
  return digest_text(text);
}

std::string strategy_settings(const RecordedSearch& search) {
  const Json json = {{"name", kRecorded},
                     {"settings", {{"search", search.name}, {"method", search.method}, {"began", format_utc(search.began * second)}}},
                     {"content", content_of(search)}};
  return json_line(json);
}

std::string label_of(const RecordedSearch& search) {
  if (search.name.empty()) return search.method.empty() ? "search" : search.method;
  return search.method.empty() ? search.name : fmt::format("{} ({})", search.name, search.method);
}

// What a report shows in place of an experiment file.
std::string description_of(const RecordedSearch& search, const ScenarioPlan& scenario) {
  const Json json = {{"search", search.name},
                     {"recorded_by", search.source},
                     {"method", search.method},
                     {"began", format_utc(search.began * second)},
                     {"trials", search.runs.size()},
                     {"scenario", parse_json(scenario.settings)}};
  return "# A real search, imported by tonne import: there is nothing here that tonne run could run again.\n" + json_document(json);
}

std::vector<std::string> all_notes(const RecordedSearch& search, const std::vector<std::string>& of_prices) {
  std::vector<std::string> notes = {
      fmt::format("A real search, recorded by {}: trials, values and run times are those of the file.", search.source),
      "Values are observed: of the best configuration no other is known, and the best of many noisy values flatters. The first "
      "configuration that was trained in full stands for the default."};
  notes.insert(notes.end(), of_prices.begin(), of_prices.end());
  notes.insert(notes.end(), search.notes.begin(), search.notes.end());
  return notes;
}

}  // namespace

Experiment imported_experiment(RecordedSearch search, const EnergySource& energy, const PricingRequest& request, const std::string& name) {
  const auto shared = std::make_shared<const RecordedSearch>(std::move(search));
  PricedScenario priced = price_search(*shared, energy, make_recorded_problem(shared, name, {}), request);
  Experiment experiment;
  experiment.name = folder_name(shared->name.empty() ? name : shared->name);
  experiment.text = description_of(*shared, priced.plan);
  experiment.seeds = {0};
  experiment.problems = {{name, problem_settings(*shared, energy), make_recorded_problem(shared, name, all_notes(*shared, priced.notes))}};
  experiment.strategies = {{label_of(*shared), kRecorded, strategy_settings(*shared), make_recorded_strategy(shared), std::nullopt}};
  experiment.scenarios.push_back(std::move(priced.plan));
  const std::string all = fmt::format("tonne import 1\n{}\n{}\n{}\n{}\n{}", name, experiment.problems.front().settings,
                                      experiment.scenarios.front().settings, experiment.strategies.front().label,
                                      experiment.strategies.front().settings);
  experiment.digest = fmt::format("{:016x}{:016x}", hash_text(all), hash_text(all + "#"));
  return experiment;
}

std::string folder_name(const std::string& name) {
  constexpr std::size_t kLongestFolder = 100;
  std::string folder;
  for (const char c : name.substr(0, kLongestFolder)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    folder += plain ? c : '-';
  }
  if (folder.empty()) return "search";
  if (folder.front() == '.') folder.front() = '-';
  return folder;
}

}  // namespace tonne::histories
