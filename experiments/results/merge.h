#pragma once
// Shards of one experiment, joined.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/results/store.h"

namespace tonne {

/// What becomes of cells that stand in none of the shards.
enum class Missing : std::uint8_t { refused, left_out };

/// Joins shards (results folders or their files, at least one, in any order) into a new store in `folder`,
/// and opens it to read. One shard is open at a time, and memory does not grow with them. Where cells are
/// left out, the store is an unfinished one of the whole experiment, that Store::resume goes on with or that
/// is joined again; folders in which nothing was written yet are passed over. Throws StoreError when shards
/// belong to different experiments, overlap, or leave cells out that may not be missing; it names the shards
/// that hold them.
[[nodiscard]] Store merge_shards(const std::vector<std::filesystem::path>& shards,
                                 const std::filesystem::path& folder, Missing missing = Missing::refused);

/// How the cells of a store's experiment are numbered.
[[nodiscard]] CellGrid grid_of(const Store& store);

/// "17 of 80 cells are missing, of shards 3,7-9 of 10 (sbatch --array=3,7-9)": by the cells that have
/// finished; `of`: the number of shards, 1: not known, then without them. Empty: none is missing.
[[nodiscard]] std::string missing_text(const std::vector<bool>& finished, const CellGrid& grid,
                                       std::size_t of);

/// "2/4" as a shard; nothing where that is none, or one of more than kMostShards.
[[nodiscard]] std::optional<Shard> parse_shard(std::string_view text);

/// The shard that a store says it is (`meta`); 1 of 1: it says nothing of the kind.
[[nodiscard]] Shard shard_of(const Store& store);

}  // namespace tonne
