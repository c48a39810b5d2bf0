// Stores that a disk, a copy or another program damaged: found, named, and what is intact is saved.

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "core/random.h"
#include "experiments/exports/exports.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/checked_file.h"
#include "experiments/results/earlier_results.h"
#include "experiments/results/merge.h"
#include "experiments/results/records.h"
#include "experiments/results/repair.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/results/changed_store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::read_file;

class DamagedResults : public ::testing::Test {
 protected:
  DamagedResults()
      : experiment_(parse_experiment(
            "seeds: 3\nproblems: [cell_nas]\nstrategies: [random, local_search]\nbudget: {evaluations: 200}\n"
            "final: {retrain: winner}\n",
            "e.yaml", folder_.path(), read_earlier_results)) {
    Store store = Store::create(folder_ / "whole", experiment_, {});
    run(store);
    bytes_ = read_file(folder_ / "whole/results.sqlite");
    digest_ = Store::open(folder_ / "whole").content_digest();
  }

  void run(Store& store) const {
    Progress progress;
    EXPECT_TRUE(run_cells(experiment_, {}, 1, store, progress));
    store.close();
  }
  void harm(const std::string& bytes) const {
    fs::create_directories(folder_ / "harmed");
    folder_.write("harmed/results.sqlite", bytes);
  }
  [[nodiscard]] std::string flipped(std::size_t at) const {
    std::string bytes = bytes_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    return bytes;
  }
  [[nodiscard]] static std::string refusal(const std::function<void()>& command) {
    try {
      command();
    } catch (const StoreError& error) {
      return error.what();
    }
    return "";
  }
  // The digest of what a repair saved, after the missing cells have been run.
  [[nodiscard]] std::string digest_of_repaired(const Experiment* experiment) const {
    fs::remove_all(folder_ / "saved");
    (void)repair_store(folder_ / "harmed", folder_ / "saved", experiment);
    Store store = Store::resume(folder_ / "saved", experiment_, {});
    run(store);
    return Store::open(folder_ / "saved").content_digest();
  }

  testing::TemporaryFolder folder_;
  Experiment experiment_;
  std::string bytes_, digest_;
};

// Killed in the middle of a transaction on the file itself, as while the log is switched on or off.
TEST_F(DamagedResults, ATransactionThatWasCutShortIsUndone) {
  fs::copy(folder_ / "whole", folder_ / "cut");
  const fs::path file = folder_ / "cut/results.sqlite";
  const pid_t child = ::fork();
  if (child == 0) {
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 0, checked_vfs());
    database.exec("PRAGMA cache_size=1; BEGIN; UPDATE trial_blocks SET data=zeroblob(length(data)); UPDATE cells SET trained=0");
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_GT(fs::file_size(file.string() + "-journal"), 0U);
  const Store store = Store::open(folder_ / "cut");
  EXPECT_EQ(store.content_digest(), digest_);
  for (std::size_t cell = 0; cell < store.planned_cells(); ++cell) EXPECT_EQ(store.damage_of_cell(cell), std::nullopt);
  EXPECT_FALSE(fs::exists(file.string() + "-journal"));
}

// A file that is named by mistake is called what it is; nothing is to be repaired there.
TEST_F(DamagedResults, WhatIsNoStoreIsNotDamaged) {
  const auto said_of = [&](const std::string& name) { return refusal([&] { (void)Store::open(folder_ / name); }); };
  folder_.write("e.yaml", "seeds: 3\n");
  EXPECT_THAT(said_of("e.yaml"), HasSubstr("e.yaml: is no results folder: expected one, or its results.sqlite"));
  SQLite::Database((folder_ / "rows.sqlite").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE trials(cell)");
  EXPECT_THAT(said_of("rows.sqlite"), HasSubstr("rows.sqlite: is an SQLite database, but not the results of a run"));
  harm("no database");
  EXPECT_THAT(said_of("harmed"), HasSubstr("harmed/results.sqlite: "));
}

// A folder from somebody else: a link in it must not choose which file is replaced.
TEST_F(DamagedResults, ALinkInAResultsFolderIsReplacedNotFollowed) {
  folder_.write("victim", "mine");
  fs::create_symlink(folder_ / "victim", folder_ / "whole/summary.json");
  write_exports(Store::open(folder_ / "whole"), folder_ / "whole", false);
  EXPECT_EQ(read_file(folder_ / "victim"), "mine");
  EXPECT_FALSE(fs::is_symlink(folder_ / "whole/summary.json"));
}

TEST_F(DamagedResults, AreNamedWhateverIsAskedOfThem) {
  Random random(20);
  for (int i = 0; i < 60; ++i) {
    const std::size_t at = random.below(bytes_.size());
    harm(i % 3 == 2 ? bytes_.substr(0, at) : flipped(at));
    for (const auto& command : std::vector<std::function<void()>>{
             [&] { (void)Store::open(folder_ / "harmed"); },
             [&] { (void)Store::resume(folder_ / "harmed", experiment_, {}); },
             [&] { (void)merge_shards({folder_ / "harmed"}, folder_ / "joined"); }}) {
      const std::string said = refusal(command);
      EXPECT_THAT(said, HasSubstr("harmed/results.sqlite: is damaged: ")) << i << " at " << at;
      EXPECT_EQ(said.find('\n'), std::string::npos);
    }
    EXPECT_FALSE(fs::exists(folder_ / "joined"));
    EXPECT_FALSE(fs::exists(folder_ / "harmed/.lock"));
  }
}

TEST_F(DamagedResults, AreToldWithThePlaceAndWhatToDo) {
  harm(flipped(3 * 4096 + 17));
  const std::string said = refusal([&] { (void)Store::open(folder_ / "harmed"); });
  EXPECT_THAT(said, HasSubstr("page 4 (bytes 12288 to 16383) is not what was written there"));
  EXPECT_THAT(said, HasSubstr("tonne repair " + (folder_ / "harmed").string() + " --out FOLDER"));
  harm(bytes_.substr(0, bytes_.size() - 4096));
  EXPECT_THAT(refusal([&] { (void)Store::open(folder_ / "harmed"); }), HasSubstr("damaged: "));
  // Two pages in each other's place are intact by themselves.
  harm(bytes_.substr(0, 4096 * 20) + bytes_.substr(4096 * 21, 4096) + bytes_.substr(4096 * 20, 4096) +
       bytes_.substr(4096 * 22));
  EXPECT_THAT(refusal([&] { (void)Store::open(folder_ / "harmed"); }),
              HasSubstr("page 21 (bytes 81920 to 86015) and 1 more"));
  // What another program writes has no hashes, even if it is a sound database.
  harm(bytes_);
  SQLite::Database((folder_ / "harmed/results.sqlite").string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE cells SET evaluations = 1");
  EXPECT_THAT(refusal([&] { (void)Store::open(folder_ / "harmed"); }), HasSubstr("another program did this"));
}

TEST_F(DamagedResults, GiveBackTheirIntactCells) {
  Random random(21);
  int saved = 0;
  for (int i = 0; i < 12; ++i) {
    const std::size_t at = random.below(bytes_.size());
    harm(flipped(at));
    const std::string said =
        refusal([&] { EXPECT_EQ(digest_of_repaired(&experiment_), digest_) << "byte " << at; });
    EXPECT_TRUE(said.empty() || said.find("none of its cells can be read") != std::string::npos) << said;
    saved += said.empty() ? 1 : 0;
    EXPECT_EQ(read_file(folder_ / "harmed/results.sqlite"), flipped(at))
        << "a repair leaves what it reads as it is";
    EXPECT_EQ(fs::exists(folder_ / "saved"), said.empty());
  }
  EXPECT_GE(saved, 8);
}

// The header and the list of tables are the same in every store; the plan is in the experiment file.
TEST_F(DamagedResults, AreRepairedWhereverTheirHeadIsHit) {
  for (const std::size_t at : {0U, 20U, 30U, 70U, 200U, 4000U}) {
    harm(flipped(at));
    EXPECT_EQ(digest_of_repaired(nullptr), digest_) << at;
  }
  harm(flipped(4096 + 4000));  // the table `meta`
  EXPECT_THAT(refusal([&] { (void)digest_of_repaired(nullptr); }),
              HasSubstr("give the experiment file with --experiment"));
  EXPECT_FALSE(fs::exists(folder_ / "saved"));
  EXPECT_EQ(digest_of_repaired(&experiment_), digest_);
}

TEST_F(DamagedResults, OfWhichACellIsLostNameIt) {
  harm(bytes_);
  testing::change_store(folder_ / "harmed/results.sqlite",
                        "UPDATE ledger SET usd = usd + 1 WHERE cell = 4; DELETE FROM cells WHERE cell = 1");
  const Repair repair = repair_store(folder_ / "harmed", folder_ / "saved", nullptr);
  EXPECT_EQ(repair.saved, 4U);
  EXPECT_EQ(repair.unfinished, 1U);
  ASSERT_EQ(repair.lost.size(), 1U);
  EXPECT_EQ(repair.lost[0].cell, 4U);
  EXPECT_EQ(repair.lost[0].name, "cell_nas/cifar10 / local_search");
  EXPECT_EQ(repair.lost[0].seed, 1U);
  EXPECT_FALSE(repair.plan_rebuilt);
}

TEST(CheckedFile, LeavesFilesWithoutHashesAsTheyAre) {
  const testing::TemporaryFolder folder;
  const std::string file = (folder / "plain.sqlite").string();
  SQLite::Database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE t(x); INSERT INTO t VALUES(1)");
  {
    SQLite::Database database(file, SQLite::OPEN_READWRITE, 0, checked_vfs());
    EXPECT_FALSE(has_page_hashes(database.getHandle()));
    database.exec("INSERT INTO t VALUES(2)");
  }
  SQLite::Database database(file, SQLite::OPEN_READONLY);
  EXPECT_EQ(database.execAndGet("SELECT sum(x) FROM t").getInt(), 3);
  EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

// Pages that were freed before they were ever written are holes: no damage.
TEST(CheckedFile, KnowsHolesFromDamage) {
  const testing::TemporaryFolder folder;
  const fs::path file = folder / "f.sqlite";
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0, checked_vfs());
  int reserved = kReservedBytes;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  database.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(x)");
  database.exec(
      "BEGIN; CREATE TABLE big AS SELECT randomblob(4000) FROM (VALUES(1),(2),(3),(4),(5),(6)); DROP TABLE "
      "big; "
      "INSERT INTO t VALUES(1); COMMIT; PRAGMA journal_mode=DELETE");
  EXPECT_EQ(find_damage(database.getHandle()), std::nullopt);
  database.exec("INSERT INTO t SELECT randomblob(3000) FROM (VALUES(1),(2),(3),(4),(5),(6),(7),(8),(9))");
  EXPECT_EQ(find_damage(database.getHandle()), std::nullopt);
  EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

}  // namespace
}  // namespace tonne
