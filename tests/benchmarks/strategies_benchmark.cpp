// Ask and tell of the strategies whose steps do not depend on the history, and the ask of TPE at a given
// history.

#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <string_view>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

SearchSpace ten_reals() {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 10; ++i)
    parameters.push_back({.name = "x" + std::to_string(i), .domain = Real{-5.0, 5.0}});
  return SearchSpace(std::move(parameters));
}

SearchSpace ten_mixed() {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 3; ++i)
    parameters.push_back({.name = "r" + std::to_string(i), .domain = Real{0.0, 1.0}});
  parameters.push_back({.name = "log", .domain = Real{1e-5, 1.0, Scale::log}});
  parameters.push_back({.name = "units", .domain = Integer{16, 512, Scale::log}});
  parameters.push_back({.name = "layers", .domain = Integer{1, 12}});
  parameters.push_back({.name = "level", .domain = Ordinal{{"a", "b", "c", "d"}}});
  for (int i = 0; i < 3; ++i)
    parameters.push_back({.name = "c" + std::to_string(i), .domain = Categorical{{"a", "b", "c", "d", "e"}}});
  return SearchSpace(std::move(parameters));
}

SearchSpace cells() {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 6; ++i)
    parameters.push_back(
        {.name = "edge" + std::to_string(i), .domain = Categorical{{"a", "b", "c", "d", "e"}}});
  return SearchSpace(std::move(parameters));
}

std::unique_ptr<Strategy> make(std::string_view name, const StrategyContext& context, const std::string& settings = "{}") {
  return testing::strategy_recipe(name, settings)->make(context);
}

double loss_of(const SearchSpace& space, const Configuration& configuration) {
  double loss = 0.0;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const double distance = to_unit(space[i].domain, configuration[i]) - 0.3;
    loss += distance * distance;
  }
  return loss;
}

Trial evaluate(const SearchSpace& space, TrialId id, Proposal proposal) {
  Trial trial;
  trial.id = id;
  trial.result = Completed{{loss_of(space, proposal.configuration)}};
  trial.proposal = std::move(proposal);
  return trial;
}

void ask_and_tell(benchmark::State& state, std::string_view name, const SearchSpace& space) {
  const ProblemTraits traits{.name = "benchmark", .objectives = {{}}, .fidelity = {}};
  const auto strategy = make(name, {space, traits, 1.0, 1});
  const Random root(1);
  TrialId id = 0;
  for (auto _ : state) {
    strategy->tell(evaluate(space, id, *strategy->ask(id, root.child(id))));
    ++id;
  }
  state.SetItemsProcessed(state.iterations());
}

// An ask after each tell, as a search has it: the history is parted, both densities are fitted and the draws scored. The
// history grows by the 100 iterations.
void tpe_ask(benchmark::State& state, const SearchSpace& space, bool multivariate) {
  const ProblemTraits traits{.name = "benchmark", .objectives = {{}}, .fidelity = {}};
  const auto strategy = make("tpe", {space, traits, 1.0, 1}, multivariate ? "{}" : "{multivariate: false}");
  const Random root(1);
  const auto history = static_cast<TrialId>(state.range(0));
  for (TrialId id = 0; id < history; ++id) {
    Random random = root.child(id);
    strategy->tell(evaluate(space, id, Proposal{.configuration = space.sample(random), .fidelity = 1.0}));
  }
  TrialId id = history;
  for (auto _ : state) {
    benchmark::DoNotOptimize(strategy->ask(history, root.child(id)));
    state.PauseTiming();
    Random random = root.child(id);
    strategy->tell(evaluate(space, id, Proposal{.configuration = space.sample(random), .fidelity = 1.0}));
    ++id;
    state.ResumeTiming();
  }
}

// A step of a strategy that stops or pauses trainings: one ask and one tell, after so many trials. What peers call a
// pruner's step is the decision alone, which here is a part of it.
void pruner_step(benchmark::State& state, std::string_view name, const std::string& settings) {
  const SearchSpace space = ten_mixed();
  const ProblemTraits traits{.name = "benchmark", .objectives = {{}}, .fidelity = {"epochs", 1.0, 81.0, true}};
  const auto strategy = make(name, {space, traits, 81.0, 1}, settings);
  const Random root(1);
  TrialId id = 0;
  const auto step = [&] {
    Trial trial = evaluate(space, id, *strategy->ask(id, root.child(id)));
    // Longer trainings are better, so that trials are told apart as by learning curves.
    std::get<Completed>(trial.result).losses[0] += 1.0 / trial.proposal.fidelity;
    strategy->tell(trial);
    ++id;
  };
  while (id < static_cast<TrialId>(state.range(0))) step();
  for (auto _ : state) step();
}

BENCHMARK_CAPTURE(ask_and_tell, random_cells, "random", cells());
BENCHMARK_CAPTURE(ask_and_tell, random_10_reals, "random", ten_reals());
BENCHMARK_CAPTURE(ask_and_tell, random_10_mixed, "random", ten_mixed());
BENCHMARK_CAPTURE(ask_and_tell, regularized_evolution_cells, "regularized_evolution", cells());
BENCHMARK_CAPTURE(ask_and_tell, regularized_evolution_10_mixed, "regularized_evolution", ten_mixed());
BENCHMARK_CAPTURE(tpe_ask, multivariate_10_reals, ten_reals(), true)->RangeMultiplier(10)->Range(100, 10'000)->Iterations(100);
BENCHMARK_CAPTURE(tpe_ask, multivariate_10_mixed, ten_mixed(), true)->RangeMultiplier(10)->Range(100, 10'000)->Iterations(100);
BENCHMARK_CAPTURE(tpe_ask, univariate_10_reals, ten_reals(), false)->RangeMultiplier(10)->Range(100, 10'000)->Iterations(100);
BENCHMARK_CAPTURE(tpe_ask, univariate_10_mixed, ten_mixed(), false)->RangeMultiplier(10)->Range(100, 10'000)->Iterations(100);
BENCHMARK_CAPTURE(pruner_step, asha_promotion, "asha", "{}")->RangeMultiplier(10)->Range(1000, 1'000'000)->Iterations(1000);
BENCHMARK_CAPTURE(pruner_step, asha_stopping, "asha", "{type: stopping}")->RangeMultiplier(10)->Range(1000, 1'000'000)->Iterations(1000);
BENCHMARK_CAPTURE(pruner_step, median_stopping, "median_stopping", "{}")->Arg(1000)->Arg(10'000)->Iterations(1000);
BENCHMARK_CAPTURE(pruner_step, successive_halving, "successive_halving", "{}")->Arg(1000)->Arg(10'000)->Iterations(1000);
BENCHMARK_CAPTURE(pruner_step, hyperband, "hyperband", "{}")->Arg(1000)->Arg(10'000)->Iterations(1000);

}  // namespace
}  // namespace tonne
