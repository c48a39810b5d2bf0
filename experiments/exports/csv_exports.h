#pragma once
// The rows of a store as CSV.

#include <filesystem>

namespace tonne {

class Store;

/// Writes trials.csv, incumbents.csv and, where figures are uncertain, uncertainty.csv into `folder`, each
/// complete or not at all. Throws StoreError.
void write_csv_exports(const Store& store, const std::filesystem::path& folder);

}  // namespace tonne
