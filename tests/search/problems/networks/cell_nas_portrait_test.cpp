// The portrait of what ships against what was measured on the public tables, of landscapes 0 to 4. Tolerances
// are stated with each figure; nothing here is random, so there are no false alarms: a failure means that the
// landscape has changed. tests/experiments/analysis/cell_portrait_test.cpp has the last hundredth.

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "tests/search/problems/networks/portrait.h"

namespace tonne::testing {
namespace {

struct Target {
  CellTask task;
  std::array<double, 8> quantiles;  // 1/5/25/50/75/95/99/100 %
  double flops_rank, parameters_rank, flops_rank_better_half;
  std::array<double, 5> autocorrelation;  // lags 1/2/3/5/10
  double local_optima;
  double additive;
  double early_rank, early_rank_best;
  double sd_pooled, sd_median, sd_best;
};

constexpr std::array<int, 5> kLags = {1, 2, 3, 5, 10};
constexpr std::array<double, 8> kRanks = {0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99, 1.0};

const std::array<Target, 3> kTargets = {{
    {CellTask::cifar10,
     {10.0, 73.5, 87.6, 90.8, 92.2, 93.3, 93.8, 94.37},
     0.73,
     0.75,
     0.50,
     {0.56, 0.35, 0.23, 0.12, 0.03},
     18,
     0.29,
     0.87,
     0.54,
     0.56,
     0.21,
     0.16},
    {CellTask::cifar100,
     {1.0, 42.5, 59.2, 65.3, 67.9, 70.1, 71.1, 73.51},
     0.71,
     0.73,
     0.52,
     {0.61, 0.41, 0.28, 0.15, 0.04},
     24,
     0.40,
     0.82,
     0.43,
     0.62,
     0.42,
     0.49},
    {CellTask::imagenet16,
     {0.8, 15.2, 29.5, 36.4, 40.2, 44.1, 45.4, 47.31},
     0.67,
     0.69,
     0.42,
     {0.68, 0.49, 0.36, 0.21, 0.06},
     36,
     0.61,
     0.81,
     0.32,
     0.78,
     0.45,
     0.62},
}};

constexpr std::int64_t kLandscapes = 5;

const Portrait& portrait_of(CellTask task, std::int64_t landscape) {
  static std::map<std::pair<CellTask, std::int64_t>, Portrait> portraits;
  const std::pair key{task, landscape};
  const auto known = portraits.find(key);
  return known != portraits.end() ? known->second
                                  : portraits.emplace(key, portrait(task, landscape)).first->second;
}

class CellNasPortrait : public ::testing::TestWithParam<std::tuple<Target, std::int64_t>> {
 protected:
  const Target& target_ = std::get<0>(GetParam());
  const Portrait& portrait_ = portrait_of(target_.task, std::get<1>(GetParam()));
};

TEST_P(CellNasPortrait, QuantilesAreThePublishedOnes) {
  for (std::size_t k = 0; k < kRanks.size(); ++k)
    EXPECT_NEAR(quantile(portrait_.accuracy, kRanks[k]), target_.quantiles[k], 0.05) << kRanks[k];
}

TEST_P(CellNasPortrait, CostlierCellsAreBetterByAsMuch) {
  EXPECT_NEAR(spearman(portrait_.accuracy, portrait_.log_macs), target_.flops_rank, 0.03);
  EXPECT_NEAR(spearman(portrait_.accuracy, portrait_.log_parameters), target_.parameters_rank, 0.03);
  EXPECT_NEAR(spearman_within(portrait_.accuracy, portrait_.log_macs, portrait_.accuracy, 0.5),
              target_.flops_rank_better_half, 0.04);
}

TEST_P(CellNasPortrait, NeighboursAreAsAlike) {
  for (std::size_t k = 0; k < kLags.size(); ++k)
    EXPECT_NEAR(walk_autocorrelation(portrait_.accuracy, kLags[k]), target_.autocorrelation[k], 0.02)
        << kLags[k];
}

TEST_P(CellNasPortrait, EditsImproveAsOften) {
  const Values improving = improving_edits(portrait_.accuracy);
  const auto chance = [&](double low, double high) {
    return mean_between(improving, portrait_.accuracy, low, high);
  };
  EXPECT_NEAR(chance(0.999, 1.0), 0.07, 0.04);  // of 16 cells

  EXPECT_NEAR(chance(0.99, 1.0), 0.14, 0.02);
  EXPECT_NEAR(chance(0.95, 0.99), 0.22, 0.03);
  EXPECT_NEAR(chance(0.75, 0.95), 0.34, 0.02);
  EXPECT_NEAR(chance(0.0, 0.5), 0.59, 0.02);
}

TEST_P(CellNasPortrait, LocalOptimaAreAsMany) {
  const Values improving = improving_edits(portrait_.accuracy);
  const auto optima = static_cast<double>(std::count(improving.begin(), improving.end(), 0.0));
  EXPECT_NEAR(optima, target_.local_optima, 0.2 * target_.local_optima);
}

TEST_P(CellNasPortrait, OperationsAloneExplainAsMuch) {
  EXPECT_NEAR(additive_share(portrait_.accuracy), target_.additive, 0.045);
}

TEST_P(CellNasPortrait, TwelveEpochsPredictAsMuch) {
  EXPECT_NEAR(spearman(portrait_.early, portrait_.accuracy), target_.early_rank, 0.075);
  EXPECT_NEAR(spearman_within(portrait_.early, portrait_.accuracy, portrait_.accuracy, 0.1),
              target_.early_rank_best, 0.1);
}

TEST_P(CellNasPortrait, TrainingSeedsBlurAsMuch) {
  EXPECT_NEAR(pooled_sd(portrait_, 0.0, 1.0), target_.sd_pooled, 0.03);
  EXPECT_NEAR(quantile(portrait_.seed_sd, 0.5), target_.sd_median, 0.03);
  EXPECT_NEAR(pooled_sd(portrait_, 0.99, 1.0), target_.sd_best, 0.08);
}

INSTANTIATE_TEST_SUITE_P(Tasks, CellNasPortrait,
                         ::testing::Combine(::testing::ValuesIn(kTargets),
                                            ::testing::Range(std::int64_t{0}, kLandscapes)),
                         [](const auto& drawn) {
                           const Target& target = std::get<0>(drawn.param);
                           return std::string(kCellTaskNames[static_cast<std::size_t>(target.task)]) + "_" +
                                  std::to_string(std::get<1>(drawn.param));
                         });

TEST(CellNasPortraitCifar10, PoorCellsAreNoisier) {
  const Portrait& p = portrait_of(CellTask::cifar10, 0);
  constexpr std::array<double, 5> target = {1.08, 0.39, 0.29, 0.23, 0.21};
  for (std::size_t k = 0; k < target.size(); ++k) {
    const double low = 0.2 * static_cast<double>(k);
    EXPECT_NEAR(pooled_sd(p, low, low + 0.2), target[k], 0.03) << k;
  }
}

TEST(CellNasPortraitCifar10, QuantilesAfterTwelveEpochs) {
  const Portrait& p = portrait_of(CellTask::cifar10, 0);
  constexpr std::array<double, 8> target = {10.0, 54.4, 73.6, 79.6, 83.8, 86.7, 88.1, 89.2};
  for (std::size_t k = 0; k < kRanks.size(); ++k)
    EXPECT_NEAR(quantile(p.early, kRanks[k]), target[k], k + 1 < target.size() ? 0.2 : 0.6) << k;
}

// Rank correlation over all cells; the published .96-.98 does not say of which pair.
TEST(CellNasPortraitTasks, AreAlike) {
  const auto correlation = [](CellTask a, CellTask b) {
    return spearman(portrait_of(a, 0).accuracy, portrait_of(b, 0).accuracy);
  };
  EXPECT_NEAR(correlation(CellTask::cifar10, CellTask::cifar100), 0.97, 0.03);
  EXPECT_NEAR(correlation(CellTask::cifar10, CellTask::imagenet16), 0.96, 0.03);
  EXPECT_NEAR(correlation(CellTask::cifar100, CellTask::imagenet16), 0.98, 0.03);
}

// No landscape that the program counts was fitted.
TEST(CellNasPortraitLandscapes, OtherSeedsStayNear) {
  const Portrait p = portrait(CellTask::cifar10, 7);
  const Target& target = kTargets[0];
  EXPECT_NEAR(spearman(p.accuracy, p.log_macs), target.flops_rank, 0.05);
  EXPECT_NEAR(walk_autocorrelation(p.accuracy, 1), target.autocorrelation[0], 0.05);
  EXPECT_NEAR(additive_share(p.accuracy), target.additive, 0.05);
  EXPECT_NEAR(spearman(p.early, p.accuracy), target.early_rank, 0.04);
  EXPECT_EQ(quantile(p.accuracy, 0.5), quantile(portrait_of(CellTask::cifar10, 0).accuracy, 0.5));
}

}  // namespace
}  // namespace tonne::testing
