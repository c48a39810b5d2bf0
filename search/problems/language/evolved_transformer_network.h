#pragma once
// The networks of `evolved_transformer`: their encoding, what is live in them, and what they cost.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/search_space.h"
#include "search/problems/language/evolved_transformer.h"

namespace tonne::evolved_transformer {

inline constexpr std::size_t kEncoderBlocks = 6;
inline constexpr std::size_t kDecoderBlocks = 8;
inline constexpr std::size_t kBlocks = kEncoderBlocks + kDecoderBlocks;
inline constexpr std::size_t kLayers = kTransformerLayerNames.size();
inline constexpr std::size_t kBranches = 2 * kBlocks;

// Fields of a block, in the paper's order: five of the left branch, five of the right one, the combiner.
enum BranchField : std::size_t { kInput, kNorm, kLayer, kDimension, kActivation, kBranchFields };
inline constexpr std::size_t kBlockFields = 2 * kBranchFields + 1;
inline constexpr std::size_t kCellFields = kBlocks * kBlockFields;  // where the two numbers of cells stand
inline constexpr std::size_t kFields = kCellFields + 2;

inline constexpr std::array<std::string_view, kBranchFields> kBranchFieldNames = {"input", "norm", "layer",
                                                                                  "dimension", "activation"};
inline constexpr std::array<std::string_view, 2> kNormNames = {"layer_norm", "none"};
inline constexpr std::array<std::string_view, 4> kActivationNames = {"swish", "relu", "leaky_relu", "none"};
inline constexpr std::array<std::string_view, 3> kCombinerNames = {"add", "concatenate", "multiply"};
inline constexpr std::size_t kDimensions = 10;  // relative output dimensions 1..10
inline constexpr std::size_t kMostCells = 6;

enum Layer : std::uint8_t {
  kConv1 = 0,
  kSeparable3 = 2,
  kLightweight3 = 7,
  kAttention4 = 19,
  kAttention8 = 20,
  kGated = 22,
  kIdentity = 23,
  kDead = 24,
  kAttendEncoder = 25
};
enum Combiner : std::uint8_t { kAdd, kConcatenate, kMultiply };

constexpr std::size_t block_field(std::size_t block, std::size_t side, std::size_t field) {
  return block * kBlockFields + side * kBranchFields + field;
}
constexpr std::size_t combiner_field(std::size_t block) {
  return block * kBlockFields + 2 * kBranchFields;
}

/// A cell: where its blocks stand, and its number of cells.
struct Part {
  std::size_t first;
  std::size_t blocks;
  std::size_t cells_field;
  bool decoder;
};
inline constexpr Part kEncoder = {0, kEncoderBlocks, kCellFields, false};
inline constexpr Part kDecoder = {kEncoderBlocks, kDecoderBlocks, kCellFields + 1, true};
inline constexpr std::array<Part, 2> kParts = {kEncoder, kDecoder};

using Genome = std::array<std::uint8_t, kFields>;

/// The Transformer (base) in this encoding.
[[nodiscard]] Genome transformer();

struct Liveness {
  std::array<bool, kBlocks> used{};  ///< a path leads from the block to its cell's output
  bool connected = true;             ///< in both cells a path leads from the input to the output
  bool attends = false;              ///< the decoder's live part sees the encoder
};

[[nodiscard]] Liveness find_live(const Genome& genome);

/// Per token; a weight matrix counts one multiply-accumulate for each of its weights.
struct Costs {
  double parameters = 0.0;
  double products =
      0.0;  ///< multiply-accumulates beside those of weight matrices: attention's, depth-wise ones
  double activations = 0.0;
};

[[nodiscard]] Costs network_costs(const Genome& genome, const Liveness& live);

/// The space, whose default is `origin`.
[[nodiscard]] SearchSpace make_space(const Genome& origin);
[[nodiscard]] Genome genome_of(const Configuration& configuration);

}  // namespace tonne::evolved_transformer
