#pragma once
// The candidates of a problem and their values, all of them or a sample: what an imitation is measured on.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"

namespace tonne {

/// A numeric parameter of more levels counts in so many classes.
inline constexpr std::size_t kTerrainClasses = 16;

struct TerrainOptions {
  std::size_t samples = 3000;  ///< working candidates of a space too large to be gone through
};

class Terrain {
 public:
  /// Precondition: no parameter is conditional.
  Terrain(const Problem& problem, const TerrainOptions& options);

  [[nodiscard]] const Problem& problem() const { return problem_; }
  /// Whether every candidate was asked for.
  [[nodiscard]] bool complete() const { return !table_.empty(); }
  [[nodiscard]] std::size_t tried() const { return tried_; }
  [[nodiscard]] const std::vector<Configuration>& failing() const { return failing_; }
  [[nodiscard]] std::optional<Failure> reason() const { return reason_; }
  /// Working candidates, the best first; of equals, in the order of the space.
  [[nodiscard]] const std::vector<Configuration>& candidates() const { return candidates_; }
  /// True values, smaller is better.
  [[nodiscard]] const std::vector<double>& losses() const { return losses_; }
  /// From the best, 0 to 1; equals share theirs.
  [[nodiscard]] const std::vector<double>& ranks() const { return ranks_; }
  /// Where a loss would stand among the candidates.
  [[nodiscard]] double rank_of(double loss) const;
  /// Nothing of a candidate that fails.
  [[nodiscard]] std::optional<double> loss(const Configuration& configuration) const;
  /// Each other candidate that differs in one parameter, failing ones included; of numeric parameters of many
  /// levels, some.
  void neighbours(const Configuration& of, const std::function<void(const Configuration&)>& visit) const;
  /// One of them at random.
  [[nodiscard]] Configuration edited(const Configuration& of, Random& random) const;

  /// A class for each level, and how many each parameter has.
  [[nodiscard]] std::size_t class_of(std::size_t parameter, const Configuration& configuration) const;
  [[nodiscard]] std::size_t classes(std::size_t parameter) const;

 private:
  void add(Configuration configuration, double loss);
  [[nodiscard]] std::optional<double> ask(const Configuration& configuration);
  void go_through();
  void sample(std::size_t samples);
  void sort();
  [[nodiscard]] std::size_t index(const Configuration& configuration) const;

  const Problem& problem_;
  const SearchSpace& space_;
  std::size_t tried_ = 0;
  std::optional<Failure> reason_;
  std::vector<Configuration> candidates_, failing_;
  std::vector<double> losses_, ranks_;
  std::vector<double> table_;  // losses of all by index; NaN: fails
};

/// Trains a candidate in full, with the repeat-th seed.
[[nodiscard]] Outcome trained(const Problem& problem, const Configuration& configuration, double amount,
                              std::uint32_t repeat);

}  // namespace tonne
