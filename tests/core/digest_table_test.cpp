#include "core/digest_table.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "core/random.h"
#include "core/seen_evaluations.h"

namespace tonne {
namespace {

constexpr std::uint64_t kMany = 100'000;  // through eleven growths

TEST(DigestTable, KeepsEveryValueThroughItsGrowth) {
  DigestTable<std::uint32_t> table;
  for (std::uint64_t i = 0; i < kMany; ++i) table[mix_bits(i)] = static_cast<std::uint32_t>(i);
  EXPECT_EQ(table.size(), kMany);
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_EQ(*table.find(mix_bits(i)), i);
  for (std::uint64_t i = kMany; i < 2 * kMany; ++i) ASSERT_EQ(table.find(mix_bits(i)), nullptr);
}

TEST(DigestTable, KeysThatBeginAtOneSlotStandSideBySide) {
  DigestTable<int> table;
  for (std::uint64_t i = 0; i < 40; ++i) table[i << 32U | 63U] = static_cast<int>(i);
  for (std::uint64_t i = 0; i < 40; ++i) EXPECT_EQ(*table.find(i << 32U | 63U), static_cast<int>(i));
}

// 0 marks an empty slot within.
TEST(DigestTable, TheKeyZeroIsAKeyLikeAnyOther) {
  DigestTable<int> table;
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table[0], 0);
  table[0] = 7;
  EXPECT_EQ(*table.find(0), 7);
  EXPECT_EQ(table.size(), 1U);
}

TEST(DigestSet, TellsWhatIsNew) {
  DigestSet set;
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_TRUE(set.insert(mix_bits(i)));
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_FALSE(set.insert(mix_bits(i)));
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_TRUE(set.contains(mix_bits(i)));
  for (std::uint64_t i = kMany; i < 2 * kMany; ++i) ASSERT_FALSE(set.contains(mix_bits(i)));
  EXPECT_EQ(set.size(), kMany);
}

TEST(DigestSet, TheKeyZeroIsAKeyLikeAnyOther) {
  DigestSet set;
  EXPECT_FALSE(set.contains(0));
  EXPECT_TRUE(set.insert(0));
  EXPECT_FALSE(set.insert(0));
  EXPECT_TRUE(set.contains(0));
  EXPECT_EQ(set.size(), 1U);
}

TEST(SeenEvaluations, CountStartsAndKeepTheFirstResult) {
  for (const bool many_come_again : {false, true}) {
    SeenEvaluations seen(many_come_again);
    EXPECT_EQ(seen.enter(5), 0U);
    EXPECT_EQ(seen.enter(5), 1U);
    EXPECT_EQ(seen.enter(6), 0U);
    EXPECT_EQ(seen.enter(5), 2U);
    EXPECT_EQ(seen.count(), 2U);
    EXPECT_TRUE(seen.contains(6));
    EXPECT_FALSE(seen.contains(7));

    EXPECT_EQ(seen.result(5), nullptr);
    seen.keep(5, {1.5});
    seen.keep(5, {2.5});
    ASSERT_NE(seen.result(5), nullptr);
    EXPECT_EQ(seen.result(5)->losses, Objectives{1.5});
    EXPECT_TRUE(seen.result(5)->cached);
  }
}

}  // namespace
}  // namespace tonne
