// tonne statement, and what the simulator measures of itself.

#include "experiments/exports/statement.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "experiments/exports/own_footprint.h"
#include "tests/experiments/results/changed_store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::change_store;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

TEST(OwnFootprint, AddsUpOverRunsAndStaysOutOfTheResults) {
  const TemporaryFolder folder;
  folder.write("e.yaml", "name: own\nseeds: 2\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 20}\n");
  const Finished first = run_program("run e.yaml --out r", folder.path());
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("Simulating took "));
  EXPECT_THAT(first.out, Not(HasSubstr("Simulating took ")));
  const auto own = read_own_footprint(folder / "r");
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(own->runs, 1U);
  EXPECT_GT(own->cpu_seconds, 0.0);
  EXPECT_LT(own->cpu_seconds, 60.0);
  ASSERT_EQ(run_program("run e.yaml --out r --resume --quiet", folder.path()).exit_code, 0);
  EXPECT_EQ(read_own_footprint(folder / "r")->runs, 2U);
  EXPECT_GT(read_own_footprint(folder / "r")->cpu_seconds, own->cpu_seconds);
}

TEST(OwnFootprint, PowerIsWhatTheConstantsSay) {
  const OwnFootprint assumed{3600.0, std::nullopt, 1};
  EXPECT_DOUBLE_EQ(assumed.kilowatt_hours(), kWattsPerCore / 1000.0);
  EXPECT_DOUBLE_EQ(assumed.grams(), kWattsPerCore / 1000.0 * kGramsPerKilowattHour);
  const OwnFootprint measured{3600.0, 7.2e6, 1};
  EXPECT_DOUBLE_EQ(measured.kilowatt_hours(), 2.0);
}

// A tree as Linux shows it: two packages, whose cores are counted in them.
TEST(OwnFootprint, ReadsThePackagesOfRapl) {
  const TemporaryFolder folder;
  const auto set = [&](const std::string& domain, const std::string& microjoules) {
    std::filesystem::create_directories(folder / domain);
    folder.write(domain + "/energy_uj", microjoules);
  };
  set("intel-rapl:0", "1000000");
  set("intel-rapl:1", "5000000");
  set("intel-rapl:0:0", "700000");
  set("dtpm", "1");
  const OwnMeter meter(folder.path());
  set("intel-rapl:0", "4000000");
  set("intel-rapl:1", "5500000");
  set("intel-rapl:0:0", "99000000");
  ASSERT_TRUE(meter.read().rapl_joules.has_value());
  EXPECT_NEAR(*meter.read().rapl_joules, 3.5, 1e-9);
  set("intel-rapl:1", "10");  // wrapped
  EXPECT_FALSE(meter.read().rapl_joules.has_value());
  EXPECT_FALSE(OwnMeter(folder / "nothing").read().rapl_joules.has_value());
}

TEST(OwnFootprint, DamagedFilesAreNoFootprint) {
  const TemporaryFolder folder;
  for (const char* text : {"", "[1]", "{\"cpu_seconds\": \"x\"}", "{"}) {
    folder.write("footprint.json", text);
    EXPECT_FALSE(read_own_footprint(folder.path()).has_value()) << text;
  }
}

// The totals are those of the summary, which stands on other code.
TEST(Statement, SaysWhatTheSummarySays) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: stated\nseeds: 3\nproblems: [cell_nas]\nstrategies: [random, tpe]\n"
               "cluster: {device: V100, workers: 2, facility: {pue: 1.58}, grid: US-2018}\nbudget: {evaluations: 25}\n");
  ASSERT_EQ(run_program("run e.yaml --out r --quiet", folder.path()).exit_code, 0);
  const auto summary = nlohmann::json::parse(read_file(folder / "r" / "summary.json"));
  double kilowatt_hours = 0.0;
  for (const auto& row : summary["leaderboards"][0]["rows"]) kilowatt_hours += 3.0 * row["search"]["energy_kwh"].get<double>();
  const Finished text = run_program("statement r", folder.path());
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("6 searches with 150 evaluations"));
  const std::size_t at = text.out.find("would have used ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NEAR(std::stod(text.out.substr(at + 16)), kilowatt_hours, 0.005 * kilowatt_hours);
  for (const char* said : {"V100", "US-2018", "Source: ", "taken as exact", "simulated, not measured", "Simulating took"}) EXPECT_THAT(text.out, HasSubstr(said));
}

TEST(Statement, LatexHasItsOwnWayOfWritingCO2e) {
  const TemporaryFolder folder;
  folder.write("e.yaml", "name: latex\nseeds: 2\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 2}\n");
  ASSERT_EQ(run_program("run e.yaml --out r", folder.path()).exit_code, 0);
  const Finished latex = run_program("statement r --format latex", folder.path());
  EXPECT_THAT(latex.out, HasSubstr("g CO$_2$e"));
  EXPECT_THAT(latex.out, Not(HasSubstr("CO2e")));
}

TEST(Statement, HostileLabelsStayText) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: hostile\nseeds: 1\nproblems: [cell_nas: {label: \"<b>50% & $x_1$ #1 ^~\"}]\n"
               "strategies: [random: {label: \"\\\\input{/etc/passwd} | [x](y)\"}]\nbudget: {evaluations: 5}\n");
  const Finished ran = run_program("run e.yaml --out r --quiet", folder.path());
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const std::string latex = run_program("statement r --format latex", folder.path()).out;
  EXPECT_THAT(latex, Not(HasSubstr("\\input")));
  EXPECT_THAT(latex, HasSubstr("50\\% \\& \\$x\\_1\\$ \\#1"));
  const std::string markdown = run_program("statement r --format md", folder.path()).out;
  EXPECT_THAT(markdown, Not(HasSubstr("<b>5")));
  EXPECT_THAT(markdown, HasSubstr("\\[x\\](y)"));
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  while (text.find("  ") != std::string::npos) text.replace(text.find("  "), 2, " ");
  return text;
}

// What was used or assumed, and nothing else: convolutions in fp32, at the spot price.
TEST(Statement, ListsWhatWasUsedAndNothingElse) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: used\nseeds: 2\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 5}\n"
               "cluster: {device: V100, spot: true, facility: {pue: 1.2}, grid: FRA-2023, embodied: {lifetime: 4 years}}\n");
  ASSERT_EQ(run_program("run e.yaml --out r --quiet", folder.path()).exit_code, 0);
  const std::string text = one_line(run_program("statement r", folder.path()).out);
  for (const char* said :
       {"specification.fp32 15.7 TFLOP/s", "prices.google/device/spot.price 0.74 USD/h", "Grid FRA-2023 (average, life-cycle, location-based): intensity",
        "Assumed by default: utilisation 0.275, bandwidth_utilisation 0.57, step_overhead 5 ms", "embodied.use 0.85. Source: Luccioni",
        "Given in the experiment: facility.pue 1.2, embodied.lifetime 4 year", "interruptions are not simulated"})
    EXPECT_THAT(text, HasSubstr(said));
  for (const char* unsaid : {"specification.fp16", "training.transformer", "on_demand.price", "system_power", "of_year",
                             "interconnect", "voltage_floor", "has changed since"})
    EXPECT_THAT(text, Not(HasSubstr(unsaid)));
}

TEST(Statement, NothingIsSaidOfMachinesThatAreNotRentedAtSpotPrices) {
  const TemporaryFolder folder;
  const std::string head = "name: spot\nseeds: 1\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 3}\n";
  folder.write("plain.yaml", head);
  folder.write("spot.yaml", head + "cluster: {spot: true}\n");
  folder.write("taken.yaml", head + "cluster: {spot: true, preemption: {interval: 500 h}}\n");
  for (const char* name : {"plain", "spot", "taken"}) {
    const std::string run = std::string("run ") + name + ".yaml --out " + name;
    const Finished ran = run_program(run, folder.path());
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const bool left_out = std::string(name) == "spot";
    const std::string sentence = "interruptions are not simulated";
    const auto says = [&](const std::string& command) {
      return one_line(run_program(command, folder.path()).out).find(sentence) != std::string::npos;
    };
    EXPECT_EQ(one_line(ran.out).find(sentence) != std::string::npos, left_out) << name;
    for (const char* command : {"validate {}.yaml", "show {}", "show {} --json", "statement {}", "report {} --format md"})
      EXPECT_EQ(says(fmt::format(fmt::runtime(command), name)), left_out) << command << " " << name;
  }
}

TEST(Statement, SaysThatTheCatalogueHasChangedSince) {
  const TemporaryFolder folder;
  folder.write("e.yaml", "name: old\nseeds: 1\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 3}\n");
  ASSERT_EQ(run_program("run e.yaml --out r --quiet", folder.path()).exit_code, 0);
  change_store(folder / "r/results.sqlite",
               "UPDATE scenarios SET settings = replace(settings, substr(settings, instr(settings, '\"content\":\"') + 11, 4), 'abcd')");
  EXPECT_THAT(one_line(run_program("statement r", folder.path()).out), HasSubstr("catalogue has changed since"));
}

// Electricity with electricity, without facility and manufacture, on the searches' grid.
TEST(OwnFootprint, IsComparedWithTheLikeOfTheSearches) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: like\nseeds: 2\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 10}\n"
               "cluster: {facility: {pue: 2.0}, grid: {intensity: 100 gCO2e/kWh}}\n");
  ASSERT_EQ(run_program("run e.yaml --out r --quiet", folder.path()).exit_code, 0);
  folder.write("r/footprint.json", "{\"cpu_seconds\": 1, \"rapl_joules\": 3600, \"runs\": 1}");  // 0.001 kWh
  const auto summary = nlohmann::json::parse(read_file(folder / "r" / "summary.json"));
  const double kilowatt_hours = 2.0 * summary["leaderboards"][0]["rows"][0]["search"]["energy_kwh"].get<double>();
  const std::string text = one_line(run_program("statement r", folder.path()).out);
  EXPECT_THAT(text, HasSubstr("On the searches' mean grid (100 g CO2e/kWh) that is 100 mg of operational CO2e."));
  const std::string before = "would have used ";
  const std::size_t at = text.find(before, text.find("mean grid (100"));
  ASSERT_NE(at, std::string::npos);
  std::string times = text.substr(at + before.size(), text.find(" times", at) - at - before.size());
  std::erase(times, ',');
  EXPECT_NEAR(std::stod(times), 0.5 * kilowatt_hours / 0.001, 0.005 * kilowatt_hours / 0.001);
}

}  // namespace
}  // namespace tonne
