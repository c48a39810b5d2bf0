#pragma once
// The fit itself: figures of one cluster's machine, to runs.

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cost_models/machine_model.h"
#include "experiments/measured/fitted_figures.h"
#include "experiments/measured/measurements.h"

namespace tonne {

/// One figure after the fit. Values are shares, seconds or watts.
struct CalibratedFigure {
  FittedFigure figure = FittedFigure::utilisation;
  double before = 0.0;  ///< the catalogue's, or the default
  double value = 0.0;
  double low = 0.0;  ///< 90 % interval
  double high = 0.0;
  /// Width of the interval over that before the fit, on its scale: near 1, the rows tell nothing.
  double told = 1.0;
  /// How far the fit went from the figure before it, in standard deviations before the fit. What moves is told, if only
  /// together with another figure (rows of one network tell arithmetic and traffic by their sum), or is driven
  /// to an end where the model is flat.
  double moved = 0.0;
  [[nodiscard]] bool identified() const { return told < 0.7 || moved > 0.25; }
};

/// The cluster whose figures are fitted, for one kind of work, and how they enter its machine.
class FittedMachine {
 public:
  /// `example`: any of the runs' work. Throws InputError as resolve_machine().
  FittedMachine(const ClusterSettings& cluster, const Workload& example);
  [[nodiscard]] WorkKind kind() const { return kind_; }
  [[nodiscard]] Precision precision() const { return precision_; }
  /// What the figure is without a fit.
  [[nodiscard]] double before(FittedFigure figure) const { return before_[static_cast<std::size_t>(figure)]; }
  [[nodiscard]] const MachineParameters& machine() const { return machine_; }
  /// The machine with values of some figures, one for each.
  [[nodiscard]] MachineParameters with(std::span<const FittedFigure> figures, std::span<const double> values) const;

 private:
  MachineParameters machine_;
  WorkKind kind_ = WorkKind::other;
  Precision precision_ = Precision::fp32;
  std::array<double, kFittedFigures> before_{};
};

/// Maximum a posteriori of some figures: see calibrate(). The residuals are the logarithms of time, of mean power where
/// energy was measured, and of idle power where it was read.
class MachineFit {
 public:
  /// `machine` outlives the fit.
  MachineFit(const FittedMachine& machine, std::vector<FittedFigure> figures, std::vector<MeasuredRun> runs,
             MeasuredEnergy energy);
  void run();
  [[nodiscard]] MachineParameters machine() const { return model_.with(figures_, values()); }
  /// The i-th figure, with its interval. Precondition: run.
  [[nodiscard]] CalibratedFigure figure(std::size_t i) const;

 private:
  enum class Residual : std::uint8_t { time, power, idle };
  [[nodiscard]] std::vector<double> values() const { return values_at(x_); }
  [[nodiscard]] std::vector<double> values_at(const Eigen::VectorXd& x) const;
  [[nodiscard]] double value_at(FittedFigure figure, double x) const;
  [[nodiscard]] double degrees_of_freedom() const;
  [[nodiscard]] Eigen::VectorXd residuals_at(const Eigen::VectorXd& x) const;
  [[nodiscard]] Residual kind_of(Eigen::Index i) const;
  [[nodiscard]] double spread_of(Eigen::Index i) const;
  void estimate_spreads(const Eigen::VectorXd& residuals);
  [[nodiscard]] Eigen::VectorXd weights_of(const Eigen::VectorXd& residuals) const;
  [[nodiscard]] Eigen::MatrixXd jacobian_at(const Eigen::VectorXd& x) const;
  [[nodiscard]] Eigen::VectorXd prior_precision() const;
  [[nodiscard]] double loss(const Eigen::VectorXd& x, const Eigen::VectorXd& weights) const;
  bool improve(const Eigen::VectorXd& weights);
  void estimate_covariance(const Eigen::VectorXd& residuals);

  const FittedMachine& model_;
  std::vector<FittedFigure> figures_;
  std::vector<MeasuredRun> runs_;
  MeasuredEnergy energy_;
  Eigen::VectorXd x_, prior_;
  Eigen::MatrixXd covariance_;
  Eigen::Index powers_ = 0;  // residuals of power
  std::size_t groups_ = 0;
  double prior_weight_ = 1.0;
  double ceiling_ = 0.0;     // of idle power, W
  bool reads_idle_ = false;  // idle power is fitted, and readings of it count
  double time_spread_ = 0.1;
  double power_spread_ = 0.1;
};

}  // namespace tonne
