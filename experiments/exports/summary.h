#pragma once
// A store's leaderboards and ledgers for programs.

#include <string>

namespace tonne {

class Store;
struct Conclusions;

/// The content of summary.json. Throws StoreError.
[[nodiscard]] std::string summary_json(const Store& store);
/// The same, of a store whose conclusions have been drawn.
[[nodiscard]] std::string summary_json(const Store& store, const Conclusions& conclusions);

}  // namespace tonne
