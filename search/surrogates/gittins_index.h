#pragma once
// The Gittins index of a box whose value is normally distributed and that costs something to open, for minimisation.

namespace tonne {

/// A Gittins index with its partial derivatives; the one by the mean is 1.
struct GittinsIndex {
  double value = 0.0;
  double by_deviation = 0.0;
  double by_log_cost = 0.0;
};

/// The g with E[max(g - Y, 0)] = cost for Y ~ N(mean, deviation^2): whoever holds a value above g gains by opening the
/// box, below it he loses (Weitzman 1979, "Optimal Search for the Best Alternative"; as an acquisition function,
/// smallest first: Xie et al. 2024, "Cost-aware Bayesian Optimization via the Pandora's Box Gittins Index").
/// Mean, deviation > 0 and cost are in one unit; the cost is given as its natural logarithm, any finite number. To
/// about 1e-12, relative to the deviation.
[[nodiscard]] double gittins_index(double mean, double deviation, double log_cost);
/// The same with derivatives, by the implicit function theorem.
[[nodiscard]] GittinsIndex gittins_index_with_gradient(double mean, double deviation, double log_cost);

}  // namespace tonne
