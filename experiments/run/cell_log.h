#pragma once
// What the log hears of one search.

#include <string>
#include <string_view>

#include "core/note.h"
#include "core/simulator.h"
#include "experiments/plan/experiment.h"
#include "experiments/results/records.h"
#include "experiments/text/log.h"

namespace tonne {

/// Logs that a cell starts, what its strategy notes, and how it ends. Each event names the cell and has the real seconds since
/// the start.
class CellLog final : public NoteSink {
 public:
  CellLog(const Experiment& experiment, const Cell& cell, const Shard& shard);
  void note(const Note& note) override;
  /// A killed run has left so many answers of the strategy, from which this search goes on.
  void goes_on(std::size_t answers) const;
  void finished(const SearchResult& result) const;
  void failed(std::string_view why) const;
  void interrupted() const;
  /// "cell_nas/cifar10 by tpe (FRA-2023), seed 3": as messages name the cell.
  [[nodiscard]] std::string name() const;

 private:
  void log(LogLevel level, std::string_view event, std::string_view message = {}) const;

  const Cell cell_;
  const std::string problem_, scenario_, strategy_, shard_;
  const Stopwatch watch_;
};

}  // namespace tonne
