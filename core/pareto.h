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
/// its two neighbours, in parts of the objective's range; infinite at the ends.
[[nodiscard]] std::vector<double> crowding_distances(std::span<const Objectives> points);

/// Volume that the points dominate below the reference point; points that are not below it in all objectives count nothing. Two
/// objectives by sorting, O(n log n); three by a sweep over the third (Beume et al. 2009), O(n log n) comparisons; four by a sweep over the
/// fourth, where each point adds what it alone dominates of the other three (While, Bradstreet and Barone 2012, slicing), O(n^2 log n).
[[nodiscard]] double hypervolume(std::span<const Objectives> points, const Objectives& reference);

}  // namespace tonne
