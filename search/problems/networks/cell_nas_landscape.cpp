#include "search/problems/networks/cell_nas_landscape.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/random.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/landscape/monotone_curve.h"

namespace tonne::cell_nas {
namespace {

constexpr double kEarlyEpochs = 12.0;  // of the published short trainings

constexpr std::size_t kDisconnected = 341;  // cells with a path of no operation, counted by the tests

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
    return hashed_normal(seed_ ^ mix_bits(first_name_ + name));
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

// The share of a cell's trainings that diverge, linear in its rank (0: the worst, 1: the best) and as steep
// as shares between 0 and 1 can be with that mean over the ranks.
double divergence_at(double rank, double mean) {
  return mean <= 0.5 ? 2.0 * mean * (1.0 - rank) : 1.0 - 2.0 * (1.0 - mean) * rank;
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
    entries[i].divergence = divergence_at(0.0, settings.divergence);
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
    entry.divergence = divergence_at(rank, settings.divergence);
  }
  fill_curves(entries, order, landscape, settings.landscape);
}

}  // namespace

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

std::vector<Entry> make_entries(const CellNasSettings& settings) {
  std::vector<Entry> entries(kCells);
  fill_costs(entries, settings, landscape_of(settings.task));
  fill_accuracy(entries, settings, landscape_of(settings.task));
  return entries;
}

}  // namespace tonne::cell_nas
