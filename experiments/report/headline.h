#pragma once
// What a page says first of a board: which strategy to take, or not to search.

#include <string>

#include "experiments/report/board_facts.h"

namespace tonne {

/// One to three sentences that the data supports.
[[nodiscard]] std::string headline_text(const BoardFacts& facts);

}  // namespace tonne
