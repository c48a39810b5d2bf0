// Every figure of docs/metrics.md and docs/statistics.md, recomputed by definitions.py from what a run wrote, against
// what tonne report and summary.json say. A run of two problems: one that maximises, and a table that minimises two
// objectives and in which some searches find nothing.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::HasSubstr;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;
using Json = nlohmann::json;

const char* const kExperiment =
    "name: defined\n"
    "seeds: 12\n"
    "problems:\n"
    "  - cell_nas: {task: cifar100, divergence: 0.1}\n"
    "  - tabular: {file: t.csv, decisions: [a, b], objective: loss, direction: minimise, time: sec,\n"
    "              further_objectives: {size: {columns: size, direction: minimise}}}\n"
    "strategies:\n"
    "  - random\n"
    "  - sobol\n"
    "  - regularized_evolution: {population: 6, sample: 3}\n"
    "  - tpe\n"
    "cluster: {device: V100, facility: {pue: 1.58}, grid: US-2018}\n"
    "deployment: {trainings: 40}\n"
    "budget: {co2e: 1.8 kg}\n";
const char* const kNetworks = "cell_nas/cifar100";
const char* const kTable = "tabular/t";
const std::map<std::string, double> kTargets = {{kNetworks, 70.7}, {kTable, 0.25}};
const std::map<std::string, std::string> kTargetNames = {{kNetworks, "70.7 %"}, {kTable, "0.25"}};

// 128 configurations, of which eight train.
std::string table_text() {
  const std::map<std::pair<int, int>, std::string> trained = {
      {{0, 0}, "0.5,3"},  {{3, 4}, "0.3,5"}, {{6, 7}, "0.2,9"},  {{9, 1}, "0.2,8"},
      {{12, 3}, "0.6,1"}, {{14, 6}, "0.8,2"}, {{5, 2}, "0.4,4"}, {{10, 5}, "0.3,6"}};
  std::string text = "a,b,loss,size,sec\n";
  for (int a = 0; a < 16; ++a)
    for (int b = 0; b < 8; ++b) {
      const auto row = trained.find({a, b});
      text += fmt::format("{},{},{},{}\n", a, b, row == trained.end() ? "," : row->second, 900 + 10 * a);
    }
  return text;
}

class Definitions : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::system("/usr/bin/python3 -c 'import scipy' 2>/dev/null") != 0) return;
    folder_ = new TemporaryFolder;
    folder_->write("t.csv", table_text());
    folder_->write("e.yaml", kExperiment);
    ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder_->path()).exit_code, 0);
    const Json targets = kTargets;
    const std::string script = TONNE_SOURCE_DIR "/tests/experiments/report/definitions.py";
    const std::string out = (*folder_ / "expected.json").string();
    ASSERT_EQ(std::system(fmt::format("/usr/bin/python3 '{}' '{}' '{}' > '{}'", script, (*folder_ / "r").string(),
                                      targets.dump(), out)
                              .c_str()),
              0);
    expected_ = new Json(Json::parse(read_file(out)));
    summary_ = new Json(Json::parse(read_file(*folder_ / "r/summary.json")));
    reports_ = new std::map<std::string, Json>;
    for (const auto& [problem, target] : kTargets)
      (*reports_)[problem] = Json::parse(report(fmt::format("--format json --target {}", target)));
    report("--format html");
    page_ = new std::string(read_file(*folder_ / "r/report.html"));
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete expected_;
    delete summary_;
    delete reports_;
    delete page_;
    folder_ = nullptr;
  }
  void SetUp() override {
    if (folder_ == nullptr) GTEST_SKIP() << "python3-scipy is not installed";
  }

  static std::string report(const std::string& arguments) {
    const auto made = run_program("report r " + arguments, folder_->path());
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return made.out;
  }
  static const Json& expected(const std::string& problem) { return expected_->at(problem); }
  static const Json& board(const std::string& problem) {
    for (const Json& board : (*summary_)["leaderboards"])
      if (board["problem"] == problem) return board;
    throw std::runtime_error("no board of " + problem);
  }
  static const Json& row(const std::string& problem, const std::string& strategy) {
    for (const Json& row : board(problem)["rows"])
      if (row["strategy"] == strategy) return row;
    throw std::runtime_error("no row of " + strategy);
  }
  // Of the JSON report; null where it has no such figure.
  static Json figure(const std::string& problem, const std::string& strategy, const std::string& metric) {
    for (const Json& figure : reports_->at(problem)["figures"])
      if (figure["problem"] == problem && figure["strategy"] == strategy && figure["metric"] == metric) return figure;
    return {};
  }
  static Json page_data(const std::string& problem) {
    const std::string begin = "<script type=\"application/json\" id=\"data\">";
    const std::size_t from = page_->find(begin) + begin.size();
    const Json data = Json::parse(page_->substr(from, page_->find("</script>", from) - from));
    return data["boards"][problem == kNetworks ? 0 : 1];
  }
  // Runs over both boards and all strategies.
  template <class Check>
  static void each_strategy(const Check& check) {
    for (const auto& [problem, target] : kTargets)
      for (const std::string strategy : expected(problem)["order"]) {
        SCOPED_TRACE(problem + ", " + strategy);
        check(problem, strategy);
      }
  }
  // One metric of all strategies: value, and interval where the definition gives one.
  static void expect_metric(const std::string& defined, bool with_target = false) {
    int compared = 0;
    each_strategy([&](const std::string& problem, const std::string& strategy) {
      const std::string metric =
          with_target ? defined + " " + kTargetNames.at(problem)
          : defined == "value" ? board(problem)["objective"].get<std::string>() : defined;
      SCOPED_TRACE(metric);
      const Json& exact = expected(problem)["figures"][strategy]["exact"];
      const std::string key = with_target ? defined : metric;
      const Json wanted = exact.contains(key) ? exact[key] : Json::array({nullptr});
      const Json given = figure(problem, strategy, metric);
      if (wanted[0].is_null()) {
        EXPECT_TRUE(given.is_null()) << given;
        return;
      }
      ASSERT_FALSE(given.is_null());
      ++compared;
      expect_near(given["value"], wanted[0]);
      if (wanted.size() < 3) return;
      expect_near(given["low"], wanted[1]);
      expect_near(given["high"], wanted[2]);
    });
    EXPECT_GT(compared, 0) << defined;
  }
  static void expect_near(const Json& given, const Json& wanted, double part = 1e-9) {
    ASSERT_TRUE(given.is_number()) << given << " for " << wanted;
    ASSERT_TRUE(wanted.is_number()) << given << " for " << wanted;
    EXPECT_NEAR(given.get<double>(), wanted.get<double>(), part * std::max(1e-3, std::abs(wanted.get<double>())));
  }
  // Two bootstraps of 10,000 and 20,000 resamples, whose ends lie where a few tens of them are left: up to a tenth of the
  // interval's length apart where the resampled means are skewed.
  static void expect_resampled(const Json& given, const Json& wanted) {
    ASSERT_TRUE(given["low"].is_number() && given["high"].is_number()) << given;
    const double length = wanted[1].get<double>() - wanted[0].get<double>();
    EXPECT_NEAR(given["low"].get<double>(), wanted[0].get<double>(), 0.12 * length + 1e-12);
    EXPECT_NEAR(given["high"].get<double>(), wanted[1].get<double>(), 0.12 * length + 1e-12);
  }
  static void expect_same(const Json& given, const Json& wanted, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      SCOPED_TRACE(key);
      if (wanted[key].is_number_float())
        expect_near(given[key], wanted[key]);
      else
        EXPECT_EQ(given[key], wanted[key]);
    }
  }

  static TemporaryFolder* folder_;
  static Json* expected_;                         // by definitions.py
  static Json* summary_;                          // summary.json
  static std::map<std::string, Json>* reports_;   // of all problems, with the target of one
  static std::string* page_;                      // report.html
};
TemporaryFolder* Definitions::folder_ = nullptr;
Json* Definitions::expected_ = nullptr;
Json* Definitions::summary_ = nullptr;
std::map<std::string, Json>* Definitions::reports_ = nullptr;
std::string* Definitions::page_ = nullptr;

// What the other tests would not notice if it went missing.
TEST_F(Definitions, AreTriedOnSearchesThatFindNothingAndOthersThatGain) {
  EXPECT_LT(figure(kTable, "random", "searches that found something")["value"], 12.0);
  EXPECT_EQ(figure(kTable, "regularized_evolution", "searches that found something")["value"], 12.0);
  EXPECT_FALSE(figure(kTable, expected(kTable)["order"][0], "gain per tonne").is_null());
  EXPECT_FALSE(expected(kTable)["payback"]["tpe"]["break_even"].is_null());
  EXPECT_FALSE(figure(kTable, "tpe", "worth until").is_null());
  EXPECT_FALSE(figure(kNetworks, "tpe", "worth until").is_null());
}

TEST_F(Definitions, OfMeansOverSeeds) {
  for (const char* metric : {"seeds", "searches that found something", "value", "interquartile mean", "regret"})
    expect_metric(metric);
}

TEST_F(Definitions, OfCosts) {
  for (const char* metric : {"evaluations", "hours", "energy", "co2e", "money"}) expect_metric(metric);
}

TEST_F(Definitions, OfGainPerTonneAndOverhead) {
  expect_metric("gain per tonne");
  expect_metric("overhead");
}

TEST_F(Definitions, OfCarbonToATarget) {
  expect_metric("searches that reach", true);
  expect_metric("expected co2e to reach", true);
}

TEST_F(Definitions, OfAreasAndWorthUntil) {
  for (const char* metric : {"mean over log co2e", "hypervolume of value and co2e", "worth until"}) expect_metric(metric);
}

// Only where values are continuous: the quantiles of few different means leap.
TEST_F(Definitions, OfResampledIntervals) {
  for (const std::string strategy : expected(kNetworks)["order"])
    for (const auto& [metric, interval] : expected(kNetworks)["figures"][strategy]["resampled"].items()) {
      SCOPED_TRACE(strategy + ", " + metric);
      expect_resampled(figure(kNetworks, strategy, metric), interval);
    }
  const std::string leader = expected(kNetworks)["order"][0];
  EXPECT_TRUE(expected(kNetworks)["figures"][leader]["resampled"].contains("hypervolume of value and co2e"));
  for (const Json& pair : expected(kNetworks)["pairs"]) {
    if (pair["first"] != leader) continue;
    SCOPED_TRACE(pair["second"].get<std::string>());
    expect_resampled(figure(kNetworks, leader, "difference against " + pair["second"].get<std::string>()),
                     pair["resampled"]);
  }
}

TEST_F(Definitions, OfPairsWithTheLeader) {
  const std::string text = report("--format md");
  for (const auto& [problem, target] : kTargets)
    for (const Json& pair : expected(problem)["pairs"]) {
      const std::string leader = expected(problem)["order"][0], other = pair["second"];
      if (pair["first"] != leader) continue;
      SCOPED_TRACE(problem + ", against " + other);
      const auto given = [&](const char* metric) { return figure(problem, leader, metric + (" against " + other)); };
      expect_near(given("difference")["value"], pair["difference"]);
      const Json better = given("probability of improvement");
      expect_near(better["value"], pair["probability"][0]);
      expect_near(better["low"], pair["probability"][1]);
      expect_near(better["high"], pair["probability"][2]);
      expect_near(given("Wilcoxon-Holm p")["value"], pair["holm_p"]);
      EXPECT_EQ(given("ahead")["value"], pair["apart"].get<bool>() ? 1.0 : 0.0);
      const auto part = [](const Json& value) { return fmt::format("{:.2f}", value.get<double>()); };
      const Json& p = pair["probability"];
      EXPECT_THAT(text, HasSubstr(fmt::format("| {} | {} .. {} | {} |", part(p[0]), part(p[1]), part(p[2]), part(pair["delta"]))));
    }
}

TEST_F(Definitions, OfTheVerdict) {
  for (const auto& [problem, target] : kTargets) {
    SCOPED_TRACE(problem);
    const Json& given = board(problem)["verdict"];
    expect_same(given, expected(problem)["verdict"],
                {"leader", "standing", "candidates", "ahead_of", "not_separated", "gain_over_default", "gain_p",
                 "gain_seeds_wanted"});
    ASSERT_EQ(given["pairs"].size(), expected(problem)["order"].size() - 1);  // the leader's, first of all
    for (std::size_t k = 0; k < given["pairs"].size(); ++k)
      expect_same(given["pairs"][k], expected(problem)["pairs"][k],
                  {"first", "second", "difference", "wilcoxon_p", "holm_p", "apart", "seeds_wanted"});
    for (const Json& reported : reports_->at(problem)["boards"])
      if (reported["name"] == problem) {
        EXPECT_EQ(reported["verdict"], given);
      }
    for (const std::string strategy : expected(problem)["order"]) {
      const Json& candidates = expected(problem)["verdict"]["candidates"];
      const bool one = std::find(candidates.begin(), candidates.end(), Json(strategy)) != candidates.end();
      EXPECT_EQ(figure(problem, strategy, "candidate")["value"], one ? 1.0 : 0.0) << strategy;
      EXPECT_EQ(figure(problem, strategy, "leader")["value"], one && candidates[0] == strategy ? 1.0 : 0.0) << strategy;
    }
  }
}

TEST_F(Definitions, OfFriedmansTest) {
  for (const auto& [problem, target] : kTargets) {
    SCOPED_TRACE(problem);
    const Json& friedman = expected(problem)["friedman"];
    EXPECT_THAT(*page_, HasSubstr(fmt::format("Friedman: chi2 = {:.4g}, p = {:.3f}.", friedman["chi2"].get<double>(),
                                              friedman["p"].get<double>())));
    for (std::size_t s = 0; s < expected(problem)["order"].size(); ++s)
      EXPECT_THAT(*page_, HasSubstr(fmt::format("<td>{}</td><td>{:.2f}</td>", expected(problem)["order"][s].get<std::string>(),
                                                friedman["mean_ranks"][s].get<double>())));
  }
}

// The charts' data have seven digits.
TEST_F(Definitions, OfCurvesAndRanks) {
  constexpr double kDigits = 1e-6;
  for (const auto& [problem, target] : kTargets) {
    const Json data = page_data(problem);
    const Json& order = expected(problem)["order"];
    const Json &curves = data["curves"]["carbon"], &wanted = expected(problem)["curves"];
    const Json &ranks = data["ranks"], &wanted_ranks = expected(problem)["ranks"];
    for (std::size_t s = 0; s < order.size(); ++s) {
      const std::string strategy = order[s];
      SCOPED_TRACE(problem + ", " + strategy);
      ASSERT_EQ(curves["x"].size(), 60U);
      for (std::size_t i = 0; i < curves["x"].size(); ++i) {
        expect_near(curves["x"][i], wanted["kg"][i], kDigits);
        const Json& at = wanted["series"][strategy][i];
        const Json& series = curves["series"][s];
        EXPECT_EQ(series["mean"][i].is_null(), at.is_null()) << i;
        if (at.is_null()) continue;
        expect_near(series["mean"][i], at[0], kDigits);
        expect_near(series["low"][i], at[1], kDigits);
        expect_near(series["high"][i], at[2], kDigits);
      }
      ASSERT_EQ(ranks["x"].size(), 40U);
      for (std::size_t i = 0; i < ranks["x"].size(); ++i) {
        expect_near(ranks["x"][i], wanted_ranks["kg"][i], kDigits);
        expect_near(ranks["mean"][s][i], wanted_ranks["mean"][strategy][i], kDigits);
      }
    }
  }
}

TEST_F(Definitions, OfAttainment) {
  each_strategy([](const std::string& problem, const std::string& strategy) {
    const Json& order = expected(problem)["order"];
    const auto s = static_cast<std::size_t>(std::find(order.begin(), order.end(), Json(strategy)) - order.begin());
    const Json levels = page_data(problem)["attainment"][s];
    for (std::size_t l = 0; l < 3; ++l) {
      const Json& corners = expected(problem)["attainment"][strategy][l];
      ASSERT_EQ(levels[l]["x"].size(), corners.size()) << l;
      for (std::size_t i = 0; i < corners.size(); ++i) {
        expect_near(levels[l]["x"][i], corners[i][0], 1e-6);
        expect_near(levels[l]["y"][i], corners[i][1], 1e-6);
      }
    }
  });
}

TEST_F(Definitions, OfTheHypervolumeOfObjectives) {
  const Json& fronts = expected(kTable)["fronts"];
  ASSERT_EQ(board(kTable)["front"]["points"].size(), fronts["points"].size());
  for (std::size_t i = 0; i < fronts["points"].size(); ++i)
    EXPECT_EQ(board(kTable)["front"]["points"][i]["values"], fronts["points"][i]);
  for (const std::string strategy : expected(kTable)["order"]) {
    SCOPED_TRACE(strategy);
    const Json& given = row(kTable, strategy)["front"];
    expect_near(given["hypervolume"], fronts[strategy]["hypervolume"][0]);
    expect_near(given["hypervolume_ci95"][0], fronts[strategy]["hypervolume"][1]);
    expect_near(given["hypervolume_ci95"][1], fronts[strategy]["hypervolume"][2]);
    expect_near(given["size"], fronts[strategy]["size"]);
  }
}

TEST_F(Definitions, OfPayback) {
  each_strategy([](const std::string& problem, const std::string& strategy) {
    for (const char* side : {"payback", "payback_of_cheapest"}) {
      SCOPED_TRACE(side);
      const Json& sides = expected(problem);
      if (!sides.contains(side) || sides[side][strategy].is_null()) {
        EXPECT_FALSE(row(problem, strategy).contains(side));
        continue;
      }
      expect_same(row(problem, strategy)[side], sides[side][strategy],
                  {"seeds", "search_co2e_kg", "saved_co2e_kg", "break_even"});
    }
  });
}

// summary.json and the CSV have the same numbers as the JSON.
TEST_F(Definitions, AreTheSameInEveryFormat) {
  each_strategy([](const std::string& problem, const std::string& strategy) {
    const Json& given = row(problem, strategy);
    const Json value = figure(problem, strategy, board(problem)["objective"]);
    EXPECT_EQ(given["value"], value["value"]);
    EXPECT_EQ(given["value_ci95"], Json::array({value["low"], value["high"]}));
    EXPECT_EQ(given["regret"], figure(problem, strategy, "regret")["value"]);
    EXPECT_EQ(given["search"]["co2e_kg"], figure(problem, strategy, "co2e")["value"]);
    const Json overhead = figure(problem, strategy, "overhead");
    EXPECT_EQ(given["overhead"], overhead["value"]);
    EXPECT_EQ(given["overhead_ci95"], Json::array({overhead["low"], overhead["high"]}));
    const Json gain = figure(problem, strategy, "gain per tonne");
    EXPECT_EQ(given["gain_per_tonne"], gain.is_null() ? Json() : gain["value"]);
  });
  std::istringstream table(report(fmt::format("--format csv --target {}", kTargets.at(kNetworks))));
  std::string line;
  std::getline(table, line);
  EXPECT_EQ(line, "problem,scenario,strategy,metric,value,low,high,unit");
  for (const Json& figure : reports_->at(kNetworks)["figures"]) {
    const auto number = [](const Json& json) { return json.is_null() ? "" : fmt::format("{}", json.get<double>()); };
    const auto text = [&](const char* key) { return figure[key].get<std::string>(); };
    ASSERT_TRUE(std::getline(table, line));
    EXPECT_EQ(line, fmt::format("{},{},{},{},{},{},{},{}", text("problem"), text("scenario"), text("strategy"), text("metric"),
                                number(figure["value"]), number(figure["low"]), number(figure["high"]), text("unit")));
  }
  EXPECT_FALSE(std::getline(table, line));
}

}  // namespace
}  // namespace tonne
