#include "search/problems/landscape/training_seeds.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <string>

#include "core/error.h"
#include "core/yaml.h"

namespace tonne {
namespace {

TrainingSeeds read(const std::string& settings, std::int64_t usual) {
  const YamlNode root = parse_yaml(settings, "e.yaml");
  const YamlSource source{"e.yaml", "."};
  SettingsReader reader(root, source, "problem");
  TrainingSeedsSetting setting;
  setting.visit(reader, usual);
  reader.finish();
  return setting.seeds(usual);
}

TEST(TrainingSeeds, AreANumberOrUnlimited) {
  EXPECT_EQ(read("{}", 3).count(), 3U);
  EXPECT_EQ(read("{training_seeds: 4}", 3).count(), 4U);
  EXPECT_TRUE(read("{training_seeds: unlimited}", 3).unlimited());
  EXPECT_TRUE(read("{}", TrainingSeeds::kUnlimited).unlimited());
  EXPECT_EQ(read("{training_seeds: 2}", TrainingSeeds::kUnlimited).count(), 2U);
}

TEST(TrainingSeeds, AnythingElseIsRefusedWithItsPlace) {
  for (const std::string found : {"0", "-1", "101", "3.5", "3x", "many", "99999999999999999999"}) {
    try {
      (void)read("{training_seeds: " + found + "}", 3);
      FAIL() << found;
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("e.yaml:1:18"), std::string::npos) << message;
      EXPECT_NE(
          message.find("found '" + found + "', expected a whole number between 1 and 100, or unlimited"),
          std::string::npos)
          << message;
    }
  }
}

TEST(TrainingSeeds, TheSameSettingsGiveTheSameText) {
  TrainingSeedsSetting silent;
  EXPECT_EQ(canonical_settings([&](SettingsVisitor& v) { silent.visit(v, 3); }), R"({"training_seeds":"3"})");
  EXPECT_EQ(canonical_settings([&](SettingsVisitor& v) { silent.visit(v, TrainingSeeds::kUnlimited); }),
            R"({"training_seeds":"unlimited"})");
}

TEST(TrainingSeeds, DeviationsOfACandidateSumToZero) {
  for (const std::int64_t count : {2, 3, 4, 100}) {
    const TrainingSeeds seeds(count);
    for (std::uint64_t candidate = 0; candidate < 20; ++candidate) {
      double sum = 0.0;
      for (std::uint64_t seed = 0; seed < seeds.count(); ++seed) sum += seeds.deviation(candidate, seed);
      EXPECT_NEAR(sum, 0.0, 1e-12);
    }
  }
}

// Over 20,000 candidates the variance of n seeds' deviations is 1 - 1/n (a single seed: 1), within four of
// its standard errors, and their mean is 0: a false alarm of 6e-5 each.
TEST(TrainingSeeds, DeviationsHaveTheStatedSpread) {
  constexpr int candidates = 20'000;
  const Configuration configuration(1);
  for (const std::int64_t count : {std::int64_t{1}, std::int64_t{3}, TrainingSeeds::kUnlimited}) {
    const TrainingSeeds seeds(count);
    Random random(11);
    double sum = 0.0;
    double squares = 0.0;
    for (std::uint64_t candidate = 0; candidate < candidates; ++candidate) {
      const Evaluation evaluation{configuration, 0.0, 1.0, 0, mix_bits(candidate + 1'000'000)};
      const double x = seeds.deviation_of(mix_bits(candidate), evaluation, random);
      sum += x;
      squares += x * x;
    }
    const double variance = count < 2 ? 1.0 : 1.0 - 1.0 / static_cast<double>(count);
    EXPECT_NEAR(sum / candidates, 0.0, 4.0 * std::sqrt(variance / candidates)) << count;
    EXPECT_NEAR(squares / candidates, variance, 4.0 * variance * std::sqrt(2.0 / candidates)) << count;
  }
}

TEST(TrainingSeeds, RepeatsReturnTheSeedsOneAfterAnother) {
  const TrainingSeeds seeds(3);
  const Configuration configuration(1);
  std::array<int, 3> first{};
  for (std::uint64_t run = 0; run < 30; ++run) {
    std::set<std::uint64_t> seen;
    for (std::uint32_t repeat = 0; repeat < 3; ++repeat)
      seen.insert(seeds.seed_of({configuration, 0.0, 1.0, repeat, run}));
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(seeds.seed_of({configuration, 0.0, 1.0, 3, run}),
              seeds.seed_of({configuration, 0.0, 0.5, 0, run}));
    ++first.at(seeds.seed_of({configuration, 0.0, 1.0, 0, run}));
  }
  for (const int count : first) EXPECT_EQ(count, 10);
}

TEST(TrainingSeeds, UnlimitedTrainingsAreAllNew) {
  const TrainingSeeds seeds;
  Random random(3);
  const Configuration configuration(1);
  std::set<double> seen;
  for (int i = 0; i < 100; ++i) seen.insert(seeds.deviation_of(7, {configuration, 0.0, 1.0, 0, 5}, random));
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace tonne
