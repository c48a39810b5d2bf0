#pragma once
// The acquisition functions of `gp`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "core/units.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/gaussian_process.h"

namespace tonne::gp {

enum class Acquisition : std::uint8_t { log_ei, ei, ucb, thompson, log_ei_per_co2e };
inline constexpr std::array<std::string_view, 5> kAcquisitionNames = {"log_ei", "ei", "ucb", "thompson",
                                                                      "log_ei_per_co2e"};

/// What the model says, as a function of encoded points.
struct Model {
  const GaussianProcess* loss = nullptr;         // null: no finite loss yet
  const GaussianProcess* log_cost = nullptr;     // null: costs do not count
  std::span<const GaussianProcess> constraints;  // satisfied where <= 0
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

/// The expected improvement, its logarithm or a confidence bound. With constraints an expected improvement is
/// multiplied by the probability of feasibility (Gardner et al. 2014, "Bayesian Optimization with Inequality
/// Constraints"), eq. 6; until there is a loss that probability is all. A confidence bound gains its
/// logarithm in units of the losses' deviation (this program's choice).
class Scorer final : public AcquisitionFunction {
 public:
  /// `inflation` multiplies the posterior deviation, as a larger signal variance would under the same data.
  Scorer(const Model& model, Acquisition acquisition, double root_beta, double inflation);

  void double_inflation() { inflation_ *= 2.0; }
  void score(const PointSet& points, std::vector<double>& scores) override;
  double score(const PointSet& points, Eigen::Index row, Eigen::VectorXd& gradient) override;
  /// Whether the noise hides what an observation there could tell.
  bool overexploited(const PointSet& points, double share);
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  [[nodiscard]] double feasibility_weight() const;
  [[nodiscard]] double of_loss(double mean, double deviation) const;

  Model model_;
  Acquisition acquisition_;
  double root_beta_;
  double inflation_;
  double best_;
  BatchPrediction batch_;
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

}  // namespace tonne::gp
