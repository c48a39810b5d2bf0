#pragma once
// How far shards are, from what stands in their folders. Nothing is written, and no store that somebody may
// be writing is opened.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {

/// empty: nothing was written yet; running: its writer said so within half a minute; silent: it has not
/// since, so it was killed or cannot reach the folder; stopped: unfinished, and its writer has ended as it
/// should; whole: every cell is there.
enum class ShardState : std::uint8_t { empty, running, silent, stopped, whole };
[[nodiscard]] std::string_view to_string(ShardState state);

struct ShardProgress {
  std::filesystem::path folder;
  Shard shard = {};
  ShardState state = ShardState::empty;
  std::size_t done = 0, cells = 0;  ///< of the shard
  std::size_t planned = 0;          ///< cells of the experiment; 0: not known
  double silent_s = 0.0;            ///< since its writer last said anything; of running and silent ones
};

/// Throws StoreError when the folder holds a damaged store.
[[nodiscard]] ShardProgress progress_of(const std::filesystem::path& folder);

/// The folders that a name stands for: itself, or, where it holds no results, the shards beside it (`tonne
/// submit` puts them there), by number. Throws StoreError where there are neither.
[[nodiscard]] std::vector<std::filesystem::path> shards_of(const std::filesystem::path& folder);

struct AllProgress {
  std::size_t done = 0;
  std::size_t cells = 0;               ///< of the experiment, as far as it is known
  std::vector<std::size_t> not_begun;  ///< shards, by number, that none of the folders holds
  std::size_t of = 0;  ///< the number of shards; 0: the folders do not agree, or are whole experiments
  [[nodiscard]] bool whole() const { return done == cells && cells > 0; }
};
[[nodiscard]] AllProgress together(const std::vector<ShardProgress>& shards);

/// A table with a row for each folder, and a sentence on all.
[[nodiscard]] std::string progress_table(const std::vector<ShardProgress>& shards);
/// The sentence alone.
[[nodiscard]] std::string progress_sentence(const std::vector<ShardProgress>& shards);
[[nodiscard]] std::string progress_json(const std::vector<ShardProgress>& shards);

}  // namespace tonne
