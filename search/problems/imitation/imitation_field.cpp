#include "search/problems/imitation/imitation_field.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "search/problems/landscape/hashed.h"

namespace tonne::imitation {
namespace {

// A numeric parameter of more levels is drawn on so many nodes.
constexpr std::size_t kGridNodes = 32;
constexpr double kSmoothness = 1.5;    // how fast the waves of an ordered parameter's effects get smaller
constexpr double kSmallestPair = 1e-5;  // share of the variance below which a pair is left out

std::uint64_t named(std::uint64_t seed, std::uint64_t name) {
  return mix_bits(seed ^ mix_bits(name));
}

void standardise(std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double square = 0.0;
  for (double& value : values) {
    value -= mean;
    square += value * value / n;
  }
  const double scale = square > 1e-12 ? 1.0 / std::sqrt(square) : 0.0;
  for (double& value : values) value *= scale;
}

// Waves over the unit interval, the long ones the largest; or independent ones.
std::vector<double> draw_values(std::uint64_t seed, std::size_t nodes, bool ordered) {
  std::vector<double> values(nodes, 0.0);
  if (!ordered) {
    for (std::size_t i = 0; i < nodes; ++i) values[i] = hashed_normal(named(seed, i));
    standardise(values);
    return values;
  }
  const std::size_t waves = std::min<std::size_t>(6, nodes - 1);
  for (std::size_t k = 1; k <= waves; ++k) {
    const double size = hashed_normal(named(seed, k)) * std::pow(static_cast<double>(k), -kSmoothness);
    for (std::size_t i = 0; i < nodes; ++i)
      values[i] += size * std::cos(std::numbers::pi * static_cast<double>(k) * (static_cast<double>(i) + 0.5) /
                                   static_cast<double>(nodes));
  }
  standardise(values);
  return values;
}

// One level far below the others: of an ordered parameter, one of its ends.
void cast_out(std::uint64_t seed, bool ordered, double outcast, std::vector<double>& values) {
  const std::size_t n = values.size();
  if (n < 3 || outcast <= 0.0) return;
  const double u = hashed_uniform(named(seed, 77));
  const std::size_t bad = ordered ? (u < 0.5 ? 0 : n - 1) : static_cast<std::size_t>(u * static_cast<double>(n));
  std::vector<double> spike(n, 0.0);
  spike[bad] = -1.0;
  standardise(spike);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = std::sqrt(1.0 - outcast) * values[i] + std::sqrt(outcast) * spike[i];
  standardise(values);
}

}  // namespace

Nodes::Nodes(const SearchSpace& space) {
  for (const Parameter& parameter : space.parameters()) {
    const auto levels = cardinality(parameter.domain);
    const bool categorical = is_categorical(parameter.domain);
    exact_.push_back(levels && (categorical || *levels <= kGridNodes));
    count_.push_back(exact_.back() ? static_cast<std::size_t>(*levels) : kGridNodes);
    ordered_.push_back(!categorical);
  }
}

void Nodes::place(const SearchSpace& space, const Configuration& configuration, Places& places) const {
  for (std::size_t p = 0; p < count_.size(); ++p) {
    const auto last = static_cast<double>(count_[p] - 1);
    if (exact_[p]) {
      const auto* integer = std::get_if<Integer>(&space[p].domain);
      const double first = integer ? static_cast<double>(integer->low) : 0.0;
      places.low[p] = static_cast<std::uint32_t>(configuration[p] - first);
      places.above[p] = 0.0;
      continue;
    }
    const double at = std::clamp(to_unit(space[p].domain, configuration[p]), 0.0, 1.0) * last;
    const double low = std::min(std::floor(at), last - 1.0);
    places.low[p] = static_cast<std::uint32_t>(low);
    places.above[p] = at - low;
  }
}

Effects draw_effects(std::uint64_t seed, const Nodes& nodes, double outcast) {
  Effects effects;
  for (std::size_t p = 0; p < nodes.size(); ++p) {
    const std::uint64_t own = named(seed, 1'000 + p);
    effects.push_back(nodes.count(p) == 1 ? std::vector<double>(1, 0.0)
                                          : draw_values(own, nodes.count(p), nodes.ordered(p)));
    cast_out(own, nodes.ordered(p), outcast, effects.back());
  }
  return effects;
}

Effects mixed(const Effects& effects, double share, const Effects& other) {
  Effects result = effects;
  const double rest = std::sqrt(std::max(0.0, 1.0 - share * share));
  for (std::size_t p = 0; p < result.size(); ++p) {
    for (std::size_t i = 0; i < result[p].size(); ++i)
      result[p][i] = share * effects[p][i] + rest * other[p][i];
    standardise(result[p]);
  }
  return result;
}

Field::Field(std::uint64_t seed, const Nodes& nodes, const Structure& structure, Effects effects)
    : nodes_(nodes), effects_(std::move(effects)) {
  const double all = std::accumulate(structure.importance.begin(), structure.importance.end(), 0.0);
  for (std::size_t p = 0; p < effects_.size(); ++p) {
    const double weight = all > 0.0 ? std::sqrt(structure.additive * structure.importance[p] / all) : 0.0;
    for (double& effect : effects_[p]) effect *= weight;
  }
  draw_pairs(seed, structure);
  own_ = std::sqrt(std::max(0.0, 1.0 - structure.additive - structure.pairwise));
  if (own_ > 0.0) draw_groups(seed, structure);
}

// What the named pairs leave goes to all others by the product of their parameters' importances, of which even
// the least counts a little.
void Field::draw_pairs(std::uint64_t seed, const Structure& structure) {
  const std::size_t n = nodes_.size();
  std::vector<double> shares(n * n, -1.0);
  double left = structure.pairwise;
  for (const PairShare& pair : structure.pairs) {
    shares[pair.first * n + pair.second] = pair.share;
    left -= pair.share;
  }
  const double mean = std::accumulate(structure.importance.begin(), structure.importance.end(), 0.0) /
                      static_cast<double>(n);
  const auto worth = [&](std::size_t p) {
    return nodes_.count(p) == 1 ? 0.0 : structure.importance[p] + 0.02 * mean + 1e-12;
  };
  double all = 0.0;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a + 1; b < n; ++b)
      if (shares[a * n + b] < 0.0) all += worth(a) * worth(b);
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a + 1; b < n; ++b) {
      double share = shares[a * n + b];
      if (share < 0.0) share = all > 0.0 ? std::max(0.0, left) * worth(a) * worth(b) / all : 0.0;
      if (share >= kSmallestPair) add_pair(named(seed, 100'000 + a * n + b), a, b, std::sqrt(share));
    }
}

// A sum of products of effects, which shifts neither parameter's own.
void Field::add_pair(std::uint64_t seed, std::size_t a, std::size_t b, double weight) {
  const std::size_t rows = nodes_.count(a);
  const std::size_t columns = nodes_.count(b);
  if (rows == 1 || columns == 1) return;
  std::vector<double> table(rows * columns, 0.0);
  for (std::size_t term = 0; term < kTerms; ++term) {
    const auto first = draw_values(named(seed, 2 * term), rows, nodes_.ordered(a));
    const auto second = draw_values(named(seed, 2 * term + 1), columns, nodes_.ordered(b));
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j)
        table[i * columns + j] += first[i] * second[j] / static_cast<double>(1 + term);
  }
  standardise(table);
  for (double& value : table) value *= weight;
  pairs_.push_back({a, b, std::move(table)});
}

// Each group takes each parameter with the chance `rugged`, those that matter more often; three at least.
void Field::draw_groups(std::uint64_t seed, const Structure& structure) {
  const std::size_t n = nodes_.size();
  std::vector<double> worth = structure.importance;
  const double all = std::accumulate(worth.begin(), worth.end(), 0.0);
  for (double& w : worth) w = all > 0.0 ? w * structure.additive / all : 0.0;
  for (const PairShare& pair : structure.pairs) {
    worth[pair.first] += 0.5 * pair.share;
    worth[pair.second] += 0.5 * pair.share;
  }
  const double most = *std::max_element(worth.begin(), worth.end());
  for (std::size_t p = 0; p < n; ++p) {
    names_.emplace_back();
    for (std::size_t i = 0; i < nodes_.count(p); ++i)
      names_.back().push_back(named(seed, 200'000 + p * 65'536 + i));
  }
  for (std::size_t g = 0; g < kGroups; ++g) {
    std::vector<std::pair<double, std::size_t>> order;  // how near each parameter is to taking part
    for (std::size_t p = 0; p < n; ++p) {
      if (nodes_.count(p) == 1) continue;
      const double relative = most > 0.0 ? std::sqrt(worth[p] / most) : 1.0;
      // At 1 all take part, at less rather those that matter.
      const double chance =
          structure.rugged * std::pow(std::max(relative, 0.01), 2.0 * (1.0 - structure.rugged));
      order.emplace_back(hashed_uniform(named(seed, 300'000 + g * 4'096 + p)) / chance, p);
    }
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < order.size(); ++k)
      if (k < 3 || order[k].first < 1.0) groups_[g].push_back(static_cast<std::uint32_t>(order[k].second));
  }
}

double Field::between(const std::vector<double>& values, std::size_t low, double above) {
  return above == 0.0 ? values[low] : values[low] + above * (values[low + 1] - values[low]);
}

double Field::structured(const Places& places) const {
  double sum = 0.0;
  for (std::size_t p = 0; p < effects_.size(); ++p) sum += between(effects_[p], places.low[p], places.above[p]);
  for (const Pair& pair : pairs_) {
    const std::size_t columns = nodes_.count(pair.second);
    const double right = places.above[pair.second];
    const double down = places.above[pair.first];
    const std::size_t at = places.low[pair.first] * columns + places.low[pair.second];
    double value = between(pair.table, at, right);
    if (down > 0.0) value += down * (between(pair.table, at + columns, right) - value);
    sum += value;
  }
  return sum;
}

double Field::own(const Places& places) const {
  if (own_ == 0.0) return 0.0;
  double sum = 0.0;
  for (std::size_t g = 0; g < kGroups; ++g) {
    std::uint64_t name = g;
    for (const std::uint32_t p : groups_[g]) {
      const std::uint32_t node = places.low[p] + (places.above[p] >= 0.5 ? 1U : 0U);
      name ^= names_[p][node];
    }
    sum += hashed_uniform(name) - 0.5;
  }
  // A uniform number has the variance 1/12.
  return own_ * sum * std::sqrt(12.0 / static_cast<double>(kGroups));
}

}  // namespace tonne::imitation
