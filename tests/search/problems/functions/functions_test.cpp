#include "search/problems/functions/functions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "core/error.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

constexpr double pi = std::numbers::pi;

std::shared_ptr<const Problem> problem_of(const std::string& settings) {
  return testing::problem_recipe("function", settings)->make();
}

std::string error_of(const std::string& settings) {
  try {
    static_cast<void>(problem_of(settings));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<double> minimiser_of(const TestFunctionFacts& facts, std::size_t dimension) {
  std::vector<double> x;
  for (std::size_t i = 0; i < dimension; ++i) x.push_back(facts.minimiser_at(i));
  return x;
}

class EachFunction : public ::testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const TestFunctionFacts& facts() {
    return facts_of(static_cast<TestFunction>(GetParam()));
  }
};

TEST_P(EachFunction, HasItsMinimumAtTheMinimiser) {
  const std::vector<double> x = minimiser_of(facts(), facts().dimension);
  EXPECT_NEAR(facts().value(x), facts().minimum, 1e-12);
}

TEST_P(EachFunction, IsStationaryAndLeastAroundTheMinimiser) {
  const std::vector<double> x = minimiser_of(facts(), facts().dimension);
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (const double step : {-1e-4, 1e-4}) {
      std::vector<double> beside = x;
      beside[i] += step;
      EXPECT_GT(facts().value(beside), facts().minimum);
    }
  }
}

TEST_P(EachFunction, NoRandomPointLiesBelow) {
  Random random(1);
  std::vector<double> x(facts().dimension);
  for (int n = 0; n < 20'000; ++n) {
    // Half of the points are drawn near the minimiser.
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = random.uniform(facts().low_at(i), facts().high_at(i));
      if (n % 2 == 0) x[i] = facts().minimiser_at(i) + 0.01 * (x[i] - facts().minimiser_at(i));
    }
    ASSERT_GE(facts().value(x), facts().minimum - 1e-12);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachFunction, ::testing::Range<std::size_t>(0, kTestFunctionNames.size()),
                         [](const auto& parameter) {
                           return std::string(kTestFunctionNames[parameter.param]);
                         });

// Optima as the Virtual Library of Simulation Experiments prints them.
TEST(Functions, MeetThePublishedOptima) {
  for (const std::vector<double>& x :
       {std::vector<double>{-pi, 12.275}, std::vector<double>{pi, 2.275}, std::vector<double>{3 * pi, 2.475}})
    EXPECT_NEAR(branin(x), 5.0 / (4.0 * pi), 1e-9);
  EXPECT_NEAR(hartmann3(std::vector{0.114614, 0.555649, 0.852547}), -3.86278, 5e-6);
  EXPECT_NEAR(hartmann6(std::vector{0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573}), -3.32237,
              5e-6);
  for (const std::size_t dimension : {1U, 2U, 7U, 1000U}) {
    EXPECT_EQ(ackley(std::vector<double>(dimension, 0.0)), 0.0);
    EXPECT_EQ(rastrigin(std::vector<double>(dimension, 0.0)), 0.0);
    EXPECT_NEAR(levy(std::vector<double>(dimension, 1.0)), 0.0, 1e-9);
    EXPECT_EQ(rosenbrock(std::vector<double>(dimension, 1.0)), 0.0);
  }
}

// Values worked out by hand from the published formulas.
TEST(Functions, HaveTheirValuesElsewhere) {
  const std::vector<double> zero(3, 0.0);
  EXPECT_NEAR(branin(std::vector{0.0, 0.0}), 36.0 + 10.0 * (1.0 - 1.0 / (8.0 * pi)) + 10.0, 1e-12);
  const std::vector<double> ones(4, 1.0);
  EXPECT_NEAR(ackley(ones), 20.0 - 20.0 * std::exp(-0.2), 1e-12);
  const std::vector<double> halves(2, 0.5);
  EXPECT_NEAR(ackley(halves), 20.0 + std::exp(1.0) - 20.0 * std::exp(-0.1) - std::exp(-1.0), 1e-12);
  EXPECT_NEAR(rastrigin(ones), 4.0, 1e-12);
  EXPECT_NEAR(rastrigin(halves), 2.0 * 20.25, 1e-12);
  EXPECT_EQ(rosenbrock(zero), 2.0);
  EXPECT_EQ(rosenbrock(std::vector{2.0, 1.0, -1.0}), 100.0 * 9.0 + 1.0 + 100.0 * 4.0);
  // w = 2, 2: sin^2(2 pi) + (1 + 10 sin^2(2 pi + 1)) + (1 + sin^2(4 pi)).
  EXPECT_NEAR(levy(std::vector{5.0, 5.0}), 2.0 + 10.0 * std::sin(1.0) * std::sin(1.0), 1e-12);
}

TEST(FunctionProblem, TakesItsDefaults) {
  const auto branin_problem = problem_of("");
  EXPECT_EQ(branin_problem->traits().name, "function/branin");
  EXPECT_EQ(branin_problem->space().size(), 2U);
  EXPECT_EQ(problem_of("function: ackley")->traits().name, "function/ackley5");
  EXPECT_EQ(problem_of("function: levy")->space().size(), 6U);
  EXPECT_EQ(problem_of("function: rastrigin")->space().size(), 10U);
  EXPECT_EQ(problem_of("function: rosenbrock")->space().size(), 10U);
  EXPECT_EQ(problem_of("{function: ackley, dimension: 1000}")->space().size(), 1000U);
  const Configuration middle = branin_problem->default_configuration();
  EXPECT_EQ(middle[0], 2.5);
  EXPECT_EQ(middle[1], 7.5);
  EXPECT_EQ(branin_problem->evaluate({middle}, Random(1)).workload.flops, 1e6 * gigaflop);
}

TEST(FunctionProblem, ShiftMovesTheOptimumAndKeepsItsValue) {
  struct Case {
    std::string settings;
    double first;  // coordinates of the moved minimiser
    double second;
  };
  const std::vector<Case> cases = {
      {"{function: ackley, dimension: 3, shift: 0.5}", 16.384, -16.384},
      {"{function: rastrigin, dimension: 3, shift: 0.25}", 1.28, -1.28},
      {"{function: levy, dimension: 3, shift: 0.5}", 5.5, 5.5},
      {"{function: rosenbrock, dimension: 3, shift: 0.5}", -2.0, -2.0},
      {"{function: ackley, dimension: 3, shift: 0.999}", 0.999 * 32.768, -0.999 * 32.768},
      {"{function: levy, dimension: 3}", 1.0, 1.0},
  };
  for (const Case& c : cases) {
    const auto problem = problem_of(c.settings);
    Configuration best(3);
    best.set(0, c.first);
    best.set(1, c.second);
    best.set(2, c.first);
    EXPECT_TRUE(problem->space().contains(best)) << c.settings;
    EXPECT_NEAR(problem->true_value(best), 0.0, 1e-9) << c.settings;
    EXPECT_EQ(problem->optimum(), 0.0);
  }
}

TEST(FunctionProblem, ShiftTakesTheOptimumFromTheCentre) {
  for (const std::string name : {"ackley", "rastrigin"}) {
    EXPECT_NEAR(
        problem_of("function: " + name)->true_value(problem_of("function: " + name)->default_configuration()),
        0.0, 1e-9);
    const auto shifted = problem_of("{function: " + name + ", shift: 0.3}");
    EXPECT_GT(shifted->true_value(shifted->default_configuration()), 1.0);
  }
}

// False alarms: the mean of 10,000 draws lies within 5 standard errors but for 6e-7; the variance likewise.
TEST(FunctionProblem, NoiseHasItsSdAndNoBias) {
  const auto problem = problem_of("noise: 2.0");
  const Configuration middle = problem->default_configuration();
  const double truth = problem->true_value(middle);
  constexpr int n = 10'000;
  double sum = 0.0;
  double squares = 0.0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double deviation = problem->evaluate({middle}, Random(3).child(i)).objectives[0] - truth;
    sum += deviation;
    squares += deviation * deviation;
  }
  EXPECT_NEAR(sum / n, 0.0, 5.0 * 2.0 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 4.0, 5.0 * 4.0 * std::sqrt(2.0 / n));
}

TEST(FunctionProblem, CostsWhatOneSays) {
  const auto problem = problem_of("flops: 3 PFLOP");
  const Workload workload = problem->evaluate({problem->default_configuration()}, Random(1)).workload;
  EXPECT_EQ(workload.flops, 3e6 * gigaflop);
  EXPECT_EQ(workload.steps, 0.0);
}

TEST(FunctionProblem, SaysWhatIsWrong) {
  const auto expect_error = [](const std::string& settings, const std::string& part) {
    const std::string message = error_of(settings);
    EXPECT_NE(message.find(part), std::string::npos) << settings << ": " << message;
  };
  expect_error("{function: hartmann6, dimension: 5}", "dimension: hartmann6 has 6 dimensions");
  expect_error("{function: rosenbrock, dimension: 1}", "dimension: rosenbrock needs at least 2 dimensions");
  expect_error("{function: branin, shift: 0.5}", "shift: branin cannot be shifted");
  expect_error("{function: ackley, shift: 1}", "shift: must be below 1");
  expect_error("{function: ackley, shift: -0.1}", "shift");
  expect_error("{function: ackley, dimension: 1001}", "dimension");
  expect_error("{function: ackley, dimension: 0}", "dimension");
  expect_error("noise: -1", "noise");
  expect_error("flops: 3 kg", "flops");
  expect_error("function: sphere", "function");
  EXPECT_EQ(error_of("{function: hartmann6, dimension: 6}"), "no error");
}

}  // namespace
}  // namespace tonne
