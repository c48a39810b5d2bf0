#include "search/problems/networks/cell_nas.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "search/problems/networks/cell_costs.h"
#include "search/problems/networks/cell_function.h"
#include "search/problems/networks/cell_nas_landscape.h"
#include "search/problems/networks/cell_nas_tasks.h"
#include "search/problems/networks/convolutions.h"

namespace tonne {
namespace {

using cell_nas::CellCosts;
using cell_nas::CellSet;
using cell_nas::Entry;
using cell_nas::Landscape;

const Landscape& landscape_of(const CellNasSettings& settings) {
  return settings.family == CellFamily::transnas ? cell_nas::landscape_of(settings.transnas_task)
                                                 : cell_nas::landscape_of(settings.task);
}

SearchSpace make_space(std::size_t operations) {
  // Without a search one takes a residual network: two 3x3 convolutions in a row beside a skip connection
  // ("ResNet" of NAS-Bench-201:
  // |nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|).
  constexpr Cell resnet = {CellOperation::nor_conv_3x3, CellOperation::none, CellOperation::nor_conv_3x3,
                           CellOperation::skip_connect, CellOperation::none, CellOperation::skip_connect};
  const auto last = kCellOperationNames.begin() + static_cast<std::ptrdiff_t>(operations);
  std::vector<Parameter> parameters;
  for (std::size_t e = 0; e < kCellEdges; ++e) {
    const auto [from, to] = kCellEdgeList[e];
    parameters.push_back({"edge_" + std::to_string(from) + "_" + std::to_string(to),
                          Categorical{{kCellOperationNames.begin(), last}}, std::nullopt,
                          static_cast<double>(resnet[e])});
  }
  return SearchSpace(std::move(parameters));
}

ProblemTraits traits_of(const CellNasSettings& settings, double epochs) {
  ProblemTraits traits;
  if (settings.family == CellFamily::transnas) {
    traits.name =
        "cell_nas/" + std::string(kTransnasTaskNames[static_cast<std::size_t>(settings.transnas_task)]);
    traits.objectives = {cell_nas::objective_of(settings.transnas_task)};
  } else {
    traits.name = "cell_nas/" + std::string(kCellTaskNames[static_cast<std::size_t>(settings.task)]);
    traits.objectives = {{"accuracy", "%", Direction::maximise}};
  }
  traits.fidelity = {"epochs", 1.0, epochs, true};
  return traits;
}

/// Names candidates where training seeds are hashed.
std::uint64_t seeds_name(const CellNasSettings& settings) {
  const auto task = settings.family == CellFamily::transnas
                        ? 100 + static_cast<std::uint64_t>(settings.transnas_task)
                        : static_cast<std::uint64_t>(settings.task);
  return mix_bits(mix_bits(static_cast<std::uint64_t>(settings.landscape)) + task);
}

class CellNas final : public Problem {
 public:
  explicit CellNas(const CellNasSettings& settings)
      : landscape_(landscape_of(settings)),
        cells_(CellSet::of(landscape_.operations)),
        space_(make_space(landscape_.operations)),
        seeds_(settings.training_seeds.seeds(landscape_.training_seeds)),
        epochs_(static_cast<double>(settings.epochs.value_or(cell_nas::published_epochs(settings)))),
        diverges_(settings.divergence > 0.0),
        traits_(traits_of(settings, epochs_)),
        entries_(make_entries(
            landscape_,
            {settings.landscape, settings.validation_gap.value_or(median_validation_gap(landscape_)),
             settings.divergence})),
        costs_(cells_, settings) {
    optimum_ = value_after(entries_.front(), epochs_);
    for (const Entry& entry : entries_) optimum_ = std::max(optimum_, value_after(entry, epochs_));
    if (!seeds_.unlimited()) hash_deviations(seeds_name(settings));
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    return value_after(entries_[cell_of(configuration)], epochs_);
  }
  [[nodiscard]] std::optional<std::uint64_t> function_of(const Configuration& configuration) const override {
    return cell_function(cells_.cell(cell_of(configuration)));
  }
  [[nodiscard]] std::optional<std::uint32_t> training_seeds(
      const Configuration& /*configuration*/) const override {
    return seeds_.distinct();
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const std::size_t cell = cell_of(evaluation.configuration);
    const Entry& entry = entries_[cell];
    const double deviation = seeds_.unlimited()
                                 ? random.normal()
                                 : deviations_[cell * seeds_.count() + seeds_.seed_of(evaluation)];
    const double epochs = evaluation.to - evaluation.from;
    Outcome outcome;
    if (diverges_ && random.bernoulli(entry.divergence)) {
      outcome.failure = Failure::diverged;
      outcome.workload = costs_.training(cell, epochs * random.uniform());
      return outcome;
    }
    const double value =
        value_after(entry, evaluation.to) + entry.validation_offset + entry.noise_sd * deviation;
    outcome.objectives.push_back(std::clamp(value, landscape_.lowest, landscape_.highest));
    outcome.workload = costs_.training(cell, epochs);
    return outcome;
  }

  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    return costs_.inference(cell_of(configuration));
  }

 private:
  [[nodiscard]] std::size_t cell_of(const Configuration& configuration) const {
    std::size_t index = 0;
    for (std::size_t e = kCellEdges; e-- > 0;) index = index * cells_.operations() + configuration.index(e);
    return index;
  }

  [[nodiscard]] double value_after(const Entry& entry, double epochs) const {
    return landscape_.chance + (entry.asymptote - landscape_.chance) *
                                   growth(epochs, entry.curve_constant, landscape_.full_epochs);
  }

  void hash_deviations(std::uint64_t name) {
    deviations_.reserve(cells_.size() * seeds_.count());
    for (std::size_t i = 0; i < cells_.size(); ++i)
      for (std::uint64_t seed = 0; seed < seeds_.count(); ++seed)
        deviations_.push_back(seeds_.deviation(name ^ mix_bits(i), seed));
  }

  const Landscape& landscape_;
  const CellSet& cells_;
  SearchSpace space_;
  TrainingSeeds seeds_;
  double epochs_;
  bool diverges_;
  ProblemTraits traits_;
  std::vector<Entry> entries_;
  CellCosts costs_;
  std::vector<double>
      deviations_;  // of each cell's seeds, one cell after another; none where seeds are unlimited
  double optimum_ = 0.0;
};

/// A setting whose default depends on others: that stays what it is unless another figure is given.
void visit_count(SettingsVisitor& visitor, std::string_view key, std::optional<std::int64_t>& given,
                 std::int64_t usual, Bounds bounds, std::string_view meaning) {
  std::int64_t value = given.value_or(usual);
  visitor.integer(key, value, bounds, meaning);
  if (value != usual || given) given = value;
}

}  // namespace

void CellNasSettings::visit(SettingsVisitor& visitor) {
  visitor.choice(
      "family", family, kCellFamilyNames,
      "NAS-Bench-201's cells, or TransNAS-Bench-101's, whose tasks are object, scene, room_layout, jigsaw, "
      "autoencoder, normals and segmentation");
  if (family == CellFamily::transnas)
    visitor.choice("task", transnas_task, kTransnasTaskNames, "what the networks are trained to do");
  else
    visitor.choice("task", task, kCellTaskNames, "images to classify: CIFAR-10, CIFAR-100 or ImageNet16-120");
  const Landscape& table = landscape_of(*this);
  visitor.integer("landscape", landscape, Bounds::between(0, 9e15), "seed of the landscape's random part");
  visitor.choice(
      "count", count, kEdgeCountNames,
      "edges that training computes: all of them, as frameworks do, or only those on a path to the output");
  visit_count(visitor, "epochs", epochs, cell_nas::published_epochs(*this),
              Bounds::between(1, static_cast<double>(cell_nas::published_epochs(*this))),
              "epochs of a full training");
  visit_count(visitor, "batch", batch, cell_nas::published_batch(*this), Bounds::between(1, 1e6),
              "samples per step");
  const double usual_gap = median_validation_gap(table);
  double gap = validation_gap.value_or(usual_gap);
  visitor.number(
      "validation_gap", gap, Bounds::between(0, 50),
      "sd of a cell's constant gap between the validation value that a search sees and the test value that "
      "it is judged by; of the median cell, less for the best");
  if (gap != usual_gap || validation_gap) validation_gap = gap;
  training_seeds.visit(visitor, table.training_seeds);
  visitor.number("divergence", divergence, Bounds::between(0, 1),
                 "mean fraction of trainings that diverge, over all cells; more for poor ones");
}

NetworkShape network_shape(CellTask task) {
  if (task == CellTask::cifar10) return {.image = 32, .classes = 10};
  if (task == CellTask::cifar100) return {.image = 32, .classes = 100};
  return {.image = 16, .classes = 120};
}
std::int64_t training_samples(CellTask task) {
  return task == CellTask::imagenet16 ? 151'700 : 50'000;
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
