// Regularized (aging) evolution: Real, Aggarwal, Huang and Le 2019, "Regularized Evolution for Image
// Classifier Architecture Search", AAAI 33, Algorithm 1. The symbols are the paper's.
//
// Where the paper is silent:
// - Workers: a child is made from the members that the population has when a worker asks. Until P candidates
// have
//   been told, proposals are random, so a search with W workers begins with up to P + W - 1 random ones.
// - Failed candidates do not join the population and age nobody: they have no fitness, and the oldest dies
// only for
//   a child that takes its place.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/trial_table.h"

namespace tonne {
namespace {

enum class Removal : std::uint8_t { oldest, worst };
constexpr std::array<std::string_view, 2> kRemovalNames = {"oldest", "worst"};

/// Defaults: Real et al. 2019, Methods. NATS-Bench (Dong et al. 2021) uses P = 10, S = 3 on its small spaces.
struct RegularizedEvolutionSettings {
  std::int64_t population = 100;       ///< P, candidates alive
  std::int64_t sample = 25;            ///< S, candidates in a tournament, drawn with replacement
  double identity_probability = 0.05;  ///< of the identity mutation: the parent trained once more
  Removal remove = Removal::oldest;    ///< who dies for a child: the oldest (aging) or the worst (non-aging)

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(1, 1e7),
                    "population size; the first members are random");
    visitor.integer("sample", sample, Bounds::between(1, 1e7),
                    "sample size: the best of this many random members becomes the parent");
    visitor.number("identity_probability", identity_probability, Bounds::between(0, 1),
                   "probability that a child is an unchanged copy; otherwise one parameter changes");
    visitor.choice("remove", remove, kRemovalNames,
                   "which member each child replaces: the oldest (aging evolution) or the worst");
  }
};

class RegularizedEvolution final : public Strategy {
 public:
  RegularizedEvolution(const RegularizedEvolutionSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        capacity_(static_cast<std::size_t>(settings.population)) {
    population_.reserve(std::min<std::size_t>(capacity_, 4096));
    losses_.reserve(population_.capacity());
  }

  std::optional<Proposal> ask(TrialId, Random random) override {
    if (population_.size() < capacity_)
      return Proposal{.configuration = space_.sample(random), .fidelity = fidelity_};
    const Configuration& parent = tournament(random);
    if (random.bernoulli(settings_.identity_probability))
      return Proposal{.configuration = parent, .fidelity = fidelity_};
    return Proposal{.configuration = space_.mutate(parent, random), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (trial.proposal.fidelity != fidelity_ || !trial.completed() || std::isnan(trial.loss())) return;
    if (!told_.insert(trial.id)) return;
    if (population_.size() < capacity_) {
      population_.push_back(trial.proposal.configuration);
      losses_.push_back(trial.loss());
      return;
    }
    const std::size_t dead = settings_.remove == Removal::oldest ? oldest() : worst();
    population_[dead] = trial.proposal.configuration;
    losses_[dead] = trial.loss();
  }

 private:
  // The best of S members drawn with replacement; the first drawn among equals.
  const Configuration& tournament(Random& random) const {
    std::size_t parent = random.below(losses_.size());
    for (std::int64_t i = 1; i < settings_.sample; ++i) {
      const std::size_t drawn = random.below(losses_.size());
      parent = losses_[drawn] < losses_[parent] ? drawn : parent;
    }
    return population_[parent];
  }

  // The population is a ring: the oldest stands where the next child goes.
  std::size_t oldest() {
    const std::size_t member = oldest_;
    oldest_ = member + 1 == capacity_ ? 0 : member + 1;
    return member;
  }
  [[nodiscard]] std::size_t worst() const {
    return static_cast<std::size_t>(std::ranges::max_element(losses_) - losses_.begin());
  }

  RegularizedEvolutionSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t capacity_;
  std::vector<Configuration> population_;
  std::vector<double> losses_;  // of the population
  std::size_t oldest_ = 0;
  ToldTrials told_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_regularized_evolution_recipe() {
  return std::make_unique<BasicStrategyRecipe<RegularizedEvolutionSettings, RegularizedEvolution>>();
}

}  // namespace tonne
