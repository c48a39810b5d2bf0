#pragma once
// The cells of a space of cells, by number: which of them compute the same function, what the structure of a
// function is, which cells are one edit apart.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/problems/networks/cell_network.h"

namespace tonne::cell_nas {

/// What the landscape knows of a cell's live part, as a mean over the cells that compute the same function.
struct Structure {
  double capacity = 0.0;  ///< log(1 + sum of k*k over convolutions)
  double depth = 0.0;     ///< convolutions on the longest path, a 1x1 counts half
  double shortcut = 0.0;  ///< convolutions on the shortest path, likewise
  double paths = 0.0;     ///< log of the number of paths
  double pooled = 0.0;    ///< fewest poolings on a path
  double spatial = 0.0;   ///< 1: some 3x3
  std::array<std::array<double, kCellOperations>, kCellEdges>
      operation{};  ///< 1: this operation on this edge
};

/// A function: the cells that compute it.
struct Function {
  std::uint64_t name = 0;  ///< as cell_function
  std::size_t first = 0;   ///< the lowest number of its cells
  double cells = 0.0;
  Structure structure;
};

/// All cells of the first `operations` of CellOperation on kCellEdges edges, numbered with the operations as
/// digits to that base, the first edge the lowest. Immutable.
class CellSet {
 public:
  /// 4 or 5 operations; made once for each.
  [[nodiscard]] static const CellSet& of(std::size_t operations);

  [[nodiscard]] std::size_t size() const { return cells_.size(); }
  [[nodiscard]] std::size_t operations() const { return operations_; }
  [[nodiscard]] std::size_t neighbours() const { return kCellEdges * (operations_ - 1); }
  [[nodiscard]] const Cell& cell(std::size_t i) const { return cells_[i]; }
  /// `none` on the edges that lie on no path from input to output.
  [[nodiscard]] const Cell& live_part(std::size_t i) const { return live_parts_[i]; }
  /// Into functions().
  [[nodiscard]] std::size_t function_of(std::size_t i) const { return function_of_[i]; }
  /// In the order of their first cells.
  [[nodiscard]] const std::vector<Function>& functions() const { return functions_; }
  /// The cells with a path from input to output, by number.
  [[nodiscard]] const std::vector<std::size_t>& connected() const { return connected_; }
  [[nodiscard]] std::size_t disconnected() const { return cells_.size() - connected_.size(); }

  /// Calls visit(j) for each cell j that differs from cell i in one edge.
  template <class Visit>
  void for_each_neighbour(std::size_t i, Visit visit) const {
    std::size_t digit = 1;
    for (std::size_t e = 0; e < kCellEdges; ++e, digit *= operations_) {
      const auto own = static_cast<std::size_t>(cells_[i][e]);
      const std::size_t without = i - own * digit;
      for (std::size_t o = 0; o < operations_; ++o)
        if (o != own) visit(without + o * digit);
    }
  }

 private:
  explicit CellSet(std::size_t operations);

  std::size_t operations_;
  std::vector<Cell> cells_;
  std::vector<Cell> live_parts_;
  std::vector<std::size_t> function_of_;
  std::vector<Function> functions_;
  std::vector<std::size_t> connected_;
};

}  // namespace tonne::cell_nas
