#include "search/strategies/evolution/cma_layout.h"

namespace tonne {
namespace {

/// Of a categorical's coordinates, so that no choice is lost for good.
constexpr double kOneHotDeviation = 0.05;
/// Of a rounded integer, as a part of its cell, so that neighbours stay within reach; pycma's minstd.
constexpr double kRoundedDeviation = 0.2;

}  // namespace

CmaLayout::CmaLayout(const SearchSpace& space, IntegerHandling integers, CategoryHandling categories)
    : space_(space), values_(space) {
  // Of two values the order says nothing (Hamano et al. 2025, "CatCMA with Margin", arXiv 2504.07884).
  const bool binaries_are_categories =
      integers == IntegerHandling::margin && categories == CategoryHandling::catcma;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const auto values = cardinality(space[i].domain);
    const std::size_t count = values ? static_cast<std::size_t>(*values) : 0;
    const bool unordered = is_categorical(space[i].domain) || (count == 2 && binaries_are_categories);
    if (!unordered) {
      ++numbers_;
      places_.push_back({Kind::number, coordinates_.size(), 1});
      const bool margin = values && integers == IntegerHandling::margin;
      const double cell = values ? 1.0 / static_cast<double>(count) : 0.0;
      coordinates_.push_back({i, !margin, margin, margin ? 0.0 : kRoundedDeviation * cell});
    } else if (categories == CategoryHandling::one_hot) {
      places_.push_back({Kind::one_hot, coordinates_.size(), count});
      coordinates_.resize(coordinates_.size() + count, {i, true, false, kOneHotDeviation});
    } else if (count == 1) {
      places_.push_back({Kind::single, 0, 1});
    } else {
      places_.push_back({Kind::category, category_sizes_.size(), count});
      category_sizes_.push_back(count);
    }
  }
}

double CmaLayout::value(std::size_t parameter, const double* x, const double* c) const {
  const Place& place = places_[parameter];
  switch (place.kind) {
    case Kind::single:
      return 0.0;
    case Kind::category: {
      const auto* integer = std::get_if<Integer>(&space_[parameter].domain);
      return c[place.first] + (integer == nullptr ? 0.0 : static_cast<double>(integer->low));
    }
    case Kind::number:
      return values_.value(parameter, x[place.first]);
    case Kind::one_hot:
      break;
  }
  std::size_t best = 0;
  for (std::size_t choice = 1; choice < place.count; ++choice)
    if (x[place.first + choice] > x[place.first + best]) best = choice;
  return static_cast<double>(best);
}

Configuration CmaLayout::configuration(const double* x, const double* c) const {
  if (numbers_ == space_.size()) return values_.configuration(x);
  Configuration configuration(space_.size());
  for (std::size_t i = 0; i < space_.size(); ++i)
    if (space_.should_be_active(i, configuration)) configuration.set(i, value(i, x, c));
  return configuration;
}

}  // namespace tonne
