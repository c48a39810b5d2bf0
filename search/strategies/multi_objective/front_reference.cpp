#include "search/strategies/multi_objective/front_reference.h"

#include <algorithm>

#include "core/pareto.h"
#include "search/strategies/multi_objective/objective_models.h"
#include "search/surrogates/expected_hypervolume.h"

namespace tonne {
namespace {

constexpr double kHair = 0.02;
constexpr double kTail = 0.1;

// Of the front without its tails, the points that are on it by a hair: another one is worse than they are by at most
// kHair of the front's extent, and better by kTail. They would take the reference point along, and asks would follow.
std::vector<Objectives> without_tails(const std::vector<Objectives>& front) {
  Objectives best = front.front();
  Objectives extent = front.front();
  for (const Objectives& point : front)
    for (std::size_t j = 0; j < point.size(); ++j) {
      best[j] = std::min(best[j], point[j]);
      extent[j] = std::max(extent[j], point[j]);
    }
  for (std::size_t j = 0; j < best.size(); ++j) extent[j] -= best[j];
  const auto is_tail = [&](const Objectives& point) {
    return std::ranges::any_of(front, [&](const Objectives& other) {
      bool close = true;
      bool better = false;
      for (std::size_t j = 0; j < point.size(); ++j) {
        close = close && other[j] <= point[j] + kHair * extent[j];
        better = better || other[j] < point[j] - kTail * extent[j];
      }
      return close && better;
    });
  };
  std::vector<Objectives> kept;
  for (const Objectives& point : front)
    if (!is_tail(point)) kept.push_back(point);
  return kept.empty() ? front : kept;
}

}  // namespace

void FrontReferenceSettings::visit(SettingsVisitor& visitor) {
  visitor.number("margin", margin, {0.0, 100.0, true},
                 "how far the reference point lies behind the front's worst values, relative to the front's extent");
  visitor.number("far_share", far_share, Bounds::between(0, 1),
                 "fraction of asks whose reference point lies behind all trials rather than just behind the front; half "
                 "of it while that does not widen the front");
}

Objectives FrontReference::choose(TrialId id, std::span<const Objectives> means, const Objectives& extent,
                                  Random& random) {
  far_asks_.erase(id);  // an earlier proposal was turned down
  std::vector<Objectives> front;
  for (const std::size_t i : front_of(means)) front.push_back(means[i]);
  const Objectives near = inferred_reference(without_tails(front), extent, settings_.margin);
  if (!random.bernoulli(missed_ ? 0.5 * settings_.far_share : settings_.far_share)) return near;
  far_asks_.insert_or_assign(id, near);
  return inferred_reference(means, extent, settings_.margin);
}

std::vector<double> FrontReference::chosen(TrialId id, std::size_t objectives) const {
  std::vector<double> numbers(1 + objectives, 0.0);
  const auto asked = far_asks_.find(id);
  if (asked == far_asks_.end()) return numbers;
  numbers[0] = 1.0;
  std::ranges::copy(asked->second, numbers.begin() + 1);
  return numbers;
}

void FrontReference::replay(TrialId id, std::span<const double> chosen) {
  far_asks_.erase(id);
  if (chosen[0] != 0.0) far_asks_.emplace(id, Objectives(chosen.begin() + 1, chosen.end()));
}

void FrontReference::judge(TrialId id, const MultiObjectiveLog& log) {
  const auto asked = far_asks_.find(id);
  if (asked == far_asks_.end()) return;
  const Objectives near = asked->second;
  far_asks_.erase(asked);
  const Objectives& losses = log.observations().back().losses;
  bool widens = false;
  for (std::size_t j = 0; j < losses.size(); ++j) widens = widens || losses[j] > near[j];
  for (const auto& other : log.observations())
    widens = widens && (other.losses.empty() || !dominates(other.losses, losses));
  missed_ = !widens;
}

}  // namespace tonne
