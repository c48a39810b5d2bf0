#pragma once
// Costs of convolutional networks, summed layer by layer, and the work of training and of using them.

#include "core/problem.h"

namespace tonne {

/// Sums over the layers of a network, for one sample. Numbers, not bytes.
struct ConvolutionalCosts {
  double multiply_accumulates = 0.0;
  double activations = 0.0;  ///< outputs of convolutions, normalisations and linear layers
  /// Activations read or written by a forward pass: a layer reads its inputs and writes its outputs, and so do
  /// normalisation and activation function, each by itself, as frameworks run them in training. With this count
  /// the measured runs of EC-NAS-Bench were fitted (docs/validation.md).
  double accesses = 0.0;
  double parameters = 0.0;  ///< trainable
  /// What a framework launches one by one in a forward pass: each convolution, normalisation, activation function,
  /// pooling, sum, concatenation and linear layer. A runtime may fuse some.
  double operations = 0.0;

  /// A convolution without bias. `positions`: pixels of its output; `kernel`: pixels of its filter.
  /// Its stride is 1: as many pixels are read.
  void convolution(double in, double out, double kernel, double positions) {
    add(in * out * kernel, out, positions);
    accesses += positions * (in + out);
  }
  /// One filter for each channel, over `in_positions` pixels of the input.
  void depthwise(double channels, double kernel, double in_positions, double positions) {
    add(channels * kernel, channels, positions);
    accesses += channels * (in_positions + positions);
  }
  /// Batch normalisation, scale and shift of each channel, and what follows it: a ReLU or another function.
  void normalisation(double channels, double positions, bool activated = true) {
    parameters += 2.0 * channels;
    activations += channels * positions;
    accesses += (activated ? 4.0 : 2.0) * channels * positions;
    operations += activated ? 2.0 : 1.0;
  }
  /// Pooling or another layer without weights. `in` and `out`: numbers that it reads and writes.
  void reshaping(double in, double out) {
    accesses += in + out;
    operations += 1.0;
  }
  void bias(double channels) { parameters += channels; }
  /// As many more of a part; exact, since all sums are whole numbers below 2^53.
  void add_times(double times, const ConvolutionalCosts& part) {
    multiply_accumulates += times * part.multiply_accumulates;
    activations += times * part.activations;
    accesses += times * part.accesses;
    parameters += times * part.parameters;
    operations += times * part.operations;
  }
  /// A linear layer with bias.
  void linear(double in, double out) {
    add(in * out, out, 1.0);
    accesses += in + out;
    bias(out);
  }

 private:
  void add(double weights, double out, double positions) {
    parameters += weights;
    multiply_accumulates += weights * positions;
    activations += out * positions;
    operations += 1.0;
  }
};

/// Training of a network, counted in fp32, by SGD with momentum on `samples` samples in `steps` steps of `batch`.
/// The backward pass costs twice the forward one, in arithmetic and in accesses of activations; a weight is
/// accessed eight times a step (as in cell_nas).
[[nodiscard]] inline Workload training_work(const ConvolutionalCosts& costs, double samples, double steps,
                                            double batch, WorkKind kind) {
  constexpr double bytes = 4.0;
  const double accesses = 3.0 * costs.accesses * samples;
  const double weights = 8.0 * costs.parameters * steps;
  Workload work;
  work.kind = kind;
  work.activation_traffic = accesses / (accesses + weights);
  work.activation_memory =
      batch * costs.activations / (3.0 * costs.parameters + batch * costs.activations);
  work.samples = samples;
  work.steps = steps;
  work.parameters = costs.parameters;
  work.flops = Work::from_base(3.0 * 2.0 * costs.multiply_accumulates * samples);
  work.traffic = Bytes::from_base(bytes * (accesses + weights));
  work.memory = Bytes::from_base(bytes * (3.0 * costs.parameters + batch * costs.activations));
  return work;
}

/// One sample forward, batch 1: each activation is written and read, each weight read.
[[nodiscard]] inline Workload inference_work(const ConvolutionalCosts& costs, Precision precision,
                                             WorkKind kind) {
  const double bytes = precision == Precision::int8 ? 1.0 : 4.0;
  Workload work;
  work.samples = 1.0;
  work.parameters = costs.parameters;
  work.precision = precision;
  work.kind = kind;
  work.activation_traffic = 1.0;  // the weights are read in the same format
  work.activation_memory = 1.0;
  work.flops = Work::from_base(2.0 * costs.multiply_accumulates);
  work.traffic = Bytes::from_base(bytes * (2.0 * costs.activations + costs.parameters));
  work.memory = work.traffic;
  work.operations = costs.operations;
  work.shared_traffic = Bytes::from_base(bytes * costs.parameters);
  return work;
}

/// Share of the way from chance to the asymptote after some epochs, 0 at 0 and 1 at `full`: pow3 with
/// exponent -1, whose `constant` is the epochs to half the way of an endless training.
[[nodiscard]] inline double growth(double epochs, double constant, double full) {
  return epochs * (constant + full) / (full * (epochs + constant));
}

}  // namespace tonne
