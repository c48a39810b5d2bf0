#include "search/strategies/multi_objective/front_strategy.h"

namespace tonne {

FrontStrategy::FrontStrategy(const ObjectiveSearchSettings& search, const FrontReferenceSettings& reference,
                             const RefitSettings& refit, const StrategyContext& context)
    : search_(search, context, 2 * (static_cast<std::int64_t>(context.space.size()) + 1)),
      models_(search_, refit, search.max_fit_points, context.notes),
      reference_(reference) {}

std::optional<Proposal> FrontStrategy::ask(TrialId id, Random random) {
  return search_.ask(id, random, models_.ready(), [&](const auto& excluded) { return improve(id, excluded, random); });
}

void FrontStrategy::tell(const Trial& trial) {
  if (!search_.log().tell(trial)) return;
  reference_.judge(trial.id, search_.log());
  models_.learn();
}

std::vector<double> FrontStrategy::left_by_ask(TrialId id) const {
  std::vector<double> left = reference_.chosen(id, search_.objectives());
  left.push_back(improvements_.base());
  for (const double count : models_.counts()) left.push_back(count);
  return left;
}

void FrontStrategy::replay(TrialId id, Random random, const Proposal& answer, std::span<const double> left) {
  const std::size_t own = 1 + search_.objectives();
  search_.replay(id, random, answer.configuration);
  reference_.replay(id, left.first(own));
  improvements_ = Work::from_base(left[own]);
  models_.set_counts(left.subspan(own + 1));
}

}  // namespace tonne
