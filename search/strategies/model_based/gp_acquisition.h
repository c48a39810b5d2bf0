#pragma once
// The acquisition functions of `gp`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "core/units.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/gaussian_process.h"

namespace tonne::gp {

enum class Acquisition : std::uint8_t { log_ei, ei, ucb, thompson, log_ei_per_co2e, mes };
inline constexpr std::array<std::string_view, 6> kAcquisitionNames = {
    "log_ei", "ei", "ucb", "thompson", "log_ei_per_co2e", "mes"};

/// What the model says, as a function of encoded points.
struct Model {
  const GaussianProcess* loss = nullptr;         // null: no finite loss yet
  const GaussianProcess* log_cost = nullptr;     // null: costs do not count
  std::span<const GaussianProcess> constraints;  // satisfied where <= 0
  std::optional<double> best;                    // lowest mean; none: that of the points conditioned on
  double cost_exponent = 0.0;
  double unit = 1.0;  // standard deviation of the losses that the process has seen

  [[nodiscard]] Work prediction_work() const {
    Work work{};
    if (loss != nullptr) work += loss->prediction_work();
    if (log_cost != nullptr) work += log_cost->prediction_work();
    for (const GaussianProcess& process : constraints) work += process.prediction_work();
    return work;
  }
};

/// How a Scorer weighs mean and deviation.
struct Weighing {
  Acquisition acquisition = Acquisition::log_ei;
  double root_beta = 0.0;  ///< of ucb
  double inflation = 1.0;  ///< of the posterior deviation, as by a larger signal variance under the same data
  std::size_t minima = 10;  ///< of mes
};

/// The expected improvement, its logarithm, a confidence bound or the information about the minimum. With
/// constraints an improvement or an information is multiplied by the probability of feasibility (Gardner et
/// al. 2014, "Bayesian Optimization with Inequality Constraints", eq. 6); until there is a loss that
/// probability is all. A confidence bound gains its logarithm in units of the losses' deviation (this
/// program's choice).
class Scorer final : public AcquisitionFunction {
 public:
  /// `random` draws the minima of mes, from the posterior at the points of the first batch. `scratch` outlives the
  /// scorer.
  Scorer(const Model& model, const Weighing& weighing, Random random, BatchPrediction& scratch);

  void double_inflation() { weighing_.inflation *= 2.0; }
  void score(const PointSet& points, std::vector<double>& scores) override;
  void score_best(const PointSet& points, std::size_t most, double least, std::vector<double>& scores) override;
  double score(const PointSet& points, Eigen::Index row, Eigen::VectorXd& gradient) override;
  /// Whether the noise hides what an observation there could tell.
  bool overexploited(const PointSet& points, double share);
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  [[nodiscard]] bool has_bound() const;
  [[nodiscard]] double feasibility_weight() const;
  [[nodiscard]] double of_loss(double mean, double deviation) const;
  [[nodiscard]] Work weighing_work() const;
  void draw_minima();
  [[nodiscard]] AcquisitionValue of_loss_with_gradient(double mean, double deviation) const;

  Model model_;
  Weighing weighing_;
  Random random_;
  double best_;
  std::vector<double> minima_;
  BatchPrediction& batch_;
  PointPrediction point_;
  Work computed_{};
};

/// Thompson sampling: one joint draw of the posterior over the candidates (Russo et al. 2018, "A Tutorial on
/// Thompson Sampling"). Of the constraints' processes too: a candidate that violates one in its draw comes
/// behind all that do not (Eriksson and Poloczek 2021, "Scalable Constrained Bayesian Optimization").
class Draw final : public AcquisitionFunction {
 public:
  Draw(const Model& model, Random random) : model_(model), random_(random) {}

  void score(const PointSet& points, std::vector<double>& scores) override;
  double score(const PointSet&, Eigen::Index, Eigen::VectorXd&) override {
    return 0.0;
  }  // nothing is refined
  [[nodiscard]] Work computed() const { return computed_; }
  /// How often a draw's jitter had to be raised.
  [[nodiscard]] std::size_t raises() const { return raises_; }

 private:
  void draw(const GaussianProcess& process, const PointSet& points);

  Model model_;
  Random random_;
  std::vector<double> sample_;
  Work computed_{};
  std::size_t raises_ = 0;
};

/// A function of points with one more column, the position of a fidelity, as a function of points without it.
class AtLevel final : public AcquisitionFunction {
 public:
  AtLevel(AcquisitionFunction& function, double level) : function_(function), level_(level) {}

  void score(const PointSet& points, std::vector<double>& scores) override;
  void score_best(const PointSet& points, std::size_t most, double least, std::vector<double>& scores) override;
  double score(const PointSet& points, Eigen::Index row, Eigen::VectorXd& gradient) override;

 private:
  void lift_all(const PointSet& points);
  void lift(const PointSet& points, Eigen::Index row, Eigen::Index to);

  AcquisitionFunction& function_;
  double level_;
  PointSet lifted_;
  Eigen::VectorXd gradient_;
};

}  // namespace tonne::gp
