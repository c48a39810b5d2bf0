#pragma once
// `tonne plan`: before a search is paid for, which strategy, how many workers, which grid and hour, and what
// to expect; or not to search at all.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/statistics.h"
#include "experiments/text/text_table.h"

namespace tonne {

/// Texts are as in an experiment file; those that are lists are the choices. Empty lists and texts: the
/// experiment file's defaults, or what the comment says.
struct PlanRequest {
  std::string problem;                  ///< "cell_nas" or "cell_nas: {task: cifar100}"
  std::vector<std::string> strategies;  ///< empty: random, regularized_evolution, tpe, gp
  std::vector<std::string> devices, grids, workers, starts;
  std::string pue;
  std::string carbon, energy, money, deadline;  ///< limits of one search; at least one
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
};

/// Simulates. `working` is told what is being simulated, for a progress line. Throws InputError for a bad
/// setting and when there are more than 500 choices.
[[nodiscard]] SearchPlan plan_search(const PlanRequest& request,
                                     const std::function<void(const std::string&)>& working);

[[nodiscard]] std::string plan_text(const SearchPlan& plan, const TextStyle& style = {});
[[nodiscard]] std::string plan_json(const SearchPlan& plan);

}  // namespace tonne
