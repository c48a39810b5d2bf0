#include "search/strategies/multi_objective/variation.h"

#include <algorithm>
#include <cmath>

#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

/// 2 - x is 2 for any x up to 2^-53; one bit more, so that no rounding of a power matters.
constexpr double kLostBits = 54.0;

}  // namespace

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
      p_m_(settings.mutation.value_or(1.0 / static_cast<double>(std::max<std::size_t>(1, space.size())))),
      far_(std::exp2(kLostBits / (settings.eta_c + 1.0))) {
  for (const Parameter& parameter : space.parameters()) {
    const Domain& domain = parameter.domain;
    Axis& axis = axes_.emplace_back();
    if (is_categorical(domain) || std::holds_alternative<Ordinal>(domain)) axis.kind = Kind::swapped;
    const auto* real = std::get_if<Real>(&domain);
    if (real != nullptr && real->scale == Scale::linear)
      axis = {Kind::linear_real, real->low, real->high, real->high - real->low};
  }
}

// The same as the functions of a domain, which these save a look at its kind.
double Variation::to_unit(std::size_t i, double value) const {
  const Axis& axis = axes_[i];
  if (axis.kind != Kind::linear_real) return tonne::to_unit(space_[i].domain, value);
  return std::clamp((value - axis.low) / axis.extent, 0.0, 1.0);
}

double Variation::from_unit(std::size_t i, double u) const {
  const Axis& axis = axes_[i];
  if (axis.kind != Kind::linear_real) return tonne::from_unit(space_[i].domain, u);
  return std::clamp(axis.low + axis.extent * std::clamp(u, 0.0, 1.0), axis.low, axis.high);
}

void Variation::cross(Configuration& child, const Configuration& other, Random& random) const {
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const bool takes_part = random.bernoulli(0.5);
    if (!takes_part || !child.is_active(i) || !other.is_active(i)) continue;
    if (axes_[i].kind == Kind::swapped) {
      child.set(i, other[i]);
      continue;
    }
    const double u = random.uniform();
    const bool far_side = random.bernoulli(0.5);
    child.set(i, from_unit(i, crossed(to_unit(i, child[i]), to_unit(i, other[i]), u, far_side)));
  }
  if (space_.has_conditions()) space_.repair(child, random);
}

double Variation::crossed(double own, double other, double u, bool far_side) const {
  const double low = std::min(own, other);
  const double high = std::max(own, other);
  if (high - low < 1e-14) return own;
  const double room = far_side ? 1.0 - high : low;
  const double beta = 1.0 + 2.0 * room / (high - low);
  const double alpha = alpha_of(beta);
  const double power = 1.0 / (settings_.eta_c + 1.0);
  const double spread =
      u <= 1.0 / alpha ? std::pow(u * alpha, power) : std::pow(1.0 / (2.0 - u * alpha), power);
  const double centre = 0.5 * (low + high);
  const double half = 0.5 * spread * (high - low);
  return std::clamp(far_side ? centre + half : centre - half, 0.0, 1.0);
}

// 2 - beta^-(eta_c + 1), without the power where that is 1 or changes nothing.
double Variation::alpha_of(double beta) const {
  if (beta == 1.0) return 1.0;
  return beta >= far_ ? 2.0 : 2.0 - std::pow(beta, -(settings_.eta_c + 1.0));
}

void Variation::mutate(Configuration& child, Random& random) const {
  for (std::size_t i = 0; i < space_.size(); ++i)
    if (random.bernoulli(p_m_)) mutate(child, i, random);
}

void Variation::mutate(Configuration& child, std::size_t i, Random& random) const {
  if (!child.is_active(i)) return;
  if (axes_[i].kind == Kind::swapped) return perturb(space_, child, i, 0.0, random);
  const double x = to_unit(i, child[i]);
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
  child.set(i, from_unit(i, std::clamp(x + step, 0.0, 1.0)));
}

}  // namespace tonne
