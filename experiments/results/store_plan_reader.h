#pragma once
// Reads back what store_plan_writer.h wrote. All throw StoreError where the store is damaged.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {

class SearchSpace;
class StoreDatabase;

/// Cells of the whole experiment, finished or not.
[[nodiscard]] std::size_t read_planned_cells(const StoreDatabase& database);
[[nodiscard]] std::vector<std::uint64_t> read_seeds(const StoreDatabase& database);
[[nodiscard]] std::vector<StoredProblem> read_problems(const StoreDatabase& database);
/// Of a problem by its number.
[[nodiscard]] SearchSpace read_space(const StoreDatabase& database, std::size_t problem);
[[nodiscard]] std::vector<StoredScenario> read_scenarios(const StoreDatabase& database);
[[nodiscard]] std::vector<StoredStrategy> read_strategies(const StoreDatabase& database);
/// In the order of scenarios, and in each in the order of the file.
[[nodiscard]] std::vector<StoredUncertain> read_uncertain(const StoreDatabase& database);
/// Absent when nothing is uncertain.
[[nodiscard]] std::optional<StoredUncertainty> read_uncertainty(const StoreDatabase& database);

}  // namespace tonne
