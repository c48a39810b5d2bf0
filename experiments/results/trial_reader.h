#pragma once
// Reads the blocks of trials back.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "experiments/results/content_sum.h"
#include "experiments/results/records.h"
#include "experiments/results/trial_columns.h"

namespace tonne {

class StoreDatabase;

[[nodiscard]] std::uint64_t count_trials(const StoreDatabase& database);

/// In the order of cells, and in each of the first trial; one block at a time is in memory. `cell`: only its blocks. Throws
/// StoreError, which names cell and block, when one is damaged.
void each_trial_block(const StoreDatabase& database, std::optional<std::size_t> cell,
                      const std::function<void(std::size_t, const TrialColumns&)>& visit);

/// Each row is valid until the visitor returns.
void each_trial(const StoreDatabase& database, std::optional<std::size_t> cell,
                const std::function<void(const TrialRow&)>& visit);

/// Of all trials of a cell. Throws StoreError as each_trial_block() does.
[[nodiscard]] ContentSum content_of_trials(const StoreDatabase& database, std::size_t cell);

}  // namespace tonne
