#include "experiments/run/observed_front.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"

namespace tonne {
namespace {

Configuration numbered(std::size_t number) {
  Configuration configuration(1);
  configuration.set(0, static_cast<double>(number));
  return configuration;
}

std::vector<double> numbers(const ObservedFront& front) {
  std::vector<double> numbers;
  for (const Configuration& configuration : front.configurations()) numbers.push_back(configuration[0]);
  return numbers;
}

TEST(ObservedFront, LaterOnesPushOutWhatTheyDominate) {
  ObservedFront front;
  front.add(numbered(0), {2.0, 2.0});
  front.add(numbered(1), {1.0, 3.0});
  front.add(numbered(2), {3.0, 3.0});  // dominated by the first
  EXPECT_EQ(numbers(front), (std::vector<double>{0.0, 1.0}));
  front.add(numbered(3), {2.0, 1.0});  // dominates the first
  EXPECT_EQ(numbers(front), (std::vector<double>{1.0, 3.0}));
  front.add(numbered(4), {2.0, 1.0});  // the same again: the first stays
  EXPECT_EQ(numbers(front), (std::vector<double>{1.0, 3.0}));
  front.add(numbered(5), {0.0, 0.0});
  EXPECT_EQ(numbers(front), (std::vector<double>{5.0}));
}

TEST(ObservedFront, WhatIsNotFiniteIsPassedOver) {
  ObservedFront front;
  front.add(numbered(0), {std::nan(""), 0.0});
  front.add(numbered(1), {0.0, -std::numeric_limits<double>::infinity()});
  EXPECT_TRUE(front.configurations().empty());
}

// One at a time gives what sorting all of them gives.
TEST(ObservedFront, IsTheFrontOfAll) {
  Random random(11);
  for (const std::size_t objectives : {2U, 3U}) {
    ObservedFront front;
    std::vector<Objectives> all;
    for (std::size_t i = 0; i < 500; ++i) {
      Objectives losses;
      for (std::size_t j = 0; j < objectives; ++j) losses.push_back(random.uniform());
      front.add(numbered(i), losses);
      all.push_back(losses);
    }
    std::vector<double> expected;
    const auto of = front_numbers(all);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (of[i] == 0) expected.push_back(static_cast<double>(i));
    EXPECT_EQ(numbers(front), expected);
    EXPECT_GT(expected.size(), 2U);
  }
}

}  // namespace
}  // namespace tonne
