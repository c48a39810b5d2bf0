#pragma once
// `tonne plan`: before a search is paid for, which strategy, how many workers, which grid and hour, and what
// to expect; or not to search at all.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/statistics.h"
#include "experiments/run/runner.h"
#include "experiments/text/text_table.h"

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

/// What a display reads while a plan is made; safe to read from another thread.
class PlanProgress {
 public:
  struct Now {
    std::size_t step = 0, steps = 0;  ///< options and stages of the last one, as far as they are known
    std::string what;                 ///< "tpe, 4 workers"
    std::size_t cells_done = 0, cells_total = 0;  ///< searches of this step
    std::uint64_t evaluations = 0;                ///< of all steps
  };
  [[nodiscard]] Now now();
  void expect_steps(std::size_t steps);
  /// The next step begins, whose searches count in what is returned.
  Progress& begin(const std::string& what);

 private:
  std::mutex mutex_;
  Now now_;
  Progress cells_;
};

/// Simulates. Throws InputError for a bad setting and when there are more than 500 choices.
[[nodiscard]] SearchPlan plan_search(const PlanRequest& request, PlanProgress& progress);

/// The chosen option as an experiment file of that path, with a heading; empty without a choice.
[[nodiscard]] std::string runnable_experiment(const SearchPlan& plan, const std::filesystem::path& file);

[[nodiscard]] std::string plan_text(const SearchPlan& plan, const TextStyle& style = {});
[[nodiscard]] std::string plan_json(const SearchPlan& plan);

}  // namespace tonne
