// tonne export: other tools read what it writes.

#include "experiments/exports/tool_exports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/experiments/results/changed_store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using testing::change_store;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

// Conditions, integers, logarithms, failures, low fidelities, two problems.
const std::string kExperiment =
    "name: exported\n"
    "seeds: 2\n"
    "problems:\n"
    "  - hpo: {space: conditional}\n"
    "  - tiny_ml\n"
    "strategies: [random, hyperband]\n"
    "cluster: {device: V100, workers: 3, facility: {pue: 1.5}, grid: US-2018}\n"
    "budget: {evaluations: 30}\n";

std::vector<std::string> lines_of(const fs::path& file) {
  std::istringstream text(read_file(file));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

TEST(ToolExports, OptunaReadsTheJournal) {
  if (std::system("python3 -c 'import optuna' 2>/dev/null") != 0 &&
      std::system("/usr/bin/python3 -c 'import optuna' 2>/dev/null") != 0)
    GTEST_SKIP() << "python3-optuna is not installed";
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("export r --format optuna", folder.path()).exit_code, 0);
  folder.write("read.py",
               "import optuna, csv, collections\n"
               "optuna.logging.set_verbosity(optuna.logging.ERROR)\n"
               "from optuna.storages import JournalStorage, JournalFileStorage\n"
               "storage = JournalStorage(JournalFileStorage('r/optuna_journal.log'))\n"
               "studies = optuna.study.get_all_study_summaries(storage)\n"
               "rows = list(csv.DictReader(open('r/trials.csv')))\n"
               "assert len(studies) == 8, len(studies)\n"
               "found = collections.Counter()\n"
               "for summary in studies:\n"
               "    study = optuna.load_study(study_name=summary.study_name, storage=storage)\n"
               "    problem, strategy, seed = study.study_name.rsplit('/', 2)\n"
               "    mine = [r for r in rows if (r['problem'], r['strategy'], r['seed']) == (problem, "
               "strategy, seed)]\n"
               "    assert len(study.trials) == len(mine) > 0, study.study_name\n"
               "    full = max(float(r['fidelity']) for r in rows if r['problem'] == problem)\n"
               "    best = [float(r['objective']) for r in mine if r['status'] == 'completed' and "
               "float(r['fidelity']) == full]\n"
               "    if best:\n"
               "        up = study.direction == optuna.study.StudyDirection.MAXIMIZE\n"
               "        assert study.best_value == (max(best) if up else min(best)), study.study_name\n"
               "    for trial, row in zip(study.trials, mine):\n"
               "        found[trial.state.name] += 1\n"
               "        wanted = dict(item.split('=', 1) for item in row['configuration'].split(';'))\n"
               "        assert set(wanted) == set(trial.params), (wanted, trial.params)\n"
               "        for name, value in trial.params.items():\n"
               "            assert str(value) == wanted[name] or float(value) == float(wanted[name]), (name, "
               "value, wanted[name])\n"
               "            assert "
               "trial.distributions[name]._contains(trial.distributions[name].to_internal_repr(value))\n"
               "        assert abs((trial.datetime_complete - trial.datetime_start).total_seconds() - "
               "(float(row['end_s']) - float(row['start_s']))) < 1e-5\n"
               "        assert abs(trial.user_attrs['kg_co2e'] - float(row['operational_kg']) - "
               "float(row['embodied_kg'])) < 1e-12\n"
               "assert set(found) == {'COMPLETE', 'PRUNED', 'FAIL'}, found\n"
               "print('read', sum(found.values()))\n");
  const std::string python =
      std::system("python3 -c 'import optuna' 2>/dev/null") == 0 ? "python3" : "/usr/bin/python3";
  const std::string command = "cd '" + folder.path().string() + "' && " + python + " read.py >out.txt 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(folder / "out.txt");
  EXPECT_THAT(read_file(folder / "out.txt"), HasSubstr("read "));
}

TEST(ToolExports, CodeCarbonRowsAddUp) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("export r --format codecarbon --out e.csv", folder.path()).exit_code, 0);
  const std::vector<std::string> lines = lines_of(folder / "e.csv");
  ASSERT_EQ(lines.size(), 9U);  // a head and eight searches
  const std::vector<std::string> head = cells_of(lines.front());
  ASSERT_EQ(head.size(), 31U);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = cells_of(lines[i]);
    ASSERT_EQ(cells.size(), head.size()) << lines[i];
    const auto number = [&](const char* name) {
      return std::stod(cells[static_cast<std::size_t>(std::ranges::find(head, name) - head.begin())]);
    };
    EXPECT_NEAR(number("pue"), 1.5, 1e-9);
    EXPECT_NEAR(number("energy_consumed"), 1.5 * (number("cpu_energy") + number("gpu_energy")),
                1e-9 * number("energy_consumed"));
    EXPECT_NEAR(number("emissions"), number("energy_consumed") * 0.4327,
                1e-6 * number("emissions"));  // kg/kWh of US-2018
    EXPECT_NEAR(number("emissions_rate") * number("duration"), number("emissions"),
                1e-9 * number("emissions"));
    EXPECT_NEAR(number("gpu_power") * number("duration") / 3.6e6, number("gpu_energy"),
                1e-9 * number("gpu_energy"));
  }
}

TEST(ToolExports, SyneTuneHasARowForEachTrialAndAColumnForEachParameter) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("export r --format syne-tune", folder.path()).exit_code, 0);
  const std::vector<std::string> lines = lines_of(folder / "r" / "results.csv");
  EXPECT_EQ(lines.size(), lines_of(folder / "r" / "trials.csv").size());
  for (const std::string& line : lines) EXPECT_EQ(cells_of(line).size(), cells_of(lines.front()).size());
  EXPECT_THAT(lines.front(), HasSubstr(",st_tuner_time,"));
  EXPECT_THAT(lines.front(), HasSubstr(",config_"));
}

std::set<std::string> studies_of(const fs::path& journal) {
  std::set<std::string> studies;
  for (const std::string& line : lines_of(journal)) {
    const auto json = nlohmann::json::parse(line);
    if (json.at("op_code") != 0) continue;
    EXPECT_TRUE(studies.insert(json.at("study_name").get<std::string>()).second) << line;
  }
  return studies;
}

// Budgets of one number, and labels whose joined names would be the same.
TEST(ToolExports, EverySearchIsAStudyOfItsOwn) {
  const TemporaryFolder folder;
  folder.write(
      "e.yaml",
      "seeds: 2\nproblems: [function]\nstrategies: [random]\nbudget: [{epochs: 30}, {evaluations: 30}]\n");
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("export r --format optuna", folder.path()).exit_code, 0);
  EXPECT_THAT(
      studies_of(folder / "r/optuna_journal.log"),
      ElementsAre("function/branin/budget=30 epochs/random/0", "function/branin/budget=30 epochs/random/1",
                  "function/branin/budget=30 evaluations/random/0",
                  "function/branin/budget=30 evaluations/random/1"));
  folder.write("s.yaml",
               "problems: [function: {label: a}, function: {label: a/b}]\n"
               "strategies: [random: {label: b/c}, random: {label: c}]\nbudget: {evaluations: 5}\n");
  ASSERT_EQ(run_program("run s.yaml --quiet --out s", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("export s --format optuna", folder.path()).exit_code, 0);
  EXPECT_THAT(studies_of(folder / "s/optuna_journal.log"),
              ElementsAre("a/b%2Fc/0", "a/b/b%2Fc/0", "a/b/c/0", "a/c/0"));
}

// As results of an earlier version, whose labels could be the same, or as a store that lost a row.
TEST(ToolExports, SearchesAndTrialsThatWouldBeLostAreAnError) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "seeds: 2\nproblems: [function]\nstrategies: [random, sobol]\nbudget: {evaluations: 5}\n");
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  fs::copy(folder / "r", folder / "lost");
  change_store(folder / "r/results.sqlite", "UPDATE strategies SET label='random'");
  change_store(folder / "lost/results.sqlite", "DELETE FROM trial_blocks WHERE cell=1");
  for (const char* format : {"optuna", "optuna-sqlite", "iohprofiler", "tidy", "codecarbon", "syne-tune"}) {
    const Finished same = run_program(std::string("export r --out x.txt --format ") + format, folder.path());
    EXPECT_EQ(same.exit_code, 3) << format;
    EXPECT_THAT(same.err, HasSubstr("two of the searches would be called 'function/branin/random/0'"))
        << format;
    EXPECT_FALSE(fs::exists(folder / "x.txt")) << format;
  }
  for (const char* format : {"optuna", "optuna-sqlite", "tidy", "syne-tune"}) {
    const Finished lost =
        run_program(std::string("export lost --out x.txt --format ") + format, folder.path());
    EXPECT_EQ(lost.exit_code, 3) << format;
    EXPECT_THAT(lost.err, HasSubstr("hold 0 trials of the search 'function/branin/random/1', which had 5"))
        << format;
    EXPECT_FALSE(fs::exists(folder / "x.txt")) << format;
  }
}

const std::string kTable =
    "problems:\n  - tabular: {file: t.csv, decisions: [x, 'a=b', word], objective: y, "
    "direction: minimise, time: s}\nstrategies: [grid]\nbudget: {evaluations: 100}\n";

// Levels that are numbers are none in quotes; texts are.
TEST(ToolExports, NumericLevelsStayNumbers) {
  const TemporaryFolder folder;
  folder.write("t.csv", "x,a=b,word,y,s\n0.5,9007199254740993,u,1,1\n1e-3,10,v,2,1\n-2,8,u,3,1\n");
  folder.write("e.yaml", kTable);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("export r --format optuna", folder.path()).exit_code, 0);
  const auto lines = lines_of(folder / "r/optuna_journal.log");
  const auto trial = nlohmann::json::parse(lines.at(1));
  const auto choices = [&](const char* name) {
    const auto distribution = nlohmann::json::parse(trial.at("distributions").at(name).get<std::string>());
    return distribution.at("attributes").at("choices").dump();
  };
  EXPECT_EQ(choices("x"), "[-2,0.001,0.5]");
  EXPECT_EQ(choices("a=b"), "[8,10,9007199254740993]");
  EXPECT_EQ(choices("word"), "[\"u\",\"v\"]");
}

// The separators of a configuration within names and values.
TEST(CsvExports, AConfigurationIsReadBack) {
  const TemporaryFolder folder;
  folder.write("t.csv", "x,a=b,word,y,s\n1,2,p;q=r,1,1\n1,2,10%,2,1\n1,2,plain,3,1\n");
  folder.write("e.yaml", kTable);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  std::set<std::string> configurations;
  const auto lines = lines_of(folder / "r/trials.csv");
  for (std::size_t i = 1; i < lines.size(); ++i) configurations.insert(cells_of(lines[i]).back());
  EXPECT_THAT(configurations,
              ElementsAre("x=1;a%3Db=2;word=10%25", "x=1;a%3Db=2;word=p%3Bq%3Dr", "x=1;a%3Db=2;word=plain"));
  EXPECT_THAT(read_file(folder / "r/incumbents.csv"), HasSubstr("x=1;a%3Db=2;word="));
}

TEST(ToolExports, SyneTuneLeavesNegativeNumbersNumbers) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: negative\n"
               "seeds: 1\n"
               "problems: [{function: {function: branin}}]\n"
               "strategies: [random]\n"
               "cluster: {device: V100, workers: 1, facility: {pue: 1.5}, grid: US-2018}\n"
               "budget: {evaluations: 30}\n");
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("export r --format syne-tune", folder.path()).exit_code, 0);
  const std::vector<std::string> lines = lines_of(folder / "r" / "results.csv");
  const std::vector<std::string> head = cells_of(lines.front());
  const auto first = static_cast<std::size_t>(
      std::ranges::find_if(head, [](const std::string& name) { return name.starts_with("config_"); }) -
      head.begin());
  ASSERT_LT(first, head.size());
  bool negative = false;  // Branin's first parameter begins at -5
  for (std::size_t i = 1; i < lines.size(); ++i) negative |= std::stod(cells_of(lines[i])[first]) < 0.0;
  EXPECT_TRUE(negative);
}

TEST(ToolExports, SameResultsSameBytes) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out a", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("run e.yaml --quiet --out b", folder.path()).exit_code, 0);
  for (const char* format : {"optuna", "optuna-sqlite", "sqlite", "tidy", "codecarbon", "syne-tune"}) {
    for (const char* results : {"a", "b"})
      ASSERT_EQ(
          run_program(std::string("export ") + results + " --format " + format + " --out " + results + ".txt",
                      folder.path())
              .exit_code,
          0);
    EXPECT_EQ(read_file(folder / "a.txt"), read_file(folder / "b.txt")) << format;
  }
}

TEST(ToolExports, AnExportNeverReplacesTheResults) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  const std::string before = read_file(folder / "r" / "results.sqlite");
  for (const char* results : {"r", "r/results.sqlite"}) {
    const Finished refused = run_program(
        std::string("export ") + results + " --format optuna --out r/./results.sqlite", folder.path());
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("holds the results themselves"));
    EXPECT_EQ(read_file(folder / "r" / "results.sqlite"), before);
  }
}

TEST(ToolExports, BadRequestsAreOneSentenceAndLeaveNothing) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_program("export nowhere --format optuna", folder.path()).exit_code, 3);
  EXPECT_EQ(run_program("export nowhere --format wandb", folder.path()).exit_code, 2);
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder.path()).exit_code, 0);
  const Finished lost = run_program("export r --format optuna --out no/such/place", folder.path());
  EXPECT_EQ(lost.exit_code, 3);
  EXPECT_THAT(lost.err, HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace tonne
