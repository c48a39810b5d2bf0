// Graph cells of NAS-Bench-101 shape: Ying, Klein, Christiansen, Real, Murphy and Hutter 2019,
// "NAS-Bench-101: Towards Reproducible Neural Architecture Search", ICML. Up to seven vertices (input, five
// operations, output), at most nine edges.
//
// Exact: what is valid, what is isomorphic, multiply-accumulates and weights of the derived network (the
// authors' model_builder.py). Generative: accuracy after 4, 12, 36 and 108 epochs.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/landscape/monotone_curve.h"
#include "search/problems/landscape/training_seeds.h"
#include "search/problems/networks/convolutions.h"

namespace tonne {
namespace {

constexpr std::size_t kVertices = 7;
constexpr std::size_t kOutput = kVertices - 1;
constexpr std::size_t kEdges = kVertices * (kVertices - 1) / 2;
constexpr int kMostEdges = 9;
enum class Operation : std::uint8_t { conv_1x1, conv_3x3, max_pool_3x3 };
constexpr std::array<std::string_view, 3> kOperationNames = {"conv1x1", "conv3x3", "maxpool3x3"};

// The network: 3x3 stem to 128 channels, three stacks of three cells; before the second and the third the
// sides are halved by pooling and the channels doubled.
constexpr double kStemChannels = 128.0;
constexpr int kStacks = 3;
constexpr int kCellsOfStack = 3;
constexpr double kClasses = 10.0;
constexpr double kImageSide = 32.0;
constexpr double kSamples = 40'000.0;  // 10,000 of CIFAR-10's training images validate
constexpr double kChance = 10.0;
constexpr double kFullEpochs = 108.0;
constexpr std::int64_t kSeeds = 3;  // trainings of a cell in the published table, for each number of epochs

struct GraphCellSettings {
  std::int64_t landscape = 0;
  std::int64_t batch = 256;  ///< Ying et al. 2019, table of hyper-parameters
  double noise = 1.0;        ///< factor on the seed sd
  TrainingSeedsSetting training_seeds;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("landscape", landscape, Bounds::between(0, 9e15), "seed of the landscape's random part");
    visitor.integer("batch", batch, Bounds::between(1, kSamples), "images per step");
    visitor.number("noise", noise, Bounds::between(0, 100), "scale of the training seed's effect");
    training_seeds.visit(visitor, kSeeds);
  }
};

/// A cell as adjacency: bit t of out[s] is set for an edge s -> t, s < t.
struct Graph {
  std::array<std::uint8_t, kVertices> out{};
  std::array<std::uint8_t, kVertices> in{};
  std::array<Operation, kVertices> operation{};  // of vertices 1..5
  std::uint8_t vertices = 0;  // bit v: there, input and output included; 0: no path, invalid

  [[nodiscard]] bool has(std::size_t from, std::size_t to) const { return (out[from] >> to & 1U) != 0; }
  [[nodiscard]] bool holds(std::size_t vertex) const { return (vertices >> vertex & 1U) != 0; }
};

/// What remains of a configuration's graph when vertices off all paths from input to output are taken away.
/// The limit on edges holds for what remains, as in the authors' ModelSpec.
Graph pruned_graph(const Configuration& configuration) {
  std::array<std::uint8_t, kVertices> out{};
  std::array<std::uint8_t, kVertices> in{};
  std::size_t edge = 0;
  for (std::size_t s = 0; s < kVertices; ++s)
    for (std::size_t t = s + 1; t < kVertices; ++t, ++edge) {
      // Without a branch: no processor can predict a random edge.
      const unsigned there = configuration.index(edge) != 0 ? 1U : 0U;
      out[s] = static_cast<std::uint8_t>(out[s] | there << t);
      in[t] = static_cast<std::uint8_t>(in[t] | there << s);
    }
  unsigned from_input = 1U;
  for (std::size_t v = 1; v < kVertices; ++v)
    if ((in[v] & from_input) != 0) from_input |= 1U << v;
  unsigned to_output = 1U << kOutput;
  for (std::size_t v = kOutput; v-- > 0;)
    if ((out[v] & to_output) != 0) to_output |= 1U << v;
  const unsigned kept = from_input & to_output;
  Graph graph;
  if ((kept & 1U) == 0 || (kept >> kOutput & 1U) == 0) return graph;
  int edges = 0;
  for (std::size_t v = 0; v < kVertices; ++v) {
    if ((kept >> v & 1U) == 0) continue;
    graph.out[v] = static_cast<std::uint8_t>(out[v] & kept);
    graph.in[v] = static_cast<std::uint8_t>(in[v] & kept);
    edges += std::popcount(unsigned{graph.out[v]});
    if (v > 0 && v < kOutput)
      graph.operation[v] = static_cast<Operation>(configuration.index(kEdges + v - 1));
  }
  if (edges <= kMostEdges) graph.vertices = static_cast<std::uint8_t>(kept);
  return graph;
}

/// A digest that isomorphic graphs share: each vertex's label is mixed with those of its neighbours as often
/// as there are vertices (the paper's iterative graph hashing; sums of mixed labels stand for its sorted
/// lists).
std::uint64_t canonical_digest(const Graph& graph) {
  std::array<std::uint64_t, kVertices> label{};
  for (std::size_t v = 0; v < kVertices; ++v) {
    if (!graph.holds(v)) continue;
    const std::uint64_t kind = v == 0         ? 10
                               : v == kOutput ? 11
                                              : static_cast<std::uint64_t>(graph.operation[v]);
    const auto degree = [](unsigned bits) { return static_cast<std::uint64_t>(std::popcount(bits)); };
    label[v] = mix_bits(kind * 64 + degree(graph.in[v]) * 8 + degree(graph.out[v]));
  }
  for (std::size_t round = 0; round < kVertices; ++round) {
    std::array<std::uint64_t, kVertices> next{};
    std::array<std::uint64_t, kVertices> forward{};
    std::array<std::uint64_t, kVertices> backward{};
    for (std::size_t v = 0; v < kVertices; ++v) {
      if (!graph.holds(v)) continue;
      forward[v] = mix_bits(label[v]);
      backward[v] = mix_bits(~label[v]);
    }
    for (std::size_t v = 0; v < kVertices; ++v) {
      if (!graph.holds(v)) continue;
      std::uint64_t sum = label[v] * 3;
      for (unsigned bits = graph.in[v]; bits != 0; bits &= bits - 1)
        sum += forward[static_cast<std::size_t>(std::countr_zero(bits))];
      for (unsigned bits = graph.out[v]; bits != 0; bits &= bits - 1)
        sum += backward[static_cast<std::size_t>(std::countr_zero(bits))];
      next[v] = mix_bits(sum);
    }
    label = next;
  }
  std::uint64_t sum = 0;
  for (std::size_t v = 0; v < kVertices; ++v)
    if (graph.holds(v)) sum += mix_bits(label[v]);
  return mix_bits(sum);
}

using Channels = std::array<double, kVertices>;

/// Channels of each operation: the output's are divided among what it concatenates, the first ones taking the
/// remainder; any other vertex has as many as the widest it feeds.
Channels vertex_channels(const Graph& graph, double output) {
  Channels channels{};
  int inputs = 0;
  for (std::size_t v = 1; v < kOutput; ++v) inputs += graph.has(v, kOutput) ? 1 : 0;
  if (inputs == 0) return channels;
  const double share = std::floor(output / inputs);
  int remainder = static_cast<int>(output - share * inputs);
  for (std::size_t v = 1; v < kOutput; ++v) {
    if (!graph.has(v, kOutput)) continue;
    channels[v] = share + (remainder > 0 ? 1.0 : 0.0);
    remainder -= 1;
  }
  for (std::size_t v = kOutput - 1; v > 0; --v) {
    if (graph.has(v, kOutput)) continue;
    for (std::size_t t = v + 1; t < kOutput; ++t)
      if (graph.has(v, t)) channels[v] = std::max(channels[v], channels[t]);
  }
  return channels;
}

void add_convolution(ConvolutionalCosts& costs, double in, double out, double kernel, double positions) {
  costs.convolution(in, out, kernel, positions);
  costs.normalisation(out, positions);
}

/// One cell: edges from the input are projected by 1x1 convolutions, inputs of an operation added, those of
/// the output concatenated.
/// `channels`: of its operations, for `out` in all.
void add_cell(ConvolutionalCosts& costs, const Graph& graph, const Channels& channels, double in, double out,
              double positions) {
  for (std::size_t v = 1; v < kOutput; ++v) {
    if (!graph.holds(v)) continue;
    if (graph.has(0, v)) add_convolution(costs, in, channels[v], 1.0, positions);
    const int inputs = std::popcount(unsigned{graph.in[v]});
    const double outputs = channels[v] * positions;
    if (inputs > 1) costs.reshaping(inputs * outputs, outputs);  // their sum
    if (graph.operation[v] == Operation::max_pool_3x3) {
      costs.activations += outputs;
      costs.reshaping(outputs, outputs);
    } else {
      add_convolution(costs, channels[v], channels[v], graph.operation[v] == Operation::conv_3x3 ? 9.0 : 1.0,
                      positions);
    }
  }
  if (graph.has(0, kOutput)) add_convolution(costs, in, out, 1.0, positions);
  const int concatenated = std::popcount(unsigned{graph.in[kOutput]}) - (graph.has(0, kOutput) ? 1 : 0);
  if (concatenated > 1) costs.reshaping(out * positions, out * positions);
}

ConvolutionalCosts network_costs(const Graph& graph) {
  ConvolutionalCosts costs;
  double side = kImageSide;
  double channels = kStemChannels;
  add_convolution(costs, 3.0, channels, 9.0, side * side);
  for (int stack = 0; stack < kStacks; ++stack) {
    double out = channels;
    if (stack > 0) {
      costs.reshaping(channels * side * side, channels * side * side / 4.0);  // max pooling
      side /= 2.0;
      out *= 2.0;
    }
    const Channels of_operations = vertex_channels(graph, out);
    add_cell(costs, graph, of_operations, channels, out, side * side);
    ConvolutionalCosts repeated;  // the stack's other cells are all alike
    add_cell(repeated, graph, of_operations, out, out, side * side);
    costs.add_times(kCellsOfStack - 1, repeated);
    channels = out;
  }
  costs.linear(channels, kClasses);
  return costs;
}

/// How the latent quality of a cell is made. Directions as the paper reports them (sections 4.1 and 4.2: 3x3
/// convolutions help and pooling harms, depth 3 is best, larger networks are better); sizes assumed.
constexpr double kOfWeights = 0.6;    // of the logarithm of the weights
constexpr double kOfConv3x3 = 0.25;   // each
constexpr double kOfPooling = -0.30;  // each
constexpr double kOfDepth = -0.20;  // of the squared distance of the longest path from kBestDepth operations
constexpr double kBestDepth = 3.0;
constexpr double kOfResidual = 0.30;  // input joined to the output
constexpr double kOfPair =
    0.25;  // hashed effect of each kind of edge (operation -> operation), over root of edges
constexpr double kPairUnit = 1 << 20;  // of the stored effects
constexpr double kOfCell = 0.40;       // hashed deviation of the cell

// Accuracy (%) after 108 epochs by rank among valid random cells. Published: the best, 94.32 %; a mean near
// 90; the others are assumed between them.
constexpr std::array<double, 8> kRanks = {0.0, 0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99};
constexpr std::array<double, 8> kQuantiles = {55.0, 76.0, 83.5, 89.2, 91.2, 92.5, 93.5, 93.9};
constexpr double kBest = 94.32;
constexpr std::size_t kReferenceCells = 8'192;

// Learning curve: epochs to half way (assumed). What a short training says of a cell is its quality and a
// deviation of the cell's own, in units of the spread of good cells' qualities. It grows with what is left of
// the training: kEarlyDeviation for each factor of 3, to a power. Set so that 4, 12 and 36 epochs rank the
// cells that searches visit as published (.40, .62, .92 against 108).
constexpr double kCurve = 8.0;
constexpr double kEarlyDeviation = 0.43;
constexpr double kEarlyPower = 1.58;
// Seed sd: .1 points, growing for poor cells: as in NAS-Bench-201, whose best hundredth has .16 and median
// .21.
constexpr double kNoise = 0.1;
constexpr double kNoiseOfLoss = 0.04;  // of each point below the best

/// 0 after 108 epochs.
double early_deviation(double epochs) {
  return kEarlyDeviation * std::pow(std::log(kFullEpochs / epochs) / std::log(3.0), kEarlyPower);
}

class GraphCell final : public Problem {
 public:
  explicit GraphCell(const GraphCellSettings& settings)
      : space_(make_space()),
        seed_(mix_bits(static_cast<std::uint64_t>(settings.landscape) ^ 0x101ULL)),
        batch_(static_cast<double>(settings.batch)),
        steps_(std::ceil(kSamples / batch_)),
        noise_(settings.noise),
        seeds_(settings.training_seeds.seeds(kSeeds)),
        pair_effects_(draw_pair_effects()),
        accuracy_(reference_curve()) {
    traits_.name = "graph_cell";
    traits_.objectives = {{"accuracy", "%", Direction::maximise}};
    traits_.fidelity = {"epochs", 4.0, kFullEpochs, true, {4.0, 12.0, 36.0, kFullEpochs}};
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  /// The published best of all cells: a bound that this landscape's best cell may not reach.
  [[nodiscard]] std::optional<double> optimum() const override { return kBest; }

  /// Of a cell without a path from input to output, or with too many edges: chance.
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Graph graph = pruned_graph(configuration);
    return graph.vertices == 0 ? kChance : accuracy(latent(graph, canonical_digest(graph)));
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Graph graph = pruned_graph(evaluation.configuration);
    Outcome outcome;
    if (graph.vertices == 0) {
      outcome.failure = Failure::invalid;
      return outcome;
    }
    const ConvolutionalCosts costs = network_costs(graph);
    const std::uint64_t digest = canonical_digest(graph);
    const double quality = latent(graph, digest);
    const double sd = noise_ * (kNoise + kNoiseOfLoss * (kBest - accuracy(quality)));
    // Each number of epochs has trainings of its own.
    const std::uint64_t trainings = digest ^ seed_ ^ mix_bits(std::bit_cast<std::uint64_t>(evaluation.to));
    const double seen = kChance +
                        (accuracy(early_quality(quality, digest, evaluation.to)) - kChance) *
                            growth(evaluation.to, kCurve, kFullEpochs) +
                        sd * seeds_.deviation_of(trainings, evaluation, random);
    outcome.objectives.push_back(std::clamp(seen, 0.0, 100.0));
    const double epochs = evaluation.to - evaluation.from;
    outcome.workload =
        training_work(costs, kSamples * epochs, steps_ * epochs, batch_, WorkKind::convolution);
    return outcome;
  }

  /// Isomorphic cells compute the same.
  [[nodiscard]] std::optional<std::uint64_t> function_of(const Configuration& configuration) const override {
    const Graph graph = pruned_graph(configuration);
    if (graph.vertices == 0) return std::nullopt;
    return canonical_digest(graph);
  }
  [[nodiscard]] std::optional<std::uint32_t> training_seeds(const Configuration&) const override {
    return seeds_.distinct();
  }

  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Graph graph = pruned_graph(configuration);
    if (graph.vertices == 0) return std::nullopt;
    return inference_work(network_costs(graph), Precision::fp32, WorkKind::convolution);
  }

 private:
  // Default: two 3x3 convolutions in a row beside a shortcut, as in a residual network.
  static SearchSpace make_space() {
    std::vector<Parameter> parameters;
    for (std::size_t s = 0; s < kVertices; ++s)
      for (std::size_t t = s + 1; t < kVertices; ++t) {
        const bool there =
            (s == 0 && (t == 1 || t == kOutput)) || (s == 1 && t == 2) || (s == 2 && t == kOutput);
        parameters.push_back({"edge_" + std::to_string(s) + "_" + std::to_string(t),
                              Categorical{{"no", "yes"}}, std::nullopt, there ? 1.0 : 0.0});
      }
    for (std::size_t v = 1; v < kOutput; ++v)
      parameters.push_back({"operation_" + std::to_string(v),
                            Categorical{{kOperationNames.begin(), kOperationNames.end()}}, std::nullopt,
                            1.0});
    return SearchSpace(std::move(parameters));
  }

  // Counts and whole numbers only, until the order of the vertices no longer matters: isomorphic cells agree
  // to the bit.
  [[nodiscard]] double latent(const Graph& graph, std::uint64_t digest) const {
    std::array<int, kVertices> depth{};
    std::array<int, 3> operations{};
    std::int64_t pairs = 0;
    int edges = 0;
    int outputs = 0;
    int projections = 0;
    for (std::size_t v = 1; v < kVertices; ++v) {
      if (!graph.holds(v)) continue;
      for (std::size_t u = 0; u < v; ++u) {
        if (!graph.has(u, v)) continue;
        depth[v] = std::max(depth[v], depth[u] + (v < kOutput ? 1 : 0));
        pairs += pair_effects_[5 * kind(graph, u) + kind(graph, v)];
        edges += 1;
      }
      if (v == kOutput) continue;
      operations[static_cast<std::size_t>(graph.operation[v])] += 1;
      outputs += graph.has(v, kOutput) ? 1 : 0;
      projections += graph.has(0, v) ? 1 : 0;
    }
    const int residual = graph.has(0, kOutput) ? 1 : 0;
    // Weights over squared channels, were these divided evenly.
    const double parts = std::max(outputs, 1);
    const double weights =
        (9.0 * operations[1] + operations[0]) / (parts * parts) + projections / parts + residual;
    const double off = depth[kOutput] - kBestDepth;
    return kOfWeights * std::log(weights) + kOfConv3x3 * operations[1] + kOfPooling * operations[2] +
           kOfDepth * off * off + kOfResidual * residual +
           kOfPair * static_cast<double>(pairs) / (kPairUnit * std::sqrt(static_cast<double>(edges))) +
           kOfCell * hashed_normal(digest ^ seed_);
  }
  static std::size_t kind(const Graph& graph, std::size_t v) {
    if (v == 0) return 3;
    return v == kOutput ? 4 : static_cast<std::size_t>(graph.operation[v]);
  }

  /// After a full training.
  [[nodiscard]] double accuracy(double quality) const {
    if (quality <= best_reference_) return accuracy_(quality);
    // Beyond the known ranks accuracy closes in on the best.
    return kBest - (kBest - kQuantiles.back()) * std::exp(best_reference_ - quality);
  }

  /// The quality that a short training shows, as widely spread as that of full ones.
  [[nodiscard]] double early_quality(double quality, std::uint64_t digest, double epochs) const {
    const double deviation = early_deviation(epochs);
    const double own = deviation * hashed_normal(digest ^ seed_ ^ 0xc0ffeeULL);
    const double shown =
        ((quality - mean_quality_) / quality_scale_ + own) / std::sqrt(1.0 + deviation * deviation);
    return epochs == kFullEpochs ? quality : mean_quality_ + quality_scale_ * shown;
  }

  [[nodiscard]] std::array<std::int64_t, 25> draw_pair_effects() const {
    std::array<std::int64_t, 25> effects{};
    for (std::size_t i = 0; i < effects.size(); ++i)
      effects[i] = std::llround(kPairUnit * hashed_normal(seed_ ^ mix_bits(i)));
    return effects;
  }

  /// The latents of a sample of valid random cells, by rank, against the quantiles.
  [[nodiscard]] MonotoneCurve reference_curve() {
    Random random = Random(seed_).child("reference cells");
    std::vector<double> latents;
    while (latents.size() < kReferenceCells) {
      const Graph graph = pruned_graph(space_.sample(random));
      if (graph.vertices != 0) latents.push_back(latent(graph, canonical_digest(graph)));
    }
    std::sort(latents.begin(), latents.end());
    std::vector<double> knots;
    for (const double rank : kRanks)
      knots.push_back(latents[static_cast<std::size_t>(rank * static_cast<double>(kReferenceCells - 1))]);
    best_reference_ = knots.back();
    mean_quality_ =
        std::accumulate(latents.begin(), latents.end(), 0.0) / static_cast<double>(kReferenceCells);
    // Of the range in which searches look, from the three quarters (rank 5) to the best hundredth: the left
    // tail says nothing of it, and it differs by landscape.
    quality_scale_ = (knots.back() - knots[5]) / (normal_quantile(kRanks[7]) - normal_quantile(kRanks[5]));
    return {std::move(knots), {kQuantiles.begin(), kQuantiles.end()}};
  }

  SearchSpace space_;
  std::uint64_t seed_;
  double batch_;
  double steps_;
  double noise_;
  TrainingSeeds seeds_;
  std::array<std::int64_t, 25> pair_effects_;  // by kinds of the edge's ends
  double best_reference_ = 0.0;
  double mean_quality_ = 0.0;  // of random cells
  double quality_scale_ = 1.0;
  MonotoneCurve accuracy_;
  ProblemTraits traits_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_graph_cell_recipe() {
  return std::make_unique<BasicProblemRecipe<GraphCellSettings, GraphCell>>();
}

}  // namespace tonne
