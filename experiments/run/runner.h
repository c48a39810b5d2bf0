#pragma once
// Runs the cells of an experiment on all cores and writes them to a store.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tonne {

struct Experiment;
struct Shard;
class Store;

/// What a progress bar reads while the runner works; its counters only grow.
struct Progress {
  std::atomic<std::size_t> cells_done{0};
  std::atomic<std::size_t> cells_total{0};  ///< to run now: without what a resumed store holds already
  std::atomic<std::uint64_t> evaluations{0};
  /// Until the end, as it was expected when the last cell ended: what cells of a kind have taken is what the rest of them
  /// will. Below 0 before the first has ended.
  std::atomic<double> seconds_left{-1.0};
  std::atomic<bool> stop{false};  ///< set by the caller (SIGINT): running cells are dropped
};

/// Runs every cell of the shard that the store does not hold yet. Returns false when stopped before the end;
/// what finished until then is in the store. Throws InputError or StoreError.
[[nodiscard]] bool run_cells(const Experiment& experiment, const Shard& shard, unsigned threads, Store& store,
                             Progress& progress);

}  // namespace tonne
