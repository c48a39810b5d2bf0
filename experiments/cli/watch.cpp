// tonne watch: how far runs are.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/cluster/shard_progress.h"
#include "experiments/text/log.h"
#include "experiments/text/text_table.h"

namespace tonne::cli {
namespace {

namespace fs = std::filesystem;

// Shards that begin later are found when it looks again; those that were whole are not read again.
class Watcher {
 public:
  explicit Watcher(std::vector<fs::path> folders) : folders_(std::move(folders)) {}

  const std::vector<ShardProgress>& look() {
    shards_.clear();
    for (const fs::path& given : folders_)
      for (const fs::path& folder : shards_of(given)) shards_.push_back(look_at(folder));
    return shards_;
  }
  [[nodiscard]] const std::vector<ShardProgress>& shards() const { return shards_; }
  // Nothing is missing of what was asked for, be it all shards of one experiment or some of them.
  [[nodiscard]] bool done() const {
    const bool some =
        std::ranges::all_of(folders_, [](const fs::path& folder) { return fs::exists(folder); });
    return std::ranges::all_of(shards_,
                               [](const ShardProgress& shard) { return shard.state == ShardState::whole; }) &&
           (some || together(shards_).not_begun.empty());
  }

 private:
  ShardProgress look_at(const fs::path& folder) {
    if (const auto known = whole_.find(folder); known != whole_.end()) return known->second;
    ShardProgress shard = progress_of(folder);
    if (shard.state == ShardState::whole) whole_.emplace(folder, shard);
    return shard;
  }

  const std::vector<fs::path> folders_;
  std::vector<ShardProgress> shards_;
  std::map<fs::path, ShardProgress> whole_;
};

std::string time_text(double seconds) {
  if (seconds < 90.0) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400.0) return fmt::format("{:.0f} min", seconds / 60.0);
  return fmt::format("{:.1f} h", seconds / 3600.0);
}

// Cells that have ended since it began to watch, and how long the others take at that rate.
class Pace {
 public:
  explicit Pace(std::size_t done) : first_(done) {}

  [[nodiscard]] std::string at(const AllProgress& all) const {
    const double seconds = watch_.seconds();
    if (all.done <= first_ || seconds <= 0.0) return "";
    const double rate = static_cast<double>(all.done - first_) / seconds;
    const std::string left = all.cells > all.done ? ", about " + time_text(static_cast<double>(all.cells - all.done) / rate) + " left" : "";
    return fmt::format(", {} cells a minute{}", significant_text(rate * 60.0), left);
  }

 private:
  const Stopwatch watch_;
  const std::size_t first_;
};

}  // namespace

int watch(const WatchArguments& arguments) {
  constexpr auto kPeriod = std::chrono::seconds(2);
  Watcher watcher(arguments.folders);
  const bool once = arguments.once || arguments.json;
  std::string last;
  const Pace pace(together(watcher.look()).done);
  while (true) {
    std::string sentence = progress_sentence(watcher.look());
    sentence += pace.at(together(watcher.shards()));
    if (once || watcher.done()) break;
    if (is_terminal(2))
      show_status_line(sentence);
    else if (sentence != last)
      fmt::print(stderr, "{}\n", sentence);
    last = sentence;
    std::this_thread::sleep_for(kPeriod);
  }
  show_status_line("");
  const std::vector<ShardProgress>& shards = watcher.shards();
  print(arguments.json ? progress_json(shards) : progress_table(shards));
  return watcher.done() ? kSuccess : kFailure;
}

}  // namespace tonne::cli
