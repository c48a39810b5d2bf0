#include "experiments/advice/planner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/recipe.h"
#include "cost_models/catalogue.h"
#include "cost_models/cluster_settings.h"
#include "experiments/advice/plan_source.h"
#include "experiments/advice/plan_text.h"
#include "experiments/analysis/board.h"
#include "experiments/analysis/comparable.h"
#include "experiments/analysis/statistics.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/earlier_results.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "experiments/text/log.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kFreshSeed = 1'000'001;  // far from the choosing ones

}  // namespace

void PlanProgress::expect_steps(std::size_t steps) {
  const std::scoped_lock lock(mutex_);
  now_.steps = steps;
}

Progress& PlanProgress::begin(const std::string& what) {
  log_event(LogLevel::debug, "plan_step", {}, what);
  const std::scoped_lock lock(mutex_);
  cells_.cells_done = 0;
  cells_.cells_total = 0;
  cells_.seconds_left = -1.0;
  ++now_.step;
  now_.what = what;
  return cells_;
}

PlanProgress::Now PlanProgress::now() {
  const std::scoped_lock lock(mutex_);
  Now now = now_;
  now.cells_done = cells_.cells_done;
  now.cells_total = cells_.cells_total;
  now.evaluations = cells_.evaluations;
  return now;
}

namespace {

// A folder of the system's temporary place that vanishes.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "tonne-plan-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw StoreError(pattern + ": cannot be created");
    path_ = pattern;
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] fs::path next() { return path_ / std::to_string(count_++); }

 private:
  fs::path path_;
  std::size_t count_ = 0;
};

Board simulate(const std::string& text, const fs::path& directory, unsigned threads, Scratch& scratch, Progress& progress) {
  const Experiment experiment = parse_experiment(text, "the plan", directory, read_earlier_results);
  for (const StrategyPlan& strategy : experiment.strategies)
    if (const auto command = strategy.recipe->runs())
      throw InputError(fmt::format(
          "{} runs a command ({}), which tonne plan does not allow; use tonne run --allow-external",
          printable(strategy.label), printable(*command)));
  Store store = Store::create(scratch.next(), experiment, {});
  (void)run_cells(experiment, {}, threads, store, progress);
  std::vector<Board> boards = read_boards(store);
  if (boards.size() != 1)
    throw InputError(
        fmt::format("a plan covers one problem on one set of machines, but this makes {}: lists may stand in strategies, device, grid, "
                    "workers and start", boards.size()));
  return std::move(boards.front());
}

// The entry's own name, whatever the user called it; a group of settings is left as it is.
std::string grid_name(const std::string& grid) {
  if (grid.starts_with('{')) return grid;
  const auto entry = Catalogue::shipped()->find_grid(grid);
  return entry ? entry->name : grid;
}

PlanOption option_of(const Board& board, std::size_t s, const PlanMachines& machines) {
  const LeaderboardRow& row = board.leaderboard.rows[s];
  PlanOption option;
  option.strategy = row.strategy;
  option.device = machines.device;
  option.grid = grid_name(machines.grid);
  option.workers = machines.workers;
  option.start = machines.start;
  option.place = board.place.summary;
  option.signal = signal_kind(board.place);
  if (row.without_winner < row.seeds) {
    option.value = row.value.mean;
    option.low = row.value.low;
    option.high = row.value.high;
  }
  option.evaluations = row.evaluations;
  option.hours = row.makespan / hour;
  option.kilowatt_hours = row.search.energy / kilowatt_hour;
  option.kilograms = row.search.carbon() / kilogram;
  if (row.money) option.dollars = *row.money / dollar;
  for (const BoardSearch& search : board.strategies[s].searches)
    if (search.value) option.values_by_seed.push_back(*search.value);
  return option;
}

double gain(const SearchPlan& plan, double from, double to) {
  return plan.higher_is_better ? to - from : from - to;
}

void sort_best_first(SearchPlan& plan) {
  std::ranges::sort(plan.options, {}, [&](const PlanOption& option) {
    return std::tuple(!option.value, option.value ? -gain(plan, 0.0, *option.value) : 0.0, option.kilograms,
                      option.strategy, option.grid, option.workers, option.start, option.device);
  });
}

// Which options the choosing seeds do not tell apart from the best. The best mean is taken, unless one of
// those emits clearly less; then that one, unless a further one emits clearly less still. No adjustment for
// many comparisons: it would call weak options level with the best.
void choose(SearchPlan& plan, std::size_t seeds) {
  constexpr double kClearlyLess = 0.8;
  const PlanOption& best = plan.options.front();
  if (!best.value) return;
  plan.chosen = 0;
  plan.options.front().level = true;
  for (std::size_t i = 1; i < plan.options.size(); ++i) {
    PlanOption& option = plan.options[i];
    const bool paired = option.values_by_seed.size() == seeds && best.values_by_seed.size() == seeds;
    option.level =
        paired && wilcoxon_signed_rank(best.values_by_seed, option.values_by_seed).p >= kSignificant;
    if (option.level && option.kilograms < kClearlyLess * plan.options[*plan.chosen].kilograms)
      plan.chosen = i;
  }
}

std::string fresh_list(std::size_t count) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += fmt::format("{}{}", i == 0 ? "" : ", ", kFreshSeed + i);
  return list + "]";
}

PlanMachines machines_of(const PlanOption& option) {
  return {option.device, option.grid, option.workers, option.start};
}

std::size_t index_of(const Board& board, const std::string& strategy) {
  const auto at = std::ranges::find(board.leaderboard.rows, strategy, &LeaderboardRow::strategy);
  return static_cast<std::size_t>(at - board.leaderboard.rows.begin());
}

void expect(SearchPlan& plan, const PlanRequest& request, const PlanSource& source, const std::string& strategy, Scratch& scratch,
            PlanProgress& progress) {
  const PlanOption chosen = plan.options[*plan.chosen];
  const std::string seeds = fresh_list(request.fresh_seeds);
  for (const double part : {0.25, 0.5, 1.0}) {
    Progress& cells = progress.begin(fmt::format("{} on fresh seeds, {:g} of the limit", chosen.strategy, part));
    const Board board = simulate(source.text(strategy, machines_of(chosen), seeds, part), source.directory(), request.threads, scratch, cells);
    const std::size_t row = index_of(board, chosen.strategy);
    plan.ladder.push_back(option_of(board, row, machines_of(chosen)));
    if (part < 1.0) continue;
    plan.expected = plan.ladder.back();
    const auto& values = plan.expected->values_by_seed;
    const auto better = std::ranges::count_if(
        values, [&](double value) { return gain(plan, plan.default_value, value) > 0.0; });
    plan.chance_of_gain = static_cast<double>(better) / static_cast<double>(request.fresh_seeds);
    const auto& payback = board.leaderboard.rows[row].payback;
    if (!board.leaderboard.deployment.given()) continue;
    plan.payback = payback ? break_even_text(*payback, board.leaderboard.deployment) : "not known";
    if (payback && (!payback->break_even || *payback->break_even > 1.0)) plan.advice = PlanAdvice::no_payback;
  }
}

void judge(SearchPlan& plan) {
  if (!plan.expected || !plan.expected->value) {
    plan.advice = PlanAdvice::too_little;
    return;
  }
  const PlanOption& expected = *plan.expected;
  const double worst = !expected.low           ? *expected.value
                       : plan.higher_is_better ? *expected.low
                                               : *expected.high;
  if (gain(plan, plan.default_value, worst) <= 0.0) plan.advice = PlanAdvice::no_gain;
}

// Kilograms of two kinds of grid signal are not one quantity: the cleaner grid may only be counted otherwise.
void warn(SearchPlan& plan) {
  std::vector<std::string> kinds;
  for (const PlanOption& option : plan.options) kinds.push_back(option.signal);
  plan.warning = mixed_kinds_warning(std::move(kinds));
  const auto unknown = std::ranges::count_if(plan.options, [](const PlanOption& option) {
    return option.place.find(kManufactureNotKnown) != std::string::npos;
  });
  if (unknown == 0 || static_cast<std::size_t>(unknown) == plan.options.size()) return;
  plan.warning += std::string(plan.warning.empty() ? "" : " ") +
                  "Of some of these machines the manufacture is not known and not counted: they look cleaner than "
                  "they are, and a limit of CO2e buys more evaluations on them.";
}

}  // namespace

SearchPlan plan_search(const PlanRequest& request, PlanProgress& progress) {
  const PlanSource source(request);
  Scratch scratch;
  SearchPlan plan;
  plan.directory = source.directory();
  std::map<std::string, std::string> settings;  // by label
  progress.expect_steps(source.machines().size() * source.strategies().size() + 3);
  for (const PlanMachines& choice : source.machines()) {
    for (const std::string& strategy : source.strategies()) {
      PlanOption shown;
      shown.device = choice.device;
      shown.grid = choice.grid;
      shown.workers = choice.workers;
      shown.start = choice.start;
      const std::string machines = choice_text(shown);
      Progress& cells = progress.begin(strategy + (machines.empty() ? "" : ", " + machines));
      const Board board = simulate(source.text(strategy, choice, std::to_string(request.seeds), 1.0), source.directory(),
                                   request.threads, scratch, cells);
      plan.problem = board.traits.label;
      plan.objective = board.traits.objective;
      plan.unit = board.traits.unit;
      plan.higher_is_better = board.traits.direction == Direction::maximise;
      plan.default_value = board.traits.default_true_value;
      for (std::size_t s = 0; s < board.strategies.size(); ++s) {
        plan.options.push_back(option_of(board, s, choice));
        settings[board.strategies[s].label] = strategy;
      }
    }
  }
  sort_best_first(plan);
  choose(plan, request.seeds);
  if (plan.chosen) {
    const PlanOption& chosen = plan.options[*plan.chosen];
    const std::string strategy = settings.at(chosen.strategy);
    plan.experiment = source.text(strategy, machines_of(chosen), std::to_string(request.fresh_seeds), 1.0, true);
    expect(plan, request, source, strategy, scratch, progress);
  }
  judge(plan);
  warn(plan);
  return plan;
}

}  // namespace tonne
