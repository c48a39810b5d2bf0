// Every figure in the program's JSON says its unit: in its key, or beside it.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using nlohmann::json;
using testing::run_program;
using testing::TemporaryFolder;

// Counts, shares, ratios, probabilities, years: figures without a unit.
const std::set<std::string> kPlain = {
    "seeds", "seed", "seeds_without_winner", "seeds_wanted", "gain_seeds_wanted", "seeds_that_keep_the_default",
    "evaluations", "failures", "screenings", "cells", "cells_planned", "draws", "devices", "trials", "trainings",
    "inferences", "size", "year", "of_year", "level", "overhead", "overhead_ci95", "break_even", "wilcoxon_p", "holm_p",
    "gain_p", "chance_of_gain", "hypervolume", "hypervolume_ci95"};
const std::set<std::string> kOfValues = {"value", "value_ci95", "low", "high", "default", "default_value", "optimum"};
const std::set<std::string> kOfDifferences = {"regret", "difference", "gain_over_default", "gain_per_tonne"};
const std::vector<std::string> kUnits = {"kwh", "kg", "usd", "h", "l", "w", "hours", "kg_co2e", "g_per_kwh", "flops", "kg_each"};

bool says_unit(const std::string& key) {
  return std::ranges::any_of(kUnits, [&](const std::string& unit) {
    return key == unit || key.ends_with("_" + unit) || key.find("_" + unit + "_at_") != std::string::npos;
  });
}

// Walks down with the objects above; `key` is the last name on the way.
void check(const json& at, std::vector<const json*>& above, const std::string& key, const std::string& path,
           std::vector<std::string>& faults) {
  if (at.is_object()) {
    above.push_back(&at);
    for (const auto& [name, value] : at.items())
      // Parameters of a candidate are the problem's, and "energy_kwh": {"total": 1} has its unit in the group.
      if (name != "configuration") check(value, above, says_unit(key) ? key : name, path + "." + name, faults);
    above.pop_back();
    return;
  }
  if (at.is_array()) {
    for (const json& item : at) check(item, above, key, path + "[]", faults);
    return;
  }
  if (!at.is_number() || kPlain.contains(key) || says_unit(key)) return;
  const auto beside = [&](const char* unit) {
    return std::ranges::any_of(above, [&](const json* object) { return object->contains(unit); });
  };
  if (kOfValues.contains(key) && above.back()->contains("what")) return;  // "km in a passenger car": equivalents
  // The difference table of a baseline calls a difference a value.
  if (kOfValues.contains(key) && (beside("unit") || beside("difference_unit"))) return;
  if (kOfDifferences.contains(key) && beside("difference_unit")) return;
  if (key == "trained_to" && above.back()->contains("trained_to_unit")) return;
  faults.push_back(path);
}

std::vector<std::string> faults_of(const std::string& text) {
  std::vector<std::string> faults;
  std::vector<const json*> above;
  check(json::parse(text), above, "", "", faults);
  return faults;
}

std::string output(const TemporaryFolder& folder, const std::string& command) {
  const auto run = run_program(command, folder.path());
  EXPECT_EQ(run.exit_code, 0) << command << ": " << run.err;
  return run.out;
}

TEST(JsonUnits, OfResultsReportsAndComparisons) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: u\nseeds: 3\nproblems: [cell_nas]\nstrategies: [random, tpe]\nbudget: {evaluations: 12}\n"
               "deployment: {trainings: 3, inferences: 1e6}\n"
               "cluster: {facility: {pue: 1.1..1.5}, grid: US-2018}\n");
  output(folder, "run e.yaml --quiet --out r");
  folder.write("f.yaml", "name: v\nseeds: 3\nproblems: [cell_nas]\nstrategies: [gp]\nbudget: {evaluations: 12}\n"
                         "cluster: {facility: {pue: 1.2}, grid: US-2018}\n");
  output(folder, "run f.yaml --quiet --out s");
  for (const char* command : {"show r --json", "report r --format json", "compare r s --format json"})
    EXPECT_EQ(faults_of(output(folder, command)), std::vector<std::string>{}) << command;
  // Of percentages, a difference is in points.
  const json summary = json::parse(output(folder, "show r --json"));
  EXPECT_EQ(summary["leaderboards"][0]["unit"], "%");
  EXPECT_EQ(summary["leaderboards"][0]["difference_unit"], "points");
  EXPECT_EQ(summary["leaderboards"][0]["rows"][0]["payback"]["trained_to_unit"], "epochs");
  const json report = json::parse(output(folder, "report r --format json"));
  for (const json& figure : report["figures"])
    if (figure["metric"] == "gain from random") {
      EXPECT_EQ(figure["unit"], "points");
    }
}

TEST(JsonUnits, OfPlansAndEstimates) {
  const TemporaryFolder folder;
  EXPECT_EQ(faults_of(output(folder, "plan cell_nas --limit '200 g' --strategies random --trainings 3 --seeds 6 --fresh-seeds 2 --json")),
            std::vector<std::string>{});
  EXPECT_EQ(faults_of(output(folder, "estimate --hours 10 --devices 8 --device A100-80GB --pue 1.1..1.5 --grid FRA-2023 --format json")),
            std::vector<std::string>{});
}

// Every figure has a "unit" beside it there; one without a unit is of a kind that has none.
TEST(JsonUnits, OfTheCatalogue) {
  const TemporaryFolder folder;
  const std::set<std::string> plain = {"sockets", "load", "slots", "pue", "of_year", "utilisation", "bandwidth_utilisation",
                                       "compute", "memory", "waiting"};
  std::size_t figures = 0;
  for (const char* what : {"devices", "hosts", "facilities", "grids"})
    for (const json& entry : json::parse(output(folder, std::string("list ") + what + " --json")))
      for (const json& figure : entry["figures"]) {
        const std::string key = figure["key"];
        const std::string name = key.substr(key.rfind('.') + 1);
        EXPECT_EQ(figure["unit"] == "", plain.contains(name) && key != "specification.memory") << key;
        ++figures;
      }
  EXPECT_GT(figures, 300U);
}

TEST(JsonUnits, TheWalkFindsAFigureWithoutAUnit) {
  EXPECT_EQ(faults_of(R"({"a": {"value": 1, "energy": 2, "co2e_kg": {"total": 3}}})"),
            (std::vector<std::string>{".a.energy", ".a.value"}));
  EXPECT_EQ(faults_of(R"({"unit": "%", "rows": [{"value": 1, "regret": 2}]})"), std::vector<std::string>{".rows[].regret"});
}

}  // namespace
}  // namespace tonne
