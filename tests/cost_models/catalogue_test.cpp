#include "cost_models/catalogue.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/error.h"

namespace tonne {
namespace {

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
  expect_distinct_names(devices());
  expect_distinct_names(hosts());
  expect_distinct_names(grids());
  expect_distinct_names(facilities());
}

TEST(Catalogue, EveryDeviceIsPlausibleAndHasASource) {
  EXPECT_GE(devices().size(), 25U);
  for (const Device& device : devices()) {
    SCOPED_TRACE(device.name);
    expect_stated(device.specification, device.name);
    EXPECT_TRUE(device.peak[0] || device.peak[1] || device.peak[2]);
    if (device.idle.value) expect_stated(device.idle.provenance, device.name);
    {}
    if (device.idle.value && device.tdp) {
      EXPECT_LT(*device.idle.value, *device.tdp);
    }
    if (device.on_demand.value) expect_stated(device.on_demand.provenance, device.name);
    {}
    if (device.spot.value) {
      EXPECT_LT(*device.spot.value, *device.on_demand.value);
    }
    if (device.embodied.value) expect_stated(device.embodied.provenance, device.name);
    {}
    if (device.peak[0] && device.peak[1]) {
      EXPECT_GE(*device.peak[1], *device.peak[0]);
    }
    if (device.peak[1] && device.peak[2]) {
      EXPECT_GE(*device.peak[2], *device.peak[1]);
    }
  }
}

TEST(Catalogue, HoldsTheFiguresThatPapersUse) {
  const Device& v100 = find_device("V100");
  EXPECT_DOUBLE_EQ(*v100.peak_of(Precision::fp32) / teraflop_per_second, 15.7);
  EXPECT_DOUBLE_EQ(*v100.peak_of(Precision::fp16) / teraflop_per_second, 125.0);
  EXPECT_DOUBLE_EQ(*v100.bandwidth / gigabyte_per_second, 900.0);
  EXPECT_DOUBLE_EQ(*v100.tdp / watt, 300.0);
  EXPECT_DOUBLE_EQ(*v100.on_demand.value / dollar_per_hour, 2.48);
  EXPECT_DOUBLE_EQ(find_grid("US-2018").intensity / gram_per_kilowatt_hour, 432.7);
  EXPECT_DOUBLE_EQ(find_grid("FRA-2023").intensity / gram_per_kilowatt_hour, 56.0);
  EXPECT_DOUBLE_EQ(find_facility("Strubell-2019").pue, 1.58);
}

TEST(Catalogue, EveryGridHasASource) {
  EXPECT_GE(grids().size(), 60U);
  for (const GridEntry& grid : grids()) {
    expect_stated(grid.provenance, grid.name);
    EXPECT_GT(grid.intensity / gram_per_kilowatt_hour, 1.0) << grid.name;
    EXPECT_LT(grid.intensity / gram_per_kilowatt_hour, 1000.0) << grid.name;
    EXPECT_TRUE(grid.name.ends_with(std::to_string(grid.of_year))) << grid.name;
  }
}

TEST(Catalogue, HostsAndFacilitiesArePlausible) {
  for (const Host& host : hosts()) {
    for (const Provenance* p : {&host.processor, &host.shape, &host.computing, &host.embodied})
      expect_stated(*p, host.name);
    EXPECT_GT(host.slot_power / watt, 20.0) << host.name;
    EXPECT_LT(host.slot_power / watt, 200.0) << host.name;
    EXPECT_GT(host.computing_rate, WorkRate{}) << host.name;
  }
  for (const Facility& facility : facilities()) {
    expect_stated(facility.provenance, facility.name);
    EXPECT_GE(facility.pue, 1.0);
    EXPECT_LT(facility.pue, 2.0);
  }
}

TEST(Catalogue, AMisspeltNameGetsTheNearestOne) {
  try {
    static_cast<void>(find_device("V10O"));
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(error.message(), "unknown device 'V10O'. Did you mean V100? (tonne list devices shows all " +
                                   std::to_string(devices().size()) + ")");
  }
  EXPECT_THROW(static_cast<void>(find_grid("Atlantis-2018")), InputError);
  EXPECT_THROW(static_cast<void>(find_host("")), InputError);
  EXPECT_THROW(static_cast<void>(find_facility(std::string(100'000, 'x'))), InputError);
}

}  // namespace
}  // namespace tonne
