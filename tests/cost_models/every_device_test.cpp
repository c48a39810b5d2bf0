// Every shipped device, in every facility, on grids of all kinds: it runs on nothing but its name.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "cost_models/catalogue.h"
#include "tests/cost_models/machine_model_helpers.h"

namespace tonne {
namespace {

using testing::model_of;
using testing::training;

constexpr std::array kFewGrids = {"US-2018", "FRA-2023", "Oregon-2024", "World-2023"};

bool charges(const ClusterSettings& settings, const Workload& workload) {
  const Charge charge = model_of(settings).charge(workload, {});
  const Usage total = charge.total();
  return charge.time > Duration{} && std::isfinite(charge.time / second) && total.energy > Energy{} &&
         total.operational > Carbon{} && total.embodied >= Carbon{} && total.money >= Money{};
}

TEST(EveryDevice, IsChargedInEveryFacilityAndGrid) {
  const auto catalogue = Catalogue::shipped();
  std::size_t pairs = 0;
  for (const Device& device : catalogue->devices())
    for (const Facility& facility : catalogue->facilities())
      for (const char* grid : kFewGrids) {
        ClusterSettings settings;
        settings.device = device.name;
        settings.facility.name = facility.name;
        settings.grid = grid;
        EXPECT_TRUE(charges(settings, training())) << device.name << ' ' << facility.name << ' ' << grid;
        ++pairs;
      }
  EXPECT_GE(pairs, 4000U);
}

TEST(EveryDevice, RunsWorkOfEveryKindInEveryPrecisionItIsCountedIn) {
  for (const Device& device : Catalogue::shipped()->devices())
    for (const WorkKind kind :
         {WorkKind::other, WorkKind::convolution, WorkKind::narrow_convolution, WorkKind::transformer})
      for (std::size_t p = 0; p < kPrecisions; ++p) {
        ClusterSettings settings;
        settings.device = device.name;
        Workload workload = training(1e12, 1e10, 100.0);
        workload.kind = kind;
        workload.precision = static_cast<Precision>(p);
        EXPECT_TRUE(charges(settings, workload)) << device.name << ' ' << kPrecisionNames[p];
      }
}

TEST(EveryDevice, HasPowerSpeedAndBandwidth) {
  for (const Device& device : Catalogue::shipped()->devices()) {
    EXPECT_TRUE(device.tdp && device.idle.value && device.bandwidth) << device.name;
    const FigureRecord* idle = device.record.find("idle.power");
    if (idle && idle->high) {
      EXPECT_LE(*idle->high, *device.tdp / watt) << device.name;
    }
  }
  for (const char* name :
       {"A100-PCIe", "A10G", "K80", "RTX-3080", "RTX-5090", "RTX-6000-Ada", "GB200", "MI325X", "MI355X", "Gaudi-3",
        "Trainium-1", "Trainium-2", "Inferentia-2", "TPUv7", "Jetson-Xavier", "Apple-M1", "Apple-M2", "Apple-M3",
        "Apple-M4", "ESP32-S3", "Graviton3", "Core-i7-1165G7", "Raspberry-Pi-4", "Raspberry-Pi-5"})
    EXPECT_NO_THROW(static_cast<void>(Catalogue::shipped()->device(name))) << name;
}

// A dense rate each, and TF32 where frameworks use it by default.
TEST(EveryDevice, OfAmpereAndLaterHasTf32AndBf16) {
  for (const char* name : {"A100-40GB", "A100-PCIe", "A10", "A40", "L4", "L40S", "H100", "H100-PCIe", "H200", "B200",
                           "GB200", "RTX-3080", "RTX-3090", "RTX-4090", "RTX-5090", "RTX-A6000", "RTX-6000-Ada"}) {
    const Device& device = Catalogue::shipped()->device(name);
    EXPECT_TRUE(device.peak_of(Precision::tf32) && device.peak_of(Precision::bf16)) << name;
    EXPECT_EQ(device.peak_of(Precision::bf16), device.peak_of(Precision::fp16)) << name;
  }
  for (const char* name : {"V100", "P100", "T4", "RTX-2080-Ti", "Quadro-RTX-6000"})
    EXPECT_FALSE(Catalogue::shipped()->device(name).peak_of(Precision::bf16)) << name;
}

}  // namespace
}  // namespace tonne
