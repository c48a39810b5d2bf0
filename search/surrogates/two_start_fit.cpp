#include "search/surrogates/two_start_fit.h"

#include <cmath>

namespace tonne {

void fit_from_two_starts(GaussianProcess& process, const PointSet& points,
                         const std::vector<double>& targets) {
  constexpr double kLittleNoise = 1e-4;  // variance, of standardised targets
  process.fit(points, targets);
  const LogHyperparameters first = process.hyperparameters();
  Eigen::VectorXd gradient(first.size());
  const double value = process.log_posterior(first, gradient);
  LogHyperparameters start = process.prior_mode();
  start.head(start.size() - 2).setZero();
  start[start.size() - 1] = std::log(kLittleNoise);
  process.set_hyperparameters(start);
  process.fit(points, targets);
  if (process.log_posterior(process.hyperparameters(), gradient) > value) return;
  process.set_hyperparameters(first);
  process.condition(points, targets);
}

}  // namespace tonne
