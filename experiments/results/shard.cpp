#include <numeric>

#include "experiments/results/records.h"

namespace tonne {

std::size_t Shard::dealt_to(std::size_t cell, const CellGrid& grid, std::size_t of) {
  const std::size_t seed = cell % grid.seeds;
  const std::size_t strategy = cell / grid.seeds % grid.strategies;
  const std::size_t block = cell / grid.seeds / grid.strategies;
  // So many groups of seeds in a row begin at different shards; then the deal repeats itself.
  const std::size_t period = of / std::gcd(grid.seeds, of);
  // Without this turn, a block would meet the same shards again after `period / gcd` strategies.
  const std::size_t turn = strategy * std::gcd(grid.blocks, period) / period;
  const std::size_t group = strategy * grid.blocks + (block + turn) % grid.blocks;
  return (group * grid.seeds + seed) % of + 1;
}

}  // namespace tonne
