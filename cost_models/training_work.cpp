#include "cost_models/training_work.h"

#include <array>
#include <cstddef>

#include "cost_models/training_figures.h"

namespace tonne {
namespace {

constexpr double kMasterBytes = 4.0;
constexpr double kMomentBytes = 4.0;
// By Optimizer.
constexpr std::array<double, 3> kMoments = {0.0, 1.0, 2.0};
constexpr std::array<double, 3> kUpdateFlops = {2.0, 4.0, 12.0};

}  // namespace

OptimizerCost optimizer_cost(Optimizer optimizer, Precision precision) {
  const auto rule = static_cast<std::size_t>(optimizer);
  const double value = bytes_of_activation(precision);  // of a weight, too
  const bool has_master = precision != Precision::fp32 && precision != Precision::tf32;
  const double moments = kMoments[rule] * kMomentBytes;
  const double update = has_master ? value + 2.0 * kMasterBytes + value : 3.0 * value;
  OptimizerCost cost;
  cost.flops = kUpdateFlops[rule] * flop;
  cost.traffic = (update + 2.0 * moments) * byte;
  cost.memory = (2.0 * value + (has_master ? kMasterBytes : 0.0) + moments) * byte;
  return cost;
}

Work passes_work(const TrainingWork& training) {
  const Work forward = training.forward.value_or(kForwardFlopsPerParameter * training.parameters * flop);
  return kPassesOfTraining * training.samples * training.epochs * forward;
}

Workload training_workload(const TrainingWork& training) {
  const OptimizerCost update = optimizer_cost(training.optimizer, training.precision);
  Workload work;
  work.samples = training.samples * training.epochs;
  work.parameters = training.parameters;
  work.precision = training.precision;
  work.steps = training.batch ? work.samples / *training.batch : 0.0;
  work.flops = passes_work(training) + work.steps * training.parameters * update.flops;
  work.traffic = work.steps * training.parameters * update.traffic;
  work.memory = training.parameters * update.memory;
  return work;
}

}  // namespace tonne
