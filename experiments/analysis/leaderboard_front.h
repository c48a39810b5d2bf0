#pragma once
// Searches for several objectives at once: the front of what a search observed, and the volume that it
// dominates. Only full trainings count, at the problem's highest fidelity.

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/pareto.h"
#include "core/problem.h"
#include "experiments/analysis/seed_mean.h"

namespace tonne {

class Store;

/// One point of a front, in the objectives' own directions.
struct FrontPoint {
  Objectives values;
  std::string strategy;  ///< whose search found it; the first in the experiment's order where several did
};

/// All searches of one problem in one scenario together.
struct JointFront {
  std::vector<ObjectiveTraits> objectives;
  std::vector<FrontPoint> points;  ///< non-dominated, by the first objective, the best first
};

/// Of one strategy. The hypervolume is that of all candidates which a search observed, in parts of the joint
/// front's: objectives are scaled so that the joint front spans 0 to 1 in each, the reference point is 1.1 in
/// all of them (Ishibuchi et al. 2018, "How to specify a reference point in hypervolume calculation").
/// Observed values, with their noise. Means over all finished searches: one that found nothing has a hypervolume
/// and a size of 0.
struct FrontFigures {
  SeedMean hypervolume;  ///< 1: as good as all the searches together
  double size = 0.0;     ///< non-dominated candidates of a search, mean
};

/// Reads the trials of a store once.
class Fronts {
 public:
  explicit Fronts(const Store& store);
  /// None where the problem has one objective, the trials are not recorded, or no full training completed.
  [[nodiscard]] std::optional<JointFront> joint(std::size_t problem, std::size_t scenario) const;
  /// None where there is no joint front, or no search of the strategy has finished.
  [[nodiscard]] std::optional<FrontFigures> figures(std::size_t problem, std::size_t scenario,
                                                    std::size_t strategy) const;

 private:
  using Losses = std::vector<Objectives>;
  struct Board {
    JointFront joint;
    Objectives ideal, span;  // of the joint front, as losses
    double volume = 0.0;     // of the joint front, scaled
  };
  [[nodiscard]] double scaled_volume(const Board& board, const Losses& front) const;

  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, std::vector<Losses>> fronts_;  // one a seed
  std::map<std::pair<std::size_t, std::size_t>, Board> boards_;
};

}  // namespace tonne
