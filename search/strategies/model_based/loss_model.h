#pragma once
// A Gaussian process of losses that are power-transformed where that makes them likelier, as `gp` has it.

#include <optional>
#include <vector>

#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/power_transform.h"

namespace tonne {

/// Fits twice, to the losses as they are and to the transformed ones, each from its own last fit; the fit stays under
/// which the losses are denser (Snelson, Rasmussen and Ghahramani 2004, "Warped Gaussian Processes").
class LossModel {
 public:
  LossModel(KernelLayout layout, GaussianProcessOptions options) : process_(std::move(layout), options) {}

  /// To at least one point, all losses finite.
  void fit(const PointSet& points, const std::vector<double>& losses);
  /// One more point, under the transform of the last fit.
  void append(const PointSet& points, Eigen::Index row, double loss) { process_.append(points, row, transform_(loss)); }

  /// Of the losses as transform() has them.
  [[nodiscard]] GaussianProcess& process() { return process_; }
  [[nodiscard]] const GaussianProcess& process() const { return process_; }
  [[nodiscard]] const PowerTransform& transform() const { return transform_; }

 private:
  struct Fit {
    PowerTransform transform;
    std::optional<LogHyperparameters> start;  // absent: where the process stands
  };
  // Log posterior density of the losses.
  double fit(Fit& of, const PointSet& points, const std::vector<double>& losses);

  GaussianProcess process_;
  PowerTransform transform_;
  std::optional<LogHyperparameters> plain_start_;
  std::optional<LogHyperparameters> warped_start_;
};

}  // namespace tonne
