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
#include <span>
#include <utility>
#include <vector>

#include "core/pareto.h"
#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/multi_objective/variation.h"
#include "search/strategies/trial_table.h"

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
    if (!pending_.erase(trial.id)) return;
    const auto standing = standing_of(trial, settings_.cost_objective);
    if (!standing) return;
    children_.push_back({*standing, keep(trial.proposal.configuration), 0, 0.0});
    if (children_.size() == n_) next_generation();
  }

 private:
  struct Member : PopulationStanding {
    std::uint32_t place = 0;  // of its configuration
    std::uint32_t rank = 0;
    double crowding = 0.0;
  };

  [[nodiscard]] const Configuration& configuration(const Member& member) const { return configurations_[member.place]; }

  // Copied over one that is not needed any more, whose memory it takes.
  std::uint32_t keep(const Configuration& configuration) {
    if (free_.empty()) {
      configurations_.push_back(configuration);
      return static_cast<std::uint32_t>(configurations_.size() - 1);
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    configurations_[place] = configuration;
    return place;
  }

  // --- making a child ---

  [[nodiscard]] Configuration child(Random& random) const {
    Configuration result = configuration(tournament(random));
    if (variation_.crosses(random)) variation_.cross(result, configuration(tournament(random)), random);
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
    all.insert(all.end(), children_.begin(), children_.end());
    children_.clear();
    parents_.clear();
    const auto fronts = population_fronts(all);
    const std::vector<std::uint32_t> order = by_front(fronts);
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < order.size() && parents_.size() < n_; begin = end) {
      const std::uint32_t rank = fronts[order[begin]];
      for (end = begin + 1; end < order.size() && fronts[order[end]] == rank;) ++end;
      take_over(all, std::span(order).subspan(begin, end - begin), rank);
    }
    for (std::size_t i = n_; i < parents_.size(); ++i) free_.push_back(parents_[i].place);
    parents_.resize(std::min(parents_.size(), n_));
    for (; end < order.size(); ++end) free_.push_back(all[order[end]].place);
  }

  // The members by front, within a front by index.
  static std::vector<std::uint32_t> by_front(const std::vector<std::uint32_t>& fronts) {
    std::vector<std::uint32_t> places(std::ranges::max(fronts) + 2, 0);
    for (const std::uint32_t front : fronts) ++places[front + 1];
    for (std::size_t front = 1; front < places.size(); ++front) places[front] += places[front - 1];
    std::vector<std::uint32_t> order(fronts.size());
    for (std::uint32_t i = 0; i < fronts.size(); ++i) order[places[fronts[i]]++] = i;
    return order;
  }

  // A front joins the parents, by crowding distance, the first among equals ahead.
  void take_over(const std::vector<Member>& members, std::span<const std::uint32_t> front, std::uint32_t rank) {
    std::vector<Objectives> points;
    points.reserve(front.size());
    for (const std::uint32_t i : front) points.push_back(members[i].losses);
    const auto distances = crowding_distances(points);
    std::vector<std::pair<double, std::uint32_t>> ranked;  // the farthest first
    ranked.reserve(front.size());
    for (std::size_t k = 0; k < front.size(); ++k) ranked.emplace_back(-distances[k], front[k]);
    std::ranges::sort(ranked);
    for (const auto& [nearness, i] : ranked) {
      Member& parent = parents_.emplace_back(members[i]);
      parent.rank = rank;
      parent.crowding = -nearness;
    }
  }

  Nsga2Settings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t n_;
  Variation variation_;
  std::vector<Member> parents_;   // P_t
  std::vector<Member> children_;  // Q_t, as far as it has ended
  std::vector<Configuration> configurations_;  // of both, and places that are free
  std::vector<std::uint32_t> free_;
  TrialSet pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_nsga2_recipe() {
  return std::make_unique<BasicStrategyRecipe<Nsga2Settings, Nsga2>>();
}

}  // namespace tonne
