#include "search/problems/language/evolved_transformer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace tonne {
namespace {

constexpr double kFull = 300'000.0;

std::shared_ptr<const Problem> problem_on(std::int64_t landscape) {
  EvolvedTransformerSettings settings;
  settings.landscape = landscape;
  return make_evolved_transformer(settings);
}

void set(const Problem& problem, Configuration& configuration, std::string_view name, double value) {
  const auto field = problem.space().find(name);
  ASSERT_TRUE(field) << name;
  configuration.set(*field, value);
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (std::size_t k = 0; k < order.size(); ++k) result[order[k]] = static_cast<double>(k);
  return result;
}

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const std::vector<double> x = ranks(a);
  const std::vector<double> y = ranks(b);
  double squares = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) squares += (x[i] - y[i]) * (x[i] - y[i]);
  return 1.0 - 6.0 * squares / (n * (n * n - 1.0));
}

// So et al. 2019 count 7.30 * 10^115 models. It pins the number of choices of every field.
TEST(EvolvedTransformer, HasAsManyNetworksAsPublished) {
  EXPECT_NEAR(problem_on(0)->space().cardinality().value() / 1e115, 7.30, 0.005);
  EXPECT_EQ(problem_on(0)->space().size(), 156U);
}

// 6 layers of 4 d^2 + 8 d^2 and 6 of 8 d^2 + 8 d^2 and a matrix of 32,768 x d, d = 512, with biases and
// normalisations; the paper counts 61.1M.
TEST(EvolvedTransformer, TheDefaultIsTransformerBase) {
  const auto problem = problem_on(0);
  const Configuration transformer = problem->default_configuration();
  const Workload work = problem->evaluate({transformer, 0.0, 1.0}, Random(1)).workload;
  const double d = 512.0;
  const double matrices = 6.0 * 12.0 * d * d + 6.0 * 16.0 * d * d + 32'768.0 * d;
  EXPECT_GT(work.parameters, matrices);
  EXPECT_LT(work.parameters, 1.002 * matrices);
  EXPECT_NEAR(work.parameters / 61.1e6, 1.0, 0.01);
  // Six operations for each weight and token, and attention's products on top.
  EXPECT_NEAR(work.flops.base() / (6.0 * work.parameters * 4096.0), 1.0, 0.02);
}

TEST(EvolvedTransformer, WorkFollowsTheConfiguration) {
  const auto problem = problem_on(0);
  const Configuration transformer = problem->default_configuration();
  Configuration deeper = transformer;
  set(*problem, deeper, "encoder_cells", 5);
  const auto parameters = [&](const Configuration& c) {
    return problem->evaluate({c, 0.0, 1.0}, Random(1)).workload.parameters;
  };
  const double cell = (parameters(deeper) - parameters(transformer)) / 3.0;
  EXPECT_NEAR(cell / (2.0 * 12.0 * 512.0 * 512.0), 1.0, 0.005);
}

TEST(EvolvedTransformer, StepTimeIsEveryNetworksTime) {
  EvolvedTransformerSettings settings;
  settings.step_time = 0.5 * second;
  const auto problem = make_evolved_transformer(settings);
  Random random(2);
  const Configuration any = problem->space().sample(random);
  const Workload work = problem->evaluate({any, 1000.0, 3000.0}, Random(1)).workload;
  EXPECT_DOUBLE_EQ(work.measured_time.value().base(), 1000.0);
  EXPECT_FALSE(problem_on(0)->evaluate({any, 0.0, 10.0}, Random(1)).workload.measured_time);
}

// What a dead branch would have been has no effect.
TEST(EvolvedTransformer, DeadFieldsAreNeutral) {
  EvolvedTransformerSettings settings;
  settings.speed = 0.0;
  const auto problem = make_evolved_transformer(settings);
  const Configuration transformer = problem->default_configuration();
  Configuration same = transformer;
  set(*problem, same, "encoder_2_right_activation",
      0);  // beside the first half of the feed-forward layer: dead
  Configuration other = transformer;
  set(*problem, other, "encoder_2_left_activation", 0);
  EXPECT_EQ(problem->true_value(same), problem->true_value(transformer));
  EXPECT_NE(problem->true_value(other), problem->true_value(transformer));
}

TEST(EvolvedTransformer, ADecoderMustSeeTheSourceAndACellItsInput) {
  const auto problem = problem_on(0);
  const double normal = problem->true_value(problem->default_configuration());
  Configuration blind = problem->default_configuration();
  for (const char* block : {"decoder_2_left_layer", "decoder_6_left_layer"}) set(*problem, blind, block, 23);
  EXPECT_GT(problem->true_value(blind), normal + 0.8);
  Configuration cut = problem->default_configuration();
  for (const char* side : {"encoder_6_left_layer", "encoder_6_right_layer"}) set(*problem, cut, side, 24);
  EXPECT_GT(problem->true_value(cut), normal + 1.8);
}

// harm = 1: 84 % of the single effects hurt, pairs blur that. Of 3,000 mutants that differ in truth (four
// fixed landscapes) between .74 and .90 are worse: a binomial of .80 leaves that once in 10^10.
TEST(EvolvedTransformer, MostChangesHurt) {
  std::size_t worse = 0;
  std::size_t changed = 0;
  for (std::int64_t landscape = 0; landscape < 4; ++landscape) {
    EvolvedTransformerSettings settings;
    settings.landscape = landscape;
    settings.speed = 0.0;
    const auto problem = make_evolved_transformer(settings);
    const Configuration transformer = problem->default_configuration();
    const double normal = problem->true_value(transformer);
    Random random(static_cast<std::uint64_t>(landscape) + 10);
    for (int i = 0; i < 1000; ++i) {
      const double value = problem->true_value(problem->space().mutate(transformer, random));
      if (value == normal) continue;
      ++changed;
      if (value > normal) ++worse;
    }
  }
  ASSERT_GT(changed, 2000U);
  const double share = static_cast<double>(worse) / static_cast<double>(changed);
  EXPECT_GT(share, 0.74);
  EXPECT_LT(share, 0.90);
}

// Curves cross: 60K steps order mutants of the Transformer well, not perfectly, and worse than 240K do.
TEST(EvolvedTransformer, EarlyCurvesPredictLateOnesImperfectly) {
  const auto problem = problem_on(0);
  Random random(3);
  std::vector<double> early;
  std::vector<double> late;
  std::vector<double> full;
  for (std::uint64_t i = 0; i < 500; ++i) {
    Configuration mutant = problem->space().mutate(problem->default_configuration(), random);
    mutant = problem->space().mutate(mutant, random);
    const auto loss = [&](double steps) {
      return problem->evaluate({mutant, 0.0, steps, 0, i}, Random(4).child(i)).objectives.front();
    };
    early.push_back(loss(60'000));
    late.push_back(loss(240'000));
    full.push_back(problem->true_value(mutant));
    EXPECT_GT(early.back(), late.back());
  }
  EXPECT_GT(spearman(early, full), 0.5);
  EXPECT_LT(spearman(early, full), 0.97);
  EXPECT_GT(spearman(late, full), spearman(early, full));
}

TEST(EvolvedTransformer, AResumedTrainingKeepsItsSeed) {
  EvolvedTransformerSettings settings;
  settings.noise = 1.0;
  const auto problem = make_evolved_transformer(settings);
  const Configuration transformer = problem->default_configuration();
  const auto noise = [&](std::uint32_t repeat, std::uint64_t stream) {
    return problem->evaluate({transformer, 0.0, kFull, repeat, 77}, Random(stream)).objectives.front() -
           problem->true_value(transformer);
  };
  // 200 measurements of one training have the sd .5, and their mean is the training's seed, not 0.
  double sum = 0.0;
  double squares = 0.0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const double value = noise(1, i);
    sum += value / 200.0;
    squares += value * value / 200.0;
  }
  EXPECT_NEAR(std::sqrt(squares - sum * sum), 0.5, 0.1);
  double other = 0.0;
  for (std::uint64_t i = 0; i < 200; ++i) other += noise(2, i) / 200.0;
  EXPECT_GT(std::abs(sum - other), 0.15);
}

}  // namespace
}  // namespace tonne
