#pragma once
// Shards of one experiment, joined.

#include <filesystem>
#include <vector>

#include "experiments/results/store.h"

namespace tonne {

/// Joins shards (results folders or their files, at least one) into a new store in `folder`, and opens it to
/// read. Throws StoreError when they belong to different experiments, overlap, or leave cells out.
[[nodiscard]] Store merge_shards(const std::vector<std::filesystem::path>& shards,
                                 const std::filesystem::path& folder);

}  // namespace tonne
