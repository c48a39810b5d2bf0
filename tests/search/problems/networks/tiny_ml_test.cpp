#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> make(const std::string& settings) {
  return testing::problem_recipe("tiny_ml", settings)->make();
}

// Sets parameters by name; those that a change of depth makes active are set too.
Configuration with(const Problem& problem, Configuration configuration,
                   const std::vector<std::pair<std::string, double>>& values) {
  for (const auto& [name, value] : values) configuration.set(problem.space().find(name).value(), value);
  EXPECT_TRUE(problem.space().contains(configuration));
  return configuration;
}

struct Published {
  Configuration configuration;
  double kilobytes;   // weights and the two largest successive tensors, int8
  double operations;  // millions
  double accuracy;
};

// Hello Edge, table 7: DS-CNN S, M and L. `level` is the width's place among the space's levels.
std::vector<Published> ds_cnns(const Problem& problem) {
  const auto model = [&](double level, double blocks, bool stem_halves_width) {
    std::vector<std::pair<std::string, double>> values = {
        {"stem_channels", level},
        {"stem_width_stride", stem_halves_width ? 1.0 : 0.0},
        {"block_1_stride", stem_halves_width ? 0.0 : 1.0},
        {"blocks", blocks - 2.0}};
    for (int block = 1; block <= static_cast<int>(blocks); ++block) {
      values.emplace_back("block_" + std::to_string(block) + "_channels", level);
      values.emplace_back("block_" + std::to_string(block) + "_kernel", 0.0);
    }
    return with(problem, problem.default_configuration(), values);
  };
  return {{model(3, 4, true), 38.6, 5.4, 94.4},
          {model(6, 4, false), 189.2, 19.8, 94.9},
          {model(8, 5, false), 497.6, 56.9, 95.4}};
}

TEST(TinyMl, CountsThePublishedKeywordModels) {
  const auto problem = make("{}");
  for (const Published& model : ds_cnns(*problem)) {
    const Workload use = problem->inference(model.configuration).value();
    EXPECT_NEAR((use.parameters + use.memory.base()) / 1e3, model.kilobytes, 0.05);
    EXPECT_NEAR(use.flops.base() / 1e6, model.operations,
                0.02 * model.operations);  // theirs count additions of biases
    EXPECT_EQ(use.precision, Precision::int8);
  }
}

TEST(TinyMl, ItsKeywordModelsReachThePublishedAccuracy) {
  const auto problem = make("{}");
  for (const Published& model : ds_cnns(*problem))
    EXPECT_NEAR(problem->true_value(model.configuration), model.accuracy, 0.6);
}

// MobileNetV1 x .25 without its head has 213,072 trainable weights on a colour image; a gray one takes 2 x 9
// x 8 fewer, two classes 514 more.
TEST(TinyMl, CountsMobileNetV1) {
  const auto problem = make("{task: person_detection}");
  const Configuration chosen = problem->default_configuration();
  EXPECT_DOUBLE_EQ(problem->evaluate({chosen, 0.0, 1.0}, Random(1)).workload.parameters,
                   213'072.0 - 144.0 + 514.0);
  // 7.49 M multiply-accumulates on a colour image of 96 pixels, of which the gray one saves 2/3 of the stem's
  // .50 M.
  EXPECT_NEAR(problem->inference(chosen)->flops.base() / 2e6, 7.49 - 0.33, 0.05);
  EXPECT_NEAR(problem->true_value(chosen), 86.0, 1.5);
}

TEST(TinyMl, LimitsAreConstraints) {
  const auto problem = make("{ram: 60 kB, flash: 200 kB, runtime_ram: 10 kB, code: 50 kB}");
  EXPECT_EQ(problem->traits().constraints, (std::vector<std::string>{"ram", "flash"}));
  const auto models = ds_cnns(*problem);
  const Objectives small = problem->evaluate({models[0].configuration, 0.0, 1.0}, Random(1)).constraints;
  ASSERT_EQ(small.size(), 2U);
  EXPECT_NEAR(small[0], (16'000.0 + 10'000.0) / 60'000.0 - 1.0, 1e-12);
  EXPECT_NEAR(small[1], (22'604.0 + 50'000.0) / 200'000.0 - 1.0, 1e-12);
  const Objectives large = problem->evaluate({models[2].configuration, 0.0, 1.0}, Random(1)).constraints;
  EXPECT_GT(large[0], 0.0);
  EXPECT_GT(large[1], 0.0);
}

// On the smaller device some networks fit and some do not, on the larger one more fit.
TEST(TinyMl, TheLargerDeviceHoldsMore) {
  for (const std::string task : {"keyword_spotting", "person_detection"}) {
    const auto fitting = [&](const std::string& device) {
      const auto problem = make("{task: " + task + device + "}");
      Random random(4);
      int count = 0;
      for (int i = 0; i < 2'000; ++i) {
        const Configuration chosen = problem->space().sample(random);
        const Objectives excess = problem->evaluate({chosen, 0.0, 1.0}, Random(1)).constraints;
        count += excess[0] <= 0.0 && excess[1] <= 0.0 ? 1 : 0;
      }
      return count;
    };
    const int small = fitting("");
    const int large = fitting(", ram: 320 kB, flash: 1 MB");
    EXPECT_GT(small, 40) << task;
    EXPECT_GT(large, small) << task;
    EXPECT_LT(small, 2'000) << task;
  }
}

TEST(TinyMl, AccuraciesLieInThePublishedRange) {
  const std::vector<std::pair<std::string, std::pair<double, double>>> ranges = {
      {"keyword_spotting", {90.0, 96.5}}, {"person_detection", {70.0, 93.0}}};
  for (const auto& [task, range] : ranges) {
    const auto problem = make("{task: " + task + "}");
    Random random(8);
    for (int i = 0; i < 5'000; ++i) {
      const double accuracy = problem->true_value(problem->space().sample(random));
      ASSERT_GT(accuracy, range.first) << task;
      ASSERT_LT(accuracy, range.second) << task;
    }
  }
}

}  // namespace
}  // namespace tonne
