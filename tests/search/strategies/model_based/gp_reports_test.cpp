// How `gp` learns from the partial trainings that a scheduler reports.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/recipes.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

const ProblemTraits& traits() {
  static const ProblemTraits kTraits = [] {
    ProblemTraits result;
    result.name = "test";
    result.objectives = {{"loss", "", Direction::minimise}};
    result.fidelity = {"epochs", 1.0, 27.0, true};
    return result;
  }();
  return kTraits;
}

const SearchSpace& square() {
  static const SearchSpace kSpace(testing::box(2, 0.0, 1.0));
  return kSpace;
}

std::unique_ptr<Strategy> make_gp(const std::string& settings = "{}") {
  return testing::strategy_recipe("gp", settings)->make({square(), traits(), 27.0});
}

// Falls with training; the best after one epoch (0.45, 0.4) is near the best after 27 (0.3, 0.7).
double loss_after(const Configuration& c, double epochs) {
  const double done = std::log(epochs) / std::log(27.0);
  const double x = c[0] - (0.45 - 0.15 * done);
  const double y = c[1] - (0.4 + 0.3 * done);
  return x * x + y * y + (1.0 - done);
}

double distance_to_best(const Configuration& c) {
  return std::hypot(c[0] - 0.3, c[1] - 0.7);
}

Trial trained(TrialId id, const Configuration& configuration, double epochs) {
  Trial trial;
  trial.id = id;
  trial.proposal = {configuration, epochs};
  trial.result = Completed{{loss_after(configuration, epochs)}};
  return trial;
}

// Successive halving of what `gp` proposes: all candidates train for an epoch, every third goes on to 3, 9
// and 27.
std::vector<Configuration> proposals(Strategy& gp, TrialId count) {
  std::vector<Configuration> asked;
  for (TrialId id = 0; id < count; ++id) {
    const Configuration configuration = gp.ask(id, Random(1).child(id))->configuration;
    asked.push_back(configuration);
    gp.report(trained(id, configuration, 1.0));
    if (id % 3 == 0) gp.report(trained(id, configuration, 3.0));
    if (id % 9 == 0) gp.report(trained(id, configuration, 9.0));
    if (id % 9 == 0) gp.tell(trained(id, configuration, 27.0));
  }
  return asked;
}

TEST(GpReports, ShortTrainingsAloneGuideTheSearch) {
  const auto gp = make_gp("{report_level: data}");
  Random random(2);
  for (TrialId id = 0; id < 20; ++id) gp->report(trained(id, square().sample(random), 1.0));
  const Configuration next = gp->ask(20, Random(3))->configuration;
  EXPECT_LT(std::hypot(next[0] - 0.45, next[1] - 0.4), 0.15);
}

// Of 40 candidates five train to the end; what is best there is not what is best after an epoch.
TEST(GpReports, TheLengthOfATrainingIsAnInput) {
  const auto gp = make_gp();
  const std::vector<Configuration> asked = proposals(*gp, 40);
  double nearest = 1.0;
  for (std::size_t k = 30; k < 40; ++k) nearest = std::min(nearest, distance_to_best(asked[k]));
  EXPECT_LT(nearest, 0.05);
}

TEST(GpReports, AFullTrainingCountsOnceHoweverItIsHeardOf) {
  const auto reported = make_gp("{initial: 5}");
  const auto both = make_gp("{initial: 5}");
  Random random(4);
  for (TrialId id = 0; id < 12; ++id) {
    const Configuration configuration = square().sample(random);
    for (Strategy* gp : {reported.get(), both.get()}) {
      gp->report(trained(id, configuration, 3.0));
      gp->report(trained(id, configuration, 27.0));
    }
    both->tell(trained(id, configuration, 27.0));
  }
  EXPECT_EQ(reported->ask(12, Random(5))->configuration, both->ask(12, Random(5))->configuration);
}

TEST(GpReports, OldAndRepeatedReportsChangeNothing) {
  const auto once = make_gp("{initial: 5}");
  const auto again = make_gp("{initial: 5}");
  Random random(6);
  for (TrialId id = 0; id < 12; ++id) {
    const Configuration configuration = square().sample(random);
    for (Strategy* gp : {once.get(), again.get()}) {
      gp->report(trained(id, configuration, 3.0));
      gp->tell(trained(id, configuration, 27.0));
    }
    again->report(trained(id, configuration, 3.0));
    again->report(trained(id, configuration, 9.0));
  }
  EXPECT_EQ(once->ask(12, Random(7))->configuration, again->ask(12, Random(7))->configuration);
}

// A failed candidate ends as one: its short trainings stay, and the full one counts as the worst loss.
TEST(GpReports, ACandidateMayFailAfterReports) {
  const auto gp = make_gp("{initial: 5}");
  Random random(8);
  for (TrialId id = 0; id < 12; ++id) {
    const Configuration configuration = square().sample(random);
    gp->report(trained(id, configuration, 1.0));
    Trial failed = trained(id, configuration, 27.0);
    failed.result = Failed{Failure::diverged};
    gp->tell(failed);
  }
  EXPECT_TRUE(square().contains(gp->ask(12, Random(9))->configuration));
}

TEST(GpReports, TheModelIsBounded) {
  const auto work_of_40 = [](TrialId history) {
    const auto gp =
        make_gp("{initial: 5, max_fit_points: 20, candidates: 32, local_starts: 1, refit_growth: 0}");
    Random random(10);
    const auto add = [&](TrialId id) {
      const Configuration configuration = square().sample(random);
      gp->report(trained(id, configuration, 1.0));
      gp->tell(trained(id, configuration, 27.0));
    };
    for (TrialId id = 0; id < history; ++id) add(id);
    const Work before = gp->computed();
    for (TrialId id = history; id < history + 40; ++id) add(id);
    return gp->computed() - before;
  };
  EXPECT_LT(work_of_40(300) / work_of_40(40), 2.0);
}

}  // namespace
}  // namespace tonne
