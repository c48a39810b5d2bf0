#include "core/search_space.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "core/number_text.h"

namespace tonne {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

double clamp_unit(double u) { return std::clamp(u, 0.0, 1.0); }

// Cells of equal width in [0, 1]: the centre of cell `index` of `count`, and the cell that holds u.
double cell_centre(double index, double count) { return (index + 0.5) / count; }
double cell_of(double u, double count) { return std::min(std::floor(clamp_unit(u) * count), count - 1.0); }

double integer_count(const Integer& domain) {
  return static_cast<double>(domain.high) - static_cast<double>(domain.low) + 1.0;
}

// A log-scaled integer lives on [low - 1/2, high + 1/2], so that its ends get their share.
double log_low(const Integer& domain) { return std::log(static_cast<double>(domain.low) - 0.5); }
double log_high(const Integer& domain) { return std::log(static_cast<double>(domain.high) + 0.5); }

std::size_t choice_count(const Domain& domain) {
  if (const auto* categorical = std::get_if<Categorical>(&domain)) return categorical->choices.size();
  if (const auto* ordinal = std::get_if<Ordinal>(&domain)) return ordinal->levels.size();
  return 0;
}

void check_domain(const Parameter& parameter) {
  const auto fail = [&](const char* what) {
    throw std::invalid_argument("parameter '" + parameter.name + "': " + what);
  };
  std::visit(Overloaded{
                 [&](const Real& d) {
                   if (!std::isfinite(d.low) || !std::isfinite(d.high)) fail("bounds must be finite");
                   if (!(d.low < d.high)) fail("low must be below high");
                   if (d.scale == Scale::log && !(d.low > 0.0)) fail("a log scale needs low > 0");
                 },
                 [&](const Integer& d) {
                   constexpr std::int64_t kExact = std::int64_t{1} << 53;
                   if (d.low > d.high) fail("low must not be above high");
                   if (d.low < -kExact || d.high > kExact) fail("bounds must lie within +-2^53");
                   if (d.scale == Scale::log && d.low < 1) fail("a log scale needs low >= 1");
                 },
                 [&](const Categorical& d) {
                   if (d.choices.empty()) fail("needs at least one choice");
                 },
                 [&](const Ordinal& d) {
                   if (d.levels.empty()) fail("needs at least one level");
                 },
             },
             parameter.domain);
  if (parameter.default_value && !contains(parameter.domain, *parameter.default_value))
    fail("the default lies outside the domain");
}

}  // namespace

std::optional<std::uint64_t> cardinality(const Domain& domain) {
  if (std::holds_alternative<Real>(domain)) return std::nullopt;
  if (const auto* integer = std::get_if<Integer>(&domain))
    return static_cast<std::uint64_t>(integer->high - integer->low) + 1;
  return choice_count(domain);
}

double sample(const Domain& domain, Random& random) {
  switch (domain.index()) {
    case 0: {
      const auto& real = *std::get_if<Real>(&domain);
      if (real.scale == Scale::linear) return real.low + (real.high - real.low) * random.uniform();
      return from_unit(domain, random.uniform());
    }
    case 1: {
      const auto& integer = *std::get_if<Integer>(&domain);
      if (integer.scale == Scale::log) return from_unit(domain, random.uniform());
      const auto count = static_cast<std::uint64_t>(integer.high - integer.low) + 1;
      return static_cast<double>(integer.low + static_cast<std::int64_t>(random.below(count)));
    }
    case 2:
      return static_cast<double>(random.below(std::get_if<Categorical>(&domain)->choices.size()));
    default:
      return static_cast<double>(random.below(std::get_if<Ordinal>(&domain)->levels.size()));
  }
}

double to_unit(const Domain& domain, double value) {
  return std::visit(
      Overloaded{
          [&](const Real& d) {
            if (d.scale == Scale::linear) return clamp_unit((value - d.low) / (d.high - d.low));
            return clamp_unit((std::log(value) - std::log(d.low)) / (std::log(d.high) - std::log(d.low)));
          },
          [&](const Integer& d) {
            if (d.scale == Scale::linear)
              return cell_centre(value - static_cast<double>(d.low), integer_count(d));
            return clamp_unit((std::log(value) - log_low(d)) / (log_high(d) - log_low(d)));
          },
          [&](const Categorical& d) { return cell_centre(value, static_cast<double>(d.choices.size())); },
          [&](const Ordinal& d) { return cell_centre(value, static_cast<double>(d.levels.size())); },
      },
      domain);
}

double from_unit(const Domain& domain, double u) {
  return std::visit(
      Overloaded{
          [&](const Real& d) {
            const double t = clamp_unit(u);
            if (d.scale == Scale::linear) return std::clamp(d.low + (d.high - d.low) * t, d.low, d.high);
            const double log_value = std::log(d.low) + (std::log(d.high) - std::log(d.low)) * t;
            return std::clamp(std::exp(log_value), d.low, d.high);
          },
          [&](const Integer& d) {
            const auto low = static_cast<double>(d.low);
            const auto high = static_cast<double>(d.high);
            if (d.scale == Scale::linear) return low + cell_of(u, integer_count(d));
            const double log_value = log_low(d) + (log_high(d) - log_low(d)) * clamp_unit(u);
            return std::clamp(std::round(std::exp(log_value)), low, high);
          },
          [&](const Categorical& d) { return cell_of(u, static_cast<double>(d.choices.size())); },
          [&](const Ordinal& d) { return cell_of(u, static_cast<double>(d.levels.size())); },
      },
      domain);
}

bool contains(const Domain& domain, double value) {
  if (!std::isfinite(value)) return false;
  if (const auto* real = std::get_if<Real>(&domain)) return real->low <= value && value <= real->high;
  if (value != std::floor(value)) return false;
  if (const auto* integer = std::get_if<Integer>(&domain))
    return static_cast<double>(integer->low) <= value && value <= static_cast<double>(integer->high);
  return 0.0 <= value && value < static_cast<double>(choice_count(domain));
}

SearchSpace::SearchSpace(std::vector<Parameter> parameters) : parameters_(std::move(parameters)) {
  std::set<std::string_view> names;
  drawings_.reserve(parameters_.size());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& parameter = parameters_[i];
    if (!names.insert(parameter.name).second)
      throw std::invalid_argument("two parameters are named '" + parameter.name + "'");
    check_domain(parameter);
    drawings_.push_back(drawing_of(parameter.domain));
    if (!parameter.active_when) continue;
    has_conditions_ = true;
    const Condition& condition = *parameter.active_when;
    const std::size_t choices =
        condition.parent < i ? choice_count(parameters_[condition.parent].domain) : std::size_t{0};
    const bool known = !condition.choices.empty() &&
                       std::ranges::all_of(condition.choices, [&](std::size_t c) { return c < choices; });
    if (!known)
      throw std::invalid_argument(
          "parameter '" + parameter.name +
          "': its condition must refer to choices of an earlier categorical or ordinal parameter");
  }
}

SearchSpace::Drawing SearchSpace::drawing_of(const Domain& domain) {
  Drawing drawing;
  if (const auto* real = std::get_if<Real>(&domain)) {
    if (real->scale == Scale::linear) drawing.kind = Drawing::Kind::range;
    drawing.low = real->low;
    drawing.width = real->high - real->low;
    return drawing;
  }
  drawing.values = *tonne::cardinality(domain);
  drawing.several = drawing.values > 1;
  const auto* integer = std::get_if<Integer>(&domain);
  if (integer != nullptr && integer->scale == Scale::log) return drawing;
  drawing.kind = Drawing::Kind::count;
  if (integer != nullptr) drawing.first = integer->low;
  return drawing;
}

// As sample(domain, random).
inline double SearchSpace::draw(const Drawing& drawing, std::size_t i, Random& random) const {
  if (drawing.kind == Drawing::Kind::count)
    return static_cast<double>(drawing.first + static_cast<std::int64_t>(random.below(drawing.values)));
  if (drawing.kind == Drawing::Kind::range) return drawing.low + drawing.width * random.uniform();
  return tonne::sample(parameters_[i].domain, random);
}

bool SearchSpace::draws_never_meet() const {
  constexpr double kWide = 1e-3;  // of the largest number: 2^53 / 1000 values at least
  std::size_t wide = 0;
  for (const Parameter& parameter : parameters_) {
    const auto* real = std::get_if<Real>(&parameter.domain);
    if (real == nullptr || parameter.active_when) continue;
    if (real->high - real->low > kWide * std::max(std::abs(real->low), std::abs(real->high))) ++wide;
  }
  return wide >= 2;
}

std::optional<std::size_t> SearchSpace::find(std::string_view name) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (parameters_[i].name == name) return i;
  return std::nullopt;
}

std::optional<double> SearchSpace::cardinality() const {
  // From the leaves up: subtree[i][c] is the number of ways to fill the descendants of i when i takes choice c.
  std::vector<std::vector<double>> ways(size());
  double total = 1.0;
  for (std::size_t i = 0; i < size(); ++i) {
    const auto count = tonne::cardinality(parameters_[i].domain);
    if (!count) return std::nullopt;
    const std::size_t choices = choice_count(parameters_[i].domain);
    ways[i].assign(std::max<std::size_t>(choices, 1), choices == 0 ? static_cast<double>(*count) : 1.0);
  }
  for (std::size_t i = size(); i-- > 0;) {
    double sum = 0.0;
    for (const double w : ways[i]) sum += w;
    if (!parameters_[i].active_when) {
      total *= sum;
      continue;
    }
    const Condition& condition = *parameters_[i].active_when;
    for (const std::size_t choice : std::set<std::size_t>(condition.choices.begin(), condition.choices.end()))
      ways[condition.parent][choice] *= sum;
  }
  return total;
}

bool SearchSpace::should_be_active(std::size_t i, const Configuration& configuration) const {
  const auto& condition = parameters_[i].active_when;
  if (!condition) return true;
  if (!configuration.is_active(condition->parent)) return false;
  return std::ranges::find(condition->choices, configuration.index(condition->parent)) != condition->choices.end();
}

bool SearchSpace::contains(const Configuration& configuration) const {
  if (configuration.size() != size()) return false;
  for (std::size_t i = 0; i < size(); ++i) {
    if (configuration.is_active(i) != should_be_active(i, configuration)) return false;
    if (configuration.is_active(i) && !tonne::contains(parameters_[i].domain, configuration[i])) return false;
  }
  return true;
}

Configuration SearchSpace::sample(Random& random) const {
  if (!has_conditions_) {
    const Drawing* const drawings = drawings_.data();
    return Configuration::filled(size(), [&, drawings](std::size_t i) { return draw(drawings[i], i, random); });
  }
  Configuration configuration(size());
  for (std::size_t i = 0; i < size(); ++i)
    if (should_be_active(i, configuration)) configuration.set(i, draw(drawings_[i], i, random));
  return configuration;
}

Configuration SearchSpace::default_configuration() const {
  Configuration configuration(size());
  for (std::size_t i = 0; i < size(); ++i) {
    if (!should_be_active(i, configuration)) continue;
    const Parameter& parameter = parameters_[i];
    const bool first = is_categorical(parameter.domain);  // the middle of unordered choices means nothing
    configuration.set(i, parameter.default_value.value_or(from_unit(parameter.domain, first ? 0.0 : 0.5)));
  }
  return configuration;
}

void SearchSpace::repair(Configuration& configuration, Random& random) const {
  for (std::size_t i = 0; i < size(); ++i) {
    const bool active = should_be_active(i, configuration);
    if (active && !configuration.is_active(i)) configuration.set(i, draw(drawings_[i], i, random));
    if (!active && configuration.is_active(i)) configuration.deactivate(i);
  }
}

Configuration SearchSpace::mutate(const Configuration& configuration, Random& random) const {
  Configuration child = configuration;
  const auto can_change = [&](std::size_t i) { return drawings_[i].several && child.is_active(i); };
  std::size_t candidates = 0;
  for (std::size_t i = 0; i < size(); ++i) candidates += can_change(i) ? 1U : 0U;
  if (candidates == 0) return child;
  auto drawn = static_cast<std::size_t>(random.below(candidates));
  std::size_t chosen = 0;
  while (!can_change(chosen) || drawn-- > 0) ++chosen;

  const Drawing& drawing = drawings_[chosen];
  if (drawing.values > 0) {
    const auto* integer = std::get_if<Integer>(&parameters_[chosen].domain);
    const double offset = integer ? static_cast<double>(integer->low) : 0.0;
    auto other = static_cast<double>(random.below(drawing.values - 1)) + offset;
    if (other >= child[chosen]) other += 1.0;
    child.set(chosen, other);
  } else {
    child.set(chosen, draw(drawing, chosen, random));
  }
  if (has_conditions_) repair(child, random);
  return child;
}

std::string SearchSpace::value_text(std::size_t i, double value) const {
  const Domain& domain = parameters_[i].domain;
  if (const auto* categorical = std::get_if<Categorical>(&domain))
    return categorical->choices[static_cast<std::size_t>(value)];
  if (const auto* ordinal = std::get_if<Ordinal>(&domain)) return ordinal->levels[static_cast<std::size_t>(value)];
  return shortest_text(value);
}

std::string SearchSpace::describe(const Configuration& configuration) const {
  std::string text;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!configuration.is_active(i)) continue;
    if (!text.empty()) text += ", ";
    text += parameters_[i].name + "=" + value_text(i, configuration[i]);
  }
  return text;
}

}  // namespace tonne
