#include "search/surrogates/product_kde.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace tonne {
namespace {

Configuration configuration(const std::vector<double>& values) {
  Configuration result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result.set(i, values[i]);
  return result;
}

// By hand: positions .2 and .6 (sigma .2), choices a and b of three (sqrt((1 - 1/2) / 2) = .5); n = 2, d = 2.
TEST(ProductKde, IsTheFormula) {
  const SearchSpace space(
      {{.name = "x", .domain = Real{0.0, 1.0}}, {.name = "c", .domain = Categorical{{"a", "b", "c"}}}});
  ParzenData data(space);
  const std::vector<std::uint32_t> rows = {data.append(configuration({0.2, 0})),
                                           data.append(configuration({0.6, 1}))};
  ProductKde kde(data, 1e-3);
  kde.fit(rows);
  const double reference = 1.06 * std::pow(2.0, -1.0 / 6.0);
  const double h = reference * 0.2;
  const double h_c = reference * 0.5;
  EXPECT_NEAR(kde.bandwidth(0), h, 1e-15);
  EXPECT_NEAR(kde.bandwidth(1), h_c, 1e-15);
  const auto normal = [&](double z) {
    return std::exp(-0.5 * z * z) / (h * std::sqrt(2.0 * std::numbers::pi));
  };
  const double at_a = (normal(0.1 / h) * (1.0 - h_c) + normal(0.3 / h) * h_c / 2.0) / 2.0;
  EXPECT_NEAR(kde.density(configuration({0.3, 0})), at_a, 1e-13);
  const double at_c = (normal(0.1 / h) + normal(0.3 / h)) * h_c / 4.0;
  EXPECT_NEAR(kde.density(configuration({0.3, 2})), at_c, 1e-13);
}

TEST(ProductKde, BandwidthsAreBounded) {
  const SearchSpace space({{.name = "x", .domain = Real{0.0, 1.0}},
                           {.name = "c", .domain = Categorical{{"a", "b"}}},
                           {.name = "only", .domain = Categorical{{"a"}}}});
  ParzenData data(space);
  const std::vector<std::uint32_t> rows = {data.append(configuration({0.2, 0, 0})),
                                           data.append(configuration({0.2, 1, 0}))};
  ProductKde kde(data, 0.01);
  kde.fit(rows);
  EXPECT_EQ(kde.bandwidth(0), 0.01);
  EXPECT_LE(kde.bandwidth(1), 0.5);
  EXPECT_EQ(kde.bandwidth(2), 0.0);
}

// What an observation lacks has a uniform kernel; masses over a conditional space add up to one.
TEST(ProductKde, IsADensityOfAConditionalSpace) {
  const SearchSpace space(
      {{.name = "c", .domain = Categorical{{"a", "b"}}},
       {.name = "d", .domain = Categorical{{"p", "q", "r"}}, .active_when = Condition{0, {1}}}});
  ParzenData data(space);
  Configuration without(2);
  without.set(0, 0.0);
  const std::vector<std::uint32_t> rows = {data.append(without), data.append(configuration({1, 2})),
                                           data.append(configuration({1, 0}))};
  ProductKde kde(data, 1e-3);
  kde.fit(rows);
  double sum = kde.density(without);
  for (const double d : {0.0, 1.0, 2.0}) sum += kde.density(configuration({1, d}));
  EXPECT_NEAR(sum, 1.0, 1e-14);
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    Configuration drawn(2);
    kde.sample(drawn, 3.0, random);
    ASSERT_TRUE(space.contains(drawn));
  }
}

}  // namespace
}  // namespace tonne
