#pragma once
// Moves in a search space that several strategies make.

#include <span>

#include "core/random.h"
#include "core/search_space.h"

namespace tonne {

/// The configuration at a point of the unit cube, one coordinate a parameter: each value by from_unit, those that are
/// inactive there left out. Shape of u: space.size().
[[nodiscard]] Configuration configuration_at(const SearchSpace& space, std::span<const double> u);

/// A coordinate brought into [0, 1] by reflection at its ends.
[[nodiscard]] double reflected(double u);

/// Gives the active parameter i another value: a categorical one another choice uniformly; an ordinal one the level
/// above or below; a number a normal step of deviation `sd` in unit coordinates, reflected at the bounds, and at least to
/// the next integer. A parameter with one value stays. Parameters below i that change activity are repaired.
void perturb(const SearchSpace& space, Configuration& configuration, std::size_t i, double sd, Random& random);

/// A copy in which each active parameter is mutated (SearchSpace::mutate) with the given probability, at least one; one
/// may be drawn twice.
[[nodiscard]] Configuration mutant(const SearchSpace& space, const Configuration& parent, double probability,
                                   Random& random);

/// Whether parameter i is active and has more than one value.
[[nodiscard]] bool can_move(const SearchSpace& space, const Configuration& configuration, std::size_t i);

/// Uniform crossover: each parameter from the one or the other parent with equal probability, from the one that has it
/// where only one has; repaired.
[[nodiscard]] Configuration crossover(const SearchSpace& space, const Configuration& a, const Configuration& b,
                                      Random& random);

}  // namespace tonne
