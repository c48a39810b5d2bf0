#include "search/strategies/transfer/transfer_tasks.h"

#include <algorithm>
#include <limits>
#include <cmath>
#include <numeric>
#include <utility>

namespace tonne {
namespace {

using Trials = std::vector<const EarlierTrial*>;

// Those of the highest fidelity among them, thinned.
TransferTask task_of(const std::string& problem, const Trials& trials, std::size_t most) {
  double highest = -std::numeric_limits<double>::infinity();
  for (const EarlierTrial* trial : trials) highest = std::max(highest, trial->fidelity);
  Trials full;
  std::ranges::copy_if(trials, std::back_inserter(full),
                       [highest](const EarlierTrial* trial) { return trial->fidelity == highest; });
  const std::size_t count = std::min(full.size(), most);
  TransferTask task{problem, {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    const EarlierTrial& trial = *full[i * full.size() / count];
    task.configurations.push_back(trial.configuration);
    task.losses.push_back(trial.loss);
  }
  return task;
}

}  // namespace

std::vector<TransferTask> transfer_tasks(std::span<const EarlierSearch> earlier, std::size_t most) {
  std::vector<std::pair<std::string, Trials>> by_problem;
  for (const EarlierSearch& search : earlier) {
    auto own = std::ranges::find(by_problem, search.problem, &std::pair<std::string, Trials>::first);
    if (own == by_problem.end()) own = by_problem.insert(own, {search.problem, {}});
    for (const EarlierTrial& trial : search.trials)
      if (std::isfinite(trial.loss)) own->second.push_back(&trial);
  }
  std::vector<TransferTask> tasks;
  for (const auto& [problem, trials] : by_problem)
    if (!trials.empty()) tasks.push_back(task_of(problem, trials, most));
  return tasks;
}

std::optional<std::string> refuses_without_earlier(const StrategyContext& context) {
  if (!transfer_tasks(context.earlier, 1).empty()) return std::nullopt;
  return "it learns from earlier results, and there are none: name a finished results folder with "
         "warm_start: RESULTS";
}

std::vector<std::size_t> best_first(const TransferTask& task) {
  std::vector<std::size_t> order(task.losses.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(task.losses[i], i); });
  return order;
}

std::vector<double> relative_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(values[i], i); });
  std::vector<double> ranks(values.size(), 0.0);
  if (values.size() < 2) return ranks;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = 0.5 * static_cast<double>(begin + end - 1) / static_cast<double>(order.size() - 1);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

}  // namespace tonne
