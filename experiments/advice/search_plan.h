#pragma once
// What is asked of a plan, and what it says.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tonne {

/// Texts are as in an experiment file; those that are lists are the choices. Empty lists and texts: the
/// experiment file's defaults, or what the comment says.
struct PlanRequest {
  std::string problem;                  ///< "cell_nas" or "cell_nas: {task: cifar100}"; not asked with an experiment
  /// A file whose problem, machines, limits and rules hold where this request says nothing. Its lists of strategies, devices,
  /// grids, workers and starts are choices. Empty: none.
  std::filesystem::path experiment;
  std::vector<std::string> strategies;  ///< empty: the file's; else random, regularized_evolution, tpe, gp
  std::vector<std::string> devices, grids, workers, starts;
  std::string pue;
  std::filesystem::path catalogue;  ///< entries of the user's own; empty: the shipped ones alone
  std::string price, provider;      ///< of a device: "2.5 USD/h"; whose price of the catalogue's
  bool spot = false;                ///< the catalogue's spot price
  std::string preemption;           ///< "interval: 20 h, restart: 2 min, checkpoint: 1 h"
  std::string carbon, energy, money, deadline;  ///< limits of one search; at least one, if not in the file
  double trainings = 0.0, inferences = 0.0;     ///< of the result, later; 0 both: payback is not asked
  std::size_t seeds = 10;                       ///< to choose by
  std::size_t fresh_seeds = 20;                 ///< to say what to expect of the choice
  unsigned threads = 1;
};

/// One strategy on one choice of machines, grid and hour. Costs are means of a search.
struct PlanOption {
  std::string strategy, device, grid, workers, start;  ///< empty where there was no choice
  std::string place;                                   ///< the machines in words
  std::string signal;                                  ///< what the grid's figures mean (signal_kind())
  std::optional<double> value;                         ///< mean true value; none: no search found a winner
  std::optional<double> low, high;  ///< its 95 % interval, over fresh seeds for the chosen one
  double evaluations = 0.0, hours = 0.0, kilowatt_hours = 0.0, kilograms = 0.0;
  std::optional<double> dollars;  ///< none where no price is known
  bool level = false;  ///< not told apart from the best by the choosing seeds (Wilcoxon's p >= .05)
  std::vector<double> values_by_seed;  ///< in the order of the seeds; fewer where some have no winner
};

enum class PlanAdvice { search, no_gain, too_little, no_payback };

struct SearchPlan {
  std::string problem, objective, unit;
  bool higher_is_better = true;
  double default_value = 0.0;
  PlanAdvice advice = PlanAdvice::search;
  std::vector<PlanOption> options;    ///< best mean first, by the choosing seeds
  std::optional<std::size_t> chosen;  ///< the best, or of those level with it one that emits clearly less
  std::optional<PlanOption>
      expected;  ///< the chosen one over fresh seeds: its value is not flattered by the choice
  std::optional<double> chance_of_gain;  ///< part of the fresh searches that end better than the default
  std::vector<PlanOption>
      ladder;           ///< the chosen one at a quarter, half and the whole of the limits, fresh seeds
  std::string payback;  ///< "4,740 trainings", "never"; empty: not asked
  std::string warning;  ///< empty: none
  /// The chosen option as an experiment file, and where its relative paths start; empty without a choice.
  std::string experiment;
  std::filesystem::path directory;
};

}  // namespace tonne
