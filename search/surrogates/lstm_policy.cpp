#include "search/surrogates/lstm_policy.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tonne {
namespace {

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

// out += W x; W by columns, so that each out is summed in one order however the compiler vectorises.
void add_product(const double* w, std::size_t rows, std::size_t columns, const double* x, double* out) {
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t r = 0; r < rows; ++r) out[r] += w[c * rows + r] * x[c];
}

// out += W^T y, in four sums of fixed order.
void add_transposed(const double* w, std::size_t rows, std::size_t columns, const double* y, double* out) {
  for (std::size_t c = 0; c < columns; ++c) {
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    for (std::size_t r = 0; r < rows; ++r) sums[r % 4] += w[c * rows + r] * y[r];
    out[c] += (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}

// W's gradient += y x^T
void add_outer(const double* y, std::size_t rows, const double* x, std::size_t columns, double* out) {
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t r = 0; r < rows; ++r) out[c * rows + r] += y[r] * x[c];
}

}  // namespace

LstmPolicy::LstmPolicy(std::vector<std::size_t> counts, std::size_t layers, std::size_t hidden)
    : counts_(std::move(counts)), layers_(layers), hidden_(hidden) {
  std::size_t size = hidden_;  // what the first step reads
  for (const std::size_t count : counts_) {
    embeddings_at_.push_back(size);
    size += count * hidden_;
  }
  layers_at_ = size;
  size = layer_at(layers_);
  for (const std::size_t count : counts_) {
    outputs_at_.push_back(size);
    size += count * (hidden_ + 1);
  }
  theta_.resize(size);
  to_h_.assign(layers_, std::vector<double>(hidden_));
  to_c_ = to_h_;
  to_z_.resize(4 * hidden_);
  to_x_.resize(hidden_);
}

void LstmPolicy::initialise(double scale, Random random) {
  for (double& value : theta_) value = scale * (2.0 * random.uniform() - 1.0);
}

void LstmPolicy::begin() {
  length_ = 0;
}

std::span<const double> LstmPolicy::next(std::size_t decision) {
  if (length_ == steps_.size()) {
    const Cell cell{std::vector<double>(4 * hidden_), std::vector<double>(hidden_),
                    std::vector<double>(hidden_), std::vector<double>(hidden_)};
    steps_.push_back({{}, 0, std::vector<Cell>(layers_, cell), {}});
  }
  Step& step = steps_[length_];
  const Step* before = length_ == 0 ? nullptr : &steps_[length_ - 1];
  step.choice.decision = decision;
  step.input = before ? embeddings_at_[before->choice.decision] + before->choice.value * hidden_ : 0;
  for (std::size_t layer = 0; layer < layers_; ++layer) {
    const double* x = layer == 0 ? &theta_[step.input] : step.cells[layer - 1].h.data();
    run_cell(layer, x, before ? &before->cells[layer] : nullptr, step.cells[layer]);
  }
  run_softmax(step);
  ++length_;
  return step.probabilities;
}

void LstmPolicy::choose(std::size_t value) {
  steps_[length_ - 1].choice.value = value;
}

void LstmPolicy::run_cell(std::size_t layer, const double* x, const Cell* before, Cell& cell) {
  const std::size_t rows = 4 * hidden_;
  const double* w_x = &theta_[layer_at(layer)];
  const double* w_h = w_x + matrix_size();
  const double* b = w_h + matrix_size();
  std::copy(b, b + rows, cell.gates.begin());
  add_product(w_x, rows, hidden_, x, cell.gates.data());
  if (before) add_product(w_h, rows, hidden_, before->h.data(), cell.gates.data());
  for (std::size_t j = 0; j < hidden_; ++j) {
    double& i = cell.gates[j];
    double& f = cell.gates[hidden_ + j];
    double& g = cell.gates[2 * hidden_ + j];
    double& o = cell.gates[3 * hidden_ + j];
    i = sigmoid(i);
    f = sigmoid(f);
    g = std::tanh(g);
    o = sigmoid(o);
    cell.c[j] = i * g + (before ? f * before->c[j] : 0.0);
    cell.tanh_c[j] = std::tanh(cell.c[j]);
    cell.h[j] = o * cell.tanh_c[j];
  }
  operations_ += 4.0 * static_cast<double>(matrix_size());
}

void LstmPolicy::run_softmax(Step& step) {
  const std::size_t count = counts_[step.choice.decision];
  const double* u = &theta_[outputs_at_[step.choice.decision]];
  std::vector<double>& p = step.probabilities;
  p.assign(u + count * hidden_, u + count * (hidden_ + 1));
  add_product(u, count, hidden_, step.cells.back().h.data(), p.data());
  const double top = *std::ranges::max_element(p);
  double sum = 0.0;
  for (double& value : p) sum += value = std::exp(value - top);
  for (double& value : p) value /= sum;
  operations_ += 2.0 * static_cast<double>(count * hidden_);
}

void LstmPolicy::run(std::span<const Choice> sequence) {
  begin();
  for (const Choice& choice : sequence) {
    (void)next(choice.decision);
    choose(choice.value);
  }
}

double LstmPolicy::log_probability(std::span<const Choice> sequence) {
  run(sequence);
  double sum = 0.0;
  for (std::size_t t = 0; t < length_; ++t) sum += std::log(steps_[t].probabilities[steps_[t].choice.value]);
  return sum;
}

void LstmPolicy::add_gradient(std::span<const Choice> sequence, double weight,
                              std::vector<double>& gradient) {
  run(sequence);
  for (std::size_t layer = 0; layer < layers_; ++layer) {
    std::ranges::fill(to_h_[layer], 0.0);
    std::ranges::fill(to_c_[layer], 0.0);
  }
  std::vector<double> to_logits;
  for (std::size_t t = length_; t-- > 0;) {
    const Step& step = steps_[t];
    const std::size_t decision = step.choice.decision;
    const std::size_t count = counts_[decision];
    // d log softmax = 1[k = a] - p_k
    to_logits.assign(count, 0.0);
    for (std::size_t k = 0; k < count; ++k)
      to_logits[k] = weight * ((k == step.choice.value ? 1.0 : 0.0) - step.probabilities[k]);
    const std::size_t out = outputs_at_[decision];
    add_outer(to_logits.data(), count, step.cells.back().h.data(), hidden_, &gradient[out]);
    for (std::size_t k = 0; k < count; ++k) gradient[out + count * hidden_ + k] += to_logits[k];
    add_transposed(&theta_[out], count, hidden_, to_logits.data(), to_h_.back().data());
    for (std::size_t layer = layers_; layer-- > 0;) {
      const double* x = layer == 0 ? &theta_[step.input] : step.cells[layer - 1].h.data();
      back_cell(layer, x, t == 0 ? nullptr : &steps_[t - 1].cells[layer], step.cells[layer], gradient);
      double* below = layer == 0 ? &gradient[step.input] : to_h_[layer - 1].data();
      for (std::size_t j = 0; j < hidden_; ++j) below[j] += to_x_[j];
    }
  }
  operations_ += 2.0 * static_cast<double>(length_ * layers_) * 4.0 * static_cast<double>(matrix_size());
}

// Turns to_h_ and to_c_ of this step into those of the step before, and fills to_x_.
void LstmPolicy::back_cell(std::size_t layer, const double* x, const Cell* before, const Cell& cell,
                           std::vector<double>& gradient) {
  const std::size_t rows = 4 * hidden_;
  const std::size_t at = layer_at(layer);
  for (std::size_t j = 0; j < hidden_; ++j) {
    const double i = cell.gates[j];
    const double f = cell.gates[hidden_ + j];
    const double g = cell.gates[2 * hidden_ + j];
    const double o = cell.gates[3 * hidden_ + j];
    const double dh = to_h_[layer][j];
    const double dc = to_c_[layer][j] + dh * o * (1.0 - cell.tanh_c[j] * cell.tanh_c[j]);
    to_z_[j] = dc * g * i * (1.0 - i);
    to_z_[hidden_ + j] = before ? dc * before->c[j] * f * (1.0 - f) : 0.0;
    to_z_[2 * hidden_ + j] = dc * i * (1.0 - g * g);
    to_z_[3 * hidden_ + j] = dh * cell.tanh_c[j] * o * (1.0 - o);
    to_c_[layer][j] = dc * f;
  }
  add_outer(to_z_.data(), rows, x, hidden_, &gradient[at]);
  if (before) add_outer(to_z_.data(), rows, before->h.data(), hidden_, &gradient[at + matrix_size()]);
  for (std::size_t r = 0; r < rows; ++r) gradient[at + 2 * matrix_size() + r] += to_z_[r];
  std::ranges::fill(to_x_, 0.0);
  add_transposed(&theta_[at], rows, hidden_, to_z_.data(), to_x_.data());
  std::ranges::fill(to_h_[layer], 0.0);
  if (before) add_transposed(&theta_[at + matrix_size()], rows, hidden_, to_z_.data(), to_h_[layer].data());
}

}  // namespace tonne
