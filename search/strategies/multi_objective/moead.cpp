// MOEA/D: Zhang and Li 2007, "MOEA/D: A Multiobjective Evolutionary Algorithm Based on Decomposition", IEEE Trans.
// Evol. Comp. 11, in the form of Li and Zhang 2009, "Multiobjective Optimization Problems With Complicated Pareto Sets,
// MOEA/D and NSGA-II", IEEE Trans. Evol. Comp. 13. The symbols are the papers': N weight vectors lambda, each with one
// solution x, its T nearest neighbours B(i), and the Tchebycheff function
//     g(x | lambda, z*) = max_j lambda_j |f_j(x) - z*_j|.
// A child of subproblem i is made of parents from B(i), with probability 1 - delta from all, and takes the place of at
// most n_r solutions there that are worse by their own functions.
//
// Where it differs, or the papers are silent:
// - f_j - z*_j is divided by the extent of the solutions' front (Zhang and Li 2007, section V-E, equation 11), anew
//   after every N trials, so that objectives of any unit count alike; `normalise: false` leaves it out.
// - A weight of zero counts as 1e-6, so that a solution which is worse in that objective alone is not as good.
// - `crossover: sbx` is that of the first paper, `de` that of the second: y_k = x_k + F (a_k - b_k) in unit
//   coordinates, cut off at the ends (Li and Zhang draw such a coordinate anew); of choices and levels that of a where
//   a and b differ. The default is what is ahead on ZDT, DTLZ2 and WFG4 (docs/strategies.md).
// - Workers: subproblems take turns, in a new order each time. Constraints and `cost_objective`: as in `nsga2`; a
//   solution that violates constraints is worse than any that does not, and of two the one that violates more.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "core/pareto.h"
#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/multi_objective/reference_directions.h"
#include "search/strategies/multi_objective/variation.h"
#include "search/strategies/sampling/moves.h"
#include "search/strategies/trial_table.h"

namespace tonne {
namespace {

enum class Crossover : std::uint8_t { sbx, de };
constexpr std::array<std::string_view, 2> kCrossoverNames = {"sbx", "de"};

struct MoeadSettings {
  ReferenceDirectionSettings directions;
  std::int64_t neighbours = 20;  ///< T
  double delta = 0.9;            ///< probability that parents come from B(i)
  std::int64_t replaced = 2;     ///< n_r
  Crossover crossover = Crossover::sbx;
  double f = 0.5;                   ///< F (2009)
  double cr = 1.0;                  ///< CR (2009)
  VariationSettings variation = {};  ///< eta_c = 20 of `sbx`, eta_m = 20 (2007 and 2009)
  bool normalise = true;
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    directions.visit(visitor);
    visitor.integer("neighbours", neighbours, Bounds::between(2, 1e5),
                    "subproblems whose solutions are parents and may be replaced (T)");
    visitor.number("delta", delta, Bounds::between(0, 1),
                   "probability that parents come from the neighbours rather than from all");
    visitor.integer("replaced", replaced, Bounds::between(1, 1e5), "solutions that one child may replace (n_r)");
    visitor.choice("crossover", crossover, kCrossoverNames,
                   "sbx: simulated binary crossover; de: differences between solutions");
    visitor.number("f", f, {0.0, 2.0, true}, "of de: scale factor of the differences (F)");
    visitor.number("cr", cr, Bounds::between(0, 1), "of de: probability that a parameter takes part (CR)");
    visitor.number("eta_c", variation.eta_c, {0.0, 1e6, true},
                   "of sbx: distribution index; larger keeps children closer to their parents");
    variation.visit_mutation(visitor);
    visitor.flag("normalise", normalise, "whether objectives count in parts of the front's extent");
    visitor.choice("cost_objective", cost_objective, kTrialCostNames, kCostObjectiveMeaning);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (auto reason = refuses_objectives(context.traits, cost_objective, kMaxObjectives, "the maximum is 5"))
      return reason;
    return directions.refuses(objective_count(context.traits, cost_objective));
  }
};

class Moead final : public Strategy {
 public:
  Moead(const MoeadSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        weights_(settings.directions.directions(objective_count(context.traits, settings.cost_objective))),
        variation_(settings.variation, context.space),
        neighbours_(nearest(weights_, static_cast<std::size_t>(settings.neighbours))),
        solutions_(weights_.size()),
        turn_(weights_.size()) {
    for (Objectives& weight : weights_)
      for (double& part : weight) part = std::max(part, kLeastWeight);
    std::iota(turn_.begin(), turn_.end(), 0U);
    everybody_ = turn_;
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    const std::uint32_t i = next_subproblem(random);
    const bool close = random.bernoulli(settings_.delta);
    const auto parents = filled(close ? neighbours_[i] : everybody_);
    const bool draws = !solutions_[i] || parents.size() < kLeastParents;
    Configuration next = draws ? space_.sample(random) : child(i, parents, random);
    pending_.put(id, Pending{i, close, random.child("replacement")});
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    std::optional<Pending> ended = pending_.take(trial.id);
    if (!ended) return;
    const auto candidate = member_of(trial, settings_.cost_objective);
    if (!candidate) return;
    meet(candidate->losses);
    replace(*candidate, *ended);
    if (settings_.normalise && ++told_ % weights_.size() == 0) measure_extent();
  }

 private:
  using Indices = std::vector<std::uint32_t>;
  static constexpr double kLeastWeight = 1e-6;
  static constexpr std::size_t kLeastParents = 3;  // of differences: x, a and b

  struct Pending {
    std::uint32_t subproblem = 0;
    bool close = false;
    Random random{0};
  };

  // B(i): by Euclidean distance of the weights, i itself first.
  static std::vector<Indices> nearest(const std::vector<Objectives>& weights, std::size_t count) {
    std::vector<Indices> all(weights.size());
    std::vector<std::pair<double, std::uint32_t>> distances(weights.size());
    count = std::min(count, weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (std::uint32_t k = 0; k < weights.size(); ++k) {
        double square = 0.0;
        for (std::size_t j = 0; j < weights[i].size(); ++j)
          square += (weights[i][j] - weights[k][j]) * (weights[i][j] - weights[k][j]);
        distances[k] = {square, k};
      }
      std::ranges::partial_sort(distances, distances.begin() + static_cast<std::ptrdiff_t>(count));
      for (std::size_t k = 0; k < count; ++k) all[i].push_back(distances[k].second);
    }
    return all;
  }

  static void shuffle(Indices& indices, Random& random) {
    for (std::size_t k = indices.size(); k > 1; --k) std::swap(indices[k - 1], indices[random.below(k)]);
  }

  std::uint32_t next_subproblem(Random& random) {
    if (next_ == turn_.size()) {
      next_ = 0;
      shuffle(turn_, random);
    }
    return turn_[next_++];
  }

  [[nodiscard]] Indices filled(const Indices& pool) const {
    Indices result;
    for (const std::uint32_t k : pool)
      if (solutions_[k]) result.push_back(k);
    return result;
  }

  // --- making a child ---

  [[nodiscard]] Configuration child(std::uint32_t i, const Indices& parents, Random& random) const {
    Configuration result = solutions_[i]->configuration;
    const Configuration& a = solutions_[parents[random.below(parents.size())]]->configuration;
    const Configuration& b = solutions_[parents[random.below(parents.size())]]->configuration;
    if (settings_.crossover == Crossover::sbx) {
      result = a;
      variation_.cross(result, b, random);
    } else {
      differ(result, a, b, random);
    }
    variation_.mutate(result, random);
    return result;
  }

  void differ(Configuration& child, const Configuration& a, const Configuration& b, Random& random) const {
    for (std::size_t k = 0; k < space_.size(); ++k) {
      if (!random.bernoulli(settings_.cr)) continue;
      if (!child.is_active(k) || !a.is_active(k) || !b.is_active(k) || a[k] == b[k]) continue;
      const Domain& domain = space_[k].domain;
      if (is_categorical(domain) || std::holds_alternative<Ordinal>(domain)) {
        child.set(k, a[k]);
        continue;
      }
      const double step = settings_.f * (to_unit(domain, a[k]) - to_unit(domain, b[k]));
      child.set(k, from_unit(domain, std::clamp(to_unit(domain, child[k]) + step, 0.0, 1.0)));
    }
    if (space_.has_conditions()) space_.repair(child, random);
  }

  // --- the solutions ---

  void meet(const Objectives& losses) {
    if (losses.empty()) return;
    if (ideal_.empty()) {
      ideal_ = losses;
      extent_ = Objectives(losses.size(), 1.0);
    }
    for (std::size_t j = 0; j < losses.size(); ++j) ideal_[j] = std::min(ideal_[j], losses[j]);
  }

  void replace(const PopulationMember& candidate, Pending& ended) {
    if (!solutions_[ended.subproblem]) {
      solutions_[ended.subproblem] = candidate;
      return;
    }
    Indices pool = ended.close ? neighbours_[ended.subproblem] : everybody_;
    std::int64_t left = settings_.replaced;
    for (std::size_t k = pool.size(); k > 0 && left > 0; --k) {
      std::swap(pool[k - 1], pool[ended.random.below(k)]);
      auto& solution = solutions_[pool[k - 1]];
      if (!solution || !is_no_worse(candidate, *solution, weights_[pool[k - 1]])) continue;
      solution = candidate;
      --left;
    }
  }

  [[nodiscard]] bool is_no_worse(const PopulationMember& a, const PopulationMember& b, const Objectives& weight) const {
    if (violates_less(a, b)) return true;
    if (violates_less(b, a)) return false;
    return a.losses.empty() || tchebycheff(a.losses, weight) <= tchebycheff(b.losses, weight);
  }

  [[nodiscard]] double tchebycheff(const Objectives& losses, const Objectives& weight) const {
    double greatest = 0.0;
    for (std::size_t j = 0; j < losses.size(); ++j)
      greatest = std::max(greatest, weight[j] * (losses[j] - ideal_[j]) / extent_[j]);
    return greatest;
  }

  void measure_extent() {
    std::vector<Objectives> losses;
    for (const auto& solution : solutions_)
      if (solution && !solution->losses.empty()) losses.push_back(solution->losses);
    const auto fronts = front_numbers(losses);
    Objectives worst = ideal_;
    for (std::size_t i = 0; i < losses.size(); ++i)
      for (std::size_t j = 0; fronts[i] == 0 && j < worst.size(); ++j) worst[j] = std::max(worst[j], losses[i][j]);
    for (std::size_t j = 0; j < worst.size(); ++j)
      if (worst[j] > ideal_[j] && std::isfinite(worst[j])) extent_[j] = worst[j] - ideal_[j];
  }

  MoeadSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::vector<Objectives> weights_;  // lambda
  Variation variation_;
  std::vector<Indices> neighbours_;  // B
  Indices everybody_;
  std::vector<std::optional<PopulationMember>> solutions_;  // x
  Objectives ideal_;                                        // z*; empty before a trial without violations
  Objectives extent_;
  Indices turn_;
  std::size_t next_ = 0;
  std::uint64_t told_ = 0;
  TrialTable<Pending> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_moead_recipe() {
  return std::make_unique<BasicStrategyRecipe<MoeadSettings, Moead>>();
}

}  // namespace tonne
