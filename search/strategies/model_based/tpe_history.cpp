#include "search/strategies/model_based/tpe_history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "core/pareto.h"
#include "search/surrogates/hypervolume_subset.h"

namespace tonne {
namespace {

constexpr double kWorst = std::numeric_limits<double>::infinity();

// Of a trial that was trained and violates a constraint; 0 of one that failed before.
double violation_of(const Trial& trial) {
  double sum = 0.0;
  for (const double value : trial.constraints) sum += std::isnan(value) ? kWorst : std::max(0.0, value);
  return sum;
}

}  // namespace

// What is not a number is no result. A cached trial was charged nothing, so it says nothing of the cost.
std::optional<Objectives> TpeHistory::losses_of(const Trial& trial) const {
  const auto* completed = std::get_if<Completed>(&trial.result);
  if (completed == nullptr) return std::nullopt;
  Objectives losses(completed->losses.begin(),
                    completed->losses.begin() + static_cast<std::ptrdiff_t>(parting_.objectives));
  if (parting_.cost != TrialCost::none) losses.push_back(cost_of(trial.charge, parting_.cost));
  const bool known = std::ranges::none_of(losses, [](double loss) { return std::isnan(loss); });
  return known ? std::optional(losses) : std::nullopt;
}

void TpeHistory::tell(const Trial& trial) {
  const auto losses = losses_of(trial);
  Observation observation{.id = trial.id, .state = State::failed};
  if (losses) {
    if (parting_.cost != TrialCost::none && std::get<Completed>(trial.result).cached) return;
    observation = {.id = trial.id, .state = State::completed, .first = losses->front()};
    if (has_several_objectives()) observation.losses = *losses;
  } else if (const double violation = trial.completed() ? 0.0 : violation_of(trial); violation > 0.0) {
    observation = {.id = trial.id, .state = State::infeasible, .first = violation};
  }
  record(trial.id, trial.proposal.configuration, observation);
}

void TpeHistory::report(const Trial& trial) {
  if (!trial.completed()) return;
  const double loss = std::isnan(trial.loss()) ? kWorst : trial.loss();
  record(trial.id, trial.proposal.configuration,
         {.id = trial.id, .state = State::partial, .first = -trial.proposal.fidelity, .second = loss});
}

// Enters an observation, or what has become of a running one.
void TpeHistory::record(TrialId id, const Configuration& configuration, const Observation& observation) {
  const auto place =
      std::ranges::lower_bound(by_id_, id, {}, [&](std::uint32_t row) { return observations_[row].id; });
  const bool is_known = place != by_id_.end() && observations_[*place].id == id;
  if (!is_known) {
    const std::uint32_t row = data_.append(configuration);
    observations_.push_back(observation);
    by_id_.insert(place, row);
    return rank(row);
  }
  const std::uint32_t row = *place;
  const State before = observations_[row].state;
  if (before != State::running && before != State::partial) return;  // told before
  unrank(row);
  data_.assign(row, configuration);
  observations_[row] = observation;
  rank(row);
}

bool TpeHistory::is_better(std::uint32_t a, std::uint32_t b) const {
  const Observation& left = observations_[a];
  const Observation& right = observations_[b];
  return std::tie(left.state, left.first, left.second, left.id) <
         std::tie(right.state, right.first, right.second, right.id);
}

void TpeHistory::rank(std::uint32_t row) {
  const State state = observations_[row].state;
  if (state == State::running || state == State::failed) return;
  ranked_.insert(std::ranges::upper_bound(ranked_, row, [&](auto a, auto b) { return is_better(a, b); }),
                 row);
  if (state != State::completed) return;
  ++completed_;
  if (has_several_objectives()) join_front(row);
}

// A completed trial stays one.
void TpeHistory::unrank(std::uint32_t row) {
  if (observations_[row].state != State::partial) return;
  ranked_.erase(std::ranges::lower_bound(ranked_, row, [&](auto a, auto b) { return is_better(a, b); }));
}

void TpeHistory::join_front(std::uint32_t row) {
  const Objectives& own = observations_[row].losses;
  operations_ += static_cast<double>(front_.size() * own.size());
  const auto is_ahead = [&](std::uint32_t other) { return dominates(observations_[other].losses, own); };
  if (std::ranges::any_of(front_, is_ahead)) return;
  std::erase_if(front_, [&](std::uint32_t other) {
    if (!dominates(own, observations_[other].losses)) return false;
    subset_.leave(other);
    return true;
  });
  const TrialId id = observations_[row].id;
  front_.insert(
      std::ranges::upper_bound(front_, id, {}, [&](std::uint32_t other) { return observations_[other].id; }),
      row);
  subset_.join(row, id, own);
}

void TpeHistory::part() {
  const auto n = static_cast<double>(ranked_.size());
  constexpr double kRounding = 1e-9;  // 0.1 * 70 is a little more than 7
  const auto count = static_cast<std::size_t>(
      std::min(std::ceil(parting_.gamma * n - kRounding), static_cast<double>(parting_.most_below)));
  is_good_.assign(observations_.size(), 0);
  if (has_several_objectives() && count < completed_) {
    choose_by_front(count);
    for (const std::uint32_t row : chosen_) is_good_[row] = 1;
  } else {
    for (std::size_t i = 0; i < count; ++i) is_good_[ranked_[i]] = 1;
  }
  good_.clear();
  others_.clear();
  for (const std::uint32_t row : by_id_) {
    if (observations_[row].state == State::failed && !parting_.learn_from_failures) continue;
    (is_good_[row] != 0 ? good_ : others_).push_back(row);
  }
}

// Fronts as long as they fit, of the next one the part that dominates most. Mostly the first front is too
// long already.
void TpeHistory::choose_by_front(std::size_t count) {
  if (chosen_at_ == completed_ && chosen_.size() == count) return;
  chosen_at_ = completed_;
  chosen_.clear();
  if (front_.size() >= count) return choose_of_first_front(count);
  const std::span<const std::uint32_t> completed = std::span(ranked_).first(completed_);
  const auto numbers = front_numbers(losses_of(completed));
  const auto size = static_cast<double>(completed_);
  operations_ +=
      size * std::log2(size + 1.0) * static_cast<double>(observations_[completed.front()].losses.size());
  for (std::uint32_t number = 0; chosen_.size() < count; ++number) {
    std::vector<std::uint32_t> front;
    for (std::size_t i = 0; i < completed_; ++i)
      if (numbers[i] == number) front.push_back(completed[i]);
    choose_by_volume(std::move(front), count - chosen_.size());
  }
}

// The same by another way: from one trial to the next the first front changes little.
void TpeHistory::choose_of_first_front(std::size_t count) {
  Objectives worst = observations_[front_.front()].losses;
  for (const std::uint32_t row : front_)
    for (std::size_t j = 0; j < worst.size(); ++j)
      worst[j] = std::max(worst[j], observations_[row].losses[j]);
  const Objectives reference = reference_behind({&worst, 1});
  const bool is_finite = std::ranges::all_of(reference, [](double value) { return std::isfinite(value); });
  if (front_.size() == count || !is_finite) return choose_by_volume(front_, count);
  const std::span<const std::uint32_t> rows = subset_.choose(count, reference);
  operations_ += subset_.operations();
  chosen_.assign(rows.begin(), rows.end());
}

void TpeHistory::choose_by_volume(std::vector<std::uint32_t> front, std::size_t count) {
  if (front.size() <= count) {
    chosen_.insert(chosen_.end(), front.begin(), front.end());
    return;
  }
  std::ranges::sort(front, {}, [&](std::uint32_t row) { return observations_[row].id; });
  const std::vector<Objectives> points = losses_of(front);
  const HypervolumeSubset subset = hypervolume_subset(points, count, reference_behind(points));
  operations_ += subset.operations;
  for (const std::uint32_t i : subset.chosen) chosen_.push_back(front[i]);
}

std::vector<Objectives> TpeHistory::losses_of(std::span<const std::uint32_t> rows) const {
  std::vector<Objectives> losses;
  losses.reserve(rows.size());
  for (const std::uint32_t row : rows) losses.push_back(observations_[row].losses);
  return losses;
}

}  // namespace tonne
