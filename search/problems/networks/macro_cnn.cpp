// Macro spaces of mobile networks: a chain of inverted residual blocks (Sandler et al. 2018, MobileNetV2,
// CVPR).
//
// once_for_all: the space of Cai, Gan, Wang, Zhang and Han 2020, "Once-for-All: Train One Network and
// Specialize it for Efficient Deployment" (ICLR), section 3.1: five units of 2, 3 or 4 blocks, each block
// with kernel 3, 5 or 7 and expansion 3, 4 or 6, on the skeleton of MobileNetV3-Large; 7371^5 = 2.2e19
// networks at each of seven resolutions.
//
// nasbench_macro: the space of Su et al. 2021, "Prioritized Architecture Sampling with Monte-Carlo Tree
// Search" (CVPR): eight blocks on CIFAR-10, each left out, or of kernel 3 and expansion 3, or of kernel 5 and
// expansion 6.
//
// Exact: multiply-accumulates, weights and activations. Generative: accuracy, its learning curve and its
// spread over seeds.

#include "search/problems/networks/macro_cnn.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/random.h"
#include "core/recipe.h"
#include "search/square.h"

namespace tonne {
namespace macro_cnn {
namespace {

// Su et al. trained each network with three seeds; nobody trained all of the other space.
std::int64_t usual_seeds(Space space) {
  return space == Space::nasbench_macro ? 3 : TrainingSeeds::kUnlimited;
}

/// Width of a squeeze: a quarter of the expanded channels, to a multiple of 8, at least 9/10 of it (Howard et
/// al. 2019).
double squeezed(double channels) {
  const double target = std::floor(channels / 4.0);
  const double rounded = std::max(8.0, 8.0 * std::floor((target + 4.0) / 8.0));
  return rounded < 0.9 * target ? rounded + 8.0 : rounded;
}

}  // namespace

void Settings::visit(SettingsVisitor& visitor) {
  visitor.choice("space", space, kSpaceNames,
                 "MobileNets on ImageNet with free depth, kernels, expansion and resolution; or eight blocks "
                 "on CIFAR-10");
  visitor.integer("landscape", landscape, Bounds::between(0, 9e15), "seed of the landscape's random part");
  visitor.optional_integer("epochs", epochs, Bounds::between(1, 1e6),
                           "epochs of a full training; default: " + std::to_string(kOnceForAllEpochs) +
                               " for once_for_all, " + std::to_string(kNasbenchMacroEpochs) +
                               " for nasbench_macro");
  visitor.integer("batch", batch, Bounds::between(1, 1e6), "images per step");
  visitor.number("noise", noise, Bounds::between(0, 100), "scale of the training seed's effect");
  training_seeds.visit(visitor, usual_seeds(space));
}

TrainingSeeds Settings::seeds() const {
  return training_seeds.seeds(usual_seeds(space));
}

void add_block(ConvolutionalCosts& costs, const InvertedResidual& block) {
  const double in_positions = square(block.in_side);
  const double positions = square(block.out_side);
  costs.convolution(block.in, block.middle, 1.0, in_positions);
  costs.normalisation(block.middle, in_positions);
  costs.depthwise(block.middle, square(block.kernel_side), in_positions, positions);
  costs.normalisation(block.middle, positions);
  if (block.squeeze) {
    const double narrow = squeezed(block.middle);
    costs.linear(block.middle, narrow);
    costs.linear(narrow, block.middle);
  }
  costs.convolution(block.middle, block.out, 1.0, positions);
  costs.normalisation(block.out, positions, false);
}

MacroCnn::MacroCnn(const Settings& settings, std::string name, std::int64_t epochs, double samples,
                   double chance, SearchSpace space)
    : epochs_(static_cast<double>(settings.epochs.value_or(epochs))),
      samples_(samples),
      batch_(static_cast<double>(settings.batch)),
      steps_(std::ceil(samples / batch_)),
      chance_(chance),
      seeds_(settings.seeds()),
      trainings_(mix_bits(static_cast<std::uint64_t>(settings.landscape) ^ hash_text("trainings"))),
      space_(std::move(space)) {
  traits_.name = std::move(name);
  traits_.objectives = {{"accuracy", "%", Direction::maximise}};
  traits_.fidelity = {"epochs", 1.0, epochs_, true};
}

double MacroCnn::true_value(const Configuration& configuration) const {
  return landscape(configuration, costs(configuration)).asymptote;
}

Outcome MacroCnn::evaluate(const Evaluation& evaluation, Random random) const {
  const ConvolutionalCosts network = costs(evaluation.configuration);
  const Landscape quality = landscape(evaluation.configuration, network);
  const double way = growth(evaluation.to, quality.curve_constant, epochs_);
  const double deviation =
      seeds_.deviation_of(evaluation.configuration.digest() ^ trainings_, evaluation, random);
  const double accuracy = chance_ + (quality.asymptote - chance_) * way + quality.noise_sd * deviation;
  const double epochs = evaluation.to - evaluation.from;
  Outcome outcome;
  outcome.objectives.push_back(std::clamp(accuracy, 0.0, 100.0));
  outcome.workload =
      training_work(network, samples_ * epochs, steps_ * epochs, batch_, WorkKind::narrow_convolution);
  return outcome;
}

std::optional<Workload> MacroCnn::inference(const Configuration& configuration) const {
  return inference_work(costs(configuration), Precision::fp32, WorkKind::narrow_convolution);
}

}  // namespace macro_cnn

namespace {

class MacroCnnRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override {
    if (settings_.space == macro_cnn::Space::nasbench_macro) return macro_cnn::make_nasbench_macro(settings_);
    return macro_cnn::make_once_for_all(settings_);
  }

 private:
  macro_cnn::Settings settings_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_macro_cnn_recipe() {
  return std::make_unique<MacroCnnRecipe>();
}

}  // namespace tonne
