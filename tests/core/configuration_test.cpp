#include "core/configuration.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

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

// Up to 8 parameters stand in the object, the activity of 64 in one word: digests and copies must not tell.
TEST(Configuration, IsTheSameWhateverItsSize) {
  for (const std::size_t size : {1U, 8U, 9U, 64U, 65U, 200U}) {
    Configuration a(size);
    for (std::size_t i = 0; i < size; i += 2) a.set(i, static_cast<double>(i) + 0.5);
    Configuration copy = a;
    EXPECT_EQ(copy, a);
    copy.set(size - 1, -1.0);
    EXPECT_NE(copy, a);
    EXPECT_NE(copy.digest(), a.digest());
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_EQ(a.is_active(i), i % 2 == 0);
      EXPECT_EQ(a[i], i % 2 == 0 ? static_cast<double>(i) + 0.5 : 0.0);
    }
    copy = a;
    EXPECT_EQ(copy, a);
    copy.deactivate(0);
    EXPECT_NE(copy, a);
    Configuration other(3);
    other = a;
    EXPECT_EQ(other, a);
    const Configuration taken = std::move(other);
    EXPECT_EQ(taken, a);
    EXPECT_EQ(taken.digest(), a.digest());
    other = Configuration(2);
    EXPECT_EQ(other, Configuration(2));
    copy = Configuration(2);
    EXPECT_EQ(copy, Configuration(2));
    copy = std::move(a);
    EXPECT_EQ(copy, taken);
  }
}

TEST(Configuration, FilledIsSetOneByOne) {
  for (const std::size_t size : {0U, 1U, 8U, 9U, 63U, 64U, 65U, 130U}) {
    Configuration set(size);
    for (std::size_t i = 0; i < size; ++i) set.set(i, -static_cast<double>(i));
    const Configuration filled =
        Configuration::filled(size, [](std::size_t i) { return -static_cast<double>(i); });
    EXPECT_EQ(filled, set);
    EXPECT_EQ(filled.digest(), set.digest());
  }
}

// Pinned: stores name configurations by them, and so do streams.
TEST(Configuration, DigestsArePinned) {
  EXPECT_EQ(Configuration().digest(), 12035550249420947055U);
  EXPECT_EQ(of({1.0, 2.5}).digest(), 10645888669298739823U);
  Configuration large(70);
  for (std::size_t i = 0; i < 70; i += 3) large.set(i, static_cast<double>(i));
  EXPECT_EQ(large.digest(), 4233487576262161992U);
}

}  // namespace
}  // namespace tonne
