#include "search/problems/networks/cell_function.h"

#include <array>
#include <cstddef>

#include "core/random.h"

namespace tonne {

std::uint64_t cell_function(const Cell& cell) {
  // A node is the multiset of its terms: the sum of their digests, 0 where there are none.
  std::array<std::uint64_t, kCellNodes> node{};
  node.front() = mix_bits(1);
  for (std::size_t e = 0; e < kCellEdges; ++e) {
    const auto [from, to] = kCellEdgeList[e];
    if (cell[e] == CellOperation::none || node[from] == 0) continue;
    if (cell[e] == CellOperation::skip_connect)
      node[to] += node[from];
    else
      node[to] += mix_bits(node[from] ^ mix_bits(100 + static_cast<std::uint64_t>(cell[e])));
  }
  return node.back();
}

}  // namespace tonne
