#pragma once
// Files for other programs, made from the store alone: the same store gives the same bytes.

#include <filesystem>

namespace tonne {

class Store;

/// Writes trials.csv, incumbents.csv, summary.json and, where figures are uncertain, uncertainty.csv into
/// `folder`, each complete or not at all. Throws StoreError.
void write_exports(const Store& store, const std::filesystem::path& folder);

}  // namespace tonne
