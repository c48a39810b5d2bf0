#include "experiments/cli/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "experiments/cli/terminal.h"
#include "experiments/text/log.h"
#include "experiments/text/text_table.h"

namespace tonne::cli {
namespace {

std::string duration_text(double seconds) {
  if (seconds < 60.0) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400.0) return fmt::format("{:.0f} min", seconds / 60.0);
  return fmt::format("{:.1f} h", seconds / 3600.0);
}

std::string rate_text(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.1f} M/s", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.0f} k/s", per_second / 1e3);
  return fmt::format("{:.0f} /s", per_second);
}

// What was expected when the last cell ended, less what has passed since.
class TimeLeft {
 public:
  std::optional<double> at(double elapsed, double expected) {
    if (expected < 0.0) return std::nullopt;
    if (expected != expected_) told_ = elapsed;
    expected_ = expected;
    return std::max(0.0, expected_ - (elapsed - told_));
  }

 private:
  double expected_ = -1.0, told_ = 0.0;
};

std::string status_text(const Progress& progress, double elapsed, std::optional<double> left) {
  const std::size_t done = progress.cells_done.load();
  const std::size_t total = progress.cells_total.load();
  const auto evaluations = static_cast<double>(progress.evaluations.load());
  std::string text = fmt::format("{}/{} cells  {} evaluations  {}", done, total, grouped(evaluations),
                                 rate_text(elapsed > 0.0 ? evaluations / elapsed : 0.0));
  if (done < total && left) text += "  " + duration_text(*left) + " left";
  return text;
}

std::string bar_text(const Progress& progress) {
  constexpr std::size_t kWidth = 24;
  const std::size_t total = std::max<std::size_t>(1, progress.cells_total.load());
  const std::size_t filled = kWidth * progress.cells_done.load() / total;
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] ";
}

}  // namespace

ProgressBar::ProgressBar(const Progress& progress)
    : progress_(progress),
      terminal_(is_terminal(2)),
      thread_([this](const std::stop_token& stop) { show_until_stopped(stop); }) {}

ProgressBar::~ProgressBar() {
  thread_.request_stop();
  thread_.join();
}

void ProgressBar::show_until_stopped(const std::stop_token& stop) {
  const auto period = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000);
  const Stopwatch watch;
  TimeLeft left;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, period, [&] { return stop.stop_requested(); })) {
    const double elapsed = watch.seconds();
    const std::string status = status_text(progress_, elapsed, left.at(elapsed, progress_.seconds_left.load()));
    if (terminal_)
      show_status_line(bar_text(progress_) + status);
    else
      tell(status + "\n");
  }
  if (terminal_) show_status_line("");
}

}  // namespace tonne::cli
