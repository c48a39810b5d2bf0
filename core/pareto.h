#pragma once
// Pareto dominance: fronts, crowding, hypervolume. All objectives are to be minimised.

#include <cstdint>
#include <span>
#include <vector>

#include "core/problem.h"

namespace tonne {

/// Whether a is nowhere worse than b and somewhere better. Precondition: as many objectives in both.
[[nodiscard]] bool dominates(const Objectives& a, const Objectives& b);

/// The front of each point: 0 for those that nobody dominates, 1 for those that only points of front 0 dominate, and so on.
/// Zhang et al. 2015, "An Efficient Approach to Nondominated Sorting" (ENS): points in lexicographic order, each into the first
/// front in which none dominates it, found by bisection; with two objectives O(n log n). Shape: one number a point.
[[nodiscard]] std::vector<std::uint32_t> front_numbers(std::span<const Objectives> points);

/// Crowding distance of each point among the given ones (Deb et al. 2002, section III-B): the sum over objectives of the distance of
/// its two neighbours, in parts of the objective's range; infinite at the ends. An objective whose range is not finite tells only
/// the ends.
[[nodiscard]] std::vector<double> crowding_distances(std::span<const Objectives> points);

/// Volume that the points dominate below the reference point; points that are not below it in all objectives count nothing. Two
/// objectives by sorting, O(n log n); three by a sweep over the third (Beume et al. 2009), O(n log n) comparisons; four and five by a
/// sweep over the last, where each point adds what it alone dominates of the others, found in the limit set of those that came before
/// (While, Bradstreet and Barone 2012, "A Fast Way of Calculating Exact Hypervolumes"); four in O(n^2 log n).
[[nodiscard]] double hypervolume(std::span<const Objectives> points, const Objectives& reference);

/// What the point dominates below the reference point and none of the others does: what a set that has the others gains by it. Zero
/// where one of the others is nowhere worse, or where the point is not below the reference in all objectives.
[[nodiscard]] double exclusive_hypervolume(const Objectives& point, std::span<const Objectives> others, const Objectives& reference);

/// The exclusive hypervolume of each point among the rest: what the set loses without it. Of points that are equal, each has zero. Two
/// and three objectives in O(n k), where k is the size of a limit set, a few neighbours.
[[nodiscard]] std::vector<double> hypervolume_contributions(std::span<const Objectives> points, const Objectives& reference);

}  // namespace tonne
