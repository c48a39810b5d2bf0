// A generational genetic algorithm: Goldberg 1989, "Genetic Algorithms in Search, Optimization, and Machine Learning",
// with tournament selection, uniform crossover (Syswerda 1989) and elitism.
//
// Where that is silent:
// - Each parameter mutates with probability 1/d by default: another choice, the level above or below, or a normal step of a
//   number.
// - The next generation is the `elites` best of the present one and the best of its children that have ended. It begins
//   when as many children have completed as it needs.
// - Workers: children are made from the present generation at any time; one that ends later belongs to the generation
//   that then stands.
// - Failed candidates join no generation.

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

struct GeneticSettings {
  std::int64_t population = 50;  ///< De Jong 1975 and Goldberg 1989 use 30 to 100
  std::int64_t tournament = 2;
  double crossover = 0.9;
  std::optional<double> mutation;  ///< of a parameter; none: 1 / d
  double step = 0.1;
  std::int64_t elites = 1;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(2, 1e6), "candidates per generation");
    visitor.integer("tournament", tournament, Bounds::between(1, 1e6),
                    "tournament size: the best of this many random candidates becomes a parent");
    visitor.number("crossover", crossover, Bounds::between(0, 1),
                   "probability of crossover; otherwise a child is a mutated copy of one parent");
    visitor.optional_number("mutation", mutation, Bounds::between(0, 1),
                            "probability that a parameter mutates; default: 1 / number of parameters");
    visitor.number("step", step, {0.0, 1.0, true}, "sd of a numeric mutation, as a fraction of the range");
    visitor.integer("elites", elites, Bounds::between(0, 1e6), "best candidates kept in the next generation");
    visitor.require(elites < population, "elites", "must be below the population size");
  }
};

class Genetic final : public Strategy {
 public:
  Genetic(const GeneticSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        size_(static_cast<std::size_t>(settings.population)),
        mutation_(settings.mutation.value_or(1.0 / static_cast<double>(std::max<std::size_t>(1, context.space.size())))) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    pending_.insert(id);
    Configuration next = parents_.empty() ? space_.sample(random) : child(random);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (pending_.erase(trial.id) == 0) return;
    if (!trial.completed() || std::isnan(trial.loss())) return;
    children_.push_back({trial.proposal.configuration, trial.loss(), trial.id});
    const std::size_t survivors = std::min(static_cast<std::size_t>(settings_.elites), parents_.size());
    if (children_.size() + survivors >= size_) next_generation(survivors);
  }

 private:
  struct Member {
    Configuration configuration;
    double loss;
    TrialId id;
    bool operator<(const Member& other) const { return loss != other.loss ? loss < other.loss : id < other.id; }
  };

  [[nodiscard]] Configuration child(Random& random) const {
    const Configuration& first = tournament(random);
    Configuration result = first;
    if (random.bernoulli(settings_.crossover)) {
      const Configuration& second = tournament(random);
      result = crossover(space_, first, second, random);
    }
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (random.bernoulli(mutation_)) perturb(space_, result, i, settings_.step, random);
    return result;
  }

  [[nodiscard]] const Configuration& tournament(Random& random) const {
    // Parents stand in order: the best of a sample is the one with the least number.
    std::uint64_t best = parents_.size();
    for (std::int64_t i = 0; i < settings_.tournament; ++i) best = std::min(best, random.below(parents_.size()));
    return parents_[best].configuration;
  }

  void next_generation(std::size_t survivors) {
    std::vector<Member> next(parents_.begin(), parents_.begin() + static_cast<std::ptrdiff_t>(survivors));
    next.insert(next.end(), children_.begin(), children_.end());
    std::ranges::sort(next, std::less<>{});
    parents_ = std::move(next);
    children_.clear();
  }

  GeneticSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t size_;
  double mutation_;
  std::vector<Member> parents_;   // the present generation, best first
  std::vector<Member> children_;  // completed, of the next one
  std::set<TrialId> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_genetic_recipe() {
  return std::make_unique<BasicStrategyRecipe<GeneticSettings, Genetic>>();
}

}  // namespace tonne
