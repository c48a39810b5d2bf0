#pragma once
// A small feed-forward network for regression, trained by Adam.

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/units.h"

namespace tonne {

/// Defaults: the predictor of BANANAS (White et al. 2021) as in the authors' code (naszilla).
struct NetworkOptions {
  std::size_t layers = 10;  ///< hidden ones
  std::size_t width = 20;   ///< of each
  std::size_t epochs = 150;
  float learning_rate = 0.01F;
};

/// Dense layers with rectified linear units and one linear output; mean absolute error; Adam (Kingma and Ba
/// 2015, Algorithm 1) with beta_1 = 0.9, beta_2 = 0.99, epsilon = 1e-7 on batches of 32; weights drawn
/// uniformly after Glorot and Bengio 2010. Responses are standardised within. Single precision; the same
/// input and stream give the same network on every machine of one instruction set.
class NeuralNetwork {
 public:
  NeuralNetwork(std::size_t inputs, const NetworkOptions& options);

  /// Draws new weights and trains them. `points`: y.size() rows of `inputs` values, row-major; y: at least
  /// one, finite.
  void fit(std::span<const float> points, std::span<const double> y, Random random);
  /// One value a row of `points`.
  void predict(std::span<const float> points, std::vector<double>& values);
  /// Work of all fits and predictions so far, counted from the weights: 2 operations a sample forwards, 4
  /// backwards.
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  static constexpr int kBatch = 32;
  using Lanes = Eigen::Array<float, kBatch, 1>;  // one unit's values for a batch

  struct Layer {
    std::size_t inputs;
    std::size_t outputs;
    std::size_t weights;  // where they stand in parameters_: output by output; the biases follow
    std::size_t units;    // where its outputs stand in values_
  };

  void draw_weights(Random random);
  void load(std::span<const float> points, const std::vector<std::uint32_t>& rows);
  void forwards();
  void backwards();
  void step();

  NetworkOptions options_;
  std::vector<Layer> layers_;
  Eigen::ArrayXf parameters_;
  Eigen::ArrayXf gradient_;
  Eigen::ArrayXf first_moment_;
  Eigen::ArrayXf second_moment_;
  std::vector<Lanes> values_;  // of the inputs and all units
  std::vector<Lanes> deltas_;  // derivatives of the loss by the units' sums
  double decay_1_ = 1.0;       // beta_1^t
  double decay_2_ = 1.0;
  double mean_ = 0.0;
  double unit_ = 1.0;
  Work computed_{};
};

}  // namespace tonne
