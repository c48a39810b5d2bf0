// NSGA-II: Deb, Pratap, Agarwal and Meyarivan 2002, "A Fast and Elitist Multiobjective Genetic Algorithm:
// NSGA-II", IEEE Trans. Evol. Comp. 6. The symbols are the paper's: N members in P_t, children Q_t, of R_t =
// P_t + Q_t the N best by front, then by crowding distance. Crossover and mutation: variation.h.
//
// Where the paper is silent:
// - Workers: children are made of P_t whenever a worker asks; when N have ended they are Q_t.
// - Constraints: a candidate that violates some ranks behind all that do not, by the sum of its violations
//   (section VI). One that failed for another reason joins no generation.
// - `cost_objective` adds what the trial was charged as the last objective, so that any problem has two: error and
//   CO2e.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/pareto.h"
#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/multi_objective/variation.h"

namespace tonne {
namespace {

struct Nsga2Settings {
  std::int64_t population = 100;  ///< N
  VariationSettings variation = {};
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(4, 1e6), "population size");
    variation.visit(visitor);
    visitor.choice("cost_objective", cost_objective, kTrialCostNames, kCostObjectiveMeaning);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_objectives(context.traits, cost_objective, kMaxObjectives, "the maximum is 5");
  }
};

class Nsga2 final : public Strategy {
 public:
  Nsga2(const Nsga2Settings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        n_(static_cast<std::size_t>(settings.population)),
        variation_(settings.variation, context.space) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    pending_.insert(id);
    Configuration next = parents_.empty() ? space_.sample(random) : child(random);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (pending_.erase(trial.id) == 0) return;
    auto candidate = member_of(trial, settings_.cost_objective);
    if (!candidate) return;
    children_.push_back({std::move(*candidate), 0, 0.0});
    if (children_.size() == n_) next_generation();
  }

 private:
  struct Member : PopulationMember {
    std::uint32_t rank = 0;
    double crowding = 0.0;
  };

  // --- making a child ---

  [[nodiscard]] Configuration child(Random& random) const {
    const Member& first = tournament(random);
    Configuration result = first.configuration;
    if (variation_.crosses(random)) variation_.cross(result, tournament(random).configuration, random);
    variation_.mutate(result, random);
    return result;
  }

  // The crowded-comparison operator of section III-B; the first drawn among equals.
  [[nodiscard]] const Member& tournament(Random& random) const {
    const Member& a = parents_[random.below(parents_.size())];
    const Member& b = parents_[random.below(parents_.size())];
    if (a.rank != b.rank) return a.rank < b.rank ? a : b;
    return b.crowding > a.crowding ? b : a;
  }

  // --- the next generation ---

  void next_generation() {
    std::vector<Member> all = std::move(parents_);
    std::ranges::move(children_, std::back_inserter(all));
    children_.clear();
    rank(all);
    std::vector<std::uint32_t> order(all.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      if (all[a].rank != all[b].rank) return all[a].rank < all[b].rank;
      return all[a].crowding != all[b].crowding ? all[a].crowding > all[b].crowding : a < b;
    });
    order.resize(std::min(order.size(), n_));
    parents_.clear();
    for (const std::uint32_t i : order) parents_.push_back(std::move(all[i]));
  }

  static void rank(std::vector<Member>& members) {
    const auto fronts = population_fronts(members);
    std::vector<std::vector<std::uint32_t>> of_front;
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      members[i].rank = fronts[i];
      if (of_front.size() <= fronts[i]) of_front.resize(fronts[i] + 1);
      of_front[fronts[i]].push_back(i);
    }
    for (const auto& own : of_front) crowd(members, own);
  }

  static void crowd(std::vector<Member>& members, const std::vector<std::uint32_t>& own) {
    std::vector<Objectives> points;
    for (const std::uint32_t i : own) points.push_back(members[i].losses);
    const auto distances = crowding_distances(points);
    for (std::size_t k = 0; k < own.size(); ++k) members[own[k]].crowding = distances[k];
  }

  Nsga2Settings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t n_;
  Variation variation_;
  std::vector<Member> parents_;   // P_t
  std::vector<Member> children_;  // Q_t, as far as it has ended
  std::set<TrialId> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_nsga2_recipe() {
  return std::make_unique<BasicStrategyRecipe<Nsga2Settings, Nsga2>>();
}

}  // namespace tonne
