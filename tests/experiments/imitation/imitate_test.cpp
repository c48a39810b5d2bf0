// `tonne imitate`: from a table to a landscape with its portrait, and to a file without its rows.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "experiments/imitation/imitate.h"
#include "experiments/imitation/imitation_text.h"
#include "experiments/imitation/measure.h"
#include "search/problems/landscape/hashed.h"
#include "tests/experiments/support.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

// 4 x 4 x 3 x 3 x 3 = 432 candidates with two trainings: two parameters that matter, a pair, a rest. `names`: of
// the first parameter's levels, which change places with them.
std::string table(const std::string& names = "abcd") {
  std::string text = "op,width,x,y,z,s0,s1,seconds\n";
  for (std::size_t i = 0; i < 432; ++i) {
    const std::size_t op = i % 4, width = i / 4 % 4, x = i / 16 % 3, y = i / 48 % 3, z = i / 144;
    const double effect[] = {0.0, -2.0, 1.0, 3.0};
    const double value = 80.0 + 2.0 * effect[op] + 1.7 * static_cast<double>(width) +
                         (x == y ? 1.0 : 0.0) * static_cast<double>(op) + 1.5 * hashed_normal(i + 9'000);
    const double noise = 0.4 * hashed_normal(i + 50'000);
    const double seconds = 60.0 * std::pow(2.0, static_cast<double>(width)) + 5.0 * static_cast<double>(z) +
                           10.0 * static_cast<double>(op);
    text += fmt::format("{},{},{},{},{},{:.8f},{:.8f},{:.4f}\n", names[op], 8 << width, x, y, z, value + noise, value - noise,
                        seconds);
  }
  return text;
}

const std::string kColumns =
    "decisions: [op, width, x, y, z], objective: [s0, s1], name: accuracy, direction: maximise, time: seconds";

std::shared_ptr<const Problem> problem_of(const TemporaryFolder& folder, const std::string& file) {
  return testing::problem_recipe("tabular", "{file: " + file + ", " + kColumns + "}", folder.path())->make();
}

const ImitatedLine& line_of(const Imitation& imitation, const std::string& name) {
  const auto found = std::ranges::find(imitation.lines, name, &ImitatedLine::name);
  if (found == imitation.lines.end()) throw std::out_of_range(name);
  return *found;
}

TEST(Imitate, MeasuresWhatATableHas) {
  const TemporaryFolder folder;
  folder.write("t.csv", table());
  const auto problem = problem_of(folder, "t.csv");
  const Terrain terrain(*problem, {});
  const imitation::Space space = measured_space(terrain);
  EXPECT_EQ(space.candidates, 432.0);
  EXPECT_EQ(space.seeds.trainings, 2);
  // Two trainings 0.4 N(0, 1) above and below the mean: as two of sd 0.4 x sqrt(2), known to 11 % from the logarithms of
  // a class of 108.
  EXPECT_NEAR(space.seeds.deviation[3], 0.4 * std::sqrt(2.0), 0.2);
  const std::vector<double>& importance = space.structure.importance;
  EXPECT_GT(importance[0], importance[1]);
  EXPECT_GT(importance[1], 5.0 * importance[4]);
  ASSERT_FALSE(space.costs.empty());
  EXPECT_EQ(space.costs.front().name, "time");
  EXPECT_EQ(space.costs.front().quantiles.front(), 60.0);
  EXPECT_EQ(space.best.size(), 10U);
}

TEST(Imitate, ComesNearThePortrait) {
  const TemporaryFolder folder;
  folder.write("t.csv", table());
  const Imitation imitation = imitate(*problem_of(folder, "t.csv"), {.landscapes = 5, .rounds = 3, .samples = 1000});
  EXPECT_NEAR(line_of(imitation, "true value, median").mean, line_of(imitation, "true value, median").original, 0.2);
  EXPECT_NEAR(line_of(imitation, "true value, best").mean, line_of(imitation, "true value, best").original, 1e-3);
  for (const char* name : {"variance of ranks, single parameters", "rank correlation after 1 change",
                           "a change improves, 5-25 %", "a change improves, 50-100 %", "quality with time"}) {
    const ImitatedLine& line = line_of(imitation, name);
    EXPECT_NEAR(line.mean, line.original, 1.5 * line.tolerance) << name;
  }
}

// Which level has which effect stands nowhere: where two levels change places, what is measured is the same.
TEST(Imitate, TakesOverNoEffectOfALevel) {
  const TemporaryFolder folder;
  folder.write("t.csv", table());
  folder.write("u.csv", table("dbca"));
  const auto first = problem_of(folder, "t.csv");
  const auto second = problem_of(folder, "u.csv");
  const imitation::Space a = measured_space(Terrain(*first, {}));
  const imitation::Space b = measured_space(Terrain(*second, {}));
  EXPECT_EQ(a.quantiles, b.quantiles);
  EXPECT_EQ(a.best, b.best);
  for (std::size_t p = 0; p < 5; ++p) EXPECT_NEAR(a.structure.importance[p], b.structure.importance[p], 2e-4);
  EXPECT_NEAR(a.structure.pairwise, b.structure.pairwise, 2e-4);
}

TEST(Imitate, RefusesWhatItCannotImitate) {
  const TemporaryFolder folder;
  folder.write("few.csv", "op,width,x,y,z,s0,s1,seconds\na,8,0,0,0,1,2,3\nb,16,1,1,1,2,3,4\n");
  try {
    (void)imitate(*problem_of(folder, "few.csv"), {});
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("too few to imitate"), std::string::npos) << error.what();
  }
  try {
    (void)imitate(*testing::problem_recipe("pipeline")->make(), {});
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("is conditional"), std::string::npos) << error.what();
  }
}

TEST(Imitate, FromATableToASearchWithoutItsRows) {
  const TemporaryFolder folder;
  const std::string rows = table();
  folder.write("t.csv", rows);
  const std::string command = "imitate 'tabular: {file: t.csv, " + kColumns + "}' --rounds 1 --landscapes 2 --out ";
  const Finished made = run_program(command + "a.yaml", folder.path());
  ASSERT_EQ(made.exit_code, 0) << made.err;
  for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
    end = made.out.find('\n', at);
    EXPECT_LE(end == std::string::npos ? 0 : end - at, 80U) << made.out.substr(at, end - at);
  }
  ASSERT_EQ(run_program(command + "b.yaml", folder.path()).exit_code, 0);
  const std::string file = read_file(folder / "a.yaml");
  EXPECT_EQ(file, read_file(folder / "b.yaml"));
  const Finished again = run_program(command + "a.yaml", folder.path());
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("not overwritten"), std::string::npos) << again.err;

  // No value of a row as it stands there, and no combination of levels.
  std::istringstream lines(rows);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::size_t comma = 0;
    for (int field = 0; field < 5; ++field) comma = line.find(',', comma + 1);
    EXPECT_EQ(file.find(line.substr(0, comma)), std::string::npos) << line;
    EXPECT_EQ(file.find(line.substr(comma + 1, line.find(',', comma + 1) - comma - 1)), std::string::npos) << line;
  }

  folder.write("e.yaml",
               "name: e\nseeds: 2\nproblems: [{imitation: {file: a.yaml, landscape: [0, 1]}}]\nstrategies: [random, "
               "local_search]\nbudget: {evaluations: 20}\n");
  const Finished ran = run_program("run e.yaml --out r", folder.path());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(run_program("describe 'imitation: {file: a.yaml}' --samples 200", folder.path()).exit_code, 0);
  // Another file is another experiment.
  folder.write("a.yaml", file + "# edited\n");
  EXPECT_NE(run_program("run e.yaml --out r --resume", folder.path()).exit_code, 0);
}

TEST(Imitate, ATableNeedsItsColumns) {
  const TemporaryFolder folder;
  folder.write("t.csv", table());
  const Finished run = run_program("imitate t.csv", folder.path());
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("a table needs its columns"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace tonne
