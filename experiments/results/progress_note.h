#pragma once
// How far the writer of a results folder has come, for those who watch from another machine: a store that is
// being written can only be read where its writer runs, since SQLite's write-ahead log shares memory.

#include <cstddef>
#include <filesystem>
#include <optional>

#include "experiments/results/records.h"

namespace tonne {

struct ProgressNote {
  Shard shard;
  std::size_t done = 0;     ///< cells
  std::size_t cells = 0;    ///< of the shard
  std::size_t planned = 0;  ///< of the whole experiment
};

/// Writes the note into the folder, over the last one. A note that cannot be written is no error: the run
/// matters.
void write_progress_note(const std::filesystem::path& folder, const ProgressNote& note);
/// Nothing where there is none, or one that cannot be read.
[[nodiscard]] std::optional<ProgressNote> read_progress_note(const std::filesystem::path& folder);
/// Seconds since the note was written; nothing where there is none. The time of writing is by the file system's clock, that of
/// reading by this machine's: where they differ, the age does too.
[[nodiscard]] std::optional<double> age_of_progress_note(const std::filesystem::path& folder);
/// When nobody writes any more, the store itself says it all.
void remove_progress_note(const std::filesystem::path& folder);

}  // namespace tonne
