// Speed of the Gaussian process and of whole searches with the strategy `gp`.

#include <benchmark/benchmark.h>

#include <memory>

#include "core/random.h"
#include "search/catalogue.h"
#include "search/surrogates/gaussian_process.h"
#include "tests/support/search_loop.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

struct Data {
  PointSet points;
  std::vector<double> targets;
};

Data random_data(const PointEncoding& encoding, const SearchSpace& space, Eigen::Index count) {
  Random random(1);
  Data data;
  data.points.resize(count, encoding.columns());
  for (Eigen::Index i = 0; i < count; ++i) {
    encoding.encode(space.sample(random), data.points, i);
    data.targets.push_back(random.normal());
  }
  return data;
}

void log_posterior_with_gradient(benchmark::State& state) {
  const SearchSpace space(testing::box(6, 0.0, 1.0));
  const PointEncoding encoding(space);
  const Data data = random_data(encoding, space, state.range(0));
  GaussianProcess process(encoding.layout());
  process.condition(data.points, data.targets);
  Eigen::VectorXd gradient;
  for (auto _ : state) benchmark::DoNotOptimize(process.log_posterior(process.hyperparameters(), gradient));
}
BENCHMARK(log_posterior_with_gradient)->Arg(50)->Arg(100)->Arg(200)->Arg(300)->Arg(1000);

void predict_2048(benchmark::State& state) {
  const SearchSpace space(testing::box(6, 0.0, 1.0));
  const PointEncoding encoding(space);
  const Data data = random_data(encoding, space, state.range(0));
  const Data test = random_data(encoding, space, 2048);
  GaussianProcess process(encoding.layout());
  process.condition(data.points, data.targets);
  BatchPrediction out;
  for (auto _ : state) process.predict(test.points, out);
  state.SetItemsProcessed(state.iterations() * 2048);
}
BENCHMARK(predict_2048)->Arg(50)->Arg(100)->Arg(200)->Arg(300);

void fantasise_one_point(benchmark::State& state) {
  const SearchSpace space(testing::box(6, 0.0, 1.0));
  const PointEncoding encoding(space);
  const Data data = random_data(encoding, space, state.range(0));
  GaussianProcess process(encoding.layout());
  process.condition(data.points, data.targets);
  for (auto _ : state) {
    process.fantasise(data.points, 0);
    process.forget_fantasies();
  }
}
BENCHMARK(fantasise_one_point)->Arg(100)->Arg(300)->Arg(1000);

void search(benchmark::State& state, const char* function) {
  const auto made = testing::function_problem(function);
  const Problem& problem = *made;
  std::uint64_t seed = 0;
  for (auto _ : state) {
    const auto strategy = testing::strategy_recipe("gp")->make({problem.space(), problem.traits()});
    testing::search_loop(*strategy, problem, 200, seed++);
  }
}
void search_branin_200(benchmark::State& state) {
  search(state, testing::kBranin);
}
void search_hartmann6_200(benchmark::State& state) {
  search(state, testing::kHartmann6);
}

// An ask and a tell after so many evaluations: hyper-parameters, candidates, climbing.
void step_of_8_dimensions(benchmark::State& state) {
  const auto problem = testing::function_problem("{function: levy, dimension: 8}");
  const auto strategy = testing::strategy_recipe("gp")->make({problem->space(), problem->traits()});
  const Random root(1);
  Trial trial;
  const auto tell = [&](Configuration configuration) {
    trial.proposal.configuration = std::move(configuration);
    trial.result = Completed{problem->evaluate({trial.proposal.configuration, 0.0, 1.0, 0, 0}, root).objectives};
    strategy->tell(trial);
    ++trial.id;
  };
  while (trial.id < static_cast<TrialId>(state.range(0))) {
    Random random = root.child(trial.id);
    tell(problem->space().sample(random));
  }
  for (auto _ : state) tell(strategy->ask(trial.id, root.child(trial.id))->configuration);
}
BENCHMARK(step_of_8_dimensions)->Arg(100)->Arg(300)->Iterations(10)->Unit(benchmark::kMillisecond);

BENCHMARK(search_branin_200)->Unit(benchmark::kMillisecond);
BENCHMARK(search_hartmann6_200)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne
