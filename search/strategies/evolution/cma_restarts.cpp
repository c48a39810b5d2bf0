#include "search/strategies/evolution/cma_restarts.h"

#include <algorithm>
#include <cmath>

namespace tonne {

CmaRestarts::CmaRestarts(Restarts scheme, std::size_t population, double sigma)
    : scheme_(scheme),
      first_population_(population),
      first_sigma_(sigma),
      run_{population, sigma, 0},
      large_population_(population) {}

void CmaRestarts::advance(std::size_t evaluations, Random& random) {
  if (scheme_ == Restarts::none) return;
  if (regime_ != Regime::first) spent_[static_cast<std::size_t>(regime_)] += evaluations;
  if (regime_ == Regime::large) last_large_ = evaluations;
  if (scheme_ == Restarts::ipop || spent_[0] <= spent_[1]) return enlarge();
  shrink(random);
}

void CmaRestarts::enlarge() {
  regime_ = Regime::large;
  large_population_ *= 2;
  run_ = {large_population_, first_sigma_, 0};
}

void CmaRestarts::shrink(Random& random) {
  regime_ = Regime::small;
  const double ratio = 0.5 * static_cast<double>(large_population_) / static_cast<double>(first_population_);
  const double u = random.uniform();
  const double v = random.uniform();
  const double population = static_cast<double>(first_population_) * std::pow(ratio, u * u);
  run_ = {static_cast<std::size_t>(population), first_sigma_ * std::pow(10.0, -2.0 * v),
          std::max<std::size_t>(last_large_ / 2, 1)};
}

}  // namespace tonne
