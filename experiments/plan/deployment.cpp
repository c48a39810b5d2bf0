#include "experiments/plan/deployment.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/cost_model.h"
#include "core/error.h"
#include "core/random.h"
#include "core/settings.h"

namespace tonne {
namespace {

constexpr std::uint32_t kSeeds = 16;  // over which a learning curve is averaged
constexpr int kBisections = 40;       // of a fidelity that may be any number

// Uses go on for years: they meet the mean of the grid, not the hour at which the search began.
void at_mean_intensity(Charge& charge, const CostModel& cost) {
  const auto horizon = cost.horizon();
  if (!horizon || !(charge.time > Duration{}) || charge.time >= *horizon) return;
  const auto mean = cost.intensity(Duration{}, *horizon);
  const auto now = cost.intensity(Duration{}, charge.time);
  if (!mean || !now || !(*now > Intensity{})) return;
  for (Usage& line : charge.lines) line.operational *= *mean / *now;
}

// Mean first loss that trainings show, over training seeds, the same for every fidelity; none where a training fails.
std::optional<double> mean_loss(const Problem& problem, const Configuration& configuration, double fidelity) {
  const bool maximised = problem.traits().objectives.front().direction == Direction::maximise;
  const Random root = Random(0).child("payback").child(configuration.digest());
  double sum = 0.0;
  for (std::uint32_t repeat = 0; repeat < kSeeds; ++repeat) {
    const Random stream = root.child(repeat);
    const Outcome outcome = problem.evaluate({configuration, 0.0, fidelity, repeat, stream.name()}, stream);
    if (outcome.failure) return std::nullopt;
    sum += maximised ? -outcome.objectives.front() : outcome.objectives.front();
  }
  return sum / kSeeds;
}

// The least of an ascending sequence of fidelities, by halves, at which `good` holds; `high` is known to be.
double least_good(double low, double high, bool integral, const auto& good) {
  if (good(low)) return low;
  for (int i = 0; i < kBisections && (!integral || high - low > 1.0); ++i) {
    double middle = 0.5 * (low + high);
    if (integral) middle = std::floor(middle);
    if (!(middle > low) || !(middle < high)) break;
    (good(middle) ? high : low) = middle;
  }
  return high;
}

// Of all planned trainings and uses; none where a figure is missing that the plan needs.
std::optional<Carbon> planned_carbon(const Uses& uses, const DeploymentSettings& deployment) {
  Carbon sum{};
  if (deployment.trainings > 0.0) {
    if (!uses.training) return std::nullopt;
    sum += deployment.trainings * uses.training->carbon();
  }
  if (deployment.inferences > 0.0) {
    if (!uses.inference) return std::nullopt;
    sum += deployment.inferences * uses.inference->carbon();
  }
  return sum;
}

// Whether the true value of a is no worse than that of b.
bool as_good(const Problem& problem, double a, double b) {
  return problem.traits().objectives.front().direction == Direction::maximise ? a >= b : a <= b;
}

}  // namespace

void DeploymentSettings::visit(SettingsVisitor& visitor) {
  visitor.number("trainings", trainings, Bounds::between(0.0, 1e15),
                 "trainings of the result after the search");
  visitor.number("inferences", inferences, Bounds::between(0.0, 1e21), "uses of the trained result");
  visitor.choice(
      "train_until", train_until, kTrainUntilNames,
      "how long the winner is then trained: to completion, or until it matches the fully trained default");
}

std::optional<Workload> work_of_use(const Problem& problem, const Configuration& configuration) {
  auto work = problem.inference(configuration);
  if (work) work->inference = true;
  return work;
}

UseCharge charge_of_use(const Workload& workload, const CostModel& cost) {
  Workload use = workload;
  use.inference = true;
  UseCharge charged{cost.charge(use, Duration{}), {}};
  charged.latency = charged.charge.time;
  if (!use.measured_time && use.passes > 0.0) charged.latency *= cost.uses_per_pass() / use.passes;
  at_mean_intensity(charged.charge, cost);
  return charged;
}

Uses uses_of(const Problem& problem, const Configuration& configuration, double fidelity,
             const CostModel& cost) {
  Uses uses;
  uses.trained_to = fidelity;
  const Random stream = Random(0).child("payback").child(configuration.digest());
  const Outcome outcome = problem.evaluate({configuration, 0.0, fidelity, 0, stream.name()}, stream);
  try {
    if (!outcome.failure && cost.fits(outcome.workload)) {
      Charge training = cost.charge(outcome.workload, Duration{});
      at_mean_intensity(training, cost);
      uses.training = training.total();
    }
    if (const auto work = work_of_use(problem, configuration); work && cost.fits(*work))
      uses.inference = charge_of_use(*work, cost).charge.total();
  } catch (const InputError&) {
    // The grid trace ends before: it has no price.
  }
  return uses;
}

double fidelity_of_default_quality(const Problem& problem, const Configuration& configuration) {
  const FidelityTraits& fidelity = problem.traits().fidelity;
  const double sign = problem.traits().objectives.front().direction == Direction::maximise ? -1.0 : 1.0;
  const auto full = mean_loss(problem, configuration, fidelity.highest);
  if (!full) return fidelity.highest;
  // What trainings show may differ from what a configuration is judged by (a gap between validation and test), by as much
  // at every fidelity.
  const double shown = *full - sign * problem.true_value(configuration);
  const double target = sign * problem.true_value(problem.default_configuration());
  const auto good = [&](double amount) {
    const auto loss = mean_loss(problem, configuration, amount);
    return loss && *loss - shown <= target;
  };
  if (!(fidelity.lowest < fidelity.highest) || !good(fidelity.highest)) return fidelity.highest;
  if (fidelity.levels.empty()) return least_good(fidelity.lowest, fidelity.highest, fidelity.integral, good);
  for (const double level : fidelity.levels)
    if (good(level)) return level;
  return fidelity.highest;
}

Payback payback_of(const Problem& problem, const Configuration& winner, TrainUntil until,
                   const CostModel& cost) {
  const double highest = problem.traits().fidelity.highest;
  const double fidelity = until == TrainUntil::full ? highest : fidelity_of_default_quality(problem, winner);
  return {uses_of(problem, winner, fidelity, cost),
          uses_of(problem, problem.default_configuration(), highest, cost)};
}

std::optional<Uses> cheapest_uses(const Problem& problem, std::span<const Configuration> candidates,
                                  const DeploymentSettings& deployment, const CostModel& cost) {
  const double standard = problem.true_value(problem.default_configuration());
  const double highest = problem.traits().fidelity.highest;
  const Configuration* best = nullptr;
  Uses uses;
  Carbon least{};
  for (const Configuration& candidate : candidates) {
    if (!as_good(problem, problem.true_value(candidate), standard)) continue;
    Uses own = uses_of(problem, candidate, highest, cost);
    const auto carbon = planned_carbon(own, deployment);
    if (!carbon || (best != nullptr && *carbon >= least)) continue;
    best = &candidate;
    uses = std::move(own);
    least = *carbon;
  }
  if (best == nullptr) return std::nullopt;
  if (deployment.train_until == TrainUntil::full) return uses;
  return uses_of(problem, *best, fidelity_of_default_quality(problem, *best), cost);
}

}  // namespace tonne
