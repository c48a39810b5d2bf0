#include "search/problems/networks/cell_nas.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/units.h"
#include "search/problems/landscape/monotone_curve.h"

namespace tonne {
namespace {

constexpr double kFullEpochs = 200.0;    // of the published trainings, to which the asymptotes belong
constexpr double kEarlyEpochs = 12.0;    // of the published short trainings
constexpr double kBytesPerNumber = 4.0;  // fp32
// SGD with momentum keeps a weight, its gradient and its momentum.
constexpr double kNumbersPerWeight = 3.0;
// An activation is written and read in the forward pass; the backward pass reads it and writes and reads its
// gradient.
constexpr double kAccessesPerActivation = 5.0;
// A step reads a weight twice (forward, backward) and writes its gradient; the update reads weight, gradient
// and momentum and writes weight and momentum.
constexpr double kAccessesPerWeight = 8.0;
// Forward pass once, backward pass twice that: gradients to activations and to weights.
constexpr double kPassesPerSample = 3.0;
constexpr double kFlopsPerMultiplyAccumulate = 2.0;

constexpr std::size_t kDisconnected = 341;  // cells with a path of no operation, counted by the tests

/// How the latent quality of a cell is made. Fitted by random search to the portrait of landscape 0 after 200
/// epochs: local optima, autocorrelation, additive share of variance, chance that an edit improves,
/// correlation with FLOPs and parameters, correlation between tasks; and, weakly, to 93.97/70.86/43.63 % for
/// the residual cell, figures whose source was not at hand to check. The fit never looked at what strategies
/// do.
struct LatentWeights {
  double capacity;  ///< log(1 + sum of k*k over live convolutions): FLOPs correlation
  double depth;     ///< convolutions on the longest path, a 1x1 counts half
  double shortcut;  ///< convolutions on the shortest path, likewise
  double paths;     ///< log of the number of live paths
  double pooled;    ///< fewest poolings on a path
  double spatial;   ///< some live 3x3
  std::array<double, kCellOperations>
      operation;                        ///< additive effect of an operation on a live edge: additive R2
  std::array<double, kCellEdges> edge;  ///< .. multiplied by this for the edge
  double pair;                          ///< hashed interaction of each pair of edges
  double cell;                          ///< hashed deviation of the cell: local optima, ruggedness at the top
};

/// Everything that is calibrated for one task. Accuracies and sds in points.
struct Landscape {
  NetworkShape shape;
  std::int64_t samples;
  double chance;
  /// Published 5/25/50/75/95/99/100 % quantiles of test accuracy after 200 epochs.
  std::array<double, 7> quantiles;
  /// Accuracy of the worst connected cell: with the disconnected ones it sets the variance, and so the
  /// autocorrelation and the additive share.
  double worst;
  LatentWeights latent;
  /// Quantiles, as above, of the share of the way from chance to the asymptote that 12 epochs reach.
  std::array<double, 7> early_share;
  /// sd of the deviation of the 12-epoch latent from the 200-epoch one, in normal scores: rank correlation
  /// over all cells; and how fast it grows with the score above 0: rank correlation among the best.
  double early_deviation;
  double early_deviation_slope;
  /// Training-seed sd at the ranks of kNoiseRanks.
  std::array<double, 6> noise;
};

constexpr std::array<double, 7> kQuantileRanks = {0.05, 0.25, 0.50, 0.75, 0.95, 0.99, 1.0};
constexpr std::array<double, 6> kNoiseRanks = {0.1, 0.3, 0.5, 0.7, 0.9, 0.995};
/// Spread of the seed sd between cells of equal rank (sd of its logarithm).
constexpr double kNoiseSpread = 0.3;

// Published CIFAR-10 quantiles after 12 epochs, 54.4/73.6/79.6/83.8/86.7/88.1/89.2, as shares of the way from
// chance to the 200-epoch quantiles.
constexpr std::array<double, 7> kEarlyShareCifar10 = {44.4 / 63.5, 63.6 / 77.6, 69.6 / 80.8, 73.8 / 82.2,
                                                      76.7 / 83.3, 78.1 / 83.8, 79.2 / 84.37};
// For the two harder tasks no quantiles after 12 epochs are at hand: the squares of the CIFAR-10 shares stand
// in, an assumption. Their rank correlations with 200 epochs are published and calibrated.
constexpr std::array<double, 7> squared(std::array<double, 7> values) {
  for (double& value : values) value *= value;
  return values;
}

constexpr Landscape kCifar10 = {
    .shape = {.image = 32, .classes = 10},
    .samples = 50'000,
    .chance = 10.0,
    .quantiles = {73.5, 87.6, 90.8, 92.2, 93.3, 93.8, 94.37},
    .worst = 60.16,
    .latent = {.capacity = 0.6744,
               .depth = 0.8192,
               .shortcut = -0.1225,
               .paths = -0.3766,
               .pooled = 0.05736,
               .spatial = -0.1897,
               .operation = {0.0, 0.4849, -0.07794, -0.1672, -0.2269},
               .edge = {0.3669, 0.1306, 0.01506, 0.6843, 0.0911, 1.015},
               .pair = -0.084,
               .cell = 0.1666},
    .early_share = kEarlyShareCifar10,
    .early_deviation = 0.57,
    .early_deviation_slope = -0.03,
    .noise = {1.32, 0.31, 0.28, 0.23, 0.21, 0.16},
};
constexpr Landscape kCifar100 = {
    .shape = {.image = 32, .classes = 100},
    .samples = 50'000,
    .chance = 1.0,
    .quantiles = {42.5, 59.2, 65.3, 67.9, 70.1, 71.1, 73.51},
    .worst = 18.43,
    .latent = {.capacity = 0.6746,
               .depth = 1.111,
               .shortcut = -0.1132,
               .paths = -0.3256,
               .pooled = 0.05202,
               .spatial = -0.3408,
               .operation = {0.0, 0.3441, -0.0396, -0.2491, -0.5975},
               .edge = {0.3465, 0.06252, 0.04976, 0.3079, 0.04947, 0.9375},
               .pair = -0.3057,
               .cell = 0.1873},
    .early_share = squared(kEarlyShareCifar10),
    .early_deviation = 0.65,
    .early_deviation_slope = 0.05,
    .noise = {1.07, 0.51, 0.50, 0.49, 0.49, 0.47},
};
constexpr Landscape kImageNet16 = {
    .shape = {.image = 16, .classes = 120},
    .samples = 151'700,
    .chance = 100.0 / 120.0,
    .quantiles = {15.2, 29.5, 36.4, 40.2, 44.1, 45.4, 47.31},
    .worst = 4.92,
    .latent = {.capacity = 0.5642,
               .depth = 1.226,
               .shortcut = -0.2815,
               .paths = -0.1998,
               .pooled = -0.09866,
               .spatial = -0.01913,
               .operation = {0.0, 0.6719, 0.184, -0.2567, -0.6373},
               .edge = {0.4939, 0.00179, 0.1501, 0.007597, 0.0202, 0.9617},
               .pair = -0.2959,
               .cell = 0.2236},
    .early_share = squared(kEarlyShareCifar10),
    .early_deviation = 0.67,
    .early_deviation_slope = 0.15,
    .noise = {1.52, 0.55, 0.53, 0.53, 0.60, 0.60},
};

const Landscape& landscape_of(CellTask task) {
  switch (task) {
    case CellTask::cifar10:
      return kCifar10;
    case CellTask::cifar100:
      return kCifar100;
    case CellTask::imagenet16:
      return kImageNet16;
  }
  return kCifar10;
}

/// Rank of the k-th of all cells as a probability, and as a normal score.
double rank_probability(std::size_t k) {
  return (static_cast<double>(k) + 0.5) / static_cast<double>(kCells);
}
double rank_score(std::size_t k) {
  return normal_quantile(rank_probability(k));
}

/// Hashed standard normal numbers: the landscape's own randomness, which no draw of a search can shift.
class Field {
 public:
  Field(std::int64_t landscape, std::uint64_t first_name)
      : seed_(mix_bits(static_cast<std::uint64_t>(landscape))), first_name_(first_name) {}
  [[nodiscard]] double operator()(std::size_t name) const {
    const std::uint64_t hash = mix_bits(seed_ ^ mix_bits(first_name_ + name));
    return normal_quantile((static_cast<double>(hash >> 12U) + 0.5) * 0x1.0p-52);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t first_name_;
};
constexpr std::uint64_t kPairField = 1'000;
constexpr std::uint64_t kCellField = 9'000'000;
constexpr std::uint64_t kEarlyField = 10'000'000;
constexpr std::uint64_t kNoiseField = 11'000'000;
constexpr std::uint64_t kValidationField = 12'000'000;

double convolution_weight(CellOperation operation) {
  if (operation == CellOperation::nor_conv_3x3) return 1.0;
  return operation == CellOperation::nor_conv_1x1 ? 0.5 : 0.0;
}

/// What the structure of a connected cell's live part says of its quality.
double structural_quality(const Cell& cell, EdgeMask live, const LatentWeights& weights) {
  std::array<double, kCellNodes> longest{};
  std::array<double, kCellNodes> shortest{};
  std::array<double, kCellNodes> pooled{};
  std::array<double, kCellNodes> paths = {1.0, 0.0, 0.0, 0.0};
  double kernel_area = 0.0;
  double additive = 0.0;
  bool spatial = false;
  for (std::size_t e = 0; e < kCellEdges; ++e) {
    if ((live >> e & 1U) == 0) continue;
    const auto [from, to] = kCellEdgeList[e];
    const CellOperation operation = cell[e];
    const double convolutions = convolution_weight(operation);
    const double pool = operation == CellOperation::avg_pool_3x3 ? 1.0 : 0.0;
    const bool first = paths[to] == 0.0;
    longest[to] = std::max(longest[to], longest[from] + convolutions);
    shortest[to] =
        first ? shortest[from] + convolutions : std::min(shortest[to], shortest[from] + convolutions);
    pooled[to] = first ? pooled[from] + pool : std::min(pooled[to], pooled[from] + pool);
    paths[to] += paths[from];
    if (operation == CellOperation::nor_conv_1x1) kernel_area += 1.0;
    if (operation == CellOperation::nor_conv_3x3) kernel_area += 9.0;
    spatial = spatial || operation == CellOperation::nor_conv_3x3;
    additive += weights.edge[e] * weights.operation[static_cast<std::size_t>(operation)];
  }
  const std::size_t output = kCellNodes - 1;
  return weights.capacity * std::log1p(kernel_area) + weights.depth * longest[output] +
         weights.shortcut * shortest[output] + weights.paths * std::log(paths[output]) +
         weights.pooled * pooled[output] + (spatial ? weights.spatial : 0.0) + additive;
}

/// Interactions of pairs of edges; a dead edge counts as `none`. Sum of the 15 pairs' fields, scaled to
/// variance 1.
class PairField {
 public:
  explicit PairField(std::int64_t landscape) : values_(kPairs * kCellOperations * kCellOperations) {
    const Field field(landscape, kPairField);
    std::size_t pair = 0;
    for (std::size_t a = 0; a < kCellEdges; ++a)
      for (std::size_t b = a + 1; b < kCellEdges; ++b, ++pair)
        for (std::size_t o = 0; o < kCellOperations; ++o)
          for (std::size_t p = 0; p < kCellOperations; ++p)
            values_[(pair * kCellOperations + o) * kCellOperations + p] =
                field(((a * kCellEdges + b) * kCellOperations + o) * kCellOperations + p);
  }

  [[nodiscard]] double operator()(const Cell& cell, EdgeMask live) const {
    std::array<std::size_t, kCellEdges> operation{};
    for (std::size_t e = 0; e < kCellEdges; ++e)
      operation[e] = (live >> e & 1U) != 0 ? static_cast<std::size_t>(cell[e]) : 0;
    double sum = 0.0;
    std::size_t pair = 0;
    for (std::size_t a = 0; a < kCellEdges; ++a)
      for (std::size_t b = a + 1; b < kCellEdges; ++b, ++pair)
        sum += values_[(pair * kCellOperations + operation[a]) * kCellOperations + operation[b]];
    return sum / std::sqrt(static_cast<double>(kPairs));
  }

 private:
  static constexpr std::size_t kPairs = kCellEdges * (kCellEdges - 1) / 2;
  std::vector<double> values_;
};

/// The connected cells in the order of a latent, the poorest first. Equal latents stand by number.
std::vector<std::size_t> ascending(std::vector<std::size_t> cells, const std::vector<double>& latent) {
  std::sort(cells.begin(), cells.end(), [&](std::size_t a, std::size_t b) {
    return latent[a] != latent[b] ? latent[a] < latent[b] : a < b;
  });
  return cells;
}

/// Values at kQuantileRanks as a function of the normal score, from the worst connected cell's value upwards.
MonotoneCurve quantile_curve(double worst, const std::array<double, 7>& quantiles) {
  std::vector<double> x = {rank_score(kDisconnected)};
  std::vector<double> y = {worst};
  for (std::size_t k = 0; k < quantiles.size(); ++k) {
    const bool best = k + 1 == quantiles.size();
    x.push_back(best ? rank_score(kCells - 1) : normal_quantile(kQuantileRanks[k]));
    y.push_back(quantiles[k]);
  }
  return {std::move(x), std::move(y)};
}

/// Seed sd by rank: linear in the logarithm between the knots.
double noise_at(double rank, const std::array<double, 6>& knots) {
  if (rank <= kNoiseRanks.front()) return knots.front();
  if (rank >= kNoiseRanks.back()) return knots.back();
  std::size_t k = 0;
  while (rank > kNoiseRanks[k + 1]) ++k;
  const double share = (rank - kNoiseRanks[k]) / (kNoiseRanks[k + 1] - kNoiseRanks[k]);
  return knots[k] * std::pow(knots[k + 1] / knots[k], share);
}

/// Constant c (epochs) of the curve growth() that has come to `share` after 12 epochs; share in (12/200, 1).
double curve_constant(double share) {
  return kEarlyEpochs * kFullEpochs * (1.0 - share) / (kFullEpochs * share - kEarlyEpochs);
}

/// Share of the way from chance to the asymptote after some epochs: 0 at 0, 1 at 200; pow3 with exponent -1.
double growth(double epochs, double constant) {
  return epochs * (constant + kFullEpochs) / (kFullEpochs * (epochs + constant));
}

/// All that evaluate() needs of a cell.
struct Entry {
  double asymptote = 0.0;          ///< noise-free accuracy after 200 epochs, %
  double curve_constant = 1.0;     ///< epochs
  double noise_sd = 0.0;           ///< points
  double validation_offset = 0.0;  ///< points
  double divergence = 0.0;         ///< probability
  double multiply_accumulates = 0.0;
  double activations = 0.0;
  double parameters = 0.0;
};

void fill_costs(std::vector<Entry>& entries, const CellNasSettings& settings, const Landscape& landscape) {
  const NetworkCounter counter(landscape.shape);
  for (std::size_t i = 0; i < kCells; ++i) {
    const NetworkTotals totals = counter.count(cell_at(i), settings.count);
    entries[i].multiply_accumulates = static_cast<double>(totals.multiply_accumulates);
    entries[i].activations = static_cast<double>(totals.activations);
    entries[i].parameters = static_cast<double>(totals.parameters);
  }
}

/// Learning curves: a latent for 12 epochs deviates from the rank at 200, is mapped by rank to its own
/// quantiles, and the curve's constant follows from both accuracies.
void fill_curves(std::vector<Entry>& entries, const std::vector<std::size_t>& best_last,
                 const Landscape& landscape, std::int64_t seed) {
  const Field deviation(seed, kEarlyField);
  std::vector<double> early(kCells, 0.0);
  for (std::size_t k = 0; k < best_last.size(); ++k) {
    const double score = rank_score(k + kDisconnected);
    const double sd = landscape.early_deviation + landscape.early_deviation_slope * std::max(0.0, score);
    early[best_last[k]] = score + sd * deviation(best_last[k]);
  }
  std::array<double, 7> quantiles = landscape.quantiles;
  for (std::size_t k = 0; k < quantiles.size(); ++k)
    quantiles[k] = landscape.chance + (quantiles[k] - landscape.chance) * landscape.early_share[k];
  const double worst =
      landscape.chance + (landscape.worst - landscape.chance) * landscape.early_share.front();
  const MonotoneCurve accuracy = quantile_curve(worst, quantiles);
  const std::vector<std::size_t> order = ascending(best_last, early);
  // A curve rises: a cell that came out better after 12 epochs than it may get stands just below its
  // asymptote.
  constexpr double lowest_share = 0.1;
  constexpr double highest_share = 0.985;
  for (std::size_t k = 0; k < order.size(); ++k) {
    Entry& entry = entries[order[k]];
    const double share =
        (accuracy(rank_score(k + kDisconnected)) - landscape.chance) / (entry.asymptote - landscape.chance);
    entry.curve_constant = curve_constant(std::clamp(share, lowest_share, highest_share));
  }
}

void fill_accuracy(std::vector<Entry>& entries, const CellNasSettings& settings, const Landscape& landscape) {
  const PairField pairs(settings.landscape);
  const Field own(settings.landscape, kCellField);
  const Field spread(settings.landscape, kNoiseField);
  const Field validation(settings.landscape, kValidationField);
  std::vector<double> latent(kCells, 0.0);
  std::vector<std::size_t> connected;
  connected.reserve(kCells);
  for (std::size_t i = 0; i < kCells; ++i) {
    const Cell cell = cell_at(i);
    const EdgeMask live = live_edges(cell);
    entries[i].asymptote = landscape.chance;
    entries[i].divergence = std::min(1.0, 2.0 * settings.divergence);
    if (live == 0) continue;
    connected.push_back(i);
    latent[i] = structural_quality(cell, live, landscape.latent) + landscape.latent.pair * pairs(cell, live) +
                landscape.latent.cell * own(i);
  }
  assert(connected.size() == kCells - kDisconnected);
  const std::vector<std::size_t> order = ascending(std::move(connected), latent);
  const MonotoneCurve accuracy = quantile_curve(landscape.worst, landscape.quantiles);
  for (std::size_t k = 0; k < order.size(); ++k) {
    Entry& entry = entries[order[k]];
    const double rank = rank_probability(k + kDisconnected);
    entry.asymptote = accuracy(rank_score(k + kDisconnected));
    // The lognormal factor has mean square 1, so that pooled variances stay as the knots say.
    entry.noise_sd = noise_at(rank, landscape.noise) *
                     std::exp(kNoiseSpread * spread(order[k]) - kNoiseSpread * kNoiseSpread);
    entry.validation_offset = settings.validation_gap * validation(order[k]);
    entry.divergence = std::min(1.0, 2.0 * settings.divergence * (1.0 - rank));
  }
  fill_curves(entries, order, landscape, settings.landscape);
}

SearchSpace make_space() {
  // Without a search one takes a residual network: two 3x3 convolutions in a row beside a skip connection
  // ("ResNet" of NAS-Bench-201:
  // |nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|).
  constexpr Cell resnet = {CellOperation::nor_conv_3x3, CellOperation::none, CellOperation::nor_conv_3x3,
                           CellOperation::skip_connect, CellOperation::none, CellOperation::skip_connect};
  std::vector<Parameter> parameters;
  for (std::size_t e = 0; e < kCellEdges; ++e) {
    const auto [from, to] = kCellEdgeList[e];
    parameters.push_back({"edge_" + std::to_string(from) + "_" + std::to_string(to),
                          Categorical{{kCellOperationNames.begin(), kCellOperationNames.end()}}, std::nullopt,
                          static_cast<double>(resnet[e])});
  }
  return SearchSpace(std::move(parameters));
}

class CellNas final : public Problem {
 public:
  explicit CellNas(const CellNasSettings& settings)
      : space_(make_space()),
        chance_(landscape_of(settings.task).chance),
        samples_(static_cast<double>(landscape_of(settings.task).samples)),
        steps_(std::ceil(samples_ / static_cast<double>(settings.batch))),
        batch_(static_cast<double>(settings.batch)),
        epochs_(static_cast<double>(settings.epochs)),
        diverges_(settings.divergence > 0.0),
        entries_(kCells) {
    traits_.name = "cell_nas/" + std::string(kCellTaskNames[static_cast<std::size_t>(settings.task)]);
    traits_.objectives = {{"accuracy", "%", Direction::maximise}};
    traits_.fidelity = {"epochs", 1.0, epochs_, true};
    fill_costs(entries_, settings, landscape_of(settings.task));
    fill_accuracy(entries_, settings, landscape_of(settings.task));
    for (const Entry& entry : entries_) optimum_ = std::max(optimum_, accuracy_after(entry, epochs_));
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    return accuracy_after(entry_of(configuration), epochs_);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Entry& entry = entry_of(evaluation.configuration);
    const double noise = random.normal();
    Outcome outcome;
    if (diverges_ && random.bernoulli(entry.divergence)) {
      outcome.failure = Failure::diverged;
      outcome.workload = workload(entry, (evaluation.to - evaluation.from) * random.uniform());
      return outcome;
    }
    const double accuracy =
        accuracy_after(entry, evaluation.to) + entry.validation_offset + entry.noise_sd * noise;
    outcome.objectives.push_back(std::clamp(accuracy, 0.0, 100.0));
    outcome.workload = workload(entry, evaluation.to - evaluation.from);
    return outcome;
  }

  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    return forward(entry_of(configuration));
  }

 private:
  [[nodiscard]] const Entry& entry_of(const Configuration& configuration) const {
    std::size_t index = 0;
    for (std::size_t e = kCellEdges; e-- > 0;) index = index * kCellOperations + configuration.index(e);
    return entries_[index];
  }

  [[nodiscard]] double accuracy_after(const Entry& entry, double epochs) const {
    return chance_ + (entry.asymptote - chance_) * growth(epochs, entry.curve_constant);
  }

  // One image, forward: each activation is written and read, each weight read.
  [[nodiscard]] static Workload forward(const Entry& entry) {
    Workload work;
    work.samples = 1.0;
    work.parameters = entry.parameters;
    work.flops = Work::from_base(kFlopsPerMultiplyAccumulate * entry.multiply_accumulates);
    work.traffic = Bytes::from_base(kBytesPerNumber * (2.0 * entry.activations + entry.parameters));
    work.memory = work.traffic;
    return work;
  }

  [[nodiscard]] Workload workload(const Entry& entry, double epochs) const {
    Workload work;
    work.samples = samples_ * epochs;
    work.steps = steps_ * epochs;
    work.parameters = entry.parameters;
    work.precision = Precision::fp32;
    work.flops = Work::from_base(kPassesPerSample * kFlopsPerMultiplyAccumulate * entry.multiply_accumulates *
                                 work.samples);
    work.traffic =
        Bytes::from_base(kBytesPerNumber * (kAccessesPerActivation * entry.activations * work.samples +
                                            kAccessesPerWeight * entry.parameters * work.steps));
    work.memory = Bytes::from_base(kBytesPerNumber *
                                   (kNumbersPerWeight * entry.parameters + batch_ * entry.activations));
    return work;
  }

  SearchSpace space_;
  double chance_;
  double samples_;
  double steps_;
  double batch_;
  double epochs_;
  bool diverges_;
  double optimum_ = 0.0;
  ProblemTraits traits_;
  std::vector<Entry> entries_;
};

class CellNasRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override { return make_cell_nas(settings_); }

 private:
  CellNasSettings settings_;
};

}  // namespace

void CellNasSettings::visit(SettingsVisitor& visitor) {
  visitor.choice("task", task, kCellTaskNames, "the images: CIFAR-10, CIFAR-100 or ImageNet16-120");
  visitor.integer("landscape", landscape, Bounds::between(0, 9e15),
                  "seed of the landscape's random part; the published portrait is calibrated on 0");
  visitor.choice("count", count, kEdgeCountNames,
                 "what training pays for: all edges as frameworks do, or those on a path to the output");
  visitor.integer("epochs", epochs, Bounds::between(1, kFullEpochs), "epochs of a full training");
  visitor.integer("batch", batch, Bounds::between(1, 1e6), "samples per step");
  visitor.number("validation_gap", validation_gap, Bounds::between(0, 50),
                 "sd of a cell's difference between validation and test accuracy, in points");
  visitor.number("divergence", divergence, Bounds::between(0, 1), "mean share of trainings that diverge");
}

NetworkShape network_shape(CellTask task) {
  return landscape_of(task).shape;
}
std::int64_t training_samples(CellTask task) {
  return landscape_of(task).samples;
}

Configuration to_configuration(const Cell& cell) {
  Configuration configuration(kCellEdges);
  for (std::size_t e = 0; e < kCellEdges; ++e) configuration.set(e, static_cast<double>(cell[e]));
  return configuration;
}

std::shared_ptr<const Problem> make_cell_nas(const CellNasSettings& settings) {
  return std::make_shared<const CellNas>(settings);
}

std::unique_ptr<ProblemRecipe> make_cell_nas_recipe() {
  return std::make_unique<CellNasRecipe>();
}

}  // namespace tonne
