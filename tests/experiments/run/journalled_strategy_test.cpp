// A search that is cut short and goes on from its journal: the same search, and its strategy is not asked
// twice.

#include "experiments/run/journalled_strategy.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/simulator.h"
#include "experiments/results/records.h"
#include "tests/experiments/support.h"
#include "tests/support/free_search.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

// Counts the asks that reach a strategy.
class Counted final : public Strategy {
 public:
  explicit Counted(Strategy& inner) : inner_(inner) {}
  std::optional<Proposal> ask(TrialId id, Random random) override {
    ++asks;
    return inner_.ask(id, random);
  }
  void tell(const Trial& trial) override { inner_.tell(trial); }
  [[nodiscard]] Work computed() const override { return inner_.computed(); }

  int asks = 0;

 private:
  Strategy& inner_;
};

// What happened in a search, and when it is to be cut short.
class Events final : public Recorder {
 public:
  explicit Events(std::size_t most) : most_(most) {}
  void trial(const Trial& trial) override { trials.push_back(trial); }
  void incumbent(const Incumbent&) override {}
  void computing(Work work, Duration) override { work_.push_back(work); }
  [[nodiscard]] bool interrupted() const override { return trials.size() >= most_; }
  [[nodiscard]] const std::vector<Work>& work() const { return work_; }

  std::vector<Trial> trials;

 private:
  std::size_t most_;
  std::vector<Work> work_;
};

struct Part {
  int asks = 0;
  std::size_t recorded = 0;
  Events events;
};

// A search by gp of three workers, to its end or cut short after so many trials.
Part search_part(const std::filesystem::path& file, std::size_t most) {
  const auto problem = testing::function_problem("{function: ackley, dimension: 2}");
  const testing::HourPerEpoch cost;
  SimulationOptions options;
  options.workers = 3;
  options.budget.evaluations = 48;
  const StrategyContext context{problem->space(), problem->traits(), problem->traits().fidelity.highest, 3,
                                &cost};
  const auto gp =
      testing::strategy_recipe("gp", "{initial: 5, candidates: 64, local_starts: 2}")->make(context);
  Counted counted(*gp);
  AskJournal journal(file, 7);
  JournalledStrategy journalled(counted, dynamic_cast<Replayable&>(*gp), problem->space(), journal);
  Part part{.recorded = journalled.recorded(), .events = Events(most)};
  try {
    (void)simulate(journalled, "gp", *problem, cost, options, Random(3), part.events);
  } catch (const Interrupted&) {
  }
  part.asks = counted.asks;
  return part;
}

TEST(JournalledStrategy, IsNotAskedAgainWhatItHasAnswered) {
  const testing::TemporaryFolder folder;
  const Part whole = search_part(folder / "whole.asks", 1000);
  ASSERT_EQ(whole.events.trials.size(), 48U);
  ASSERT_EQ(whole.asks, 48);

  const Part first = search_part(folder / "cut.asks", 20);
  ASSERT_GE(first.asks, 20);
  ASSERT_LT(first.asks, 48);
  const Part second = search_part(folder / "cut.asks", 1000);
  EXPECT_EQ(second.recorded, static_cast<std::size_t>(first.asks));
  EXPECT_EQ(first.asks + second.asks, whole.asks);
  ASSERT_EQ(second.events.trials.size(), whole.events.trials.size());
  for (std::size_t i = 0; i < whole.events.trials.size(); ++i)
    EXPECT_EQ(second.events.trials[i].proposal.configuration, whole.events.trials[i].proposal.configuration)
        << i;
  EXPECT_EQ(second.events.work(), whole.events.work());
}

// A strategy that is none of those whose answers can be kept.
class Odd final : public Strategy, public Replayable {
 public:
  explicit Odd(const SearchSpace& space) : space_(space) {}
  std::optional<Proposal> ask(TrialId id, Random random) override {
    Proposal proposal{.configuration = space_.sample(random)};
    if (id == 2) proposal.not_before = 1.0 * hour;
    return proposal;
  }
  void tell(const Trial&) override {}
  [[nodiscard]] std::vector<double> left_by_ask(TrialId) const override { return {}; }
  void replay(TrialId, Random, const Proposal&, std::span<const double>) override {}

 private:
  const SearchSpace& space_;
};

TEST(JournalledStrategy, KeepsNothingOfAnswersThatAreMoreThanAConfiguration) {
  const testing::TemporaryFolder folder;
  const auto problem = testing::function_problem(testing::kBranin);
  Odd odd(problem->space());
  for (TrialId asks = 2; asks < 5; ++asks) {
    AskJournal journal(folder / "odd.asks", 7);
    JournalledStrategy journalled(odd, odd, problem->space(), journal);
    for (TrialId id = 0; id < asks; ++id) (void)journalled.ask(id, Random(id));
    journal.write();
    EXPECT_EQ(std::filesystem::exists(folder / "odd.asks"), asks == 2);
  }
}

TEST(JournalledStrategy, RefusesAndRemovesTheJournalOfAnotherSearch) {
  const testing::TemporaryFolder folder;
  const auto problem = testing::function_problem(testing::kBranin);
  Odd odd(problem->space());
  {
    AskJournal journal(folder / "odd.asks", 7);
    JournalledStrategy journalled(odd, odd, problem->space(), journal);
    (void)journalled.ask(0, Random(1));
  }
  AskJournal journal(folder / "odd.asks", 7);
  JournalledStrategy journalled(odd, odd, problem->space(), journal);
  EXPECT_EQ(journalled.recorded(), 1U);
  EXPECT_THROW((void)journalled.ask(1, Random(1)), StoreError);
  EXPECT_FALSE(std::filesystem::exists(folder / "odd.asks"));
}

}  // namespace
}  // namespace tonne
