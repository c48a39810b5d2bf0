#include "search/problems/networks/cell_nas.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "search/problems/networks/cell_nas_tasks.h"
#include "tests/support/correlation.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

Workload trained(const Problem& problem, const Cell& cell, double from, double to) {
  const Configuration configuration = to_configuration(cell);
  return problem.evaluate({configuration, from, to, 0}, Random(1)).workload;
}

double observed(const Problem& problem, const Cell& cell, double epochs, std::uint64_t seed) {
  const Configuration configuration = to_configuration(cell);
  return problem.evaluate({configuration, 0.0, epochs, 0}, Random(seed)).objectives.front();
}

/// The same cell space without seed noise: true_value at fewer epochs.
double after(const Cell& cell, std::int64_t epochs) {
  CellNasSettings settings;
  settings.epochs = epochs;
  return make_cell_nas(settings)->true_value(to_configuration(cell));
}

std::shared_ptr<const Problem> made(const std::string& settings) {
  return testing::problem_recipe("cell_nas", settings)->make();
}

TEST(CellNas, SpaceHasAllCells) {
  const auto problem = make_cell_nas({});
  EXPECT_EQ(problem->space().cardinality(), 15'625.0);
  EXPECT_EQ(problem->space()[2].name, "edge_1_2");
  EXPECT_EQ(problem->traits().name, "cell_nas/cifar10");
  EXPECT_EQ(problem->traits().fidelity.highest, 200.0);
  for (std::size_t i = 0; i < kCells; i += 97)
    EXPECT_TRUE(problem->space().contains(to_configuration(cell_at(i)))) << i;
}

TEST(CellNas, OptimumIsThePublishedOne) {
  for (const auto& [task, best] :
       {std::pair{CellTask::cifar10, 94.37}, {CellTask::cifar100, 73.51}, {CellTask::imagenet16, 47.31}}) {
    CellNasSettings settings;
    settings.task = task;
    EXPECT_NEAR(*make_cell_nas(settings)->optimum(), best, 1e-12);
  }
}

TEST(CellNas, DefaultIsTheResidualCell) {
  const auto problem = make_cell_nas({});
  const Configuration configuration = problem->default_configuration();
  EXPECT_EQ(
      problem->space().describe(configuration),
      "edge_0_1=nor_conv_3x3, edge_0_2=none, edge_1_2=nor_conv_3x3, edge_0_3=skip_connect, edge_1_3=none, "
      "edge_2_3=skip_connect");
  EXPECT_GT(problem->true_value(configuration), 93.3);  // among the best 5 %
}

// 4,930 functions, counted by hand-written expressions in a script too; 341 cells have none.
TEST(CellNas, CellsOfEqualFunctionShareTheirValue) {
  const auto problem = make_cell_nas({});
  std::map<std::uint64_t, std::vector<double>> values;
  for (std::size_t i = 0; i < kCells; ++i) {
    const Configuration cell = to_configuration(cell_at(i));
    values[*problem->function_of(cell)].push_back(problem->true_value(cell));
  }
  EXPECT_EQ(values.size(), 4'930U);
  EXPECT_EQ(values[0].size(), 341U);
  std::vector<double> deviations;
  for (const auto& [function, own] : values)
    if (function != 0 && own.size() > 1) {
      double squares = 0.0;
      const double m = testing::mean(own);
      for (const double value : own) squares += (value - m) * (value - m);
      deviations.push_back(std::sqrt(squares / static_cast<double>(own.size() - 1)));
    }
  std::sort(deviations.begin(), deviations.end());
  EXPECT_NEAR(deviations[deviations.size() / 2], 0.16, 0.04);
}

TEST(CellNas, RepeatsReturnTheSeedsOfTheTable) {
  const auto problem = make_cell_nas({});
  CellNasSettings without_gap;
  without_gap.validation_gap = 0.0;
  const auto plain = make_cell_nas(without_gap);
  const auto unlimited = made("{training_seeds: unlimited}");
  for (const std::size_t i : {1'234U, 7'777U, 15'000U}) {
    const Configuration cell = to_configuration(cell_at(i));
    std::set<double> seen;
    std::set<double> fresh;
    double sum = 0.0;
    for (std::uint32_t repeat = 0; repeat < 6; ++repeat) {
      seen.insert(problem->evaluate({cell, 0.0, 200.0, repeat, 17}, Random(repeat)).objectives.front());
      fresh.insert(unlimited->evaluate({cell, 0.0, 200.0, repeat, 17}, Random(repeat)).objectives.front());
      sum += plain->evaluate({cell, 0.0, 200.0, repeat, 17}, Random(repeat)).objectives.front();
    }
    const bool connected = live_edges(cell_at(i)) != 0;
    EXPECT_EQ(seen.size(), connected ? 3U : 1U);
    EXPECT_EQ(fresh.size(), connected ? 6U : 1U);
    EXPECT_NEAR(sum / 6.0, plain->true_value(cell),
                1e-9);  // the true value is the mean of the table's trainings
  }
}

TEST(CellNas, TransnasHasItsTasksAndItsCells) {
  for (std::size_t task = 0; task < kTransnasTasks; ++task) {
    const std::string name(kTransnasTaskNames[task]);
    const auto problem = made("{family: transnas, task: " + name + "}");
    EXPECT_EQ(problem->space().cardinality(), 4'096.0);
    EXPECT_EQ(problem->traits().name, "cell_nas/" + name);
    const TransnasTaskFacts& facts = transnas_facts(static_cast<TransnasTask>(task));
    EXPECT_EQ(problem->traits().fidelity.highest, static_cast<double>(facts.epochs));
    EXPECT_EQ(cell_nas::landscape_of(static_cast<TransnasTask>(task)).full_epochs,
              problem->traits().fidelity.highest);
    const Cell cell = transnas_cell_at(4'095);  // 3x3 on every edge
    const Workload work = trained(*problem, cell, 0.0, 1.0);
    const TransnasWork counted = TransnasCounter(static_cast<TransnasTask>(task), facts.training_side)
                                     .count(cell, EdgeCount::all_edges);
    EXPECT_EQ(work.flops.base(),
              2.0 * static_cast<double>(counted.training_multiply_accumulates()) * 80'000.0);
    EXPECT_EQ(work.steps, 625.0);
    EXPECT_EQ(work.kind, WorkKind::convolution);
    // One training of each cell exists, and it is the true value.
    EXPECT_EQ(observed(*problem, cell, problem->traits().fidelity.highest, 1),
              problem->true_value(to_configuration(cell)));
  }
}

TEST(CellNas, DisconnectedCellsStayAtChance) {
  const auto problem = make_cell_nas({});
  for (const double epochs : {1.0, 12.0, 200.0}) EXPECT_EQ(observed(*problem, cell_at(0), epochs, 3), 10.0);
}

TEST(CellNas, TheSameStreamGivesTheSameAnswer) {
  const auto first = make_cell_nas({});
  const auto second = make_cell_nas({});
  for (std::size_t i = 0; i < kCells; i += 101) {
    EXPECT_EQ(observed(*first, cell_at(i), 200.0, i), observed(*second, cell_at(i), 200.0, i));
    EXPECT_EQ(first->true_value(to_configuration(cell_at(i))),
              second->true_value(to_configuration(cell_at(i))));
  }
}

// Pinned: a change here changes every result on this problem.
TEST(CellNas, LandscapeIsPinned) {
  const auto problem = make_cell_nas({});
  EXPECT_NEAR(problem->true_value(to_configuration(cell_at(1234))), 67.7683558152, 1e-9);
  EXPECT_NEAR(observed(*problem, cell_at(1234), 12.0, 5), 52.193618021733, 1e-9);
  EXPECT_NEAR(problem->true_value(to_configuration(cell_at(7777))), 89.285525038589, 1e-9);
  EXPECT_NEAR(observed(*problem, cell_at(7777), 12.0, 5), 82.413716056373, 1e-9);
  EXPECT_NEAR(problem->true_value(to_configuration(cell_at(15000))), 10, 1e-9);
  EXPECT_NEAR(observed(*problem, cell_at(15000), 12.0, 5), 10, 1e-9);
}

TEST(CellNas, LandscapeSeedMovesCellsAndKeepsQuantiles) {
  CellNasSettings other;
  other.landscape = 1;
  const auto a = make_cell_nas({});
  const auto b = make_cell_nas(other);
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < kCells; ++i) {
    x.push_back(a->true_value(to_configuration(cell_at(i))));
    y.push_back(b->true_value(to_configuration(cell_at(i))));
  }
  EXPECT_NE(x, y);
  std::sort(x.begin(), x.end());
  std::sort(y.begin(), y.end());
  EXPECT_EQ(x, y);
}

TEST(CellNas, CurvesRiseFromChanceToTheAsymptote) {
  for (const std::size_t i : {1'000U, 4'321U, 9'999U, 15'624U}) {
    const Cell cell = cell_at(i);
    double last = 10.0;
    for (const std::int64_t epochs : {1, 2, 5, 12, 50, 100, 199, 200}) {
      const double accuracy = after(cell, epochs);
      EXPECT_GT(accuracy, last) << i << " " << epochs;
      last = accuracy;
    }
  }
}

TEST(CellNas, CurvesCross) {
  CellNasSettings early;
  early.epochs = 12;
  const auto short_training = make_cell_nas(early);
  const auto full_training = make_cell_nas({});
  int crossings = 0;
  int pairs = 0;
  for (std::size_t i = 3; i + 50 < kCells; i += 100) {
    const Configuration a = to_configuration(cell_at(i));
    const Configuration b = to_configuration(cell_at(i + 50));
    const double before = short_training->true_value(a) - short_training->true_value(b);
    const double end = full_training->true_value(a) - full_training->true_value(b);
    ++pairs;
    if (before * end < 0.0) ++crossings;
  }
  EXPECT_GT(crossings, pairs / 20);
  EXPECT_LT(crossings, pairs / 3);
}

TEST(CellNas, WorkloadFollowsFromTheNetwork) {
  const auto problem = make_cell_nas({});
  const Cell cell = {CellOperation::nor_conv_3x3, CellOperation::nor_conv_3x3, CellOperation::nor_conv_3x3,
                     CellOperation::nor_conv_3x3, CellOperation::nor_conv_3x3, CellOperation::nor_conv_3x3};
  const Workload work = trained(*problem, cell, 0.0, 200.0);
  EXPECT_EQ(work.flops.base(), 6.0 * 222'860'992.0 * 50'000.0 * 200.0);
  EXPECT_EQ(work.samples, 1e7);
  EXPECT_EQ(work.steps, 196.0 * 200.0);
  EXPECT_EQ(work.parameters, 1'531'546.0);
  // 256 images' activations and three numbers per weight.
  const NetworkCounter counter(network_shape(CellTask::cifar10));
  const auto activations = static_cast<double>(counter.count(cell, EdgeCount::all_edges).activations);
  EXPECT_EQ(work.memory.base(), 4.0 * (3.0 * 1'531'546.0 + 256.0 * activations));
  EXPECT_EQ(work.precision, Precision::fp32);
}

TEST(CellNas, LiveEdgesCostLess) {
  CellNasSettings live;
  live.count = EdgeCount::live_edges;
  const Cell dead = {CellOperation::nor_conv_3x3, CellOperation::none, CellOperation::none,
                     CellOperation::skip_connect, CellOperation::none, CellOperation::nor_conv_3x3};
  EXPECT_LT(trained(*make_cell_nas(live), dead, 0.0, 1.0).flops,
            0.2 * trained(*make_cell_nas({}), dead, 0.0, 1.0).flops);
}

TEST(CellNas, BatchSetsStepsAndMemory) {
  CellNasSettings small;
  small.batch = 32;
  const Workload a = trained(*make_cell_nas(small), cell_at(9'000), 0.0, 1.0);
  const Workload b = trained(*make_cell_nas({}), cell_at(9'000), 0.0, 1.0);
  EXPECT_EQ(a.steps, 1'563.0);
  EXPECT_LT(a.memory, b.memory);
  EXPECT_EQ(a.flops, b.flops);
}

RC_GTEST_PROP(CellNas, WorkloadOfResumedTrainingAddsUp, ()) {
  static const auto problem = make_cell_nas({});
  const Cell cell = cell_at(*rc::gen::inRange<std::size_t>(0, kCells));
  const int middle = *rc::gen::inRange(1, 199);
  const int end = *rc::gen::inRange(middle + 1, 201);
  const Workload first = trained(*problem, cell, 0.0, middle);
  const Workload second = trained(*problem, cell, middle, end);
  const Workload whole = trained(*problem, cell, 0.0, end);
  const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-14 * b; };
  RC_ASSERT(first.samples + second.samples == whole.samples);
  RC_ASSERT(first.steps + second.steps == whole.steps);
  RC_ASSERT(close((first.flops + second.flops).base(), whole.flops.base()));
  RC_ASSERT(close((first.traffic + second.traffic).base(), whole.traffic.base()));
  RC_ASSERT(first.memory == whole.memory);
}

// Mean of the share over cells is the setting; 15,625 draws, so 5 sd of a Bernoulli mean: false alarm below
// 1e-6.
TEST(CellNas, DivergedTrainingsUsePartOfTheWork) {
  CellNasSettings settings;
  settings.divergence = 0.2;
  const auto problem = make_cell_nas(settings);
  const auto steady = make_cell_nas({});
  double failures = 0.0;
  for (std::size_t i = 0; i < kCells; ++i) {
    const Configuration configuration = to_configuration(cell_at(i));
    const Outcome outcome = problem->evaluate({configuration, 0.0, 200.0, 0}, Random(i));
    if (!outcome.failure) {
      EXPECT_EQ(outcome.objectives.front(), observed(*steady, cell_at(i), 200.0, i));
      continue;
    }
    failures += 1.0;
    EXPECT_EQ(*outcome.failure, Failure::diverged);
    EXPECT_TRUE(outcome.objectives.empty());
    EXPECT_LT(outcome.workload.flops, trained(*steady, cell_at(i), 0.0, 200.0).flops);
  }
  const double cells = static_cast<double>(kCells);
  EXPECT_NEAR(failures / cells, 0.2, 5.0 * std::sqrt(0.2 * 0.8 / cells));
}

// Over all cells, whatever the setting; the best cell's share is the least.
TEST(CellNas, TheMeanShareOfDivergedTrainingsIsTheSetting) {
  for (const double divergence : {0.05, 0.5, 0.6, 0.75, 0.9, 1.0}) {
    const auto entries =
        cell_nas::make_entries(cell_nas::landscape_of(CellTask::cifar10), {.divergence = divergence});
    double sum = 0.0;
    double least = 1.0;
    for (const cell_nas::Entry& entry : entries) {
      EXPECT_GE(entry.divergence, 0.0);
      EXPECT_LE(entry.divergence, 1.0);
      sum += entry.divergence;
      least = std::min(least, entry.divergence);
    }
    EXPECT_NEAR(sum / static_cast<double>(kCells), divergence, 1e-3) << divergence;
    const auto best = std::ranges::max_element(entries, {}, &cell_nas::Entry::asymptote);
    EXPECT_EQ(best->divergence, least) << divergence;
    EXPECT_NEAR(least, std::max(0.0, 2.0 * divergence - 1.0), 1e-3) << divergence;
  }
}

// Of the poorer half, the gap's sd is the setting; of the best it is smaller in proportion.
TEST(CellNas, ValidationGapIsConstantPerCellAndLeavesTheTruth) {
  const auto shifted = made("{validation_gap: 0.5}");
  const auto plain = made("{validation_gap: 0}");
  std::vector<double> truth;
  for (std::size_t i = 0; i < kCells; ++i) truth.push_back(plain->true_value(to_configuration(cell_at(i))));
  std::vector<double> sorted = truth;
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[sorted.size() / 2];
  double squares = 0.0;
  double count = 0.0;
  for (std::size_t i = 0; i < kCells; i += 3) {
    const Configuration cell = to_configuration(cell_at(i));
    const double shift = observed(*shifted, cell_at(i), 200.0, 1) - observed(*plain, cell_at(i), 200.0, 1);
    EXPECT_NEAR(observed(*shifted, cell_at(i), 200.0, 2) - observed(*plain, cell_at(i), 200.0, 2), shift,
                1e-9);
    EXPECT_EQ(shifted->true_value(cell), truth[i]);
    if (live_edges(cell_at(i)) == 0 || truth[i] > median) continue;
    squares += shift * shift;
    count += 1.0;
  }
  EXPECT_NEAR(std::sqrt(squares / count), 0.5, 5.0 * 0.5 / std::sqrt(2.0 * count));
}

}  // namespace
}  // namespace tonne
