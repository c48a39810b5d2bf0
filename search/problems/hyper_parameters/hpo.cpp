// Hyper-parameters of three models, as a search meets them: few parameters matter much, the learning rate has
// a cliff at its top that moves with the batch size, trainings die or diverge in a corner, and curves cross.
//
// `model: mlp` with `space: fcnet` has the very space of FCNet (Klein and Hutter 2019, "Tabular Benchmarks
// for Joint Architecture and Hyperparameter Optimization", 62,208 settings of a network of two hidden layers
// on protein structure). Its landscape is fitted to the table's portrait: docs/problems.md has both.
//
// Exact: space, conditions, parameters and arithmetic of the networks. Generative: the loss. With the
// effective learning rate in doublings,
//     lambda = log2(rate / .0005) - log2(batch / 8) / 2 - [cosine],
// (a cosine's mean is half its peak), the loss of a network that trains is
//     floor + exp(B) + exp(N),  B: capacity and what is left to learn, N: gradient noise that grows with
//     lambda,
// a network whose last activation is relu dies to the plateau of a constant prediction with odds exp(Z), one
// whose last activation is tanh blows up by a factor exp(k softplus(G)) unless the rate is annealed. B, N, Z
// and G are linear in lambda, dropout and log-width and in a few of their products.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "core/units.h"
#include "search/problems/landscape/ruggedness.h"

namespace tonne {
namespace {

enum class Model : std::uint8_t { mlp, cnn_finetune, gradient_boosting };
enum class Space : std::uint8_t { conditional, fcnet };
enum class Counts : std::uint8_t { epochs, data };
constexpr std::array<std::string_view, 3> kModelNames = {"mlp", "cnn_finetune", "gradient_boosting"};
constexpr std::array<std::string_view, 2> kSpaceNames = {"conditional", "fcnet"};
constexpr std::array<std::string_view, 2> kCountsNames = {"epochs", "data"};

struct HpoSettings {
  Model model = Model::mlp;
  Space space = Space::conditional;
  std::int64_t landscape = 0;
  Counts fidelity = Counts::epochs;
  /// Absent: 100 of mlp (Klein and Hutter 2019), 30 of cnn_finetune and 500 rounds of gradient_boosting
  /// (assumed).
  std::optional<std::int64_t> epochs;
  /// Absent: 27,438 rows of mlp and gradient_boosting, 60 % of the 45,730 of protein structure (Klein and
  /// Hutter 2019), and 10,000 images of cnn_finetune (assumed).
  std::optional<std::int64_t> samples;
  double noise = 1.0;  ///< 1: about that of the fcnet table, for the other models assumed

  void visit(SettingsVisitor& visitor) {
    visitor.choice("model", model, kModelNames, "what is trained");
    visitor.choice("space", space, kSpaceNames,
                   "conditional, or fcnet: the 62,208 settings of that table (of mlp)");
    visitor.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape's ruggedness");
    visitor.choice("fidelity", fidelity, kCountsNames,
                   "what a short training saves: epochs (boosting: rounds) or the share of the data");
    visitor.optional_integer(
        "epochs", epochs, Bounds::between(2, 1e6),
        "epochs of a full training; without it mlp 100, cnn_finetune 30, boosting 500 rounds");
    visitor.optional_integer("samples", samples, Bounds::between(1000, 1e9),
                             "training samples; without it 27,438 rows or 10,000 images");
    visitor.number("noise", noise, Bounds::between(0, 100), "factor on the training seed's effect");
    visitor.require(space == Space::conditional || model == Model::mlp, "space", "fcnet is a space of mlp");
  }
  [[nodiscard]] double full_epochs() const {
    constexpr std::array<double, 3> kUsual = {100.0, 30.0, 500.0};
    return epochs ? static_cast<double>(*epochs) : kUsual[static_cast<std::size_t>(model)];
  }
  [[nodiscard]] double full_samples() const {
    constexpr std::array<double, 3> kUsual = {27'438.0, 10'000.0, 27'438.0};
    return samples ? static_cast<double>(*samples) : kUsual[static_cast<std::size_t>(model)];
  }
};

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}
double softplus(double x) {
  return x > 30.0 ? x : std::log1p(std::exp(x));
}
double square(double x) {
  return x * x;
}

constexpr double kNever = -30.0;  // a logit

/// What a landscape says of a configuration.
struct Prospect {
  double end = 0.0;            ///< loss of a full training that neither dies nor diverges
  double unannealed = 0.0;     ///< by how much the loss is higher until the rate is annealed
  double start = 1.0;          ///< loss before training
  double time_constant = 1.0;  ///< of the learning curve, in epochs or rounds
  double decay = 1.0;          ///< exponent of the curve's power law; 0: an exponential
  double data_hunger = 0.2;    ///< exponent of the excess loss in 1 / data
  double death = 0.0;          ///< probability that a training seed ends at `plateau`
  double plateau = 0.0;
  double spread = 0.0;  ///< sd of the training seed's effect on the logarithm of the loss
  bool diverges = false;
};

/// The exact part: of one sample through the network (boosting: of one row and round), forward.
struct Costs {
  double multiply_accumulates = 0.0;
  double trained_share = 1.0;  ///< of the multiply-accumulates that gradients pass
  double parameters = 0.0;
  double trained_parameters = 0.0;
  double activations = 0.0;  ///< numbers
  double batch = 1.0;
  double flops_per_weight = 0.0;  ///< of an optimiser's step
};

// ---- mlp

constexpr double kInputs = 9.0;         // features of protein structure
constexpr double kConstantLoss = .654;  // of a constant prediction on that table
constexpr double kMlpRuggedness =
    .03;  // of the logarithm; so that the fitted landscape's best settings are as good

/// A network of one or more hidden layers, as the landscape sees it: the last one and the mean of those
/// before.
struct MlpFeatures {
  double lambda = 0.0;
  bool cosine = false;
  double tanh_1 = 0.0, tanh_2 = 0.0;        // share of tanh before the last layer; 1: the last is tanh
  double dropout_1 = 0.0, dropout_2 = 0.0;  // in units of .6
  double width_1 = 0.0, width_2 = 0.0;      // doublings from 16
  double depth = 2.0;
  double decay = 0.0;  // decades of weight decay from 1e-4
};

// The coefficients are least squares on the fcnet table: on the logarithm of the mean of its four seeds, and
// for the death a logistic regression on the seeds that ended between .645 and .70. What fcnet does not vary
// (depth other than 2, weight decay) is assumed.
Prospect prospect(const MlpFeatures& f, double full) {
  const double w1 = f.width_1;
  const double w2 = f.width_2;
  const double d1 = f.dropout_1;
  const double d2 = f.dropout_2;
  const double b = -1.714 + .061 * f.tanh_1 + .063 * f.tanh_2 - .042 * f.tanh_1 * f.tanh_2 + .285 * d1 +
                   .100 * d2 - .056 * d1 * d2 - .149 * w1 + .006 * w1 * w1 + .085 * f.tanh_1 * w1 -
                   .037 * d1 * w1 - .084 * w2 + .005 * w2 * w2 + .043 * f.tanh_2 * w2 - .006 * d2 * w2 -
                   .115 * f.tanh_1 * d1 - .057 * f.tanh_2 * d2 + .144 * f.tanh_1 * d2 + .019 * d1 * w2 -
                   .170 * f.lambda - .06 * (f.depth - 2.0) + .03 * square(std::max(0.0, f.decay));
  const auto gradient_noise = [&](double lambda) {
    return std::exp(-2.303 + .192 * lambda + .015 * w1 + .023 * f.tanh_2 * w2 + .245 * d1 + .178 * d2);
  };
  const double z = -17.775 + 2.739 * f.lambda + .849 * f.tanh_1 + 2.389 * d1 + 2.966 * d2 + .602 * w1 +
                   .213 * w2 + .432 * f.tanh_1 * w1 - .387 * d1 * w1 - .155 * d2 * w2 + 1.5 * (f.depth - 2.0);
  const double g = -11.044 + .988 * f.lambda + 1.034 * f.tanh_1 + .152 * d1 + .457 * d2 + .943 * w2;

  Prospect p;
  const double noise = gradient_noise(f.lambda);
  const double regular = .05 + std::exp(b) + noise;
  const double blow_up = f.tanh_2 * (f.cosine ? 0.0 : 1.107 * softplus(g));
  p.end = std::min(regular * std::exp(blow_up), 500.0);
  // Annealed or not, a loss worse than a constant prediction's needs an instability.
  if (blow_up < .05) p.end = std::min(p.end, kConstantLoss);
  p.unannealed = f.cosine ? gradient_noise(f.lambda + 1.0) - noise : 0.0;
  p.plateau = kConstantLoss;
  p.death = f.tanh_2 > 0.0 ? kNever : z;  // a linear neuron after tanh does not die
  p.time_constant = 2.0 * std::exp2(-.5 * f.lambda) * (1.0 + d1 + d2) * full / 100.0;  // assumed
  p.data_hunger = .10 + .015 * (w1 + w2);                                              // assumed
  // By eye, along the table: a seed's sd is .9 % of the loss in the median, 3 % where gradient noise rules.
  // up.
  p.spread = std::min(.4, .0075 + std::min(.025, .02 * square(std::max(0.0, noise - .13) / .1)) +
                              .3 * (1.0 - std::exp(-blow_up)));
  return p;
}

class FcNet {
 public:
  explicit FcNet(const HpoSettings& settings) : full_(settings.full_epochs()) {}
  static constexpr double kRuggedness = kMlpRuggedness;
  static constexpr double kHighest = 1e3;

  static ObjectiveTraits objective() { return {"validation MSE", "", Direction::minimise}; }

  static SearchSpace space() {
    const Categorical activations{{"relu", "tanh"}};
    const Ordinal dropouts{{"0.0", "0.3", "0.6"}};
    const Ordinal widths{{"16", "32", "64", "128", "256", "512"}};
    return SearchSpace(
        {{"activation_fn_1", activations, std::nullopt, 0.0},
         {"activation_fn_2", activations, std::nullopt, 0.0},
         {"batch_size", Ordinal{{"8", "16", "32", "64"}}, std::nullopt, 2.0},
         {"dropout_1", dropouts, std::nullopt, 1.0},
         {"dropout_2", dropouts, std::nullopt, 1.0},
         {"init_lr", Ordinal{{"0.0005", "0.001", "0.005", "0.01", "0.05", "0.1"}}, std::nullopt, 1.0},
         {"lr_schedule", Categorical{{"const", "cosine"}}, std::nullopt, 0.0},
         {"n_units_1", widths, std::nullopt, 3.0},
         {"n_units_2", widths, std::nullopt, 3.0}});
  }

  [[nodiscard]] Prospect at(const Configuration& c) const {
    MlpFeatures f;
    f.cosine = c.index(6) == 1;
    f.lambda = kRates[c.index(5)] - .5 * c[2] - (f.cosine ? 1.0 : 0.0);
    f.tanh_1 = c[0];
    f.tanh_2 = c[1];
    f.dropout_1 = .5 * c[3];
    f.dropout_2 = .5 * c[4];
    f.width_1 = c[7];
    f.width_2 = c[8];
    return prospect(f, full_);
  }

  [[nodiscard]] static Costs costs(const Configuration& c) {
    const double n1 = std::exp2(4.0 + c[7]);
    const double n2 = std::exp2(4.0 + c[8]);
    Costs costs;
    costs.multiply_accumulates = kInputs * n1 + n1 * n2 + n2;
    costs.parameters = costs.multiply_accumulates + n1 + n2 + 1.0;
    costs.trained_parameters = costs.parameters;
    costs.activations = kInputs + n1 + n2 + 1.0;
    costs.batch = std::exp2(3.0 + c[2]);
    costs.flops_per_weight = 12.0;  // Adam
    return costs;
  }

 private:
  static constexpr std::array<double, 6> kRates = {0.0,
                                                   1.0,
                                                   3.3219280948873623,
                                                   4.3219280948873623,
                                                   6.6438561897747244,
                                                   7.6438561897747244};  // log2(rate / .0005)
  double full_;
};

class Mlp {
 public:
  explicit Mlp(const HpoSettings& settings) : full_(settings.full_epochs()) {}
  static constexpr double kRuggedness = kMlpRuggedness;
  static constexpr double kHighest = 1e3;

  static ObjectiveTraits objective() { return {"validation MSE", "", Direction::minimise}; }

  static SearchSpace space() {
    std::vector<Parameter> parameters = {
        {"optimiser", Categorical{{"adam", "sgd"}}, std::nullopt, 0.0},
        {"learning_rate", Real{1e-5, 1.0, Scale::log}, std::nullopt, 1e-3},
        {"momentum", Real{0.0, .99}, Condition{0, {1}}, .9},
        {"batch_size", Ordinal{{"8", "16", "32", "64", "128", "256", "512"}}, std::nullopt, 2.0},
        {"schedule", Categorical{{"const", "cosine"}}, std::nullopt, 0.0},
        {"weight_decay", Real{1e-6, 1e-1, Scale::log}, std::nullopt, 1e-4},
        {"layers", Ordinal{{"1", "2", "3", "4"}}, std::nullopt, 1.0}};
    for (std::size_t layer = 0; layer < kMostLayers; ++layer) {
      std::vector<std::size_t> deep_enough;
      for (std::size_t choice = layer; choice < kMostLayers; ++choice) deep_enough.push_back(choice);
      const std::optional<Condition> there =
          layer == 0 ? std::nullopt : std::optional(Condition{6, deep_enough});
      const std::string name = "layer_" + std::to_string(layer + 1);
      parameters.push_back({name + "_units", Integer{16, 1024, Scale::log}, there, 128.0});
      parameters.push_back({name + "_activation", Categorical{{"relu", "tanh"}}, there, 0.0});
      parameters.push_back({name + "_dropout", Real{0.0, .7}, there, .3});
    }
    return SearchSpace(std::move(parameters));
  }

  [[nodiscard]] Prospect at(const Configuration& c) const {
    MlpFeatures f;
    const std::size_t layers = c.index(6) + 1;
    const double rate =
        c.index(0) == 0 ? c[1] / .0005 : c[1] / (1.0 - c[2]) / .02;  // SGD's usual rate: assumed
    f.cosine = c.index(4) == 1;
    f.lambda = std::log2(rate) - .5 * c[3] - (f.cosine ? 1.0 : 0.0);
    f.depth = static_cast<double>(layers);
    f.decay = std::log10(c[5] / 1e-4);
    const double before = std::max(1.0, f.depth - 1.0);
    for (std::size_t layer = 0; layer + 1 < layers; ++layer) {
      f.width_1 += doublings(c, layer) / before;
      f.tanh_1 += c[first(layer) + 1] / before;
      f.dropout_1 += c[first(layer) + 2] / .6 / before;
    }
    f.width_2 = doublings(c, layers - 1);
    f.tanh_2 = c[first(layers - 1) + 1];
    f.dropout_2 = c[first(layers - 1) + 2] / .6;
    Prospect p = prospect(f, full_);
    // Without the table to follow, what is a hundred times off its course is a failure.
    p.diverges = p.end > 1.0 || f.lambda > kHopeless - (f.depth - 2.0);
    p.end = std::min(p.end, 1.0);
    return p;
  }

  [[nodiscard]] static Costs costs(const Configuration& c) {
    Costs costs;
    double width = kInputs;
    costs.activations = kInputs + 1.0;
    for (std::size_t layer = 0; layer <= c.index(6); ++layer) {
      const double units = c[first(layer)];
      costs.multiply_accumulates += width * units;
      costs.parameters += (width + 1.0) * units;
      costs.activations += units;
      width = units;
    }
    costs.multiply_accumulates += width;
    costs.parameters += width + 1.0;
    costs.trained_parameters = costs.parameters;
    costs.batch = std::exp2(3.0 + c[3]);
    costs.flops_per_weight = c.index(0) == 0 ? 12.0 : 6.0;  // Adam; SGD with momentum and decay
    return costs;
  }

 private:
  static constexpr std::size_t kMostLayers = 4;
  static constexpr double kHopeless = 8.5;  // lambda above which any network of two layers overflows; assumed
  static std::size_t first(std::size_t layer) { return 7 + 3 * layer; }
  static double doublings(const Configuration& c, std::size_t layer) {
    return std::log2(c[first(layer)] / 16.0);
  }
  double full_;
};

// ---- cnn_finetune: a pretrained ResNet-50 (He et al. 2016) on a small set of images. The network is exact,
// the landscape assumed.

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

class CnnFinetune {
 public:
  explicit CnnFinetune(const HpoSettings& settings) : full_(settings.full_epochs()) {}
  static constexpr double kRuggedness = .03;
  static constexpr double kHighest = 100.0;

  static ObjectiveTraits objective() { return {"validation error", "%", Direction::minimise}; }

  static SearchSpace space() {
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

  [[nodiscard]] Prospect at(const Configuration& c) const {
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

  [[nodiscard]] static Costs costs(const Configuration& c) {
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
    return costs;
  }

 private:
  static constexpr double kClasses = 100.0;
  static constexpr std::array<double, 6> kSides = {128.0, 160.0, 192.0, 224.0, 256.0, 288.0};

  double full_;
};

// ---- gradient_boosting: XGBoost's parameters (Chen and Guestrin 2016) on the same table's rows; the
// landscape is assumed. A round is one tree (gblinear: one pass over the features).

class GradientBoosting {
 public:
  explicit GradientBoosting(const HpoSettings& settings) : full_(settings.full_epochs()) {}
  static constexpr double kRuggedness = .02;
  static constexpr double kHighest = 1e3;

  static ObjectiveTraits objective() { return {"validation MSE", "", Direction::minimise}; }

  static SearchSpace space() {
    const Condition trees{0, {0, 1}};
    const Condition dart{0, {1}};
    return SearchSpace({{"booster", Categorical{{"gbtree", "dart", "gblinear"}}, std::nullopt, 0.0},
                        {"eta", Real{1e-3, 1.0, Scale::log}, std::nullopt, .1},
                        {"lambda", Real{1e-3, 1e3, Scale::log}, std::nullopt, 1.0},
                        {"alpha", Real{1e-3, 1e3, Scale::log}, std::nullopt, 1e-3},
                        {"max_depth", Integer{1, 15}, trees, 6.0},
                        {"min_child_weight", Real{1.0, 128.0, Scale::log}, trees, 1.0},
                        {"gamma", Real{1e-4, 10.0, Scale::log}, trees, 1e-4},
                        {"subsample", Real{.1, 1.0}, trees, 1.0},
                        {"colsample_bytree", Real{.1, 1.0}, trees, 1.0},
                        {"rate_drop", Real{0.0, .5}, dart, .1},
                        {"skip_drop", Real{0.0, 1.0}, dart, .5}});
  }

  [[nodiscard]] Prospect at(const Configuration& c) const {
    Prospect p;
    p.plateau = kConstantLoss;
    p.death = kNever;
    p.decay = 0.0;
    p.spread = .004;
    const double penalty = .02 * square(std::log10(c[2])) + .015 * square(std::max(0.0, std::log10(c[3])));
    if (c.index(0) == 2) {
      p.end = .57 + .04 * penalty;
      p.time_constant = 3.0 / c[1];
      p.data_hunger = .05;
      p.diverges = c[1] > .7 && c[2] < 1.0;  // parallel coordinate steps overshoot without a penalty
      return p;
    }
    const double depth = c[4];
    // Deep trees of big steps overfit; shallow ones cannot see interactions.
    const double overfit = .05 * std::max(0.0, depth - 4.0) * std::max(0.0, std::log10(c[1] / .02)) *
                           (1.3 - .3 * std::log2(c[5]) / 7.0);
    double b = -1.35 + .012 * square(depth - 10.0) + overfit + penalty + .3 * square(c[7] - .8) +
               .4 * square(c[8] - .7) + .02 * square(std::max(0.0, std::log10(c[6]) + 1.0));
    double pace = c[1];
    if (c.index(0) == 1) {
      const double dropped = c[9] * (1.0 - c[10]);
      b += .5 * square(dropped - .05);
      pace *= 1.0 - dropped;
    }
    const double unlearnt = std::exp(-pace * full_ / kPaceOfTrees);
    p.end = (.05 + std::exp(b)) * (1.0 - unlearnt) + unlearnt;
    p.time_constant = kPaceOfTrees / pace;
    p.data_hunger = .08 + .01 * depth;
    return p;
  }

  // Histogram trees: every level reads the drawn features of the drawn rows, two additions each; a prediction
  // compares once a level.
  [[nodiscard]] static Costs costs(const Configuration& c) {
    Costs costs;
    costs.batch = 27'438.0;
    const bool linear = c.index(0) == 2;
    const double depth = linear ? 1.0 : c[4];
    const double drawn = linear ? 1.0 : c[7] * c[8];
    costs.multiply_accumulates = kInputs * depth * drawn;
    costs.parameters = linear ? kInputs + 1.0 : std::exp2(depth + 1.0) - 1.0;  // of a round's tree, at most
    costs.activations = kInputs;
    return costs;
  }

 private:
  static constexpr double kPaceOfTrees =
      4.0;  // eta times rounds in which the loss falls by a factor e; assumed
  double full_;
};

// ---- the problem

template <class Landscape>
class HpoProblem final : public Problem {
 public:
  explicit HpoProblem(const HpoSettings& settings)
      : settings_(settings),
        landscape_(settings),
        space_(Landscape::space()),
        rugged_(static_cast<std::uint64_t>(settings.landscape), space_, kLength) {
    traits_.name = "hpo/" + std::string(settings.space == Space::fcnet
                                            ? "fcnet"
                                            : kModelNames[static_cast<std::size_t>(settings.model)]);
    traits_.objectives = {Landscape::objective()};
    if (settings.fidelity == Counts::data)
      traits_.fidelity = {"data", kLeastData, 1.0, false};
    else
      traits_.fidelity = {settings.model == Model::gradient_boosting ? "rounds" : "epochs", 1.0,
                          settings.full_epochs(), true};
    if (settings.space == Space::fcnet) find_optimum();
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

  // The mean over training seeds; of what diverges, the loss before training.
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Prospect p = look(configuration);
    if (p.diverges) return p.start;
    return p.end + p.death * (p.plateau - p.end);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Configuration& configuration = evaluation.configuration;
    const Prospect p = look(configuration);
    const Costs costs = landscape_.costs(configuration);
    // The training seed stays the same at every fidelity.
    const std::uint64_t seed =
        mix_bits(evaluation.run ^ mix_bits(evaluation.repeat + 1ULL) ^ configuration.digest());
    Outcome outcome;
    if (p.diverges) {
      const double until =
          hashed_uniform(mix_bits(seed ^ 1ULL)) * kLatestDivergence * traits_.fidelity.highest;
      if (evaluation.to > until) {
        outcome.failure = Failure::diverged;
        outcome.workload = training(costs, std::max(0.0, until - evaluation.from));
        return outcome;
      }
    }
    const bool dies = hashed_uniform(mix_bits(seed ^ 2ULL)) < p.death;
    const double lasting = hashed_normal(mix_bits(seed ^ 3ULL));
    const double passing = random.normal();
    const double effect = dies ? 0.0 : settings_.noise * p.spread * (.8 * lasting + .6 * passing);
    outcome.objectives.push_back(
        std::min(after(evaluation.to, p, dies) * std::exp(effect), Landscape::kHighest));
    outcome.workload = training(costs, evaluation.to - evaluation.from);
    return outcome;
  }

  // One sample, forward; of boosting all the rounds' trees, a comparison a level.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Costs costs = landscape_.costs(configuration);
    const double rounds = settings_.model == Model::gradient_boosting ? settings_.full_epochs() : 1.0;
    Workload work;
    work.samples = 1.0;
    work.parameters = costs.parameters * rounds;
    work.flops = Work::from_base(2.0 * costs.multiply_accumulates * rounds);
    work.traffic = Bytes::from_base(kBytesPerNumber * (costs.parameters * rounds + 2.0 * costs.activations));
    work.memory = work.traffic;
    return work;
  }

 private:
  static constexpr double kLength = .6;  // of the ruggedness, in units of a parameter's range
  static constexpr double kLeastData = 1.0 / 64.0;
  static constexpr double kLatestDivergence =
      .3;                                   // share of the training by which a divergence shows; assumed
  static constexpr double kSeedless = 1.7;  // logits by which death is the configuration's, not the seed's
  static constexpr double kSeedSharpness = 3.0;
  static constexpr double kOwn =
      .0045;  // what no parameter explains: sd of a mean of four seeds on the fcnet table
  static constexpr double kBytesPerNumber = 4.0;
  static constexpr double kAccessesPerActivation = 5.0;  // as in cell_nas
  static constexpr double kAccessesPerWeight = 8.0;
  static constexpr double kNumbersPerWeight = 4.0;  // weight, gradient, two moments

  // With ruggedness, and the logit of death turned into a probability.
  [[nodiscard]] Prospect look(const Configuration& configuration) const {
    Prospect p = landscape_.at(configuration);
    const std::uint64_t own =
        mix_bits(configuration.digest() ^ static_cast<std::uint64_t>(settings_.landscape));
    p.end *= std::exp(Landscape::kRuggedness * rugged_.at(space_, configuration) +
                      kOwn * hashed_normal(mix_bits(own ^ 1ULL)));
    p.end = std::min(p.end, Landscape::kHighest);
    p.death = p.death > -12.0 ? sigmoid(kSeedSharpness * (p.death + kSeedless * hashed_normal(own))) : 0.0;
    return p;
  }

  [[nodiscard]] double after(double amount, const Prospect& p, bool dies) const {
    const double full = settings_.full_epochs();
    const bool of_data = settings_.fidelity == Counts::data;
    const double epochs = of_data ? full : amount;
    double end = dies ? p.plateau : p.end + p.unannealed * (1.0 - epochs / full);
    if (of_data && !dies) end = std::min(end * std::pow(amount, -p.data_hunger), std::max(end, p.start));
    const double left = remaining(epochs, p);
    const double at_end = remaining(full, p);
    return end + std::max(0.0, p.start - end) * (left - at_end) / (1.0 - at_end);
  }

  [[nodiscard]] static double remaining(double epochs, const Prospect& p) {
    const double t = epochs / p.time_constant;
    return p.decay == 0.0 ? std::exp(-t) : std::pow(1.0 + t, -p.decay);
  }

  [[nodiscard]] Workload training(const Costs& costs, double amount) const {
    const double epochs = settings_.fidelity == Counts::data ? amount * settings_.full_epochs() : amount;
    Workload work;
    work.samples = settings_.full_samples() * epochs;
    work.steps = work.samples / costs.batch;
    work.parameters = costs.trained_parameters;
    // Forward once, backward twice as far as gradients go; a multiply-accumulate is two.
    const double per_sample = costs.multiply_accumulates * (2.0 + 4.0 * costs.trained_share);
    work.flops = Work::from_base(per_sample * work.samples +
                                 costs.flops_per_weight * costs.trained_parameters * work.steps);
    work.traffic =
        Bytes::from_base(kBytesPerNumber * (kAccessesPerActivation * costs.activations * work.samples +
                                            kAccessesPerWeight * costs.parameters * work.steps));
    work.memory = Bytes::from_base(kBytesPerNumber *
                                   (kNumbersPerWeight * costs.parameters + costs.batch * costs.activations));
    return work;
  }

  // Every setting of the preset.
  void find_optimum() {
    Configuration all(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i) all.set(i, 0.0);
    double best = true_value(all);
    for (std::size_t i = 0; i < space_.size();) {
      best = std::min(best, true_value(all));
      for (i = 0; i < space_.size(); ++i) {
        const double choices = static_cast<double>(*cardinality(space_[i].domain));
        if (all[i] + 1.0 < choices) {
          all.set(i, all[i] + 1.0);
          break;
        }
        all.set(i, 0.0);
      }
    }
    optimum_ = best;
  }

  HpoSettings settings_;
  Landscape landscape_;
  SearchSpace space_;
  Ruggedness rugged_;
  ProblemTraits traits_;
  std::optional<double> optimum_;
};

class HpoRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override {
    if (settings_.space == Space::fcnet) return std::make_shared<const HpoProblem<FcNet>>(settings_);
    switch (settings_.model) {
      case Model::mlp:
        return std::make_shared<const HpoProblem<Mlp>>(settings_);
      case Model::cnn_finetune:
        return std::make_shared<const HpoProblem<CnnFinetune>>(settings_);
      case Model::gradient_boosting:
        return std::make_shared<const HpoProblem<GradientBoosting>>(settings_);
    }
    return nullptr;
  }

 private:
  HpoSettings settings_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_hpo_recipe() {
  return std::make_unique<HpoRecipe>();
}

}  // namespace tonne
