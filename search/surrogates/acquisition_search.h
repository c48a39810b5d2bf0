#pragma once
// The search for the configuration with the largest acquisition: quasi-random candidates, neighbours of the
// best trials, and local search from the best of them all.

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <ranges>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"
#include "search/surrogates/encoding.h"

namespace tonne {

/// Less than any score.
inline constexpr double kPassedOver = -std::numeric_limits<double>::infinity();

/// What is maximised: a function of encoded points, finite everywhere.
class AcquisitionFunction {
 public:
  virtual ~AcquisitionFunction() = default;
  /// The score of each point.
  virtual void score(const PointSet& points, std::vector<double>& scores) = 0;
  /// The same for a search that needs to know the `most` best of the points alone, and these only where they exceed
  /// `least`: any other point may have kPassedOver instead of its score.
  virtual void score_best(const PointSet& points, std::size_t most, double least, std::vector<double>& scores) {
    static_cast<void>(most);
    static_cast<void>(least);
    score(points, scores);
  }
  /// The score of one row, with its derivatives by the point's columns (zero for categorical ones).
  virtual double score(const PointSet& points, Eigen::Index row, Eigen::VectorXd& gradient) = 0;
};

/// Pending trials that a model is told of, the latest: each is a row of a matrix that grows with their square. Beyond,
/// thousands of workers would ask for more memory than machines have.
inline constexpr std::size_t kMostFantasies = 1000;

/// The latest of the pending trials, by id, at most kMostFantasies.
[[nodiscard]] inline auto latest_pending(const std::map<std::uint64_t, Configuration>& pending) {
  const std::size_t older = pending.size() - std::min(pending.size(), kMostFantasies);
  return std::ranges::subrange(std::next(pending.begin(), static_cast<std::ptrdiff_t>(older)), pending.end());
}

struct AcquisitionSearchOptions {
  std::size_t candidates =
      2048;  ///< Sobol points, shifted digitally anew at each search; a space with fewer points is enumerated
  std::size_t local_starts = 10;  ///< of all candidates the best, refined by local search
  std::size_t neighbours = 256;   ///< candidates around the incumbents, in all
};

/// Immutable but for its scratch space; draws only from the stream that it is given.
class AcquisitionSearch {
 public:
  /// Whether a configuration must not be proposed.
  using Excluded = std::function<bool(const Configuration&)>;

  /// Space and encoding outlive the search.
  AcquisitionSearch(const SearchSpace& space, const PointEncoding& encoding,
                    const AcquisitionSearchOptions& options);

  /// The best configuration found that is not excluded; a draw() where none was found.
  [[nodiscard]] Configuration maximise(AcquisitionFunction& function,
                                       std::span<const Configuration> incumbents, const Excluded& excluded,
                                       Random& random);
  /// A uniform draw that is not excluded; any one if nothing else is left.
  [[nodiscard]] Configuration draw(const Excluded& excluded, Random& random) const;

 private:
  struct Candidate {
    Configuration configuration;
    double score = 0.0;
  };
  void enumerate(Configuration& configuration, std::size_t i);
  void tabulate_sobol();
  void add_sobol(const Excluded& excluded, Random& random);
  void add_neighbours(std::span<const Configuration> incumbents, const Excluded& excluded, Random& random);
  void mutate_discrete(Configuration& child, Random& random) const;
  // All that may be among the `most` best and exceed `least`.
  void score(std::vector<Candidate>& candidates, AcquisitionFunction& function, std::size_t most, double least);
  void refine(AcquisitionFunction& function, const Excluded& excluded, Random& random);
  void climb(Candidate& current, AcquisitionFunction& function, const Excluded& excluded, Random& random);
  [[nodiscard]] bool step(Candidate& current, AcquisitionFunction& function, const Excluded& excluded,
                          Random& random);
  void add_values(const Configuration& from, std::size_t i, const Excluded& excluded, Random& random);
  void ascend(Candidate& current, AcquisitionFunction& function) const;

  const SearchSpace& space_;
  const PointEncoding& encoding_;
  AcquisitionSearchOptions options_;
  std::vector<std::size_t> real_;      // parameters
  std::vector<std::size_t> discrete_;  // parameters
  std::vector<Configuration> all_;     // every configuration, where they are few
  std::vector<std::uint32_t> sobol_;
  std::size_t sobol_dimensions_ = 0;
  std::vector<Candidate> candidates_;
  std::vector<Candidate> steps_;
  PointSet points_;
  std::vector<double> scores_;
};

}  // namespace tonne
