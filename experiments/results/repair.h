#pragma once
// What can be saved of a damaged store.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace tonne {

struct Experiment;

/// A finished cell that could not be read.
struct LostCell {
  std::size_t cell = 0;
  std::string name;  ///< "cifar10 / 8 x V100 / tpe": problem, scenario where there are several, strategy
  std::uint64_t seed = 0;
};

/// What a repair found.
struct Repair {
  std::size_t saved = 0;       ///< finished cells that the new store holds
  std::size_t unfinished = 0;  ///< cells of this shard that the damaged store had not finished
  std::vector<LostCell> lost;
  bool plan_rebuilt = false;  ///< from the experiment, since the store's own could not be read
  std::string shard;          ///< "2/4"; empty: the whole, or not to be read
};

/// Writes a new store into `folder` with the plan and every finished cell of `results` (a results folder or
/// its file) whose rows are what was written. The damaged store is not touched. Its plan is rebuilt from
/// `experiment` where it cannot be read; nullptr: then StoreError asks for it. Throws StoreError also when it
/// belongs to another experiment, when no cell of several could be read, or when `folder` holds a store
/// already; then nothing is left behind.
[[nodiscard]] Repair repair_store(const std::filesystem::path& results, const std::filesystem::path& folder,
                                  const Experiment* experiment);

}  // namespace tonne
