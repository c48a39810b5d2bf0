// What every strategy reaches, against what it reached when tests/search/strategies/regressions.json was recorded.
//
// Searches are deterministic: as long as a strategy makes the same draws, its values are those of the file. A change that makes
// it draw otherwise gives a new sample, which is compared with the recorded one by a one-sided exact Mann-Whitney test. The level
// of all lines together is 1 % (Bonferroni): a change that alters every strategy's draws, and none's quality, raises a false
// alarm in at most one of a hundred cases. What it finds
// with 82 lines (a level of 1.2e-4 each), in searches' values that are about normal: with 20 seeds on each side a shift by 1.5
// standard deviations in 72 % of cases, by 2 in 97 %; with 12 seeds by 2.5 in 90 %; with 10 by 3 in 92 %.
//
// After a change that is meant: TONNE_RECORD=1 build/release/search_tests --gtest_filter='RecordedQuality.Records'
// computes the values of all lines again (a line without values gets its first), and the commit says why they changed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "core/json.h"
#include "core/pareto.h"
#include "tests/support/free_search.h"

namespace tonne {
namespace {

constexpr double kLevel = 0.01;

const std::string& file_name() {
  static const std::string name = std::string(TONNE_SOURCE_DIR) + "/tests/search/strategies/regressions.json";
  return name;
}

struct Line {
  std::string strategy;
  std::string settings;
  std::string problem;
  std::string problem_settings;
  std::string unit;  // of the budget: evaluations, or trainings (in full, by the sum of what was trained)
  double budget = 0.0;
  unsigned workers = 1;
  std::uint64_t seeds = 20;
  double reference = 0.0;  // of the hypervolume; 0: the value is the incumbent's true value
  std::vector<double> values;  // by seed, smaller is better
};

std::vector<Line> read_lines() {
  std::ifstream in(file_name());
  const Json all = Json::parse(in);
  std::vector<Line> lines;
  for (const Json& row : all) {
    Line line;
    line.strategy = row.at("strategy");
    line.settings = row.value("settings", "{}");
    line.problem = row.at("problem");
    line.problem_settings = row.value("of", "{}");
    line.unit = row.contains("trainings") ? "trainings" : "evaluations";
    line.budget = row.at(line.unit);
    line.workers = row.value("workers", 1U);
    line.seeds = row.value("seeds", std::uint64_t{20});
    line.reference = row.value("reference", 0.0);
    line.values = row.value("values", std::vector<double>{});
    lines.push_back(std::move(line));
  }
  return lines;
}

// Smaller is better: the incumbent's true value, or what the front leaves of the box below the reference point.
double value_of(const testing::FreeSearch& search, const Problem& problem, const Line& line) {
  const ObjectiveTraits& objective = problem.traits().objectives.front();
  const double sign = objective.direction == Direction::maximise ? -1.0 : 1.0;
  if (line.reference == 0.0)
    return search.result.winner ? sign * search.result.winner->true_value : std::numeric_limits<double>::max();
  std::vector<Objectives> losses;
  for (const Trial& trial : search.trials)
    if (trial.completed()) losses.push_back(std::get<Completed>(trial.result).losses);
  const Objectives reference(problem.traits().objectives.size(), line.reference);
  return -hypervolume(losses, reference);
}

std::vector<double> values_of(const Line& line) {
  const auto problem = testing::problem_recipe(line.problem, line.problem_settings)->make();
  Budget budget;
  if (line.unit == "evaluations") budget.evaluations = static_cast<std::uint64_t>(line.budget);
  if (line.unit == "trainings") budget.fidelity = line.budget * problem->traits().fidelity.highest;
  std::vector<double> values;
  for (std::uint64_t seed = 1; seed <= line.seeds; ++seed)
    values.push_back(
        value_of(testing::free_search(line.strategy, line.settings, *problem, budget, seed, line.workers), *problem, line));
  return values;
}

// Seven digits are enough to compare, and a line stays readable.
std::vector<double> rounded(std::vector<double> values) {
  for (double& value : values) value = std::stod(fmt::format("{:.7g}", value));
  return values;
}

// P(U >= u) of m against n exchangeable values without ties, u the number of pairs in which the first is larger: the exact
// distribution by Mann and Whitney's recurrence, as counts of arrangements.
double tail(std::size_t m, std::size_t n, double u) {
  // counts[j][k]: arrangements of i of the first and j of the second with k such pairs, for the i reached so far.
  std::vector<std::vector<double>> counts(n + 1, std::vector<double>(m * n + 1, 0.0));
  for (std::size_t j = 0; j <= n; ++j) counts[j][0] = 1.0;
  for (std::size_t i = 1; i <= m; ++i) {
    std::vector<std::vector<double>> next(n + 1, std::vector<double>(m * n + 1, 0.0));
    for (std::size_t j = 0; j <= n; ++j)
      for (std::size_t k = 0; k <= m * n; ++k) {
        if (k >= j) next[j][k] += counts[j][k - j];     // the largest is one of the first: above all j of the second
        if (j > 0) next[j][k] += next[j - 1][k];        // the largest is one of the second
      }
    counts = std::move(next);
  }
  const std::vector<double>& all = counts[n];
  double sum = 0.0;
  double above = 0.0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    sum += all[k];
    if (static_cast<double>(k) >= u) above += all[k];
  }
  return above / sum;
}

// The probability that `now` is as much larger than `before` as it is, were they alike. Ties count half, which is on the safe
// side of the distribution without ties.
double p_of_worse(const std::vector<double>& now, const std::vector<double>& before) {
  double u = 0.0;
  for (const double a : now)
    for (const double b : before) u += a > b ? 1.0 : a == b ? 0.5 : 0.0;
  return tail(now.size(), before.size(), u);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
}

std::set<std::string> strategies() {
  std::set<std::string> names;
  for (const Line& line : read_lines()) names.insert(line.strategy);
  return names;
}

class RegressionQuality : public ::testing::TestWithParam<std::string> {};

TEST_P(RegressionQuality, IsNotWorseThanRecorded) {
  const std::vector<Line> lines = read_lines();
  const double level = kLevel / static_cast<double>(lines.size());
  for (const Line& line : lines) {
    if (line.strategy != GetParam()) continue;
    ASSERT_FALSE(line.values.empty()) << line.strategy << ": record it first (see the head of this file)";
    const std::vector<double> now = values_of(line);
    const double p = p_of_worse(now, line.values);
    EXPECT_GE(p, level) << line.strategy << " " << line.settings << " on " << line.problem << " " << line.problem_settings << ", "
                        << line.budget << " " << line.unit << ": median " << median(now) << ", recorded " << median(line.values);
    if (p_of_worse(line.values, now) < level)
      RecordProperty("better", line.strategy + " on " + line.problem + " is better than recorded: record it");
  }
}
INSTANTIATE_TEST_SUITE_P(Strategies, RegressionQuality, ::testing::ValuesIn(strategies()),
                         [](const auto& test) { return test.param; });

TEST(RecordedQuality, EveryStrategyHasALine) {
  // Their quality is that of a program, of what they wrap, or of earlier results: tests of their own say what they do.
  const std::set<std::string> without = {"external",       "carbon_budget", "marginal_stop", "wait_for_clean",
                                          "follow_the_sun", "zero_shot",     "bounding_box",  "quantile_transfer"};
  const std::set<std::string> with = strategies();
  for (const auto& entry : strategy_catalogue()) {
    const std::string name(entry.name);
    EXPECT_NE(with.contains(name), without.contains(name)) << name;
  }
}

TEST(RecordedQuality, KnowsTheExactDistribution) {
  // Of 3 against 2 there are 10 arrangements: 1, 1, 2, 2, 2, 1, 1 with 0 to 6 pairs.
  EXPECT_DOUBLE_EQ(tail(3, 2, 6.0), 0.1);
  EXPECT_DOUBLE_EQ(tail(3, 2, 5.0), 0.2);
  EXPECT_DOUBLE_EQ(tail(3, 2, 4.0), 0.4);
  EXPECT_DOUBLE_EQ(tail(3, 2, 0.0), 1.0);
  EXPECT_NEAR(tail(20, 20, 400.0), 1.0 / 137846528820.0, 1e-15);  // 40 choose 20
}

TEST(RecordedQuality, FindsAStrategyThatGotWorse) {
  Random random(1);
  const auto sample = [&](double shift) {
    std::vector<double> values;
    for (int i = 0; i < 20; ++i) values.push_back(shift + random.normal());
    return values;
  };
  const auto alarms = [&](double shift) {
    int count = 0;
    for (int i = 0; i < 200; ++i) count += p_of_worse(sample(shift), sample(0.0)) < 1e-4 ? 1 : 0;
    return count;
  };
  EXPECT_EQ(alarms(0.0), 0);  // expected: 0.02 of 200
  EXPECT_GT(alarms(1.5), 130);
  EXPECT_GT(alarms(2.0), 190);
}

TEST(RecordedQuality, Records) {
  if (std::getenv("TONNE_RECORD") == nullptr) GTEST_SKIP() << "computes the file's values again when TONNE_RECORD is set";
  const char* only = std::getenv("TONNE_RECORD_ONLY");  // one strategy
  std::ifstream in(file_name());
  Json all = Json::parse(in);
  const std::vector<Line> lines = read_lines();
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (only == nullptr ? true : lines[i].strategy == only) all[i]["values"] = rounded(values_of(lines[i]));
  std::ofstream out(file_name());
  out << "[\n";
  for (std::size_t i = 0; i < all.size(); ++i) out << all[i].dump() << (i + 1 < all.size() ? ",\n" : "\n");
  out << "]\n";
}

}  // namespace
}  // namespace tonne
