#include "experiments/exports/summary.h"

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/json.h"
#include "experiments/exports/verdict_json.h"
#include "core/trial.h"
#include "experiments/analysis/baseline.h"
#include "experiments/analysis/findings.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/exports/findings_json.h"
#include "experiments/results/store.h"

namespace tonne {
namespace {

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// `priced`: whether the money is known.
Json usage_json(const Usage& usage, bool priced) {
  return {{"energy_kwh", usage.energy / kilowatt_hour},
          {"co2e_kg", usage.carbon() / kilogram},
          {"operational_kg", usage.operational / kilogram},
          {"embodied_kg", usage.embodied / kilogram},
          {"usd", priced ? Json(usage.money / dollar) : Json(nullptr)},
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
  json["usd"] = spread.money ? both(spread.money->low / dollar, spread.money->high / dollar) : Json(nullptr);
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
    json["objectives"].push_back(
        {{"name", objective.name},
         {"unit", objective.unit},
         {"direction", objective.direction == Direction::maximise ? "maximise" : "minimise"}});
  for (const FrontPoint& point : front.points)
    json["points"].push_back({{"strategy", point.strategy},
                              {"values", std::vector<double>(point.values.begin(), point.values.end())}});
  return json;
}

Json payback_json(const PaybackBalance& balance, bool priced, const std::string& fidelity) {
  const auto optional = [&](const std::optional<Usage>& usage) {
    return usage ? usage_json(*usage, priced) : Json(nullptr);
  };
  return {
      {"seeds", balance.seeds},
      {"seeds_that_keep_the_default", balance.keep_default},
      {"trained_to", balance.trained_to},
      {"trained_to_unit", fidelity},
      {"search_co2e_kg", balance.search / kilogram},
      {"training",
       {{"winner", optional(balance.winner_training)}, {"default", optional(balance.standard_training)}}},
      {"inference",
       {{"winner", optional(balance.winner_inference)}, {"default", optional(balance.standard_inference)}}},
      {"saved_co2e_kg", balance.saved / kilogram},
      {"break_even", optional_json(balance.break_even)}};
}

Json row_json(const LeaderboardRow& row, const Leaderboard& board) {
  Json json;
  json["strategy"] = row.strategy;
  json["seeds"] = row.seeds;
  json["seeds_without_winner"] = row.without_winner;
  json["value"] = row.value.mean;
  json["value_ci95"] =
      row.value.low ? Json::array({*row.value.low, *row.value.high}) : Json(nullptr);
  json["regret"] = optional_json(row.regret);
  json["evaluations"] = row.evaluations;
  json["failures"] = row.failures;
  json["screenings"] = row.screenings;
  json["makespan_h"] = row.makespan / hour;
  json["device_h"] = row.worker_time / hour;
  json["search"] = usage_json(row.search, board.priced);
  json["retraining"] = usage_json(row.retraining, board.priced);
  json["gain_per_tonne"] = optional_json(row.gain_per_tonne);
  json["overhead"] = optional_json(row.overhead);
  json["overhead_ci95"] = row.overhead_over_seeds && row.overhead_over_seeds->low
                              ? Json::array({*row.overhead_over_seeds->low, *row.overhead_over_seeds->high})
                              : Json(nullptr);
  if (row.spread) json["uncertainty"] = spread_json(*row.spread);
  for (const StageUsage& stage : row.stages)
    json["stages"].push_back({{"stage", stage.stage}, {"usage", usage_json(stage.usage, board.priced)}});
  if (row.payback) json["payback"] = payback_json(*row.payback, board.deployment_priced, board.fidelity);
  if (row.payback_of_cheapest) json["payback_of_cheapest"] = payback_json(*row.payback_of_cheapest, board.deployment_priced, board.fidelity);
  if (row.front)
    json["front"] = {
        {"hypervolume", row.front->hypervolume.mean},
        {"hypervolume_ci95", row.front->hypervolume.low
                                 ? Json::array({*row.front->hypervolume.low, *row.front->hypervolume.high})
                                 : Json(nullptr)},
        {"size", row.front->size}};
  return json;
}

// What the searches of one strategy on one problem in one scenario were charged on a line of the ledger.
struct LineSum {
  Usage usage;
  std::size_t cells = 0;
};
using Accounts = std::map<std::string, std::map<std::string, LineSum>>;

// By the numbers of problem, scenario and strategy.
std::map<std::array<std::size_t, 3>, Accounts> sum_ledger(const Store& store) {
  const auto cells = store.cells(CellDetail::own);
  std::vector<const CellRecord*> by_index;
  for (const CellRecord& cell : cells) {
    if (by_index.size() <= cell.index) by_index.resize(cell.index + 1);
    by_index[cell.index] = &cell;
  }
  std::map<std::array<std::size_t, 3>, Accounts> sums;
  const CellRecord* cell = nullptr;  // of the rows that go by, and where they are summed
  Accounts* accounts = nullptr;
  store.each_ledger_row([&](const LedgerRow& row) {
    if (cell == nullptr || cell->index != row.cell) {
      cell = row.cell < by_index.size() ? by_index[row.cell] : nullptr;
      if (cell == nullptr) throw StoreError("the results are damaged: a charge belongs to no finished search");
      accounts = &sums[{cell->problem, cell->scenario, cell->strategy}];
    }
    LineSum& sum = (*accounts)[row.account][row.line];
    sum.usage += Usage{row.energy_j * joule, row.operational_kg * kilogram, row.embodied_kg * kilogram,
                       row.usd * dollar, row.water_l * litre};
    ++sum.cells;
  });
  return sums;
}

// Means per search of every line of the ledger, by strategy: where the carbon went.
Json ledger_json(const Store& store) {
  const auto problems = store.problems();
  const auto scenarios = store.scenarios();
  const auto strategies = store.strategies();
  Json list = Json::array();
  for (const auto& [key, accounts] : sum_ledger(store)) {
    Json entry;
    entry["problem"] = problems[key[0]].label;
    entry["scenario"] = scenarios[key[1]].label;
    entry["strategy"] = strategies[key[2]].label;
    for (const auto& [account, lines] : accounts)
      for (const auto& [line, sum] : lines) {
        const auto n = static_cast<double>(sum.cells);
        const Usage& u = sum.usage;
        if (u == Usage{}) continue;
        entry["accounts"][account][line] =
            usage_json({u.energy / n, u.operational / n, u.embodied / n, u.money / n, u.water / n},
                       scenarios[key[1]].priced);
      }
    list.push_back(std::move(entry));
  }
  return list;
}

Json board_json(const Leaderboard& board) {
  Json entry;
  entry["problem"] = board.problem;
  entry["scenario"] = board.scenario;
  entry["cluster"] = board.scenario_summary;
  entry["objective"] = board.objective;
  entry["unit"] = board.unit;
  entry["difference_unit"] = difference_unit(board);
  entry["direction"] = board.direction == Direction::maximise ? "maximise" : "minimise";
  entry["default_value"] = board.default_value;
  entry["optimum"] = optional_json(board.optimum);
  if (board.deployment.given())
    entry["deployment"] = {
        {"trainings", board.deployment.trainings},
        {"inferences", board.deployment.inferences},
        {"train_until", kTrainUntilNames[static_cast<std::size_t>(board.deployment.train_until)]},
        {"cluster", board.deployment_summary}};
  if (board.front) entry["front"] = front_json(*board.front);
  entry["rows"] = Json::array();
  for (const LeaderboardRow& row : board.rows) entry["rows"].push_back(row_json(row, board));
  entry["verdict"] = verdict_json(board);
  if (!board.notes.empty()) entry["notes"] = board.notes;
  return entry;
}

}  // namespace

std::string summary_json(const Store& store) {
  return summary_json(store, conclusions(store));
}

std::string summary_json(const Store& store, const Conclusions& conclusions) {
  Json json;
  json["name"] = store.meta("name");
  json["experiment_digest"] = store.meta("digest");
  json["program_version"] = store.meta("program");
  if (const std::string shard = store.meta("shard"); !shard.empty()) json["shard"] = shard;
  json["cells"] = store.cell_count();
  json["cells_planned"] = store.planned_cells();
  json["content_digest"] = store.content_digest();
  json["leaderboards"] = Json::array();
  for (std::size_t b = 0; b < conclusions.boards.size(); ++b) {
    Json entry = board_json(conclusions.boards[b]);
    add_findings(entry, conclusions.findings[b]);
    json["leaderboards"].push_back(std::move(entry));
  }
  if (const Json start = parse_json(store.meta("warm_start")); start.is_object()) json["warm_start"] = start;
  json["ledger"] = ledger_json(store);
  return json_document(json);
}

}  // namespace tonne
