#pragma once
// How the variance of a quantity over a space is divided: single parameters, pairs, the rest.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "experiments/imitation/terrain.h"
#include "search/problems/imitation/imitation_space.h"

namespace tonne {

/// Classes of some candidates, and how many each parameter has.
struct Design {
  std::vector<std::size_t> classes;         ///< by parameter
  std::vector<std::vector<std::uint16_t>> of;  ///< by parameter, candidate

  /// At most `most` of the candidates, chosen by hashing; `chosen` gets their places.
  Design(const Terrain& terrain, std::span<const Configuration> candidates, std::size_t most,
         std::vector<std::size_t>& chosen);
};

struct VarianceShares {
  std::vector<double> main;  ///< of each parameter
  double additive = 0.0;
  double pairwise = 0.0;  ///< of all pairs, beside
  std::vector<imitation::PairShare> pairs;  ///< all, the largest first
};

/// Backfitting (Friedman and Stuetzle 1981) of parameters, then of pairs, corrected for what as many free
/// effects explain of noise. Values that do not vary have no shares.
[[nodiscard]] VarianceShares variance_shares(const Design& design, std::vector<double> values, bool pairs = true);

}  // namespace tonne
