#pragma once
// The trials of one running search, on their way into blocks.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "experiments/results/trial_block.h"

namespace tonne {

/// Takes trials as they end and hands on blocks, each of block_trials() that follow one another by their numbers. A trial that ends
/// very late (thousands after others that started with it) stands in a block of its own. Memory is bounded.
class TrialCollector {
 public:
  explicit TrialCollector(std::function<void(const TrialBlock&)> next) : next_(std::move(next)) {}

  void add(const TrialRow& row);
  /// Hands on what is left.
  void finish();

 private:
  struct Open {
    std::uint64_t number = 0;  // of its trials: their ids over block_trials()
    std::size_t rows = 0;
    std::vector<bool> taken;
    TrialColumns columns;
  };

  Open& open_block(std::uint64_t number);
  void hand_on(std::size_t which);

  std::size_t block_trials_ = 0;  // known with the first trial

  std::function<void(const TrialBlock&)> next_;
  BlockScratch scratch_;
  std::vector<std::unique_ptr<Open>> open_;  // the latest used last
  std::unique_ptr<Open> spare_;
};

}  // namespace tonne
