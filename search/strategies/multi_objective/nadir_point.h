#pragma once
// Where a front begins and ends in each objective, so that objectives of any unit can be compared.

#include <span>
#include <vector>

#include "core/problem.h"

namespace tonne {

/// The normalisation of NSGA-III (Deb and Jain 2014, algorithm 2), with the amendments of Blank, Deb and Roy 2019,
/// "Investigating the Normalization Procedure of NSGA-III": the ideal point is the best value of each objective so far;
/// the extreme point of an axis, of all so far, is least in max_i f'_i / w_i, w being 1 on the axis and 1e-6 elsewhere;
/// the plane through the extreme points cuts the axes at the nadir point. Where there is no such plane, or it lies
/// beyond all members, the nadir is the worst of the front, and in an objective where the front has no extent the
/// worst of all members.
class NadirPoint {
 public:
  /// Learns from a generation: its first front, and all members that are considered. Precondition: both have members,
  /// with losses.
  void update(std::span<const Objectives> front, std::span<const Objectives> members);
  /// (f - ideal) / (nadir - ideal). Precondition: update() was called.
  [[nodiscard]] Objectives normalised(const Objectives& losses) const;

  [[nodiscard]] const Objectives& ideal() const { return ideal_; }
  [[nodiscard]] const Objectives& nadir() const { return nadir_; }

 private:
  void update_extremes(std::span<const Objectives> front);
  [[nodiscard]] Objectives intercepts() const;

  Objectives ideal_;
  Objectives nadir_;
  std::vector<Objectives> extremes_;  // one an axis
};

}  // namespace tonne
