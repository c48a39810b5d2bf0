#pragma once
// Costs of convolutional networks, summed layer by layer, and the work of training and of using them.

#include "core/problem.h"

namespace tonne {

/// Sums over the layers of a network, for one sample. Numbers, not bytes.
struct ConvolutionalCosts {
  double multiply_accumulates = 0.0;
  double activations = 0.0;  ///< outputs of convolutions, normalisations and linear layers
  double parameters = 0.0;   ///< trainable

  /// A convolution without bias. `positions`: pixels of its output; `kernel`: pixels of its filter.
  void convolution(double in, double out, double kernel, double positions) {
    add(in * out * kernel, out, positions);
  }
  /// One filter for each channel.
  void depthwise(double channels, double kernel, double positions) {
    add(channels * kernel, channels, positions);
  }
  /// Batch normalisation: scale and shift of each channel.
  void normalisation(double channels, double positions) {
    parameters += 2.0 * channels;
    activations += channels * positions;
  }
  void bias(double channels) { parameters += channels; }
  /// As many more of a part; exact, since all sums are whole numbers below 2^53.
  void add_times(double times, const ConvolutionalCosts& part) {
    multiply_accumulates += times * part.multiply_accumulates;
    activations += times * part.activations;
    parameters += times * part.parameters;
  }
  /// A linear layer with bias.
  void linear(double in, double out) {
    add(in * out, out, 1.0);
    bias(out);
  }

 private:
  void add(double weights, double out, double positions) {
    parameters += weights;
    multiply_accumulates += weights * positions;
    activations += out * positions;
  }
};

/// Training of a network in fp32 by SGD with momentum on `samples` samples in `steps` steps of `batch`.
/// Backward passes cost twice the forward one; an activation is accessed five times, a weight eight times a
/// step (as in cell_nas).
[[nodiscard]] inline Workload training_work(const ConvolutionalCosts& costs, double samples, double steps,
                                            double batch) {
  constexpr double bytes = 4.0;
  Workload work;
  work.samples = samples;
  work.steps = steps;
  work.parameters = costs.parameters;
  work.flops = Work::from_base(3.0 * 2.0 * costs.multiply_accumulates * samples);
  work.traffic =
      Bytes::from_base(bytes * (5.0 * costs.activations * samples + 8.0 * costs.parameters * steps));
  work.memory = Bytes::from_base(bytes * (3.0 * costs.parameters + batch * costs.activations));
  return work;
}

/// One sample forward, batch 1: each activation is written and read, each weight read.
[[nodiscard]] inline Workload inference_work(const ConvolutionalCosts& costs, Precision precision) {
  const double bytes = precision == Precision::int8 ? 1.0 : 4.0;
  Workload work;
  work.samples = 1.0;
  work.parameters = costs.parameters;
  work.precision = precision;
  work.flops = Work::from_base(2.0 * costs.multiply_accumulates);
  work.traffic = Bytes::from_base(bytes * (2.0 * costs.activations + costs.parameters));
  work.memory = work.traffic;
  return work;
}

/// Share of the way from chance to the asymptote after some epochs, 0 at 0 and 1 at `full`: pow3 with
/// exponent -1, whose `constant` is the epochs to half the way of an endless training.
[[nodiscard]] inline double growth(double epochs, double constant, double full) {
  return epochs * (constant + full) / (full * (epochs + constant));
}

}  // namespace tonne
