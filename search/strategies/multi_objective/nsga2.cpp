// NSGA-II: Deb, Pratap, Agarwal and Meyarivan 2002, "A Fast and Elitist Multiobjective Genetic Algorithm:
// NSGA-II", IEEE Trans. Evol. Comp. 6. The symbols are the paper's: N members in P_t, children Q_t, of R_t =
// P_t + Q_t the N best by front, then by crowding distance. Simulated binary crossover and polynomial
// mutation as in Deb's own program, bounded (Deb and Agrawal 1995).
//
// Where the paper is silent:
// - Numbers are crossed and mutated in unit coordinates; integers take the value whose cell holds the
// coordinate. Choices and levels are
//   swapped with probability 1/2 and mutate to another choice, or to the level beside it.
// - Workers: children are made of P_t whenever a worker asks; when N have ended they are Q_t.
// - Constraints: a candidate that violates some ranks behind all that do not, by the sum of its violations
// (section VI). One
//   that failed for another reason joins no generation.
// - `cost_objective` adds what the trial was charged as the last objective, so that any problem has two:
// error and CO2e.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/pareto.h"
#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

struct Nsga2Settings {
  std::int64_t population = 100;   ///< N
  double crossover = 0.9;          ///< p_c
  double eta_c = 20.0;             ///< distribution index of the crossover
  std::optional<double> mutation;  ///< p_m; none: 1 / d
  double eta_m = 20.0;             ///< distribution index of the mutation
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(4, 1e6), "population size");
    visitor.number("crossover", crossover, Bounds::between(0, 1), "crossover probability");
    visitor.number("eta_c", eta_c, {0.0, 1e6, true},
                   "distribution index of SBX crossover; larger keeps children closer to their parents");
    visitor.optional_number("mutation", mutation, Bounds::between(0, 1),
                            "probability that a parameter mutates; default: 1 / number of parameters");
    visitor.number("eta_m", eta_m, {0.0, 1e6, true},
                   "distribution index of polynomial mutation; larger means smaller steps");
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
        p_m_(settings.mutation.value_or(
            1.0 / static_cast<double>(std::max<std::size_t>(1, context.space.size())))) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    pending_.insert(id);
    Configuration next = parents_.empty() ? space_.sample(random) : child(random);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (pending_.erase(trial.id) == 0) return;
    Member member = {.configuration = trial.proposal.configuration};
    if (trial.completed()) {
      member.losses = losses_of(trial, settings_.cost_objective);
      if (std::ranges::any_of(member.losses, [](double loss) { return std::isnan(loss); })) return;
    } else {
      for (const double value : trial.constraints) member.violation += std::max(0.0, value);
      if (!(member.violation > 0.0)) return;
    }
    children_.push_back(std::move(member));
    if (children_.size() == n_) next_generation();
  }

 private:
  struct Member {
    Configuration configuration;
    Objectives losses = {};  // empty where a constraint is violated
    double violation = 0.0;
    std::uint32_t rank = 0;
    double crowding = 0.0;
  };

  // --- making a child ---

  [[nodiscard]] Configuration child(Random& random) const {
    const Member& first = tournament(random);
    Configuration result = first.configuration;
    if (random.bernoulli(settings_.crossover)) cross(result, tournament(random).configuration, random);
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (random.bernoulli(p_m_)) mutate(result, i, random);
    return result;
  }

  // The crowded-comparison operator of section III-B; the first drawn among equals.
  [[nodiscard]] const Member& tournament(Random& random) const {
    const Member& a = parents_[random.below(parents_.size())];
    const Member& b = parents_[random.below(parents_.size())];
    if (a.rank != b.rank) return a.rank < b.rank ? a : b;
    return b.crowding > a.crowding ? b : a;
  }

  // One of the two children of Deb's operator, which tosses for each parameter which child takes which side.
  void cross(Configuration& child, const Configuration& other, Random& random) const {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const bool takes_part = random.bernoulli(0.5);
      if (!takes_part || !child.is_active(i) || !other.is_active(i)) continue;
      const Domain& domain = space_[i].domain;
      if (is_categorical(domain) || std::holds_alternative<Ordinal>(domain)) {
        child.set(i, other[i]);
        continue;
      }
      const double u = random.uniform();
      const bool far_side = random.bernoulli(0.5);
      child.set(
          i, from_unit(domain, crossed(to_unit(domain, child[i]), to_unit(domain, other[i]), u, far_side)));
    }
    if (space_.has_conditions()) space_.repair(child, random);
  }

  [[nodiscard]] double crossed(double own, double other, double u, bool far_side) const {
    const double low = std::min(own, other);
    const double high = std::max(own, other);
    if (high - low < 1e-14) return own;
    const double room = far_side ? 1.0 - high : low;
    const double beta = 1.0 + 2.0 * room / (high - low);
    const double alpha = 2.0 - std::pow(beta, -(settings_.eta_c + 1.0));
    const double power = 1.0 / (settings_.eta_c + 1.0);
    const double spread =
        u <= 1.0 / alpha ? std::pow(u * alpha, power) : std::pow(1.0 / (2.0 - u * alpha), power);
    const double centre = 0.5 * (low + high);
    const double half = 0.5 * spread * (high - low);
    return std::clamp(far_side ? centre + half : centre - half, 0.0, 1.0);
  }

  void mutate(Configuration& child, std::size_t i, Random& random) const {
    if (!child.is_active(i)) return;
    const Domain& domain = space_[i].domain;
    if (is_categorical(domain) || std::holds_alternative<Ordinal>(domain))
      return perturb(space_, child, i, 0.0, random);
    const double x = to_unit(domain, child[i]);
    const double u = random.uniform();
    const double power = 1.0 / (settings_.eta_m + 1.0);
    double step = 0.0;
    if (u < 0.5) {
      const double value = 2.0 * u + (1.0 - 2.0 * u) * std::pow(1.0 - x, settings_.eta_m + 1.0);
      step = std::pow(value, power) - 1.0;
    } else {
      const double value = 2.0 * (1.0 - u) + 2.0 * (u - 0.5) * std::pow(x, settings_.eta_m + 1.0);
      step = 1.0 - std::pow(value, power);
    }
    child.set(i, from_unit(domain, std::clamp(x + step, 0.0, 1.0)));
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

  // Fronts of the feasible members, then one front for each violating one, by its violation.
  static void rank(std::vector<Member>& members) {
    std::vector<std::uint32_t> feasible, violating;
    for (std::uint32_t i = 0; i < members.size(); ++i)
      (members[i].losses.empty() ? violating : feasible).push_back(i);
    std::vector<Objectives> points;
    for (const std::uint32_t i : feasible) points.push_back(members[i].losses);
    const auto fronts = front_numbers(points);
    std::uint32_t next = 0;
    for (std::size_t k = 0; k < feasible.size(); ++k) {
      members[feasible[k]].rank = fronts[k];
      next = std::max(next, fronts[k] + 1);
    }
    for (std::uint32_t front = 0; front < next; ++front) crowd(members, feasible, front);
    std::ranges::sort(violating, [&](std::uint32_t a, std::uint32_t b) {
      return members[a].violation != members[b].violation ? members[a].violation < members[b].violation
                                                          : a < b;
    });
    for (const std::uint32_t i : violating) members[i].rank = next++;
  }

  static void crowd(std::vector<Member>& members, const std::vector<std::uint32_t>& feasible,
                    std::uint32_t front) {
    std::vector<std::uint32_t> own;
    std::vector<Objectives> points;
    for (const std::uint32_t i : feasible) {
      if (members[i].rank != front) continue;
      own.push_back(i);
      points.push_back(members[i].losses);
    }
    const auto distances = crowding_distances(points);
    for (std::size_t k = 0; k < own.size(); ++k) members[own[k]].crowding = distances[k];
  }

  Nsga2Settings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t n_;
  double p_m_;
  std::vector<Member> parents_;   // P_t
  std::vector<Member> children_;  // Q_t, as far as it has ended
  std::set<TrialId> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_nsga2_recipe() {
  return std::make_unique<BasicStrategyRecipe<Nsga2Settings, Nsga2>>();
}

}  // namespace tonne
