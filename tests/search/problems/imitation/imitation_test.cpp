// The problem `imitation`: what its file says is what the landscape has, and what the file may not say.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/rank_correlation.h"
#include "search/problems/imitation/imitation_space.h"
#include "tests/search/problems/imitation/imitation_fixture.h"

namespace tonne {
namespace {

using imitation::make_problem;
using imitation::parse_space;
using imitation::Space;
using testing::imitation_file;

Space small() { return parse_space(imitation_file(), "mine.yaml"); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  try {
    (void)parse_space(text, "mine.yaml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

void each_candidate(const Problem& problem, const std::function<void(const Configuration&)>& visit) {
  Configuration at(4);
  for (int op = 0; op < 4; ++op)
    for (int width = 0; width < 3; ++width)
      for (int depth = 2; depth <= 6; ++depth)
        for (int act = 0; act < 6; ++act) {
          at.set(0, op), at.set(1, width), at.set(2, depth), at.set(3, act);
          ASSERT_TRUE(problem.space().contains(at));
          visit(at);
        }
}

Outcome train(const Problem& problem, const Configuration& candidate, double to = 100, std::uint32_t repeat = 0) {
  return problem.evaluate({candidate, 0.0, to, repeat, 5}, Random(1));
}

std::vector<double> working_values(const Problem& problem) {
  std::vector<double> values;
  each_candidate(problem, [&](const Configuration& candidate) {
    if (!train(problem, candidate).failure) values.push_back(problem.true_value(candidate));
  });
  std::ranges::sort(values, std::greater{});
  return values;
}

TEST(Imitation, HasTheValuesAndFailuresOfItsFileInEveryLandscape) {
  for (const std::int64_t landscape : {0, 1, 2}) {
    const auto problem = make_problem(small(), {landscape, 1.0});
    const std::vector<double> values = working_values(*problem);
    ASSERT_EQ(values.size(), 270U);
    for (std::size_t k = 0; k < 5; ++k) EXPECT_DOUBLE_EQ(values[k], small().best[k]);
    EXPECT_DOUBLE_EQ(values.back(), 10.0);
    EXPECT_NEAR(values[135], 70.0, 0.5);
    EXPECT_DOUBLE_EQ(problem->optimum().value(), 94.0);
  }
}

TEST(Imitation, IsTheSameAgainAndAnotherInAnotherLandscape) {
  const auto first = make_problem(small(), {0, 1.0});
  const auto again = make_problem(small(), {0, 1.0});
  const auto other = make_problem(small(), {1, 1.0});
  int differ = 0;
  each_candidate(*first, [&](const Configuration& candidate) {
    EXPECT_EQ(first->true_value(candidate), again->true_value(candidate));
    EXPECT_EQ(train(*first, candidate).objectives, train(*again, candidate).objectives);
    differ += first->true_value(candidate) != other->true_value(candidate) ? 1 : 0;
  });
  EXPECT_GT(differ, 200);
}

TEST(Imitation, TrainingsAreAFewAndTheirMeanIsTheTruth) {
  const auto problem = make_problem(small(), {0, 1.0});
  each_candidate(*problem, [&](const Configuration& candidate) {
    if (train(*problem, candidate).failure) return;
    std::set<double> seen;
    for (std::uint32_t repeat = 0; repeat < 7; ++repeat)
      seen.insert(train(*problem, candidate, 100, repeat).objectives.front());
    ASSERT_EQ(seen.size(), 3U);
    double mean = 0.0;
    for (const double value : seen) mean += value / 3.0;
    EXPECT_NEAR(mean, problem->true_value(candidate), 1e-9);
  });
}

TEST(Imitation, ShortTrainingsTellLess) {
  const auto problem = make_problem(small(), {0, 0.0});
  std::vector<double> truth;
  std::vector<double> one;
  std::vector<double> ten;
  each_candidate(*problem, [&](const Configuration& candidate) {
    if (train(*problem, candidate).failure) return;
    truth.push_back(problem->true_value(candidate));
    one.push_back(train(*problem, candidate, 1).objectives.front());
    ten.push_back(train(*problem, candidate, 10).objectives.front());
    EXPECT_LE(one.back(), 60.0);
  });
  // Deviations of 1.5 and 0.5 of a normal score: Pearson's 0.55 and 0.89; the sd over 270 is below 0.05.
  EXPECT_LT(kendall_tau(one, truth), 0.6);
  EXPECT_GT(kendall_tau(one, truth), 0.15);
  EXPECT_GT(kendall_tau(ten, truth), 0.55);
}

TEST(Imitation, ChargesWhatItsFileSays) {
  const auto problem = make_problem(small(), {0, 1.0});
  double least = 1e9;
  double most = 0.0;
  each_candidate(*problem, [&](const Configuration& candidate) {
    const Outcome outcome = train(*problem, candidate);
    EXPECT_EQ(outcome.workload.parameters, 1000.0);
    const double time = outcome.workload.measured_time->base();
    if (outcome.failure) {
      EXPECT_LE(time, 35.0);  // half of what others take
      return;
    }
    EXPECT_NEAR(train(*problem, candidate, 50).workload.measured_time->base(), time / 2.0, 1e-9);
    least = std::min(least, time);
    most = std::max(most, time);
  });
  EXPECT_LT(least, 15.0);
  EXPECT_GE(least, 10.0);
  EXPECT_GT(most, 50.0);
  EXPECT_LE(most, 70.0);
}

TEST(Imitation, ALargerSpaceOfTheSameKind) {
  std::string text = replaced(imitation_file(), "categories: [a, b, c, d]", "categories: [a, b, c, d, e, f, g]");
  text = replaced(text, "  depth: {integer: [2, 6], importance: 0.1}\n",
                  "  depth: {integer: [2, 6], importance: 0.1}\n  extra: {real: [0.1, 10], scale: log, importance: 0.1}\n");
  const auto problem = make_problem(parse_space(text, "mine.yaml"), {0, 1.0});
  EXPECT_FALSE(problem->space().cardinality());
  std::vector<double> values;
  int failing = 0;
  for (std::uint64_t k = 0; k < 4000; ++k) {
    Random random = Random(3).child(k);
    const Configuration candidate = problem->space().sample(random);
    if (problem->evaluate({candidate, 0.0, 100.0, 0, 5}, Random(1)).failure) {
      ++failing;
    } else {
      values.push_back(problem->true_value(candidate));
    }
  }
  std::ranges::sort(values);
  // sd 0.007 and, of the median, about 0.4.
  EXPECT_NEAR(failing / 4000.0, 0.25, 0.03);
  EXPECT_NEAR(values[values.size() / 2], 70.0, 2.0);
}

TEST(Imitation, RefusesWhatCannotBeMeant) {
  const std::string good = imitation_file();
  EXPECT_EQ(refusal(good), "accepted");
  const std::vector<std::array<std::string, 3>> cases = {
      {"imitation: 1\n", "", "imitation: is missing"},
      {"[10, 11, 20,", "[10, 9, 20,", "quantiles: goes back from 10 to 9"},
      {"[10, 11, 20,", "[10, .nan, 20,", "found '.nan', expected a finite number"},
      {"[10, 11, 20,", "[10, 20,", "has 15 numbers, expected 16"},
      {"best: [94, 93.5", "best: [93.2, 93.5", "best: goes back"},
      {"candidates: 270\n", "", "candidates: is missing"},
      {"[a, b, c, d]", "[a, b, b, d]", "has the level 'b' twice"},
      {"  depth:", "  width:", "width"},
      {"importance: 0.3", "importance: -0.3", "out of bounds"},
      {"additive: 0.7, pairwise: 0.2", "additive: 0.9, pairwise: 0.2", "more than 1"},
      {"[op, width, 0.05]", "[op, wdith, 0.05]", "expected a parameter"},
      {"[op, width, 0.05]", "[op, width, 0.3]", "more than pairwise"},
      {"[op, width, 0.05]", "[op, op, 0.05]", "two different parameters"},
      {"share: 0.25", "share: 1", "out of bounds"},
      {"trainings: 3", "trainings: 1000000", "out of bounds"},
      {"[2, 1, 0.8", "[-2, 1, 0.8", "out of bounds"},
      {"amount: 10,", "amount: 1,", "larger than the one before"},
      {"amount: 10,", "amount: 100,", "must be below highest"},
      {"integer: [2, 6]", "integer: [6, 2]", "lower bound comes first"},
      {"integer: [2, 6]", "integer: [0, 6], scale: log", "above 0"},
      {"parameters: 1000", "weights: 1000", "is no cost"},
      {"quality: 0.8", "quality: 8", "out of bounds"},
      {"outcast: 0.2", "outcasts: 0.2", "outcasts"},
  };
  for (const auto& [from, to, message] : cases) {
    const std::string found = refusal(replaced(good, from, to));
    EXPECT_NE(found.find(message), std::string::npos) << from << " -> " << to << ": " << found;
    EXPECT_EQ(found.rfind("mine.yaml", 0), 0U) << found;
  }
}

TEST(Imitation, RefusesASpaceThatWouldFillTheMemory) {
  std::string many;
  for (int i = 0; i < 300; ++i) many += (i > 0 ? ", c" : "c") + std::to_string(i);
  EXPECT_NE(refusal(replaced(imitation_file(), "[a, b, c, d]", "[" + many + "]")).find("1 to 256"), std::string::npos);
  std::string wide = "parameters:\n";
  for (int p = 0; p < 65; ++p) wide += "  p" + std::to_string(p) + ": {integer: [0, 9]}\n";
  EXPECT_NE(refusal(replaced(imitation_file(), "parameters:\n", wide)).find("expected 1 to 64"), std::string::npos);
}

}  // namespace
}  // namespace tonne
