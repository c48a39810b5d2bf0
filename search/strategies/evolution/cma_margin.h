#pragma once
// The margin that keeps the neighbours of an integer within reach of a normal distribution: Hamano, Saito,
// Nomura and Shirakawa 2022, "CMA-ES with Margin" (GECCO, arXiv 2205.13482), section 4.

#include "core/search_space.h"

namespace tonne {

/// The stretch of a unit coordinate whose points mean one value of a discrete, ordered domain.
struct Cell {
  double low = 0.0;
  double high = 1.0;
  bool first = false;  ///< of the lowest value: everything below it means the same
  bool last = false;   ///< of the highest value
};

/// The cell of u, which may lie outside [0, 1]; `domain` is an integer or ordinal one.
[[nodiscard]] Cell cell_at(const Domain& domain, double u);

/// A coordinate's sampling distribution: normal about `mean` with deviation `stretch` times that of the
/// CMA-ES.
struct Marginal {
  double mean = 0.0;
  double stretch = 1.0;  ///< the diagonal of the paper's matrix A
};

/// The marginal with its margin, where `cell` holds the mean and `deviation` is that of the CMA-ES in this
/// coordinate: in the first and last cell (both cells of a binary) the next one has at least probability
/// alpha (eq. 15: the mean moves); in between both sides have at least alpha / 2 each (eqs. 19 to 26: mean
/// and stretch move). 0 < alpha < 1/2.
[[nodiscard]] Marginal with_margin(Marginal marginal, const Cell& cell, double deviation, double alpha);

}  // namespace tonne
