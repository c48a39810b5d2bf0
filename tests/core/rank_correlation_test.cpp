#include "core/rank_correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "core/random.h"

namespace tonne {
namespace {

// The definition, pair by pair.
double by_pairs(const std::vector<double>& a, const std::vector<double>& b) {
  double concordant = 0.0;
  double discordant = 0.0;
  double only_a = 0.0;  // tied in a alone
  double only_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = i + 1; j < a.size(); ++j) {
      if (a[i] == a[j] && b[i] == b[j]) continue;
      if (a[i] == a[j]) {
        ++only_a;
      } else if (b[i] == b[j]) {
        ++only_b;
      } else if ((a[i] < a[j]) == (b[i] < b[j])) {
        ++concordant;
      } else {
        ++discordant;
      }
    }
  const double untied = concordant + discordant;
  const double norm = std::sqrt((untied + only_a) * (untied + only_b));
  return norm > 0.0 ? (concordant - discordant) / norm : 0.0;
}

TEST(RankCorrelation, OrderIsOneAndItsReverseMinusOne) {
  const std::vector<double> up{1, 2, 3, 4, 5, 6, 7};
  const std::vector<double> down{7, 6, 5, 4, 3, 2, 1};
  EXPECT_DOUBLE_EQ(kendall_tau(up, up), 1.0);
  EXPECT_DOUBLE_EQ(kendall_tau(up, down), -1.0);
}

TEST(RankCorrelation, WhatDoesNotVaryCorrelatesWithNothing) {
  EXPECT_EQ(kendall_tau({}, {}), 0.0);
  EXPECT_EQ(kendall_tau(std::vector<double>{1.0}, std::vector<double>{2.0}), 0.0);
  EXPECT_EQ(kendall_tau(std::vector<double>{1, 1, 1}, std::vector<double>{1, 2, 3}), 0.0);
}

TEST(RankCorrelation, EqualsItsDefinitionWithAndWithoutTies) {
  Random random(1);
  for (std::uint64_t levels : {2U, 5U, 1000000U})
    for (std::size_t n : {2U, 3U, 8U, 57U, 200U}) {
      std::vector<double> a;
      std::vector<double> b;
      for (std::size_t i = 0; i < n; ++i) {
        a.push_back(static_cast<double>(random.below(levels)));
        b.push_back(static_cast<double>(random.below(levels)) + 0.3 * a.back());
      }
      EXPECT_NEAR(kendall_tau(a, b), by_pairs(a, b), 1e-12) << levels << " levels, n = " << n;
    }
}

}  // namespace
}  // namespace tonne
