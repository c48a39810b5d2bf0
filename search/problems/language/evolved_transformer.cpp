#include "search/problems/language/evolved_transformer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/units.h"

namespace tonne {
namespace {

constexpr std::size_t kEncoderBlocks = 6;
constexpr std::size_t kDecoderBlocks = 8;
constexpr std::size_t kBlocks = kEncoderBlocks + kDecoderBlocks;
constexpr std::size_t kLayers = kTransformerLayerNames.size();
constexpr std::size_t kBranches = 2 * kBlocks;

// Fields of a block, in the paper's order: five of the left branch, five of the right one, the combiner.
enum BranchField : std::size_t { kInput, kNorm, kLayer, kDimension, kActivation, kBranchFields };
constexpr std::size_t kBlockFields = 2 * kBranchFields + 1;
constexpr std::size_t kCellFields = kBlocks * kBlockFields;  // where the two numbers of cells stand
constexpr std::size_t kFields = kCellFields + 2;

constexpr std::array<std::string_view, kBranchFields> kBranchFieldNames = {"input", "norm", "layer",
                                                                           "dimension", "activation"};
constexpr std::array<std::string_view, 2> kNormNames = {"layer_norm", "none"};
constexpr std::array<std::string_view, 4> kActivationNames = {"swish", "relu", "leaky_relu", "none"};
constexpr std::array<std::string_view, 3> kCombinerNames = {"add", "concatenate", "multiply"};
constexpr std::size_t kDimensions = 10;  // relative output dimensions 1..10
constexpr std::size_t kMostCells = 6;

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

// Transformer base (Vaswani et al. 2017) and its task, WMT 2014 English-German.
constexpr double kEmbedding = 512.0;
constexpr double kVocabulary = 32'768.0;  // shared sub-words of tensor2tensor's task, 2^15
constexpr double kSentence = 27.0;  // tokens of a mean sentence: an assumption, for attention's products only
constexpr double kPasses = 3.0;     // forward, and backward twice that
constexpr double kFlopsPerMultiplyAccumulate = 2.0;
constexpr double kBytesPerNumber = 4.0;
constexpr double kNumbersPerWeight = 4.0;  // Adam: weight, gradient, two moments
constexpr double kAccessesPerActivation = 5.0;
constexpr double kAccessesPerWeight = 10.0;  // forward, backward, gradient; Adam reads four and writes three

// The landscape, in nats. Assumed figures, chosen before the first search was run.
constexpr double kTransformerLoss = 1.51;  // asymptote: perplexity 4.7 after 300K steps
constexpr double kMostHarm = 2.0;
constexpr double kMostGain = 0.15;
constexpr double kNoSource = 1.5;  // a decoder that does not see the source is a language model
constexpr double kStartExcess = 6.0;
constexpr double kCurveSteps = 2000.0;
constexpr std::array<double, kBranchFields> kFieldEffect = {0.015, 0.010, 0.020, 0.008, 0.005};
constexpr double kCombinerEffect = 0.020;
constexpr double kCellEffect = 0.010;
constexpr double kPairEffect = 0.003;
constexpr double kBlockEffect = 0.020;  // of a block of the Transformer that is cut off

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
constexpr Part kEncoder = {0, kEncoderBlocks, kCellFields, false};
constexpr Part kDecoder = {kEncoderBlocks, kDecoderBlocks, kCellFields + 1, true};
constexpr std::array<Part, 2> kParts = {kEncoder, kDecoder};

using Genome = std::array<std::uint8_t, kFields>;

// --- the Transformer in this encoding ---

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

// --- what is live ---

struct Liveness {
  std::array<bool, kBlocks> used{};  ///< a path leads from the block to its cell's output
  bool connected = true;             ///< in both cells a path leads from the input to the output
  bool attends = false;              ///< the decoder's live part sees the encoder
};

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

// --- work ---

/// Per token; a weight matrix counts one multiply-accumulate for each of its weights.
struct Costs {
  double parameters = 0.0;
  double products =
      0.0;  ///< multiply-accumulates beside those of weight matrices: attention's, depth-wise ones
  double activations = 0.0;
};

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

// --- the landscape ---

double hashed_normal(std::uint64_t bits) {
  return normal_quantile((static_cast<double>(bits >> 12U) + 0.5) * 0x1.0p-52);
}

/// Effects of values, hashed from the landscape's seed; all tables are filled once.
class EffectTables {
 public:
  EffectTables(std::int64_t landscape, double harm, const Genome& origin)
      : seed_(mix_bits(static_cast<std::uint64_t>(landscape))) {
    for (std::size_t f = 0; f < kFields; ++f)
      for (std::size_t v = 0; v < kLayers; ++v)
        field_[f][v] = v == origin[f] ? 0.0 : scale_of(f) * (harm + draw(f * kLayers + v));
    std::uint64_t name = kPairs;
    for (auto& table : with_layer_)
      for (auto& row : table)
        for (double& value : row) value = kPairEffect * draw(name++);
    for (auto& table : sides_)
      for (auto& row : table)
        for (double& value : row) value = kPairEffect * draw(name++);
    for (auto& row : flow_)
      for (double& value : row) value = kPairEffect * draw(name++);
    for (double& value : missing_) value = kBlockEffect * (harm + draw(name++));
    const Liveness live = find_live(origin);
    origin_pairs_ = pairs(origin, live);
  }

  /// d: the sum of effects against the Transformer.
  [[nodiscard]] double deviation(const Genome& genome, const Liveness& live) const {
    double sum = -origin_pairs_ + pairs(genome, live);
    for (std::size_t block = 0; block < kBlocks; ++block) {
      if (!live.used[block]) {
        sum += missing_[block];
        continue;
      }
      sum += at(genome, combiner_field(block));
      for (std::size_t side = 0; side < 2; ++side) sum += branch(genome, block, side);
    }
    for (const Part& part : kParts) sum += at(genome, part.cells_field);
    return sum;
  }

 private:
  static constexpr std::uint64_t kPairs = 1'000'000;

  static double scale_of(std::size_t field) {
    if (field >= kCellFields) return kCellEffect;
    const std::size_t within = field % kBlockFields;
    return within == 2 * kBranchFields ? kCombinerEffect : kFieldEffect[within % kBranchFields];
  }
  [[nodiscard]] double draw(std::uint64_t name) const {
    return hashed_normal(mix_bits(seed_ ^ mix_bits(name)));
  }
  [[nodiscard]] double at(const Genome& genome, std::size_t field) const {
    return field_[field][genome[field]];
  }

  // Of a dead branch nothing but its being dead matters.
  [[nodiscard]] double branch(const Genome& genome, std::size_t block, std::size_t side) const {
    const std::size_t layer_field = block_field(block, side, kLayer);
    double sum = at(genome, layer_field);
    if (genome[layer_field] == kDead) return sum;
    for (const BranchField f : {kInput, kNorm, kActivation}) sum += at(genome, block_field(block, side, f));
    if (genome[layer_field] != kIdentity) sum += at(genome, block_field(block, side, kDimension));
    return sum;
  }

  // Layer with normalisation, dimension and activation of its branch, left layer with right one, and a layer
  // with the one that feeds it.
  [[nodiscard]] double pairs(const Genome& genome, const Liveness& live) const {
    double sum = 0.0;
    for (const Part& part : kParts)
      for (std::size_t block = part.first; block < part.first + part.blocks; ++block) {
        if (!live.used[block]) continue;
        sum += sides_[block][genome[block_field(block, 0, kLayer)]][genome[block_field(block, 1, kLayer)]];
        for (std::size_t side = 0; side < 2; ++side) {
          const std::size_t layer = genome[block_field(block, side, kLayer)];
          if (layer == kDead) continue;
          const auto& table = with_layer_[2 * block + side][layer];
          sum += table[genome[block_field(block, side, kActivation)]] +
                 table[kActivationNames.size() + genome[block_field(block, side, kNorm)]];
          if (layer != kIdentity)
            sum += table[kActivationNames.size() + kNormNames.size() +
                         genome[block_field(block, side, kDimension)]];
          const std::size_t input = genome[block_field(block, side, kInput)];
          if (input != 0) sum += flow_[layer][genome[block_field(part.first + input - 1, 0, kLayer)]];
        }
      }
    return sum;
  }

  std::uint64_t seed_;
  std::array<std::array<double, kLayers>, kFields> field_{};
  std::array<
      std::array<std::array<double, kActivationNames.size() + kNormNames.size() + kDimensions>, kLayers>,
      kBranches>
      with_layer_{};
  std::array<std::array<std::array<double, kLayers>, kLayers>, kBlocks> sides_{};
  std::array<std::array<double, kLayers>, kLayers> flow_{};
  std::array<double, kBlocks> missing_{};
  double origin_pairs_ = 0.0;
};

/// g of the header: harm and gain saturate, and small effects add up.
double saturate(double d) {
  return d >= 0.0 ? kMostHarm * -std::expm1(-d / kMostHarm) : kMostGain * std::expm1(d / kMostGain);
}

// --- the space ---

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

class EvolvedTransformer final : public Problem {
 public:
  explicit EvolvedTransformer(const EvolvedTransformerSettings& settings)
      : settings_(settings),
        origin_(transformer()),
        space_(make_space(origin_)),
        effects_(settings.landscape, settings.harm, origin_) {
    traits_.name = "evolved_transformer";
    traits_.objectives = {{"log perplexity", "nats", Direction::minimise}};
    traits_.fidelity = {"steps", 1.0, static_cast<double>(settings.steps), true};
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Genome genome = genome_of(configuration);
    return loss_after(genome, find_live(genome), static_cast<double>(settings_.steps));
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Genome genome = genome_of(evaluation.configuration);
    const Liveness live = find_live(genome);
    const double seed = hashed_normal(mix_bits(evaluation.run + mix_bits(evaluation.repeat)));
    Outcome outcome;
    outcome.objectives.push_back(loss_after(genome, live, evaluation.to) +
                                 settings_.noise * (seed + 0.5 * random.normal()));
    outcome.workload = workload(network_costs(genome, live), evaluation.to - evaluation.from);
    return outcome;
  }

  // One token, forward, in a batch large enough that reading the weights does not count.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Genome genome = genome_of(configuration);
    const Costs costs = network_costs(genome, find_live(genome));
    Workload work;
    work.samples = 1.0;
    work.parameters = costs.parameters;
    work.precision = settings_.precision;
    work.flops = Work::from_base(kFlopsPerMultiplyAccumulate * (costs.parameters + costs.products));
    work.traffic = Bytes::from_base(2.0 * kBytesPerNumber * costs.activations);
    work.memory = Bytes::from_base(kBytesPerNumber * (costs.parameters + costs.activations));
    return work;
  }

 private:
  [[nodiscard]] double loss_after(const Genome& genome, const Liveness& live, double steps) const {
    const double learnt = kStartExcess * kCurveSteps / (steps + kCurveSteps);
    const double asymptote = kTransformerLoss + asymptotic_harm(genome, live);
    return asymptote + learnt * std::exp(settings_.speed * own_speed(genome));
  }

  [[nodiscard]] double asymptotic_harm(const Genome& genome, const Liveness& live) const {
    if (!live.connected) return kMostHarm;
    return saturate(effects_.deviation(genome, live) + (live.attends ? 0.0 : kNoSource));
  }

  // Hashed from all fields, so that it is a network's own.
  [[nodiscard]] double own_speed(const Genome& genome) const {
    std::uint64_t hash = mix_bits(static_cast<std::uint64_t>(settings_.landscape) ^ 0x5eedULL);
    for (const std::uint8_t value : genome) hash = (hash ^ value) * 0x100000001b3ULL;
    return hashed_normal(mix_bits(hash));
  }

  [[nodiscard]] Workload workload(const Costs& costs, double steps) const {
    const double tokens = static_cast<double>(settings_.batch) * steps;
    Workload work;
    work.steps = steps;
    work.samples = tokens;
    work.parameters = costs.parameters;
    work.precision = settings_.precision;
    work.flops =
        Work::from_base(kPasses * kFlopsPerMultiplyAccumulate * (costs.parameters + costs.products) * tokens);
    work.traffic = Bytes::from_base(kBytesPerNumber * (kAccessesPerActivation * costs.activations * tokens +
                                                       kAccessesPerWeight * costs.parameters * steps));
    work.memory =
        Bytes::from_base(kBytesPerNumber * (kNumbersPerWeight * costs.parameters +
                                            static_cast<double>(settings_.batch) * costs.activations));
    if (settings_.step_time) work.measured_time = steps * *settings_.step_time;
    return work;
  }

  EvolvedTransformerSettings settings_;
  Genome origin_;
  SearchSpace space_;
  EffectTables effects_;
  ProblemTraits traits_;
};

class EvolvedTransformerRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override {
    return make_evolved_transformer(settings_);
  }

 private:
  EvolvedTransformerSettings settings_;
};

}  // namespace

void EvolvedTransformerSettings::visit(SettingsVisitor& visitor) {
  visitor.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape");
  visitor.integer("steps", steps, Bounds::between(1000, 1e9), "optimiser steps of a full training");
  visitor.integer("batch", batch, Bounds::between(1, 1e8), "tokens of a step, in source and in target alike");
  visitor.number("noise", noise, Bounds::between(0, 10),
                 "sd of the training seed's effect on the log perplexity");
  visitor.number("speed", speed, Bounds::between(0, 2),
                 "sd of the logarithm of a network's own learning speed");
  visitor.number("harm", harm, Bounds::between(-10, 10),
                 "mean effect of a change of the Transformer, in sds: 1 makes 84 % of them harmful");
  visitor.choice("precision", precision, kTransformerPrecisionNames,
                 "of the arithmetic; fp16 stands for bfloat16");
  visitor.quantity("step_time", step_time, Bounds::above(0),
                   "time of a step of every network on the worker; absent: computed from its work");
}

std::shared_ptr<const Problem> make_evolved_transformer(const EvolvedTransformerSettings& settings) {
  return std::make_shared<EvolvedTransformer>(settings);
}

std::unique_ptr<ProblemRecipe> make_evolved_transformer_recipe() {
  return std::make_unique<EvolvedTransformerRecipe>();
}

}  // namespace tonne
