#pragma once
// Intervals and tornadoes of a leaderboard, from the variants that a store holds.

#include <array>
#include <map>
#include <vector>

#include "experiments/analysis/leaderboard.h"
#include "experiments/results/store.h"

namespace tonne {

/// Sums over the seeds of one strategy on one problem in one scenario, in each variant.
class VariantSums {
 public:
  explicit VariantSums(const Store& store);

  /// Nothing where no figure of the scenario is uncertain. `gain`: the mean improvement over the default
  /// configuration where there is one. Throws StoreError when variants are missing.
  [[nodiscard]] std::optional<LeaderboardSpread> spread(std::size_t problem, std::size_t scenario,
                                                        std::size_t strategy,
                                                        std::optional<double> gain) const;

 private:
  struct Sum {
    std::size_t cells = 0;
    std::size_t with_winner = 0;
    Usage search;
    Carbon of_winners{};  // of searches that have a winner
    Carbon searching{};   // of those whose winner's training is known
    Carbon training{};
  };
  std::optional<StoredUncertainty> drawn_;
  std::vector<StoredUncertain> uncertain_;
  std::map<std::array<std::size_t, 3>, std::vector<Sum>> sums_;
};

}  // namespace tonne
