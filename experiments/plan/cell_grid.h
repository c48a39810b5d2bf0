#pragma once
// How the cells of an experiment are numbered.

#include <cstddef>

namespace tonne {

/// The cells of an experiment: `blocks` (a problem in a scenario) x `strategies` x `seeds`, numbered with the
/// seed running fastest, then the strategy, then the block.
struct CellGrid {
  std::size_t blocks = 0;
  std::size_t strategies = 0;
  std::size_t seeds = 0;

  [[nodiscard]] std::size_t cells() const { return blocks * strategies * seeds; }
};

}  // namespace tonne
