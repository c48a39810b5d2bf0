#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// Worked by hand: eta 3, rungs of 1, 3 and 9 epochs.
TEST(Asha, PromotesTheBestThirdOfARungFromTheTopDown) {
  Scripted game("asha", "{}", 9.0);
  game.play(5.0);
  game.play(4.0);
  EXPECT_EQ(game.fidelity(game.play(6.0)), 1.0);  // two entries: floor(2 / 3) = 0 can go on
  const TrialId fourth = game.play(3.5);          // three entries: 4.0 goes on
  EXPECT_EQ(game.fidelity(fourth), 3.0);
  EXPECT_EQ(game.of(fourth).resumes, 1U);

  // Entries 4, 5, 6, then 1: the best third of four is one, which is 1 now, though 4 went on before.
  const TrialId fifth = game.play(1.0);
  EXPECT_EQ(game.fidelity(fifth), 1.0);
  const TrialId sixth = game.play(2.0);
  EXPECT_EQ(game.of(sixth).resumes, fifth);

  // Two entries in the second rung (3.5, 2.0) do not suffice; the bottom grows: 4, 5, 6, 1, 7, .5: .5 goes
  // on.
  EXPECT_EQ(game.fidelity(game.play(7.0)), 1.0);
  const TrialId eighth = game.play(0.5);
  EXPECT_EQ(game.fidelity(eighth), 1.0);
  const TrialId ninth = game.begin().value();
  EXPECT_EQ(game.of(ninth).resumes, eighth);
  EXPECT_EQ(game.fidelity(ninth), 3.0);
  game.end(ninth, 3.0);

  // Three in the second rung: its best, 2.0, before anything of the first.
  const TrialId tenth = game.begin().value();
  EXPECT_EQ(game.fidelity(tenth), 9.0);
  EXPECT_EQ(game.of(tenth).resumes, sixth);
}

TEST(Asha, NoWorkerWaitsWhileOthersRun) {
  Scripted game("asha", "{}", 9.0, 32);
  for (int i = 0; i < 32; ++i) EXPECT_EQ(game.fidelity(game.begin().value()), 1.0);
}

TEST(Asha, FailuresCountAsTheWorstAndNeverGoOn) {
  Scripted game("asha", "{}", 9.0);
  for (int i = 0; i < 2; ++i) game.fail(game.begin().value());
  const TrialId third = game.play(9.0);
  EXPECT_EQ(game.of(game.play(1.0)).resumes, third);
  Scripted hopeless("asha", "{}", 9.0);
  for (int i = 0; i < 10; ++i) {
    const TrialId id = hopeless.begin().value();
    EXPECT_EQ(hopeless.fidelity(id), 1.0);
    hopeless.fail(id);
  }
}

TEST(Asha, StoppingGoesOnAtOnceOrNever) {
  Scripted game("asha", "{type: stopping}", 9.0);
  game.play(5.0);
  game.play(4.0);
  game.play(6.0);  // 4.0 is the best third now, and was stopped
  const TrialId fourth = game.play(3.0);
  EXPECT_EQ(game.fidelity(fourth), 1.0);  // rank 1 of 4
  const TrialId fifth = game.play(8.0);
  EXPECT_EQ(game.of(fifth).resumes, fourth);
  EXPECT_EQ(game.fidelity(fifth), 3.0);
  EXPECT_EQ(game.fidelity(game.play(3.5)), 1.0);  // alone in the second rung: stopped. 3.5 is rank 2 of 5
  EXPECT_EQ(game.fidelity(game.begin().value()), 1.0);
}

TEST(Asha, BracketsStartHigher) {
  Scripted game("asha", "{brackets: 3}", 9.0);
  std::map<double, int> started;
  for (int i = 0; i < 300; ++i) ++started[game.fidelity(game.begin().value())];
  // In proportion to 9, 5 and 3: standard deviations 8.4, 7.9, 6.6; four of them (false alarm under 10^-4).
  EXPECT_NEAR(started[1.0], 300 * 9 / 17.0, 34);
  EXPECT_NEAR(started[3.0], 300 * 5 / 17.0, 32);
  EXPECT_NEAR(started[9.0], 300 * 3 / 17.0, 27);
}

// Ray Tune, Syne Tune 1: e^3, e^2 and e for three, two and one rung.
TEST(Asha, BracketsAreDrawnBySoftmaxToo) {
  Scripted game("asha", "{brackets: 3, bracket_draw: softmax}", 9.0);
  std::map<double, int> started;
  for (int i = 0; i < 300; ++i) ++started[game.fidelity(game.begin().value())];
  // Standard deviations 8.2, 7.4, 5.0; four of them (false alarm under 10^-4).
  EXPECT_NEAR(started[1.0], 300 * 0.6652, 33);
  EXPECT_NEAR(started[3.0], 300 * 0.2447, 30);
  EXPECT_NEAR(started[9.0], 300 * 0.0900, 20);
}

// Against a plain sort: whoever goes on is the best of the rung's best third that has not.
TEST(Asha, PromotesAsASortWouldOverManyTrials) {
  Scripted game("asha", "{}", 3.0);
  std::vector<std::pair<double, TrialId>> rung;
  std::set<TrialId> gone_on;
  Random random(4);
  for (int i = 0; i < 2000; ++i) {
    std::ranges::sort(rung);
    std::optional<TrialId> expected;
    for (std::size_t place = 0; place < rung.size() / 3 && !expected; ++place)
      if (!gone_on.contains(rung[place].second)) expected = rung[place].second;
    const TrialId id = game.begin().value();
    ASSERT_EQ(game.of(id).resumes, expected);
    if (expected) gone_on.insert(*expected);
    const double loss = static_cast<double>(random.below(500));
    if (!expected) rung.emplace_back(loss, id);
    game.end(id, loss);
  }
}

// Mean epochs trained in a fixed time, candidates being up to ten times slower than others.
double trained(std::string_view name, const std::string& settings, unsigned workers) {
  const testing::CurveProblem problem(81.0, 0.05, 10.0);
  SimulationOptions options;
  options.workers = workers;
  options.budget.time = 4000.0 * second;
  double sum = 0.0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    sum += testing::search(name, settings, problem, options, seed).result.trained;
  return sum / 5;
}

// Li et al. 2020: near-linear in workers; synchronous halving waits for stragglers.
TEST(Asha, ScalesWithWorkersWhereSynchronousHalvingWaits) {
  const double asha = trained("asha", "{}", 16) / trained("asha", "{}", 1);
  const double waiting = trained("successive_halving", "{barrier: wait}", 16) /
                         trained("successive_halving", "{barrier: wait}", 1);
  EXPECT_GT(asha, 14.0);
  EXPECT_LT(waiting, 0.6 * asha);
}

// Median time until 16 workers have found a configuration as good as the best of some hundred draws, in full
// training.
double time_to_target(std::string_view name, const std::string& settings) {
  constexpr double kTarget = 0.02;
  const testing::CurveProblem problem(81.0, 0.05, 10.0);
  SimulationOptions options;
  options.workers = 16;
  options.budget.time = 20'000.0 * second;
  std::vector<double> times;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto searched = testing::search(name, settings, problem, options, seed);
    double time = options.budget.time->base();
    for (const Incumbent& found : searched.seen.incumbents)
      if (found.fidelity == 81.0 && found.true_value <= kTarget) time = std::min(time, found.time.base());
    times.push_back(time);
  }
  return testing::median(times);
}

TEST(Asha, IsAheadOfSynchronousHalvingAt16Workers) {
  const double asha = time_to_target("asha", "{}");
  EXPECT_LT(asha, time_to_target("successive_halving", "{barrier: wait}"));
  EXPECT_LT(asha, time_to_target("random", "{}"));
}

// The table of docs/strategies.md: median seconds to the target; how much more 16 workers train than one.
TEST(Asha, DISABLED_Table) {
  const std::vector<std::pair<std::string, std::string>> rows = {{"random", "{}"},
                                                                 {"successive_halving", "{barrier: wait}"},
                                                                 {"successive_halving", "{}"},
                                                                 {"asha", "{}"},
                                                                 {"asha", "{type: stopping}"}};
  for (const auto& [name, settings] : rows)
    std::printf("%-20s %-18s %6.0f %5.1f\n", name.c_str(), settings.c_str(), time_to_target(name, settings),
                trained(name, settings, 16) / trained(name, settings, 1));
}

}  // namespace
}  // namespace tonne
