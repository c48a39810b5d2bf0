#include "experiments/text/quantity.h"

#include <gtest/gtest.h>

namespace tonne {
namespace {

TEST(Quantities, MassIsInTheUnitOfItsSize) {
  EXPECT_EQ(mass_text(Carbon{}), "0 g");
  EXPECT_EQ(mass_text(3e-5 * gram), "30 ug");
  EXPECT_EQ(mass_text(0.25 * gram), "250 mg");
  EXPECT_EQ(mass_text(4.1 * gram), "4.1 g");
  EXPECT_EQ(mass_text(999.7 * gram), "1 kg");
  EXPECT_EQ(mass_text(12.345 * kilogram), "12.3 kg");
  EXPECT_EQ(mass_text(-12.345 * kilogram), "-12.3 kg");
  EXPECT_EQ(mass_text(329287.0 * kilogram), "329 t");
  EXPECT_EQ(mass_text(15568.0 * tonne_co2e), "15,568 t");
  EXPECT_EQ(mass_text(2e6 * tonne_co2e), "2 million t");
}

TEST(Quantities, MoneyIsInDollarsAndMillionsOfThem) {
  EXPECT_EQ(money_text(Money{}), "0 USD");
  EXPECT_EQ(money_text(0.0212 * dollar), "0.0212 USD");
  EXPECT_EQ(money_text(979.4 * dollar), "979 USD");
  EXPECT_EQ(money_text(1919.6 * dollar), "1,920 USD");
  EXPECT_EQ(money_text(3.71e6 * dollar), "3.71 M USD");
  EXPECT_EQ(money_text(1.5e9 * dollar), "1,500 M USD");
}

TEST(Quantities, EnergyAndTimeAreInTheUnitsThatPeopleUse) {
  EXPECT_EQ(energy_text(3.5 * watt_hour), "3.5 Wh");
  EXPECT_EQ(energy_text(120.0 * kilowatt_hour), "120 kWh");
  EXPECT_EQ(energy_text(1287.0 * 1e3 * kilowatt_hour), "1.29 GWh");
  EXPECT_EQ(duration_text(Duration{}), "0 s");
  EXPECT_EQ(duration_text(0.05 * second), "50 ms");
  EXPECT_EQ(duration_text(210.0 * second), "3.5 min");
  EXPECT_EQ(duration_text(3599.9 * second), "1 h");
  EXPECT_EQ(duration_text(41.0 * hour), "41 h");
  EXPECT_EQ(duration_text(12.0 * day), "12 days");
  EXPECT_EQ(duration_text(3.0 * year), "3 years");
}

}  // namespace
}  // namespace tonne
