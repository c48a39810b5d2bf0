#pragma once
// The live progress of a run, on stderr.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "experiments/run/runner.h"

namespace tonne::cli {

/// While it lives, a thread of its own reads the progress and shows it: a bar that redraws on a terminal, a plain
/// line every few seconds otherwise.
class ProgressBar {
 public:
  explicit ProgressBar(const Progress& progress);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void show_until_stopped(const std::stop_token& stop);

  const Progress& progress_;
  const bool terminal_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last, so that it starts when all else stands and ends first
};

}  // namespace tonne::cli
