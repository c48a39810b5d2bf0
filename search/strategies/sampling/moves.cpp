#include "search/strategies/sampling/moves.h"

#include <algorithm>
#include <cmath>

namespace tonne {
namespace {

// The level above or below, where there is one.
double neighbour_level(const Domain& domain, double value, Random& random) {
  const auto last = static_cast<double>(*cardinality(domain)) - 1.0;
  if (value <= 0.0) return 1.0;
  if (value >= last) return last - 1.0;
  return random.bernoulli(0.5) ? value + 1.0 : value - 1.0;
}

// A step of an integer that rounding would undo goes to the next one on the side of the step.
double integer_step(const Integer& domain, double old, double moved, bool upwards) {
  if (moved != old) return moved;
  const auto low = static_cast<double>(domain.low);
  const auto high = static_cast<double>(domain.high);
  const double next = upwards ? old + 1.0 : old - 1.0;
  if (next > high) return old - 1.0;
  return next < low ? old + 1.0 : next;
}

double moved_value(const Domain& domain, double old, double sd, Random& random) {
  if (std::holds_alternative<Ordinal>(domain)) return neighbour_level(domain, old, random);
  if (const auto* categorical = std::get_if<Categorical>(&domain)) {
    const auto other = static_cast<double>(random.below(categorical->choices.size() - 1));
    return other < old ? other : other + 1.0;
  }
  const double step = sd * random.normal();
  const double moved = from_unit(domain, reflected(to_unit(domain, old) + step));
  const auto* integer = std::get_if<Integer>(&domain);
  return integer ? integer_step(*integer, old, moved, step > 0.0) : moved;
}

}  // namespace

Configuration configuration_at(const SearchSpace& space, std::span<const double> u) {
  Configuration configuration(space.size());
  for (std::size_t i = 0; i < space.size(); ++i)
    if (space.should_be_active(i, configuration)) configuration.set(i, from_unit(space[i].domain, u[i]));
  return configuration;
}

double reflected(double u) {
  if (u >= 0.0 && u <= 1.0) return u;
  const double period = std::fmod(std::abs(u), 2.0);
  return period <= 1.0 ? period : 2.0 - period;
}

Configuration mutant(const SearchSpace& space, const Configuration& parent, double probability, Random& random) {
  std::size_t changes = 0;
  for (std::size_t i = 0; i < parent.size(); ++i)
    if (parent.is_active(i) && random.bernoulli(probability)) ++changes;
  Configuration child = space.mutate(parent, random);
  for (std::size_t i = 1; i < changes; ++i) child = space.mutate(child, random);
  return child;
}

bool can_move(const SearchSpace& space, const Configuration& configuration, std::size_t i) {
  return configuration.is_active(i) && cardinality(space[i].domain).value_or(2) > 1;
}

void perturb(const SearchSpace& space, Configuration& configuration, std::size_t i, double sd, Random& random) {
  if (!can_move(space, configuration, i)) return;
  const Domain& domain = space[i].domain;
  configuration.set(i, moved_value(domain, configuration[i], sd, random));
  // The activity of others depends on choices and levels only.
  if (space.has_conditions() && (is_categorical(domain) || std::holds_alternative<Ordinal>(domain)))
    space.repair(configuration, random);
}

Configuration crossover(const SearchSpace& space, const Configuration& a, const Configuration& b, Random& random) {
  Configuration child(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const bool from_a = random.bernoulli(0.5);
    if (!a.is_active(i) && !b.is_active(i)) continue;
    const Configuration& parent = b.is_active(i) && (!from_a || !a.is_active(i)) ? b : a;
    child.set(i, parent[i]);
  }
  if (space.has_conditions()) space.repair(child, random);
  return child;
}

}  // namespace tonne
