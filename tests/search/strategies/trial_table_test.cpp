#include "search/strategies/trial_table.h"

#include <gtest/gtest.h>

#include <map>

#include "core/random.h"

namespace tonne {
namespace {

TEST(TrialTable, IsAMap) {
  TrialTable<int> table;
  std::map<TrialId, int> expected;
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const TrialId id = random.below(200) * (random.bernoulli(0.5) ? 1 : 16);
    if (random.bernoulli(0.5)) {
      EXPECT_EQ(table.put(id, i), i);
      expected[id] = i;
    } else if (random.bernoulli(0.5)) {
      ASSERT_EQ(table.erase(id), expected.erase(id) == 1);
    } else {
      const auto found = expected.find(id);
      ASSERT_EQ(table.take(id), found == expected.end() ? std::nullopt : std::optional(found->second));
      expected.erase(id);
    }
    ASSERT_EQ(table.size(), expected.size());
  }
}

TEST(ToldTrials, KnowsEachIdOnce) {
  ToldTrials told;
  EXPECT_FALSE(told.contains(1'000));
  for (const TrialId id : {0U, 63U, 64U, 1'000U}) {
    EXPECT_TRUE(told.insert(id));
    EXPECT_FALSE(told.insert(id));
    EXPECT_TRUE(told.contains(id));
  }
  EXPECT_FALSE(told.contains(1));
}

}  // namespace
}  // namespace tonne
