#include "search/strategies/multi_fidelity/training_curves.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/number_text.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/sampling/moves.h"
#include "search/surrogates/model_settings.h"

namespace tonne {
namespace {

constexpr int kDraws = 64;
constexpr std::size_t kEta = 3;  // of the design, as Hyperband's
constexpr std::size_t kIncumbents = 4;
constexpr double kStep = 0.1;  // of a number that moves, in parts of its range

}  // namespace

TrainingCurves::TrainingCurves(const SearchSpace& space, std::vector<double> steps)
    : space_(space), steps_(std::move(steps)), best_(steps_.size()) {}

void TrainingCurves::withdraw(TrialId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  curves_[found->second].running = false;
  curves_[found->second].over = true;
  pending_.erase(found);
}

Proposal TrainingCurves::begin(TrialId id, Configuration configuration) {
  begun_.insert(configuration.digest());
  TrainingCurve curve;
  curve.configuration = std::move(configuration);
  curves_.push_back(std::move(curve));
  return propose(id, curves_.size() - 1);
}

Proposal TrainingCurves::go_on(TrialId id, std::size_t curve) {
  return propose(id, curve);
}

Proposal TrainingCurves::finish(TrialId id, std::size_t curve) {
  finishing_ += next_step(curve);
  return propose(id, curve);
}

double TrainingCurves::next_step(std::size_t curve) const {
  const std::size_t done = curves_[curve].losses.size();
  return done == 0 ? steps_.front() : steps_[done] - steps_[done - 1];
}

Proposal TrainingCurves::propose(TrialId id, std::size_t curve) {
  TrainingCurve& chosen = curves_[curve];
  chosen.running = true;
  trained_ += next_step(curve);
  pending_.emplace(id, curve);
  return {.configuration = chosen.configuration,
          .fidelity = steps_[chosen.losses.size()],
          .resumes = chosen.checkpoint};
}

std::optional<Proposal> TrainingCurves::design(TrialId id, std::size_t initial, Random& random) {
  if (curves_.size() < initial) {
    rung_steps_ = 1;
    members_.push_back(curves_.size());
    return begin(id, draw(random));
  }
  while (!designed_) {
    bool waits = false;
    for (const std::size_t member : members_) {
      const TrainingCurve& curve = curves_[member];
      waits = waits || curve.running;
      if (!curve.running && !curve.over && curve.losses.size() < rung_steps_) return go_on(id, member);
    }
    if (waits) return begin(id, draw(random));
    members_ = best_third();
    designed_ = members_.empty() || rung_steps_ == steps_.size();
    rung_steps_ = std::min(kEta * rung_steps_, steps_.size());
  }
  return std::nullopt;
}

// Of the rung's members that have not failed, at least one if there is one.
std::vector<std::size_t> TrainingCurves::best_third() const {
  std::vector<std::size_t> alive;
  for (const std::size_t member : members_)
    if (!curves_[member].failed && !curves_[member].losses.empty()) alive.push_back(member);
  std::ranges::sort(alive, {}, [&](std::size_t i) { return std::pair(curves_[i].losses.back(), i); });
  alive.resize(std::min(alive.size(), std::max<std::size_t>(1, members_.size() / kEta)));
  return alive;
}

std::optional<std::size_t> TrainingCurves::tell(const Trial& trial) {
  const auto found = pending_.find(trial.id);
  if (found == pending_.end()) return std::nullopt;
  const std::size_t index = found->second;
  pending_.erase(found);
  TrainingCurve& curve = curves_[index];
  curve.running = false;
  const auto* completed = std::get_if<Completed>(&trial.result);
  if (completed == nullptr || !std::isfinite(trial.loss())) {
    curve.over = true;
    curve.failed = true;
    return index;
  }
  // A cached answer was not trained: there is no checkpoint.
  curve.checkpoint = completed->cached ? std::nullopt : std::optional(trial.id);
  std::optional<double>& best = best_[curve.losses.size()];
  best = std::min(best.value_or(trial.loss()), trial.loss());
  curve.losses.push_back(trial.loss());
  curve.over = curve.losses.size() == steps_.size();
  return index;
}

std::vector<std::size_t> TrainingCurves::open(std::int64_t most) const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < curves_.size(); ++i)
    if (!curves_[i].running && !curves_[i].over && !curves_[i].losses.empty()) all.push_back(i);
  const auto better = [&](std::size_t a, std::size_t b) {
    return std::pair(curves_[all[a]].losses.back(), a) < std::pair(curves_[all[b]].losses.back(), b);
  };
  std::vector<std::size_t> result;
  for (const std::size_t i : fit_points(all.size(), most, better)) result.push_back(all[i]);
  return result;
}

std::vector<std::size_t> TrainingCurves::running() const {
  std::vector<std::size_t> result;
  for (const auto& [id, curve] : pending_) {
    if (result.size() == kMostRunning) break;
    result.push_back(curve);
  }
  return result;
}

std::optional<double> TrainingCurves::best() const {
  std::optional<double> least;
  for (const std::optional<double>& best : best_)
    if (best) least = std::min(least.value_or(*best), *best);
  return least;
}

std::optional<double> TrainingCurves::best_after(std::size_t steps) const {
  return best_[steps - 1] ? best_[steps - 1] : best();
}

bool TrainingCurves::is_new(const Configuration& configuration) const {
  return !begun_.contains(configuration.digest());
}

Configuration TrainingCurves::draw(Random& random) const {
  Configuration configuration = space_.sample(random);
  for (int i = 1; i < kDraws && !is_new(configuration); ++i) configuration = space_.sample(random);
  return configuration;
}

Configuration TrainingCurves::neighbour(Configuration configuration, Random& random) const {
  for (int moves = random.bernoulli(0.5) ? 2 : 1; moves > 0; --moves) {
    std::vector<std::size_t> movable;
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (can_move(space_, configuration, i)) movable.push_back(i);
    if (!movable.empty())
      perturb(space_, configuration, movable[random.below(movable.size())], kStep, random);
  }
  return configuration;
}

std::vector<Configuration> TrainingCurves::fresh(std::size_t uniform, std::size_t neighbours,
                                                 Random& random) const {
  std::vector<Configuration> result;
  const auto add = [&](Configuration configuration) {
    if (is_new(configuration)) result.push_back(std::move(configuration));
  };
  for (std::size_t i = 0; i < uniform; ++i) add(space_.sample(random));
  const auto better = [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) {
      const std::vector<double>& losses = curves_[i].losses;
      return std::tuple(losses.empty(), losses.empty() ? 0.0 : losses.back(), i);
    };
    return key(a) < key(b);
  };
  const std::vector<std::size_t> best = best_observations(curves_.size(), kIncumbents, better);
  for (std::size_t i = 0; i < neighbours && !best.empty(); ++i)
    add(neighbour(curves_[best[i % best.size()]].configuration, random));
  return result;
}

void CurveSettings::visit(SettingsVisitor& visitor) {
  visitor.optional_number(
      "interval", interval, Bounds::above(0.0),
      "training in one step, in the problem's fidelity unit; default: a tenth of the full training");
  visitor.integer("initial", initial, Bounds::between(1, 1e6),
                  "random configurations before the model is used: a third of them goes on to three steps, a "
                  "third of these to nine, "
                  "and so on to the full training");
  visitor.integer("candidates", candidates, Bounds::between(1, 65536),
                  "random new configurations that compete with the begun ones for the next step");
  visitor.integer(
      "neighbours", neighbours, Bounds::between(0, 65536),
      "further new configurations, which differ from one of the best four in one or two parameters");
  visitor.number(
      "finish_share", finish_share, Bounds::between(0, 1),
      "share of all training that goes to the begun configuration expected to end best, whatever the "
      "acquisition says");
  visit_max_fit_points(visitor, max_fit_points);
}

std::optional<std::string> CurveSettings::refuses(const StrategyContext& context) const {
  constexpr std::size_t kMostSteps = 200;
  if (auto reason = refuses_interval(interval, context)) return reason;
  if (training_steps(context, interval, std::nullopt).size() <= kMostSteps) return std::nullopt;
  return "its interval of " + shortest_text(interval.value_or(0.0)) + " " + context.traits.fidelity.name +
         " splits the full training of " + shortest_text(context.fidelity) + " into more than " +
         std::to_string(kMostSteps) + " steps";
}

double loss_cap(std::vector<double> losses) {
  std::ranges::sort(losses);
  const double middle = losses[losses.size() / 2];
  return middle + (middle - losses.front());
}

LossScale::LossScale(std::vector<double> losses) {
  std::ranges::sort(losses);
  best_ = losses.front();
  worst_ = losses.back();
  unit_ = losses[losses.size() / 5] - best_;
  if (!(unit_ > 0.0)) unit_ = losses[losses.size() / 2] - best_;
  if (!(unit_ > 0.0)) unit_ = worst_ > best_ ? worst_ - best_ : 1.0;
}

double LossScale::operator()(double loss) const {
  const double distance = (loss - best_) / unit_;
  return distance > 0.0 ? std::log1p(distance) : distance;
}

std::vector<double> LossScale::operator()(std::span<const double> losses) const {
  std::vector<double> result;
  for (const double loss : losses) result.push_back((*this)(loss));
  return result;
}

}  // namespace tonne
