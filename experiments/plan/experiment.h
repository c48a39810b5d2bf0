#pragma once
// An experiment that has been read and checked: the plan of cells (problem x scenario x strategy x seed).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/cost_model.h"
#include "core/problem.h"
#include "core/simulator.h"
#include "core/uncertainty.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/sites.h"
#include "experiments/plan/cell_grid.h"
#include "experiments/plan/deployment.h"
#include "experiments/plan/estimate_spread.h"
#include "experiments/plan/published_figures.h"
#include "experiments/plan/warm_start.h"

namespace tonne {

class StrategyRecipe;
struct StrategyContext;

struct ProblemPlan {
  std::string label;     ///< stands in tables; unique
  std::string settings;  ///< canonical JSON, the catalogue's name included
  std::shared_ptr<const Problem> problem;
};

struct StrategyPlan {
  std::string label;     ///< stands in tables; unique
  std::string name;      ///< the catalogue's
  std::string settings;  ///< canonical JSON
  std::shared_ptr<const StrategyRecipe> recipe;
  std::optional<double> fidelity;  ///< at which candidates are evaluated; none: the problem's highest
};

/// Hardware, grid, budget and rules of one run. Lists in the cluster or budget give several scenarios.
struct ScenarioPlan {
  std::string label;     ///< what tells it from the other scenarios; empty when it is the only one
  std::string settings;  ///< canonical JSON of cluster, budget and rules
  std::string summary;   ///< "8 x V100, PUE 1.58, US-2018", for a table's head
  std::vector<SiteSummary> sites;  ///< where trials can run, home first; empty where that is the only place
  bool priced = true;             ///< whether what a search costs is known; if not, it is charged no money
  bool deployment_priced = true;  ///< the same of what is deployed
  std::vector<Factor> factors;  ///< the figures that the charges rest on, with their sources
  std::shared_ptr<const CostModel> cost;  ///< with every uncertain figure at its median
  std::vector<UncertainSetting> uncertain;  ///< in the order of the file
  /// The cost at other values of the uncertain figures: the draws, then each figure in turn at the tornado's low and
  /// at its high quantile. Empty when nothing is uncertain.
  std::vector<std::shared_ptr<const CostModel>> variants;
  SimulationOptions options;
  DeploymentSettings deployment;
  std::shared_ptr<const CostModel> deployment_cost;  ///< of the cluster of the deployment; `cost` where none is given
  std::string deployment_summary;                    ///< as `summary`; empty: nothing is deployed
};

enum class Recording : std::uint8_t { trials, incumbents };

struct Experiment {
  std::string name;
  std::string text;    ///< the file, byte for byte; changes of the command line stand below it as comments
  std::string digest;  ///< 32 hex digits over everything that decides the results, files that it names included
  std::vector<std::uint64_t> seeds;
  std::vector<ProblemPlan> problems;
  std::vector<ScenarioPlan> scenarios;
  std::vector<StrategyPlan> strategies;
  Recording recording = Recording::trials;
  SpreadSettings uncertainty{.draws = 256};
  std::vector<PublishedFigure> published;  ///< `reference`
  std::string baseline;                    ///< label of a strategy; empty: not given
  WarmStartPlan warm_start;

  [[nodiscard]] bool is_uncertain() const {
    return std::ranges::any_of(scenarios, [](const ScenarioPlan& s) { return !s.uncertain.empty(); });
  }
  [[nodiscard]] bool has_sites() const {
    return std::ranges::any_of(scenarios, [](const ScenarioPlan& s) { return !s.sites.empty(); });
  }
  [[nodiscard]] CellGrid grid() const { return {problems.size() * scenarios.size(), strategies.size(), seeds.size()}; }
  [[nodiscard]] std::size_t cells() const { return grid().cells(); }
};

/// A larger experiment is refused.
inline constexpr std::size_t kMostCells = 1'000'000;

/// One search. Cells are numbered with the seed running fastest, then strategy, scenario, problem.
struct Cell {
  std::size_t index = 0;
  std::size_t problem = 0;
  std::size_t scenario = 0;
  std::size_t strategy = 0;
  std::uint64_t seed = 0;
};
[[nodiscard]] Cell cell_at(const Experiment& experiment, std::size_t index);

/// What a cell's search starts from; empty without a warm start.
[[nodiscard]] std::span<const EarlierSearch> earlier_of(const Experiment& experiment, const Cell& cell);
/// What it is charged for that: nothing where it is only declared, or where its strategy does not learn from it.
[[nodiscard]] Charge share_of(const Experiment& experiment, const Cell& cell);

/// What has to be said beside results of a problem: where its answers come from, what strategies learned from before.
[[nodiscard]] std::vector<std::string> notes_of(const Experiment& experiment, std::size_t problem);

/// What a strategy is told of the cell's problem.
[[nodiscard]] StrategyContext strategy_context(const Experiment& experiment, const Cell& cell);

/// About how many evaluations one cell runs before its budget ends it, from the cost of the default configuration
/// and of a few random ones; nullopt when that cannot be told.
[[nodiscard]] std::optional<double> expected_evaluations(const Experiment& experiment, const Cell& cell);

}  // namespace tonne
