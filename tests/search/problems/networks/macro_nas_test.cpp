#include <gtest/gtest.h>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

// Two layers by hand: 3x3, 3 -> 36 filters, then 3x3, 36 -> 36; a classifier of 36 features and a bias.
TEST(MacroNas, WorkIsThatOfTheLayers) {
  const auto problem = testing::problem_recipe("macro_nas", "{layers: 2}")->make();
  const Configuration chain = problem->default_configuration();
  const Workload work = problem->evaluate({chain, 0.0, 1.0}, Random(1)).workload;
  const double first = 9.0 * 3.0 * 36.0;
  const double second = 9.0 * 36.0 * 36.0;
  EXPECT_DOUBLE_EQ(work.parameters, first + second + 2.0 * 3.0 * 36.0 + 370.0);
  EXPECT_DOUBLE_EQ(work.flops.base(), 6.0 * 45'000.0 * ((first + second) * 1024.0 + 360.0));
  EXPECT_DOUBLE_EQ(work.steps, 45'000.0 / 128.0);

  // Without the connection both see the image, and both feed the classifier.
  Configuration apart = chain;
  apart.set(problem->space().find("layer_2_from_1").value(), 0.0);
  EXPECT_DOUBLE_EQ(problem->evaluate({apart, 0.0, 1.0}, Random(1)).workload.flops.base(),
                   6.0 * 45'000.0 * (2.0 * first * 1024.0 + 720.0));
}

TEST(MacroNas, SharedWeightsCostAValidationPass) {
  const auto problem = testing::problem_recipe("macro_nas", "{layers: 3, sharing: 0.5}")->make();
  const Configuration chain = problem->default_configuration();
  const double batch = problem->traits().fidelity.lowest;
  const Workload judged = problem->evaluate({chain, 0.0, batch}, Random(1)).workload;
  const Workload epoch = problem->evaluate({chain, 0.0, 1.0}, Random(1)).workload;
  EXPECT_DOUBLE_EQ(judged.samples, 128.0);
  EXPECT_NEAR(judged.flops / epoch.flops, batch / 3.0, 1e-12);
}

}  // namespace
}  // namespace tonne
