#pragma once
// Reads back what CellWriter wrote.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {

class StoreDatabase;

/// Which of so many cells have finished.
[[nodiscard]] std::vector<bool> read_finished(const StoreDatabase& database, std::size_t cells);
/// The finished cells, by number. Throws StoreError when one does not belong to the plan.
[[nodiscard]] std::vector<CellRecord> read_cells(const StoreDatabase& database, CellDetail detail);
/// The finished ones.
[[nodiscard]] std::size_t count_cells(const StoreDatabase& database);
/// CellRecord::search of one cell.
[[nodiscard]] Usage read_search_usage(const StoreDatabase& database, std::size_t cell);

// In the order of cells, and in each of the rest of the table's key. Each row is valid until the visitor
// returns.
void each_incumbent(const StoreDatabase& database, const std::function<void(const IncumbentRow&)>& visit);
/// The last one of a cell; none where it has none.
[[nodiscard]] std::optional<IncumbentRow> read_final_incumbent(const StoreDatabase& database,
                                                               std::size_t cell);
void each_ledger_row(const StoreDatabase& database, const std::function<void(const LedgerRow&)>& visit);
void each_variant(const StoreDatabase& database, const std::function<void(const VariantRow&)>& visit);

}  // namespace tonne
