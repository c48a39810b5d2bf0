#include "experiments/exports/tool_exports.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "experiments/exports/optuna_trials.h"
#include "experiments/exports/study_names.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "experiments/text/csv_text.h"

namespace tonne {
namespace {

// --- Optuna's journal ---

enum class OptunaOperation : int { create_study = 0, set_study_user_attribute = 2, create_trial = 4 };
constexpr const char* kWorker = "tonne";

std::string optuna_study(const StudyNames& names, const CellRecord& cell) {
  Json directions = Json::array();
  for (const ObjectiveTraits& objective : names.problems[cell.problem].objectives)
    directions.push_back(objective.direction == Direction::maximise ? 2 : 1);
  return json_line({{"op_code", static_cast<int>(OptunaOperation::create_study)},
                  {"worker_id", kWorker},
                  {"study_name", names.study(cell)},
                  {"directions", directions}}) +
         "\n";
}

std::string journal_line(const OptunaTrials& trials, const StudyNames& names, const TrialRow& row, const CellRecord& cell, std::size_t study) {
  const OptunaTrial trial = trials(row, cell);
  const SearchSpace& space = names.spaces[cell.problem];
  Json distributions = Json::object(), params = Json::object(), intermediate = Json::object();
  for (const std::size_t i : trial.active) {
    distributions[space[i].name] = trials.distribution(cell.problem, i);
    params[space[i].name] = row.configuration[i];
  }
  if (!trial.values.empty()) intermediate[std::to_string(trial.step)] = trial.values.front();
  const bool single = trial.values.size() == 1;
  return json_line({{"op_code", static_cast<int>(OptunaOperation::create_trial)},
                    {"worker_id", kWorker},
                    {"study_id", study},
                    {"datetime_start", simulated_moment(row.start_s)},
                    {"state", static_cast<int>(trial.state)},
                    {"value", single ? Json(trial.values.front()) : Json()},
                    {"values", trial.values.size() > 1 ? Json(trial.values) : Json()},
                    {"datetime_complete", simulated_moment(row.end_s)},
                    {"distributions", distributions},
                    {"params", params},
                    {"user_attrs", trial.attributes},
                    {"system_attrs", Json::object()},
                    {"intermediate_values", intermediate}}) +
         "\n";
}

// --- Syne Tune ---

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
  StudyNames names(store);
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
    file.write(journal_line(trials, names, row, cell->second, studies.at(row.cell)));
    counts.add(row.cell);
  });
  counts.check(store, names);
  file.commit();
}

void write_codecarbon(const Store& store, const std::filesystem::path& path) {
  const StudyNames names(store);
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
        simulated_moment(seconds).substr(0, 19), csv_text(store.meta("name")), csv_text(names.study(cell)), seconds,
        search.operational, per_second(search.operational), per_second(search.host * kilowatt_hour / joule),
        per_second(search.device * kilowatt_hour / joule), search.host, search.device,
        equipment + search.facility + search.transfer, csv_text(names.scenarios[cell.scenario].summary),
        equipment > 0.0 ? (equipment + search.facility) / equipment : 1.0));
  }
  file.commit();
}

void write_syne_tune(const Store& store, const std::filesystem::path& path) {
  const StudyNames names(store);
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
    std::string line = fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", csv_text(names.study(cell)),
        csv_text(problem.label), csv_text(names.scenarios[cell.scenario].label),
        csv_text(names.strategies[cell.strategy].label), cell.seed, row.trial, row.worker, "STOP",
        syne_tune_status(row), row.end_s, row.end_s - row.start_s,
        names.scenarios[cell.scenario].priced ? fmt::format("{}", row.usd) : "", row.end_s - row.start_s,
        row.fidelity, csv_text(problem.objective), problem.direction == Direction::maximise ? "max" : "min",
        row.objective() ? fmt::format("{}", *row.objective()) : "", trial_joules(row) * joule / kilowatt_hour,
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
