// tonne export: Optuna's database, IOHprofiler's folder, and tidy tables.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/csv.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

// Conditions, integers, logarithms, failures, low fidelities, two problems, a device without a price.
const std::string kMixed =
    "name: exported\nseeds: 2\nproblems:\n  - hpo: {space: conditional}\n  - tiny_ml\nstrategies: [random, hyperband]\n"
    "cluster: {device: [V100, A100-40GB], workers: 3, facility: {pue: 1.5}, grid: US-2018}\nbudget: {evaluations: 30}\n";

class Formats : public ::testing::Test {
 protected:
  void run(const std::string& experiment) {
    folder_.write("e.yaml", experiment);
    const Finished ran = run_program("run e.yaml --quiet --csv --out r", folder_.path());
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  }
  void write(const std::string& format) const {
    const Finished made = run_program("export r --format " + format, folder_.path());
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  TemporaryFolder folder_;
};

// The same studies and trials as in the journal, in Optuna's own eyes, which then goes on with one.
TEST_F(Formats, OptunaReadsTheDatabase) {
  if (std::system("/usr/bin/python3 -c 'import optuna' 2>/dev/null") != 0) GTEST_SKIP() << "python3-optuna is not installed";
  run(kMixed);
  write("optuna");
  write("optuna-sqlite");
  folder_.write("read.py", R"py(
import optuna, collections
optuna.logging.set_verbosity(optuna.logging.ERROR)
from optuna.storages import JournalStorage, JournalFileStorage, RDBStorage
journal, database = JournalStorage(JournalFileStorage('r/optuna_journal.log')), RDBStorage('sqlite:///r/optuna.db')
names = [s.study_name for s in optuna.study.get_all_study_summaries(journal)]
assert sorted(names) == sorted(s.study_name for s in optuna.study.get_all_study_summaries(database)) and len(names) == 16, names
states = collections.Counter()
for name in names:
    a, b = (optuna.load_study(study_name=name, storage=s) for s in (journal, database))
    assert a.directions == b.directions
    for t, u in zip(a.trials, b.trials, strict=True):
        states[u.state.name] += 1
        for what in ('number', 'state', 'values', 'intermediate_values', 'params', 'distributions', 'user_attrs', 'datetime_start',
                     'datetime_complete'):
            assert getattr(t, what) == getattr(u, what), (what, getattr(t, what), getattr(u, what))
assert set(states) == {'COMPLETE', 'PRUNED', 'FAIL'}, states
b.optimize(lambda trial: trial.suggest_float('new', 0, 1), n_trials=1)
assert b.trials[-1].number == len(a.trials)
print('read', sum(states.values()))
)py");
  EXPECT_EQ(std::system(("cd '" + folder_.path().string() + "' && /usr/bin/python3 read.py >out.txt 2>&1").c_str()), 0)
      << read_file(folder_ / "out.txt");
  EXPECT_THAT(read_file(folder_ / "out.txt"), HasSubstr("read 480"));
}

// Several objectives have a value each and a direction each.
TEST_F(Formats, OptunaHasEveryObjective) {
  run("seeds: 1\nproblems:\n  - cell_nas: {objectives: [accuracy, parameters]}\nstrategies: [random]\nbudget: {evaluations: 5}\n");
  write("optuna-sqlite");
  SQLite::Database made((folder_ / "r/optuna.db").string());
  SQLite::Statement directions(made, "SELECT group_concat(direction) FROM study_directions");
  ASSERT_TRUE(directions.executeStep());
  EXPECT_STREQ(directions.getColumn(0).getText(), "MAXIMIZE,MINIMIZE");
  SQLite::Statement values(made, "SELECT count(*), count(DISTINCT objective) FROM trial_values");
  ASSERT_TRUE(values.executeStep());
  EXPECT_EQ(values.getColumn(0).getInt(), 10);
  EXPECT_EQ(values.getColumn(1).getInt(), 2);
  EXPECT_EQ(made.execAndGet("SELECT count(*) FROM alembic_version").getInt(), 0) << "whichever Optuna comes first writes its own";
}

// Of the view, as the CSV has it: text as it is, numbers as near as two ways of adding leave them.
void expect_same_rows(const fs::path& csv, SQLite::Database& sql, const std::string& view, const std::string& problem) {
  const CsvTable table = CsvTable::read(csv);
  SQLite::Statement rows(sql, "SELECT * FROM " + view);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (table.field(i, table.find("problem").value()) != problem) continue;
    ASSERT_TRUE(rows.executeStep());
    ++compared;
    for (int c = 0; c < rows.getColumnCount(); ++c) {
      const std::string name = rows.getColumnName(c);
      const auto at = table.find(name);
      ASSERT_TRUE(at.has_value()) << name;
      const std::string mine = rows.getColumn(c).isNull() ? "" : rows.getColumn(c).getString();
      const std::string theirs(table.field(i, *at));
      const auto a = parse_number(mine), b = parse_number(theirs);
      if (a && b) {
        EXPECT_NEAR(*a, *b, 1e-9 * std::abs(*b)) << name;
      } else {
        EXPECT_EQ(mine, theirs) << name;
      }
    }
  }
  EXPECT_FALSE(rows.executeStep());
  EXPECT_GT(compared, 0U);
}

TEST_F(Formats, TidyIsTheSameAsCsvAndAsView) {
  run(kMixed);
  write("tidy");
  write("sqlite");
  SQLite::Database sql((folder_ / "r/rows.sqlite").string());
  expect_same_rows(folder_ / "r/tidy.csv", sql, "tidy_1", "hpo/mlp");
  expect_same_rows(folder_ / "r/tidy.csv", sql, "tidy_2", "tiny_ml/keyword_spotting");
  const CsvTable table = CsvTable::read(folder_ / "r/tidy.csv");
  std::set<std::string> statuses;
  for (std::size_t i = 0; i < table.rows(); ++i) statuses.emplace(table.field(i, table.find("status").value()));
  EXPECT_GT(statuses.size(), 1U) << "failures too";
}

// Names and choices from a stranger's table are text, whatever stands in them.
TEST_F(Formats, HostileNamesAreOnlyNames) {
  folder_.write("t.csv",
                "\"a\"\"b'); DROP TABLE trials; --\",A,a,y\n"
                "it's,1,x,0.5\n\"\"\"q\"\", c\",2,y,0.25\n=cmd(),3,x,0.125\n");
  run("seeds: 1\nproblems:\n  - tabular: {file: t.csv, decisions: ['a\"b''); DROP TABLE trials; --', A, a], objective: y, direction: minimise, "
      "evaluation_time: 1 s}\nstrategies: [grid]\nbudget: {evaluations: 18}\nrecord: trials\n");
  write("tidy");
  write("sqlite");
  write("optuna-sqlite");
  write("iohprofiler");
  SQLite::Database sql((folder_ / "r/rows.sqlite").string());
  EXPECT_EQ(sql.execAndGet("SELECT count(*) FROM trials").getInt(), sql.execAndGet("SELECT count(*) FROM tidy").getInt());
  SQLite::Statement view(sql, "SELECT * FROM tidy");
  std::set<std::string> names, texts;
  while (view.executeStep())
    for (int c = 0; c < view.getColumnCount(); ++c) {
      names.emplace(view.getColumnName(c));
      if (view.getColumn(c).isText()) texts.emplace(view.getColumn(c).getString());
    }
  EXPECT_TRUE(names.contains("param_a\"b'); DROP TABLE trials; --"));
  EXPECT_TRUE(names.contains("param_A"));
  EXPECT_TRUE(names.contains("param_a_2")) << "SQLite takes A and a for one";
  EXPECT_TRUE(texts.contains("it's"));
  EXPECT_TRUE(texts.contains("\"q\", c"));
  EXPECT_THAT(read_file(folder_ / "r/tidy.csv"), HasSubstr("'=cmd()")) << "no formula of a spreadsheet";
}

TEST_F(Formats, IohProfilerHasEachSearchWithItsCarbon) {
  run(kMixed);
  write("iohprofiler");
  std::size_t runs = 0, indices = 0;
  std::set<std::pair<std::size_t, std::string>> functions;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "r/iohprofiler")) {
    if (entry.path().extension() != ".json") continue;
    ++indices;
    const auto index = nlohmann::json::parse(read_file(entry.path()));
    EXPECT_EQ(index["version"], "0.3.5");
    functions.emplace(index["function_id"], index["function_name"]);
    EXPECT_EQ(index["maximization"], index["function_name"].get<std::string>().starts_with("tiny_ml"));
    const auto& scenario = index["scenarios"][0];
    std::istringstream dat(read_file(entry.path().parent_path() / scenario["path"].get<std::string>()));
    std::size_t at = 0;
    double last = 0.0, kilograms = 0.0, best = index["maximization"] ? -1e300 : 1e300;
    for (std::string line; std::getline(dat, line);) {
      if (line.starts_with("evaluations ")) {
        EXPECT_EQ(line, "evaluations raw_y true_value kg_co2e kwh seconds");
        if (at > 0) {
          EXPECT_EQ(best, scenario["runs"][at - 1]["best"]["y"]);
        }
        ++at;
        last = kilograms = 0.0;
        best = index["maximization"] ? -1e300 : 1e300;
        continue;
      }
      std::istringstream fields(line);
      double evaluations = 0.0, y = 0.0, truth = 0.0, kg = 0.0;
      fields >> evaluations >> y >> truth >> kg;
      EXPECT_GT(evaluations, last);
      EXPECT_GE(kg, kilograms);
      last = evaluations;
      kilograms = kg;
      best = index["maximization"] ? std::max(best, y) : std::min(best, y);
      const auto& run = scenario["runs"][at - 1];
      if (evaluations == run["evals"]) {
        EXPECT_EQ(kg, run["total_kg_co2e"]);
      }
    }
    EXPECT_EQ(at, scenario["runs"].size());
    runs += at;
  }
  EXPECT_EQ(indices, 8U);
  EXPECT_EQ(runs, 16U);
  EXPECT_EQ(functions.size(), 4U) << "two problems on two devices";
}

TEST_F(Formats, AFolderIsNeverReplacedAndNeverHalf) {
  run("seeds: 2\nproblems: [function]\nstrategies: [random]\nbudget: {evaluations: 5}\n");
  write("iohprofiler");
  const Finished again = run_program("export r --format iohprofiler", folder_.path());
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_THAT(again.err, HasSubstr("exists, and is not overwritten"));
  const Finished nowhere = run_program("export r --format iohprofiler --out no/such/place", folder_.path());
  EXPECT_EQ(nowhere.exit_code, 3);
  EXPECT_THAT(nowhere.err, HasSubstr("cannot be written"));
  EXPECT_FALSE(fs::exists(folder_ / "no"));
  EXPECT_EQ(run_program("export r --format iohprofiler --out b/", folder_.path()).exit_code, 0);
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "r/iohprofiler"))
    if (entry.is_regular_file()) {
      EXPECT_EQ(read_file(entry.path()), read_file((folder_ / "b") / fs::relative(entry.path(), folder_ / "r/iohprofiler")));
    }
  folder_.write("pipe.sh", "mkfifo p");
  ASSERT_EQ(std::system(("cd '" + folder_.path().string() + "' && sh pipe.sh").c_str()), 0);
  const Finished pipe = run_program("export r --format optuna-sqlite --out p", folder_.path());
  EXPECT_EQ(pipe.exit_code, 3);
  EXPECT_THAT(pipe.err, HasSubstr("is not a regular file"));
}

}  // namespace
}  // namespace tonne
