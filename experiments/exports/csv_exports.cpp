#include "experiments/exports/exports.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "core/trial.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/results/new_file.h"
#include "experiments/text/csv_text.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Turns stored configurations into "name=value;name=value".
class ConfigurationText {
 public:
  explicit ConfigurationText(const Store& store) {
    const std::size_t problems = store.problems().size();
    for (std::size_t p = 0; p < problems; ++p) {
      std::vector<Parameter> parameters;
      const Json stored = Json::parse(store.parameters(p), nullptr, false);
      if (!stored.is_array()) throw StoreError("the results are damaged: the parameters of a problem cannot be read");
      try {
        for (const Json& entry : stored) parameters.push_back(parameter_of(entry));
      } catch (const Json::exception&) {
        throw StoreError("the results are damaged: a parameter of a problem cannot be read");
      }
      problems_.push_back(std::move(parameters));
    }
  }

  // `stored` is "[1,null,0.5]".
  std::string operator()(std::size_t problem, std::string_view stored) const {
    std::string text;
    if (stored.size() < 2) throw StoreError("the results are damaged: a configuration is empty");
    stored.remove_prefix(1);
    stored.remove_suffix(1);
    for (const Parameter& parameter : problems_[problem]) {
      const std::size_t comma = stored.find(',');
      const std::string_view value = stored.substr(0, comma);
      stored.remove_prefix(comma == std::string_view::npos ? stored.size() : comma + 1);
      if (value == "null") continue;
      if (!text.empty()) text += ';';
      text += parameter.name;
      text += '=';
      if (parameter.names.empty()) {
        text += value;
      } else {
        std::size_t index = parameter.names.size();
        std::from_chars(value.data(), value.data() + value.size(), index);
        if (index >= parameter.names.size()) throw StoreError("the results are damaged: " + parameter.name + " has no choice " + std::string(value));
        text += parameter.names[index];
      }
    }
    return text;
  }

 private:
  struct Parameter {
    std::string name;
    std::vector<std::string> names;
  };
  static Parameter parameter_of(const Json& entry) {
    Parameter parameter;
    parameter.name = entry.at("name").get<std::string>();
    for (const char* key : {"choices", "levels"})
      if (entry.contains(key)) parameter.names = entry.at(key).get<std::vector<std::string>>();
    return parameter;
  }
  std::vector<std::vector<Parameter>> problems_;
};

// The columns that say to which cell a row belongs.
class CellText {
 public:
  explicit CellText(const Store& store) {
    const auto problems = store.problems();
    const auto scenarios = store.scenarios();
    const auto strategies = store.strategies();
    for (const CellRecord& cell : store.cells()) {
      if (texts_.size() <= cell.index) {
        texts_.resize(cell.index + 1);
        problems_.resize(cell.index + 1);
      }
      texts_[cell.index] = fmt::format("{},{},{},{},{}", cell.index, csv_text(problems[cell.problem].label),
                                       csv_text(scenarios[cell.scenario].label), csv_text(strategies[cell.strategy].label), cell.seed);
      problems_[cell.index] = cell.problem;
    }
  }
  static constexpr std::string_view kHeader = "cell,problem,scenario,strategy,seed";
  [[nodiscard]] const std::string& operator[](std::size_t cell) const { return texts_[cell]; }
  [[nodiscard]] std::size_t problem(std::size_t cell) const { return problems_[cell]; }

 private:
  std::vector<std::string> texts_;
  std::vector<std::size_t> problems_;
};

void write_trials(const Store& store, const CellText& cells, const ConfigurationText& configuration, const fs::path& path) {
  NewFile file(path);
  const bool sites = store.has_sites();
  file.write(fmt::format("{},trial,worker,start_s,end_s,status,objective,fidelity,trained_from,resumes,repeat,device_dynamic_j,"
                         "device_idle_j,host_j,facility_j,operational_kg,embodied_kg,usd,preemptions,lost_s,lost_j,lost_kg,lost_usd,objectives,constraints,{}configuration\n", CellText::kHeader, sites ? "site,transfer_j," : ""));
  fmt::memory_buffer line;
  store.each_trial([&](const TrialRow& row) {
    line.clear();
    auto out = std::back_inserter(line);
    fmt::format_to(out, FMT_COMPILE("{},{},{},{},{},{},"), cells[row.cell], row.trial, row.worker, row.start_s, row.end_s, row.status);
    if (row.objective) fmt::format_to(out, FMT_COMPILE("{}"), *row.objective);
    fmt::format_to(out, FMT_COMPILE(",{},{},"), row.fidelity, row.trained_from);
    if (row.resumes) fmt::format_to(out, FMT_COMPILE("{}"), *row.resumes);
    fmt::format_to(out, FMT_COMPILE(",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},"), row.repeat, row.energy_j[0],
                   row.energy_j[1], row.energy_j[2], row.energy_j[3], row.operational_kg, row.embodied_kg, row.usd,
                   row.preemptions, row.lost_s, row.lost_j, row.lost_kg, row.lost_usd, row.objectives, row.constraints);
    if (sites) fmt::format_to(out, FMT_COMPILE("{},{},"), row.site.empty() ? kHome : row.site, row.energy_j[4]);
    fmt::format_to(out, FMT_COMPILE("{}\n"), csv_text(configuration(cells.problem(row.cell), row.configuration)));
    file.write({line.data(), line.size()});
  });
  file.commit();
}

void write_incumbents(const Store& store, const CellText& cells, const ConfigurationText& configuration, const fs::path& path) {
  NewFile file(path);
  file.write(fmt::format("{},number,trial,time_s,evaluations,trained,fidelity,observed,true_value,energy_j,operational_kg,"
                         "embodied_kg,usd,configuration\n", CellText::kHeader));
  store.each_incumbent([&](const IncumbentRow& row) {
    file.write(fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", cells[row.cell], row.number, row.trial, row.time_s,
                           row.evaluations, row.trained, row.fidelity, row.observed, row.true_value, row.energy_j,
                           row.operational_kg, row.embodied_kg, row.usd,
                           csv_text(configuration(cells.problem(row.cell), row.configuration))));
  });
  file.commit();
}

// "draw 17", or which figure stands at which of its quantiles.
class VariantText {
 public:
  VariantText(const Store& store, std::size_t draws) : draws_(draws) {
    for (const StoredUncertain& uncertain : store.uncertain()) {
      if (keys_.size() <= uncertain.scenario) keys_.resize(uncertain.scenario + 1);
      keys_[uncertain.scenario].push_back(uncertain.key);
    }
    for (const CellRecord& cell : store.cells()) scenarios_[cell.index] = cell.scenario;
  }
  [[nodiscard]] std::string operator()(const VariantRow& row) const {
    if (row.variant < draws_) return fmt::format("draw,{},", row.variant);
    const std::size_t moved = row.variant - draws_;
    const auto& keys = keys_.at(scenarios_.at(row.cell));
    return fmt::format("{},,{}", moved % 2 == 0 ? "low" : "high", csv_text(keys.at(moved / 2)));
  }

 private:
  std::size_t draws_;
  std::vector<std::vector<std::string>> keys_;
  std::map<std::size_t, std::size_t> scenarios_;
};

void write_variants(const Store& store, const CellText& cells, std::size_t draws, const fs::path& path) {
  NewFile file(path);
  const VariantText variant(store, draws);
  file.write(fmt::format("{},kind,draw,figure,energy_j,operational_kg,embodied_kg,usd,water_l,training_kg\n", CellText::kHeader));
  store.each_variant([&](const VariantRow& row) {
    const Usage& u = row.search;
    file.write(fmt::format("{},{},{},{},{},{},{},{}\n", cells[row.cell], variant(row), u.energy / joule, u.operational / kilogram,
                           u.embodied / kilogram, u.money / dollar, u.water / litre,
                           row.training ? fmt::format("{}", row.training->carbon() / kilogram) : ""));
  });
  file.commit();
}

Json optional_json(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json usage_json(const Usage& usage) {
  return {{"energy_kwh", usage.energy / kilowatt_hour},
          {"co2e_kg", usage.carbon() / kilogram},
          {"operational_kg", usage.operational / kilogram},
          {"embodied_kg", usage.embodied / kilogram},
          {"usd", usage.money / dollar},
          {"water_l", usage.water / litre}};
}

Json spread_json(const LeaderboardSpread& spread) {
  const auto both = [](double low, double high) { return Json::array({low, high}); };
  const auto optional = [&](const std::optional<Interval<double>>& interval) {
    return interval ? both(interval->low, interval->high) : Json(nullptr);
  };
  Json json;
  json["level"] = spread.level;
  json["draws"] = spread.draws;
  json["energy_kwh"] = both(spread.energy.low / kilowatt_hour, spread.energy.high / kilowatt_hour);
  json["co2e_kg"] = both(spread.carbon.low / kilogram, spread.carbon.high / kilogram);
  json["usd"] = both(spread.money.low / dollar, spread.money.high / dollar);
  json["water_l"] = both(spread.water.low / litre, spread.water.high / litre);
  json["gain_per_tonne"] = optional(spread.gain_per_tonne);
  json["overhead"] = optional(spread.overhead);
  json["tornado"] = Json::array();
  for (const TornadoBar& bar : spread.tornado)
    json["tornado"].push_back({{"key", bar.key},
                               {"distribution", bar.distribution},
                               {"low", bar.low_value},
                               {"high", bar.high_value},
                               {"co2e_kg_at_low", bar.at_low / kilogram},
                               {"co2e_kg_at_high", bar.at_high / kilogram}});
  return json;
}

Json front_json(const JointFront& front) {
  Json json;
  for (const ObjectiveTraits& objective : front.objectives)
    json["objectives"].push_back({{"name", objective.name},
                                  {"unit", objective.unit},
                                  {"direction", objective.direction == Direction::maximise ? "maximise" : "minimise"}});
  for (const FrontPoint& point : front.points)
    json["points"].push_back({{"strategy", point.strategy}, {"values", std::vector<double>(point.values.begin(), point.values.end())}});
  return json;
}

Json payback_json(const PaybackBalance& balance) {
  const auto optional = [](const std::optional<Usage>& usage) { return usage ? usage_json(*usage) : Json(nullptr); };
  return {{"seeds", balance.seeds},
          {"trained_to", balance.trained_to},
          {"search_co2e_kg", balance.search / kilogram},
          {"training", {{"winner", optional(balance.winner_training)}, {"default", optional(balance.standard_training)}}},
          {"inference", {{"winner", optional(balance.winner_inference)}, {"default", optional(balance.standard_inference)}}},
          {"saved_co2e_kg", balance.saved / kilogram},
          {"break_even", optional_json(balance.break_even)}};
}

Json row_json(const LeaderboardRow& row) {
  Json json;
  json["strategy"] = row.strategy;
  json["seeds"] = row.seeds;
  json["seeds_without_winner"] = row.without_winner;
  json["value"] = row.value ? Json(row.value->mean) : Json(nullptr);
  json["value_ci95"] = row.value && row.value->low ? Json::array({*row.value->low, *row.value->high}) : Json(nullptr);
  json["regret"] = optional_json(row.regret);
  json["evaluations"] = row.evaluations;
  json["failures"] = row.failures;
  json["screenings"] = row.screenings;
  json["makespan_h"] = row.makespan / hour;
  json["device_h"] = row.worker_time / hour;
  json["search"] = usage_json(row.search);
  json["retraining"] = usage_json(row.retraining);
  json["gain_per_tonne"] = optional_json(row.gain_per_tonne);
  json["overhead"] = optional_json(row.overhead);
  json["overhead_ci95"] = row.overhead_over_seeds && row.overhead_over_seeds->low
                              ? Json::array({*row.overhead_over_seeds->low, *row.overhead_over_seeds->high})
                              : Json(nullptr);
  if (row.spread) json["uncertainty"] = spread_json(*row.spread);
  for (const StageUsage& stage : row.stages) json["stages"].push_back({{"stage", stage.stage}, {"usage", usage_json(stage.usage)}});
  if (row.payback) json["payback"] = payback_json(*row.payback);
  if (row.payback_of_cheapest) json["payback_of_cheapest"] = payback_json(*row.payback_of_cheapest);
  if (row.front)
    json["front"] = {{"hypervolume", row.front->hypervolume.mean},
                     {"hypervolume_ci95", row.front->hypervolume.low ? Json::array({*row.front->hypervolume.low, *row.front->hypervolume.high})
                                                                     : Json(nullptr)},
                     {"size", row.front->size}};
  return json;
}

// Means per search of every line of the ledger, by strategy: where the carbon went.
Json ledger_json(const Store& store) {
  struct Sum {
    Usage usage;
    std::size_t cells = 0;
  };
  const auto cells = store.cells();
  std::vector<const CellRecord*> by_index;
  for (const CellRecord& cell : cells) {
    if (by_index.size() <= cell.index) by_index.resize(cell.index + 1);
    by_index[cell.index] = &cell;
  }
  std::map<std::array<std::size_t, 3>, std::map<std::string, std::map<std::string, Sum>>> sums;
  store.each_ledger_row([&](const LedgerRow& row) {
    const CellRecord& cell = *by_index[row.cell];
    Sum& sum = sums[{cell.problem, cell.scenario, cell.strategy}][row.account][row.line];
    sum.usage += Usage{row.energy_j * joule, row.operational_kg * kilogram, row.embodied_kg * kilogram, row.usd * dollar,
                       row.water_l * litre};
    ++sum.cells;
  });
  const auto problems = store.problems();
  const auto scenarios = store.scenarios();
  const auto strategies = store.strategies();
  Json list = Json::array();
  for (const auto& [key, accounts] : sums) {
    Json entry;
    entry["problem"] = problems[key[0]].label;
    entry["scenario"] = scenarios[key[1]].label;
    entry["strategy"] = strategies[key[2]].label;
    for (const auto& [account, lines] : accounts)
      for (const auto& [line, sum] : lines) {
        const auto n = static_cast<double>(sum.cells);
        const Usage& u = sum.usage;
        if (u == Usage{}) continue;
        entry["accounts"][account][line] = usage_json({u.energy / n, u.operational / n, u.embodied / n, u.money / n, u.water / n});
      }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string summary_json(const Store& store) {
  Json json;
  json["name"] = store.meta("name");
  json["experiment_digest"] = store.meta("digest");
  json["program_version"] = store.meta("program");
  if (const std::string shard = store.meta("shard"); !shard.empty()) json["shard"] = shard;
  json["cells"] = store.cells().size();
  json["cells_planned"] = store.planned_cells();
  json["content_digest"] = store.content_digest();
  json["leaderboards"] = Json::array();
  for (const Leaderboard& board : leaderboards(store)) {
    Json entry;
    entry["problem"] = board.problem;
    entry["scenario"] = board.scenario;
    entry["cluster"] = board.scenario_summary;
    entry["objective"] = board.objective;
    entry["unit"] = board.unit;
    entry["direction"] = board.direction == Direction::maximise ? "maximise" : "minimise";
    entry["default_value"] = board.default_value;
    entry["optimum"] = optional_json(board.optimum);
    if (board.deployment.given())
      entry["deployment"] = {{"trainings", board.deployment.trainings},
                             {"inferences", board.deployment.inferences},
                             {"train_until", kTrainUntilNames[static_cast<std::size_t>(board.deployment.train_until)]},
                             {"cluster", board.deployment_summary}};
    if (board.front) entry["front"] = front_json(*board.front);
    entry["rows"] = Json::array();
    for (const LeaderboardRow& row : board.rows) entry["rows"].push_back(row_json(row));
    entry["conclusion"] = board.conclusion;
    if (!board.notes.empty()) entry["notes"] = board.notes;
    json["leaderboards"].push_back(std::move(entry));
  }
  json["ledger"] = ledger_json(store);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_exports(const Store& store, const fs::path& folder) {
  const CellText cells(store);
  const ConfigurationText configuration(store);
  write_trials(store, cells, configuration, folder / "trials.csv");
  write_incumbents(store, cells, configuration, folder / "incumbents.csv");
  if (const auto drawn = store.uncertainty()) write_variants(store, cells, drawn->draws, folder / "uncertainty.csv");
  NewFile summary(folder / "summary.json");
  summary.write(summary_json(store));
  summary.commit();
}

}  // namespace tonne
