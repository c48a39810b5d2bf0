#pragma once
// The live progress of a run, in its results folder.

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "experiments/results/progress_note.h"
#include "experiments/run/runner.h"

namespace tonne::cli {

/// While it lives, a thread of its own writes every two seconds how many cells are done, for `tonne watch`
/// (experiments/results/progress_note.h). Its end removes the note; a killed run leaves it.
class ProgressWriter {
 public:
  /// `before`: what the folder held before the run.
  ProgressWriter(const Progress& progress, std::filesystem::path folder, const ProgressNote& before);
  ~ProgressWriter();
  ProgressWriter(const ProgressWriter&) = delete;
  ProgressWriter& operator=(const ProgressWriter&) = delete;

 private:
  void write_until_stopped(const std::stop_token& stop);

  const Progress& progress_;
  const std::filesystem::path folder_;
  const ProgressNote before_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last, so that it starts when all else stands and ends first
};

}  // namespace tonne::cli
