#pragma once
// How good each candidate of an imitation is, as a normal score; and which fail.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/search_space.h"
#include "search/problems/imitation/imitation_field.h"
#include "search/problems/imitation/imitation_space.h"

namespace tonne::imitation {

/// From a latent field's value to the normal score of its rank among uniform draws: estimated.
class ScoreCurve {
 public:
  ScoreCurve() = default;
  /// `values`: of uniform draws.
  explicit ScoreCurve(std::vector<double> values);
  /// Beyond the draws as the curve's ends go on.
  [[nodiscard]] double operator()(double value) const;

 private:
  std::vector<double> values_;  // ascending
  std::vector<double> scores_;
};

/// Larger spaces are not ranked: their distribution is estimated from draws.
inline constexpr double kMostRanked = 200'000;

class Scores {
 public:
  Scores(const SearchSpace& space, const Nodes& nodes, const Space& said, std::uint64_t seed,
         const Effects& effects);

  /// Normal score of a candidate's rank, the larger the better; none of one that fails.
  [[nodiscard]] std::optional<double> score(const Configuration& configuration) const;
  /// Of the best, where all are ranked.
  [[nodiscard]] std::optional<double> best() const;
  /// The one of (lower) median rank; of a sample where not all are ranked.
  [[nodiscard]] const Configuration& middle() const { return middle_; }

 private:
  void rank_all();
  void estimate();
  [[nodiscard]] std::size_t index(const Configuration& configuration) const;
  [[nodiscard]] Configuration at(std::size_t index) const;
  [[nodiscard]] double latent(const Places& places) const;
  [[nodiscard]] double without_peak(const Places& places) const;
  [[nodiscard]] Places places(const Configuration& configuration) const;
  void climb_to_peak();

  const SearchSpace& space_;
  const Nodes& nodes_;
  const Shape shape_;
  const double failing_;  // share
  const std::uint64_t seed_;
  Field quality_;
  Field failure_;
  bool ranked_;
  std::vector<std::size_t> levels_;  // of a ranked space
  std::vector<double> scores_;       // of all; NaN: fails
  ScoreCurve curve_;
  double threshold_ = 0.0;  // of the failure's field, above which a candidate fails
  std::optional<Places> peak_;
  Configuration middle_;
};

}  // namespace tonne::imitation
