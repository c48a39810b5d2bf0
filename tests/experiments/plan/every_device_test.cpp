// Every shipped device runs what people start with, and a price that is not known is said to be so everywhere.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/error.h"
#include "core/random.h"
#include "cost_models/catalogue.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::run_program;
using testing::TemporaryFolder;

std::string device_names() {
  std::string list;
  for (const Device& device : Catalogue::shipped()->devices()) list += (list.empty() ? "" : ", ") + device.name;
  return "[" + list + "]";
}

// One evaluation of each, with the default host, facility and grid.
TEST(EveryShippedDevice, RunsQuickstartsProblemAndHyperParameters) {
  const Experiment experiment =
      parse_experiment("name: all\nproblems: [cell_nas, hpo]\nstrategies: [random]\ncluster: {device: " +
                           device_names() + "}\nbudget: {evaluations: 1}\n",
                       "e.yaml", {});
  ASSERT_EQ(experiment.scenarios.size(), Catalogue::shipped()->devices().size());
  for (const ScenarioPlan& scenario : experiment.scenarios)
    for (const ProblemPlan& plan : experiment.problems) {
      const Problem& problem = *plan.problem;
      const Configuration configuration = problem.default_configuration();
      const double full = problem.traits().fidelity.highest;
      const Outcome outcome = problem.evaluate({configuration, 0.0, full, 0}, Random(1));
      EXPECT_TRUE(scenario.cost->fits(outcome.workload)) << scenario.label << ' ' << plan.label;
      const Charge charge = scenario.cost->charge(outcome.workload, {});
      EXPECT_GT(charge.time, Duration{}) << scenario.label << ' ' << plan.label;
      EXPECT_GT(charge.total().carbon(), Carbon{}) << scenario.label << ' ' << plan.label;
      EXPECT_EQ(scenario.priced, charge.total().money > Money{}) << scenario.label;
    }
}

constexpr const char* kUnpriced =
    "name: unpriced\nproblems: [cell_nas]\nstrategies: [random, local_search]\nseeds: 2\n"
    "cluster: {device: TPUv7}\nbudget: {evaluations: 5}\n";

TEST(UnpricedRun, SaysSoOnTheTerminalInFilesAndOnThePage) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kUnpriced);
  const auto run = run_program("run e.yaml --out r --quiet --csv", folder.path());
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("cost not known, device's manufacture not known, not counted"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("not known"), std::string::npos);
  EXPECT_NE(run.out.find("(cost not known)"), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find(" 0 USD"), std::string::npos) << run.out;

  const auto summary = nlohmann::json::parse(testing::read_file(folder / "r" / "summary.json"));
  const auto& board = summary["leaderboards"][0];
  EXPECT_TRUE(board["rows"][0]["search"]["usd"].is_null());
  EXPECT_GT(board["rows"][0]["search"]["co2e_kg"].get<double>(), 0.0);
  EXPECT_TRUE(board["baseline"]["differences"][0]["usd"].is_null());
  for (const auto& entry : summary["ledger"])
    for (const auto& account : entry["accounts"])
      for (const auto& line : account) EXPECT_TRUE(line["usd"].is_null());

  const std::string trials = testing::read_file(folder / "r" / "trials.csv");
  std::istringstream lines(trials);
  std::string head, first;
  std::getline(lines, head);
  std::getline(lines, first);
  const auto column_of = [](const std::string& line, std::size_t column) {
    std::istringstream cells(line);
    std::string cell;
    for (std::size_t i = 0; i <= column; ++i) std::getline(cells, cell, ',');
    return cell;
  };
  std::size_t usd = 0;
  while (column_of(head, usd) != "usd") ++usd;
  EXPECT_EQ(column_of(first, usd), "");
  EXPECT_NE(column_of(first, usd - 2), "");

  const auto page = run_program("report r --format md", folder.path());
  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_NE(page.out.find("not known"), std::string::npos);
  const auto statement = run_program("statement r", folder.path());
  EXPECT_NE(statement.out.find("at a cost that is not known"), std::string::npos) << statement.out << statement.err;
  EXPECT_NE(statement.out.find("Xeon-8"), std::string::npos) << statement.out;  // the host by default
}

TEST(UnpricedRun, CannotBeLimitedByMoney) {
  std::string text = kUnpriced;
  text.replace(text.find("evaluations: 5"), 14, "money: 5 USD");
  try {
    static_cast<void>(parse_experiment(text, "e.yaml", {}));
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(
                  "budget.money: no price is known for TPUv7: give cluster.price, or another limit"),
              std::string::npos)
        << error.what();
  }
}

TEST(UnpricedRun, IsNotWeighedByMoney) {
  for (const char* strategy : {"gp: {cost_aware: money}", "nsga2: {cost_objective: money}"}) {
    std::string text = kUnpriced;
    text.replace(text.find("[random, local_search]"), 22, std::string("[{") + strategy + "}]");
    try {
      static_cast<void>(parse_experiment(text, "e.yaml", {}));
      ADD_FAILURE() << strategy;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("weighs money, but no price is known on 1 x TPUv7, "), std::string::npos)
          << error.what();
    }
    text.replace(text.find("device: TPUv7"), 13, "device: V100");
    EXPECT_NO_THROW(static_cast<void>(parse_experiment(text, "e.yaml", {}))) << strategy;
  }
}

// Where there is a price nothing changes.
TEST(UnpricedRun, APriceMakesItAnOrdinaryOne) {
  const TemporaryFolder folder;
  std::string text = kUnpriced;
  text.replace(text.find("TPUv7"), 5, "TPUv7, price: 9 USD/h");
  folder.write("e.yaml", text);
  const auto run = run_program("run e.yaml --out r --quiet --csv", folder.path());
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto summary = nlohmann::json::parse(testing::read_file(folder / "r" / "summary.json"));
  const auto& row = summary["leaderboards"][0]["rows"][0];
  EXPECT_NEAR(row["search"]["usd"].get<double>(), 9.0 * row["device_h"].get<double>(), 1e-9);
}

TEST(EstimateOfADevice, NamesTheProviderAndTheHostOfItsOwn) {
  const TemporaryFolder folder;
  const auto rented = run_program("estimate --device V100 --hours 10 --facility Uptime-2024 --grid FRA-2023", folder.path());
  EXPECT_NE(rented.out.find("rental price of a device (google)"), std::string::npos) << rented.out << rented.err;
  const auto board = run_program("estimate --device Raspberry-Pi-5 --hours 10 --facility Uptime-2024 --grid FRA-2023", folder.path());
  EXPECT_EQ(board.exit_code, 0) << board.err;
  EXPECT_NE(board.out.find("unknown"), std::string::npos) << board.out;
  EXPECT_EQ(board.out.find("draws more power than the device"), std::string::npos) << board.out;
}

}  // namespace
}  // namespace tonne
