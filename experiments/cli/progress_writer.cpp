#include "experiments/cli/progress_writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tonne::cli {

ProgressWriter::ProgressWriter(const Progress& progress, std::filesystem::path folder,
                               const ProgressNote& before)
    : progress_(progress),
      folder_(std::move(folder)),
      before_(before),
      thread_([this](const std::stop_token& stop) { write_until_stopped(stop); }) {}

ProgressWriter::~ProgressWriter() {
  thread_.request_stop();
  thread_.join();
  remove_progress_note(folder_);
}

void ProgressWriter::write_until_stopped(const std::stop_token& stop) {
  constexpr auto kPeriod = std::chrono::seconds(2);
  std::unique_lock lock(mutex_);
  do {
    ProgressNote note = before_;
    note.done = std::min(note.done + progress_.cells_done.load(), note.cells);
    write_progress_note(folder_, note);
  } while (!wake_.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); }));
}

}  // namespace tonne::cli
