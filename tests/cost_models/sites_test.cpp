// Several places for one cluster: what each charges, what moving costs, what is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/sites.h"
#include "core/yaml.h"
#include "cost_models/sites.h"
#include "settings.h"

namespace tonne {
namespace {

struct Machines {
  ClusterSettings home;
  SitesSettings sites;
  void visit(SettingsVisitor& visitor) {
    home.visit(visitor);
    sites.visit(visitor);
  }
};

Machines read(const std::string& text) {
  const YamlNode root = parse_yaml(text, "test");
  const YamlSource source{"test", "."};
  Machines machines;
  SettingsReader reader(root, source, "cluster");
  machines.visit(reader);
  reader.finish();
  return machines;
}

std::shared_ptr<const CostModel> model(const Machines& machines) {
  return make_cost_model(machines.home, machines.sites);
}

// The path and the message of what reading or making refuses.
std::string refusal(const std::string& text) {
  try {
    (void)model(read(text));
  } catch (const InputError& error) {
    return error.path() + ": " + error.message();
  }
  return "nothing is refused";
}

const std::string kTwo =
    "grid: {intensity: 500 gCO2e/kWh}\nfacility: {pue: 1.5}\nembodied: {count: false}\n"
    "sites: {north: {grid: {intensity: 50 gCO2e/kWh}, facility: {pue: 1.2}}, south: {grid: {intensity: 100 "
    "gCO2e/kWh}, workers: 2}}\n";

TEST(Sites, ChargeByTheirOwnGridAndFacility) {
  const auto cost = model(read(kTwo));
  ASSERT_NE(cost->sites(), nullptr);
  const Sites& sites = *cost->sites();
  ASSERT_EQ(sites.count(), 3U);
  EXPECT_EQ(sites.name(0), "home");
  EXPECT_EQ(sites.name(1), "north");
  EXPECT_EQ(sites.workers(1), std::nullopt);
  EXPECT_EQ(sites.workers(2), 2U);
  const Charge home = cost->charge(testing::training(), {});
  const Charge north = cost_at(*cost, 1).charge(testing::training(), {});
  const Charge south = cost_at(*cost, 2).charge(testing::training(), {});
  EXPECT_EQ(north.time, home.time);
  // Operational carbon goes as PUE times intensity; the south has the home's facility.
  const double kilograms = home.total().operational / kilogram;
  EXPECT_NEAR(north.total().operational / kilogram, kilograms * (1.2 * 50.0) / (1.5 * 500.0), 1e-12);
  EXPECT_NEAR(south.total().operational / kilogram, kilograms * 100.0 / 500.0, 1e-12);
  EXPECT_DOUBLE_EQ(sites.intensity(1, {}, hour) / gram_per_kilowatt_hour, 60.0);
  EXPECT_DOUBLE_EQ(sites.intensity(2, {}, hour) / gram_per_kilowatt_hour, 150.0);
}

TEST(Sites, ATransferIsTheNetworksEnergyHalfAtEachEnd) {
  const auto cost = model(
      read(kTwo + "transfer: {data: 50 GB, kwh_per_gb: 0.02, delay: 10 min}\ncarbon_price: 100 USD/tCO2e\n"));
  const Sites& sites = *cost->sites();
  EXPECT_DOUBLE_EQ(sites.delay() / minute, 10.0);
  const Charge moved = sites.transfer(1, hour);
  EXPECT_DOUBLE_EQ(moved[Line::transfer].energy / kilowatt_hour, 1.0);
  EXPECT_DOUBLE_EQ(moved[Line::transfer].operational / kilogram, 0.5 * (0.5 + 0.05));
  EXPECT_DOUBLE_EQ(moved[Line::transfer].money / dollar, 0.275 * 0.1);
  EXPECT_EQ(moved.total(), moved[Line::transfer]);
  EXPECT_EQ(moved.time, Duration{});
  const Charge all = charge_at(*cost, 1, testing::training(), hour);
  EXPECT_EQ(all[Line::transfer], moved[Line::transfer]);
  EXPECT_EQ(charge_at(*cost, 0, testing::training(), hour), cost->charge(testing::training(), hour));
}

// 1 GB at the figure of 2015.
TEST(Sites, TheDefaultTransferIsAslans) {
  EXPECT_DOUBLE_EQ(TransferSettings{}.energy() / kilowatt_hour, 0.06);
}

TEST(Sites, WithoutOthersAClusterIsWhatItWas) {
  const Machines machines = read("grid: FRA-2023");
  EXPECT_EQ(model(machines)->sites(), nullptr);
  EXPECT_EQ(content_digest(machines.home, machines.sites), content_digest(machines.home));
  EXPECT_EQ(machines.sites.summary(machines.home), "");
  Machines with = machines;
  Machines without = machines;
  EXPECT_EQ(canonical_settings([&](SettingsVisitor& v) { with.visit(v); }),
            canonical_settings([&](SettingsVisitor& v) { without.home.visit(v); }));
}

TEST(Sites, AreToldInWords) {
  const Machines machines = read(kTwo);
  EXPECT_EQ(machines.sites.summary(machines.home),
            ", or at north: PUE 1.2, 50 g/kWh, or at south: PUE 1.5, 100 g/kWh");
  std::vector<std::string> keys;
  for (const Factor& factor : factors_of(machines.home, machines.sites)) keys.push_back(factor.key);
  const auto has = [&](const char* key) { return std::ranges::find(keys, key) != keys.end(); };
  EXPECT_TRUE(has("cluster.grid.intensity"));
  EXPECT_TRUE(has("cluster.sites.north.grid.intensity"));
  EXPECT_TRUE(has("cluster.sites.north.facility.pue"));
  EXPECT_FALSE(has("cluster.sites.south.facility.pue"));
  EXPECT_TRUE(has("cluster.transfer.kwh_per_gb"));
}

TEST(Sites, AnotherSiteIsAnotherExperiment) {
  Machines one = read(kTwo);
  Machines other = read(kTwo + "transfer: {data: 2 GB}\n");
  const auto text = [](Machines& m) { return canonical_settings([&](SettingsVisitor& v) { m.visit(v); }); };
  EXPECT_NE(text(one), text(other));
  const Machines named = read("grid: US-2018\nsites: {a: {grid: FRA-2023}}");
  const Machines another = read("grid: US-2018\nsites: {a: {grid: DEU-2023}}");
  EXPECT_NE(content_digest(named.home, named.sites), content_digest(another.home, another.sites));
}

TEST(Sites, WhatCannotBeIsRefusedUnderItsKey) {
  const std::string home = "grid: {intensity: 500 gCO2e/kWh}\n";
  const auto starts = [](const std::string& text, const std::string& with) { return text.starts_with(with); };
  EXPECT_PRED2(starts, refusal(home + "sites: {a: {grid: XX}}"), "cluster.sites.a.grid: unknown grid");
  EXPECT_PRED2(starts, refusal(home + "sites: {a: {grid: FRA-2023, facility: nowhere}}"),
               "cluster.sites.a.facility: unknown facility");
  EXPECT_PRED2(starts, refusal(home + "sites: {a: {workers: 1}}"),
               "cluster.sites.a.grid: a site needs a grid");
  EXPECT_PRED2(starts, refusal(home + "sites: {home: {grid: FRA-2023}}"),
               "cluster.sites.home: home is the cluster's own");
  EXPECT_PRED2(starts, refusal(home + "sites: {a.b: {grid: FRA-2023}}"),
               "cluster.sites.a.b: a site's name is of letters");
  EXPECT_PRED2(starts, refusal(home + "sites: [FRA-2023]"), "cluster.sites: found a list, expected names");
  EXPECT_PRED2(starts, refusal(home + "transfer: {data: 1 GB}"), "cluster: unknown key 'transfer'");
  EXPECT_PRED2(starts, refusal(home + "sites: {a: {grid: {intensity: 50 gCO2e/kWh, kind: marginal}}}"),
               "cluster.sites.a.grid: is marginal, direct, location-based, but the home grid is average");
}

}  // namespace
}  // namespace tonne
