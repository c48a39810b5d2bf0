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
#include "search/problems/landscape/fp32.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/language/evolved_transformer_network.h"

namespace tonne {
namespace {

using namespace evolved_transformer;

constexpr double kPasses = 3.0;     // forward, and backward twice that
constexpr double kFlopsPerMultiplyAccumulate = 2.0;
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
  [[nodiscard]] double draw(std::uint64_t name) const { return hashed_normal(seed_ ^ mix_bits(name)); }
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
    const double seed = hashed_normal(evaluation.run + mix_bits(evaluation.repeat));
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
    work.kind = WorkKind::transformer;
    work.activation_traffic = 1.0;
    work.activation_memory = 1.0;
    work.passes = 0.0;  // nothing fixed of a pass is left, either
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
    return hashed_normal(hash);
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
    const double accesses = kAccessesPerActivation * costs.activations * tokens;
    const double weights = kAccessesPerWeight * costs.parameters * steps;
    work.traffic = Bytes::from_base(kBytesPerNumber * (accesses + weights));
    work.activation_traffic = accesses / (accesses + weights);
    const double held = static_cast<double>(settings_.batch) * costs.activations;
    work.memory = Bytes::from_base(kBytesPerNumber * (kNumbersPerWeight * costs.parameters + held));
    work.activation_memory = held / (kNumbersPerWeight * costs.parameters + held);
    work.kind = WorkKind::transformer;
    if (settings_.step_time) work.measured_time = steps * *settings_.step_time;
    return work;
  }

  EvolvedTransformerSettings settings_;
  Genome origin_;
  SearchSpace space_;
  EffectTables effects_;
  ProblemTraits traits_;
};

}  // namespace

void EvolvedTransformerSettings::visit(SettingsVisitor& visitor) {
  visitor.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape");
  visitor.integer("steps", steps, Bounds::between(1000, 1e9), "optimiser steps of a full training");
  visitor.integer("batch", batch, Bounds::between(1, 1e8), "tokens per step, in source and target each");
  visitor.number("noise", noise, Bounds::between(0, 10),
                 "sd of the training seed's effect on the log perplexity");
  visitor.number("speed", speed, Bounds::between(0, 2), "sd of the log learning speed between networks");
  visitor.number("harm", harm, Bounds::between(-10, 10),
                 "mean effect of a change to the Transformer, in sds; at 1, 84 % of changes are harmful");
  // Two of the formats: their places among the names are not those in the enumeration.
  auto format = static_cast<std::size_t>(precision == Precision::fp16);
  visitor.choice_index("precision", format, kTransformerPrecisionNames,
                       "arithmetic precision; fp16 stands for bfloat16");
  precision = format == 1 ? Precision::fp16 : Precision::fp32;
  visitor.quantity("step_time", step_time, Bounds::above(0),
                   "time per step, the same for every network; default: computed from each network's work");
}

std::shared_ptr<const Problem> make_evolved_transformer(const EvolvedTransformerSettings& settings) {
  return std::make_shared<EvolvedTransformer>(settings);
}

std::unique_ptr<ProblemRecipe> make_evolved_transformer_recipe() {
  return std::make_unique<BasicProblemRecipe<EvolvedTransformerSettings, EvolvedTransformer>>();
}

}  // namespace tonne
