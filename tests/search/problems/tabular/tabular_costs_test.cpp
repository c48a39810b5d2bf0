// Costs at several fidelities: totals from scratch, or increments that add up to them.

#include <gtest/gtest.h>

#include <string>

#include "tests/search/problems/tabular/tabular_fixture.h"

namespace tonne {
namespace {

using TabularCosts = testing::TabularFixture;
using testing::configuration_of;

const std::string kColumns =
    "file: t.csv\ndecisions: [x]\nobjective: 'a{fidelity}'\ndirection: maximise\nfidelities: [1, 3, 9]\n";
const std::string kRows = "file: t.csv\ndecisions: [x]\nobjective: a\ndirection: maximise\nfidelity: f\n";

double seconds(const Problem& problem, double from, double to) {
  const Configuration one = configuration_of({0});
  return *problem.evaluate({one, from, to, 0}, Random(1)).workload.measured_time / second;
}

// Of a total that falls, a resumed training would pay nothing.
TEST_F(TabularCosts, ATotalThatFallsIsRefused) {
  write("x,a1,a3,a9,s1,s3,s9\n1,.1,.2,.3,100,300,900\n2,.1,.2,.3,100,300,90\n");
  EXPECT_EQ(
      error_of(kColumns + "time: 's{fidelity}'\n"),
      "t.csv:3: column 's9': is 90, less than the 300 at fidelity 3: time at a fidelity is the total from "
      "scratch; where a table has it for each step from the fidelity below, set time_is: increment");
  EXPECT_EQ(error_of(kColumns + "energy: 's{fidelity}'\n").substr(0, 63),
            "t.csv:3: column 's9': is 90, less than the 300 at fidelity 3: en");
  EXPECT_EQ(error_of(kColumns + "flops: 's{fidelity}'\n").substr(0, 23), "t.csv:3: column 's9': i");
  // The FLOPs of a sample are no total, and may be equal or fall.
  EXPECT_EQ(error_of(kColumns + "flops: 's{fidelity}'\nflops_per: sample\n"), "no error");
}

TEST_F(TabularCosts, ATotalThatFallsIsRefusedInRows) {
  write("x,f,a,s\n1,9,.3,90\n1,1,.1,100\n2,1,.1,1\n");
  EXPECT_EQ(error_of(kRows + "time: s\n").substr(0, 62),
            "t.csv:2: column 's': is 90, less than the 100 at fidelity 1: t");
  // By training seed: another seed's may be less.
  write("x,f,a,s,seed\n1,1,.1,100,0\n1,1,.1,50,1\n1,9,.3,200,0\n1,9,.3,90,1\n");
  EXPECT_EQ(error_of(kRows + "time: s\nseed: seed\n"), "no error");
  write("x,f,a,s,seed\n1,1,.1,100,0\n1,1,.1,50,1\n1,9,.3,200,0\n1,9,.3,40,1\n");
  EXPECT_EQ(error_of(kRows + "time: s\nseed: seed\n").substr(0, 61),
            "t.csv:5: column 's': is 40, less than the 50 at fidelity 1: t");
}

TEST_F(TabularCosts, EqualTotalsAndFailedTrainingsPass) {
  write("x,a1,a3,a9,s1,s3,s9\n1,.1,.2,.3,100,100,900\n2,.1,.2,,100,300,90\n");
  EXPECT_EQ(error_of(kColumns + "time: 's{fidelity}'\n"), "no error");
}

TEST_F(TabularCosts, IncrementsAddUp) {
  write("x,a1,a3,a9,s1,s3,s9\n1,.1,.2,.3,100,90,80\n2,.1,.2,,100,90,\n");
  const auto by_columns = make(kColumns + "time: 's{fidelity}'\ntime_is: increment\n");
  EXPECT_DOUBLE_EQ(seconds(*by_columns, 0.0, 1.0), 100.0);
  EXPECT_DOUBLE_EQ(seconds(*by_columns, 0.0, 9.0), 270.0);
  EXPECT_DOUBLE_EQ(seconds(*by_columns, 1.0, 9.0), 170.0);
  EXPECT_DOUBLE_EQ(seconds(*by_columns, 3.0, 9.0), 80.0);
  write("x,f,a,s\n1,9,.3,80\n1,1,.1,100\n1,3,.2,90\n");
  const auto by_rows = make(kRows + "time: s\ntime_unit: 1 min\ntime_is: increment\nenergy: s\n");
  EXPECT_DOUBLE_EQ(seconds(*by_rows, 1.0, 9.0), 60.0 * 170.0);
}

TEST_F(TabularCosts, IncrementsMustBeThere) {
  write("x,f,a,s\n1,9,.3,80\n1,1,.1,100\n2,1,.1,1\n2,3,.2,1\n");
  EXPECT_EQ(error_of(kRows + "time: s\ntime_is: increment\n"),
            "t.csv:2: column 's': needs the time from scratch to fidelity 9, and there is none at fidelity "
            "3, whose "
            "increment is part of it (time_is: increment)");
  EXPECT_EQ(
      error_of(
          "file: t.csv\ndecisions: [x, f]\nobjective: a\ndirection: maximise\ntime: s\ntime_is: increment\n"),
      "e.yaml:6:10: tabular.time_is: increment needs a column that differs by fidelity: give fidelity, or "
      "{fidelity} in the column's name");
  EXPECT_EQ(error_of(kRows + "flops: s\nflops_per: sample\nflops_is: increment\n"),
            "e.yaml:8:11: tabular.flops_is: increment contradicts flops_per: sample, which counts the "
            "samples of a step "
            "itself");
}

}  // namespace
}  // namespace tonne
