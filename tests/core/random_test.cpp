#include "core/random.h"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <vector>

namespace tonne {
namespace {

TEST(NormalQuantile, AgreesWithBoost) {
  const boost::math::normal_distribution<double> normal;
  for (const double p : {1e-300, 1e-20, 1e-9, 1e-3, 0.02, 0.074, 0.076, 0.3, 0.5, 0.7, 0.924, 0.926, 0.999, 1 - 1e-9})
    EXPECT_NEAR(normal_quantile(p), boost::math::quantile(normal, p), 1e-13 * (1 + std::abs(normal_quantile(p)))) << p;
}

TEST(NormalCdf, InvertsTheQuantile) {
  for (double p = 0.001; p < 1.0; p += 0.001) EXPECT_NEAR(normal_cdf(normal_quantile(p)), p, 1e-14);
}

// Pinned: a change here changes every result of every experiment.
TEST(Random, FirstNumbersArePinned) {
  Random root(42);
  Random child = root.child("evaluate").child(7);
  const std::vector<std::uint64_t> first = {root.next(), root.next(), child.next(), child.next(), child.next()};
  Random again(42);
  EXPECT_EQ(again.next(), first[0]);
  EXPECT_EQ(Random(42).child("evaluate").child(7).next(), first[2]);
  EXPECT_NE(Random(43).next(), first[0]);
  EXPECT_NE(Random(42).child("evaluate").child(8).next(), first[2]);
}

// The reference implementation of Philox 4x64-10; draws come from the end of each block.
TEST(Random, DrawsAreRandom123s) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const r123::Philox4x64::key_type key = {{mix_bits(seed), mix_bits(seed ^ 0x6a09e667f3bcc908ULL)}};
    for (std::uint64_t block = 0; block < 5; ++block) {
      const auto expected = r123::Philox4x64{}({{block, 0, 0, 0}}, key);
      for (std::size_t i = expected.size(); i-- > 0;) ASSERT_EQ(random.next(), expected[i]);
    }
  }
}

TEST(Random, AStreamIsTheSameByItsHashedName) {
  constexpr StreamName purpose{std::string_view("evaluate")};
  constexpr StreamName number{std::uint64_t{7}};
  EXPECT_EQ(Random(42).child(purpose).child(number).next(), Random(42).child("evaluate").child(7).next());
}

TEST(Random, AChildDoesNotDependOnDrawsOfItsParent) {
  Random drawn(1);
  for (int i = 0; i < 10; ++i) drawn.next();
  EXPECT_EQ(drawn.child("x").next(), Random(1).child("x").next());
}

// False-alarm rate 1e-6 each (fixed seed: it passes or fails for ever).
TEST(Random, UniformsPassChiSquared) {
  Random random(2024);
  constexpr int kCells = 100;
  constexpr int kDraws = 1'000'000;
  std::vector<int> uniform(kCells), below(kCells), normal(kCells);
  for (int i = 0; i < kDraws; ++i) {
    ++uniform[static_cast<std::size_t>(random.uniform() * kCells)];
    ++below[random.below(kCells)];
    ++normal[static_cast<std::size_t>(normal_cdf(random.normal()) * kCells)];
  }
  const double bound = boost::math::quantile(boost::math::chi_squared(kCells - 1), 1 - 1e-6);
  for (const auto* counts : {&uniform, &below, &normal}) {
    double statistic = 0.0;
    const double expected = static_cast<double>(kDraws) / kCells;
    for (const int count : *counts) statistic += (count - expected) * (count - expected) / expected;
    EXPECT_LT(statistic, bound);
  }
}

// Streams with neighbouring names are uncorrelated: |r| < 5.2 / sqrt(n), false-alarm rate 2e-7.
TEST(Random, NeighbouringStreamsAreUncorrelated) {
  const Random root(5);
  constexpr int kStreams = 100'000;
  double sum = 0.0;
  for (std::uint64_t i = 0; i < kStreams; ++i)
    sum += root.child(i).normal() * root.child(i + 1).normal();
  EXPECT_LT(std::abs(sum / kStreams), 5.2 / std::sqrt(kStreams));
}

}  // namespace
}  // namespace tonne
