// The landscapes of `hpo` for networks of full layers: `fcnet`, the table's space, and `mlp`, free of it. The
// sum that both are made of stands at the top of hpo.cpp.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "search/problems/hyper_parameters/hpo.h"
#include "search/square.h"

namespace tonne::hpo {
namespace {

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

double softplus(double x) {
  return x > 30.0 ? x : std::log1p(std::exp(x));
}

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
  p.end = regular * std::exp(blow_up);
  // Annealed or not, a loss worse than a constant prediction's needs an instability.
  if (blow_up < .05) p.end = std::min(p.end, kConstantLoss);
  p.unannealed = f.cosine ? gradient_noise(f.lambda + 1.0) - noise : 0.0;
  p.plateau = kConstantLoss;
  p.death = f.tanh_2 > 0.0 ? kNever : z;  // a linear neuron after tanh does not die
  p.time_constant = 2.0 * std::exp2(-.5 * f.lambda) * (1.0 + d1 + d2) * full / 100.0;  // assumed
  p.data_hunger = .10 + .015 * (w1 + w2);                                              // assumed
  // By eye, along the table: a seed's sd is .9 % of the loss in the median, 3 % where gradient noise rules.
  p.spread = .0075 + std::min(.025, .02 * square(std::max(0.0, noise - .13) / .1));
  p.blow_up = blow_up;
  return p;
}

class FcNet final : public Landscape {
 public:
  explicit FcNet(const Settings& settings)
      : full_(settings.full_epochs()), table_(fcnet_table(settings.dataset)) {}
  [[nodiscard]] double ruggedness() const override { return kMlpRuggedness; }
  [[nodiscard]] double highest() const override { return std::numeric_limits<double>::infinity(); }
  [[nodiscard]] ObjectiveTraits objective() const override {
    return {"validation MSE", "", Direction::minimise};
  }

  [[nodiscard]] SearchSpace space() const override {
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

  [[nodiscard]] Prospect at(const Configuration& c) const override {
    MlpFeatures f;
    f.cosine = c.index(6) == 1;
    f.lambda = kRates[c.index(5)] - .5 * c[2] - (f.cosine ? 1.0 : 0.0);
    f.tanh_1 = c[0];
    f.tanh_2 = c[1];
    f.dropout_1 = .5 * c[3];
    f.dropout_2 = .5 * c[4];
    f.width_1 = c[7];
    f.width_2 = c[8];
    Prospect p = prospect(f, full_);
    p.spread *= table_.spread;
    return p;
  }

  [[nodiscard]] Costs costs(const Configuration& c) const override {
    const double n1 = std::exp2(4.0 + c[7]);
    const double n2 = std::exp2(4.0 + c[8]);
    Costs costs;
    costs.multiply_accumulates = table_.inputs * n1 + n1 * n2 + n2;
    costs.parameters = costs.multiply_accumulates + n1 + n2 + 1.0;
    costs.trained_parameters = costs.parameters;
    costs.activations = table_.inputs + n1 + n2 + 1.0;
    costs.batch = std::exp2(3.0 + c[2]);
    costs.flops_per_weight = 12.0;  // Adam
    costs.operations = 5.0;  // three products, two activation functions
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
  FcNetTable table_;
};

class Mlp final : public Landscape {
 public:
  explicit Mlp(const Settings& settings) : full_(settings.full_epochs()) {}
  [[nodiscard]] double ruggedness() const override { return kMlpRuggedness; }
  [[nodiscard]] ObjectiveTraits objective() const override {
    return {"validation MSE", "", Direction::minimise};
  }

  [[nodiscard]] SearchSpace space() const override {
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

  [[nodiscard]] Prospect at(const Configuration& c) const override {
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
    p.spread = std::min(.4, p.spread + .3 * (1.0 - std::exp(-p.blow_up)));
    p.blow_up = 0.0;
    p.diverges = p.end > 1.0 || f.lambda > kHopeless - (f.depth - 2.0);
    p.end = std::min(p.end, 1.0);
    return p;
  }

  [[nodiscard]] Costs costs(const Configuration& c) const override {
    Costs costs;
    double width = kInputs;
    costs.activations = kInputs + 1.0;
    for (std::size_t layer = 0; layer <= c.index(6); ++layer) {
      const double units = c[first(layer)];
      costs.multiply_accumulates += width * units;
      costs.parameters += (width + 1.0) * units;
      costs.activations += units;
      width = units;
      costs.operations += 2.0;  // product and activation function, beside the output's product
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

}  // namespace

std::unique_ptr<const Landscape> make_fcnet(const Settings& settings) {
  return std::make_unique<FcNet>(settings);
}

std::unique_ptr<const Landscape> make_mlp(const Settings& settings) {
  return std::make_unique<Mlp>(settings);
}

}  // namespace tonne::hpo
