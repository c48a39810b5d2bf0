#include "experiments/analysis/portrait.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <nlohmann/json.hpp>

#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> problem(const std::string& entry) {
  return parse_experiment("problems: [{" + entry + "}]\nstrategies: random\nbudget: {evaluations: 1}\n", "e.yaml", ".").problems.at(0).problem;
}

// The figures that cell_nas was made for (its own tests hold them over all cells); 5,000 draws of 15,625 leave about .01 of
// a correlation and .1 points of a quantile.
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
  EXPECT_NEAR(p.fidelities[2].all.spearman, 0.87, 0.03);  // after 14 epochs; published after 12
  EXPECT_GE(p.fidelities.back().all.spearman, p.fidelities.front().all.spearman);
  EXPECT_TRUE(p.failing.empty());
  // Of nearly normal pairs Kendall's tau is 2 / pi times the arcsine of the correlation.
  EXPECT_NEAR(p.ranks[0].all.kendall, 2.0 / std::numbers::pi * std::asin(p.ranks[0].all.spearman), 0.05);
  ASSERT_TRUE(p.optima);
  EXPECT_TRUE(p.optima->exhaustive);
  EXPECT_EQ(p.optima->examined, 15625U);
  EXPECT_EQ(p.optima->count, 18.0);  // NAS-Bench-201, CIFAR-10: 18
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
