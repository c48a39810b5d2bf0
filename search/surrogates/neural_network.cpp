#include "search/surrogates/neural_network.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

namespace tonne {
namespace {

constexpr float kBeta1 = 0.9F;
constexpr float kBeta2 = 0.99F;    // naszilla's
constexpr float kEpsilon = 1e-7F;  // Keras's

}  // namespace

NeuralNetwork::NeuralNetwork(std::size_t inputs, const NetworkOptions& options) : options_(options) {
  std::size_t parameters = 0;
  std::size_t units = inputs;
  std::size_t from = inputs;
  for (std::size_t i = 0; i <= options.layers; ++i) {
    const std::size_t to = i < options.layers ? options.width : 1;
    layers_.push_back({from, to, parameters, units});
    parameters += (from + 1) * to;
    units += to;
    from = to;
  }
  // Padded to whole packets, so that no element is treated apart.
  const auto size = static_cast<Eigen::Index>((parameters + 15) / 16 * 16);
  parameters_.setZero(size);
  gradient_.setZero(size);
  values_.resize(units);
  deltas_.resize(units);
}

void NeuralNetwork::draw_weights(Random random) {
  parameters_.setZero();
  first_moment_.setZero(parameters_.size());
  second_moment_.setZero(parameters_.size());
  decay_1_ = 1.0;
  decay_2_ = 1.0;
  for (const Layer& layer : layers_) {
    const double bound = std::sqrt(6.0 / static_cast<double>(layer.inputs + layer.outputs));
    for (std::size_t w = 0; w < layer.inputs * layer.outputs; ++w)
      parameters_[static_cast<Eigen::Index>(layer.weights + w)] =
          static_cast<float>(random.uniform(-bound, bound));
  }
}

// Lanes without a row are the origin: their derivatives are zero, their predictions unread.
void NeuralNetwork::load(std::span<const float> points, const std::vector<std::uint32_t>& rows) {
  const std::size_t inputs = layers_.front().inputs;
  for (std::size_t j = 0; j < inputs; ++j) values_[j].setZero();
  for (std::size_t k = 0; k < rows.size(); ++k)
    for (std::size_t j = 0; j < inputs; ++j)
      values_[j][static_cast<Eigen::Index>(k)] = points[rows[k] * inputs + j];
}

void NeuralNetwork::forwards() {
  for (const Layer& layer : layers_) {
    const Lanes* in = values_.data() + layer.units - layer.inputs;
    Lanes* out = values_.data() + layer.units;
    const float* weight = parameters_.data() + layer.weights;
    const float* bias = weight + layer.inputs * layer.outputs;
    const bool hidden = &layer != &layers_.back();
    for (std::size_t o = 0; o < layer.outputs; ++o) {
      Lanes sum = Lanes::Constant(bias[o]);
      for (std::size_t i = 0; i < layer.inputs; ++i) sum += *weight++ * in[i];
      out[o] = hidden ? Lanes(sum.max(0.0F)) : sum;
    }
  }
}

// From the derivatives by the output, which stand in deltas_.back().
void NeuralNetwork::backwards() {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const Lanes* in = values_.data() + layer->units - layer->inputs;
    Lanes* delta_in = deltas_.data() + layer->units - layer->inputs;
    const Lanes* delta = deltas_.data() + layer->units;
    const float* weight = parameters_.data() + layer->weights;
    float* by_weight = gradient_.data() + layer->weights;
    float* by_bias = by_weight + layer->inputs * layer->outputs;
    for (std::size_t o = 0; o < layer->outputs; ++o) {
      const Lanes own = delta[o];
      by_bias[o] = own.sum();
      for (std::size_t i = 0; i < layer->inputs; ++i) *by_weight++ = (own * in[i]).sum();
    }
    if (layer->weights == 0) return;  // nothing trains below the first layer
    for (std::size_t i = 0; i < layer->inputs; ++i) {
      Lanes sum = Lanes::Zero();
      for (std::size_t o = 0; o < layer->outputs; ++o) sum += weight[o * layer->inputs + i] * delta[o];
      // The derivative of max(., 0), 1 or 0; Eigen's select is not vectorised.
      for (Eigen::Index k = 0; k < kBatch; ++k) sum[k] *= static_cast<float>(in[i][k] > 0.0F);
      delta_in[i] = sum;
    }
  }
}

// Kingma and Ba 2015, Algorithm 1, with the bias corrections in the step size as they propose (end of section
// 2).
void NeuralNetwork::step() {
  decay_1_ *= kBeta1;
  decay_2_ *= kBeta2;
  const auto rate = static_cast<float>(options_.learning_rate * std::sqrt(1.0 - decay_2_) / (1.0 - decay_1_));
  first_moment_ = kBeta1 * first_moment_ + (1.0F - kBeta1) * gradient_;
  second_moment_ = kBeta2 * second_moment_ + (1.0F - kBeta2) * gradient_.square();
  parameters_ -= rate * first_moment_ / (second_moment_.sqrt() + kEpsilon);
}

void NeuralNetwork::fit(std::span<const float> points, std::span<const double> y, Random random) {
  const std::size_t count = y.size();
  assert(count > 0 && points.size() == count * layers_.front().inputs);
  const auto n = static_cast<double>(count);
  mean_ = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double squares = 0.0;
  for (const double value : y) squares += (value - mean_) * (value - mean_);
  unit_ = squares > 0.0 ? std::sqrt(squares / n) : 1.0;
  draw_weights(random.child("weights"));
  Random order = random.child("order");
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<std::uint32_t> batch;
  for (std::size_t epoch = 0; epoch < options_.epochs; ++epoch) {
    for (std::size_t i = count; i > 1; --i) std::swap(rows[i - 1], rows[order.below(i)]);
    for (std::size_t begin = 0; begin < count; begin += kBatch) {
      const std::size_t size = std::min<std::size_t>(kBatch, count - begin);
      batch.assign(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                   rows.begin() + static_cast<std::ptrdiff_t>(begin + size));
      load(points, batch);
      forwards();
      Lanes& by_output = deltas_.back();
      by_output.setZero();
      for (std::size_t k = 0; k < size; ++k) {
        const auto lane = static_cast<Eigen::Index>(k);
        const auto target = static_cast<float>((y[batch[k]] - mean_) / unit_);
        const float error = values_.back()[lane] - target;
        by_output[lane] = static_cast<float>((error > 0.0F) - (error < 0.0F)) / static_cast<float>(size);
      }
      backwards();
      step();
    }
  }
  computed_ +=
      6.0 * n * static_cast<double>(options_.epochs) * static_cast<double>(parameters_.size()) * flop;
}

void NeuralNetwork::predict(std::span<const float> points, std::vector<double>& values) {
  const std::size_t inputs = layers_.front().inputs;
  const std::size_t count = inputs == 0 ? 0 : points.size() / inputs;
  values.resize(count);
  std::vector<std::uint32_t> batch;
  for (std::size_t begin = 0; begin < count; begin += kBatch) {
    batch.resize(std::min<std::size_t>(kBatch, count - begin));
    std::iota(batch.begin(), batch.end(), static_cast<std::uint32_t>(begin));
    load(points, batch);
    forwards();
    for (std::size_t k = 0; k < batch.size(); ++k)
      values[begin + k] = mean_ + unit_ * static_cast<double>(values_.back()[static_cast<Eigen::Index>(k)]);
  }
  computed_ += 2.0 * static_cast<double>(count) * static_cast<double>(parameters_.size()) * flop;
}

}  // namespace tonne
