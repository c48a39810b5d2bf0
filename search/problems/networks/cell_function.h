#pragma once
// Which cells compute the same function: a cell's output as an expression of its input.

#include <cstdint>

#include "search/problems/networks/cell_network.h"

namespace tonne {

/// The same for two cells that compute the same function whatever their weights, up to the order of sums:
/// edges of `none` and edges from a node that nothing reaches are no term of a sum, a skip connection passes
/// its node's terms on, a convolution or a pooling of the same terms is the same term. 0: no path from input
/// to output. NAS-Bench-201's 15,625 cells are 4,930 functions so. (Dong and Yang 2020 count 6,466: their
/// text form keeps sums of nothing apart from nothing, and the place of a skip connection in a sum.)
[[nodiscard]] std::uint64_t cell_function(const Cell& cell);

}  // namespace tonne
