#include "experiments/histories/joined_domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/number_text.h"

namespace tonne::histories {
namespace {

// The distinct domains that trials with a value have, in the order of the trials.
std::vector<std::uint32_t> used_domains(const std::vector<std::uint32_t>& domain_of, const Column& column) {
  std::vector<std::uint32_t> used;
  std::set<std::uint32_t> seen;
  for (std::size_t t = 0; t < domain_of.size(); ++t)
    if (column.present[t] && seen.insert(domain_of[t]).second) used.push_back(domain_of[t]);
  return used;
}

std::vector<std::string> joined_choices(const std::string& name, const std::vector<RawDomain>& domains,
                                        const std::vector<std::uint32_t>& used,
                                        const std::vector<std::uint32_t>& domain_of, Column& column,
                                        const std::string& where, std::vector<std::string>& notes) {
  std::vector<std::string> joined;
  Interned texts;
  std::map<std::uint32_t, std::vector<std::uint32_t>>
      index_of;  // of each domain's choices, in the joined ones
  for (const std::uint32_t d : used)
    for (const std::string& choice : domains[d].choices) {
      const std::uint32_t index = texts.of(choice);
      if (index == joined.size()) joined.push_back(choice);
      index_of[d].push_back(index);
    }
  if (joined.size() > kMostChoices)
    throw InputError({where, 0, 0}, "",
                     fmt::format("the parameter '{}' has more than {} choices", name, kMostChoices));
  for (std::size_t t = 0; t < domain_of.size(); ++t) {
    if (!column.present[t]) continue;
    const auto& indices = index_of.at(domain_of[t]);
    const double value = column.values[t];
    if (!(value >= 0.0) || value >= static_cast<double>(indices.size()) || value != std::floor(value))
      throw InputError({where, 0, 0}, "",
                       fmt::format("a trial has choice number {} of the parameter '{}', which has {}",
                                   shortest_text(value), name, indices.size()));
    column.values[t] = indices[static_cast<std::size_t>(value)];
  }
  if (used.size() > 1)
    notes.push_back(
        fmt::format("The choices of '{}' changed between trials: all {} that any trial had are taken.", name,
                    joined.size()));
  return joined;
}

// Numbers between which a joined domain lies.
struct Range {
  double low = 0.0;
  double high = 0.0;
  double step = 0.0;
  bool log = false;
};

Range joined_range(const std::string& name, const std::vector<RawDomain>& domains,
                   const std::vector<std::uint32_t>& used, const Column& column,
                   std::vector<std::string>& notes) {
  const RawDomain& first = domains[used.front()];
  Range range{first.low, first.high, first.step, first.log};
  for (const std::uint32_t d : used) {
    const RawDomain& other = domains[d];
    range.low = std::min(range.low, other.low);
    range.high = std::max(range.high, other.high);
    if (other.step != range.step ||
        std::fmod(other.low - first.low, range.step > 0.0 ? range.step : 1.0) != 0.0)
      range.step = 0.0;
    range.log = range.log && other.log;
  }
  if (used.size() > 1)
    notes.push_back(fmt::format("The range of '{}' changed between trials: it is taken from {} to {}.", name,
                                shortest_text(range.low), shortest_text(range.high)));
  const Range told = range;
  for (std::size_t t = 0; t < column.values.size(); ++t) {
    if (!column.present[t]) continue;
    range.low = std::min(range.low, column.values[t]);
    range.high = std::max(range.high, column.values[t]);
  }
  if (range.low < told.low || range.high > told.high) {
    range.step = 0.0;
    range.log = range.log && range.low > 0.0;
    notes.push_back(
        fmt::format("Values of '{}' lie outside its range of {} to {}: it is widened to {} to {}.", name,
                    shortest_text(told.low), shortest_text(told.high), shortest_text(range.low),
                    shortest_text(range.high)));
  }
  return range;
}

// The index of the level that a value is, up to rounding; nullopt: between two.
std::optional<double> level_of(double value, const Range& range) {
  const double index = std::round((value - range.low) / range.step);
  return std::abs(value - (range.low + index * range.step)) <= 1e-6 * range.step ? std::optional(index)
                                                                                 : std::nullopt;
}

// Levels of a stepped range, and the column's values as their indices; nullopt where there are too many, or a
// value is none.
std::optional<Ordinal> stepped_levels(const Range& range, Column& column) {
  const double count = std::floor((range.high - range.low) / range.step + 1e-6) + 1.0;
  if (!(count <= static_cast<double>(kMostLevels))) return std::nullopt;
  Ordinal ordinal;
  for (double i = 0.0; i < count; ++i)
    ordinal.levels.push_back(fmt::format("{:.12g}", range.low + i * range.step));
  if (std::set<std::string>(ordinal.levels.begin(), ordinal.levels.end()).size() != ordinal.levels.size())
    return std::nullopt;
  std::vector<double> indices(column.values.size(), 0.0);
  for (std::size_t t = 0; t < indices.size(); ++t) {
    if (!column.present[t]) continue;
    const auto index = level_of(column.values[t], range);
    if (!index || *index < 0.0 || *index >= count) return std::nullopt;
    indices[t] = *index;
  }
  column.values = std::move(indices);
  return ordinal;
}

Ordinal single_level(double value, Column& column) {
  std::ranges::fill(column.values, 0.0);
  return {{shortest_text(value)}};
}

}  // namespace

Domain joined_domain(const std::string& name, const std::vector<RawDomain>& domains,
                     const std::vector<std::uint32_t>& domain_of, Column& column, const std::string& where,
                     std::vector<std::string>& notes) {
  const std::vector<std::uint32_t> used = used_domains(domain_of, column);
  const RawDomain::Kind kind = domains[used.front()].kind;
  for (const std::uint32_t d : used)
    if (domains[d].kind != kind)
      throw InputError({where, 0, 0}, "",
                       fmt::format("the parameter '{}' is of one kind (real, integer or choices) in one "
                                   "trial and of another in a later one",
                                   name));
  if (kind == RawDomain::Kind::choices)
    return Categorical{joined_choices(name, domains, used, domain_of, column, where, notes)};
  if (kind == RawDomain::Kind::levels)
    return Ordinal{joined_choices(name, domains, used, domain_of, column, where, notes)};
  for (std::size_t t = 0; t < column.values.size(); ++t)
    if (column.present[t] && !std::isfinite(column.values[t]))
      throw InputError({where, 0, 0}, "", fmt::format("a value of the parameter '{}' is not finite", name));
  const Range range = joined_range(name, domains, used, column, notes);
  if (!std::isfinite(range.high - range.low))
    throw InputError({where, 0, 0}, "", fmt::format("the range of the parameter '{}' is not finite", name));
  const bool fine_integer = kind == RawDomain::Kind::integer && range.step == 1.0;
  if (range.step > 0.0 && !fine_integer) {
    if (auto levels = stepped_levels(range, column)) return *std::move(levels);
    notes.push_back(
        fmt::format("The step of '{}' is left out, since it has more than {} levels or values between them.",
                    name, kMostLevels));
  }
  if (kind == RawDomain::Kind::integer && range.low >= -kLargestInteger && range.high <= kLargestInteger &&
      std::ranges::all_of(column.values, [](double value) { return value == std::floor(value); }))
    return Integer{static_cast<std::int64_t>(range.low), static_cast<std::int64_t>(range.high),
                   range.log && range.low >= 1.0 ? Scale::log : Scale::linear};
  if (range.low == range.high) return single_level(range.low, column);
  return Real{range.low, range.high, range.log && range.low > 0.0 ? Scale::log : Scale::linear};
}

Ordinal as_levels(const Integer& domain, Column& column) {
  Ordinal ordinal;
  for (std::int64_t level = domain.low; level <= domain.high; ++level)
    ordinal.levels.push_back(std::to_string(level));
  for (std::size_t t = 0; t < column.values.size(); ++t)
    if (column.present[t]) column.values[t] -= static_cast<double>(domain.low);
  return ordinal;
}

}  // namespace tonne::histories
