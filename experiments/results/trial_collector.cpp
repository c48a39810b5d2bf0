#include "experiments/results/trial_collector.h"

#include <algorithm>
#include <utility>

namespace tonne {
namespace {

// Searches with many workers have two blocks open, at most, while all trials take about as long as each other.
constexpr std::size_t kMostOpen = 4;

}  // namespace

void TrialCollector::add(const TrialRow& row) {
  if (block_trials_ == 0) block_trials_ = block_trials(row.configuration.size());
  Open& block = open_block(row.trial / block_trials_);
  const std::size_t place = row.trial % block_trials_;
  block.columns.put(place, row);
  block.taken[place] = true;
  if (++block.rows == block_trials_) hand_on(open_.size() - 1);
}

TrialCollector::Open& TrialCollector::open_block(std::uint64_t number) {
  if (!open_.empty() && open_.back()->number == number) return *open_.back();
  const auto at = std::ranges::find_if(open_, [&](const auto& block) { return block->number == number; });
  if (at != open_.end()) {
    std::rotate(at, at + 1, open_.end());
    return *open_.back();
  }
  if (open_.size() == kMostOpen) {
    const auto fullest = std::ranges::max_element(open_, {}, [](const auto& block) { return block->rows; });
    hand_on(static_cast<std::size_t>(fullest - open_.begin()));
  }
  std::unique_ptr<Open> block = spare_ ? std::move(spare_) : std::make_unique<Open>();
  block->number = number;
  block->rows = 0;
  block->taken.assign(block_trials_, false);
  block->columns.clear();
  open_.push_back(std::move(block));
  return *open_.back();
}

void TrialCollector::hand_on(std::size_t which) {
  std::unique_ptr<Open> block = std::move(open_[which]);
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(which));
  if (block->rows < block->columns.rows()) {
    std::vector<std::size_t> places;
    for (std::size_t place = 0; place < block_trials_; ++place)
      if (block->taken[place]) places.push_back(place);
    block->columns.keep(places);
  }
  next_(encode_block(block->columns, scratch_));
  spare_ = std::move(block);
}

void TrialCollector::finish() {
  while (!open_.empty()) {
    const auto first = std::ranges::min_element(open_, {}, [](const auto& block) { return block->number; });
    hand_on(static_cast<std::size_t>(first - open_.begin()));
  }
}

}  // namespace tonne
