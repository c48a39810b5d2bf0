// Vector loops of cma_es: the bits of the plain ones.

#include "search/strategies/evolution/standard_normals.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "search/strategies/evolution/columns.h"

namespace tonne {
namespace {

void expect_same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(a[i]), std::bit_cast<std::uint64_t>(b[i])) << i;
}

TEST(StandardNormals, AreThoseOfTheStream) {
  Random at_once(3);
  Random one_by_one(3);
  for (const std::size_t count : {1U, 3U, 4U, 10U, 64U, 65U, 300U, 20'000U}) {
    std::vector<double> z(padded(count), 1.0);
    draw_normals(at_once, z.data(), count);
    std::vector<double> expected(padded(count), 0.0);
    for (std::size_t k = 0; k < count; ++k) expected[k] = one_by_one.normal();
    expect_same_bits(z, expected);
  }
}

TEST(Columns, ACombinationIsOneAfterTheOther) {
  Random random(4);
  for (const std::size_t n : {1U, 4U, 7U, 12U, 13U, 25U, 40U}) {
    Columns x(n, 5);
    for (std::size_t j = 0; j < 5; ++j)
      for (std::size_t i = 0; i < n; ++i) x[j][i] = random.normal();
    std::vector<double> factors(10);
    for (double& factor : factors) factor = random.normal();
    std::vector<double> together(x.stride(), 0.5);
    std::vector<double> singly = together;
    add_combination(together.data(), factors.data(), 2, x[0], x.stride(), 5, x.stride());
    for (std::size_t j = 0; j < 5; ++j) add_scaled(singly.data(), factors[2 * j], x[j], x.stride());
    expect_same_bits(together, singly);
    add_two_scaled(together.data(), 0.3, x[0], -0.7, x[1], x.stride());
    add_scaled(singly.data(), 0.3, x[0], x.stride());
    add_scaled(singly.data(), -0.7, x[1], x.stride());
    expect_same_bits(together, singly);
  }
}

}  // namespace
}  // namespace tonne
