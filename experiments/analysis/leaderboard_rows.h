#pragma once
// What stands in a leaderboard.

#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/leaderboard_front.h"
#include "experiments/analysis/leaderboard_payback.h"
#include "experiments/analysis/leaderboard_spread.h"
#include "experiments/analysis/seed_mean.h"
#include "experiments/analysis/verdict.h"
#include "experiments/results/records.h"

namespace tonne {

/// One strategy on one problem in one scenario, over all of its searches: one that found nothing leaves the default
/// configuration in place, and counts with its value. Costs are means per search.
struct LeaderboardRow {
  std::string strategy;
  std::size_t seeds = 0;
  std::size_t without_winner = 0;  ///< searches that found nothing: every candidate failed
  std::vector<SeedOutcome> outcomes;  ///< by seed
  SeedMean value;                  ///< true value of the final incumbent
  std::optional<double> regret;    ///< mean distance to the optimum, where that is known
  double evaluations = 0.0;
  double failures = 0.0;
  double screenings = 0.0;
  Duration makespan{};
  Duration worker_time{};
  Usage search;
  /// Rent, electricity and carbon price of a search; none where no price is known (its `search.money` is then 0).
  std::optional<Money> money;
  Usage retraining;
  /// Mean improvement over the default configuration per mean tonne of CO2e; none when nothing was gained or
  /// emitted. Searches that found nothing gain 0, and emit.
  std::optional<double> gain_per_tonne;
  /// Carbon of the search over carbon of one training of its winner, ratio of means over the searches that have one.
  std::optional<double> overhead;
  std::optional<SeedMean> overhead_over_seeds;  ///< the same, with its interval
  std::optional<LeaderboardSpread> spread;  ///< none when no figure is uncertain
  std::optional<PaybackBalance> payback;    ///< none when nothing is deployed
  /// Of the cheapest that the searches found; none of a single objective, or where no search found one that is as good
  /// as the default configuration.
  std::optional<PaybackBalance> payback_of_cheapest = std::nullopt;
  std::optional<FrontFigures> front;        ///< none of a single objective
  std::vector<StageUsage> stages;           ///< of the trials; empty where the problem has none
};

struct Leaderboard {
  std::string problem, scenario, scenario_summary, objective, unit;
  std::string fidelity;  ///< what trainings are counted in: "epochs"; empty: the problem has one fidelity
  Direction direction = Direction::minimise;
  double default_value = 0.0;
  std::optional<double> optimum;
  bool priced = true;              ///< whether what a search costs is known
  bool deployment_priced = true;   ///< the same of what is deployed
  bool real = false;               ///< an imported search: its first full training stands for the default configuration
  DeploymentSettings deployment;   ///< how often the result is used; given() where it is
  std::string deployment_summary;  ///< on which machines
  std::vector<LeaderboardRow> rows;  ///< best mean first; equal means by CO2e
  std::optional<JointFront> front;   ///< none of a single objective
  BoardVerdict verdict;                   ///< of the rows: judge()
  std::vector<std::string> notes;    ///< where the problem's answers come from; what the scenario leaves out
};

}  // namespace tonne
