#pragma once
// Runs the cells of an experiment on all cores and writes them to a store.

#include <atomic>
#include <cstdint>

#include "experiments/plan/experiment.h"
#include "experiments/results/store.h"
#include "experiments/run/observed_front.h"
#include "experiments/run/repricing.h"

namespace tonne {

/// What a progress bar reads while the runner works; counters only grow.
struct Progress {
  std::atomic<std::size_t> cells_done{0};
  std::atomic<std::size_t> cells_total{0};  ///< to run now: without what a resumed store holds already
  std::atomic<std::uint64_t> evaluations{0};
  std::atomic<bool> stop{false};            ///< set by the caller (SIGINT): running cells are dropped
};

/// Receives the trials and incumbents of one cell and hands them to the store in blocks.
class CellRecorder final : public Recorder {
 public:
  CellRecorder(Store& store, const Experiment& experiment, const Cell& cell, Progress& progress);
  void trial(const Trial& trial) override;
  void incumbent(const Incumbent& incumbent) override;
  void idle(Duration length, Duration start) override;
  void computing(Work work, Duration start) override;
  [[nodiscard]] bool interrupted() const override { return progress_.stop.load(std::memory_order_relaxed); }
  /// Writes what is left, and the cell as finished.
  void finish(const SearchResult& result);

 private:
  void flush();
  void observe(const Trial& trial);
  [[nodiscard]] std::optional<Payback> payback(const SearchResult& result) const;

  Store& store_;
  const Cell cell_;
  Progress& progress_;
  const bool keep_trials_;
  const Problem& problem_;
  const ScenarioPlan& scenario_;
  const std::vector<ObjectiveTraits>& objectives_;  // of the problem
  Repricer repricer_;
  ObservedFront front_;  // only where its cheapest is asked for
  std::vector<TrialRow> rows_;
  std::size_t used_ = 0;
  std::vector<IncumbentRow> incumbents_;
  std::uint64_t unreported_ = 0;
};

/// Runs every cell of the shard that the store does not hold yet. Returns false when stopped before the end; what
/// finished until then is in the store. Throws InputError or StoreError.
[[nodiscard]] bool run_cells(const Experiment& experiment, const Shard& shard, unsigned threads, Store& store,
                             Progress& progress);

}  // namespace tonne
