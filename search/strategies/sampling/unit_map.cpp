#include "search/strategies/sampling/unit_map.h"

#include <algorithm>
#include <cmath>

namespace tonne {

UnitMap::UnitMap(const SearchSpace& space) : space_(space) {
  lines_.reserve(space.size());
  for (const Parameter& parameter : space.parameters()) lines_.push_back(line_of(parameter.domain));
}

UnitMap::Line UnitMap::line_of(const Domain& domain) {
  if (const auto* real = std::get_if<Real>(&domain)) {
    if (real->scale == Scale::linear)
      return {Kind::real, real->low, real->high - real->low, real->low, real->high};
    const double low = std::log(real->low);
    return {Kind::log_real, low, std::log(real->high) - low, real->low, real->high};
  }
  const auto count = static_cast<double>(*cardinality(domain));
  const auto* integer = std::get_if<Integer>(&domain);
  if (integer == nullptr) return {Kind::cells, 0.0, count, 0.0, count - 1.0};
  const auto least = static_cast<double>(integer->low);
  const auto most = static_cast<double>(integer->high);
  if (integer->scale == Scale::linear) return {Kind::cells, least, most - least + 1.0, least, most};
  const double low = std::log(least - 0.5);
  return {Kind::log_integer, low, std::log(most + 0.5) - low, least, most};
}

double UnitMap::logarithmic(const Line& line, double t) {
  const double value = std::exp(line.low + line.range * t);
  return std::clamp(line.kind == Kind::log_real ? value : std::round(value), line.least, line.most);
}

Configuration UnitMap::configuration(const double* u) const {
  Configuration configuration(lines_.size());
  const bool conditional = space_.has_conditions();
  std::size_t i = 0;
  for (const Line& line : lines_) {
    if (!conditional || space_.should_be_active(i, configuration)) configuration.set(i, value(line, u[i]));
    ++i;
  }
  return configuration;
}

}  // namespace tonne
