#pragma once
// A recurrent policy over a sequence of discrete decisions: the controller of Zoph and Le 2017, "Neural
// Architecture Search with Reinforcement Learning", ICLR, section 3.1.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"

namespace tonne {

/// Layers of long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
/// 2000) read the decisions made so far, each as a learnt vector, and a softmax of the decision at hand reads
/// the topmost layer:
///     z = W_x x_t + W_h h_(t-1) + b,   i, f, o = sigmoid(z_i, z_f, z_o),   g = tanh(z_g)
///     c_t = f c_(t-1) + i g,   h_t = o tanh(c_t),   p = softmax(U_d h_t + a_d)
/// Decisions that are not made (inactive ones) are left out of the sequence. All parameters stand in one
/// vector.
class LstmPolicy {
 public:
  /// A decision and the index of the value chosen.
  struct Choice {
    std::size_t decision = 0;
    std::size_t value = 0;
  };

  /// `counts`: values of each decision.
  LstmPolicy(std::vector<std::size_t> counts, std::size_t layers, std::size_t hidden);

  /// Uniform in [-scale, scale].
  void initialise(double scale, Random random);
  [[nodiscard]] std::vector<double>& parameters() { return theta_; }

  /// Begins a sequence; then for each decision in turn next(), choose().
  void begin();
  /// Probabilities of the values of a decision, given the choices so far; valid until the next call.
  [[nodiscard]] std::span<const double> next(std::size_t decision);
  void choose(std::size_t value);

  [[nodiscard]] double log_probability(std::span<const Choice> sequence);
  /// gradient += weight * d log p(sequence) / d parameters, by backpropagation through time.
  void add_gradient(std::span<const Choice> sequence, double weight, std::vector<double>& gradient);

  /// Multiplications and additions so far.
  [[nodiscard]] double operations() const { return operations_; }

 private:
  // One layer at one step.
  struct Cell {
    std::vector<double> gates;  // i, f, g, o after their functions; 4 hidden
    std::vector<double> c, tanh_c, h;
  };
  struct Step {
    Choice choice;
    std::size_t input = 0;  // where in theta_ the vector that is read stands
    std::vector<Cell> cells;
    std::vector<double> probabilities;
  };

  [[nodiscard]] std::size_t matrix_size() const { return 4 * hidden_ * hidden_; }
  [[nodiscard]] std::size_t layer_at(std::size_t layer) const {
    return layers_at_ + layer * (2 * matrix_size() + 4 * hidden_);
  }
  void run_cell(std::size_t layer, const double* x, const Cell* before, Cell& cell);
  void run_softmax(Step& step);
  void run(std::span<const Choice> sequence);
  void back_cell(std::size_t layer, const double* x, const Cell* before, const Cell& cell,
                 std::vector<double>& gradient);

  std::vector<std::size_t> counts_;
  std::size_t layers_, hidden_;
  std::vector<std::size_t> embeddings_at_, outputs_at_;  // by decision
  std::size_t layers_at_ = 0;
  std::vector<double> theta_;
  std::vector<Step> steps_;  // storage is kept from sequence to sequence
  std::size_t length_ = 0;
  double operations_ = 0.0;
  // Of backpropagation: towards h and c of each layer at the step before, and towards the input of a cell.
  std::vector<std::vector<double>> to_h_, to_c_;
  std::vector<double> to_z_, to_x_;
};

}  // namespace tonne
