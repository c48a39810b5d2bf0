// What pagmo2 (Debian's libpagmo-dev) takes: seconds of processor time for one unit of work, printed as one
// number.
//   pagmo_peer cma_es             one evaluation, population 20 on Rosenbrock in 10 dimensions, in searches of 20,000
//   pagmo_peer de                 one evaluation, rand/1/bin with population 50 on the same
//   pagmo_peer nsga2              one evaluation, population 100 on ZDT1 of 30 parameters
//   pagmo_peer hypervolume M N    of N points on the unit sphere's positive part in M dimensions
//   pagmo_peer sorting M N        non-dominated sorting of N points in the unit cube
// The same work here: evolution_benchmark and pareto_benchmark. Compiled by tests/benchmarks/run where pagmo
// is installed.

// The library was compiled without AVX: with it, Eigen would align what the two hand to one another
// differently.
#define EIGEN_DONT_VECTORIZE

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numbers>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/cmaes.hpp>
#include <pagmo/algorithms/de.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <pagmo/problems/rosenbrock.hpp>
#include <pagmo/problems/zdt.hpp>
#include <pagmo/utils/hypervolume.hpp>
#include <pagmo/utils/multi_objective.hpp>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr double kLeastSeconds = 0.3;
constexpr unsigned kEvaluations = 20'000;  // of one search, so that a population settles as it does in use

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Seconds of one unit, over as many runs as the clock needs; `prepare` is not timed, `work` returns how many
// units it did.
template <class Prepare, class Work>
double seconds_per_unit(const Prepare& prepare, const Work& work) {
  double spent = 0.0;
  double units = 0.0;
  for (unsigned seed = 1; spent < kLeastSeconds; ++seed) {
    auto prepared = prepare(seed);
    const double start = processor_seconds();
    units += work(prepared);
    spent += processor_seconds() - start;
  }
  return spent / units;
}

// `make` gives the algorithm for so many generations; the first population counts among the evaluations here
// as there.
template <class Problem>
double search(const Problem& problem, unsigned population,
              const std::function<pagmo::algorithm(unsigned)>& make) {
  const auto prepare = [&](unsigned seed) { return seed; };
  const auto work = [&](unsigned seed) {
    pagmo::population members(pagmo::problem(problem), population, seed);
    pagmo::algorithm algorithm = make(kEvaluations / population - 1);
    algorithm.set_seed(seed);
    members = algorithm.evolve(members);
    return static_cast<double>(members.get_problem().get_fevals());
  };
  return seconds_per_unit(prepare, work);
}

using Points = std::vector<std::vector<double>>;

double uniform(std::mt19937_64& engine) {
  return (static_cast<double>(engine() >> 12U) + 0.5) * 0x1.0p-52;  // without 0, whose logarithm a normal number would take
}

Points sphere(std::size_t count, std::size_t m, unsigned seed) {
  std::mt19937_64 engine(seed);
  Points points(count, std::vector<double>(m));
  for (auto& point : points) {
    double squares = 0.0;
    for (double& value : point) {  // the positive half of Box and Muller's normal numbers
      const double angle = 2.0 * std::numbers::pi * uniform(engine);
      value = std::abs(std::sqrt(-2.0 * std::log(uniform(engine))) * std::cos(angle));
      squares += value * value;
    }
    for (double& value : point) value = 1.0 - value / std::sqrt(squares);
  }
  return points;
}

Points cube(std::size_t count, std::size_t m, unsigned seed) {
  std::mt19937_64 engine(seed);
  Points points(count, std::vector<double>(m));
  for (auto& point : points)
    for (double& value : point) value = uniform(engine);
  return points;
}

double hypervolume(std::size_t m, std::size_t count) {
  const std::vector<double> reference(m, 1.1);
  volatile double sink = 0.0;
  return seconds_per_unit([&](unsigned seed) { return pagmo::hypervolume(sphere(count, m, seed), false); },
                          [&](pagmo::hypervolume& front) {
                            sink = front.compute(reference);
                            return 1.0;
                          });
}

double sorting(std::size_t m, std::size_t count) {
  volatile std::size_t sink = 0;
  return seconds_per_unit([&](unsigned seed) { return cube(count, m, seed); },
                          [&](const Points& points) {
                            sink = std::get<0>(pagmo::fast_non_dominated_sorting(points)).size();
                            return 1.0;
                          });
}

// Negative: no such work.
double measured(const std::string& work, std::size_t m, std::size_t count) {
  if (work == "cma_es")
    return search(pagmo::rosenbrock(10), 20, [](unsigned generations) {
      // sigma0 0.3; never ended by tolerances; bounds forced as here.
      return pagmo::algorithm(pagmo::cmaes(generations, -1, -1, -1, -1, 0.3, 0.0, 0.0, false, true));
    });
  if (work == "de")
    return search(pagmo::rosenbrock(10), 50, [](unsigned generations) {
      return pagmo::algorithm(pagmo::de(generations, 0.5, 0.9, 7, 0.0, 0.0));  // variant 7: rand/1/bin
    });
  if (work == "nsga2")
    return search(pagmo::zdt(1, 30), 100,
                  [](unsigned generations) { return pagmo::algorithm(pagmo::nsga2(generations)); });
  if (m < 2 || count < 1) return -1.0;
  if (work == "hypervolume") return hypervolume(m, count);
  return work == "sorting" ? sorting(m, count) : -1.0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string work = count > 1 ? arguments[1] : "";
  const auto number = [&](int i) { return count > i ? std::strtoull(arguments[i], nullptr, 10) : 0ULL; };
  const double seconds = measured(work, number(2), number(3));
  if (seconds < 0.0) {
    std::fprintf(stderr, "pagmo_peer: cma_es, de, nsga2, hypervolume M N or sorting M N\n");
    return 2;
  }
  std::printf("%.6g\n", seconds);
  return 0;
}
