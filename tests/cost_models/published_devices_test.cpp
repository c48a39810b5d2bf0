// The shipped figures against those that others publish, in bulk. Each row was read in 2026-11 where it says, by hand:
// - TDPs of CPUs: Intel's and AMD's specifications, as CodeCarbon keeps them (github.com/mlco2/codecarbon, MIT licence,
//   codecarbon/data/hardware/cpu_power.csv)
// - TDPs of GPUs: vendors' data sheets, as Green Algorithms keeps them (github.com/GreenAlgorithms/green-algorithms-tool,
//   CC BY 4.0, data/latest/TDP_gpu.csv)
// - peaks of GPUs in fp32: as Machine Learning Impact keeps them (github.com/mlco2/impact, MIT licence, data/gpus.csv)
//   and their TDPs beside those
// - TPUs, AWS's chips and Gaudi: the makers' own documentation

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "cost_models/catalogue.h"

namespace tonne {
namespace {

struct PublishedFigure {
  std::string_view device;
  double value = 0.0;
};

const Device& shipped(std::string_view name) {
  return Catalogue::shipped()->device(name);
}

constexpr auto kProcessorWatts = std::to_array<PublishedFigure>({
    {"Xeon-E5-2699v4", 145},      {"Xeon-Gold-6148", 150},      {"Xeon-Platinum-8280", 205},
    {"Xeon-Platinum-8380", 270},  {"Xeon-Platinum-8480+", 350}, {"Xeon-Platinum-8592+", 350},
    {"Xeon-6980P", 500},          {"EPYC-7601", 180},           {"EPYC-7742", 225},
    {"EPYC-7282", 120},           {"EPYC-7763", 280},           {"EPYC-9654", 360},
    {"EPYC-9755", 500},           {"Ryzen-9-5950X", 105},       {"Core-i7-1165G7", 28},
});

// K80: of the board, which has two.
constexpr auto kBoardWatts = std::to_array<PublishedFigure>({
    {"A100-PCIe", 250}, {"A100-PCIe-80GB", 300}, {"GTX-1080-Ti", 250}, {"Jetson-Xavier", 30}, {"RTX-2080-Ti", 250},
    {"K80", 2 * 150},   {"P100-PCIe", 250},      {"T4", 70},           {"V100", 300},         {"TPUv2", 280},
    {"A100-80GB", 400}, {"RTX-3080", 320},       {"RTX-3090", 350},    {"RTX-A6000", 300},
});

constexpr auto kSinglePrecision = std::to_array<PublishedFigure>({
    {"GTX-1080-Ti", 11.34}, {"RTX-2080-Ti", 13.45}, {"T4", 8.141},       {"K80", 4.113},      {"P100-PCIe", 9.526},
    {"V100-PCIe", 14.13},   {"RTX-3080", 29.77}, {"RTX-3090", 35.58}, {"RTX-A6000", 38.71},
});

struct PublishedPeak {
  std::string_view device;
  Precision precision;
  double teraflops = 0.0;
};
constexpr auto kPeaks = std::to_array<PublishedPeak>({
    {"TPUv4", Precision::bf16, 275},        {"TPUv4", Precision::int8, 275},        {"TPUv5e", Precision::bf16, 197},
    {"TPUv5e", Precision::int8, 393},       {"TPUv5p", Precision::bf16, 459},       {"TPUv6e", Precision::bf16, 918},
    {"TPUv6e", Precision::int8, 1836},      {"TPUv7", Precision::bf16, 2307},       {"TPUv7", Precision::fp8, 4614},
    {"Trainium-1", Precision::fp32, 47.5},  {"Trainium-1", Precision::tf32, 190},   {"Trainium-1", Precision::int8, 380},
    {"Inferentia-2", Precision::bf16, 190}, {"Trainium-2", Precision::bf16, 667},   {"Trainium-2", Precision::fp8, 1299},
    {"Trainium-2", Precision::fp32, 181},   {"Gaudi-2", Precision::bf16, 432},      {"Gaudi-3", Precision::bf16, 1835},
    {"Gaudi-3", Precision::fp8, 1835},      {"A100-80GB", Precision::fp16, 312},    {"A100-PCIe", Precision::fp16, 312},
});

TEST(PublishedDevices, DrawWhatTheirMakersSay) {
  for (const PublishedFigure& row : kProcessorWatts) EXPECT_DOUBLE_EQ(*shipped(row.device).tdp / watt, row.value) << row.device;
  for (const PublishedFigure& row : kBoardWatts) {
    const double boards = row.device == "K80" ? 2.0 : 1.0;
    EXPECT_DOUBLE_EQ(boards * (*shipped(row.device).tdp / watt), row.value) << row.device;
  }
}

// Clocks differ by the edition of a sheet: within 3 %.
TEST(PublishedDevices, ReachTheirPeaks) {
  for (const PublishedFigure& row : kSinglePrecision) {
    const double ours = *shipped(row.device).peak_of(Precision::fp32) / teraflop_per_second;
    EXPECT_NEAR(ours, row.value, 0.03 * row.value) << row.device;
  }
  for (const PublishedPeak& row : kPeaks) {
    ASSERT_TRUE(shipped(row.device).peak_of(row.precision)) << row.device;
    EXPECT_DOUBLE_EQ(*shipped(row.device).peak_of(row.precision) / teraflop_per_second, row.teraflops) << row.device;
  }
}

TEST(PublishedDevices, AreMadeForWhatWasPublished) {
  const auto kilograms = [](std::string_view name) { return *shipped(name).embodied.value / kilogram; };
  EXPECT_DOUBLE_EQ(kilograms("B200"), 284.0);
  EXPECT_DOUBLE_EQ(kilograms("A100-40GB"), 127.6);
  EXPECT_DOUBLE_EQ(Catalogue::shipped()->host("EPYC-1").slot_embodied / kilogram, 548.0);
}

// The two forms of a GPU are two entries, and tell each other's power.
TEST(PublishedDevices, FormsAreToldApart) {
  EXPECT_LT(*shipped("A100-PCIe").tdp, *shipped("A100-40GB").tdp);
  EXPECT_LT(*shipped("P100-PCIe").tdp, *shipped("P100-SXM2").tdp);
  EXPECT_LT(*shipped("V100-PCIe").tdp, *shipped("V100").tdp);
  EXPECT_LT(*shipped("H100-PCIe").tdp, *shipped("H100").tdp);
}

// Of what was published, nothing is from memory.
TEST(PublishedDevices, SayWhetherTheirSourceWasRead) {
  for (const PublishedFigure& row : kProcessorWatts)
    EXPECT_TRUE(shipped(row.device).record.find("specification.tdp")->provenance.verified) << row.device;
  for (const Device& device : Catalogue::shipped()->devices())
    for (const FigureRecord& figure : device.record.figures) {
      if (!figure.provenance.verified) continue;
      for (const std::string_view guess : {"assum", "from memory"})
        EXPECT_EQ(figure.provenance.source.find(guess), std::string::npos) << device.name << ' ' << figure.key;
    }
}

}  // namespace
}  // namespace tonne
