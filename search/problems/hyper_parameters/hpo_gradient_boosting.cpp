// `model: gradient_boosting` of hpo: XGBoost's parameters (Chen and Guestrin 2016) on the same table's rows;
// the landscape is assumed. A round is one tree (gblinear: one pass over the features).

#include <algorithm>
#include <cmath>
#include <optional>

#include "search/problems/hyper_parameters/hpo.h"
#include "search/square.h"

namespace tonne::hpo {
namespace {

class GradientBoosting final : public Landscape {
 public:
  explicit GradientBoosting(const Settings& settings) : full_(settings.full_epochs()) {}
  [[nodiscard]] double ruggedness() const override { return .02; }
  [[nodiscard]] ObjectiveTraits objective() const override {
    return {"validation MSE", "", Direction::minimise};
  }

  [[nodiscard]] SearchSpace space() const override {
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

  [[nodiscard]] Prospect at(const Configuration& c) const override {
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
  [[nodiscard]] Costs costs(const Configuration& c) const override {
    Costs costs;
    costs.batch = kRows;
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

}  // namespace

std::unique_ptr<const Landscape> make_gradient_boosting(const Settings& settings) {
  return std::make_unique<GradientBoosting>(settings);
}

}  // namespace tonne::hpo
