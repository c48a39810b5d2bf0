#include "search/problems/networks/cell_set.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <unordered_map>

#include "search/problems/networks/cell_function.h"

namespace tonne::cell_nas {
namespace {

double convolution_weight(CellOperation operation) {
  if (operation == CellOperation::nor_conv_3x3) return 1.0;
  return operation == CellOperation::nor_conv_1x1 ? 0.5 : 0.0;
}

/// Of one connected cell's live part.
Structure structure_of(const Cell& live) {
  std::array<double, kCellNodes> longest{};
  std::array<double, kCellNodes> shortest{};
  std::array<double, kCellNodes> pooled{};
  std::array<double, kCellNodes> paths = {1.0, 0.0, 0.0, 0.0};
  double kernel_area = 0.0;
  Structure result;
  for (std::size_t e = 0; e < kCellEdges; ++e) {
    const CellOperation operation = live[e];
    if (operation == CellOperation::none) continue;
    const auto [from, to] = kCellEdgeList[e];
    const double convolutions = convolution_weight(operation);
    const double pool = operation == CellOperation::avg_pool_3x3 ? 1.0 : 0.0;
    const bool first = paths[to] == 0.0;
    longest[to] = std::max(longest[to], longest[from] + convolutions);
    shortest[to] =
        first ? shortest[from] + convolutions : std::min(shortest[to], shortest[from] + convolutions);
    pooled[to] = first ? pooled[from] + pool : std::min(pooled[to], pooled[from] + pool);
    paths[to] += paths[from];
    if (operation == CellOperation::nor_conv_1x1) kernel_area += 1.0;
    if (operation == CellOperation::nor_conv_3x3) {
      kernel_area += 9.0;
      result.spatial = 1.0;
    }
    result.operation[e][static_cast<std::size_t>(operation)] = 1.0;
  }
  result.capacity = std::log1p(kernel_area);
  result.depth = longest.back();
  result.shortcut = shortest.back();
  result.paths = std::log(paths.back());
  result.pooled = pooled.back();
  return result;
}

void add(Structure& sum, const Structure& term) {
  sum.capacity += term.capacity;
  sum.depth += term.depth;
  sum.shortcut += term.shortcut;
  sum.paths += term.paths;
  sum.pooled += term.pooled;
  sum.spatial += term.spatial;
  for (std::size_t e = 0; e < kCellEdges; ++e)
    for (std::size_t o = 0; o < kCellOperations; ++o) sum.operation[e][o] += term.operation[e][o];
}

void divide(Structure& sum, double count) {
  sum.capacity /= count;
  sum.depth /= count;
  sum.shortcut /= count;
  sum.paths /= count;
  sum.pooled /= count;
  sum.spatial /= count;
  for (auto& edge : sum.operation)
    for (double& share : edge) share /= count;
}

std::size_t cells_with(std::size_t operations) {
  std::size_t count = 1;
  for (std::size_t e = 0; e < kCellEdges; ++e) count *= operations;
  return count;
}

Cell live_part_of(const Cell& cell) {
  const EdgeMask live = live_edges(cell);
  Cell part = cell;
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if ((live >> e & 1U) == 0) part[e] = CellOperation::none;
  return part;
}

}  // namespace

const CellSet& CellSet::of(std::size_t operations) {
  static const CellSet four(4);
  static const CellSet five(5);
  assert(operations == 4 || operations == 5);
  return operations == 4 ? four : five;
}

CellSet::CellSet(std::size_t operations) : operations_(operations), cells_(cells_with(operations)) {
  std::unordered_map<std::uint64_t, std::size_t> number;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    std::size_t digits = i;
    for (CellOperation& operation : cells_[i]) {
      operation = static_cast<CellOperation>(digits % operations);
      digits /= operations;
    }
    live_parts_.push_back(live_part_of(cells_[i]));
    const std::uint64_t name = cell_function(cells_[i]);
    const auto [found, is_new] = number.emplace(name, functions_.size());
    function_of_.push_back(found->second);
    if (is_new) functions_.push_back({name, i, 0.0, {}});
    Function& function = functions_[found->second];
    function.cells += 1.0;
    if (name == 0) continue;
    connected_.push_back(i);
    add(function.structure, structure_of(live_parts_[i]));
  }
  for (Function& function : functions_) divide(function.structure, function.cells);
}

}  // namespace tonne::cell_nas
