#include "experiments/cluster/shard_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "experiments/results/merge.h"
#include "experiments/results/progress_note.h"
#include "experiments/results/store.h"
#include "experiments/text/number_ranges.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// Writers say something every two seconds; network file systems show it to others up to a minute late.
constexpr double kSilent = 60.0;

ShardProgress noted(const fs::path& folder, const ProgressNote& note) {
  const double age = age_of_progress_note(folder).value_or(0.0);
  const ShardState state = age < kSilent ? ShardState::running : ShardState::silent;
  return {folder, note.shard, state, note.done, note.cells, note.planned, age};
}

ShardProgress stored(const fs::path& folder) {
  const Store store = Store::open(folder);
  const CellGrid grid = grid_of(store);
  const Shard shard = shard_of(store);
  const auto finished = store.finished(grid.cells());
  const auto done = static_cast<std::size_t>(std::ranges::count(finished, true));
  const std::size_t cells = shard.size(grid);
  return {folder,       shard, done == cells ? ShardState::whole : ShardState::stopped, done, cells,
          grid.cells(), 0.0};
}

std::string state_text(const ShardProgress& progress) {
  if (progress.state != ShardState::silent) return std::string(to_string(progress.state));
  return fmt::format("silent for {:.0f} min", progress.silent_s / 60.0);
}

// The number of shards that all folders with a shard say; 0: they do not agree.
std::size_t common_count(const std::vector<ShardProgress>& shards) {
  std::size_t of = 0;
  for (const ShardProgress& shard : shards) {
    if (shard.state == ShardState::empty) continue;
    if (shard.shard.of == 1 || (of != 0 && of != shard.shard.of)) return 0;
    of = shard.shard.of;
  }
  return of;
}

}  // namespace

std::string_view to_string(ShardState state) {
  constexpr std::array<std::string_view, 5> kNames = {"empty", "running", "silent", "stopped", "whole"};
  return kNames[static_cast<std::size_t>(state)];
}

ShardProgress progress_of(const fs::path& folder) {
  std::error_code error;
  if (const auto note = read_progress_note(folder)) return noted(folder, *note);
  if (!fs::exists(Store::file_at(folder), error)) return {.folder = folder};  // also where there is none
  return stored(folder);
}

std::vector<fs::path> shards_of(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(Store::file_at(folder), error) || read_progress_note(folder)) return {folder};
  const fs::path parent = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  const std::string start = folder.filename().string() + "-shard-";
  std::vector<std::pair<std::size_t, fs::path>> found;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(start))
      found.emplace_back(std::strtoul(name.c_str() + start.size(), nullptr, 10), entry.path());
  }
  std::ranges::sort(found);
  std::vector<fs::path> shards;
  for (auto& [number, path] : found) shards.push_back(std::move(path));
  if (!shards.empty()) return shards;
  if (fs::exists(folder, error)) return {folder};
  throw StoreError(folder.string() + ": no such results folder, and no shards of it");
}

AllProgress together(const std::vector<ShardProgress>& shards) {
  AllProgress all;
  for (const ShardProgress& shard : shards) {
    all.done += shard.done;
    all.cells += shard.cells;
  }
  all.of = common_count(shards);
  if (all.of == 0) return all;
  std::vector<bool> begun(all.of, false);
  for (const ShardProgress& shard : shards) {
    if (shard.state == ShardState::empty) continue;
    begun[shard.shard.number - 1] = true;
    all.cells = std::max(all.cells, shard.planned);
  }
  for (std::size_t i = 0; i < all.of; ++i)
    if (!begun[i]) all.not_begun.push_back(i + 1);
  return all;
}

std::string progress_sentence(const std::vector<ShardProgress>& shards) {
  const AllProgress all = together(shards);
  const auto in_state = [&](ShardState state) {
    return std::ranges::count(shards, state, &ShardProgress::state);
  };
  std::string text = fmt::format("{} of {} cells", grouped(static_cast<double>(all.done)),
                                 grouped(static_cast<double>(all.cells)));
  if (all.cells > 0) text += fmt::format(" ({} %)", all.done * 100 / all.cells);
  for (const ShardState state :
       {ShardState::whole, ShardState::running, ShardState::silent, ShardState::stopped, ShardState::empty})
    if (in_state(state) > 0) text += fmt::format(", {} {}", in_state(state), to_string(state));
  if (all.not_begun.empty()) return text;
  return text + fmt::format(", {} not begun of {} shards: {}", all.not_begun.size(), all.of,
                            number_ranges(all.not_begun));
}

std::string progress_table(const std::vector<ShardProgress>& shards) {
  TextRows rows = {{"folder", "cells done", "of", "state"}};
  for (const ShardProgress& shard : shards)
    rows.push_back({printable(shard.folder.string()), grouped(static_cast<double>(shard.done)),
                    shard.cells == 0 ? "?" : grouped(static_cast<double>(shard.cells)), state_text(shard)});
  return format_table(std::move(rows)) + "\n  " + progress_sentence(shards) + "\n";
}

std::string progress_json(const std::vector<ShardProgress>& shards) {
  const AllProgress all = together(shards);
  Json json = {{"cells_done", all.done},
               {"cells", all.cells},
               {"whole", all.whole()},
               {"not_begun", number_ranges(all.not_begun)}};
  json["shards"] = Json::array();
  for (const ShardProgress& shard : shards)
    json["shards"].push_back({{"folder", shard.folder.string()},
                              {"shard", shard.shard.number},
                              {"of", shard.shard.of},
                              {"cells_done", shard.done},
                              {"cells", shard.cells},
                              {"state", std::string(to_string(shard.state))}});
  return json_document(json);
}

}  // namespace tonne
