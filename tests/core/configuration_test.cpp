#include "core/configuration.h"

#include <gtest/gtest.h>

#include <set>

namespace tonne {
namespace {

Configuration of(std::initializer_list<double> values) {
  Configuration configuration(values.size());
  std::size_t i = 0;
  for (const double value : values) configuration.set(i++, value);
  return configuration;
}

TEST(Configuration, BeginsInactive) {
  const Configuration configuration(12);
  EXPECT_EQ(configuration.size(), 12U);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_FALSE(configuration.is_active(i));
    EXPECT_EQ(configuration[i], 0.0);
  }
  EXPECT_EQ(Configuration().size(), 0U);
}

TEST(Configuration, HoldsWhatIsSet) {
  const Configuration configuration = of({2.5, 3.0});
  EXPECT_TRUE(configuration.is_active(0));
  EXPECT_EQ(configuration[0], 2.5);
  EXPECT_EQ(configuration.index(1), 3U);
}

TEST(Configuration, AnInactiveValueLeavesNoTrace) {
  Configuration a = of({1.0, 7.0});
  Configuration b = of({1.0, 8.0});
  a.deactivate(1);
  b.deactivate(1);
  EXPECT_EQ(a[1], 0.0);
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.digest(), b.digest());
}

TEST(Configuration, TellsInactiveFromZero) {
  Configuration inactive = of({1.0, 0.0});
  inactive.deactivate(1);
  EXPECT_NE(inactive, of({1.0, 0.0}));
  EXPECT_NE(inactive.digest(), of({1.0, 0.0}).digest());
}

TEST(Configuration, BothZerosAreOne) {
  EXPECT_EQ(of({-0.0}), of({0.0}));
  EXPECT_EQ(of({-0.0}).digest(), of({0.0}).digest());
}

TEST(Configuration, DigestsDifferByValuePlaceAndLength) {
  std::set<std::uint64_t> digests;
  for (const Configuration& c : {Configuration(), of({0}), of({0, 0}), of({1, 0}), of({0, 1}), of({1, 1}),
                                 of({1}), Configuration(1), Configuration(2)})
    digests.insert(c.digest());
  EXPECT_EQ(digests.size(), 9U);
}

// All 2^14 choices of fourteen bits, more than are stored inline: a collision has a chance of 1e-11.
TEST(Configuration, DigestsDoNotCollide) {
  std::set<std::uint64_t> digests;
  for (unsigned bits = 0; bits < 1U << 14U; ++bits) {
    Configuration configuration(14);
    for (std::size_t i = 0; i < 14; ++i) configuration.set(i, static_cast<double>(bits >> i & 1U));
    digests.insert(configuration.digest());
  }
  EXPECT_EQ(digests.size(), std::size_t{1} << 14U);
}

// Stores hold digests: they may never change. Values from the same formula in another language.
TEST(Configuration, DigestIsTheSameOnEveryMachine) {
  Configuration configuration = of({1.5, 2.0, 0.0, -3.0});
  configuration.deactivate(1);
  EXPECT_EQ(configuration.digest(), 0x001cba0bc83bd67eULL);
  EXPECT_EQ(Configuration().digest(), 0xa706dd2f4d197e6fULL);
}

}  // namespace
}  // namespace tonne
