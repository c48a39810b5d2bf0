#pragma once
// The rows of a store as CSV.

#include <filesystem>

namespace tonne {

class Store;

/// Every trial of the searches that have ended, in the order of cells and trials. Throws StoreError.
void write_trials_csv(const Store& store, const std::filesystem::path& file);

/// Writes incumbents.csv and, where figures are uncertain, uncertainty.csv into `folder`, each complete or not at all. Throws
/// StoreError.
void write_csv_exports(const Store& store, const std::filesystem::path& folder);

}  // namespace tonne
