// The program as a user meets it: commands, exit codes, and results that survive everything.

#include <gtest/gtest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <vector>

#include "core/random.h"
#include "experiments/exports/csv_exports.h"
#include "experiments/results/store.h"
#include "tests/experiments/results/changed_store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::change_store;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;
namespace fs = std::filesystem;

// Small but whole: two problems, three strategies (one with pending trials and computing charges), failures off,
// several workers, duplicates, a final retraining.
const std::string kExperiment =
    "name: pinned\n"
    "seeds: 3\n"
    "problems:\n"
    "  - cell_nas: {task: cifar10}\n"
    "  - function: {function: hartmann6}\n"
    "strategies:\n"
    "  - random\n"
    "  - regularized_evolution: {population: 10, sample: 3}\n"
    "  - tpe\n"
    "cluster: {device: V100, workers: 3, grid: US-2018}\n"
    "budget: {evaluations: 60}\n"
    "final: {retrain: winner}\n";

std::string digest_of(const fs::path& results) { return Store::open(results).content_digest(); }

// Every file that a run leaves, byte for byte; the database by its digest and its trials.
std::string fingerprint(const fs::path& results) {
  write_trials_csv(Store::open(results), results / "trials.csv");
  return digest_of(results) + read_file(results / "trials.csv") + read_file(results / "incumbents.csv") +
         read_file(results / "summary.json");
}

TEST(Program, RunPrintsATableAndWritesResults) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  const Finished run = run_program("run e.yaml", folder.path());
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("kg CO2e"), std::string::npos);
  EXPECT_NE(run.err.find("18 cells"), std::string::npos) << run.err;
  for (const char* name : {"results.sqlite", "incumbents.csv", "summary.json"})
    EXPECT_TRUE(fs::exists(folder / "results" / "pinned" / name)) << name;
  EXPECT_FALSE(fs::exists(folder / "results/pinned/trials.csv"));
  EXPECT_EQ(run_program("show results/pinned", folder.path()).exit_code, 0);

  const Finished again = run_program("run e.yaml", folder.path());
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_NE(again.err.find("exists already"), std::string::npos);
  // Resuming what is complete changes nothing.
  const std::string before = fingerprint(folder / "results" / "pinned");
  EXPECT_EQ(run_program("run e.yaml --resume", folder.path()).exit_code, 0);
  EXPECT_EQ(fingerprint(folder / "results" / "pinned"), before);
}

// That a forest answers, and how well, stands wherever its results do.
TEST(Program, AFittedTableSaysSoEverywhere) {
  const TemporaryFolder folder;
  std::string table = "a,b,y\n";
  for (int a = 0; a < 12; ++a)
    for (int b = a % 3; b < 12; b += 3)
      table += std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(a * a + b) + "\n";
  folder.write("t.csv", table);
  folder.write("e.yaml",
               "name: fitted\nseeds: 2\nproblems:\n  - tabular: {file: t.csv, decisions: [a, b], objective: y, direction: minimise, "
               "evaluation_time: 60 s, surrogate: {random_forest: {trees: [8, 16]}}, further_objectives: {other: {columns: [y2], "
               "direction: minimise}}}\nstrategies: [random]\nbudget: {evaluations: 10}\n");
  EXPECT_NE(run_program("validate e.yaml", folder.path()).err.find("has no column 'y2'"), std::string::npos);
  const std::string text = read_file(folder / "e.yaml");
  const std::string further = ", further_objectives: {other: {columns: [y2], direction: minimise}}";
  folder.write("e.yaml", std::string(text).replace(text.find(further), further.size(), ""));

  const std::string said = "48 configurations have a row that answers; the others (96) are answered by random forests of 8 trees";
  const Finished valid = run_program("validate e.yaml", folder.path());
  EXPECT_NE(valid.out.find("tabular/t: " + said), std::string::npos) << valid.out << valid.err;
  EXPECT_NE(valid.out.find("Cross-validated in 5 folds: objective: root mean square error"), std::string::npos);
  const Finished run = run_program("run e.yaml", folder.path());
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("Note: 48 configurations have a row"), std::string::npos) << run.out;
  EXPECT_NE(read_file(folder / "results/fitted/summary.json").find(said), std::string::npos);
  const Finished report = run_program("report results/fitted", folder.path());
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_NE(read_file(folder / "results/fitted/report.html").find(said), std::string::npos);
  EXPECT_NE(run_program("describe e.yaml", folder.path()).out.find(said), std::string::npos);
}

TEST(Program, QuietAndJsonAreFitForScripts) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  const Finished run = run_program("run e.yaml --quiet --json", folder.path());
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_EQ(json["leaderboards"].size(), 2U);
  EXPECT_EQ(json["cells"], 18);
}

TEST(Program, ResultsDoNotDependOnThreadsOrFolders) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  std::string first;
  for (const char* threads : {"1", "2", "8"}) {
    const std::string out = std::string("out") + threads;
    ASSERT_EQ(run_program("run e.yaml --quiet --threads " + std::string(threads) + " --out " + out, folder.path()).exit_code, 0);
    const std::string print = fingerprint(folder / out);
    if (first.empty()) first = print;
    EXPECT_EQ(print, first) << threads << " threads";
  }
  const TemporaryFolder elsewhere;
  fs::create_directories(elsewhere / "deep");
  elsewhere.write("deep/e.yaml", kExperiment);
  ASSERT_EQ(run_program("run deep/e.yaml --quiet --out r", elsewhere.path()).exit_code, 0);
  EXPECT_EQ(fingerprint(elsewhere / "r"), first);
}

TEST(Program, MergedShardsAreTheWhole) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet", folder.path()).exit_code, 0);
  for (const char* shard : {"1/4", "2/4", "3/4", "4/4"})
    ASSERT_EQ(run_program("run e.yaml --quiet --shard " + std::string(shard), folder.path()).exit_code, 0);
  const std::string parts = "results/pinned-shard-1-of-4 results/pinned-shard-2-of-4 results/pinned-shard-3-of-4";
  const Finished incomplete = run_program("merge " + parts + " --out results/joined", folder.path());
  EXPECT_EQ(incomplete.exit_code, 3);
  EXPECT_NE(incomplete.err.find("cells are missing, of shard 4 of 4 (sbatch --array=4)"), std::string::npos) << incomplete.err;
  EXPECT_FALSE(fs::exists(folder / "results" / "joined"));
  const Finished twice = run_program("merge " + parts + " results/pinned-shard-1-of-4 --out results/joined", folder.path());
  EXPECT_EQ(twice.exit_code, 3);
  ASSERT_EQ(run_program("merge " + parts + " results/pinned-shard-4-of-4 --out results/joined", folder.path()).exit_code, 0);
  EXPECT_EQ(fingerprint(folder / "results/joined"), fingerprint(folder / "results/pinned"));
}

// Starts the program without a shell, so that a signal hits it and nothing else.
pid_t start(const fs::path& folder, std::vector<std::string> arguments) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (::chdir(folder.c_str()) != 0) ::_exit(99);
  (void)!::freopen("/dev/null", "w", stdout);
  (void)!::freopen("stderr.txt", "w", stderr);
  std::vector<char*> argv{const_cast<char*>(TONNE_PROGRAM)};
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  ::execv(TONNE_PROGRAM, argv.data());
  ::_exit(98);
}

// Long enough to be hit in the middle.
const std::string kLong =
    "name: long\nseeds: 12\nproblems: [cell_nas]\nstrategies: [random, regularized_evolution]\n"
    "cluster: {workers: 4}\nbudget: {evaluations: 5000}\n";

TEST(Program, KilledAnywhereItResumesToTheSameBytes) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kLong);
  // The faster of two runs: other tests may slow one of them down, and then most kills would come too late.
  double whole_ms = std::numeric_limits<double>::infinity();
  for (const char* out : {"first", "whole"}) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(run_program(std::string("run e.yaml --quiet --out ") + out, folder.path()).exit_code, 0);
    whole_ms = std::min(whole_ms, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  const std::string whole = fingerprint(folder / "whole");

  Random random(77);  // when to kill; each place must give the same bytes
  int killed = 0;
  for (int round = 0; round < 12; ++round) {
    const std::string out = "killed" + std::to_string(round);
    for (int attempt = 0; attempt < 2; ++attempt) {
      const pid_t child = start(folder.path(), {"run", "e.yaml", "--quiet", "--resume", "--out", out});
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(random.uniform(0.0, 0.9 * whole_ms)));
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      killed += WIFSIGNALED(status) ? 1 : 0;
    }
    const Finished rest = run_program("run e.yaml --quiet --resume --out " + out, folder.path());
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    ASSERT_EQ(fingerprint(folder / out), whole) << "round " << round;
    fs::remove_all(folder / out);
  }
  EXPECT_GE(killed, 6) << "most kills must hit a running program, or this test shows nothing";
}

// A search by a costly strategy is not begun anew: it goes on from the answers that the killed run has left.
TEST(Program, AKilledSearchByAModelGoesOnWhereItWas) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: model\nseeds: 1\nproblems: [{function: {function: hartmann6}}]\nstrategies: [gp]\n"
               "cluster: {workers: 2}\nbudget: {evaluations: 220}\n");
  ASSERT_EQ(run_program("run e.yaml --quiet --out whole", folder.path()).exit_code, 0);
  const fs::path journal = folder / "killed" / "cell-0.asks";
  const pid_t child = start(folder.path(), {"run", "e.yaml", "--quiet", "--out", "killed"});
  for (int i = 0; i < 20000 && !fs::exists(journal); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << read_file(folder / "stderr.txt");
  ASSERT_TRUE(fs::exists(journal));

  EXPECT_NE(run_program("show killed", folder.path()).err.find("0 of 1 cells are finished"), std::string::npos);
  const Finished rest = run_program("run e.yaml --quiet --resume --out killed --log-file log.jsonl", folder.path());
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_NE(read_file(folder / "log.jsonl").find("\"cell_goes_on\""), std::string::npos);
  EXPECT_EQ(fingerprint(folder / "killed"), fingerprint(folder / "whole"));
  const auto names = [&](const char* results) {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder / results)) found.insert(entry.path().filename().string());
    return found;
  };
  EXPECT_EQ(names("killed"), names("whole"));
}

TEST(Program, AnInterruptStopsCleanlyAndSaysHowToGoOn) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kLong);
  const pid_t child = start(folder.path(), {"run", "e.yaml", "--threads", "1"});
  for (int i = 0; i < 2000 && !fs::exists(folder / "results/long/results.sqlite"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_TRUE(fs::exists(folder / "results/long/results.sqlite")) << read_file(folder / "stderr.txt");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ::kill(child, SIGINT);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_NE(read_file(folder / "stderr.txt").find("tonne run e.yaml --resume"), std::string::npos);
  EXPECT_EQ(run_program("run e.yaml --resume --quiet", folder.path()).exit_code, 0);
}

TEST(Program, ResumingAnotherExperimentIsRefused) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet", folder.path()).exit_code, 0);
  folder.write("e.yaml", kExperiment + "duplicates: cache\n");
  const Finished other = run_program("run e.yaml --quiet --resume", folder.path());
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_NE(other.err.find("another experiment"), std::string::npos) << other.err;
}

TEST(Program, ADamagedStoreIsRefused) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out whole", folder.path()).exit_code, 0);
  for (const char* harm : {"UPDATE cells SET problem = 99", "UPDATE cells SET cell = 999999 WHERE cell = 3",
                           "UPDATE meta SET value = 'x' WHERE key = 'cells'", "DROP TABLE ledger", "DELETE FROM strategies"}) {
    fs::remove_all(folder / "harmed");
    fs::copy(folder / "whole", folder / "harmed");
    change_store(folder / "harmed/results.sqlite", harm);
    EXPECT_EQ(run_program("show harmed", folder.path()).exit_code, 3) << harm;
    EXPECT_EQ(run_program("run e.yaml --quiet --resume --out harmed", folder.path()).exit_code, 3) << harm;
  }
  folder.write("harmed/results.sqlite", "not a database");
  EXPECT_EQ(run_program("show harmed", folder.path()).exit_code, 3);
}

// Each of these is a store whose reading would run somebody else's code, or trip over a type.
TEST(Program, ACraftedStoreIsRefused) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out whole", folder.path()).exit_code, 0);
  const char* const endless = "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n)";
  for (const std::string& harm :
       std::vector<std::string>{"CREATE VIEW more AS SELECT 1",
        "ALTER TABLE scenarios RENAME TO s; CREATE VIEW scenarios AS SELECT * FROM s, " + std::string(endless),
        "CREATE TRIGGER t AFTER INSERT ON trial_blocks BEGIN DELETE FROM trial_blocks; END", "ALTER TABLE cells ADD COLUMN more",
        "UPDATE problems SET parameters = '[{\"x\": 1}]'", "UPDATE cells SET problem = -1",
        "UPDATE meta SET value = '1' WHERE key = 'format'"}) {
    fs::remove_all(folder / "harmed");
    fs::copy(folder / "whole", folder / "harmed");
    change_store(folder / "harmed/results.sqlite", harm);
    EXPECT_EQ(run_program("merge harmed --out joined", folder.path(), "timeout 20").exit_code, 3) << harm;
    EXPECT_FALSE(fs::exists(folder / "joined/results.sqlite.new")) << harm;
    fs::remove_all(folder / "joined");
  }
  fs::create_directory(folder / "piped");
  ASSERT_EQ(::mkfifo((folder / "piped/results.sqlite").c_str(), 0600), 0);
  EXPECT_EQ(run_program("show piped", folder.path(), "timeout 20").exit_code, 3);
}

TEST(Program, TwoWritersOfOneFolderAreRefused) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out r", folder.path()).exit_code, 0);
  // Another process holds the folder while this one tries.
  const int lock = ::open((folder / "r/.lock").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_GE(lock, 0);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  for (const char* command : {"run e.yaml --quiet --resume --out r", "run e.yaml --quiet --out r", "merge r --out r"}) {
    const Finished second = run_program(command, folder.path());
    EXPECT_EQ(second.exit_code, 3) << command;
  }
  EXPECT_NE(run_program("run e.yaml --resume --out r", folder.path()).err.find("another tonne is writing"), std::string::npos);
  ::close(lock);
  EXPECT_EQ(run_program("run e.yaml --quiet --resume --out r", folder.path()).exit_code, 0);
  EXPECT_FALSE(fs::exists(folder / "r/.lock"));
}

// Eight at once on one folder: whoever comes second is refused, and the rows are those of one undisturbed run.
TEST(Program, ManyWritersLoseNothing) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out whole", folder.path()).exit_code, 0);
  const std::string program = std::string("'") + TONNE_PROGRAM + "' run e.yaml --quiet --resume --out many >/dev/null 2>&1";
  const std::string shell = "cd '" + folder.path().string() + "'; for i in 1 2 3 4 5 6 7 8; do " + program + " & done; wait; " + program;
  ASSERT_EQ(std::system(shell.c_str()), 0);
  EXPECT_EQ(fingerprint(folder / "many"), fingerprint(folder / "whole"));
}

// The trace ends in the middle of the second cell; which cell is named does not depend on the threads.
TEST(Program, AnErrorInMidRunNamesTheSearchAndKeepsNothingHalf) {
  const TemporaryFolder folder;
  folder.write("t.csv", "time,g\n2021-01-01T00:00Z,100\n2021-01-01T01:00Z,200\n2021-01-01T02:00Z,200\n");
  folder.write("e.yaml",
               "name: short\nseeds: 4\nproblems: [cell_nas]\nstrategies: [random]\ncluster: {device: V100, grid: {trace: t.csv}}\n"
               "budget: {evaluations: 400}\n");
  const Finished one = run_program("run e.yaml --quiet --threads 1", folder.path());
  EXPECT_EQ(one.exit_code, 2);
  EXPECT_NE(one.err.find("cell_nas/cifar10 by random, seed 0"), std::string::npos) << one.err;
  EXPECT_NE(one.err.find("nothing is kept"), std::string::npos) << one.err;
  EXPECT_FALSE(fs::exists(folder / "results/short"));
  EXPECT_EQ(run_program("run e.yaml --quiet --threads 8", folder.path()).err, one.err);
}

TEST(Program, AFullDiskLosesNothing) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kLong);
  // A limit on file size stands for the full disk; SIGXFSZ ignored, so that the write fails instead.
  const Finished full = run_program("run e.yaml --quiet", folder.path(), "trap '' XFSZ; ulimit -f 1000;");
  EXPECT_EQ(full.exit_code, 3) << full.err;
  EXPECT_NE(full.err.find("What was recorded is kept"), std::string::npos) << full.err;
  ASSERT_EQ(run_program("run e.yaml --quiet --resume", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("run e.yaml --quiet --out whole", folder.path()).exit_code, 0);
  EXPECT_EQ(fingerprint(folder / "results/long"), fingerprint(folder / "whole"));
}

TEST(Program, AFolderThatCannotBeWrittenIsAnErrorOfTheWorld) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  folder.write("results", "a file in the way");
  const Finished run = run_program("run e.yaml --quiet", folder.path());
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find("results"), std::string::npos);
}

TEST(Program, BadInputExitsWith2AndWritesNothing) {
  const TemporaryFolder folder;
  folder.write("e.yaml", "problems: [cell_nas]\nstrategies: [random]\nbudget: {co2e: 20 km}\n");
  const Finished run = run_program("run e.yaml", folder.path());
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err, "e.yaml:3:16: budget.co2e: '20 km' is a length, expected a mass such as '20 kg'\n");
  EXPECT_EQ(run.out, "");
  EXPECT_FALSE(fs::exists(folder / "results"));
  EXPECT_EQ(run_program("run missing.yaml", folder.path()).exit_code, 2);
  EXPECT_EQ(run_program("run", folder.path()).exit_code, 2);
  EXPECT_EQ(run_program("frobnicate", folder.path()).exit_code, 2);
  const Finished misspelt = run_program("rnu e.yaml", folder.path());
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_EQ(misspelt.err, "tonne: there is no command 'rnu'. Did you mean run? tonne --help lists all\n");
  EXPECT_EQ(run_program("run e.yaml --shard 3/2", folder.path()).exit_code, 2);
  EXPECT_EQ(run_program("show nowhere", folder.path()).exit_code, 3);
}

TEST(Program, TellsItsVersionHelpAndLists) {
  const TemporaryFolder folder;
  EXPECT_NE(run_program("", folder.path()).out.find("tonne run"), std::string::npos);
  EXPECT_NE(run_program("--version", folder.path()).out.find("tonne 0."), std::string::npos);
  EXPECT_NE(run_program("run --help", folder.path()).out.find("Example: tonne run"), std::string::npos);
  const Finished strategies = run_program("list strategies --full", folder.path());
  for (const char* name : {"random", "regularized_evolution", "tpe", "gp", "population"})
    EXPECT_NE(strategies.out.find(name), std::string::npos) << name;
  const Finished devices = run_program("list devices --full", folder.path());
  EXPECT_NE(devices.out.find("V100"), std::string::npos);
  EXPECT_EQ(devices.out.find("e+0"), std::string::npos) << "1979 TFLOP/s are no 1.98e+03";
  EXPECT_NE(run_program("list grids", folder.path()).out.find("US-2018"), std::string::npos);
  EXPECT_NE(run_program("list problems", folder.path()).out.find("tabular"), std::string::npos);
  EXPECT_EQ(run_program("list stratgies", folder.path()).exit_code, 2);
  EXPECT_TRUE(nlohmann::json::accept(run_program("list grids --json", folder.path()).out));
}

// The lines before the first empty one: the table without what is said below it.
std::vector<std::string> table_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line) && !line.empty();) lines.push_back(line);
  return lines;
}

TEST(Program, ListsAreALineEachWithinEightyColumns) {
  const TemporaryFolder folder;
  for (const std::string what : {"strategies", "problems", "devices", "hosts", "facilities", "grids", "settings"}) {
    const std::string overview = run_program("list " + what, folder.path()).out;
    std::istringstream stream(overview);
    for (std::string line; std::getline(stream, line);) EXPECT_LE(line.size(), 80U) << line;
    EXPECT_NE(overview.find("tonne list " + what), std::string::npos) << "where the rest is";
    EXPECT_GT(run_program("list " + what + " --full", folder.path()).out.size(), overview.size());
  }
  const auto count = nlohmann::json::parse(run_program("list strategies --json", folder.path()).out).size();
  EXPECT_EQ(table_lines(run_program("list strategies", folder.path()).out).size(), count + 1);
}

TEST(Program, ListsOneByNameInFull) {
  const TemporaryFolder folder;
  const std::string tpe = run_program("list strategies tpe", folder.path()).out;
  EXPECT_NE(tpe.find("Bergstra"), std::string::npos);
  EXPECT_NE(tpe.find("by range or wider for others [auto | neighbours | range | deviation]\n"),
            std::string::npos);
  EXPECT_EQ(tpe.find("random:"), std::string::npos);
  const std::string grid = run_program("list settings cluster.grid", folder.path()).out;
  EXPECT_NE(grid.find("cluster.grid.intensity"), std::string::npos);
  EXPECT_EQ(grid.find("cluster.device"), std::string::npos);
}

TEST(Program, NoColourReachesAPipe) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  const Finished run = run_program("run e.yaml", folder.path(), "TERM=xterm");
  EXPECT_EQ(run.out.find('\033'), std::string::npos);
  EXPECT_EQ(run.err.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace tonne
