// What a configuration is judged by, how many trainings it has, and the traffic of a training.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/search/problems/tabular/tabular_fixture.h"

namespace tonne {
namespace {

using TabularJudged = testing::TabularFixture;
using testing::configuration_of;

const std::string kHead = "file: t.csv\ndecisions: [x]\nobjective: [v0, v1]\ndirection: maximise\n";
const std::string kTime = "evaluation_time: 1 s\n";

TEST_F(TabularJudged, ByAColumnThatTheSearchDoesNotSee) {
  write("x,v0,v1,t0,t1\n0,.8,.9,.7,.72\n1,.9,.95,.6,\n2,.5,.5,.75,.77\n");
  const auto problem = make(kHead + kTime + "true_value: [t0, t1]\nscale: 100\nunit: '%'\n");
  EXPECT_NEAR(problem->true_value(configuration_of({0})), 71.0, 1e-12);
  EXPECT_NEAR(problem->true_value(configuration_of({1})), 60.0, 1e-12);  // one of its two is empty
  EXPECT_NEAR(*problem->optimum(), 76.0, 1e-12);                         // of test values, not .95
  const Configuration one = configuration_of({0});
  const double seen = problem->evaluate({one}, Random(1)).objectives.front();
  EXPECT_TRUE(seen == 80.0 || seen == 90.0) << seen;
  EXPECT_EQ(problem->default_configuration(), one);  // the median of 60, 71, 76
}

TEST_F(TabularJudged, AtTheHighestFidelityAlone) {
  write("x,f,a,t\n0,1,.5,.9\n0,9,.6,.7\n1,1,.5,\n1,9,.8,.65\n");
  const auto rows = make(
      "file: t.csv\ndecisions: [x]\nobjective: a\ndirection: maximise\nfidelity: f\ntrue_value: t\n" + kTime);
  EXPECT_EQ(rows->true_value(configuration_of({0})), .7);
  EXPECT_EQ(*rows->optimum(), .7);
  write("x,a1,a9,t1,t9\n0,.5,.6,.9,.7\n1,.5,.8,.9,.65\n");
  const auto columns = make(
      "file: t.csv\ndecisions: [x]\nobjective: 'a{fidelity}'\ndirection: maximise\nfidelities: [1, 9]\n"
      "true_value: 't{fidelity}'\n" +
      kTime);
  EXPECT_EQ(*columns->optimum(), .7);
}

TEST_F(TabularJudged, WhatFailsIsTheWorstAndNeedsNoValue) {
  write("x,v0,v1,t\n0,.8,.9,.7\n1,,,\n2,.5,.5,.2\n");
  const auto problem = make(kHead + kTime + "true_value: t\n");
  EXPECT_EQ(problem->true_value(configuration_of({1})), .2);
}

TEST_F(TabularJudged, WhatCannotBeIsRefused) {
  write("x,v0,v1,t\n0,.8,.9,.7\n1,.9,.9,\n");
  EXPECT_EQ(error_of(kHead + kTime + "true_value: t\n"),
            "t.csv:3: column 't': is empty where the evaluation succeeded: true_value needs the value that it is judged by");
  EXPECT_NE(error_of(kHead + kTime + "true_value: tt\n").find("has no column 'tt' (true_value). Did you mean t?"),
            std::string::npos);
  EXPECT_NE(error_of(kHead + kTime + "true_value: v1\n").find("true_value: column 'v1' is already used by objective"),
            std::string::npos)
      << error_of(kHead + kTime + "true_value: v1\n");
  write("x,s,v,t,u\n0,1,.8,.9,1\n1,1,.9,.9,1\n");
  EXPECT_NE(error_of("file: t.csv\ndecisions: [x]\nobjective: v\nseed: s\ndirection: maximise\ntrue_value: [t, u]\n" + kTime)
                .find("several columns already stand for seeds"),
            std::string::npos);
  write("x,v0,v1,t\n0,.8,.9,much\n");
  EXPECT_TRUE(error_of(kHead + kTime + "true_value: t\n").starts_with("t.csv:2: column 't': "))
      << error_of(kHead + kTime + "true_value: t\n");
}

TEST_F(TabularJudged, AForestJudgesWhatHasNoRow) {
  std::string rows = "x,y,v,t\n";
  for (int x = 0; x < 8; ++x)
    for (int y = 0; y < 8; ++y)
      if (x != y) rows += fmt::format("{},{},{},{}\n", x, y, x + y, 100 - x);
  write(rows);
  const auto problem = make(
      "file: t.csv\ndecisions: [x, y]\nobjective: v\ndirection: maximise\nsurrogate: random_forest\ntrue_value: t\n" + kTime);
  EXPECT_NEAR(problem->true_value(configuration_of({7, 7})), 93.0, 3.0);  // means of rows nearby
  EXPECT_NEAR(problem->true_value(configuration_of({0, 0})), 100.0, 3.0);
  EXPECT_NE(problem->traits().notes.at(1).find("true value: root mean square error"), std::string::npos);
  EXPECT_FALSE(problem->training_seeds(configuration_of({7, 7})));
}

// Repeats 0 .. n - 1 of any run are the n trainings that a configuration has, seeds without a value or not.
TEST_F(TabularJudged, RepeatsGoThroughItsSeeds) {
  write("x,v0,v1,v2\n0,1,2,3\n1,4,,6\n2,,,\n");
  const auto problem =
      make("file: t.csv\ndecisions: [x]\nobjective: [v0, v1, v2]\ndirection: maximise\n" + kTime);
  EXPECT_EQ(problem->training_seeds(configuration_of({0})), 3U);
  EXPECT_EQ(problem->training_seeds(configuration_of({1})), 2U);
  EXPECT_EQ(problem->training_seeds(configuration_of({2})), 0U);
  for (std::uint64_t run = 0; run < 6; ++run) {
    std::set<double> seen;
    const Configuration two = configuration_of({1});
    for (std::uint32_t repeat = 0; repeat < 2; ++repeat)
      seen.insert(problem->evaluate({two, 0.0, 1.0, repeat, run}, Random(1)).objectives.front());
    EXPECT_EQ(seen, (std::set<double>{4.0, 6.0})) << run;
  }
}

double traffic(const Problem& problem, double from, double to) {
  const Configuration one = configuration_of({0});
  return problem.evaluate({one, from, to}, Random(1)).workload.traffic.base();
}

TEST_F(TabularJudged, TrafficIsAColumnOrFollowsTheFlops) {
  write("x,v,mb,gf\n0,.8,500,4\n1,.9,700,\n");
  const std::string head = "file: t.csv\ndecisions: [x]\nobjective: v\ndirection: maximise\n";
  EXPECT_EQ(traffic(*make(head + kTime + "traffic: mb\ntraffic_unit: 1 MB\n"), 0, 1), 500e6);
  // A forward pass of one sample: three of these a sample and epoch.
  const std::string sample = head + "traffic: mb\ntraffic_unit: 1 kB\ntraffic_per: sample\nsamples: 10\nepochs: 2\n" + kTime;
  EXPECT_EQ(traffic(*make(sample), 0, 1), 3.0 * 500e3 * 20.0);
  const std::string flops = head + "flops: gf\nflops_unit: 1 GFLOP\nevaluation_flops: 7 GFLOP\n";
  const auto by_flops = make(flops + "traffic_per_flop: 0.5\nkind: narrow_convolution\n");
  EXPECT_EQ(traffic(*by_flops, 0, 1), 2e9);
  const Configuration two = configuration_of({1});
  const Workload work = by_flops->evaluate({two}, Random(1)).workload;
  EXPECT_EQ(work.traffic.base(), 3.5e9);  // of the FLOPs of every evaluation
  EXPECT_EQ(work.kind, WorkKind::narrow_convolution);
  EXPECT_EQ(traffic(*make(flops + "evaluation_traffic: 3 MB\n"), 0, 1), 3e6);
  EXPECT_EQ(traffic(*make(flops), 0, 1), 0.0);
}

TEST_F(TabularJudged, TrafficAtFidelitiesIsATotal) {
  write("x,a1,a9,m1,m9\n0,.5,.6,10,100\n");
  const std::string head =
      "file: t.csv\ndecisions: [x]\nobjective: 'a{fidelity}'\ndirection: maximise\nfidelities: [1, 9]\n" + kTime;
  EXPECT_EQ(traffic(*make(head + "traffic: 'm{fidelity}'\n"), 1, 9), 90.0);
  EXPECT_EQ(traffic(*make(head + "traffic: 'm{fidelity}'\ntraffic_is: increment\n"), 0, 9), 110.0);
  EXPECT_EQ(traffic(*make(head + "traffic: m9\ntraffic_per: sample\nsamples: 2\n"), 1, 9), 3.0 * 100.0 * 2.0 * 8.0);
  EXPECT_NE(error_of(head + "traffic: m9\ntraffic_is: increment\n").find("traffic_is: increment needs a column"),
            std::string::npos);
  EXPECT_NE(error_of(head + "traffic_per_flop: 1\n").find("traffic_per_flop: needs FLOPs"), std::string::npos);
}

}  // namespace
}  // namespace tonne
