#include "experiments/plan/experiment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/random.h"
#include "core/recipe.h"
#include "core/strategy.h"

namespace tonne {
namespace {

// Of the shortest training there is, in proportion; a training that fails early counts in part.
Work work_of_one_unit(const Problem& problem, const Configuration& candidate) {
  const double lowest = problem.traits().fidelity.lowest;
  return problem.evaluate({candidate, 0.0, lowest, 0}, Random(0)).workload.flops / lowest;
}

// The cost of evaluating one candidate after another.
Charge charge_of_samples(const Experiment& experiment, const Cell& cell, int samples, double fidelity) {
  const Problem& problem = *experiment.problems[cell.problem].problem;
  const CostModel& cost = *experiment.scenarios[cell.scenario].cost;
  Random random = Random(0).child("expected evaluations");
  Charge sum;
  for (int i = 0; i < samples; ++i) {
    const Configuration configuration = problem.space().sample(random);
    const Outcome outcome = problem.evaluate({configuration, 0.0, fidelity, 0}, random);
    sum += cost.charge(outcome.workload, Duration{});
  }
  return sum;
}

const EarlierPlan::Part& part_of(const EarlierPlan& plan, const Experiment& experiment, const Cell& cell) {
  return plan.parts.size() == 1 ? plan.parts.front() : plan.parts[cell.index % experiment.seeds.size()];
}

// What strategies say of a problem; what holds in every scenario once.
std::vector<std::string> remarks_of(const Experiment& experiment, std::size_t problem) {
  std::vector<std::string> notes;
  for (std::size_t s = 0; s < experiment.strategies.size(); ++s) {
    std::vector<std::pair<std::string, std::vector<std::string>>> said;  // sentence, scenarios
    for (std::size_t c = 0; c < experiment.scenarios.size(); ++c)
      for (const std::string& remark : experiment.strategies[s].recipe->remarks(strategy_context(experiment, {0, problem, c, s, 0}))) {
        auto place = std::ranges::find(said, remark, [](const auto& entry) { return entry.first; });
        if (place == said.end()) place = said.insert(place, {remark, {}});
        place->second.push_back(experiment.scenarios[c].label);
      }
    for (const auto& [remark, scenarios] : said)
      notes.push_back(scenarios.size() == experiment.scenarios.size()
                          ? fmt::format("{}: {}", experiment.strategies[s].label, remark)
                          : fmt::format("{} ({}): {}", experiment.strategies[s].label, fmt::join(scenarios, ", "), remark));
  }
  return notes;
}

}  // namespace

Cell cell_at(const Experiment& experiment, std::size_t index) {
  Cell cell;
  cell.index = index;
  cell.seed = experiment.seeds[index % experiment.seeds.size()];
  index /= experiment.seeds.size();
  cell.strategy = index % experiment.strategies.size();
  index /= experiment.strategies.size();
  cell.scenario = index % experiment.scenarios.size();
  cell.problem = index / experiment.scenarios.size();
  return cell;
}

std::span<const EarlierSearch> earlier_of(const Experiment& experiment, const Cell& cell) {
  if (!experiment.warm_start.given()) return {};
  const EarlierPlan& plan = experiment.warm_start.problems[cell.problem];
  const EarlierPlan::Part& part = part_of(plan, experiment, cell);
  return std::span(plan.searches).subspan(part.first, part.count);
}

Charge share_of(const Experiment& experiment, const Cell& cell) {
  const WarmStartPlan& plan = experiment.warm_start;
  if (!plan.given() || !plan.learns[cell.strategy]) return {};
  return part_of(plan.problems[cell.problem], experiment, cell).share;
}

std::vector<std::string> notes_of(const Experiment& experiment, std::size_t problem) {
  std::vector<std::string> notes = experiment.problems[problem].problem->traits().notes;
  for (std::string& remark : remarks_of(experiment, problem)) notes.push_back(std::move(remark));
  if (!experiment.warm_start.given()) return notes;
  const auto& own = experiment.warm_start.problems[problem].notes;
  notes.insert(notes.end(), own.begin(), own.end());
  return notes;
}

StrategyContext strategy_context(const Experiment& experiment, const Cell& cell) {
  const Problem& problem = *experiment.problems[cell.problem].problem;
  const auto& fidelity = experiment.strategies[cell.strategy].fidelity;
  return {problem.space(),
          problem.traits(),
          fidelity.value_or(problem.traits().fidelity.highest),
          experiment.scenarios[cell.scenario].options.workers,
          experiment.scenarios[cell.scenario].cost.get(),
          [&problem](const Configuration& candidate) { return work_of_one_unit(problem, candidate); },
          nullptr,
          &experiment.scenarios[cell.scenario].options.budget,
          earlier_of(experiment, cell),
          [&experiment, cell] { return expected_evaluations(experiment, cell); }};
}

std::optional<double> expected_evaluations(const Experiment& experiment, const Cell& cell) {
  constexpr int kSamples = 64;
  const SimulationOptions& options = experiment.scenarios[cell.scenario].options;
  const double fidelity = strategy_context(experiment, cell).fidelity;
  const Charge sum = charge_of_samples(experiment, cell, kSamples, fidelity);
  const Usage total = sum.total();
  const Budget& budget = options.budget;
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](double limit, double used) {
    if (used > 0.0) least = std::min(least, limit / (used / kSamples));
  };
  if (budget.evaluations) least = static_cast<double>(*budget.evaluations);
  if (budget.fidelity) consider(*budget.fidelity, fidelity * kSamples);
  if (budget.time) consider(budget.time->base() * options.workers, sum.time.base());
  if (budget.energy) consider(budget.energy->base(), total.energy.base());
  if (budget.carbon) consider(budget.carbon->base(), total.carbon().base());
  if (budget.money) consider(budget.money->base(), total.money.base());
  if (!std::isfinite(least)) return std::nullopt;
  return std::max(1.0, std::floor(least));
}

}  // namespace tonne
