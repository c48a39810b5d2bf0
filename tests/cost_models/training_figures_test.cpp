// In which precision work runs, and which figures it gets.

#include "cost_models/training_figures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "cost_models/catalogue.h"
#include "tests/cost_models/machine_model_helpers.h"
#include "tests/cost_models/settings.h"

namespace tonne {
namespace {

using enum Precision;
using testing::model_of;
using testing::plain_cluster;
using testing::training;

std::array<bool, kPrecisions> with(std::initializer_list<Precision> known) {
  std::array<bool, kPrecisions> has{};
  for (const Precision p : known) has[static_cast<std::size_t>(p)] = true;
  return has;
}

TEST(Precisions, AreTheFrameworksOwnUnlessTheUserNamesOne) {
  const auto ampere = with({fp32, tf32, fp16, bf16, int8});
  EXPECT_EQ(automatic_precision(fp32, WorkKind::convolution, ampere), tf32);
  EXPECT_EQ(automatic_precision(fp32, WorkKind::narrow_convolution, ampere), tf32);
  EXPECT_EQ(automatic_precision(fp32, WorkKind::transformer, ampere), fp32);
  EXPECT_EQ(automatic_precision(fp32, WorkKind::other, ampere), fp32);
  EXPECT_EQ(automatic_precision(bf16, WorkKind::transformer, ampere), bf16);
  EXPECT_EQ(automatic_precision(bf16, WorkKind::transformer, with({fp32, fp16})), fp16);
  EXPECT_EQ(automatic_precision(fp16, WorkKind::transformer, with({bf16})), bf16);
  EXPECT_EQ(automatic_precision(fp16, WorkKind::transformer, with({fp32})), fp32);
  EXPECT_EQ(automatic_precision(fp32, WorkKind::other, with({bf16})), bf16);
  EXPECT_EQ(automatic_precision(fp32, WorkKind::convolution, with({int8})), int8);
  EXPECT_EQ(automatic_precision(fp32, WorkKind::convolution, with({})), fp32);
}

// Of an A100: products eight times as fast in TF32; in 16 bits twice that, and half the bytes of activations.
TEST(Precisions, ChangeRatesAndActivationsButNotWeights) {
  ClusterSettings settings = plain_cluster();
  settings.device = "A100-40GB";
  settings.startup = Duration{};
  settings.step_overhead = Duration{};
  settings.utilisation = 1.0;
  settings.bandwidth_utilisation = 1.0;
  settings.overlap = 0.0;
  Workload work = training(312e12, 0.0, 0);
  work.kind = WorkKind::convolution;
  const auto seconds = [&](std::optional<Precision> precision) {
    settings.precision = precision;
    return model_of(settings).charge(work, {}).time / second;
  };
  EXPECT_DOUBLE_EQ(seconds(fp32), 16.0);
  EXPECT_DOUBLE_EQ(seconds({}), 2.0);
  EXPECT_DOUBLE_EQ(seconds(tf32), 2.0);
  EXPECT_DOUBLE_EQ(seconds(fp16), 1.0);
  EXPECT_DOUBLE_EQ(seconds(int8), 0.5);
  work = training(0.0, 1555e9, 0);
  work.activation_traffic = 0.6;
  EXPECT_DOUBLE_EQ(seconds(fp32), 1.0);
  EXPECT_DOUBLE_EQ(seconds(bf16), 0.7);
  EXPECT_DOUBLE_EQ(seconds(int8), 0.55);
  work.fixed_precision = true;  // a decision of the candidate
  EXPECT_DOUBLE_EQ(seconds(bf16), 1.0);
}

// 40 GB hold what 80 GB of activations in fp32 become in 16 bits.
TEST(Precisions, DecideWhatFits) {
  ClusterSettings settings = plain_cluster();
  settings.device = "A100-40GB";
  Workload work = training();
  work.memory = 79.0 * gigabyte;
  work.activation_memory = 1.0;
  settings.precision = fp32;
  EXPECT_FALSE(model_of(settings).fits(work));
  settings.precision = bf16;
  EXPECT_TRUE(model_of(settings).fits(work));
}

TEST(TrainingFigures, TheNearestRowWinsFigureByFigure) {
  const auto row = [](std::optional<WorkKind> kind, std::optional<Precision> precision, double utilisation) {
    MeasuredTraining measured{kind, precision, {}};
    measured.figures.utilisation = utilisation;
    return measured;
  };
  const std::vector<MeasuredTraining> rows = {row({}, {}, 0.1), row({}, fp16, 0.2), row(WorkKind::transformer, {}, 0.3),
                                              row(WorkKind::transformer, fp16, 0.4)};
  EXPECT_EQ(training_figures(rows, WorkKind::transformer, fp16).utilisation, 0.4);
  EXPECT_EQ(training_figures(rows, WorkKind::transformer, bf16).utilisation, 0.3);
  EXPECT_EQ(training_figures(rows, WorkKind::other, fp16).utilisation, 0.2);
  EXPECT_EQ(training_figures(rows, WorkKind::other, fp32).utilisation, 0.1);
  EXPECT_EQ(training_figures({}, WorkKind::other, fp32).utilisation, 0.275);
  // What a row does not say comes from the defaults.
  EXPECT_EQ(training_figures(rows, WorkKind::transformer, fp16).compute, 0.97);
  EXPECT_EQ(training_figures({}, WorkKind::convolution, fp32).bandwidth_utilisation, 0.57);
  EXPECT_EQ(training_figures({}, WorkKind::convolution, tf32).bandwidth_utilisation, 0.57);
  EXPECT_EQ(training_figures({}, WorkKind::narrow_convolution, bf16).bandwidth_utilisation, 0.285);
  EXPECT_EQ(training_figures({}, WorkKind::transformer, bf16).bandwidth_utilisation, 0.57);
}

TEST(TrainingFigures, ComeFromTheCatalogueUnlessTheUserGivesThem) {
  ClusterSettings settings = plain_cluster();
  settings.startup = Duration{};
  Workload work = training(125e12, 0.0, 0);
  work.kind = WorkKind::transformer;
  work.precision = fp16;
  EXPECT_NEAR(model_of(settings).charge(work, {}).time / second, 1.0 / 0.20, 1e-9);  // Patterson et al. 2021
  work.kind = WorkKind::convolution;
  EXPECT_NEAR(model_of(settings).charge(work, {}).time / second, 1.0 / 0.275, 1e-9);
  settings.utilisation = 0.5;
  EXPECT_NEAR(model_of(settings).charge(work, {}).time / second, 2.0, 1e-9);
}

TEST(TrainingFigures, RangesAreThoseOfTheWorkAndNotOfWhatTheUserGives) {
  const auto catalogue = [](const ClusterSettings& settings, WorkKind kind) {
    std::vector<std::string> keys;
    const std::array kinds = {kind};
    for (const FigureRecord& figure : ranged_figures(settings, kinds)) keys.push_back(figure.key);
    return keys;
  };
  ClusterSettings settings;
  settings.device = "TPUv3";
  const auto has = [](const std::vector<std::string>& keys, const char* key) {
    return std::ranges::find(keys, key) != keys.end();
  };
  EXPECT_TRUE(has(catalogue(settings, WorkKind::transformer), "training.transformer/bf16.utilisation"));
  EXPECT_FALSE(has(catalogue(settings, WorkKind::other), "training.transformer/bf16.utilisation"));
  settings.utilisation = 0.3;
  EXPECT_FALSE(has(catalogue(settings, WorkKind::transformer), "training.transformer/bf16.utilisation"));
}

}  // namespace
}  // namespace tonne
