#pragma once
// Which figures a study rests on, and where each comes from, for its statement.

#include <string>
#include <vector>

namespace tonne {

class Store;

/// A sentence for each entry of the catalogue and each source: what was used, given or assumed by default, and nothing
/// else (used_factors()). The kind of the grid's figures stands with them. What the store does not hold is said: figures
/// of a user's own catalogue, a catalogue that has changed since, the work of a problem that cannot be made again.
/// Throws StoreError.
[[nodiscard]] std::vector<std::string> statement_sources(const Store& store);

}  // namespace tonne
