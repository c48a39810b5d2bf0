#pragma once
// Independent categorical distributions that learn from ranked samples: the categorical part of CatCMA
// (Hamano, Saito, Nomura, Uchida and Shirakawa 2024, "CatCMA: Stochastic Optimization for Mixed-Category
// Problems", GECCO, arXiv 2405.09962), which is the adaptive stochastic natural gradient (ASNG; Akimoto et
// al. 2019, ICML) with a margin.

#include <cstddef>
#include <span>
#include <vector>

#include "core/random.h"

namespace tonne {

class CategoryDistribution {
 public:
  /// The number of choices of each category, at least 2.
  explicit CategoryDistribution(std::vector<std::size_t> choices);

  /// All choices equally probable, and nothing learned.
  void begin();
  /// Draws the index of a choice for each category.
  void draw(Random& random, double* choices) const;
  /// One step along the natural gradient of the ranked samples, the best first; `weights` are positive and
  /// sum to 1.
  void update(std::span<const double* const> ranked, std::span<const double> weights);

  [[nodiscard]] std::size_t size() const { return choices_.size(); }
  [[nodiscard]] std::span<const double> probabilities(std::size_t category) const {
    return {q_.data() + first_[category], choices_[category]};
  }
  /// No choice becomes less probable: with this margin, all categories at once take their favourites in at
  /// most 73 %.
  [[nodiscard]] double least_probability(std::size_t category) const;
  /// Floating-point operations so far.
  [[nodiscard]] double operations() const { return operations_; }

 private:
  void keep_margin(std::size_t category);
  void adapt_rate(double length);

  std::vector<std::size_t> choices_;
  std::vector<std::size_t> first_;  // of each category in q_
  double degrees_ = 0.0;            // of freedom: sum of choices less one each
  std::vector<double> q_;
  std::vector<double> gradient_;
  std::vector<double> path_;  // s of ASNG, in coordinates in which the Fisher metric is the identity
  double path_norm_ = 0.0;    // gamma: expectation of |path|^2 under random selection
  double slowness_ = 1.0;     // Delta: trust region, the larger the smaller the steps
  double operations_ = 0.0;
};

}  // namespace tonne
