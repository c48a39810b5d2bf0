#include "search/strategies/multi_fidelity/population.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <utility>

#include "search/strategies/multi_fidelity/brackets.h"

namespace tonne {

void PopulationSettings::visit_selection(SettingsVisitor& visitor) {
  visitor.integer("population", size, Bounds::between(1, 1e6), "population size");
  visitor.number("quantile", quantile, Bounds::between(0, 0.5),
                 "fraction of the population that copies, and fraction that is copied");
}

void PopulationSettings::visit_schedule(SettingsVisitor& visitor) {
  visitor.optional_number("interval", interval, Bounds::above(0.0),
                          "training between exploit steps, in the problem's fidelity unit; default: a "
                          "tenth of the full training");
  visitor.flag("synchronous", synchronous,
               "wait for all members to reach the same training before anyone continues");
  visitor.flag("restart", restart, "start a new population when all members are fully trained");
}

Population::Population(const PopulationSettings& settings, const StrategyContext& context)
    : settings_(settings),
      space_(context.space),
      steps_(training_steps(context, settings.interval, std::nullopt)),
      members_(static_cast<std::size_t>(settings.size)) {}

std::optional<Proposal> Population::ask(TrialId id, Random& random, const Explore& explore) {
  take_back(id);
  if (settings_.restart && std::ranges::all_of(members_, [&](const Member& m) { return has_finished(m); }))
    members_.assign(members_.size(), {});
  const auto next = next_member();
  if (!next) return std::nullopt;
  Step step;
  Proposal proposal = train(*next, random, explore, step);
  step.configuration = proposal.configuration;
  members_[*next].running = true;
  pending_.emplace(id, *next);
  running_.emplace(id, std::move(step));
  return proposal;
}

std::optional<Population::Step> Population::tell(const Trial& trial) {
  const auto found = pending_.find(trial.id);
  if (found == pending_.end()) return std::nullopt;
  Member& member = members_[found->second];
  pending_.erase(found);
  Step step = std::move(running_.extract(trial.id).mapped());
  member.running = false;
  const auto* completed = std::get_if<Completed>(&trial.result);
  member.failed = completed == nullptr || std::isnan(trial.loss());
  if (member.failed) return step;
  // A cached answer was not trained: there is no checkpoint.
  member.states.push_back({trial.proposal.configuration, trial.loss(),
                           completed->cached ? std::nullopt : std::optional(trial.id)});
  step.loss = trial.loss();
  return step;
}

// A proposal that is asked for again was turned down: no tell will come of it.
void Population::take_back(TrialId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  members_[found->second].running = false;
  pending_.erase(found);
  running_.erase(id);
}

// Who has trained least of those that are ready.
std::optional<std::size_t> Population::next_member() const {
  std::size_t least = steps_.size();
  for (const Member& member : members_) least = std::min(least, member.states.size());
  std::optional<std::size_t> next;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const std::size_t trained = members_[m].states.size();
    if (members_[m].running || has_finished(members_[m])) continue;
    if (settings_.synchronous && trained > least) continue;
    if (!next || trained < members_[*next].states.size()) next = m;
  }
  return next;
}

// Algorithm 1: one step, after exploit and explore where they apply.
Proposal Population::train(std::size_t m, Random& random, const Explore& explore, Step& step) const {
  const Member& member = members_[m];
  step.trained = member.states.size();
  if (step.trained == 0) return {.configuration = space_.sample(random), .fidelity = steps_.front()};
  const std::size_t source = exploit(m, random);
  const State& state = members_[source].states[step.trained - 1];
  step.source = state;
  if (source == m && !member.failed)
    return {
        .configuration = state.configuration, .fidelity = steps_[step.trained], .resumes = state.checkpoint};
  return {.configuration = explore(state, step.trained, random),
          .fidelity = steps_[step.trained],
          .resumes = state.checkpoint,
          .inherits = state.checkpoint.has_value()};
}

// Truncation selection: the member whose weights m goes on with, itself unless it is among the last.
std::size_t Population::exploit(std::size_t m, Random& random) const {
  const std::size_t trained = members_[m].states.size();
  std::vector<Ranked> ranking;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].states.size() < trained) continue;
    ranking.push_back({i == m && members_[i].failed, members_[i].states[trained - 1].loss, i});
  }
  std::ranges::sort(ranking);
  const std::size_t n = ranking.size();
  const auto share = static_cast<std::size_t>(std::ceil(settings_.quantile * static_cast<double>(n)));
  const std::size_t quantile = std::min(share, n / 2);
  const auto rank =
      static_cast<std::size_t>(std::ranges::find(ranking, m, &Ranked::member) - ranking.begin());
  if (rank + quantile < n && !members_[m].failed) return m;
  return ranking[random.below(std::max<std::size_t>(quantile, 1))].member;
}

}  // namespace tonne
