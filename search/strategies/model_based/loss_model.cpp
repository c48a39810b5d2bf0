#include "search/strategies/model_based/loss_model.h"

#include <utility>

namespace tonne {

void LossModel::fit(const PointSet& points, const std::vector<double>& losses) {
  constexpr double kWarpFrom = 1.001;  // lambda below which the losses stay as they are
  Fit plain{PowerTransform(), plain_start_};
  const double density = fit(plain, points, losses);
  plain_start_ = plain.start;
  Fit warped{PowerTransform(losses), warped_start_};
  if (warped.transform.lambda() < kWarpFrom) return;
  const bool likelier = fit(warped, points, losses) > density;
  warped_start_ = warped.start;
  if (!likelier) fit(plain, points, losses);
}

double LossModel::fit(Fit& of, const PointSet& points, const std::vector<double>& losses) {
  transform_ = of.transform;
  if (of.start) process_.set_hyperparameters(*of.start);
  std::vector<double> transformed;
  transformed.reserve(losses.size());
  for (const double loss : losses) transformed.push_back(transform_(loss));
  process_.fit(points, transformed);
  of.start = process_.hyperparameters();
  double density = process_.log_posterior();
  for (const double loss : losses) density += transform_.log_slope(loss);
  return density;
}

}  // namespace tonne
