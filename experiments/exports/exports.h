#pragma once
// Files for other programs, made from the store alone: the same store gives the same bytes.

#include <filesystem>
#include <string>

#include "experiments/results/store.h"

namespace tonne {

/// Writes trials.csv, incumbents.csv, summary.json and, where figures are uncertain, uncertainty.csv into `folder`, each
/// complete or not at all.
/// Throws StoreError.
void write_exports(const Store& store, const std::filesystem::path& folder);

/// The content of summary.json.
[[nodiscard]] std::string summary_json(const Store& store);

}  // namespace tonne
