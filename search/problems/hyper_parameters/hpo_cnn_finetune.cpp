// `model: cnn_finetune` of hpo: a pretrained ResNet-50 (He et al. 2016) on a small set of images. The network
// is exact, the landscape assumed.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "search/problems/hyper_parameters/hpo.h"
#include "search/square.h"

namespace tonne::hpo {
namespace {

struct Stage {
  double multiply_accumulates = 0.0;  // at 224 x 224
  double parameters = 0.0;
  double activations = 0.0;
};
// Bottlenecks of width w: 1x1 to w, 3x3 (with the stride), 1x1 to 4w, and a projection in the first one.
constexpr Stage bottlenecks(double blocks, double inputs, double w, double side, double side_before) {
  Stage stage;
  for (double block = 0.0; block < blocks; block += 1.0) {
    const double in = block == 0.0 ? inputs : 4.0 * w;
    const double entry = block == 0.0 ? side_before : side;
    stage.multiply_accumulates += in * w * entry * entry + (9.0 * w * w + 4.0 * w * w) * side * side;
    stage.parameters += in * w + 13.0 * w * w + 2.0 * (w + w + 4.0 * w);
    stage.activations += 2.0 * (w * entry * entry + 5.0 * w * side * side);
    if (block > 0.0) continue;
    stage.multiply_accumulates += in * 4.0 * w * side * side;
    stage.parameters += in * 4.0 * w + 8.0 * w;
    stage.activations += 8.0 * w * side * side;
  }
  return stage;
}
constexpr std::array<Stage, 5> kStages = {
    Stage{147.0 * 64.0 * 112.0 * 112.0, 147.0 * 64.0 + 128.0, 2.0 * 64.0 * 112.0 * 112.0},
    bottlenecks(3, 64, 64, 56, 56), bottlenecks(4, 256, 128, 28, 56), bottlenecks(6, 512, 256, 14, 28),
    bottlenecks(3, 1024, 512, 7, 14)};

class CnnFinetune final : public Landscape {
 public:
  explicit CnnFinetune(const Settings& settings) : full_(settings.full_epochs()) {}
  [[nodiscard]] double ruggedness() const override { return .03; }
  [[nodiscard]] double highest() const override { return 100.0; }
  [[nodiscard]] ObjectiveTraits objective() const override {
    return {"validation error", "%", Direction::minimise};
  }

  [[nodiscard]] SearchSpace space() const override {
    return SearchSpace(
        {{"optimiser", Categorical{{"adam", "sgd"}}, std::nullopt, 1.0},
         {"learning_rate", Real{1e-6, 1.0, Scale::log}, std::nullopt, 1e-2},
         {"momentum", Real{0.0, .99}, Condition{0, {1}}, .9},
         {"batch_size", Ordinal{{"8", "16", "32", "64", "128", "256"}}, std::nullopt, 2.0},
         {"schedule", Categorical{{"const", "cosine"}}, std::nullopt, 1.0},
         {"warmup", Real{0.0, .2}, std::nullopt, 0.0},
         {"weight_decay", Real{1e-6, 1e-1, Scale::log}, std::nullopt, 1e-4},
         {"frozen_stages", Ordinal{{"0", "1", "2", "3", "4", "5"}}, std::nullopt, 0.0},
         {"resolution", Ordinal{{"128", "160", "192", "224", "256", "288"}}, std::nullopt, 3.0},
         {"head_dropout", Real{0.0, .7}, std::nullopt, 0.0},
         {"label_smoothing", Real{0.0, .3}, std::nullopt, 0.0},
         {"augmentation", Categorical{{"none", "flip", "randaugment"}}, std::nullopt, 1.0},
         {"randaugment_magnitude", Integer{1, 15}, Condition{11, {2}}, 9.0}});
  }

  [[nodiscard]] Prospect at(const Configuration& c) const override {
    const bool adam = c.index(0) == 0;
    const bool cosine = c.index(4) == 1;
    const double frozen = c[7];
    // Linear scaling of SGD (Goyal et al. 2017), the square root of Adam; a head alone bears a higher rate.
    const double rate = adam ? c[1] / 1e-4 : c[1] / (1.0 - c[2]) / .1;
    const double lambda =
        std::log2(rate) - (adam ? .5 : 1.0) * (c[3] - 2.0) - (cosine ? 1.0 : 0.0) - .5 * frozen;
    constexpr std::array<double, 6> kOfFrozen = {0.0, -.02, 0.0, .08, .35, .9};
    constexpr std::array<double, 3> kOfAugmentation = {.15, 0.0, -.05};
    const double epochs_seen = std::log2(full_ / 30.0);
    double b = 2.1 + .022 * square(std::min(0.0, lambda)) + .06 * square(std::max(0.0, lambda)) +
               kOfFrozen[c.index(7)] - .35 * std::log2(kSides[c.index(8)] / 224.0) +
               kOfAugmentation[c.index(11)] + .02 * square(std::log10(c[6] / 3e-4)) +
               .15 * square(c[9] - .2) - .8 * c[10] * (.2 - c[10]) +
               .03 * std::min(0.0, lambda) * epochs_seen;
    if (c.index(11) == 2) b += .004 * square((c[12] - 8.0) / 2.0);
    Prospect p;
    p.end = std::min(97.0, 1.5 + std::exp(b));
    p.start = 99.0;
    p.unannealed = cosine ? .25 * (p.end - 1.5) : 0.0;
    p.plateau = 99.0;
    p.death = kNever;
    p.diverges = lambda > 5.0 + 5.0 * c[5];
    p.time_constant = .6 * std::exp2(-.4 * lambda) * full_ / 30.0;
    p.data_hunger = .25 + .03 * (5.0 - frozen);
    p.spread = .02;
    return p;
  }

  [[nodiscard]] Costs costs(const Configuration& c) const override {
    const double pixels = square(kSides[c.index(8)] / 224.0);
    const std::size_t frozen = c.index(7);
    Costs costs;
    double trained = 0.0;
    for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
      costs.multiply_accumulates += kStages[stage].multiply_accumulates * pixels;
      costs.parameters += kStages[stage].parameters;
      costs.activations += kStages[stage].activations * pixels;
      if (stage < frozen) continue;
      trained += kStages[stage].multiply_accumulates * pixels;
      costs.trained_parameters += kStages[stage].parameters;
    }
    const double head = 2048.0 * kClasses;
    costs.multiply_accumulates += head;
    costs.parameters += head + kClasses;
    costs.trained_parameters += head + kClasses;
    costs.trained_share = (trained + head) / costs.multiply_accumulates;
    costs.batch = std::exp2(3.0 + c[3]);
    costs.flops_per_weight = c.index(0) == 0 ? 12.0 : 6.0;
    costs.operations = kOperations;
    return costs;
  }

 private:
  // ResNet-50: 53 convolutions with their normalisations, 49 ReLU, 16 residuals, two poolings, the classifier.
  static constexpr double kOperations = 174.0;
  static constexpr double kClasses = 100.0;
  static constexpr std::array<double, 6> kSides = {128.0, 160.0, 192.0, 224.0, 256.0, 288.0};

  double full_;
};

}  // namespace

std::unique_ptr<const Landscape> make_cnn_finetune(const Settings& settings) {
  return std::make_unique<CnnFinetune>(settings);
}

}  // namespace tonne::hpo
