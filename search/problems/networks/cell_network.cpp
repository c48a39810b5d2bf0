#include "search/problems/networks/cell_network.h"

#include <bit>
#include <cassert>

namespace tonne {
namespace {

constexpr std::int64_t kStages = 3;
/// Operations of the published CIFAR-10 constant that no layer explains, per channel of the last stage.
constexpr std::int64_t kUnattributedPerChannel = 17;

using Layers = std::vector<Layer>;

void append_relu_conv_norm(Layers& layers, std::int64_t in, std::int64_t out, std::int64_t in_side,
                           std::int64_t side, std::int64_t kernel) {
  layers.push_back({LayerKind::relu, in, in, in_side, 1});
  layers.push_back({LayerKind::convolution, in, out, side, kernel});
  layers.push_back({LayerKind::normalisation, out, out, side, 1});
}

void append_edge(Layers& layers, CellOperation operation, std::int64_t channels, std::int64_t side) {
  switch (operation) {
    case CellOperation::none:
    case CellOperation::skip_connect:
      return;
    case CellOperation::nor_conv_1x1:
      return append_relu_conv_norm(layers, channels, channels, side, side, 1);
    case CellOperation::nor_conv_3x3:
      return append_relu_conv_norm(layers, channels, channels, side, side, 3);
    case CellOperation::avg_pool_3x3:
      layers.push_back({LayerKind::average_pool, channels, channels, side, 3});
      return;
  }
}

/// Edges that are computed, and nodes that one of them enters.
struct Computed {
  std::int64_t edges = 0;
  std::int64_t nodes = 0;
};
Computed computed(EdgeMask live, EdgeCount count) {
  if (count == EdgeCount::all_edges) return {kCellEdges, kCellNodes - 1};
  unsigned nodes = 0;
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if ((live >> e & 1U) != 0) nodes |= 1U << kCellEdgeList[e].to;
  return {std::popcount(unsigned{live}), std::popcount(nodes)};
}

void append_cell(Layers& layers, const Cell& cell, EdgeCount count, std::int64_t channels,
                 std::int64_t side) {
  const EdgeMask live = live_edges(cell);
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (count == EdgeCount::all_edges || (live >> e & 1U) != 0) append_edge(layers, cell[e], channels, side);
  std::array<std::int64_t, kCellNodes> inputs{};
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (count == EdgeCount::all_edges || (live >> e & 1U) != 0) ++inputs[kCellEdgeList[e].to];
  for (const std::int64_t joined : inputs)
    if (joined > 0) layers.push_back({LayerKind::sum, joined * channels, channels, side, 1});
}

/// Halves the resolution, doubles the channels: two 3x3 convolutions beside average pooling and a 1x1.
void append_reduction(Layers& layers, std::int64_t in, std::int64_t in_side) {
  const std::int64_t out = 2 * in;
  const std::int64_t side = in_side / 2;
  append_relu_conv_norm(layers, in, out, in_side, side, 3);
  append_relu_conv_norm(layers, out, out, side, side, 3);
  layers.push_back({LayerKind::average_pool, in, in, side, 2});
  layers.push_back({LayerKind::convolution, in, out, side, 1});
  layers.push_back({LayerKind::sum, 2 * out, out, side, 1});
}

void append_head(Layers& layers, std::int64_t channels, std::int64_t side, std::int64_t classes) {
  layers.push_back({LayerKind::normalisation, channels, channels, side, 1});
  layers.push_back({LayerKind::relu, channels, channels, side, 1});
  layers.push_back({LayerKind::average_pool, channels, channels, 1, side});
  layers.push_back({LayerKind::unattributed, channels, channels, 1, 1});
  layers.push_back({LayerKind::linear, channels, classes, 1, 1});
}

/// Calls `stage(channels, side)` where each stage's cells stand, between the layers of the skeleton.
template <class Stage>
void append_skeleton(Layers& layers, const NetworkShape& shape, Stage stage) {
  assert(shape.image % 4 == 0 && shape.image > 0 && shape.classes > 0);
  std::int64_t channels = shape.stem_channels;
  std::int64_t side = shape.image;
  layers.push_back({LayerKind::convolution, 3, channels, side, 3});
  layers.push_back({LayerKind::normalisation, channels, channels, side, 1});
  for (std::int64_t s = 0; s < kStages; ++s) {
    if (s > 0) {
      append_reduction(layers, channels, side);
      channels *= 2;
      side /= 2;
    }
    stage(channels, side);
  }
  append_head(layers, channels, side, shape.classes);
}

}  // namespace

std::size_t cell_index(const Cell& cell) {
  std::size_t index = 0;
  for (std::size_t e = kCellEdges; e-- > 0;)
    index = index * kCellOperations + static_cast<std::size_t>(cell[e]);
  return index;
}

Cell cell_at(std::size_t index) {
  assert(index < kCells);
  Cell cell{};
  for (CellOperation& operation : cell) {
    operation = static_cast<CellOperation>(index % kCellOperations);
    index /= kCellOperations;
  }
  return cell;
}

EdgeMask live_edges(const Cell& cell) {
  std::array<bool, kCellNodes> from_input = {true, false, false, false};
  std::array<bool, kCellNodes> to_output = {false, false, false, true};
  // The edges stand in the order of their end, so one pass each way is enough.
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (cell[e] != CellOperation::none && from_input[kCellEdgeList[e].from])
      from_input[kCellEdgeList[e].to] = true;
  for (std::size_t e = kCellEdges; e-- > 0;)
    if (cell[e] != CellOperation::none && to_output[kCellEdgeList[e].to])
      to_output[kCellEdgeList[e].from] = true;
  unsigned mask = 0;
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (cell[e] != CellOperation::none && from_input[kCellEdgeList[e].from] && to_output[kCellEdgeList[e].to])
      mask |= 1U << e;
  return static_cast<EdgeMask>(mask);
}

std::int64_t Layer::activations() const {
  return kind == LayerKind::unattributed ? 0 : out_channels * side * side;
}

std::int64_t Layer::parameters() const {
  switch (kind) {
    case LayerKind::convolution:
      return kernel * kernel * in_channels * out_channels;
    case LayerKind::normalisation:
      return 2 * out_channels;
    case LayerKind::linear:
      return (in_channels + 1) * out_channels;
    case LayerKind::relu:
    case LayerKind::average_pool:
    case LayerKind::sum:
    case LayerKind::unattributed:
      return 0;
  }
  return 0;
}

std::int64_t Layer::multiply_accumulates() const {
  switch (kind) {
    case LayerKind::convolution:
      return kernel * kernel * in_channels * activations();
    case LayerKind::normalisation:
      return 2 * activations();
    case LayerKind::relu:
      return activations();
    case LayerKind::average_pool:
      return kernel * kernel * activations();
    case LayerKind::sum:
      return 0;
    case LayerKind::linear:
      return in_channels * out_channels;
    case LayerKind::unattributed:
      return kUnattributedPerChannel * out_channels;
  }
  return 0;
}

std::int64_t Layer::operations() const {
  if (kind == LayerKind::unattributed) return 0;
  return kind == LayerKind::sum ? in_channels / out_channels - 1 : 1;
}

NetworkTotals& NetworkTotals::operator+=(const NetworkTotals& other) {
  multiply_accumulates += other.multiply_accumulates;
  parameters += other.parameters;
  activations += other.activations;
  operations += other.operations;
  return *this;
}

NetworkTotals& NetworkTotals::operator+=(const Layer& layer) {
  return *this += NetworkTotals{layer.multiply_accumulates(), layer.parameters(), layer.activations(),
                                layer.operations()};
}

std::vector<Layer> derive_network(const Cell& cell, const NetworkShape& shape, EdgeCount count) {
  Layers layers;
  append_skeleton(layers, shape, [&](std::int64_t channels, std::int64_t side) {
    for (std::int64_t n = 0; n < shape.cells_per_stage; ++n) append_cell(layers, cell, count, channels, side);
  });
  return layers;
}

NetworkTotals total(const std::vector<Layer>& layers) {
  NetworkTotals sum;
  for (const Layer& layer : layers) sum += layer;
  return sum;
}

NetworkCounter::NetworkCounter(const NetworkShape& shape) : cells_(kStages * shape.cells_per_stage) {
  Layers skeleton;
  Layers node;
  std::array<Layers, kCellOperations> edge;
  append_skeleton(skeleton, shape, [&](std::int64_t channels, std::int64_t side) {
    for (std::int64_t n = 0; n < shape.cells_per_stage; ++n) {
      node.push_back({LayerKind::sum, channels, channels, side, 1});
      for (std::size_t o = 0; o < kCellOperations; ++o)
        append_edge(edge[o], static_cast<CellOperation>(o), channels, side);
    }
  });
  skeleton_ = total(skeleton);
  node_ = total(node);
  for (std::size_t o = 0; o < kCellOperations; ++o) edge_[o] = total(edge[o]);
}

NetworkTotals NetworkCounter::count(const Cell& cell, EdgeCount count) const {
  const EdgeMask live = live_edges(cell);
  NetworkTotals sum = skeleton_;
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (count == EdgeCount::all_edges || (live >> e & 1U) != 0)
      sum += edge_[static_cast<std::size_t>(cell[e])];
  const auto [edges, nodes] = computed(live, count);
  for (std::int64_t v = 0; v < nodes; ++v) sum += node_;
  sum.operations += cells_ * (edges - nodes);  // what enters a node beside the first is added
  return sum;
}

}  // namespace tonne
