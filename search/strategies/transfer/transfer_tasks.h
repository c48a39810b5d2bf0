#pragma once
// Earlier searches by task, as the strategies of this family learn from them.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/strategy.h"

namespace tonne {

/// What earlier searches of one problem observed. Only trainings at the highest fidelity that any of them has
/// reached: losses of shorter ones are no losses of the same function.
struct TransferTask {
  std::string problem;
  std::vector<Configuration> configurations;
  std::vector<double> losses;  ///< finite; beside `configurations`
};

/// By problem, in the order in which these appear; at most `most` trials each (evenly spaced among all), so
/// that models stay cheap. Problems without a trial are left out.
[[nodiscard]] std::vector<TransferTask> transfer_tasks(std::span<const EarlierSearch> earlier,
                                                       std::size_t most);

/// Why a strategy that learns from earlier results cannot search: it has none.
[[nodiscard]] std::optional<std::string> refuses_without_earlier(const StrategyContext& context);

/// Indices of a task's trials, best first; equal losses in their order.
[[nodiscard]] std::vector<std::size_t> best_first(const TransferTask& task);

/// Positions of values among themselves, from 0 (the smallest) to 1; equal ones share their mean. A single
/// one: 0.
[[nodiscard]] std::vector<double> relative_ranks(std::span<const double> values);

}  // namespace tonne
