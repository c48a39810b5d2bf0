#pragma once
// The networks of TransNAS-Bench-101's cell space and what one training of each takes, derived layer by layer
// (Duan et al. 2021, "TransNAS-Bench-101: Improving Transferability and Generalizability of Cross-Task Neural
// Architecture Search", and its authors' code, github.com/yawen-d/TransNASBench). Cells are those of
// cell_network.h without pooling; one encoder, 64-41414-CELL, serves seven tasks, each with a decoder of its
// own.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search/problems/networks/cell_network.h"

namespace tonne {

inline constexpr std::size_t kTransnasOperations = 4;  ///< CellOperation without avg_pool_3x3
inline constexpr std::size_t kTransnasCells = 4'096;   ///< kTransnasOperations ^ kCellEdges

/// Number of a cell, 0 .. kTransnasCells - 1: the operations as digits to base 4, the first edge the lowest.
[[nodiscard]] std::size_t transnas_cell_index(const Cell& cell);
/// Inverse of transnas_cell_index.
[[nodiscard]] Cell transnas_cell_at(std::size_t index);
/// Name of the network in the benchmark's table: "64-41414-3_33_333".
[[nodiscard]] std::string transnas_code(const Cell& cell);

enum class TransnasTask : std::uint8_t {
  object,
  scene,
  room_layout,
  jigsaw,
  autoencoder,
  normals,
  segmentation
};
inline constexpr std::size_t kTransnasTasks = 7;
inline constexpr std::array<std::string_view, kTransnasTasks> kTransnasTaskNames = {
    "object", "scene", "room_layout", "jigsaw", "autoencoder", "normals", "segmentation"};

/// What follows the encoder: pooling and a linear layer; 8 convolutions; 14 convolutions and, in training, a
/// discriminator.
enum class TransnasDecoder : std::uint8_t { linear, segmentation, generative };

/// SGD with Nesterov momentum (one more value kept for each weight) or Adam (two).
enum class TransnasOptimiser : std::uint8_t { sgd, adam };

/// How a task is trained (the authors' configurations). Training is in fp32; the validation and the test
/// images go forward through the network after every epoch.
struct TransnasTaskFacts {
  std::string_view published_name;  ///< in the benchmark's table
  TransnasDecoder decoder = TransnasDecoder::linear;
  std::int64_t outputs = 1;           ///< classes, regressed values or channels of the output image
  std::int64_t tiles = 1;             ///< images that the encoder sees for one example
  std::int64_t training_side = 256;   ///< pixels along each side of what the encoder sees
  std::int64_t published_side = 224;  ///< the same when the published FLOPs were counted
  std::int64_t epochs = 25;
  TransnasOptimiser optimiser = TransnasOptimiser::sgd;
  std::int64_t batch_size = 128;
  std::int64_t training_examples = 80'000;
  std::int64_t validation_examples = 20'000;
  std::int64_t test_examples = 20'000;

  /// The output is an image.
  [[nodiscard]] bool pixel_wise() const { return decoder != TransnasDecoder::linear; }
  /// A discriminator is trained along.
  [[nodiscard]] bool adversarial() const { return decoder == TransnasDecoder::generative; }
};
[[nodiscard]] const TransnasTaskFacts& transnas_facts(TransnasTask task);

enum class TransnasLayerKind : std::uint8_t {
  convolution,             ///< k x k
  transposed_convolution,  ///< k x k, doubles the resolution
  normalisation,           ///< batch normalisation with scale and shift
  relu,
  leaky_relu,
  tanh,
  pad,            ///< a row and a column of zeros
  concatenation,  ///< of channels
  sum,            ///< a node of a cell
  average_pool,   ///< of all pixels
  linear          ///< with bias
};

/// One layer for one image. Channels and side (pixels) of the square input and output, side of the kernel.
struct TransnasLayer {
  TransnasLayerKind kind = TransnasLayerKind::convolution;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  std::int64_t in_side = 0;
  std::int64_t side = 0;
  std::int64_t kernel = 1;
  bool bias = false;

  /// Elements of the output.
  [[nodiscard]] std::int64_t activations() const;
  /// Trainable weights.
  [[nodiscard]] std::int64_t parameters() const;
  /// Operations as the published figures count them: by thop, whose rules were the same from June 2020 to May
  /// 2021. Per output element: convolution, transposed or not, k*k*C_in, and 1 for a bias; normalisation 2;
  /// leaky ReLU 1; pooling the pixels pooled and 1; the linear layer C_in, its bias not counted; all others
  /// 0.
  [[nodiscard]] std::int64_t multiply_accumulates() const;
  /// The same, but a transposed convolution with what it multiplies, k*k*C_in*C_out per pixel of its input: a
  /// quarter of what thop counts. Only decoders of images have any.
  [[nodiscard]] std::int64_t executed_multiply_accumulates() const;
};

/// Sums over layers, for one example.
struct TransnasTotals {
  std::int64_t multiply_accumulates = 0;           ///< as published, see TransnasLayer
  std::int64_t executed_multiply_accumulates = 0;  ///< what the forward pass multiplies
  std::int64_t parameters = 0;
  std::int64_t activations = 0;  ///< elements of all layers' outputs
  std::int64_t kernels = 0;      ///< layers, each an operation that a framework launches by itself

  TransnasTotals& operator+=(const TransnasTotals& other);
  TransnasTotals& operator+=(const TransnasLayer& layer);
  bool operator==(const TransnasTotals&) const = default;
};

using TransnasLayers = std::vector<TransnasLayer>;
[[nodiscard]] TransnasTotals transnas_total(const TransnasLayers& layers);

/// The encoder for one image (jigsaw: one tile) of `side` pixels, a multiple of 32. `none` is no layer, nor
/// is a skip that keeps shape; one that halves the resolution is ReLU, pad, two 1x1 convolutions,
/// concatenation, normalisation.
[[nodiscard]] TransnasLayers derive_transnas_encoder(const Cell& cell, std::int64_t side, EdgeCount count);
/// From what the encoder makes of `side` pixels to the task's output.
[[nodiscard]] TransnasLayers derive_transnas_decoder(TransnasTask task, std::int64_t side);
/// From two images of `side` pixels, input and output, to one number. Spectral normalisation adds no weights;
/// its power iteration (two products with each weight matrix, once per batch) is not counted.
[[nodiscard]] TransnasLayers derive_transnas_discriminator(std::int64_t side);

/// What one example takes on one task. The published encoder_FLOPs of jigsaw are of one tile, a ninth of
/// `encoder`'s.
struct TransnasWork {
  TransnasTotals encoder;        ///< for all tiles
  TransnasTotals decoder;        ///< includes the joining of jigsaw's tiles
  TransnasTotals discriminator;  ///< one pass; zero where none is trained

  /// Encoder and decoder, the published model_FLOPs; without the discriminator's weights.
  [[nodiscard]] TransnasTotals inference() const;
  /// All weights that are trained, the published model_params, and every forward pass of a training step: the
  /// discriminator sees the generated image, the true one, and the generated one again.
  [[nodiscard]] TransnasTotals training_forward() const;
  /// Multiply-adds that a training step executes for one example. A backward pass takes two forward passes;
  /// the discriminator's third one passes on the gradient of its input only, and takes one.
  [[nodiscard]] std::int64_t training_multiply_accumulates() const;
};

/// The work of all cells for a task and an image side in constant time: skeleton, edges and nodes are counted
/// once. Equal to the sums over the derived layers for every cell.
class TransnasCounter {
 public:
  /// `side`: the task's training_side or published_side, or any multiple of 32.
  TransnasCounter(TransnasTask task, std::int64_t side);
  [[nodiscard]] TransnasWork count(const Cell& cell, EdgeCount count) const;

  /// What an operation adds to the encoder's totals, for one image, on an edge from the cell's input (the one
  /// that may change shape) or on an inner edge.
  [[nodiscard]] const TransnasTotals& edge(CellOperation operation, bool from_input) const;

 private:
  using Edges = std::array<TransnasTotals, kTransnasOperations>;

  std::int64_t tiles_;
  TransnasTotals skeleton_;
  TransnasTotals node_;
  Edges input_edge_;
  Edges inner_edge_;
  TransnasTotals decoder_;
  TransnasTotals discriminator_;
};

}  // namespace tonne
