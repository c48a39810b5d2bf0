#include "experiments/plan/space_map.h"

#include <algorithm>
#include <string>

namespace tonne {
namespace {

// Of a categorical or ordinal domain; null of numbers.
const std::vector<std::string>* names_of(const Domain& domain) {
  if (const auto* categorical = std::get_if<Categorical>(&domain)) return &categorical->choices;
  if (const auto* ordinal = std::get_if<Ordinal>(&domain)) return &ordinal->levels;
  return nullptr;
}

std::vector<std::optional<double>> choices_in(const Domain& from, const Domain& to) {
  const std::vector<std::string>* ours = names_of(from);
  const std::vector<std::string>* theirs = names_of(to);
  if (!ours || !theirs) return {};
  std::vector<std::optional<double>> choices;
  for (const std::string& name : *ours) {
    const auto at = std::ranges::find(*theirs, name);
    choices.push_back(at == theirs->end() ? std::nullopt
                                          : std::optional(static_cast<double>(at - theirs->begin())));
  }
  return choices;
}

}  // namespace

SpaceMap::SpaceMap(const SearchSpace& from, const SearchSpace& to) : from_(from), to_(to) {
  for (const Parameter& parameter : from.parameters()) {
    position_.push_back(to.find(parameter.name));
    choices_.push_back(position_.back() ? choices_in(parameter.domain, to[*position_.back()].domain)
                                        : std::vector<std::optional<double>>{});
  }
}

std::optional<double> SpaceMap::value_in(std::size_t i, double value) const {
  const Domain& to = to_[*position_[i]].domain;
  if (!choices_[i].empty()) return choices_[i][static_cast<std::size_t>(value)];
  if (names_of(from_[i].domain) || names_of(to) || !contains(to, value)) return std::nullopt;
  return value;
}

std::optional<Configuration> SpaceMap::operator()(const Configuration& configuration) const {
  Configuration mapped(to_.size());
  for (std::size_t i = 0; i < from_.size(); ++i) {
    if (!configuration.is_active(i)) continue;
    const auto value = position_[i] ? value_in(i, configuration[i]) : std::nullopt;
    if (!value) return std::nullopt;
    mapped.set(*position_[i], *value);
  }
  return to_.contains(mapped) ? std::optional(mapped) : std::nullopt;
}

}  // namespace tonne
