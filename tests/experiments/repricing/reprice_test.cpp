#include "experiments/repricing/reprice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "experiments/repricing/blind_strategies.h"
#include "experiments/repricing/choices.h"
#include "experiments/results/records.h"
#include "experiments/results/store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::TemporaryFolder;

std::string experiment(const std::string& cluster, const std::string& rules) {
  return "name: searches\nseeds: 2\nproblems: [{cell_nas: {task: cifar10}}]\nstrategies: [random, tpe, asha]\ncluster: {" + cluster + "}\n" + rules;
}

// A store of a run of that file.
Store searched(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  folder.write(name + ".yaml", text);
  const auto ran = testing::run_program("run " + name + ".yaml --quiet --out " + name, folder.path());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return Store::open(folder / name);
}

Elsewhere elsewhere(std::vector<ClusterChange> changes) { return {"there", std::move(changes)}; }

std::map<std::string, RepricedSearch> by_strategy(const Repricing& repricing) {
  std::map<std::string, RepricedSearch> rows;
  for (const RepricedSearch& row : repricing.rows) rows[row.strategy] = row;
  return rows;
}

constexpr const char* kEvaluations = "budget: {evaluations: 12}\n";

void expect_unchanged(const Store& store) {
  const std::vector<Elsewhere> places = {elsewhere({})};
  const Repricing same = reprice(store, places);
  ASSERT_EQ(same.rows.size(), 3U);
  EXPECT_TRUE(same.doubts.empty());
  for (const RepricedSearch& row : same.rows) {
    EXPECT_EQ(row.after.energy, row.before.energy);
    EXPECT_EQ(row.after.operational, row.before.operational);
    EXPECT_EQ(row.after.embodied, row.before.embodied);
    EXPECT_EQ(row.after.money, row.before.money);
    EXPECT_EQ(row.after.water, row.before.water);
    EXPECT_EQ(row.time_after, row.time_before);
  }
}

TEST(Reprice, UnchangedSettingsGiveTheRecordedTotalToTheLastDigit) {
  const TemporaryFolder folder;
  expect_unchanged(searched(folder, "one", experiment("device: V100", kEvaluations)));
  expect_unchanged(searched(folder, "eight", experiment("device: V100, workers: 8", "budget: {co2e: 2 kg}\novershoot: deny\n")));
  expect_unchanged(searched(folder, "spot", experiment("device: V100, preemption: {interval: 2 h}", kEvaluations)));
}

TEST(Reprice, OneWorkerWithABudgetOfEvaluationsCostsWhatARunThereCosts) {
  const TemporaryFolder folder;
  const Store here = searched(folder, "here", experiment("device: V100, grid: US-2018", kEvaluations));
  const Store there = searched(folder, "there", experiment("device: A100-40GB, grid: FRA-2023, facility: {pue: 1.1}", kEvaluations));
  const std::vector<Elsewhere> places = {
      elsewhere({{"device", "A100-40GB"}, {"grid", "FRA-2023"}, {"facility", "{pue: 1.1}"}})};
  const Repricing moved = reprice(here, places);
  EXPECT_TRUE(moved.doubts.empty());
  const std::vector<Elsewhere> unchanged = {elsewhere({})};
  const auto ran = by_strategy(reprice(there, unchanged));
  for (const auto& [strategy, row] : by_strategy(moved)) {
    const Usage& expected = ran.at(strategy).before;
    EXPECT_NEAR(row.after.energy / expected.energy, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.after.operational / expected.operational, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.after.embodied / expected.embodied, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.after.money / expected.money, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.time_after / ran.at(strategy).time_before, 1.0, 1e-12) << strategy;
    EXPECT_LT(row.after.carbon(), row.before.carbon());
    EXPECT_TRUE(row.same_order);
  }
}

TEST(Reprice, SaysWhereTheSearchCouldHaveGoneAnotherWay) {
  const TemporaryFolder folder;
  const Store eight = searched(folder, "eight", experiment("device: V100, workers: 8", kEvaluations));
  const std::vector<Elsewhere> device = {elsewhere({{"device", "A100-40GB"}})};
  const Repricing faster = reprice(eight, device);
  ASSERT_EQ(faster.doubts.size(), 1U);
  EXPECT_NE(faster.doubts.front().find("8 workers"), std::string::npos);
  const std::vector<Elsewhere> grid = {elsewhere({{"grid", "FRA-2023"}})};
  EXPECT_TRUE(reprice(eight, grid).doubts.empty());
  const Store carbon = searched(folder, "carbon", experiment("device: V100", "budget: {co2e: 1 kg}\n"));
  EXPECT_FALSE(reprice(carbon, grid).doubts.empty());
  const auto told = testing::run_program("reprice carbon --grid FRA-2023", folder.path());
  EXPECT_NE(told.out.find("tonne run"), std::string::npos) << told.out << told.err;
}

TEST(Reprice, RefusesWhatItCannotTell) {
  const TemporaryFolder folder;
  const Store store = searched(folder, "one", experiment("device: V100", kEvaluations));
  const std::vector<Elsewhere> workers = {elsewhere({{"workers", "2"}})};
  EXPECT_THROW((void)reprice(store, workers), InputError);
  const std::vector<Elsewhere> unknown = {elsewhere({{"colour", "red"}})};
  EXPECT_THROW((void)reprice(store, unknown), InputError);
  const std::vector<Elsewhere> device = {elsewhere({{"device", "abacus"}})};
  EXPECT_THROW((void)reprice(store, device), InputError);
}

// What each strategy asked for, trial by trial.
std::map<std::string, std::vector<std::pair<std::uint64_t, double>>> asked(const Store& store) {
  const auto strategies = store.strategies();
  std::map<std::string, std::vector<std::pair<std::uint64_t, double>>> by_name;
  for (const CellRecord& cell : store.cells())
    store.each_trial(cell.index, [&](const TrialRow& row) {
      by_name[strategies[cell.strategy].name].emplace_back(row.configuration.digest(), row.fidelity);
    });
  return by_name;
}

TEST(RepriceBlindness, StrategiesThatAreCalledBlindAskTheSameWhateverTrialsCost) {
  std::string names;
  for (const std::string_view name : blind_to_cost()) names += std::string(name) + ", ";
  const auto text = [&](const std::string& cluster) {
    return "name: blind\nseeds: 1\nproblems: [{cell_nas: {task: cifar10}}]\nstrategies: [" + names + "]\ncluster: {" + cluster +
           "}\nbudget: {evaluations: 40}\n";
  };
  const TemporaryFolder folder;
  const auto here = asked(searched(folder, "here", text("device: V100, grid: US-2018")));
  const auto there = asked(searched(folder, "there", text("device: H100, grid: FRA-2023, facility: {pue: 1.7}, price: 2 USD/h")));
  EXPECT_EQ(here.size(), blind_to_cost().size());
  for (const auto& [strategy, trials] : here) EXPECT_EQ(trials, there.at(strategy)) << strategy;
}

TEST(RepriceBlindness, SettingsThatLookAtCostsAreNotBlind) {
  const TemporaryFolder folder;
  const Store store = searched(folder, "costs",
                               "name: costs\nseeds: 1\nproblems: [{cell_nas: {task: cifar10}}]\n"
                               "strategies: [tpe, {tpe: {cost_objective: co2e, label: costly}}, carbo, {asha: {label: within, strategy: {gp: {cost_aware: co2e}}}},\n"
                               "             {gp: {acquisition: log_ei_per_co2e, label: per kg}}, {asha: {label: blind within, strategy: gp}}]\n"
                               "cluster: {device: V100}\nbudget: {evaluations: 12}\n");
  for (const StoredStrategy& strategy : store.strategies()) EXPECT_EQ(is_blind_to_cost(strategy), strategy.label == "tpe" || strategy.label == "blind within") << strategy.label;
}

// g CO2e of one watt from the start of the search on, by hand: 100 g/kWh for 7 s, then 900 g/kWh.
double grams_until(double second_of_search) {
  const double dirty = std::max(second_of_search - 7.0, 0.0);
  return (100.0 * (second_of_search - dirty) + 900.0 * dirty) * (joule / kilowatt_hour);
}

TEST(RepriceImported, RecordedEnergyMeetsTheNewSignalWhenItWasDrawn) {
  const TemporaryFolder folder;
  const auto imported = testing::run_program("import optuna '" TONNE_SOURCE_DIR
                                             "/docs/own-search/study.log' --out real --device Xeon-Gold-6148 --grid DEU-2023 --pue 1",
                                             folder.path());
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  folder.write("hours.csv", "time,gco2\n2022-01-01T00:00Z,100\n2022-01-01T01:00Z,900\n2022-01-01T02:00Z,100\n");
  const auto moved = testing::run_program("reprice real --grid hours.csv --start 2022-01-01T00:59:53Z --json", folder.path());
  ASSERT_EQ(moved.exit_code, 0) << moved.err;
  const Json row = parse_json(moved.out)["rows"][0];
  EXPECT_EQ(row["where"], "hours.csv, 2022-01-01T00:59:53Z");

  const Store store = Store::open(folder / "real");
  double grams = 0.0, idle_j = 0.0, idle_s = 0.0, idle_grams_per_watt = 0.0, last = 0.0;
  store.each_ledger_row([&](const LedgerRow& line) { idle_j += line.account == "idle" ? line.energy_j : 0.0; });
  store.each_trial([&](const TrialRow& trial) {
    double energy = 0.0;
    for (const double part : trial.energy_j) energy += part;
    grams += energy / (trial.end_s - trial.start_s) * (grams_until(trial.end_s) - grams_until(trial.start_s));
    idle_s += trial.start_s - last;
    idle_grams_per_watt += grams_until(trial.start_s) - grams_until(last);
    last = trial.end_s;
  });
  ASSERT_GT(idle_s, 0.0);
  grams += idle_j / idle_s * idle_grams_per_watt;
  EXPECT_NEAR(row["operational_kg"].get<double>() * (kilogram / gram) / grams, 1.0, 1e-9);
  EXPECT_DOUBLE_EQ(row["energy_kwh"].get<double>(), row["recorded_energy_kwh"].get<double>());

  const auto device = testing::run_program("reprice real --device V100", folder.path());
  EXPECT_EQ(device.exit_code, 2);
  EXPECT_NE(device.err.find("machines cannot"), std::string::npos) << device.err;
  const auto rented = testing::run_program("reprice real --price '2 USD/h' --json", folder.path());
  const Json paid = parse_json(rented.out)["rows"][0];
  EXPECT_NEAR(paid["money_usd"].get<double>(), 2.0 * paid["hours"].get<double>(), 1e-9);
}

TEST(RepriceTable, ADeletedTableLeavesWhatWasRecordedToBeChargedElsewhere) {
  const TemporaryFolder folder;
  std::string table = "x,loss,time\n";
  for (int i = 0; i < 8; ++i) table += std::to_string(i) + "," + std::to_string(10 - i) + "," + std::to_string(500 + 200 * i) + "\n";
  folder.write("table.csv", table);
  folder.write("hours.csv", "time,gco2\n2022-01-01T00:00Z,100\n2022-01-01T01:00Z,900\n2022-01-01T02:00Z,50\n2022-01-01T03:00Z,700\n");
  const auto text = [](const std::string& cluster) {
    return "name: table\nseeds: 2\nproblems: [{tabular: {file: table.csv, decisions: [x], objective: loss, direction: minimise, time: time}}]\n"
           "strategies: [random]\ncluster: {device: V100, " + cluster + "}\nbudget: {evaluations: 6}\n";
  };
  (void)searched(folder, "here", text("grid: US-2018"));
  const Store there = searched(folder, "there", text("grid: {trace: hours.csv}, start: 2022-01-01T00:30Z"));
  std::filesystem::remove(folder / "table.csv");
  double expected = 0.0;
  for (const CellRecord& cell : there.cells()) expected += cell.search.operational / kilogram / 2.0;
  const auto moved = testing::run_program("reprice here --grid hours.csv --start 2022-01-01T00:30Z --json", folder.path());
  ASSERT_EQ(moved.exit_code, 0) << moved.err;
  const Json json = parse_json(moved.out);
  EXPECT_NEAR(json["rows"][0]["operational_kg"].get<double>() / expected, 1.0, 1e-9);
  EXPECT_NE(moved.out.find("is not known"), std::string::npos);
  EXPECT_EQ(testing::run_program("reprice here --device H100", folder.path()).exit_code, 2);
}

TEST(RepriceChoices, ListsPartAtCommasOutsideOfBraces) {
  EXPECT_EQ(list_parts("a, {b: 1, c: 2},,d"), (std::vector<std::string>{"a", "{b: 1, c: 2}", "d"}));
  EXPECT_EQ(starts_in("2022-06-01..2022-06-01T12:00", "6 h").size(), 3U);
  EXPECT_THROW((void)starts_in("2022-06-02..2022-06-01", "6 h"), InputError);
  EXPECT_EQ(combined({{"grid", {"a", "b"}}, {"device", {"c", "d", "e"}}, {"host", {}}}).size(), 6U);
}

}  // namespace
}  // namespace tonne
