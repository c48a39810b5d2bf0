// Searches on the cell space end where they end on the public table. The landscape was not tuned on this.

#include <gtest/gtest.h>

#include <deque>

#include "tests/search/problems/networks/portrait.h"

namespace tonne::testing {
namespace {

constexpr std::array<std::size_t, 3> kCheckpoints = {100, 200, 500};
constexpr std::uint64_t kRuns = 200;

struct Candidate {
  Configuration configuration;
  double accuracy = 0.0;
};

/// One search with single-seed evaluations: keeps the incumbent by observed accuracy, notes its true value.
class Search {
 public:
  Search(const Problem& problem, Random root) : problem_(problem), root_(root) {}

  Candidate evaluate(const Configuration& configuration) {
    const Random stream = root_.child("evaluate").child(configuration.digest());
    const Outcome outcome = problem_.evaluate({configuration, 0.0, 200.0, 0}, stream);
    flops_ += outcome.workload.flops;
    const Candidate candidate{configuration, outcome.objectives.front()};
    if (trajectory_.empty() || candidate.accuracy > incumbent_.accuracy) incumbent_ = candidate;
    trajectory_.push_back(problem_.true_value(incumbent_.configuration));
    return candidate;
  }
  [[nodiscard]] const Values& trajectory() const { return trajectory_; }
  [[nodiscard]] Work flops() const { return flops_; }

 private:
  const Problem& problem_;
  Random root_;
  Candidate incumbent_;
  Values trajectory_;
  Work flops_{};
};

void random_search(const Problem& problem, Search& search, Random random) {
  for (std::size_t n = 0; n < kCheckpoints.back(); ++n) search.evaluate(problem.space().sample(random));
}

/// Aging evolution (Real et al. 2019) with population 10 and tournaments of 3.
void evolution(const Problem& problem, Search& search, Random random) {
  std::deque<Candidate> population;
  for (std::size_t n = 0; n < kCheckpoints.back(); ++n) {
    if (population.size() < 10) {
      population.push_back(search.evaluate(problem.space().sample(random)));
      continue;
    }
    const Candidate* parent = nullptr;
    for (int k = 0; k < 3; ++k) {
      const Candidate& drawn = population[random.below(population.size())];
      if (parent == nullptr || drawn.accuracy > parent->accuracy) parent = &drawn;
    }
    const Configuration child = problem.space().mutate(parent->configuration, random);
    population.push_back(search.evaluate(child));
    population.pop_front();
  }
}

struct Summary {
  std::array<Values, 3> at_checkpoint;
  Work flops{};
};

template <class Strategy>
Summary run_all(Strategy strategy) {
  const auto problem = make_cell_nas({});
  Summary summary;
  for (std::uint64_t run = 0; run < kRuns; ++run) {
    const Random root = Random(2'020).child(run);
    Search search(*problem, root);
    strategy(*problem, search, root.child("ask"));
    for (std::size_t k = 0; k < kCheckpoints.size(); ++k)
      summary.at_checkpoint[k].push_back(search.trajectory()[kCheckpoints[k] - 1]);
    summary.flops += search.flops();
  }
  return summary;
}

void expect_near_published(const Summary& summary, const std::array<double, 3>& published, double tolerance) {
  for (std::size_t k = 0; k < kCheckpoints.size(); ++k)
    EXPECT_NEAR(mean(summary.at_checkpoint[k]), published[k], tolerance) << kCheckpoints[k] << " evaluations";
}

// Published means have a standard error of about .02 (100 runs, sd .15-.28), ours .014. Searches end a little
// lower than on the table, whose very best cells look best to a search, too; a gap between validation and
// test that is drawn for each cell alone does not give that.
TEST(CellNasSearch, RandomSearchEndsWhereItShould) {
  expect_near_published(run_all(random_search), {93.79, 93.89, 93.99}, 0.12);
}

TEST(CellNasSearch, EvolutionEndsWhereItShould) {
  expect_near_published(run_all(evolution), {93.99, 94.18, 94.29}, 0.12);
}

TEST(CellNasSearch, EvolutionWinsAndPaysMorePerEvaluation) {
  const Summary random = run_all(random_search);
  const Summary evolved = run_all(evolution);
  for (std::size_t k = 0; k < kCheckpoints.size(); ++k)
    EXPECT_GT(mean(evolved.at_checkpoint[k]), mean(random.at_checkpoint[k]) + 0.1);
  EXPECT_GT(evolved.flops / random.flops, 1.6);
  EXPECT_LT(evolved.flops / random.flops, 1.9);
}

}  // namespace
}  // namespace tonne::testing
