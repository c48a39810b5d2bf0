#include "experiments/histories/inferred_conditions.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tonne::histories {
namespace {

enum class Seen : std::uint8_t { never, with, without };

// Levels that no trial had, as the nearest that one had; of two as near, as the one with the parameter.
void fill_unseen(std::vector<Seen>& levels) {
  const std::vector<Seen> seen = levels;
  const auto at = [&](std::size_t i, std::size_t distance, bool above) {
    if (above) return i + distance < seen.size() ? seen[i + distance] : Seen::never;
    return distance <= i ? seen[i - distance] : Seen::never;
  };
  for (std::size_t i = 0; i < seen.size(); ++i)
    for (std::size_t distance = 1; levels[i] == Seen::never && distance < seen.size(); ++distance) {
      const Seen below = at(i, distance, false), above = at(i, distance, true);
      if (below == Seen::with || above == Seen::with)
        levels[i] = Seen::with;
      else if (below == Seen::without || above == Seen::without)
        levels[i] = Seen::without;
    }
}

// With the parameter from some level on, or up to it.
bool is_threshold(const std::vector<Seen>& levels) {
  std::size_t changes = 0;
  for (std::size_t i = 1; i < levels.size(); ++i)
    if (levels[i] != levels[i - 1]) ++changes;
  return changes == 1;
}

std::size_t level_count(const Domain& domain) {
  const auto count = std::holds_alternative<Real>(domain) ? std::nullopt : cardinality(domain);
  const std::size_t most = std::holds_alternative<Categorical>(domain) ? kMostChoices : kMostLevels;
  return count && *count <= most ? static_cast<std::size_t>(*count) : 0;
}

}  // namespace

bool ConditionFinder::is_always_there(std::size_t parameter) const {
  for (std::size_t t = 0; t < wholeness_.size(); ++t)
    if (wholeness_[t] == Wholeness::whole && !columns_[parameter].present[t]) return false;
  return true;
}

std::optional<FoundCondition> ConditionFinder::fit(std::size_t parameter, std::size_t parent) const {
  const Domain& domain = domains_[parent];
  std::vector<Seen> seen(level_count(domain), Seen::never);
  if (seen.size() < 2) return std::nullopt;
  const auto* integer = std::get_if<Integer>(&domain);
  const double first = integer ? static_cast<double>(integer->low) : 0.0;
  const auto& child = columns_[parameter].present;
  const Column& column = columns_[parent];
  for (std::size_t t = 0; t < wholeness_.size(); ++t) {
    if (!child[t] && (!column.present[t] || wholeness_[t] == Wholeness::partial)) continue;
    if (!column.present[t]) return std::nullopt;
    Seen& level = seen[static_cast<std::size_t>(column.values[t] - first)];
    const Seen now = child[t] ? Seen::with : Seen::without;
    if (level != Seen::never && level != now) return std::nullopt;
    level = now;
  }
  // One that goes with every value that was seen explains nothing.
  if (std::ranges::find(seen, Seen::with) == seen.end() ||
      std::ranges::find(seen, Seen::without) == seen.end())
    return std::nullopt;
  if (!std::holds_alternative<Categorical>(domain)) {
    fill_unseen(seen);
    if (!is_threshold(seen)) return std::nullopt;
  }
  FoundCondition found{parent, {}};
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i] == Seen::with) found.choices.push_back(i);
  return found;
}

std::optional<FoundCondition> ConditionFinder::find(std::size_t parameter) const {
  std::optional<FoundCondition> best;
  const auto rank = [&](std::size_t parent) {
    return std::pair(parent > parameter, level_count(domains_[parent]));
  };
  for (std::size_t parent = 0; parent < domains_.size(); ++parent) {
    if (parent == parameter || (best && rank(parent) >= rank(best->parent))) continue;
    if (auto found = fit(parameter, parent)) best = std::move(found);
  }
  return best;
}

}  // namespace tonne::histories
