#pragma once
// A store's leaderboards and ledgers for programs.

#include <string>

namespace tonne {

class Store;

/// The content of summary.json. Throws StoreError.
[[nodiscard]] std::string summary_json(const Store& store);

}  // namespace tonne
