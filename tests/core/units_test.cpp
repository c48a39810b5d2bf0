#include "core/units.h"

#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

#include "core/error.h"
#include "core/settings.h"

namespace tonne {
namespace {

// Dimensions of products and ratios.
static_assert(std::same_as<decltype(Power{} * Duration{}), Energy>);
static_assert(std::same_as<decltype(Energy{} / Duration{}), Power>);
static_assert(std::same_as<decltype(Energy{} * Intensity{}), Carbon>);
static_assert(std::same_as<decltype(Work{} / WorkRate{}), Duration>);
static_assert(std::same_as<decltype(Bytes{} / Bandwidth{}), Duration>);
static_assert(std::same_as<decltype(PriceRate{} * Duration{}), Money>);
static_assert(std::same_as<decltype(EnergyPrice{} * Energy{}), Money>);
static_assert(std::same_as<decltype(CarbonPrice{} * Carbon{}), Money>);
static_assert(std::same_as<decltype(CarbonRate{} * Duration{}), Carbon>);
static_assert(std::same_as<decltype(WaterIntensity{} * Energy{}), Water>);
static_assert(std::same_as<decltype(Energy{} / Energy{}), double>);
static_assert(std::same_as<decltype(Intensity{} * Energy{} / Carbon{}), double>);
// A quantity costs what a double costs.
static_assert(sizeof(Energy) == sizeof(double) && std::is_trivially_copyable_v<Energy>);
static_assert(!std::is_convertible_v<double, Energy> && !std::is_convertible_v<Energy, double>);
static_assert(!std::is_convertible_v<Energy, Carbon> && !std::is_constructible_v<Duration, double>);

TEST(Units, ConvertAsTheyShould) {
  EXPECT_EQ(kilowatt_hour / joule, 3.6e6);
  EXPECT_EQ(watt_hour / joule, 3600.0);
  EXPECT_EQ(year / second, 31'557'600.0);
  EXPECT_EQ(day / minute, 1440.0);
  EXPECT_EQ(pound / kilogram, 0.45359237);
  EXPECT_EQ(tonne_co2e / kilogram, 1000.0);
  EXPECT_EQ(gibibyte / byte, 1024.0 * 1024.0 * 1024.0);
  EXPECT_EQ(gigabyte_per_second * second / byte, 1e9);
  EXPECT_DOUBLE_EQ(kilogram_per_kilowatt_hour / gram_per_kilowatt_hour, 1000.0);
  EXPECT_DOUBLE_EQ(100.0 * gram_per_kilowatt_hour * (2.0 * kilowatt_hour) / kilogram, 0.2);
  EXPECT_DOUBLE_EQ(dollar_per_hour * day / dollar, 24.0);
  EXPECT_DOUBLE_EQ(1e6 * gigaflop / teraflop_per_second / second, 1000.0);
}

TEST(Units, CountLikeNumbers) {
  Energy energy = 3.0 * joule;
  energy += joule;
  EXPECT_EQ(energy, 4.0 * joule);
  energy -= 6.0 * joule;
  EXPECT_EQ(energy, -2.0 * joule);
  energy *= 5.0;
  EXPECT_EQ(-energy, joule * 10.0);
  EXPECT_EQ(energy / 2.0, 2.0 * joule - 7.0 * joule);
  EXPECT_LT(energy, Energy{});
  EXPECT_EQ(Energy{}.base(), 0.0);
}

struct Example {
  QuantityKind kind;
  const char* text;
  double base;
};

// One of each kind, in the unit that messages show.
constexpr Example kExamples[] = {
    {QuantityKind::duration, "1.5 h", 5400.0},
    {QuantityKind::energy, "2 kWh", 7.2e6},
    {QuantityKind::power, "350 W", 350.0},
    {QuantityKind::carbon, "20 kg", 20.0},
    {QuantityKind::intensity, "0.36 kgCO2e/kWh", 1e-7},
    {QuantityKind::work, "2 PFLOP", 2e15},
    {QuantityKind::work_rate, "14 TFLOP/s", 14e12},
    {QuantityKind::bytes, "16 GB", 16e9},
    {QuantityKind::bandwidth, "900 GB/s", 900e9},
    {QuantityKind::money, "100 USD", 100.0},
    {QuantityKind::price_rate, "3.6 USD/h", 1e-3},
    {QuantityKind::energy_price, "0.36 USD/kWh", 1e-7},
    {QuantityKind::carbon_price, "80 USD/t", 0.08},
    {QuantityKind::water, "3 L", 3.0},
    {QuantityKind::water_intensity, "1.8 L/kWh", 5e-7},
    {QuantityKind::area, "815 mm2", 8.15},
};

TEST(QuantityText, ReadsAndWritesEveryKind) {
  for (const Example& example : kExamples) {
    EXPECT_DOUBLE_EQ(parse_quantity(example.text, example.kind), example.base) << example.text;
    const std::string text = format_quantity(example.base, example.kind);
    EXPECT_NEAR(parse_quantity(text, example.kind), example.base, 1e-14 * example.base) << text;
  }
}

TEST(QuantityText, RefusesEveryOtherKind) {
  for (const Example& example : kExamples)
    for (const Example& other : kExamples)
      if (other.kind != example.kind) {
        EXPECT_THROW(static_cast<void>(parse_quantity(example.text, other.kind)), InputError)
            << example.text << " as " << other.text;
      }
}

}  // namespace
}  // namespace tonne
