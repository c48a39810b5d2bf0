#include "search/strategies/multi_objective/variation.h"

#include <algorithm>
#include <cmath>

#include "search/strategies/sampling/moves.h"

namespace tonne {

void VariationSettings::visit(SettingsVisitor& visitor) {
  visitor.number("crossover", crossover, Bounds::between(0, 1), "crossover probability");
  visitor.number("eta_c", eta_c, {0.0, 1e6, true},
                 "distribution index of SBX crossover; larger keeps children closer to their parents");
  visit_mutation(visitor);
}

void VariationSettings::visit_mutation(SettingsVisitor& visitor) {
  visitor.optional_number("mutation", mutation, Bounds::between(0, 1),
                          "probability that a parameter mutates; default: 1 / number of parameters");
  visitor.number("eta_m", eta_m, {0.0, 1e6, true},
                 "distribution index of polynomial mutation; larger means smaller steps");
}

Variation::Variation(const VariationSettings& settings, const SearchSpace& space)
    : settings_(settings),
      space_(space),
      p_m_(settings.mutation.value_or(1.0 / static_cast<double>(std::max<std::size_t>(1, space.size())))) {}

void Variation::cross(Configuration& child, const Configuration& other, Random& random) const {
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const bool takes_part = random.bernoulli(0.5);
    if (!takes_part || !child.is_active(i) || !other.is_active(i)) continue;
    const Domain& domain = space_[i].domain;
    if (is_categorical(domain) || std::holds_alternative<Ordinal>(domain)) {
      child.set(i, other[i]);
      continue;
    }
    const double u = random.uniform();
    const bool far_side = random.bernoulli(0.5);
    child.set(
        i, from_unit(domain, crossed(to_unit(domain, child[i]), to_unit(domain, other[i]), u, far_side)));
  }
  if (space_.has_conditions()) space_.repair(child, random);
}

double Variation::crossed(double own, double other, double u, bool far_side) const {
  const double low = std::min(own, other);
  const double high = std::max(own, other);
  if (high - low < 1e-14) return own;
  const double room = far_side ? 1.0 - high : low;
  const double beta = 1.0 + 2.0 * room / (high - low);
  const double alpha = 2.0 - std::pow(beta, -(settings_.eta_c + 1.0));
  const double power = 1.0 / (settings_.eta_c + 1.0);
  const double spread =
      u <= 1.0 / alpha ? std::pow(u * alpha, power) : std::pow(1.0 / (2.0 - u * alpha), power);
  const double centre = 0.5 * (low + high);
  const double half = 0.5 * spread * (high - low);
  return std::clamp(far_side ? centre + half : centre - half, 0.0, 1.0);
}

void Variation::mutate(Configuration& child, Random& random) const {
  for (std::size_t i = 0; i < space_.size(); ++i)
    if (random.bernoulli(p_m_)) mutate(child, i, random);
}

void Variation::mutate(Configuration& child, std::size_t i, Random& random) const {
  if (!child.is_active(i)) return;
  const Domain& domain = space_[i].domain;
  if (is_categorical(domain) || std::holds_alternative<Ordinal>(domain))
    return perturb(space_, child, i, 0.0, random);
  const double x = to_unit(domain, child[i]);
  const double u = random.uniform();
  const double power = 1.0 / (settings_.eta_m + 1.0);
  double step = 0.0;
  if (u < 0.5) {
    const double value = 2.0 * u + (1.0 - 2.0 * u) * std::pow(1.0 - x, settings_.eta_m + 1.0);
    step = std::pow(value, power) - 1.0;
  } else {
    const double value = 2.0 * (1.0 - u) + 2.0 * (u - 0.5) * std::pow(x, settings_.eta_m + 1.0);
    step = 1.0 - std::pow(value, power);
  }
  child.set(i, from_unit(domain, std::clamp(x + step, 0.0, 1.0)));
}

}  // namespace tonne
