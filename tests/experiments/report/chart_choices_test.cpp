// What charts show and what their files are called.

#include "experiments/report/chart_choices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace tonne {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Board named(const std::string& problem, const std::string& scenario = "") {
  Board board;
  board.traits.label = problem;
  board.place.label = scenario;
  return board;
}

TEST(ChartNames, AreSafeAndDiffer) {
  std::vector<Board> boards;
  for (const char* label : {"cell_nas/cifar10", "cell_nas-cifar10", "Cell_NAS/cifar10", "../../etc/passwd", "<img src=x>", "", "größe", "across"})
    boards.push_back(named(label));
  boards.push_back(named("nk", "workers=4, grid=FR"));
  EXPECT_THAT(chart_names(boards), ElementsAre("cell_nas-cifar10", "cell_nas-cifar10-2", "Cell_NAS-cifar10-3", "etc-passwd", "img-src-x",
                                               "board", "gr-e", "across-2", "nk-workers-4-grid-FR"));
}

CurveTable rising(std::size_t begins) {
  CurveTable table;
  MeanCurve curve;
  for (std::size_t c = 0; c <= 60; ++c) {
    table.costs.push_back(0.01 * std::pow(10.0, static_cast<double>(c) / 20.0));  // to 10
    curve.mean.push_back(c < begins ? std::nullopt : std::optional(std::min(90.0, 30.0 + static_cast<double>(c))));
  }
  curve.low = curve.high = curve.mean;
  table.strategies = {curve};
  return table;
}

TEST(AnytimeWindow, BeginsWhereCurvesComeIntoSightAndIsNotFlattened) {
  const AnytimeWindow window = anytime_window(rising(0), 85.0);
  EXPECT_NEAR(window.low, 70.0 - 0.12 * 20.0, 1e-9);  // the value at a tenth of the cost is 70
  EXPECT_NEAR(window.high, 90.0 + 0.12 * 20.0, 1e-9);
  EXPECT_TRUE(window.shows_default);
  EXPECT_GT(window.from, 0.5);
  EXPECT_LE(window.from, 1.0 + 1e-9);  // at least the last decade
  EXPECT_FALSE(anytime_window(rising(0), -500.0).shows_default);
  EXPECT_NEAR(anytime_window(rising(0), -500.0).low, window.low, 1e-9);
  // One that begins late does not hide the last decade.
  EXPECT_LE(anytime_window(rising(55), 85.0).from, 1.0 + 1e-9);
}

BoardStrategy spending(double evaluations, double kilograms, double hours) {
  BoardStrategy strategy;
  BoardSearch search;
  search.evaluations = evaluations;
  search.kilograms = kilograms;
  search.kilowatt_hours = 2.0 * kilograms;
  search.hours = hours;
  strategy.searches = {search};
  return strategy;
}

TEST(CostsThatDiffer, LeaveOutTheBudgetAndWhatIsProportionalToIt) {
  Board board;
  board.place.settings = R"({"settings":{"budget":{"co2e":20.0}}})";
  board.strategies = {spending(100.0, 19.0, 10.0), spending(200.0, 20.0, 12.0)};
  EXPECT_THAT(costs_that_differ(board), ElementsAre(CostAxis::evaluations, CostAxis::hours));
  // A budget that some do not reach is a cost like any other.
  board.strategies = {spending(100.0, 5.0, 10.0), spending(100.0, 20.0, 10.0)};
  EXPECT_THAT(costs_that_differ(board), ElementsAre(CostAxis::carbon, CostAxis::energy));
  board.place.settings = R"({"settings":{"budget":{"evaluations":100}}})";
  EXPECT_THAT(costs_that_differ(board), ElementsAre(CostAxis::carbon, CostAxis::energy));
  board.strategies = {spending(100.0, 20.0, 10.0), spending(100.0, 20.0, 10.0)};
  EXPECT_THAT(costs_that_differ(board), IsEmpty());
  board.place.settings = "";  // of a store that does not say
  EXPECT_THAT(costs_that_differ(board), IsEmpty());
}

}  // namespace
}  // namespace tonne
