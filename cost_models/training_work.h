#pragma once
// From what a paper tells of a training (parameters, tokens, optimiser) to its work.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/problem.h"
#include "core/units.h"

namespace tonne {

/// Plain stochastic gradient descent; with momentum (Polyak 1964); Adam (Kingma & Ba 2015).
enum class Optimizer : std::uint8_t { sgd, momentum, adam };
inline constexpr std::array<std::string_view, 3> kOptimizerNames = {"sgd", "momentum", "adam"};

/// What one parameter costs in one step of an optimiser, and what it occupies.
struct OptimizerCost {
  /// Arithmetic, counted from the update rules: w -= a g (2); v = m v + g, w -= a v (4); Adam (12): 3 for the
  /// first moment, 4 for the second, 5 for the update in its efficient form (Kingma & Ba 2015, section 2).
  Work flops{};
  /// Read gradient and weight, write the weight (12 bytes in fp32), read and write each moment (8 each). With
  /// 16-bit training the fp32 master copy is read and written, the gradient read and the weight written in 16
  /// bits (Micikevicius et al. 2018): the same sum.
  Bytes traffic{};
  /// Weight, gradient, moments in fp32, and below fp32 a master copy of the weight: 16 bytes for Adam both in
  /// fp32 and in 16 bits (Rajbhandari et al. 2020, ZeRO, section 3.1). Activations are not in it.
  Bytes memory{};
};
[[nodiscard]] OptimizerCost optimizer_cost(Optimizer optimizer, Precision precision);

/// A forward and a backward pass cost three forward passes: the backward pass computes the gradients of both
/// the activations and the weights, each as costly as the forward pass (Kaplan et al. 2020, section 2.1).
inline constexpr double kPassesOfTraining = 3.0;
/// A forward pass does one multiply and one add per parameter and token; so training does 6 N D in all
/// (Kaplan et al. 2020, equation 2.2 and section 2.1).
inline constexpr double kForwardFlopsPerParameter = 2.0;

/// One training.
struct TrainingWork {
  double parameters = 0.0;  ///< trainable weights; of a mixture of experts, those that one token activates
  double samples = 0.0;     ///< in one epoch; the samples of a language model are its tokens
  double epochs = 1.0;
  /// Samples in one optimiser step. Absent: the number of steps is unknown, and with it the optimiser's work
  /// and the fixed time of steps, which are then left out.
  std::optional<double> batch = std::nullopt;
  /// One forward pass over one sample, a multiply-add counted as 2. Absent: 2 FLOPs per parameter.
  std::optional<Work> forward = std::nullopt;
  Optimizer optimizer = Optimizer::adam;
  Precision precision = Precision::fp16;
};

/// Forward and backward passes over all samples and epochs, without the optimiser.
[[nodiscard]] Work passes_work(const TrainingWork& training);

/// All of it: passes and optimiser, its memory traffic (the optimiser's alone: that of the passes depends on
/// the layers), its memory (without activations).
[[nodiscard]] Workload training_workload(const TrainingWork& training);

}  // namespace tonne
