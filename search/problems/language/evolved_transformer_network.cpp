#include "search/problems/language/evolved_transformer_network.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tonne::evolved_transformer {
namespace {

// Transformer base (Vaswani et al. 2017) and its task, WMT 2014 English-German.
constexpr double kEmbedding = 512.0;
constexpr double kVocabulary = 32'768.0;  // shared sub-words of tensor2tensor's task, 2^15
constexpr double kSentence = 27.0;  // tokens of a mean sentence: an assumption, for attention's products only

struct Branch {
  std::size_t input;
  std::size_t norm;
  std::size_t layer;
  std::size_t dimension;
  std::size_t activation;
};
void set_block(Genome& genome, std::size_t block, const Branch& left, const Branch& right) {
  std::size_t side = 0;
  for (const Branch& branch : {left, right}) {
    const std::array<std::size_t, kBranchFields> values = {branch.input, branch.norm, branch.layer,
                                                           branch.dimension - 1, branch.activation};
    for (std::size_t f = 0; f < kBranchFields; ++f)
      genome[block_field(block, side, f)] = static_cast<std::uint8_t>(values[f]);
    ++side;
  }
  genome[combiner_field(block)] = kAdd;
}

double kernel_width(std::size_t layer) {
  if (layer < kSeparable3) return layer == kConv1 ? 1.0 : 3.0;
  if (layer < kLightweight3) return 3.0 + 2.0 * static_cast<double>(layer - kSeparable3);
  constexpr std::array<double, 4> widths = {3.0, 5.0, 7.0, 15.0};
  return widths[(layer - kLightweight3) / 3];
}

/// Adds a branch's costs; returns its output dimension.
double add_branch(Costs& costs, const Genome& genome, std::size_t block, std::size_t side, double in) {
  const std::size_t layer = genome[block_field(block, side, kLayer)];
  if (layer == kDead) return 0.0;
  if (genome[block_field(block, side, kNorm)] == 0) costs.parameters += 2.0 * in;
  if (layer == kIdentity) return in;
  const double out = kEmbedding * (1.0 + static_cast<double>(genome[block_field(block, side, kDimension)]));
  costs.activations += out;
  if (layer < kSeparable3) {
    costs.parameters += kernel_width(layer) * in * out + out;
  } else if (layer < kAttention4) {
    // Depth-wise over the width (a lightweight convolution shares those weights among channels: nothing to
    // store), then point-wise to the output dimension.
    costs.parameters += in * out + out + (layer < kLightweight3 ? kernel_width(layer) * in : 0.0);
    if (layer >= kLightweight3) costs.products += kernel_width(layer) * in;
    costs.activations += in;
  } else if (layer == kGated) {
    costs.parameters += 2.0 * in * out + 2.0 * out;
    costs.activations += out;
  } else {
    // Queries from the branch's input, keys and values from it or from the encoder, which gives kEmbedding.
    const double source = layer == kAttendEncoder ? kEmbedding : in;
    costs.parameters += in * out + 2.0 * source * out + out * out;
    costs.products += 2.0 * kSentence * out;
    costs.activations += 3.0 * out;
  }
  return out;
}

Costs part_costs(const Genome& genome, const Liveness& live, const Part& part) {
  Costs costs;
  std::array<double, kDecoderBlocks + 1> dimension{};
  dimension[0] = kEmbedding;
  for (std::size_t b = 0; b < part.blocks; ++b) {
    const std::size_t block = part.first + b;
    if (!live.used[block]) continue;
    const double left = add_branch(costs, genome, block, 0, dimension[genome[block_field(block, 0, kInput)]]);
    const double right =
        add_branch(costs, genome, block, 1, dimension[genome[block_field(block, 1, kInput)]]);
    // Addition and multiplication pad the smaller output.
    dimension[b + 1] = genome[combiner_field(block)] == kConcatenate ? left + right : std::max(left, right);
    costs.activations += dimension[b + 1];
  }
  const double out = dimension[part.blocks];
  if (out != kEmbedding)
    costs.parameters += out * kEmbedding;  // the next cell expects the embedding's dimension
  const double cells = 1.0 + static_cast<double>(genome[part.cells_field]);
  costs.parameters *= cells;
  costs.products *= cells;
  costs.activations *= cells;
  return costs;
}

template <std::size_t N>
std::vector<std::string> texts(const std::array<std::string_view, N>& names, std::size_t count = N) {
  return {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count)};
}
std::vector<std::string> numbers(std::size_t first, std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(std::to_string(first + i));
  return result;
}

/// `block` within its cell: it may read the cell's input (0) or an earlier block's output.
Domain branch_domain(BranchField field, std::size_t block, bool decoder) {
  switch (field) {
    case kInput:
      return Categorical{numbers(0, block + 1)};
    case kNorm:
      return Categorical{texts(kNormNames)};
    case kLayer:
      return Categorical{texts(kTransformerLayerNames, decoder ? kLayers : kLayers - 1)};
    case kDimension:
      return Ordinal{numbers(1, kDimensions)};
    default:
      return Categorical{texts(kActivationNames)};
  }
}

}  // namespace

/// Self-attention (and attention to the encoder) beside a residual, then the two halves of the feed-forward
/// layer, the second beside a residual; twice in a cell.
Genome transformer() {
  constexpr std::size_t layer_norm = 0;
  constexpr std::size_t none = 1;
  constexpr std::size_t relu = 1;
  constexpr std::size_t linear = 3;
  Genome genome{};
  const auto residual = [](std::size_t input) { return Branch{input, none, kIdentity, 1, linear}; };
  for (const Part& part : kParts) {
    std::size_t block = 0;  // within the cell; its input is hidden state `block`, its output `block + 1`
    const auto attend = [&](std::size_t layer) {
      set_block(genome, part.first + block, {block, layer_norm, layer, 1, linear}, residual(block));
      ++block;
    };
    while (block < part.blocks) {
      attend(kAttention8);
      if (part.decoder) attend(kAttendEncoder);
      const std::size_t residual_from = block;
      set_block(genome, part.first + block, {block, layer_norm, kConv1, 4, relu},
                {0, none, kDead, 1, linear});
      ++block;
      set_block(genome, part.first + block, {block, none, kConv1, 1, linear}, residual(residual_from));
      ++block;
    }
    genome[part.cells_field] = 2;  // three cells
  }
  return genome;
}

Liveness find_live(const Genome& genome) {
  Liveness live;
  for (const Part& part : kParts) {
    live.used[part.first + part.blocks - 1] = true;
    bool connected = false;
    for (std::size_t b = part.blocks; b-- > 0;) {
      const std::size_t block = part.first + b;
      if (!live.used[block]) continue;
      for (std::size_t side = 0; side < 2; ++side) {
        const std::size_t layer = genome[block_field(block, side, kLayer)];
        if (layer == kDead) continue;
        live.attends = live.attends || layer == kAttendEncoder;
        const std::size_t input = genome[block_field(block, side, kInput)];
        if (input == 0)
          connected = true;
        else
          live.used[part.first + input - 1] = true;
      }
    }
    live.connected = live.connected && connected;
  }
  return live;
}

Costs network_costs(const Genome& genome, const Liveness& live) {
  Costs sum;
  for (const Part& part : kParts) {
    const Costs costs = part_costs(genome, live, part);
    sum.parameters += costs.parameters;
    sum.products += costs.products;
    sum.activations += costs.activations;
  }
  // One matrix embeds source and target and scores the output's words.
  sum.parameters += kVocabulary * kEmbedding;
  sum.activations += kVocabulary + 2.0 * kEmbedding;
  return sum;
}

SearchSpace make_space(const Genome& origin) {
  std::vector<Parameter> parameters;
  const auto add = [&](std::string name, Domain domain) {
    const double value = origin[parameters.size()];
    parameters.push_back({std::move(name), std::move(domain), std::nullopt, value});
  };
  for (const Part& part : kParts) {
    const std::string cell = part.decoder ? "decoder_" : "encoder_";
    for (std::size_t block = 0; block < part.blocks; ++block) {
      const std::string prefix = cell + std::to_string(block + 1) + "_";
      for (const char* side : {"left_", "right_"})
        for (std::size_t f = 0; f < kBranchFields; ++f)
          add(prefix + side + std::string(kBranchFieldNames[f]),
              branch_domain(static_cast<BranchField>(f), block, part.decoder));
      add(prefix + "combiner", Categorical{texts(kCombinerNames)});
    }
  }
  for (const char* cells : {"encoder_cells", "decoder_cells"}) add(cells, Ordinal{numbers(1, kMostCells)});
  return SearchSpace(std::move(parameters));
}

Genome genome_of(const Configuration& configuration) {
  Genome genome;
  for (std::size_t f = 0; f < kFields; ++f) genome[f] = static_cast<std::uint8_t>(configuration.index(f));
  return genome;
}

}  // namespace tonne::evolved_transformer
