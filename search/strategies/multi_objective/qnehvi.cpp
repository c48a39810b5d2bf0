// qNEHVI: Daulton, Balandat and Bakshy 2021, "Parallel Bayesian Optimization of Multiple Noisy Objectives with Expected
// Hypervolume Improvement" (NeurIPS): search/surrogates/noisy_hypervolume.h, with a Gaussian process for each objective.
// Noise does not make a front too good, since the front is one of draws of the function and not of observations; and
// workers do not get in each other's way, since running trials are among the points that are drawn (the paper's
// sequential greedy choice of q candidates).
//
// Choices:
// - Draws are made of a Sobol sequence, shifted digitally anew at each ask; beyond its dimensions, of uniform numbers.
// - r, the reference point: front_reference.h, by the posterior means.
// - X is what the models know, at most max_fit_points, and the latest running trials.
// - Failed trials count in the models with the worst of each objective so far, and are on no front.
// - Nothing is proposed twice while something else is found.

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "core/sobol.h"
#include "search/strategies/multi_objective/front_strategy.h"
#include "search/surrogates/noisy_hypervolume.h"

namespace tonne {
namespace {

using Eigen::Index;

constexpr std::size_t kMostRunning = 200;        // of which a draw is made
constexpr std::size_t kMostDimensions = 3667;  // of the Sobol sequence

struct QnehviSettings {
  /// initial, none: 2 (d + 1), as ehvi. max_fit_points, candidates: assumed; a candidate costs `samples` times ehvi's.
  ObjectiveSearchSettings search = {.max_fit_points = 300, .acquisition = {.candidates = 512, .local_starts = 4}};
  std::int64_t samples = 16;  ///< assumed; BoTorch has 128, where the candidate's own value is drawn too
  FrontReferenceSettings reference;
  RefitSettings refit;

  void visit(SettingsVisitor& visitor) {
    search.visit_design(
        visitor,
        "Latin hypercube trials before the model; default: 2 x (parameters + 1), at most initial_most");
    visitor.integer("samples", samples, Bounds::between(1, 1024),
                    "draws of the functions' values at what was evaluated and is running");
    reference.visit(visitor);
    refit.visit(visitor);
    search.visit_model(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_objectives(context.traits, search.cost_objective,
                              ExpectedHypervolumeImprovement::kMostObjectives,
                              "the improvement handles 2 or 3; use parego for more");
  }
};

class Qnehvi final : public FrontStrategy {
 public:
  Qnehvi(const QnehviSettings& settings, const StrategyContext& context)
      : FrontStrategy(settings.search, settings.reference, settings.refit, context),
        samples_(static_cast<Index>(settings.samples)) {}

 private:
  // X: what was evaluated, then what is running.
  struct Baseline {
    std::vector<Configuration> configurations;
    std::vector<bool> counts;  // whether it may be on a front
  };

  [[nodiscard]] Baseline baseline() const {
    const MultiObjectiveLog& log = search_.log();
    Baseline baseline;
    for (const std::size_t i : models_.known()) {
      baseline.configurations.push_back(log.observations()[i].configuration);
      baseline.counts.push_back(!log.observations()[i].losses.empty());
    }
    const std::size_t older = log.pending().size() - std::min(log.pending().size(), kMostRunning);
    for (auto running = std::next(log.pending().begin(), static_cast<std::ptrdiff_t>(older));
         running != log.pending().end(); ++running) {
      baseline.configurations.push_back(running->second);
      baseline.counts.push_back(true);
    }
    return baseline;
  }

  Configuration improve(TrialId id, const AcquisitionSearch::Excluded& excluded, Random& random) override {
    const MultiObjectiveLog& log = search_.log();
    std::vector<Configuration> evaluated;
    for (const auto& observation : log.observations())
      if (!observation.losses.empty()) evaluated.push_back(observation.configuration);
    const std::vector<Objectives> means = models_.means(evaluated);
    const Objectives reference = reference_.choose(id, means, log.extent(), random);

    const Baseline known = baseline();
    PointSet points(static_cast<Index>(known.configurations.size()), search_.encoding().columns());
    for (std::size_t i = 0; i < known.configurations.size(); ++i)
      search_.encoding().encode(known.configurations[i], points, static_cast<Index>(i));
    LogNoisyHypervolumeImprovement improvement(models_.processes(), points, known.counts, reference,
                                               normals(points.count(), random));
    Configuration best = search_.acquisition_search().maximise(
        improvement, drawn_from_front(evaluated, means, kIncumbents, random), excluded, random);
    improvements_ += improvement.computed();
    return best;
  }

  // Of each objective a row for each point and a column for each draw; a draw is one point of the sequence.
  [[nodiscard]] std::vector<Eigen::MatrixXd> normals(Index points, Random& random) const {
    const std::size_t m = search_.objectives();
    const std::size_t all = m * static_cast<std::size_t>(points);
    const std::size_t dimensions = std::min(all, kMostDimensions);
    SobolSequence sequence(dimensions);
    std::vector<std::uint64_t> shifts(dimensions);
    for (std::uint64_t& shift : shifts) shift = random.next();
    std::vector<Eigen::MatrixXd> drawn(m, Eigen::MatrixXd(points, samples_));
    for (Index s = 0; s < samples_; ++s)
      for (std::size_t d = 0; d < all; ++d) {
        const std::uint64_t bits = d < dimensions ? sequence.next() ^ shifts[d] : random.next();
        const auto place = static_cast<Index>(d / m);
        drawn[d % m](place, s) = normal_quantile((static_cast<double>(bits >> 12U) + 0.5) * 0x1.0p-52);
      }
    return drawn;
  }

  Index samples_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_qnehvi_recipe() {
  return std::make_unique<BasicStrategyRecipe<QnehviSettings, Qnehvi>>();
}

}  // namespace tonne
