#include "search/problems/networks/cell_nas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/units.h"
#include "search/problems/landscape/fp32.h"
#include "search/problems/networks/cell_nas_landscape.h"
#include "search/problems/networks/convolutions.h"

namespace tonne {
namespace {

using cell_nas::Entry;
using cell_nas::landscape_of;
using cell_nas::make_entries;

// SGD with momentum keeps a weight, its gradient and its momentum.
constexpr double kNumbersPerWeight = 3.0;
// An activation is written and read in the forward pass; the backward pass reads it and writes and reads its
// gradient.
constexpr double kAccessesPerActivation = 5.0;
// A step reads a weight twice (forward, backward) and writes its gradient; the update reads weight, gradient
// and momentum and writes weight and momentum.
constexpr double kAccessesPerWeight = 8.0;
// Forward pass once, backward pass twice that: gradients to activations and to weights.
constexpr double kPassesPerSample = 3.0;
constexpr double kFlopsPerMultiplyAccumulate = 2.0;

SearchSpace make_space() {
  // Without a search one takes a residual network: two 3x3 convolutions in a row beside a skip connection
  // ("ResNet" of NAS-Bench-201:
  // |nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|).
  constexpr Cell resnet = {CellOperation::nor_conv_3x3, CellOperation::none, CellOperation::nor_conv_3x3,
                           CellOperation::skip_connect, CellOperation::none, CellOperation::skip_connect};
  std::vector<Parameter> parameters;
  for (std::size_t e = 0; e < kCellEdges; ++e) {
    const auto [from, to] = kCellEdgeList[e];
    parameters.push_back({"edge_" + std::to_string(from) + "_" + std::to_string(to),
                          Categorical{{kCellOperationNames.begin(), kCellOperationNames.end()}}, std::nullopt,
                          static_cast<double>(resnet[e])});
  }
  return SearchSpace(std::move(parameters));
}

class CellNas final : public Problem {
 public:
  explicit CellNas(const CellNasSettings& settings)
      : space_(make_space()),
        chance_(landscape_of(settings.task).chance),
        samples_(static_cast<double>(landscape_of(settings.task).samples)),
        steps_(std::ceil(samples_ / static_cast<double>(settings.batch))),
        batch_(static_cast<double>(settings.batch)),
        epochs_(static_cast<double>(settings.epochs)),
        diverges_(settings.divergence > 0.0),
        counter_(network_shape(settings.task)),
        entries_(make_entries(settings)) {
    traits_.name = "cell_nas/" + std::string(kCellTaskNames[static_cast<std::size_t>(settings.task)]);
    traits_.objectives = {{"accuracy", "%", Direction::maximise}};
    traits_.fidelity = {"epochs", 1.0, epochs_, true};
    for (const Entry& entry : entries_) optimum_ = std::max(optimum_, accuracy_after(entry, epochs_));
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    return accuracy_after(entry_of(configuration), epochs_);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Entry& entry = entry_of(evaluation.configuration);
    const double noise = random.normal();
    Outcome outcome;
    if (diverges_ && random.bernoulli(entry.divergence)) {
      outcome.failure = Failure::diverged;
      outcome.workload = workload(entry, (evaluation.to - evaluation.from) * random.uniform());
      return outcome;
    }
    const double accuracy =
        accuracy_after(entry, evaluation.to) + entry.validation_offset + entry.noise_sd * noise;
    outcome.objectives.push_back(std::clamp(accuracy, 0.0, 100.0));
    outcome.workload = workload(entry, evaluation.to - evaluation.from);
    return outcome;
  }

  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    Cell cell{};
    for (std::size_t e = 0; e < kCellEdges; ++e) cell[e] = static_cast<CellOperation>(configuration.index(e));
    return forward(counter_.count(cell, EdgeCount::live_edges));
  }

 private:
  [[nodiscard]] const Entry& entry_of(const Configuration& configuration) const {
    std::size_t index = 0;
    for (std::size_t e = kCellEdges; e-- > 0;) index = index * kCellOperations + configuration.index(e);
    return entries_[index];
  }

  [[nodiscard]] double accuracy_after(const Entry& entry, double epochs) const {
    return chance_ + (entry.asymptote - chance_) * growth(epochs, entry.curve_constant, cell_nas::kFullEpochs);
  }

  // One image, forward, through what is live: who uses a network prunes it. Each activation is written and read, each
  // weight read.
  [[nodiscard]] static Workload forward(const NetworkTotals& network) {
    const auto activations = static_cast<double>(network.activations);
    Workload work;
    work.samples = 1.0;
    work.parameters = static_cast<double>(network.parameters);
    work.kind = WorkKind::narrow_convolution;
    work.activation_traffic = 1.0;  // the weights are read in the same format
    work.activation_memory = 1.0;
    work.flops =
        Work::from_base(kFlopsPerMultiplyAccumulate * static_cast<double>(network.multiply_accumulates));
    work.traffic = Bytes::from_base(kBytesPerNumber * (2.0 * activations + work.parameters));
    work.memory = work.traffic;
    work.operations = static_cast<double>(network.operations);
    work.shared_traffic = Bytes::from_base(kBytesPerNumber * work.parameters);
    return work;
  }

  [[nodiscard]] Workload workload(const Entry& entry, double epochs) const {
    Workload work;
    work.samples = samples_ * epochs;
    work.steps = steps_ * epochs;
    work.parameters = entry.parameters;
    work.kind = WorkKind::narrow_convolution;
    const double accesses = kAccessesPerActivation * entry.activations * work.samples;
    const double weights = kAccessesPerWeight * entry.parameters * work.steps;
    work.activation_traffic = accesses / (accesses + weights);
    work.activation_memory =
        batch_ * entry.activations / (kNumbersPerWeight * entry.parameters + batch_ * entry.activations);
    work.flops = Work::from_base(kPassesPerSample * kFlopsPerMultiplyAccumulate * entry.multiply_accumulates *
                                 work.samples);
    work.traffic =
        Bytes::from_base(kBytesPerNumber * (accesses + weights));
    work.memory = Bytes::from_base(kBytesPerNumber *
                                   (kNumbersPerWeight * entry.parameters + batch_ * entry.activations));
    return work;
  }

  SearchSpace space_;
  double chance_;
  double samples_;
  double steps_;
  double batch_;
  double epochs_;
  bool diverges_;
  double optimum_ = 0.0;
  ProblemTraits traits_;
  NetworkCounter counter_;
  std::vector<Entry> entries_;
};

}  // namespace

void CellNasSettings::visit(SettingsVisitor& visitor) {
  visitor.choice("task", task, kCellTaskNames, "images to classify: CIFAR-10, CIFAR-100 or ImageNet16-120");
  visitor.integer("landscape", landscape, Bounds::between(0, 9e15),
                  "seed of the landscape's random part; calibrated to NAS-Bench-201 at 0");
  visitor.choice(
      "count", count, kEdgeCountNames,
      "edges that training computes: all of them, as frameworks do, or only those on a path to the output");
  visitor.integer("epochs", epochs, Bounds::between(1, cell_nas::kFullEpochs), "epochs of a full training");
  visitor.integer("batch", batch, Bounds::between(1, 1e6), "samples per step");
  visitor.number("validation_gap", validation_gap, Bounds::between(0, 50),
                 "sd of a cell's gap between validation and test accuracy, in percentage points");
  visitor.number("divergence", divergence, Bounds::between(0, 1),
                 "mean fraction of trainings that diverge, over all cells; more for poor ones");
}

NetworkShape network_shape(CellTask task) {
  return landscape_of(task).shape;
}
std::int64_t training_samples(CellTask task) {
  return landscape_of(task).samples;
}

Configuration to_configuration(const Cell& cell) {
  Configuration configuration(kCellEdges);
  for (std::size_t e = 0; e < kCellEdges; ++e) configuration.set(e, static_cast<double>(cell[e]));
  return configuration;
}

std::shared_ptr<const Problem> make_cell_nas(const CellNasSettings& settings) {
  return std::make_shared<const CellNas>(settings);
}

std::unique_ptr<ProblemRecipe> make_cell_nas_recipe() {
  return std::make_unique<BasicProblemRecipe<CellNasSettings, CellNas>>();
}

}  // namespace tonne
