#include "core/trial.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace tonne {
namespace {

Usage drawn_usage(Random& random) {
  Usage usage;
  usage.energy = random.uniform() * joule;
  usage.operational = random.uniform() * kilogram;
  usage.embodied = random.uniform() * kilogram;
  usage.money = random.uniform() * dollar;
  usage.water = random.uniform() * litre;
  return usage;
}

Charge drawn_charge(Random& random) {
  Charge charge;
  charge.time = random.uniform() * second;
  for (Usage& line : charge.lines) line = drawn_usage(random);
  return charge;
}

// Four currencies are added at a time: the same additions in the same order, to the last bit.
TEST(Charge, AddsUpLineByLine) {
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    const Charge a = drawn_charge(random);
    const Charge b = drawn_charge(random);
    Usage total;
    for (const Usage& line : a.lines) total += line;
    EXPECT_EQ(a.total(), total);

    Charge sum = a;
    sum += b;
    EXPECT_EQ(sum.time, a.time + b.time);
    for (std::size_t line = 0; line < kLines; ++line) {
      Usage expected = a.lines[line];
      expected += b.lines[line];
      EXPECT_EQ(sum.lines[line], expected);
    }
  }
}

TEST(Charge, MayBeAddedToItself) {
  Random random(6);
  Charge charge = drawn_charge(random);
  Charge twice = charge;
  twice *= 2.0;
  charge += charge;
  EXPECT_EQ(charge, twice);
}

}  // namespace
}  // namespace tonne
