#include "search/surrogates/lstm_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace tonne {
namespace {

using Choice = LstmPolicy::Choice;

// Backpropagation through time against central differences, for every parameter.
TEST(LstmPolicy, GradientsAgreeWithDifferences) {
  LstmPolicy policy({3, 2, 4}, 2, 3);
  policy.initialise(0.8, Random(7));
  const std::vector<Choice> sequence = {{0, 2}, {2, 1}, {1, 0}, {0, 1}};
  std::vector<double> gradient(policy.parameters().size(), 0.0);
  policy.add_gradient(sequence, 1.5, gradient);
  double largest = 0.0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    constexpr double kStep = 1e-5;
    double& theta = policy.parameters()[i];
    const double at = theta;
    theta = at + kStep;
    const double above = policy.log_probability(sequence);
    theta = at - kStep;
    const double below = policy.log_probability(sequence);
    theta = at;
    EXPECT_NEAR(gradient[i], 1.5 * (above - below) / (2.0 * kStep), 1e-8) << "parameter " << i;
    largest = std::max(largest, std::abs(gradient[i]));
  }
  EXPECT_GT(largest, 0.1);
}

// The probabilities of all sequences sum to one.
TEST(LstmPolicy, IsADistribution) {
  LstmPolicy policy({3, 2}, 1, 4);
  policy.initialise(2.0, Random(1));
  double sum = 0.0;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 2; ++b) {
      const std::vector<Choice> sequence = {{0, a}, {1, b}};
      sum += std::exp(policy.log_probability(sequence));
    }
  EXPECT_NEAR(sum, 1.0, 1e-12);
}

// What was chosen before changes what comes next.
TEST(LstmPolicy, RemembersEarlierChoices) {
  LstmPolicy policy({2, 2, 2}, 2, 5);
  policy.initialise(2.0, Random(2));
  const auto last = [&](std::size_t first) {
    policy.begin();
    (void)policy.next(0);
    policy.choose(first);
    (void)policy.next(1);
    policy.choose(0);
    return policy.next(2)[0];
  };
  EXPECT_GT(std::abs(last(0) - last(1)), 1e-3);
}

}  // namespace
}  // namespace tonne
