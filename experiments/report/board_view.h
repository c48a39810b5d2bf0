#pragma once
// One board of a report in words and tables.

#include <optional>

#include "experiments/analysis/anytime.h"
#include "experiments/report/board_facts.h"
#include "experiments/report/report_view.h"

namespace tonne {

/// The board with this index, from 0; `ranks` are its ranks over cost, where they are known.
[[nodiscard]] BoardView board_view(const BoardFacts& facts, std::size_t index,
                                   const std::optional<RankTable>& ranks);

}  // namespace tonne
