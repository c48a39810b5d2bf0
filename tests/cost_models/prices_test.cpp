// Which of the catalogue's prices a rental goes by, and what is said where there is none.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "cost_models/catalogue.h"
#include "tests/cost_models/machine_model_helpers.h"

namespace tonne {
namespace {

using testing::refusal;

constexpr const char* kRows = R"(
devices:
  rented:
    like: V100
    prices:
      - {provider: acme, basis: instance, term: on_demand, price: 9 USD/h}
      - {provider: acme, basis: device, term: on_demand, price: 5 USD/h}
      - {provider: beta.cloud, basis: instance, term: spot, price: 1 USD/h}
)";

std::string refusal_of(const std::string& text) {
  try {
    static_cast<void>(Catalogue::with_text(text, "my.yaml"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

double dollars_per_hour(const ClusterSettings& settings) {
  return resolve_machine(settings).price / dollar_per_hour;
}

TEST(Prices, TheFirstRowOfTheDeviceAloneComesFirst) {
  const auto own = Catalogue::with_text(kRows, "my.yaml");
  const Device& device = own->device("rented");
  EXPECT_EQ(device.price_of(PriceTerm::on_demand)->provider, "google");  // from V100, above the new rows
  EXPECT_EQ(device.price_of(PriceTerm::on_demand, "acme")->basis, PriceBasis::device);
  const DevicePrice* whole = device.price_of(PriceTerm::on_demand, "acme", PriceBasis::instance);
  ASSERT_TRUE(whole);
  EXPECT_DOUBLE_EQ(*whole->price.value / dollar_per_hour, 9.0);
  EXPECT_EQ(whole->price.provenance.source, "given in my.yaml");
  EXPECT_EQ(device.price_of(PriceTerm::spot, "beta.cloud")->basis, PriceBasis::instance);  // the only one
  EXPECT_FALSE(device.price_of(PriceTerm::spot, "acme"));
  EXPECT_FALSE(device.price_of(PriceTerm::on_demand, "nobody"));
}

TEST(Prices, AUsersOwnPriceStandsBeforeAll) {
  const auto own = Catalogue::with_text("devices: {T4: {price: {on_demand: 0.2 USD/h, spot: 0.1 USD/h}}}\n", "my.yaml");
  const Device& device = own->device("T4");
  EXPECT_EQ(device.price_of(PriceTerm::on_demand)->provider, "own");
  EXPECT_DOUBLE_EQ(*device.price_of(PriceTerm::spot)->price.value / dollar_per_hour, 0.1);
  EXPECT_DOUBLE_EQ(*device.price_of(PriceTerm::on_demand, "google")->price.value / dollar_per_hour, 0.35);
}

TEST(Prices, SettingsChooseTheRow) {
  ClusterSettings settings;
  EXPECT_DOUBLE_EQ(dollars_per_hour(settings), 2.48);
  settings.spot = true;
  EXPECT_DOUBLE_EQ(dollars_per_hour(settings), 0.74);
  settings.spot = false;
  settings.provider = "aws";
  EXPECT_DOUBLE_EQ(dollars_per_hour(settings), 3.06);
  settings.provider.clear();
  settings.price_basis = PriceBasis::instance;
  EXPECT_DOUBLE_EQ(dollars_per_hour(settings), 0.79);
  settings.price = 7.0 * dollar_per_hour;  // the user's wins
  settings.provider = "nobody";
  EXPECT_DOUBLE_EQ(dollars_per_hour(settings), 7.0);
}

TEST(Prices, ARowThatIsNotThereIsNamedWithThoseThatAre) {
  ClusterSettings settings;
  settings.device = "T4";
  settings.provider = "azure";
  EXPECT_EQ(refusal(settings),
            "cluster.provider: the catalogue has no on-demand price by 'azure' for T4 (it has google (device, "
            "on_demand), aws (instance, on_demand)): choose one of these, or give cluster.price");
  settings.provider.clear();
  settings.price_basis = PriceBasis::device;
  settings.spot = true;
  EXPECT_TRUE(refusal(settings).starts_with(
      "cluster.price_basis: the catalogue has no spot price on the basis 'device' for T4 (it has "));
  settings = {};
  settings.device = "K40";
  settings.provider = "aws";
  EXPECT_NE(refusal(settings).find("(it has none)"), std::string::npos);
}

TEST(Prices, RowsAreChecked) {
  const auto row = [](const std::string& text) { return refusal_of("devices:\n  V100: {prices: [" + text + "]}\n"); };
  EXPECT_EQ(row("{provider: acme, basis: device, term: on_demand}"),
            "my.yaml:2:19: devices.V100.prices[0]: 'price' is missing: entries have no defaults");
  EXPECT_EQ(row("{basis: device, term: on_demand, price: 1 USD/h}"),
            "my.yaml:2:19: devices.V100.prices[0]: 'provider' is missing: entries have no defaults");
  EXPECT_NE(row("{provider: 'a/b', basis: device, term: spot, price: 1 USD/h}").find("is not a valid name"),
            std::string::npos);
  EXPECT_NE(row("{provider: a, basis: slot, term: spot, price: 1 USD/h}").find("device, instance"), std::string::npos);
  EXPECT_NE(row("{provider: a, basis: device, term: spot, price: 1 USD/h}, {provider: a, basis: device, term: spot, "
                "price: 2 USD/h}")
                .find("there is another row for a/device/spot"),
            std::string::npos);
}

TEST(NotKnownFigures, LeaveThePriceOutAndSaySo) {
  ClusterSettings settings;
  settings.device = "K40";
  EXPECT_EQ(refusal(settings), "accepted");
  EXPECT_TRUE(not_known(settings).money);
  EXPECT_EQ(settings.summary(), "1 x K40, PUE 1.58, US-2018 (432.7 g/kWh), water not counted, cost not known");
  settings.electricity_price = 0.2 * dollar / kilowatt_hour;  // of a machine of one's own
  EXPECT_TRUE(not_known(settings).rent);
  EXPECT_FALSE(not_known(settings).money);
  EXPECT_TRUE(settings.summary().ends_with(", rent not known, not counted"));
  settings.price = PriceRate{};
  EXPECT_FALSE(not_known(settings).rent);
  settings = {};
  settings.device = "T4";
  settings.spot = true;  // on demand is known, but that is another price
  EXPECT_TRUE(not_known(settings).money);
  EXPECT_FALSE(not_known(ClusterSettings{}).money);
}

TEST(NotKnownFigures, LeaveTheDevicesManufactureOutAndChargeItsHosts) {
  ClusterSettings settings;
  settings.device = "TPUv7";
  const MachineParameters machine = resolve_machine(settings);
  EXPECT_TRUE(not_known(settings).device_embodied);
  EXPECT_GT(machine.embodied_host, CarbonRate{});
  EXPECT_EQ(machine.embodied, machine.embodied_host);
  EXPECT_TRUE(settings.summary().ends_with(", device's manufacture not known, not counted"));
  settings.embodied.device = 200.0 * kilogram;
  EXPECT_FALSE(not_known(settings).device_embodied);
  settings = {};
  settings.device = "TPUv7";
  settings.embodied.count = false;
  EXPECT_FALSE(not_known(settings).device_embodied);
}

TEST(NotKnownFigures, PowerIsAskedForInOneSentence) {
  const auto refused = [](const std::string& specification) {
    const auto catalogue = Catalogue::with_text("devices: {odd: {kind: gpu" + specification + "}}\n", "my.yaml");
    EXPECT_EQ(catalogue->device("odd").kind, "gpu");
    const auto file = std::filesystem::temp_directory_path() / "tonne_odd_device.yaml";
    std::ofstream(file) << "devices: {odd: {kind: gpu" + specification + "}}\n";
    ClusterSettings settings;
    settings.catalogue = file;
    settings.device = "odd";
    const std::string text = refusal(settings);
    std::filesystem::remove(file);
    return text;
  };
  EXPECT_EQ(refused(""),
            "cluster.device: the catalogue has no thermal design power, no idle power, no peak, no bandwidth for odd: "
            "give cluster.tdp, cluster.idle, cluster.peak, cluster.bandwidth");
  EXPECT_EQ(refused(", specification: {tdp: 90 W, fp32: 1 TFLOP/s, bandwidth: 9 GB/s}"),
            "cluster.idle: the catalogue has no idle power for odd: give cluster.idle");
  EXPECT_EQ(refused(", specification: {tdp: 90 W}, idle: {power: 9 W}"), "accepted");  // a measured run needs no peak
}

TEST(Hosts, ADeviceStandsInItsOwnUnlessTheUserSaysOtherwise) {
  ClusterSettings settings;
  EXPECT_EQ(host_name(settings, Catalogue::shipped()->device("V100")), kUsualHost);
  settings.device = "EPYC-7763";
  const Device& processor = Catalogue::shipped()->device("EPYC-7763");
  EXPECT_EQ(host_name(settings, processor), "CPU-only");
  // The processor is the device, so that the host draws power for its memory alone: 128 GB per socket.
  EXPECT_NEAR(resolve_machine(settings).host_power / watt, 128.0 * 0.3725, 1e-9);
  settings.host = "Xeon-8";
  EXPECT_EQ(host_name(settings, processor), "Xeon-8");
  settings = {};
  settings.device = "Cortex-M4";
  EXPECT_EQ(resolve_machine(settings).host_power, Power{});
  EXPECT_EQ(resolve_machine(settings).embodied, CarbonRate{});
  for (const Device& device : Catalogue::shipped()->devices())
    EXPECT_NO_THROW(static_cast<void>(Catalogue::shipped()->host(host_name(ClusterSettings{}, device)))) << device.name;
}

TEST(Groups, MayHaveSeveralSources) {
  const auto own = Catalogue::with_text(
      "devices:\n  mine:\n    kind: gpu\n    specification:\n      - {tdp: 90 W, source: sheet}\n"
      "      - {fp32: 1 TFLOP/s, source: guess}\n",
      "my.yaml");
  EXPECT_EQ(own->device("mine").record.find("specification.tdp")->provenance.source, "sheet");
  EXPECT_EQ(own->device("mine").record.find("specification.fp32")->provenance.source, "guess");
  EXPECT_EQ(refusal_of("devices:\n  V100: {specification: [{tdp: 9 W}, {tdp: 8 W}]}\n"),
            "my.yaml:2:38: devices.V100.specification[1].tdp: is given twice");
}

}  // namespace
}  // namespace tonne
