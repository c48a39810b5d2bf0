#pragma once
// The convolutional network that a NAS-Bench-201 cell stands for, derived layer by layer (Dong and Yang 2020,
// "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search", section 2 and figure 1).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tonne {

/// What stands on an edge of the cell. nor_conv is ReLU, convolution without bias, batch normalisation.
enum class CellOperation : std::uint8_t { none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3 };
inline constexpr std::size_t kCellOperations = 5;
inline constexpr std::array<std::string_view, kCellOperations> kCellOperationNames = {
    "none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"};

/// The cell has nodes 0 (input), 1, 2, 3 (output); a node is the sum of its incoming edges.
struct CellEdge {
  std::size_t from = 0;
  std::size_t to = 0;
};
inline constexpr std::size_t kCellNodes = 4;
inline constexpr std::size_t kCellEdges = 6;
inline constexpr std::array<CellEdge, kCellEdges> kCellEdgeList = {
    {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}}};

/// An operation for each edge of kCellEdgeList.
using Cell = std::array<CellOperation, kCellEdges>;
inline constexpr std::size_t kCells = 15'625;  ///< kCellOperations ^ kCellEdges

/// Number of a cell, 0 .. kCells - 1: the operations as digits to base 5, the first edge the lowest.
[[nodiscard]] std::size_t cell_index(const Cell& cell);
/// Inverse of cell_index.
[[nodiscard]] Cell cell_at(std::size_t index);

/// Bit e is set when edge e is live: not `none`, and on a path of such edges from input to output. 0: the
/// cell is disconnected.
using EdgeMask = std::uint8_t;
[[nodiscard]] EdgeMask live_edges(const Cell& cell);

/// Which edges are computed: training frameworks run all of them, optimising runtimes only the live ones.
enum class EdgeCount : std::uint8_t { all_edges, live_edges };

/// The skeleton around the cells: 3x3 stem, three stages of cells at 1, 2, 4 times the stem's channels and 1,
/// 1/2, 1/4 of its resolution, a residual reduction block between stages, pooling and a linear classifier.
struct NetworkShape {
  std::int64_t image = 32;  ///< pixels along each side; divisible by 4
  std::int64_t classes = 10;
  std::int64_t stem_channels = 16;   ///< C
  std::int64_t cells_per_stage = 5;  ///< N
};

enum class LayerKind : std::uint8_t {
  convolution,    ///< k x k, no bias
  normalisation,  ///< batch normalisation with scale and shift
  relu,
  average_pool,  ///< k x k windows
  sum,           ///< a node of a cell, or a residual
  linear,        ///< with bias
  unattributed   ///< see Layer::multiply_accumulates
};

/// One layer for one image. Channels of input (of a sum: of all its inputs together) and output, side of the (square) output in pixels, side of the
/// kernel.
struct Layer {
  LayerKind kind = LayerKind::convolution;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  std::int64_t side = 0;
  std::int64_t kernel = 1;

  /// Elements of the output.
  [[nodiscard]] std::int64_t activations() const;
  /// Trainable weights.
  [[nodiscard]] std::int64_t parameters() const;
  /// Operations as the published rule counts them (per output element): convolution k*k*C_in; normalisation 2
  /// (scale, shift); ReLU 1; average pooling k*k (k*k - 1 additions and the division); sums 0; the linear
  /// layer C_in for each class, its bias not counted. On CIFAR-10 that gives, in millions, 4.36224 for a
  /// 1x1, 35.81952 for a 3x3 and 1.29024 for a pooling edge exactly, and 7.942784 without cells' edges where
  /// the published constant is 7.943872. The 1,088 between them (17 for each of the 64 last channels, 0.014
  /// %) stand as a layer `unattributed` of their own: the counter that was used books them somewhere in the
  /// head, and the published rule does not say where.
  [[nodiscard]] std::int64_t multiply_accumulates() const;
  /// What a framework launches one by one: 1, of a sum one for each addition. ReLU, convolution and normalisation are
  /// three; a runtime may fuse them.
  [[nodiscard]] std::int64_t operations() const;
};

/// Sums over layers, for one image.
struct NetworkTotals {
  std::int64_t multiply_accumulates = 0;
  std::int64_t parameters = 0;
  std::int64_t activations = 0;  ///< elements of all layers' outputs
  std::int64_t operations = 0;   ///< launched one by one, whatever the number of images

  NetworkTotals& operator+=(const NetworkTotals& other);
  NetworkTotals& operator+=(const Layer& layer);
  bool operator==(const NetworkTotals&) const = default;
};

/// All layers of the network from the image to the logits.
[[nodiscard]] std::vector<Layer> derive_network(const Cell& cell, const NetworkShape& shape, EdgeCount count);
[[nodiscard]] NetworkTotals total(const std::vector<Layer>& layers);

/// The totals of all cells of a shape in constant time: a network's totals are those of its skeleton plus
/// those of each edge and node. Equal to total(derive_network(..)) for every cell.
class NetworkCounter {
 public:
  explicit NetworkCounter(const NetworkShape& shape);
  [[nodiscard]] NetworkTotals count(const Cell& cell, EdgeCount count) const;

 private:
  std::int64_t cells_;
  NetworkTotals skeleton_;
  NetworkTotals node_;
  std::array<NetworkTotals, kCellOperations> edge_;
};

}  // namespace tonne
