#include "experiments/analysis/portrait.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <nlohmann/json.hpp>
#include <sstream>

#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> problem(const std::string& entry) {
  return parse_experiment("problems: [{" + entry + "}]\nstrategies: random\nbudget: {evaluations: 1}\n", "e.yaml", ".").problems.at(0).problem;
}

// The figures that cell_nas was made for (its own tests hold them over all cells).
TEST(Portrait, ShowsTheKnownFiguresOfCellNas) {
  const Portrait p = portrait_of(*problem("cell_nas: {}"), {});
  EXPECT_EQ(p.configurations, 15625.0);
  EXPECT_NEAR(p.quantiles[4], 90.8, 0.2);
  EXPECT_NEAR(p.quantiles[7], 93.8, 0.1);
  ASSERT_FALSE(p.ranks.empty());
  EXPECT_NEAR(p.ranks[0].all.spearman, 0.73, 0.03);
  EXPECT_NEAR(p.ranks[0].better_half.spearman, 0.50, 0.05);
  EXPECT_NEAR(p.seed_deviation_all, 0.56, 0.05);
  EXPECT_NEAR(p.improving[4], 0.59, 0.03);
  EXPECT_NEAR(p.fidelities[2].all.spearman, 0.87, 0.03);  // after 12 epochs
  EXPECT_GE(p.fidelities.back().all.spearman, p.fidelities.front().all.spearman);
  EXPECT_TRUE(p.failing.empty());
  // Of nearly normal pairs Kendall's tau is 2 / pi times the arcsine of the correlation.
  EXPECT_NEAR(p.ranks[0].all.kendall, 2.0 / std::numbers::pi * std::asin(p.ranks[0].all.spearman), 0.05);
  ASSERT_TRUE(p.optima);
  EXPECT_TRUE(p.optima->exhaustive);
  EXPECT_EQ(p.optima->examined, 15625U);
  EXPECT_NEAR(p.optima->count, 18.0, 3.6);  // NAS-Bench-201, CIFAR-10: 18
  for (std::size_t i = 1; i < p.front.size(); ++i) {
    EXPECT_LT(p.front[i][0], p.front[i - 1][0]);
    EXPECT_LT(p.front[i][1], p.front[i - 1][1]);
  }
}

// NK landscapes. With k = 0 the value is a sum over bits, of which a step turns one: correlation 1 - 2 / n exactly. With many
// interactions a step draws k + 1 of n contributions anew: 1 - (k + 1) / n (Weinberger 1990). Of values; ranks follow closely.
TEST(Portrait, TellsAdditiveFromRuggedLandscapes) {
  const Portrait smooth = portrait_of(*problem("nk: {n: 20, k: 0}"), {});
  EXPECT_GT(smooth.additive, 0.93);  // of ranks, which are no sum
  EXPECT_NEAR(smooth.autocorrelation[0], 1.0 - 2.0 / 20.0, 0.03);
  const Portrait rugged = portrait_of(*problem("nk: {n: 20, k: 9}"), {});
  EXPECT_LT(rugged.additive, 0.2);
  EXPECT_NEAR(rugged.autocorrelation[0], 1.0 - 10.0 / 20.0, 0.06);
  EXPECT_LT(rugged.autocorrelation[4], 0.1);
}

// k = 0: one local optimum. k = n - 1: 2^n / (n + 1) in the mean (Kauffman and Weinberger 1989), each configuration being
// one with probability 1 / (n + 1).
TEST(Portrait, CountsLocalOptima) {
  EXPECT_EQ(portrait_of(*problem("nk: {n: 12, k: 0}"), {.samples = 100}).optima->count, 1.0);
  double count = 0.0;
  for (int landscape = 0; landscape < 8; ++landscape)
    count += portrait_of(*problem("nk: {n: 10, k: 9, landscape: " + std::to_string(landscape) + "}"), {.samples = 50}).optima->count;
  EXPECT_NEAR(count / 8.0, 1024.0 / 11.0, 7.0);  // sd of one is about 6: of the mean 2.2
  const Portrait large = portrait_of(*problem("nk: {n: 20, k: 19}"), {.samples = 5000});
  ASSERT_TRUE(large.optima);
  EXPECT_FALSE(large.optima->exhaustive);
  EXPECT_EQ(large.optima->examined, 5000U);
  EXPECT_NEAR(large.optima->share, 1.0 / 21.0, 4.0 * large.optima->standard_error);
  EXPECT_NEAR(large.optima->standard_error, 0.003, 0.0005);
  EXPECT_FALSE(portrait_of(*problem("function: {function: branin}"), {.samples = 50}).optima);
}

TEST(Portrait, CountsFailuresAndSurvivesThem) {
  const Portrait p = portrait_of(*problem("compiler_schedule: {}"), {.samples = 500});
  EXPECT_GT(p.failing.at("invalid"), 0.1);
  EXPECT_LT(p.failing.at("invalid"), 0.5);
  EXPECT_FALSE(p.quantiles.empty());
}

// Six candidates with two seeds each, the best at a = 2, b = x; a = 1, b = y is a local optimum. Every figure by hand.
class SmallTable : public ::testing::Test {
 protected:
  std::shared_ptr<const Problem> table() {
    folder_.write("t.csv",
                  "a,b,s0,s1,test,work\n0,x,89,91,90,1\n0,y,93.9,94.1,94,2\n1,x,91.9,92.1,92,3\n1,y,94.9,95.1,95,4\n"
                  "2,x,95.1,95.3,95.2,5\n2,y,90.9,91.1,91,6\n");
    return problem("tabular: {file: '" + (folder_ / "t.csv").string() +
                   "', decisions: [a, b], objective: [s0, s1], unit: '%', direction: maximise, flops: work}");
  }
  const testing::TemporaryFolder folder_;
};

TEST_F(SmallTable, IsExaminedWhole) {
  const Portrait p = portrait_of(*table(), {});
  EXPECT_TRUE(p.whole);
  EXPECT_EQ(p.samples, 6U);
  const std::array<double, 6> quantiles = {95.17, 95.18, 95.19, 95.195, 95.199, 95.1995};
  for (std::size_t k = 0; k < quantiles.size(); ++k) EXPECT_NEAR(p.tail.quantiles[k], quantiles[k], 1e-9);
  ASSERT_EQ(p.tail.best.size(), 6U);
  EXPECT_EQ(p.tail.best[1].configuration, "a=1, b=y");
  EXPECT_FALSE(p.tail.relative_steps);
  EXPECT_EQ(p.tail.within, (std::array<std::size_t, 5>{1, 1, 2, 2, 2}));  // at .05, .1, .25, .5, 1: 95.2 and 95
  EXPECT_NEAR(p.distance_correlation, 0.6, 1e-9);
  EXPECT_NEAR(p.value_distance_correlation[0], 0.6862435665, 1e-9);
  EXPECT_NEAR(p.additive, (0.12 + 2.0 / 300.0) / 0.7, 1e-6);  // sums of squares of a and of b in those of the ranks
  EXPECT_NEAR(p.pairwise, 1.0, 1e-12);
}

TEST_F(SmallTable, NeighbourhoodsAreThese) {
  const Portrait p = portrait_of(*table(), {});
  ASSERT_TRUE(p.tail.ascents);
  EXPECT_TRUE(p.tail.ascents->from_all);
  EXPECT_EQ(p.tail.ascents->starts, 6U);
  EXPECT_NEAR(p.tail.ascents->at_best, 4.0 / 6.0, 1e-12);  // not from a = 0 or 1, b = y
  EXPECT_EQ(p.tail.ascents->near[0], 1.0);
  EXPECT_NEAR(p.tail.ascents->mean_regret, 2.0 * 0.2 / 6.0, 1e-9);
  EXPECT_TRUE(std::isnan(p.tail.improving[0]));  // six candidates have no best thousandth
  EXPECT_EQ(p.tail.improving[3], 0.0);
  EXPECT_NEAR(p.tail.improving[4], 0.125, 1e-12);  // the local optimum and one with one better value of two in one of two
  EXPECT_NEAR(p.tail.improving[5], (0.75 + 1.0 + 1.0) / 3.0, 1e-12);
  EXPECT_NEAR(p.tail.best_neighbour_gain[2], 92.0 - 95.2, 1e-9);
  EXPECT_EQ(p.tail.best_neighbours_at_top, 0.0);
  EXPECT_EQ(p.optima->count, 2.0);
}

// Two seeds 2 apart have variance 2, two that are 0.2 apart 0.02.
TEST_F(SmallTable, SpreadOverTwoSeedsIsNotUnderstated) {
  const Portrait p = portrait_of(*table(), {});
  EXPECT_NEAR(p.seed_deviation_all, std::sqrt((2.0 + 5.0 * 0.02) / 6.0), 1e-9);
  ASSERT_TRUE(p.tail.all_seeds);
  EXPECT_NEAR(p.tail.all_seeds->better_half, 1.0, 1e-12);
  EXPECT_TRUE(std::isnan(p.tail.all_seeds->best_hundredth));
}

TEST_F(SmallTable, SamplesAreNeverDrawnTwice) {
  const Portrait some = portrait_of(*table(), {.samples = 5});
  EXPECT_FALSE(some.whole);
  EXPECT_EQ(some.samples, 5U);
  EXPECT_EQ(some.tail.best.size(), 5U);
  EXPECT_NE(some.tail.best[0].configuration, some.tail.best[1].configuration);
  EXPECT_TRUE(portrait_of(*table(), {.samples = 6}).whole);
}

// One seed tells nothing of the spread.
TEST(Portrait, OneSeedHasNoSpread) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv", "a,v\n0,1\n1,2\n2,3\n3,4\n4,5\n5,6\n");
  const Portrait p = portrait_of(*problem("tabular: {file: '" + (folder / "t.csv").string() +
                                          "', decisions: [a], objective: v, direction: minimise, evaluation_time: 1 s}"),
                                 {});
  EXPECT_TRUE(std::isnan(p.seed_deviation_all));
  EXPECT_TRUE(p.tail.relative_steps);
  EXPECT_NEAR(p.tail.steps[4], 0.25 * 2.5, 1e-12);  // of the way from 1 to the median, 3.5
  EXPECT_EQ(p.tail.within[4], 1U);
  EXPECT_NE(format_portrait(p).find("sd over training seeds, all classes: -; median -"), std::string::npos);
}

// Four candidates of two functions, each with values one apart: sd sqrt(1 / 2).
class TwoFunctions final : public Problem {
 public:
  TwoFunctions() { traits_.objectives = {{"v", "", Direction::minimise}}; }
  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Outcome evaluate(const Evaluation& e, Random) const override {
    return {{true_value(e.configuration)}, {}};
  }
  [[nodiscard]] double true_value(const Configuration& c) const override { return 10.0 * c[0] + c[1]; }
  [[nodiscard]] std::optional<std::uint64_t> function_of(const Configuration& c) const override { return c.index(0); }

 private:
  ProblemTraits traits_;
  SearchSpace space_{{{"a", Categorical{{"0", "1"}}}, {"b", Categorical{{"0", "1"}}}}};
};

TEST(Portrait, EqualFunctionsHaveTheirSpread) {
  const Portrait p = portrait_of(TwoFunctions(), {});
  ASSERT_TRUE(p.tail.functions);
  EXPECT_EQ(p.tail.functions->count, 2U);
  EXPECT_EQ(p.tail.functions->with_several, 2U);
  EXPECT_NEAR(p.tail.functions->deviation, std::sqrt(0.5), 1e-12);
  EXPECT_TRUE(std::isnan(p.tail.functions->deviation_best_tenth));  // no function's mean is as good as the best
  EXPECT_NE(format_portrait(p).find("equal function (2 functions, 2 with several)"), std::string::npos);
}

// A sum over bits has one optimum, to which every ascent leads, and half of all edits improve at the median.
TEST(Portrait, AscentsOfASmoothLandscapeEndAtTheBest) {
  for (const char* entry : {"nk: {n: 12, k: 0}", "nk: {n: 30, k: 0}"}) {
    const Portrait p = portrait_of(*problem(entry), {.samples = 300});
    ASSERT_TRUE(p.tail.ascents);
    EXPECT_EQ(p.tail.ascents->at_best, 1.0) << entry;
    EXPECT_NEAR(p.tail.ascents->mean_regret, 0.0, 1e-12) << entry;
    EXPECT_NEAR(0.5 * (p.tail.improving[4] + p.tail.improving[5]), 0.5, 0.1) << entry;
  }
}

TEST(Portrait, SeveralStandSideBySide) {
  std::vector<Portrait> portraits;
  for (const char* entry : {"nk: {n: 8, k: 0}", "nk: {n: 8, k: 0, landscape: 1}"}) portraits.push_back(portrait_of(*problem(entry), {}));
  const std::string text = format_side_by_side(portraits, {false, 80});
  EXPECT_NE(text.find("ascents that end at the best"), std::string::npos) << text;
  EXPECT_TRUE(format_side_by_side({portraits.front()}).empty());
  portraits.push_back(portrait_of(*problem("cell_nas: {}"), {.samples = 50}));
  EXPECT_TRUE(format_side_by_side(portraits).empty());  // of other units
}

TEST(Portrait, FitsATerminalAndJsonHasAllOfIt) {
  const Portrait p = portrait_of(*problem("cell_nas: {}"), {.samples = 500});
  std::istringstream lines(format_portrait(p, {false, 80}));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(length_of(line), 80U) << line;
  const auto json = nlohmann::json::parse(portrait_json({p}));
  const auto& tail = json.at(0).at("tail");
  EXPECT_EQ(tail.at("unit"), "%");
  EXPECT_EQ(tail.at("best").size(), 10U);
  EXPECT_EQ(tail.at("improving").size(), tail.at("classes").size() - 1);
  EXPECT_EQ(tail.at("quantiles").size(), tail.at("quantile_shares").size());
  EXPECT_TRUE(tail.at("ascents").at("share_at_best").is_number());
}

TEST(Portrait, IsTheSameAgainAndOfMinimisedValuesToo) {
  const auto branin = problem("function: {function: branin, noise: 0.1}");
  const PortraitOptions options{.samples = 300, .seed = 4};
  EXPECT_EQ(portrait_json({portrait_of(*branin, options)}), portrait_json({portrait_of(*branin, options)}));
  const Portrait p = portrait_of(*branin, options);
  EXPECT_GT(p.quantiles.front(), p.quantiles.back());  // from the worst to the best
  EXPECT_NEAR(p.seed_deviation_all, 0.1, 0.01);
}

TEST(Program, DescribesAProblemAndAUsersTable) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv", "a,b,score\n0,0,1\n0,1,2\n1,0,3\n1,1,5\n");
  folder.write("e.yaml",
               "problems: [{tabular: {file: t.csv, decisions: [a, b], objective: [score], direction: maximise, evaluation_time: 1 min}}]\n"
               "strategies: random\nbudget: {evaluations: 1}\n");
  const auto table = testing::run_program("describe e.yaml --samples 200", folder.path());
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_NE(table.out.find("2 parameters, 4 configurations"), std::string::npos) << table.out;
  const auto json = testing::run_program("describe 'cell_nas: {task: imagenet16}' --samples 200 --json", folder.path());
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_EQ(nlohmann::json::parse(json.out).at(0).at("problem"), "cell_nas/imagenet16");
  const auto bad = testing::run_program("describe cell_nass", folder.path());
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.err.find("unknown problem 'cell_nass'. Did you mean cell_nas?"), std::string::npos) << bad.err;
  const auto cells = testing::run_program("describe cell_nas --samples 2000", folder.path());
  EXPECT_NE(cells.out.find("15,625 configurations; 2,000 sampled"), std::string::npos) << cells.out;
  EXPECT_EQ(cells.out.find("-0.00"), std::string::npos) << cells.out;
  EXPECT_EQ(testing::run_program("describe '}{' ", folder.path()).exit_code, 2);
}

}  // namespace
}  // namespace tonne
