#pragma once
// A paragraph and a table for a paper's appendix: what a study cost, in the items that checklists ask for.

#include <cstdint>
#include <optional>
#include <string>

#include "experiments/exports/own_footprint.h"

namespace tonne {

class Store;

enum class StatementFormat : std::uint8_t { text, markdown, latex };

/// What was run, on which (simulated) hardware and grid, energy, carbon, money, water, assumptions with their
/// sources, uncertainty and limits, from the store alone; and what simulating it used, where that was
/// measured. Answers the NeurIPS checklist's item on compute, and what Patterson et al. 2021 and Henderson et
/// al. 2020 ask to report. Figures of a user's own catalogue are named as such: the store does not hold their
/// sources. Throws StoreError.
[[nodiscard]] std::string sustainability_statement(const Store& store, const std::optional<OwnFootprint>& own,
                                                   StatementFormat format);

}  // namespace tonne
