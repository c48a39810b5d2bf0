#pragma once
// What a store says in a table: a pure function of the recorded data.

#include <string>
#include <vector>

#include "experiments/analysis/leaderboard_rows.h"
#include "experiments/text/text_table.h"

namespace tonne {

class Store;
struct CellRecord;

/// One leaderboard for each problem and scenario that has finished cells.
[[nodiscard]] std::vector<Leaderboard> leaderboards(const Store& store);
/// The same, of a store whose cells have been read, with everything of each (CellDetail::all).
[[nodiscard]] std::vector<Leaderboard> leaderboards(const Store& store, const std::vector<CellRecord>& cells);

/// The tables for people.
[[nodiscard]] std::string format_leaderboards(const std::vector<Leaderboard>& boards, const TextStyle& style = {});

}  // namespace tonne
