// SMS-EMOA: Beume, Naujoks and Emmerich 2007, "SMS-EMOA: Multiobjective selection based on dominated hypervolume",
// European Journal of Operational Research 181. Steady state: mu members have one child, and of the mu + 1 the one is
// discarded that contributes least to the hypervolume of the last front; where there is more than one front, the
// member of the last that most others dominate (section 3.3 of the paper, which calls it faster and no worse).
//
// Choices:
// - The reference point lies behind the front's worst values by `margin` of the front's extent: the paper's "+ 1" in
//   objectives that span 1, for objectives of any unit.
// - Parents are drawn uniformly, but that one which violates a constraint loses against one that does not; crossover
//   and mutation: variation.h.
// - Workers: children are made of the members that there are when a worker asks.
// - Constraints and `cost_objective`: as in `nsga2`.

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/pareto.h"
#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/multi_objective/variation.h"
#include "search/strategies/trial_table.h"

namespace tonne {
namespace {

struct SmsEmoaSettings {
  std::int64_t population = 100;  ///< mu
  VariationSettings variation = {};
  double margin = 1.0;  ///< see above
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(4, 1e6), "population size");
    variation.visit(visitor);
    visitor.number("margin", margin, {0.0, 1e6, true},
                   "how far the reference point lies behind the front's worst values, relative to the front's extent");
    visitor.choice("cost_objective", cost_objective, kTrialCostNames, kCostObjectiveMeaning);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_objectives(context.traits, cost_objective, kMaxObjectives, "the maximum is 5");
  }
};

class SmsEmoa final : public Strategy {
 public:
  SmsEmoa(const SmsEmoaSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        objectives_(objective_count(context.traits, settings.cost_objective)),
        mu_(static_cast<std::size_t>(settings.population)),
        variation_(settings.variation, context.space) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    pending_.insert(id);
    Configuration next = members_.size() < mu_ ? space_.sample(random) : child(random);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (!pending_.erase(trial.id)) return;
    auto candidate = member_of(trial, settings_.cost_objective);
    if (!candidate) return;
    members_.push_back(std::move(*candidate));
    if (members_.size() <= mu_) return;
    const auto size = static_cast<double>(members_.size());
    computed_ += 4.0 * size * size * static_cast<double>(objectives_) * flop;
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(discarded()));
  }

  /// Comparisons of the limit sets, each point with every other; the volumes of the few that remain are left out.
  [[nodiscard]] Work computed() const override { return computed_; }

 private:
  [[nodiscard]] Configuration child(Random& random) const {
    Configuration result = parent(random).configuration;
    if (variation_.crosses(random)) variation_.cross(result, parent(random).configuration, random);
    variation_.mutate(result, random);
    return result;
  }

  [[nodiscard]] const PopulationMember& parent(Random& random) const {
    const PopulationMember& a = members_[random.below(members_.size())];
    const PopulationMember& b = members_[random.below(members_.size())];
    return violates_less(b, a) ? b : a;
  }

  [[nodiscard]] std::size_t discarded() const {
    const auto fronts = population_fronts(members_);
    const std::uint32_t last = std::ranges::max(fronts);
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < fronts.size(); ++i)
      if (fronts[i] == last) candidates.push_back(i);
    if (candidates.size() == 1) return candidates.front();
    return last == 0 ? least_contributor(candidates) : most_dominated(candidates);
  }

  // The earliest of equal ones, so that the population moves on where losses are the same.
  [[nodiscard]] std::size_t most_dominated(const std::vector<std::size_t>& candidates) const {
    return *std::ranges::max_element(candidates, {}, [&](std::size_t i) {
      return std::ranges::count_if(members_, [&](const PopulationMember& member) {
        return !member.losses.empty() && dominates(member.losses, members_[i].losses);
      });
    });
  }

  [[nodiscard]] std::size_t least_contributor(const std::vector<std::size_t>& front) const {
    std::vector<Objectives> points;
    for (const std::size_t i : front) points.push_back(members_[i].losses);
    const auto contributions = hypervolume_contributions(points, reference(points));
    return front[static_cast<std::size_t>(std::ranges::min_element(contributions) - contributions.begin())];
  }

  [[nodiscard]] Objectives reference(const std::vector<Objectives>& front) const {
    Objectives best = front.front();
    Objectives worst = front.front();
    for (const Objectives& point : front)
      for (std::size_t j = 0; j < point.size(); ++j) {
        best[j] = std::min(best[j], point[j]);
        worst[j] = std::max(worst[j], point[j]);
      }
    for (std::size_t j = 0; j < worst.size(); ++j)
      worst[j] += worst[j] > best[j] ? settings_.margin * (worst[j] - best[j]) : 1.0;
    return worst;
  }

  SmsEmoaSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t objectives_;
  std::size_t mu_;
  Variation variation_;
  std::vector<PopulationMember> members_;  // in the order in which they ended
  TrialSet pending_;
  Work computed_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_sms_emoa_recipe() {
  return std::make_unique<BasicStrategyRecipe<SmsEmoaSettings, SmsEmoa>>();
}

}  // namespace tonne
