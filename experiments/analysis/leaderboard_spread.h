#pragma once
// Intervals and tornadoes of a leaderboard, from the variants that a store holds.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/trial.h"
#include "core/units.h"
#include "experiments/plan/estimate_spread.h"
#include "experiments/results/records.h"

namespace tonne {

class Store;

/// Means over seeds, with one uncertain figure at its low and high quantile and the others at their medians.
struct TornadoBar {
  std::string key;
  std::string distribution;           ///< as the user wrote it
  std::string low_value, high_value;  ///< of the figure
  Carbon at_low{}, at_high{};         ///< of the search, operational and embodied
};

/// Where the means over seeds lie, given what is not known of the figures. The draws of the seeds themselves are not in
/// it: the search is the one that ran.
struct LeaderboardSpread {
  double level = 0.0;  ///< of the intervals
  std::size_t draws = 0;
  Interval<Energy> energy;
  Interval<Carbon> carbon;
  std::optional<Interval<Money>> money;  ///< none where no price is known
  Interval<Water> water;
  std::optional<Interval<double>> gain_per_tonne, overhead;  ///< absent where the row's are
  std::vector<TornadoBar> tornado;                           ///< the widest first
};

/// Sums over the seeds of one strategy on one problem in one scenario, in each variant.
class VariantSums {
 public:
  explicit VariantSums(const Store& store);

  /// Nothing where no figure of the scenario is uncertain. `gain`: the mean improvement over the default
  /// configuration where there is one; `priced`: whether what a search costs is known. Throws StoreError when variants are missing.
  [[nodiscard]] std::optional<LeaderboardSpread> spread(std::size_t problem, std::size_t scenario,
                                                        std::size_t strategy, std::optional<double> gain,
                                                        bool priced) const;

 private:
  struct Sum {
    std::size_t cells = 0;
    Usage search;
    Carbon searching{};  // of those whose winner's training is known
    Carbon training{};
  };
  std::optional<StoredUncertainty> drawn_;
  std::vector<StoredUncertain> uncertain_;
  std::map<std::array<std::size_t, 3>, std::vector<Sum>> sums_;
};

}  // namespace tonne
