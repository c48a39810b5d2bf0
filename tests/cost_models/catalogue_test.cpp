#include "cost_models/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"

namespace tonne {
namespace {

const Catalogue& shipped() {
  return *Catalogue::shipped();
}

void expect_stated(const Provenance& provenance, const std::string& whose) {
  EXPECT_FALSE(provenance.source.empty()) << whose;
  EXPECT_GE(provenance.published, 1990) << whose;
  EXPECT_LE(provenance.published, 2100) << whose;
}

template <class Entries>
void expect_distinct_names(const Entries& entries) {
  std::set<std::string> names;
  for (const auto& entry : entries) EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
  std::set<std::uint64_t> digests;
  for (const auto& entry : entries) EXPECT_TRUE(digests.insert(entry.digest).second) << entry.name;
}

TEST(Catalogue, NamesAndDigestsAreDistinct) {
  expect_distinct_names(shipped().devices());
  expect_distinct_names(shipped().hosts());
  expect_distinct_names(shipped().grids());
  expect_distinct_names(shipped().facilities());
}

TEST(Catalogue, EveryDeviceIsPlausibleAndHasASource) {
  EXPECT_GE(shipped().devices().size(), 30U);
  for (const Device& device : shipped().devices()) {
    SCOPED_TRACE(device.name);
    expect_stated(device.specification, device.name);
    EXPECT_TRUE(std::ranges::any_of(device.peak, [](const auto& peak) { return peak.has_value(); }));
    if (device.idle.value) expect_stated(device.idle.provenance, device.name);
    if (device.idle.value && device.tdp) {
      EXPECT_LT(*device.idle.value, *device.tdp);
    }
    for (const DevicePrice& row : device.prices) {
      EXPECT_TRUE(row.price.value) << row.key;
      if (row.term == PriceTerm::on_demand) continue;
      const DevicePrice* on_demand = device.price_of(PriceTerm::on_demand, row.provider, row.basis);
      ASSERT_TRUE(on_demand) << row.key;
      EXPECT_LT(*row.price.value, *on_demand->price.value) << row.key;
    }
    if (device.embodied.value) expect_stated(device.embodied.provenance, device.name);
    // A narrower format is never slower.
    std::optional<WorkRate> wider;
    for (const Precision p :
         {Precision::fp32, Precision::tf32, Precision::fp16, Precision::fp8}) {
      if (wider && device.peak_of(p)) {
        EXPECT_GE(*device.peak_of(p), *wider);
      }
      if (device.peak_of(p)) wider = device.peak_of(p);
    }
    if (device.peak_of(Precision::int8) && device.peak_of(Precision::fp16)) {
      EXPECT_GE(*device.peak_of(Precision::int8), *device.peak_of(Precision::fp16));
    }
  }
}

TEST(Catalogue, HoldsTheFiguresThatPapersUse) {
  const Device& v100 = shipped().device("V100");
  EXPECT_DOUBLE_EQ(*v100.peak_of(Precision::fp32) / teraflop_per_second, 15.7);
  EXPECT_DOUBLE_EQ(*v100.peak_of(Precision::fp16) / teraflop_per_second, 125.0);
  EXPECT_DOUBLE_EQ(*v100.bandwidth / gigabyte_per_second, 900.0);
  EXPECT_DOUBLE_EQ(*v100.tdp / watt, 300.0);
  EXPECT_DOUBLE_EQ(*v100.price_of(PriceTerm::on_demand)->price.value / dollar_per_hour, 2.48);
  EXPECT_DOUBLE_EQ(shipped().grid("US-2018").intensity / gram_per_kilowatt_hour, 432.7);
  EXPECT_DOUBLE_EQ(shipped().grid("FRA-2023").intensity / gram_per_kilowatt_hour, 56.0);
  EXPECT_DOUBLE_EQ(shipped().facility("Strubell-2019").pue, 1.58);
}

TEST(Catalogue, EveryGridHasASource) {
  const std::vector<GridEntry> grids = shipped().grids();
  EXPECT_GE(grids.size(), 5'000U);
  EXPECT_TRUE(std::ranges::any_of(
      grids, [](const GridEntry& grid) { return grid.nature.kind == SignalKind::marginal; }));
  for (const GridEntry& grid : grids) {
    expect_stated(grid.provenance, grid.name);
    EXPECT_GT(grid.intensity / gram_per_kilowatt_hour, 1.0) << grid.name;
    EXPECT_LT(grid.intensity / gram_per_kilowatt_hour, 1400.0) << grid.name;
    EXPECT_TRUE(grid.name.ends_with(std::to_string(grid.of_year))) << grid.name;
  }
}

// Somebody read the publisher's text, and says when.
TEST(Catalogue, WhatIsVerifiedOfGridsAndFacilitiesHasTheDay) {
  std::size_t verified = 0;
  const auto check = [&](const auto& entries) {
    for (const auto& entry : entries)
      for (const FigureRecord& figure : entry.record.figures) {
        EXPECT_EQ(figure.provenance.verified, !figure.provenance.checked.empty()) << entry.name;
        verified += figure.provenance.verified ? 1 : 0;
      }
  };
  check(shipped().grids());
  check(shipped().facilities());
  EXPECT_GT(verified, 5'000U);
}

TEST(Catalogue, HostsAndFacilitiesArePlausible) {
  for (const Host& host : shipped().hosts()) {
    for (const Provenance* p : {&host.processor, &host.shape, &host.computing, &host.embodied})
      expect_stated(*p, host.name);
    const bool of_its_own = host.record.find("processor.tdp")->value > 0.0;  // not a host whose processor is the device
    EXPECT_GE(host.slot_power / watt, of_its_own ? 20.0 : 0.0) << host.name;
    EXPECT_LT(host.slot_power / watt, 200.0) << host.name;
    EXPECT_GT(host.computing_rate, WorkRate{}) << host.name;
  }
  for (const Facility& facility : shipped().facilities()) {
    expect_stated(facility.provenance, facility.name);
    EXPECT_GE(facility.pue, 1.0);
    EXPECT_LT(facility.pue, 2.0);
  }
}

TEST(Catalogue, AMisspeltNameGetsTheNearestOne) {
  try {
    static_cast<void>(shipped().device("V10O"));
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(error.message(), "unknown device 'V10O'. Did you mean V100? (tonne list devices shows all " +
                                   std::to_string(shipped().devices().size()) + ")");
  }
  EXPECT_THROW(static_cast<void>(shipped().grid("Atlantis-2018")), InputError);
  EXPECT_THROW(static_cast<void>(shipped().host("")), InputError);
  EXPECT_THROW(static_cast<void>(shipped().facility(std::string(100'000, 'x'))), InputError);
}

TEST(Catalogue, EveryFigureOfEveryRecordHasASource) {
  const auto check = [](const auto& entries) {
    for (const auto& entry : entries)
      for (const FigureRecord& figure : entry.record.figures) {
        expect_stated(figure.provenance, entry.name + " " + figure.key);
        EXPECT_GE(figure.value, figure.low.value_or(figure.value)) << entry.name;
        EXPECT_LE(figure.value, figure.high.value_or(figure.value)) << entry.name;
      }
  };
  check(shipped().devices());
  check(shipped().hosts());
  check(shipped().grids());
  check(shipped().facilities());
}

TEST(Catalogue, PublishedEmbodiedFiguresOfAnH100SpanFortyfold) {
  const Device& h100 = shipped().device("H100");
  EXPECT_DOUBLE_EQ(*h100.embodied.value / kilogram, 164.0);
  EXPECT_DOUBLE_EQ(*h100.embodied.low / kilogram, 15.0);
  EXPECT_DOUBLE_EQ(*h100.embodied.high / kilogram, 575.0);
  EXPECT_EQ(shown_figure(*h100.record.find("embodied.carbon")), "164 kg (15 kg to 575 kg)");
}

TEST(OwnCatalogue, OverridesOnlyTheFiguresThatItGives) {
  const auto own = Catalogue::with_text(
      "devices:\n  V100:\n    price: {on_demand: 3.06 USD/h, source: my contract, year: 2025}\n", "my.yaml");
  const Device& mine = own->device("V100");
  const Device& theirs = shipped().device("V100");
  const DevicePrice& on_demand = *mine.price_of(PriceTerm::on_demand);
  EXPECT_DOUBLE_EQ(*on_demand.price.value / dollar_per_hour, 3.06);
  EXPECT_EQ(on_demand.provider, "own");
  EXPECT_EQ(on_demand.price.provenance.source, "my contract");
  EXPECT_FALSE(on_demand.price.provenance.verified);
  EXPECT_EQ(mine.price_of(PriceTerm::spot)->price.value, theirs.price_of(PriceTerm::spot)->price.value);
  EXPECT_EQ(mine.price_of(PriceTerm::spot)->provider, "google");
  EXPECT_EQ(mine.tdp, theirs.tdp);
  EXPECT_NE(mine.digest, theirs.digest);
  EXPECT_EQ(own->devices().size(), shipped().devices().size());
  EXPECT_EQ(own->device("P100").digest, shipped().device("P100").digest);
}

TEST(OwnCatalogue, StartsFromAnotherEntryAndAddsNewOnes) {
  const auto own = Catalogue::with_text(R"(
devices:
  V100-capped: {like: V100, specification: {tdp: 175 W}}
  V100-slow: {like: V100-capped, specification: {tdp: 150 W}}
grids:
  roof: {of_year: 2025, intensity: 41 g/kWh, signal: average, scope: life_cycle}
facilities:
  cellar: {pue: 1.05, wue: 0.1 L/kWh}
hosts:
  tower: {like: EPYC-1, shape: {sockets: 1, load: 0.5, dram: 32 GB, slots: 2}}
)",
                                        "folder/my.yaml");
  EXPECT_DOUBLE_EQ(*own->device("V100-slow").tdp / watt, 150.0);
  EXPECT_EQ(own->device("V100-slow").peak, shipped().device("V100").peak);
  EXPECT_EQ(own->device("V100-slow").record.find("specification.tdp")->provenance.source, "given in my.yaml");
  EXPECT_DOUBLE_EQ(own->grid("roof").intensity / gram_per_kilowatt_hour, 41.0);
  EXPECT_EQ(own->grid("roof").nature.scope, SignalScope::life_cycle);
  EXPECT_FALSE(own->grid("roof").water);
  EXPECT_DOUBLE_EQ(own->facility("cellar").pue, 1.05);
  EXPECT_NEAR(own->host("tower").slot_power / watt, (120.0 * 0.5 + 32.0 * 0.3725) / 2.0, 1e-12);
  EXPECT_EQ(own->devices().size(), shipped().devices().size() + 2);
}

std::string refusal_of(const std::string& text) {
  try {
    static_cast<void>(Catalogue::with_text(text, "my.yaml"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(OwnCatalogue, ADayOfACheckStandsForVerified) {
  const auto own = Catalogue::with_text(
      "facilities:\n  a: {pue: 1.2, verified: 2026-02-28}\n  b: {pue: 1.2, verified: true}\n  c: {pue: "
      "1.2}\n",
      "my.yaml");
  EXPECT_TRUE(own->facility("a").provenance.verified);
  EXPECT_EQ(own->facility("a").provenance.checked, "2026-02-28");
  EXPECT_TRUE(own->facility("b").provenance.verified);
  EXPECT_EQ(own->facility("b").provenance.checked, "");
  EXPECT_FALSE(own->facility("c").provenance.verified);
  EXPECT_EQ(refusal_of("facilities:\n  a: {pue: 1.2, verified: 2026-02-30}\n"),
            "my.yaml:2:27: facilities.a.verified: found '2026-02-30', expected true, false or the day of the "
            "check as "
            "2026-11-30");
  EXPECT_NE(
      refusal_of("facilities:\n  a: {pue: 1.2, verified: yes}\n").find("expected true, false or the day"),
      std::string::npos);
}

TEST(OwnCatalogue, GridsOfTheTablesAreChangedAndStartedFrom) {
  const auto own = Catalogue::with_text(R"(
grids:
  FRA-2023: {intensity: 50 g/kWh, source: me}
  FRA-2025: {like: fr, of_year: 2025, intensity: 40 g/kWh}
  home: {like: aws:eu-west-3, intensity: 1 g/kWh}
)",
                                        "my.yaml");
  EXPECT_DOUBLE_EQ(own->grid("FRA-2023").intensity / gram_per_kilowatt_hour, 50.0);
  EXPECT_EQ(own->grid("FRA-2023").place, "France");
  EXPECT_EQ(own->grid("France").name, "FRA-2025");
  EXPECT_EQ(own->grid("fr-2022").name, "FRA-2022");
  EXPECT_EQ(own->grid("home").nature.scope, SignalScope::life_cycle);
  EXPECT_EQ(own->grids().size(), shipped().grids().size() + 2);
  EXPECT_EQ(refusal_of("grids:\n  mine: {like: Georgia}\n"),
            "my.yaml:2:16: grids.mine.like: grid 'Georgia' is ambiguous: write GEO-2023 (country), "
            "Georgia-2024 (cloud "
            "region) or US-GA-2022 (state)");
}

TEST(OwnCatalogue, MistakesAreToldWithTheirPlace) {
  EXPECT_EQ(refusal_of("devices:\n  V100:\n    specification: {tpd: 3 W}\n").substr(0, 78),
            "my.yaml:3:21: devices.V100.specification: unknown key 'tpd'. Did you mean tdp?");
  EXPECT_EQ(
      refusal_of("devices:\n  V100:\n    specification: {tdp: 3 kg}\n"),
      "my.yaml:3:26: devices.V100.specification.tdp: '3 kg' is a mass, expected a power such as '350 W'");
  EXPECT_EQ(
      refusal_of("device:\n  V100: {}\n"),
      "my.yaml:1:1: unknown key 'device'. Did you mean devices? Known: devices, hosts, grids, facilities");
  EXPECT_TRUE(refusal_of("devices:\n  mine: {like: V10O}\n")
                  .starts_with("my.yaml:2:16: devices.mine.like: unknown device 'V10O'. Did you mean V100?"));
  EXPECT_EQ(refusal_of("devices:\n  mine: {specification: {tdp: 30 W}}\n"),
            "my.yaml:2:9: devices.mine: 'kind' is missing: entries have no defaults");
  EXPECT_EQ(refusal_of("grids:\n  mine: {of_year: 2020, intensity: 5 g/kWh, signal: average}\n"),
            "my.yaml:2:9: grids.mine: 'scope' is missing: entries have no defaults");
  EXPECT_EQ(refusal_of("facilities:\n  mine: {wue: 1 L/kWh}\n"),
            "my.yaml:2:9: facilities.mine: 'pue' is missing: entries have no defaults");
  EXPECT_NE(refusal_of("facilities:\n  mine: {pue: 0.9}\n").find("must be 1 to 10"), std::string::npos);
  EXPECT_NE(refusal_of("devices:\n  V100: {idle: {power: 400 W}}\n").find("has an idle power above its tdp"),
            std::string::npos);
  EXPECT_NE(refusal_of("devices:\n  V100: {embodied: {carbon: 9 kg, carbon_low: 10 kg}}\n")
                .find("outside its own range"),
            std::string::npos);
  EXPECT_NE(refusal_of("devices:\n  V100: {embodied: {carbon_low: 10 kg}}\n")
                .find("a range needs the figure itself"),
            std::string::npos);
  EXPECT_NE(refusal_of("devices:\n  'a b': {like: V100}\n").find("is not a valid name"), std::string::npos);
  EXPECT_NE(refusal_of("devices: [V100]\n").find("expected entries"), std::string::npos);
  EXPECT_NE(refusal_of("devices:\n  V100: {}\n  V100: {}\n"), "accepted");
  EXPECT_EQ(refusal_of(""), "accepted");
}

}  // namespace
}  // namespace tonne
