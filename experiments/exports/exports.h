#pragma once
// Files for other programs, made from the store alone: the same store gives the same bytes.

#include <filesystem>

namespace tonne {

class Store;
struct Conclusions;

/// Writes incumbents.csv, summary.json and, where figures are uncertain, uncertainty.csv into `folder`, each complete or not at
/// all; trials.csv, which takes the most time, only `with_trials`. Throws StoreError.
void write_exports(const Store& store, const std::filesystem::path& folder, bool with_trials);
/// The same, of a store whose conclusions have been drawn.
void write_exports(const Store& store, const Conclusions& conclusions, const std::filesystem::path& folder, bool with_trials);

/// Removes what write_exports() and `tonne report` wrote of results that are replaced; nothing else of the folder.
void remove_exports(const std::filesystem::path& folder);

}  // namespace tonne
