// NSGA-III: Deb and Jain 2014, "An Evolutionary Many-Objective Optimization Algorithm Using Reference-Point-Based
// Nondominated Sorting Approach, Part I", IEEE Trans. Evol. Comp. 18. The symbols are the paper's: N members in P_t,
// children Q_t; the fronts of R_t = P_t + Q_t go over to P_{t+1} one by one, and of the front that fills it those
// members whose reference directions have the fewest.
//
// Where it differs, or the paper is silent:
// - Objectives are normalised by nadir_point.h.
// - Parents are drawn uniformly; one that violates a constraint loses against one that does not (part II, section
//   III-B). Crossover and mutation: variation.h.
// - N is the number of directions, rounded up to a multiple of 4 (table I), unless it is given.
// - Workers, constraints and `cost_objective`: as in `nsga2`.

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/multi_objective/nadir_point.h"
#include "search/strategies/multi_objective/reference_directions.h"
#include "search/strategies/multi_objective/variation.h"
#include "search/strategies/trial_table.h"

namespace tonne {
namespace {

struct Nsga3Settings {
  std::optional<std::int64_t> population;  ///< N; none: see above
  ReferenceDirectionSettings directions;
  VariationSettings variation = {.crossover = 1.0, .eta_c = 30.0};  ///< table II
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    visitor.optional_integer("population", population, Bounds::between(4, 1e6),
                             "population size; default: the number of reference directions, up to a multiple of 4");
    directions.visit(visitor);
    variation.visit(visitor);
    visitor.choice("cost_objective", cost_objective, kTrialCostNames, kCostObjectiveMeaning);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (auto reason = refuses_objectives(context.traits, cost_objective, kMaxObjectives, "the maximum is 5"))
      return reason;
    return directions.refuses(objective_count(context.traits, cost_objective));
  }
};

class Nsga3 final : public Strategy {
 public:
  Nsga3(const Nsga3Settings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        directions_(settings.directions.directions(objective_count(context.traits, settings.cost_objective))),
        n_(settings.population ? static_cast<std::size_t>(*settings.population)
                               : std::max<std::size_t>(4, (directions_.size() + 3) / 4 * 4)),
        variation_(settings.variation, context.space) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (!lots_) lots_ = random.child("niches");
    pending_.insert(id);
    Configuration next = parents_.empty() ? space_.sample(random) : child(random);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (!pending_.erase(trial.id)) return;
    auto candidate = member_of(trial, settings_.cost_objective);
    if (!candidate) return;
    children_.push_back(std::move(*candidate));
    if (children_.size() == n_) next_generation();
  }

  /// Distances of members from reference directions.
  [[nodiscard]] Work computed() const override { return computed_; }

 private:
  using Indices = std::vector<std::uint32_t>;

  // The nearest direction of a member, and its distance from the line.
  struct Niche {
    std::size_t direction = 0;
    double distance = 0.0;
  };

  // --- making a child ---

  [[nodiscard]] Configuration child(Random& random) const {
    Configuration result = parent(random).configuration;
    if (variation_.crosses(random)) variation_.cross(result, parent(random).configuration, random);
    variation_.mutate(result, random);
    return result;
  }

  [[nodiscard]] const PopulationMember& parent(Random& random) const {
    const PopulationMember& a = parents_[random.below(parents_.size())];
    const PopulationMember& b = parents_[random.below(parents_.size())];
    return violates_less(b, a) ? b : a;
  }

  // --- the next generation ---

  void next_generation() {
    std::vector<PopulationMember> all = std::move(parents_);
    std::ranges::move(children_, std::back_inserter(all));
    children_.clear();
    parents_.clear();
    for (const std::uint32_t i : survivors(all)) parents_.push_back(std::move(all[i]));
  }

  Indices survivors(const std::vector<PopulationMember>& all) {
    std::vector<Indices> fronts;
    const auto numbers = population_fronts(all);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (fronts.size() <= numbers[i]) fronts.resize(numbers[i] + 1);
      fronts[numbers[i]].push_back(i);
    }
    Indices chosen;
    for (const Indices& front : fronts) {
      if (chosen.size() == n_) break;  // what comes may be violating members, each a front, which have no losses
      if (chosen.size() + front.size() > n_) {
        fill(all, fronts.front(), front, chosen);
        break;
      }
      chosen.insert(chosen.end(), front.begin(), front.end());
    }
    return chosen;
  }

  // Algorithm 4, niching: the rest of P_{t+1} from the front F_l that does not fit in whole.
  void fill(const std::vector<PopulationMember>& all, const Indices& first, Indices last, Indices& chosen) {
    normalise(all, first, last, chosen);
    std::vector<std::size_t> members(directions_.size(), 0);  // rho_j
    for (const std::uint32_t i : chosen) ++members[nearest(all[i].losses).direction];
    std::vector<std::vector<std::pair<double, std::uint32_t>>> offers(directions_.size());
    for (const std::uint32_t i : last) {
      const Niche niche = nearest(all[i].losses);
      offers[niche.direction].emplace_back(niche.distance, i);
    }
    Random random = lots_->child(generation_++);
    while (chosen.size() < n_) {
      const std::size_t j = emptiest(members, offers, random);
      auto& own = offers[j];
      const auto taken = members[j] == 0 ? std::ranges::min_element(own)
                                         : own.begin() + static_cast<std::ptrdiff_t>(random.below(own.size()));
      chosen.push_back(taken->second);
      own.erase(taken);
      ++members[j];
    }
  }

  // Of the directions that have something to offer one with the fewest members, by lot.
  template <class Offers>
  static std::size_t emptiest(const std::vector<std::size_t>& members, const Offers& offers, Random& random) {
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> equal;
    for (std::size_t j = 0; j < members.size(); ++j) {
      if (offers[j].empty() || members[j] > fewest) continue;
      if (members[j] < fewest) equal.clear();
      fewest = members[j];
      equal.push_back(j);
    }
    return equal[random.below(equal.size())];
  }

  void normalise(const std::vector<PopulationMember>& all, const Indices& first, const Indices& last,
                 const Indices& chosen) {
    const auto losses_of_members = [&](const Indices& indices, std::vector<Objectives>& losses) {
      for (const std::uint32_t i : indices) losses.push_back(all[i].losses);
    };
    std::vector<Objectives> front, considered;
    losses_of_members(first, front);
    losses_of_members(chosen, considered);
    losses_of_members(last, considered);
    nadir_.update(front, considered);
  }

  // Algorithm 3, association. The distance of s from the line through w is |s - (w.s / w.w) w|.
  [[nodiscard]] Niche nearest(const Objectives& losses) {
    computed_ += 4.0 * static_cast<double>(losses.size() * directions_.size()) * flop;
    const Objectives s = nadir_.normalised(losses);
    Niche best{0, std::numeric_limits<double>::infinity()};
    double length = 0.0;
    for (const double value : s) length += value * value;
    for (std::size_t d = 0; d < directions_.size(); ++d) {
      double along = 0.0;
      double square = 0.0;
      for (std::size_t j = 0; j < s.size(); ++j) {
        along += directions_[d][j] * s[j];
        square += directions_[d][j] * directions_[d][j];
      }
      const double distance = length - along * along / square;
      if (distance < best.distance) best = {d, distance};
    }
    return best;
  }

  Nsga3Settings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::vector<Objectives> directions_;  // Z^r
  std::size_t n_;
  Variation variation_;
  std::vector<PopulationMember> parents_;   // P_t
  std::vector<PopulationMember> children_;  // Q_t, as far as it has ended
  TrialSet pending_;
  NadirPoint nadir_;
  std::optional<Random> lots_;
  std::uint64_t generation_ = 0;
  Work computed_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_nsga3_recipe() {
  return std::make_unique<BasicStrategyRecipe<Nsga3Settings, Nsga3>>();
}

}  // namespace tonne
