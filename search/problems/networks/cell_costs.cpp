#include "search/problems/networks/cell_costs.h"

#include <cmath>

#include "core/units.h"
#include "search/problems/landscape/fp32.h"
#include "search/problems/networks/transnas_network.h"

namespace tonne::cell_nas {
namespace {

// SGD with momentum keeps a weight, its gradient and its momentum; Adam one number more.
constexpr double kNumbersPerWeight = 3.0;
// An activation is written and read in the forward pass; the backward pass reads it and writes and reads its
// gradient.
constexpr double kAccessesPerActivation = 5.0;
// A step reads a weight twice (forward, backward) and writes its gradient; the update reads weight, gradient
// and momentum and writes weight and momentum. Adam reads and writes one number more.
constexpr double kAccessesPerWeight = 8.0;
// Forward pass once, backward pass twice that: gradients to activations and to weights.
constexpr double kPassesPerSample = 3.0;
constexpr double kFlopsPerMultiplyAccumulate = 2.0;

}  // namespace

CellCosts::CellCosts(const CellSet& cells, const CellNasSettings& settings)
    : batch_(static_cast<double>(settings.batch.value_or(published_batch(settings)))),
      numbers_per_weight_(kNumbersPerWeight),
      accesses_per_weight_(kAccessesPerWeight) {
  costs_.reserve(cells.size());
  if (settings.family == CellFamily::transnas)
    count_transnas(cells, settings);
  else
    count_nasbench201(cells, settings);
  steps_ = std::ceil(samples_ / batch_);
}

void CellCosts::count_nasbench201(const CellSet& cells, const CellNasSettings& settings) {
  kind_ = WorkKind::narrow_convolution;
  samples_ = static_cast<double>(training_samples(settings.task));
  const NetworkCounter counter(network_shape(settings.task));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const NetworkTotals trained = counter.count(cells.cell(i), settings.count);
    const NetworkTotals used = counter.count(cells.cell(i), EdgeCount::live_edges);
    costs_.push_back(
        {kPassesPerSample * kFlopsPerMultiplyAccumulate * static_cast<double>(trained.multiply_accumulates),
         static_cast<double>(trained.activations), static_cast<double>(trained.parameters),
         kFlopsPerMultiplyAccumulate * static_cast<double>(used.multiply_accumulates),
         static_cast<double>(used.activations), static_cast<double>(used.parameters),
         static_cast<double>(used.operations)});
  }
}

void CellCosts::count_transnas(const CellSet& cells, const CellNasSettings& settings) {
  const TransnasTaskFacts& facts = transnas_facts(settings.transnas_task);
  kind_ = WorkKind::convolution;
  samples_ = static_cast<double>(facts.training_examples);
  if (facts.optimiser == TransnasOptimiser::adam) {
    numbers_per_weight_ += 1.0;
    accesses_per_weight_ += 2.0;
  }
  const TransnasCounter counter(settings.transnas_task, facts.training_side);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const TransnasWork work = counter.count(cells.cell(i), settings.count);
    const TransnasTotals trained = work.training_forward();
    const TransnasTotals used = counter.count(cells.cell(i), EdgeCount::live_edges).inference();
    costs_.push_back({kFlopsPerMultiplyAccumulate * static_cast<double>(work.training_multiply_accumulates()),
                      static_cast<double>(trained.activations), static_cast<double>(trained.parameters),
                      kFlopsPerMultiplyAccumulate * static_cast<double>(used.executed_multiply_accumulates),
                      static_cast<double>(used.activations), static_cast<double>(used.parameters),
                      static_cast<double>(used.kernels)});
  }
}

Workload CellCosts::training(std::size_t cell, double epochs) const {
  const Cost& cost = costs_[cell];
  Workload work;
  work.samples = samples_ * epochs;
  work.steps = steps_ * epochs;
  work.parameters = cost.weights;
  work.kind = kind_;
  const double accesses = kAccessesPerActivation * cost.activations * work.samples;
  const double weights = accesses_per_weight_ * cost.weights * work.steps;
  const double activations = batch_ * cost.activations;
  work.activation_traffic = accesses / (accesses + weights);
  work.activation_memory = activations / (numbers_per_weight_ * cost.weights + activations);
  work.flops = Work::from_base(cost.training_flops * work.samples);
  work.traffic = Bytes::from_base(kBytesPerNumber * (accesses + weights));
  work.memory = Bytes::from_base(kBytesPerNumber * (numbers_per_weight_ * cost.weights + activations));
  return work;
}

Workload CellCosts::inference(std::size_t cell) const {
  const Cost& cost = costs_[cell];
  Workload work;
  work.samples = 1.0;
  work.parameters = cost.use_weights;
  work.kind = kind_;
  work.activation_traffic = 1.0;  // the weights are read in the same format
  work.activation_memory = 1.0;
  work.flops = Work::from_base(cost.use_flops);
  work.traffic = Bytes::from_base(kBytesPerNumber * (2.0 * cost.use_activations + cost.use_weights));
  work.memory = work.traffic;
  work.operations = cost.use_operations;
  work.shared_traffic = Bytes::from_base(kBytesPerNumber * cost.use_weights);
  return work;
}

std::int64_t published_epochs(const CellNasSettings& settings) {
  constexpr std::int64_t nasbench201 = 200;
  return settings.family == CellFamily::transnas ? transnas_facts(settings.transnas_task).epochs
                                                 : nasbench201;
}

std::int64_t published_batch(const CellNasSettings& settings) {
  constexpr std::int64_t nasbench201 = 256;
  return settings.family == CellFamily::transnas ? transnas_facts(settings.transnas_task).batch_size
                                                 : nasbench201;
}

}  // namespace tonne::cell_nas
