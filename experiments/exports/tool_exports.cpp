#include "experiments/exports/tool_exports.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "core/csv.h"
#include "core/json.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "experiments/text/csv_text.h"
#include "experiments/text/percent.h"

namespace tonne {
namespace {

std::string compact(const Json& json) {
  return json_line(json);
}

// Simulated seconds as a date that both tools read: no clock is asked. At most the year 9999, where Python's
// dates end.
std::string moment(double seconds) {
  using namespace std::chrono;
  constexpr sys_days kStart = 2000y / January / 1;
  constexpr double kMost = 8000.0 * 365.2425 * 86400.0 * 0.99;
  const microseconds elapsed{std::llround(std::clamp(seconds, 0.0, kMost) * 1e6)};
  const auto whole_days = floor<days>(elapsed);
  const year_month_day date{kStart + whole_days};
  const hh_mm_ss time{elapsed - whole_days};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}", int{date.year()}, unsigned{date.month()},
                     unsigned{date.day()}, time.hours().count(), time.minutes().count(),
                     time.seconds().count(), time.subseconds().count());
}

// What every export needs of the store beside trials. Throws StoreError where two searches have one name:
// another tool would take them for one.
struct Names {
  explicit Names(const Store& store)
      : problems(store.problems()), scenarios(store.scenarios()), strategies(store.strategies()) {
    for (std::size_t p = 0; p < problems.size(); ++p) spaces.push_back(store.space(p));
    for (CellRecord& cell : store.cells(CellDetail::own)) {
      const std::size_t index = cell.index;
      cells.emplace(index, std::move(cell));
    }
    for (const auto& [index, cell] : cells) full[cell.problem] = 0.0;
    escapes = repeated_study().has_value();
    if (const auto repeated = escapes ? repeated_study() : std::nullopt)
      throw StoreError(
          "two of the searches would be called '" + *repeated +
          "', and another tool would take them for one: their labels are the same. Give the problems, "
          "scenarios and strategies labels that differ, and run the experiment again");
  }
  [[nodiscard]] std::string study(const CellRecord& cell) const {
    const auto part = [&](const std::string& label) { return escapes ? percent_encoded(label, "/") : label; };
    const std::string scenario = scenarios[cell.scenario].label;
    return problems[cell.problem].label + (scenario.empty() ? "" : "/" + part(scenario)) + "/" +
           part(strategies[cell.strategy].label) + "/" + std::to_string(cell.seed);
  }
  // As files write it.
  [[nodiscard]] std::optional<std::string> repeated_study() const {
    std::set<std::string> seen;
    for (const auto& [index, cell] : cells)
      if (const auto [at, is_new] = seen.insert(compact(study(cell))); !is_new) return study(cell);
    return std::nullopt;
  }

  std::vector<StoredProblem> problems;
  std::vector<StoredScenario> scenarios;
  std::vector<StoredStrategy> strategies;
  std::vector<SearchSpace> spaces;
  std::map<std::size_t, CellRecord> cells;
  std::map<std::size_t, double> full;  // the highest fidelity of each problem's trials
  bool escapes = false;                // '/' in labels: only where names would be the same without
};

// Whether as many trials went out as the searches had.
class TrialCounts {
 public:
  void add(std::size_t cell) { ++written_[cell]; }
  // Throws StoreError.
  void check(const Store& store, const Names& names) const {
    if (store.meta("record") != "trials") return;
    for (const auto& [index, cell] : names.cells) {
      const auto at = written_.find(index);
      const std::uint64_t written = at == written_.end() ? 0 : at->second;
      if (written != cell.evaluations + cell.cached)
        throw StoreError(
            fmt::format("the results hold {} trials of the search '{}', which had {}: they are damaged",
                        written, names.study(cell), cell.evaluations + cell.cached));
    }
  }

 private:
  std::map<std::size_t, std::uint64_t> written_;  // by cell
};

void find_full_fidelities(const Store& store, Names& names) {
  store.each_trial([&](const TrialRow& row) {
    const auto cell = names.cells.find(row.cell);
    if (cell == names.cells.end()) return;
    double& full = names.full[cell->second.problem];
    full = std::max(full, row.fidelity);
  });
}

// --- Optuna ---

enum class OptunaOperation : int { create_study = 0, set_study_user_attribute = 2, create_trial = 4 };
enum class OptunaState : int { complete = 1, pruned = 2, fail = 3 };
constexpr const char* kWorker = "tonne";

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

std::string distribution(const Domain& domain) {
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
  return compact(json);
}

std::string optuna_study(const Names& names, const CellRecord& cell) {
  Json directions = Json::array();
  for (const ObjectiveTraits& objective : names.problems[cell.problem].objectives)
    directions.push_back(objective.direction == Direction::maximise ? 2 : 1);
  return compact({{"op_code", static_cast<int>(OptunaOperation::create_study)},
                  {"worker_id", kWorker},
                  {"study_name", names.study(cell)},
                  {"directions", directions}}) +
         "\n";
}

bool is_completed(const TrialRow& row) {
  return row.status == TrialStatus::completed || row.status == TrialStatus::cached;
}

// All values of a completed trial, or none where one is not finite.
std::optional<std::vector<double>> values_of(const TrialRow& row) {
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!is_completed(row) || row.objectives.empty() || !std::ranges::all_of(row.objectives, finite)) return std::nullopt;
  return std::vector<double>(row.objectives.begin(), row.objectives.end());
}

Json optuna_attributes(const TrialRow& row, bool priced) {
  double joules = 0.0;
  for (const double line : row.energy_j) joules += line;
  Json attributes = {{"trial", row.trial},
                     {"status", to_string(row.status)},
                     {"fidelity", row.fidelity},
                     {"trained_from", row.trained_from},
                     {"worker", row.worker},
                     {"seconds", row.end_s - row.start_s},
                     {"kwh", joules * joule / kilowatt_hour},
                     {"kg_co2e", row.operational_kg + row.embodied_kg},
                     {"usd", priced ? Json(row.usd) : Json(nullptr)}};
  if (row.resumes) attributes["resumes"] = *row.resumes;
  return attributes;
}

class OptunaTrials {
 public:
  explicit OptunaTrials(const Names& names) : names_(names) {
    for (const SearchSpace& space : names.spaces) {
      auto& texts = distributions_.emplace_back();
      for (const Parameter& parameter : space.parameters()) texts.push_back(distribution(parameter.domain));
    }
  }
  [[nodiscard]] std::string line(const TrialRow& row, const CellRecord& cell, std::size_t study) const {
    const SearchSpace& space = names_.spaces[cell.problem];
    const bool priced = names_.scenarios[cell.scenario].priced;
    const Configuration& configuration = row.configuration;
    check_configuration(configuration, space);
    Json distributions = Json::object(), params = Json::object();
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (!configuration.is_active(i)) continue;
      distributions[space[i].name] = distributions_[cell.problem][i];
      params[space[i].name] = configuration[i];
    }
    const auto values = values_of(row);
    const bool in_full = row.fidelity >= names_.full.at(cell.problem);
    const OptunaState state = !values   ? OptunaState::fail
                              : in_full ? OptunaState::complete
                                        : OptunaState::pruned;
    Json intermediate = Json::object();
    if (values) intermediate[std::to_string(std::llround(row.fidelity))] = values->front();
    const bool single = values && values->size() == 1;
    return compact({{"op_code", static_cast<int>(OptunaOperation::create_trial)},
                    {"worker_id", kWorker},
                    {"study_id", study},
                    {"datetime_start", moment(row.start_s)},
                    {"state", static_cast<int>(state)},
                    {"value", single ? Json(values->front()) : Json()},
                    {"values", values && !single ? Json(*values) : Json()},
                    {"datetime_complete", moment(row.end_s)},
                    {"distributions", distributions},
                    {"params", params},
                    {"user_attrs", optuna_attributes(row, priced)},
                    {"system_attrs", Json::object()},
                    {"intermediate_values", intermediate}}) +
           "\n";
  }

 private:
  const Names& names_;
  std::vector<std::vector<std::string>> distributions_;  // [problem][parameter]
};

// --- Syne Tune ---

// config_ columns: every parameter name of any problem, in the order in which they first stand.
std::vector<std::string> parameter_names(const std::vector<SearchSpace>& spaces) {
  std::vector<std::string> names;
  for (const SearchSpace& space : spaces)
    for (const Parameter& parameter : space.parameters())
      if (std::ranges::find(names, parameter.name) == names.end()) names.push_back(parameter.name);
  return names;
}

// Only names are made safe for spreadsheets: a negative number stays a number.
std::string syne_tune_value(const SearchSpace& space, std::size_t i, double value) {
  const Domain& domain = space[i].domain;
  const bool number = std::holds_alternative<Real>(domain) || std::holds_alternative<Integer>(domain);
  return number ? space.value_text(i, value) : csv_text(space.value_text(i, value));
}

std::string syne_tune_status(const TrialRow& row) {
  return is_completed(row) ? "Completed" : "Failed";
}

}  // namespace

void write_optuna_journal(const Store& store, const std::filesystem::path& path) {
  Names names(store);
  find_full_fidelities(store, names);
  NewFile file(path);
  std::map<std::size_t, std::size_t> studies;  // cell: study id
  for (const auto& [index, cell] : names.cells) {
    const std::size_t id = studies.size();
    studies[index] = id;
    file.write(optuna_study(names, cell));
  }
  const OptunaTrials trials(names);
  TrialCounts counts;
  store.each_trial([&](const TrialRow& row) {
    const auto cell = names.cells.find(row.cell);
    if (cell == names.cells.end() || row.status == TrialStatus::screened) return;
    file.write(trials.line(row, cell->second, studies.at(row.cell)));
    counts.add(row.cell);
  });
  counts.check(store, names);
  file.commit();
}

void write_codecarbon(const Store& store, const std::filesystem::path& path) {
  const Names names(store);
  struct Energies {
    double device = 0.0, host = 0.0, facility = 0.0, transfer = 0.0, operational = 0.0;
  };
  std::map<std::size_t, Energies> searches;
  store.each_ledger_row([&](const LedgerRow& row) {
    if (row.account == "retraining") return;
    Energies& search = searches[row.cell];
    const double kilowatt_hours = row.energy_j * joule / kilowatt_hour;
    if (row.line == "device_dynamic" || row.line == "device_idle") search.device += kilowatt_hours;
    if (row.line == "host") search.host += kilowatt_hours;
    if (row.line == "facility") search.facility += kilowatt_hours;
    if (row.line == "transfer") search.transfer += kilowatt_hours;
    search.operational += row.operational_kg;
  });
  NewFile file(path);
  file.write(
      "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_"
      "energy,gpu_energy,ram_energy,energy_consumed,country_name,"
      "country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,"
      "cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,"
      "tracking_mode,on_cloud,pue\n");
  for (const auto& [index, cell] : names.cells) {
    const Energies& search = searches[index];
    const double seconds = cell.makespan / second;
    const auto per_second = [&](double amount) { return seconds > 0.0 ? amount / seconds : 0.0; };
    const double equipment = search.device + search.host;
    file.write(fmt::format(
        "{},{},{},{},{},{},{},{},0,{},{},0,{},,,,,,,,,,,,{},,,,simulated,,{}\n",
        moment(seconds).substr(0, 19), csv_text(store.meta("name")), csv_text(names.study(cell)), seconds,
        search.operational, per_second(search.operational), per_second(search.host * kilowatt_hour / joule),
        per_second(search.device * kilowatt_hour / joule), search.host, search.device,
        equipment + search.facility + search.transfer, csv_text(names.scenarios[cell.scenario].summary),
        equipment > 0.0 ? (equipment + search.facility) / equipment : 1.0));
  }
  file.commit();
}

void write_syne_tune(const Store& store, const std::filesystem::path& path) {
  const Names names(store);
  const std::vector<std::string> columns = parameter_names(names.spaces);
  NewFile file(path);
  std::string head =
      "tuner_name,problem,scenario,scheduler,seed,trial_id,worker_id,st_decision,st_status,st_tuner_time,st_"
      "worker_time,st_worker_cost,elapsed_time,resource,metric_name,metric_mode,metric_value,kwh,kg_co2e";
  for (const std::string& column : columns) head += "," + csv_text("config_" + column);
  file.write(head + "\n");
  TrialCounts counts;
  store.each_trial([&](const TrialRow& row) {
    const auto at = names.cells.find(row.cell);
    if (at == names.cells.end() || row.status == TrialStatus::screened) return;
    const CellRecord& cell = at->second;
    const StoredProblem& problem = names.problems[cell.problem];
    double joules = 0.0;
    for (const double line : row.energy_j) joules += line;
    std::string line = fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", csv_text(names.study(cell)),
        csv_text(problem.label), csv_text(names.scenarios[cell.scenario].label),
        csv_text(names.strategies[cell.strategy].label), cell.seed, row.trial, row.worker, "STOP",
        syne_tune_status(row), row.end_s, row.end_s - row.start_s,
        names.scenarios[cell.scenario].priced ? fmt::format("{}", row.usd) : "", row.end_s - row.start_s,
        row.fidelity, csv_text(problem.objective), problem.direction == Direction::maximise ? "max" : "min",
        row.objective() ? fmt::format("{}", *row.objective()) : "", joules * joule / kilowatt_hour,
        row.operational_kg + row.embodied_kg);
    const SearchSpace& space = names.spaces[cell.problem];
    const Configuration& configuration = row.configuration;
    check_configuration(configuration, space);
    for (const std::string& column : columns) {
      const auto i = space.find(column);
      line += ",";
      if (i && configuration.is_active(*i)) line += syne_tune_value(space, *i, configuration[*i]);
    }
    file.write(line + "\n");
    counts.add(row.cell);
  });
  counts.check(store, names);
  file.commit();
}

}  // namespace tonne
