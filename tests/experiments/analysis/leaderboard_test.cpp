#include "experiments/analysis/leaderboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "experiments/analysis/verdict_text.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

TEST(EstimateMean, AgreesWithAWorkedExample) {
  // Student 1908, additional hours of sleep: mean .75, sd 1.789, n 10, t(9, .975) = 2.2622: .75 +- 1.280.
  const SeedMean e = estimate_mean({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0});
  EXPECT_NEAR(e.mean, 0.75, 1e-12);
  EXPECT_NEAR(*e.high - e.mean, 1.27978, 1e-5);
  EXPECT_NEAR(e.mean - *e.low, 1.27978, 1e-5);
  EXPECT_FALSE(estimate_mean({3.0}).low);
}

// By hand: means 20 and 2, ratio 10; residuals 0, 2, -2; s = 2, error = 2 / sqrt(3) / 2, t(2) = 4.302653.
TEST(EstimateRatio, AgreesWithAWorkedExample) {
  const SeedMean ratio = estimate_ratio({10.0, 22.0, 28.0}, {1.0, 2.0, 3.0});
  EXPECT_DOUBLE_EQ(ratio.mean, 10.0);
  EXPECT_NEAR(*ratio.high - ratio.mean, 4.302653 * 2.0 / std::sqrt(3.0) / 2.0, 1e-5);
  EXPECT_NEAR(ratio.mean - *ratio.low, *ratio.high - ratio.mean, 1e-12);
  EXPECT_FALSE(estimate_ratio({10.0}, {2.0}).low);
}

// Twenty times 0.72 has a mean above 0.72, by rounding.
TEST(RegretOfMean, IsNotBelowZeroByRounding) {
  for (const double value : {0.72, 0.1, 93.17, 1e-12, -5.3}) {
    for (std::size_t n = 1; n <= 40; ++n) {
      const double mean = estimate_mean(std::vector<double>(n, value)).mean;
      for (const Direction direction : {Direction::maximise, Direction::minimise}) {
        const double regret = regret_of_mean(direction, mean, value);
        EXPECT_GE(regret, 0.0) << value << " " << n;
        EXPECT_FALSE(std::signbit(regret)) << value << " " << n;
        EXPECT_LE(regret, 1e-14 * std::abs(value)) << value << " " << n;
      }
    }
  }
  const double mean = estimate_mean(std::vector<double>(20, 0.72)).mean;
  EXPECT_GT(mean, 0.72);
  EXPECT_EQ(regret_of_mean(Direction::maximise, mean, 0.72), 0.0);
  // A distance of its own stays, however small; one below 0 that no rounding explains is shown, not hidden.
  EXPECT_DOUBLE_EQ(regret_of_mean(Direction::minimise, 1e-20, 0.0), 1e-20);
  EXPECT_DOUBLE_EQ(regret_of_mean(Direction::maximise, 0.75, 0.5), -0.25);
}

// Coverage of the 95 % interval over 4,000 normal samples of 8: within 4 standard errors of .95, false-alarm rate 6e-5.
TEST(EstimateMean, CoversTheTruthAsOftenAsItSays) {
  Random random(31);
  constexpr int kSamples = 4000;
  int covered = 0;
  for (int i = 0; i < kSamples; ++i) {
    std::vector<double> values(8);
    for (double& v : values) v = 2.0 + 3.0 * random.normal();
    const SeedMean e = estimate_mean(values);
    covered += *e.low <= 2.0 && 2.0 <= *e.high ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(covered) / kSamples, 0.95, 4.0 * std::sqrt(0.95 * 0.05 / kSamples));
}

class Stored : public ::testing::Test {
 protected:
  void run(const std::string& text) {
    const Experiment experiment = parse_experiment(text, "e.yaml", ".");
    Store store = Store::create(folder_ / "r", experiment, {});
    Progress progress;
    ASSERT_TRUE(run_cells(experiment, {}, 1, store, progress));
    store.close();
  }
  [[nodiscard]] Store store() const { return Store::open(folder_ / "r"); }

 private:
  testing::TemporaryFolder folder_;
};

// Every figure of the table again, from the trials alone.
TEST_F(Stored, TheLeaderboardCanBeRecomputedFromTheTrials) {
  run("seeds: 4\nproblems: [cell_nas]\nstrategies: [random, tpe]\ncluster: {workers: 3}\nbudget: {evaluations: 30}\n"
      "charge_strategy: false\n");
  const Store s = store();
  const auto board = leaderboards(s).at(0);
  std::array<double, 2> trial_kwh{};
  std::array<double, 2> trial_kg{};
  std::array<double, 2> evaluations{};
  const auto cells = s.cells();
  s.each_trial([&](const TrialRow& row) {
    const std::size_t strategy = cells[row.cell].strategy;
    for (const double joules : row.energy_j) trial_kwh[strategy] += joules * joule / kilowatt_hour;
    trial_kg[strategy] += row.operational_kg + row.embodied_kg;
    evaluations[strategy] += 1;
  });
  std::array<double, 2> idle_kwh{};
  std::array<double, 2> idle_kg{};
  s.each_ledger_row([&](const LedgerRow& row) {
    if (row.account != "idle") return;
    idle_kwh[cells[row.cell].strategy] += row.energy_j * joule / kilowatt_hour;
    idle_kg[cells[row.cell].strategy] += row.operational_kg + row.embodied_kg;
  });
  for (const LeaderboardRow& row : board.rows) {
    const std::size_t strategy = row.strategy == "random" ? 0 : 1;
    EXPECT_DOUBLE_EQ(row.evaluations, evaluations[strategy] / 4);
    EXPECT_NEAR(row.search.energy / kilowatt_hour, (trial_kwh[strategy] + idle_kwh[strategy]) / 4, 1e-9);
    EXPECT_NEAR(row.search.carbon() / kilogram, (trial_kg[strategy] + idle_kg[strategy]) / 4, 1e-9);
    const double gain = row.value.mean - board.default_value;
    EXPECT_EQ(row.gain_per_tonne.has_value(), gain > 0.0);
    if (gain <= 0.0) continue;
    EXPECT_NEAR(*row.gain_per_tonne, gain / ((trial_kg[strategy] + idle_kg[strategy]) / 4 / 1000), 1e-6);
  }
}

TEST_F(Stored, TheBestComesFirstInEitherDirection) {
  run("seeds: 3\nproblems: [cell_nas, function]\nstrategies: [random, tpe]\nbudget: {evaluations: 25}\n");
  for (const Leaderboard& board : leaderboards(store())) {
    const double sign = board.direction == Direction::maximise ? 1.0 : -1.0;
    EXPECT_GE(sign * board.rows[0].value.mean, sign * board.rows[1].value.mean) << board.problem;
    EXPECT_GE(*board.rows[0].regret, 0.0);
  }
}

TEST_F(Stored, OneSeedClaimsNothing) {
  run("problems: [function]\nstrategies: [random, tpe]\nbudget: {evaluations: 5}\n");
  const auto board = leaderboards(store()).at(0);
  EXPECT_FALSE(board.rows[0].value.low);
  EXPECT_EQ(board.verdict.standing, Standing::kUnsettled);
  EXPECT_THAT(verdict_text(board), ::testing::HasSubstr("1 seed cannot tell 1 pair of strategies apart"));
}

// Trainings that all cost the same: an interval of nothing says nothing.
TEST_F(Stored, AnOverheadWithoutSpreadIsNotListed) {
  run("seeds: 3\nproblems: [function]\nstrategies: [random]\nbudget: {evaluations: 5}\n");
  EXPECT_EQ(format_leaderboards(leaderboards(store())).find("Overhead, 95 % interval"), std::string::npos);
}

TEST_F(Stored, LabelsCannotSteerATerminal) {
  run("problems: [function]\nstrategies:\n  - random: {label: \"\\e[31mr\\u202Eed\\x9b\"}\nbudget: {evaluations: 5}\n");
  const std::string table = format_leaderboards(leaderboards(store()));
  for (const char* steering : {"\033", "\xe2\x80\xae", "\xc2\x9b"}) EXPECT_EQ(table.find(steering), std::string::npos) << steering;
  EXPECT_NE(table.find("?[31mr?ed?"), std::string::npos) << table;
}

}  // namespace
}  // namespace tonne
