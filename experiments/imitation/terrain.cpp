#include "experiments/imitation/terrain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "experiments/analysis/correlations.h"
#include "experiments/analysis/local_optima.h"

namespace tonne {
namespace {

constexpr std::size_t kMostTries = 300'000;
constexpr std::size_t kMostFailing = 5'000;  // that are kept of a sample
constexpr std::size_t kMostNeighbours = 64;  // of one parameter

std::size_t levels(const Domain& domain) {
  return static_cast<std::size_t>(*cardinality(domain));
}

double first_value(const Domain& domain) {
  const auto* integer = std::get_if<Integer>(&domain);
  return integer ? static_cast<double>(integer->low) : 0.0;
}

double signed_loss(const Problem& problem, const Configuration& configuration) {
  const double value = problem.true_value(configuration);
  return problem.traits().objectives.front().direction == Direction::maximise ? -value : value;
}

}  // namespace

Outcome trained(const Problem& problem, const Configuration& configuration, double amount, std::uint32_t repeat) {
  const Random stream = Random(0).child("imitate").child(configuration.digest()).child(repeat);
  // One run for all repeats: a table's repeats then go through its seeds.
  return problem.evaluate({configuration, 0.0, amount, repeat, configuration.digest()}, stream);
}

Terrain::Terrain(const Problem& problem, const TerrainOptions& options)
    : problem_(problem), space_(problem.space()) {
  const auto all = space_.cardinality();
  if (all && *all <= kMostEnumerated) {
    go_through();
  } else {
    sample(options.samples);
  }
  sort();
}

std::optional<double> Terrain::ask(const Configuration& configuration) {
  ++tried_;
  const Outcome outcome = trained(problem_, configuration, problem_.traits().fidelity.highest, 0);
  const bool violated = std::ranges::any_of(outcome.constraints, [](double value) { return !(value <= 0.0); });
  const double loss = outcome.failure || violated ? 0.0 : signed_loss(problem_, configuration);
  if (!outcome.failure && !violated && std::isfinite(loss)) return loss;
  if (!reason_) reason_ = outcome.failure.value_or(Failure::invalid);
  if (failing_.size() < kMostFailing || complete()) failing_.push_back(configuration);
  return std::nullopt;
}

void Terrain::add(Configuration configuration, double loss) {
  candidates_.push_back(std::move(configuration));
  losses_.push_back(loss);
}

void Terrain::go_through() {
  table_.assign(static_cast<std::size_t>(*space_.cardinality()), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < table_.size(); ++i) {
    Configuration configuration(space_.size());
    std::size_t rest = i;
    for (std::size_t p = 0; p < space_.size(); ++p) {
      configuration.set(p, first_value(space_[p].domain) + static_cast<double>(rest % levels(space_[p].domain)));
      rest /= levels(space_[p].domain);
    }
    const auto loss = ask(configuration);
    if (!loss) continue;
    table_[i] = *loss;
    add(std::move(configuration), *loss);
  }
}

void Terrain::sample(std::size_t samples) {
  const Random root = Random(0).child("terrain");
  for (std::size_t k = 0; k < kMostTries && candidates_.size() < samples; ++k) {
    Random random = root.child(k);
    Configuration configuration = space_.sample(random);
    if (const auto loss = ask(configuration)) add(std::move(configuration), *loss);
  }
}

void Terrain::sort() {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < losses_.size(); ++i) order.emplace_back(losses_[i], i);
  std::ranges::sort(order);
  std::vector<Configuration> candidates;
  candidates.reserve(order.size());
  for (const auto& [loss, i] : order) candidates.push_back(std::move(candidates_[i]));
  candidates_ = std::move(candidates);
  std::ranges::sort(losses_);
  ranks_ = mid_ranks(losses_);
}

double Terrain::rank_of(double loss) const {
  const auto low = std::ranges::lower_bound(losses_, loss) - losses_.begin();
  const auto high = std::ranges::upper_bound(losses_, loss) - losses_.begin();
  return 0.5 * static_cast<double>(low + high) / static_cast<double>(losses_.size());
}

std::size_t Terrain::index(const Configuration& configuration) const {
  std::size_t index = 0;
  for (std::size_t p = space_.size(); p-- > 0;)
    index = index * levels(space_[p].domain) +
            static_cast<std::size_t>(configuration[p] - first_value(space_[p].domain));
  return index;
}

std::optional<double> Terrain::loss(const Configuration& configuration) const {
  if (complete()) {
    const double loss = table_[index(configuration)];
    return std::isnan(loss) ? std::nullopt : std::optional(loss);
  }
  if (trained(problem_, configuration, problem_.traits().fidelity.highest, 0).failure) return std::nullopt;
  const double loss = signed_loss(problem_, configuration);
  return std::isfinite(loss) ? std::optional(loss) : std::nullopt;
}

void Terrain::neighbours(const Configuration& of, const std::function<void(const Configuration&)>& visit) const {
  Configuration neighbour = of;
  for (std::size_t p = 0; p < space_.size(); ++p) {
    const Domain& domain = space_[p].domain;
    const auto count = cardinality(domain);
    const bool all = count && *count <= kMostNeighbours;
    const std::size_t visited = all ? static_cast<std::size_t>(*count) : kTerrainClasses;
    for (std::size_t k = 0; k < visited; ++k) {
      neighbour.set(p, all ? first_value(domain) + static_cast<double>(k)
                           : from_unit(domain, (static_cast<double>(k) + 0.5) / static_cast<double>(visited)));
      if (neighbour[p] != of[p]) visit(neighbour);
    }
    neighbour.set(p, of[p]);
  }
}

Configuration Terrain::edited(const Configuration& of, Random& random) const {
  return space_.mutate(of, random);
}

std::size_t Terrain::classes(std::size_t parameter) const {
  const auto count = cardinality(space_[parameter].domain);
  const bool by_level = count && (*count <= kTerrainClasses || is_categorical(space_[parameter].domain));
  return by_level ? static_cast<std::size_t>(*count) : kTerrainClasses;
}

std::size_t Terrain::class_of(std::size_t parameter, const Configuration& configuration) const {
  const Domain& domain = space_[parameter].domain;
  const std::size_t count = classes(parameter);
  if (cardinality(domain).value_or(0) == count)
    return static_cast<std::size_t>(configuration[parameter] - first_value(domain));
  const double u = to_unit(domain, configuration[parameter]);
  return std::min(count - 1, static_cast<std::size_t>(u * static_cast<double>(count)));
}

}  // namespace tonne
