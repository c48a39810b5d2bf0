// `space: lcbench` of hpo: the seven parameters of LCBench (Zimmer, Lindauer and Hutter 2021, "Auto-PyTorch
// Tabular", TPAMI), networks whose layers narrow like a funnel, trained for 50 epochs by SGD. Space and
// arithmetic are LCBench's; the landscape is assumed. LCBench has 35 data sets: each `landscape` is another
// invented one, with a number of classes, an error that the best reach, a best rate and a tendency to overfit
// of its own. Curves cross (fast starters end worse), fall late as the rate is annealed (in jumps with
// `schedule: step`), and rise again where a network overfits.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

#include "core/random.h"
#include "search/problems/hyper_parameters/hpo.h"
#include "search/square.h"

namespace tonne::hpo {
namespace {

/// One of the invented data sets.
struct Traits {
  double classes;
  double start;        ///< error of the most frequent class, %
  double best;         ///< error of a good network, %
  double best_rate;    ///< effective rate, doublings from the usual one
  double overfitting;  ///< by how much of its error an eager network overfits
};

Traits draw_traits(std::int64_t landscape) {
  Random random = Random(static_cast<std::uint64_t>(landscape)).child("lcbench");
  Traits t{};
  t.classes =
      random.bernoulli(.6) ? 2.0 : std::floor(std::exp(random.uniform(std::log(3.0), std::log(101.0))));
  t.start = 100.0 * (1.0 - 1.0 / t.classes) * random.uniform(.6, 1.0);
  t.best = t.start * std::exp(random.uniform(std::log(.03), std::log(.7)));
  t.best_rate = .8 * random.normal();
  t.overfitting = random.uniform(0.0, 2.0);
  return t;
}

class LcBench final : public Landscape {
 public:
  explicit LcBench(const Settings& settings)
      : full_(settings.full_epochs()),
        annealing_(settings.schedule == Schedule::step ? Annealing::step : Annealing::cosine),
        traits_(draw_traits(settings.landscape)) {}
  [[nodiscard]] double ruggedness() const override { return .03; }
  [[nodiscard]] double highest() const override { return 100.0; }
  [[nodiscard]] ObjectiveTraits objective() const override {
    return {"validation error", "%", Direction::minimise};
  }

  [[nodiscard]] SearchSpace space() const override {
    return SearchSpace({{"batch_size", Integer{16, 512, Scale::log}, std::nullopt, 64.0},
                        {"learning_rate", Real{1e-4, 1e-1, Scale::log}, std::nullopt, 1e-2},
                        {"momentum", Real{.1, .99}, std::nullopt, .9},
                        {"weight_decay", Real{1e-5, 1e-1}, std::nullopt, 1e-3},
                        {"num_layers", Ordinal{{"1", "2", "3", "4", "5"}}, std::nullopt, 2.0},
                        {"max_units", Integer{64, 1024, Scale::log}, std::nullopt, 256.0},
                        {"max_dropout", Real{0.0, 1.0}, std::nullopt, .2}});
  }

  [[nodiscard]] Prospect at(const Configuration& c) const override {
    const double layers = c[4] + 1.0;
    const double width = std::log2(c[5] / 256.0);
    const double dropout = c[6];
    const double decay = std::log10(c[3] / 1e-3);
    const double rate = std::log2(c[1] / (1.0 - c[2]) / .1) - .5 * std::log2(c[0] / 64.0) - traits_.best_rate;
    const double b = .035 * square(std::min(0.0, rate)) + .05 * square(std::max(0.0, rate)) - .05 * width +
                     .03 * square(layers - 3.0) + .6 * square(dropout - .25) +
                     3.0 * std::max(0.0, dropout - .8) + .12 * square(std::max(0.0, decay + .15 * rate));
    const double eager = .9 + .12 * width + .1 * (layers - 3.0) + .1 * rate - 1.2 * dropout - .25 * decay;
    Prospect p;
    p.start = traits_.start;
    p.plateau = traits_.start;
    const double learnt = std::min(traits_.start, traits_.best * std::exp(b));
    p.overfit = std::min(learnt * traits_.overfitting * std::max(0.0, eager), traits_.start - learnt);
    p.overfit_from = .15 + .5 / (1.0 + std::exp(.5 * rate));
    p.end = learnt + p.overfit;
    p.annealing = annealing_;
    p.unannealed = std::min(.15 * learnt * std::exp2(.5 * std::min(rate, 3.0)), .6 * (traits_.start - p.end));
    p.decay = 2.0;
    p.time_constant = std::clamp(3.0 * std::exp2(-.45 * rate), .05, 200.0) * full_ / 50.0;
    p.data_hunger = .15 + .03 * std::max(0.0, eager);
    p.death = 1.2 * (rate - 5.0) + .6 * (layers - 3.0);
    p.spread = .02;
    return p;
  }

  // Widths fall evenly from max_units to the classes.
  [[nodiscard]] Costs costs(const Configuration& c) const override {
    const double layers = c[4] + 1.0;
    Costs costs;
    double width = kColumns;
    costs.activations = kColumns + traits_.classes;
    for (double layer = 0.0; layer < layers; layer += 1.0) {
      const double units = std::round(c[5] - (c[5] - traits_.classes) * layer / layers);
      costs.multiply_accumulates += width * units;
      costs.parameters += (width + 1.0) * units;
      costs.activations += units;
      width = units;
    }
    costs.multiply_accumulates += width * traits_.classes;
    costs.parameters += (width + 1.0) * traits_.classes;
    costs.trained_parameters = costs.parameters;
    costs.batch = c[0];
    costs.flops_per_weight = 6.0;  // SGD with momentum and decay
    return costs;
  }

 private:
  static constexpr double kColumns = 50.0;  // of the table; assumed
  double full_;
  Annealing annealing_;
  Traits traits_;
};

}  // namespace

std::unique_ptr<const Landscape> make_lcbench(const Settings& settings) {
  return std::make_unique<LcBench>(settings);
}

}  // namespace tonne::hpo
