#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <vector>

#include "tests/support/portrait.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

constexpr double kPeakMilliseconds = 2.0 * 4096.0 * 4096.0 * 4096.0 / 35.58e9;

std::shared_ptr<const Problem> schedule(const std::string& settings) {
  return testing::problem_recipe("compiler_schedule", settings)->make();
}

const testing::Portrait& preset() {
  static const testing::Portrait portrait(*schedule("{kernel: gemm}"));
  return portrait;
}

// CLBlast's constraints leave as many as the table has rows.
TEST(CompilerScheduleGemm, HasTheTablesValidSettings) {
  const auto problem = schedule("{kernel: gemm}");
  EXPECT_EQ(problem->space().cardinality(), 82'944.0);
  EXPECT_EQ(preset().valid(), 17'956U);
  EXPECT_DOUBLE_EQ(problem->optimum().value(), preset().quantile(0.0));
}

// The portrait of the table (docs/problems.md), so that it holds where the table is not.
TEST(CompilerScheduleGemm, PortraitIsThatOfTheTable) {
  const testing::Portrait& p = preset();
  constexpr std::array<double, 8> kAt = {.001, .01, .05, .25, .50, .75, .90, .99};
  constexpr std::array<double, 8> kTable = {6.25, 6.92, 7.98, 11.08, 14.58, 21.77, 35.84, 71.33};
  for (std::size_t i = 0; i < kAt.size(); ++i) EXPECT_NEAR(p.quantile(kAt[i]) / kTable[i], 1.0, .1) << kAt[i];
  constexpr std::array<std::pair<std::size_t, double>, 10> kImportance = {{{0, .083},
                                                                           {1, .248},
                                                                           {3, .005},
                                                                           {4, .063},
                                                                           {5, .000},
                                                                           {6, .001},
                                                                           {8, .077},
                                                                           {9, .199},
                                                                           {12, .0},
                                                                           {13, .002}}};
  for (const auto& [i, share] : kImportance) EXPECT_NEAR(p.importance(i), share, .03) << i;
  EXPECT_NEAR(p.interaction(0, 3), .129, .05);  // tile and threads along m: the work of a thread
  EXPECT_NEAR(p.interaction(1, 4), .109, .03);
  EXPECT_NEAR(p.neighbour_correlation(), .715, .05);
  EXPECT_NEAR(p.improving(.001, .01), .17, .05);
  EXPECT_NEAR(p.improving(.05, .25), .35, .04);
  EXPECT_GT(p.local_optima(), 20U);  // the table: 53
  EXPECT_LT(p.local_optima(), 106U);
}

// By rank, whatever the landscape: the ten best one by one.
TEST(CompilerScheduleGemm, TheBestAreThoseOfTheTable) {
  constexpr std::array<double, 10> table = {5.658, 5.733, 5.760, 5.824, 5.935,
                                            5.936, 5.980, 5.982, 6.000, 6.021};
  const testing::Portrait other(*schedule("{kernel: gemm, landscape: 3}"));
  for (const testing::Portrait* p : {&preset(), &other}) {
    for (std::size_t k = 0; k < table.size(); ++k)
      EXPECT_NEAR(p->quantile((static_cast<double>(k) + .5) / 17'955.0), table[k], .001) << k;
    EXPECT_NEAR(p->quantile(1.0), 96.34, .01);
  }
}

// The table has one measurement of a schedule, the mean of 32 runs that differ by .17 %.
TEST(CompilerScheduleGemm, MeasuringAgainReturnsTheSame) {
  const auto table = schedule("{kernel: gemm}");
  const auto device = schedule("{kernel: gemm, training_seeds: unlimited}");
  const Configuration c = table->default_configuration();
  const auto seen = [&](const Problem& problem, std::uint32_t repeat) {
    return problem.evaluate({c, 0.0, 1.0, repeat}, Random(repeat)).objectives.front();
  };
  EXPECT_EQ(seen(*table, 0), seen(*table, 1));
  EXPECT_NE(seen(*device, 0), seen(*device, 1));
  EXPECT_NEAR(seen(*device, 0) / device->true_value(c), 1.0, 5.0 * .0017 / std::sqrt(32.0));
}

TEST(CompilerScheduleGemm, PortraitFollowsTheTableItself) {
  const std::string file = TONNE_SOURCE_DIR "/../shared/data/autotune_gemm_RTX_3090_kt.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no table beside the checkout";
  const auto table = testing::problem_recipe(
      "tabular", "{file: " + file +
                     ", decisions: [MWG, NWG, KWG, MDIMC, NDIMC, MDIMA, NDIMB, KWI, VWM, VWN, "
                     "STRM, STRN, SA, SB], objective: time_ms, direction: minimise, "
                     "evaluation_time: 1 s}");
  const auto real = table->make();
  const testing::Portrait portrait(*real);
  EXPECT_EQ(portrait.valid(), preset().valid());
  for (const double q : {.001, .01, .05, .25, .5, .75, .9, .99})
    EXPECT_NEAR(preset().quantile(q) / portrait.quantile(q), 1.0, .1) << q;
  for (std::size_t i = 0; i < real->space().size(); ++i)
    EXPECT_NEAR(preset().importance(i), portrait.importance(i), .03) << real->space()[i].name;
}

TEST(CompilerSchedule, NothingIsFasterThanTheDevice) {
  EXPECT_GE(preset().quantile(0.0), kPeakMilliseconds);
  const auto problem = schedule("{}");
  Random random(4);
  for (int i = 0; i < 5000; ++i)
    EXPECT_GE(problem->true_value(problem->space().sample(random)), .999 * kPeakMilliseconds);
}

TEST(CompilerSchedule, TenToFiftyPercentDoNotLaunch) {
  for (const char* settings : {"{}", "{kernel: conv2d}"}) {
    const auto problem = schedule(settings);
    Random random(5);
    int invalid = 0;
    for (int i = 0; i < 5000; ++i) {
      const Outcome outcome = problem->evaluate({problem->space().sample(random)}, Random(1));
      if (!outcome.failure) continue;
      ++invalid;
      EXPECT_EQ(outcome.failure, Failure::invalid);
      EXPECT_GT(outcome.workload.measured_time->base(), 0.0);  // the compilation
    }
    EXPECT_GT(invalid, 500) << settings;
    EXPECT_LT(invalid, 2500) << settings;
  }
}

TEST(CompilerSchedule, CompilingCostsMoreThanARun) {
  const auto problem = schedule("{kernel: gemm, runs: 1, check_time: 0 s}");
  const Configuration c = problem->default_configuration();
  const double run = problem->inference(c)->measured_time->base();
  EXPECT_NEAR(problem->true_value(c), 1e3 * run, 1e-9);
  const double evaluation = problem->evaluate({c}, Random(1)).workload.measured_time->base();
  EXPECT_GT(evaluation - run, 5.0 * run);
}

TEST(CompilerSchedule, WorkIsThatOfTheProduct) {
  const auto product = schedule("{m: 100, n: 200, k: 300}");
  EXPECT_DOUBLE_EQ(product->inference(product->default_configuration())->flops.base(),
                   2.0 * 100.0 * 200.0 * 300.0);
  const auto convolution = schedule("{kernel: conv2d}");
  EXPECT_DOUBLE_EQ(convolution->inference(convolution->default_configuration())->flops.base(),
                   2.0 * 16.0 * 56.0 * 56.0 * 64.0 * 64.0 * 9.0);
}

// A product so flat that memory bounds it runs no faster than its operands move, however it is tiled.
TEST(CompilerSchedule, TheRoofIsTheMemorys) {
  const auto problem = schedule("{m: 65536, n: 16, k: 16}");
  const double operands = 4.0 * (65536.0 * 16.0 + 16.0 * 16.0 + 65536.0 * 16.0);
  Random random(6);
  for (int i = 0; i < 2000; ++i) {
    const Configuration c = problem->space().sample(random);
    if (problem->inference(c)) {
      EXPECT_GE(problem->true_value(c), .6 * 1e3 * operands / 936.2e9);  // less ruggedness
    }
  }
}

TEST(CompilerSchedule, EnergyIsAnotherObjective) {
  const auto problem = schedule("{kernel: gemm, objective: energy}");
  const Configuration c = problem->default_configuration();
  const Workload use = problem->inference(c).value();
  EXPECT_NEAR(problem->true_value(c), 1e3 * use.measured_energy->base(), 1e-9);
  EXPECT_GT(use.measured_energy->base(), 110.0 * use.measured_time->base());
  EXPECT_LT(use.measured_energy->base(), 350.0 * use.measured_time->base());
}

TEST(CompilerSchedule, ASlowerDeviceIsSlower) {
  const auto fast = schedule("{kernel: gemm}");
  const auto slow = schedule("{kernel: gemm, peak: 17.79 TFLOP/s, bandwidth: 468.1 GB/s}");
  const Configuration c = fast->default_configuration();
  EXPECT_NEAR(slow->true_value(c) / fast->true_value(c), 2.0, 1e-9);
  // Less local memory: what used it does not launch.
  const auto small = schedule("{kernel: gemm, block_memory: 1024}");
  Configuration local = c;
  local.set(fast->space().find("SA").value(), 1.0);
  EXPECT_FALSE(fast->evaluate({local}, Random(1)).failure);
  EXPECT_TRUE(small->evaluate({local}, Random(1)).failure);
}

}  // namespace
}  // namespace tonne
