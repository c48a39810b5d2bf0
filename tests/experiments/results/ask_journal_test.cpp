// The journal of a running search's answers: what comes back of it, whole, torn, damaged and of something
// else.

#include "experiments/results/ask_journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "core/random.h"
#include "experiments/results/records.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using testing::read_file;
using testing::TemporaryFolder;

constexpr std::uint64_t kKey = 99;

class AskJournals : public ::testing::Test {
 protected:
  // Each has two numbers.
  [[nodiscard]] std::vector<AnsweredAsk> answers(std::size_t count) const {
    std::vector<AnsweredAsk> answers;
    Random random(4);
    for (std::size_t i = 0; i < count; ++i) {
      AnsweredAsk& answer = answers.emplace_back();
      answer.id = i / 2;
      answer.proposal.configuration = space_.sample(random);
      answer.proposal.fidelity = 9.0;
      answer.left = {random.normal(), 1e18};
    }
    return answers;
  }
  void write(const std::vector<AnsweredAsk>& answers) const {
    AskJournal journal(file_, kKey);
    ASSERT_TRUE(journal.read(space_, 2).empty());
    for (const AnsweredAsk& answer : answers) journal.append(answer);
  }
  [[nodiscard]] std::vector<AnsweredAsk> read(std::uint64_t key = kKey, std::size_t numbers = 2) const {
    return AskJournal(file_, key).read(space_, numbers);
  }
  static void expect_equal(const std::vector<AnsweredAsk>& found, const std::vector<AnsweredAsk>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].id, expected[i].id);
      EXPECT_EQ(found[i].proposal.configuration, expected[i].proposal.configuration);
      EXPECT_EQ(found[i].proposal.fidelity, expected[i].proposal.fidelity);
      EXPECT_EQ(found[i].left, expected[i].left);
    }
  }

  const SearchSpace space_{{{.name = "rate", .domain = Real{1e-5, 1.0, Scale::log}},
                            {.name = "optimiser", .domain = Categorical{{"sgd", "adam"}}},
                            {.name = "beta", .domain = Real{0.8, 1.0}, .active_when = Condition{1, {1}}}}};
  TemporaryFolder folder_;
  const std::filesystem::path file_ = ask_journal_file(folder_.path(), 17);
};

TEST_F(AskJournals, GiveBackWhatTheyWereGivenAndGoOn) {
  const auto all = answers(30);
  write({all.begin(), all.begin() + 20});
  {
    AskJournal journal(file_, kKey);
    EXPECT_EQ(journal.read(space_, 2).size(), 20U);
    for (auto answer = all.begin() + 20; answer != all.end(); ++answer) journal.append(*answer);
  }
  expect_equal(read(), all);
}

TEST_F(AskJournals, AreNotMadeBeforeSomethingIsWrittenAndGoWhenRemoved) {
  AskJournal journal(file_, kKey);
  EXPECT_TRUE(journal.read(space_, 2).empty());
  journal.append(answers(1).front());
  EXPECT_FALSE(fs::exists(file_));
  journal.write();
  EXPECT_TRUE(fs::exists(file_));
  journal.remove();
  journal.append(answers(1).front());
  journal.write();
  EXPECT_FALSE(fs::exists(file_));
}

// Wherever a kill or a full disk tears it, whole records come back, and the next ones follow them.
TEST_F(AskJournals, AreCutWhereTheyAreTorn) {
  const auto all = answers(3);
  write(all);
  const std::string whole = read_file(file_);
  std::size_t most = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    folder_.write(file_.filename(), whole.substr(0, size));
    const auto found = read();
    expect_equal(found, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(found.size())});
    EXPECT_GE(found.size(), most) << size;
    EXPECT_EQ(fs::exists(file_), !found.empty());
    most = found.size();
  }
  EXPECT_EQ(most, 2U);
  {
    AskJournal journal(file_, kKey);
    EXPECT_EQ(journal.read(space_, 2).size(), 2U);
    journal.append(all[2]);
  }
  expect_equal(read(), all);
}

TEST_F(AskJournals, AreCutWhereABitHasFlipped) {
  const auto all = answers(3);
  write(all);
  const std::string whole = read_file(file_);
  for (std::size_t place = 0; place < whole.size(); ++place) {
    std::string flipped = whole;
    flipped[place] = static_cast<char>(flipped[place] ^ 4);
    folder_.write(file_.filename(), flipped);
    const auto found = read();
    EXPECT_LT(found.size(), 3U) << place;
    expect_equal(found, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(found.size())});
  }
}

TEST_F(AskJournals, OfSomethingElseAreRemoved) {
  write(answers(3));
  EXPECT_TRUE(read(kKey + 1).empty());
  EXPECT_FALSE(fs::exists(file_));
  write(answers(3));
  EXPECT_TRUE(read(kKey, 3).empty());
  EXPECT_FALSE(fs::exists(file_));

  AnsweredAsk outside = answers(1).front();
  outside.proposal.configuration.set(0, 2.0);
  write({answers(1).front(), outside});
  EXPECT_EQ(read().size(), 1U);
}

TEST_F(AskJournals, AreRegularFiles) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  EXPECT_THROW((void)read(), StoreError);
  fs::remove(file_);
  fs::create_symlink(folder_.write("other", "text"), file_);
  EXPECT_THROW((void)read(), StoreError);
  EXPECT_EQ(read_file(folder_ / "other"), "text");
}

TEST_F(AskJournals, OfFinishedCellsAreRemoved) {
  for (const char* name : {"cell-0.asks", "cell-1.asks", "cell-2.asks", "cell-x.asks", "notes.txt"})
    folder_.write(name, "");
  remove_ask_journals(folder_.path(), {true, false});
  EXPECT_FALSE(fs::exists(folder_ / "cell-0.asks"));
  EXPECT_TRUE(fs::exists(folder_ / "cell-1.asks"));
  EXPECT_FALSE(fs::exists(folder_ / "cell-2.asks"));
  EXPECT_TRUE(fs::exists(folder_ / "cell-x.asks"));
  EXPECT_TRUE(fs::exists(folder_ / "notes.txt"));
}

}  // namespace
}  // namespace tonne
