#pragma once
// With which population and step size CMA-ES begins again.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/random.h"

namespace tonne {

enum class Restarts : std::uint8_t { ipop, bipop, none };
inline constexpr std::array<std::string_view, 3> kRestartsNames = {"ipop", "bipop", "none"};

/// `ipop` (Auger and Hansen 2005): twice the population of the last run. `bipop` (Hansen 2009, "Benchmarking
/// a BI-Population CMA-ES on the BBOB-2009 Function Testbed"): two regimes, of which the one goes on that has
/// had fewer evaluations. Large runs have twice the population of the last large one. Small runs have
/// lambda_0 (lambda_large / 2 lambda_0)^(u^2) candidates and begin with sigma_0 10^(-2 v), u and v uniform,
/// and end after half of the evaluations of the last large run. The first run belongs to neither.
class CmaRestarts {
 public:
  CmaRestarts(Restarts scheme, std::size_t population, double sigma);

  struct Run {
    std::size_t population = 0;
    double sigma = 0.0;
    std::size_t most_evaluations = 0;  ///< 0: as many as it takes
  };
  [[nodiscard]] const Run& run() const { return run_; }
  /// The next run, after one that has had so many evaluations.
  void advance(std::size_t evaluations, Random& random);

 private:
  void enlarge();
  void shrink(Random& random);

  Restarts scheme_;
  std::size_t first_population_;
  double first_sigma_;
  Run run_;
  std::size_t large_population_;
  std::size_t last_large_ = 0;                 // evaluations
  std::array<std::size_t, 2> spent_ = {0, 0};  // by large and small runs
  enum class Regime : std::uint8_t { large, small, first } regime_ = Regime::first;
};

}  // namespace tonne
