#pragma once
// The front that one search observes, with its configurations.

#include <vector>

#include "core/pareto.h"

namespace tonne {

/// Candidates of a search that no other beats in all objectives, as observed, with their noise. Grows one
/// trial at a time; of candidates with equal losses the first stays.
class ObservedFront {
 public:
  /// Losses that are not finite are passed over. Precondition: as many losses each time.
  void add(const Configuration& configuration, const Objectives& losses);
  /// In the order in which the search found them.
  [[nodiscard]] const std::vector<Configuration>& configurations() const { return configurations_; }

 private:
  std::vector<Objectives> losses_;
  std::vector<Configuration> configurations_;  // of each of the losses
};

}  // namespace tonne
