// Blocks of trials: rows come back to the bit, and a byte that is not what was written is noticed.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <vector>

#include "core/random.h"
#include "experiments/results/trial_block.h"
#include "experiments/results/trial_collector.h"

namespace tonne {
namespace {

constexpr double kOddNumbers[] = {0.0, -0.0, 1.0, -1.5, 1e-310, 1e308, std::numeric_limits<double>::infinity(),
                                  -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 0.1, 3.0};

// What no search would write, and now and then what all would: the same as the row before, or in proportion to it.
class OddRows {
 public:
  explicit OddRows(std::uint64_t seed) : random_(seed), parameters_(random_.below(7)), sites_(random_.below(3)) {}

  TrialRow next() {
    const TrialRow before = row_;
    row_.trial += 1 + (random_.below(8) == 0 ? random_.below(1000) : 0);
    row_.worker = static_cast<std::uint32_t>(random_.below(4) == 0 ? random_.below(1ULL << 32U) : random_.below(3));
    row_.repeat = static_cast<std::uint32_t>(random_.below(3));
    row_.resumes = random_.below(2) == 0 ? std::nullopt : std::optional(random_.below(1ULL << 40U));
    row_.status = static_cast<TrialStatus>(random_.below(kTrialStatusNames.size()));
    row_.preemptions = static_cast<std::uint32_t>(random_.below(2));
    row_.site = random_.below(2) == 0 || sites_ == 0 ? "" : "site " + std::to_string(random_.below(sites_));
    row_.configuration = Configuration(parameters_);
    for (std::size_t p = 0; p < parameters_; ++p)
      if (random_.below(4) > 0) row_.configuration.set(p, random_.below(2) == 0 ? number() : static_cast<double>(random_.below(5)));
    for (Objectives* values : {&row_.objectives, &row_.constraints}) {
      values->resize(random_.below(kMaxObjectives + 1));
      for (double& value : *values) value = number();
    }
    for (double* value : numbers_of(row_)) *value = random_.below(4) == 0 ? *value : number();
    if (random_.below(3) == 0) repeat_times(before);
    return row_;
  }

  static std::vector<double*> numbers_of(TrialRow& row) {
    std::vector<double*> numbers = {&row.fidelity, &row.trained_from, &row.start_s, &row.end_s, &row.charged_s, &row.operational_kg,
                                    &row.embodied_kg, &row.usd, &row.lost_s, &row.lost_j, &row.lost_kg, &row.lost_usd};
    for (double& joules : row.energy_j) numbers.push_back(&joules);
    return numbers;
  }

 private:
  double number() {
    return random_.below(2) == 0 ? kOddNumbers[random_.below(std::size(kOddNumbers))] : random_.uniform(-1e3, 1e9);
  }
  void repeat_times(const TrialRow& before) {
    row_.charged_s = before.charged_s;
    row_.start_s = before.end_s;
    row_.end_s = row_.start_s + row_.charged_s;
    row_.energy_j = before.energy_j;
  }

  Random random_;
  std::size_t parameters_, sites_;
  TrialRow row_;
};

std::vector<std::uint64_t> bits_of(TrialRow row) {
  std::vector<std::uint64_t> bits = {row.trial, row.worker, row.repeat, row.resumes ? *row.resumes + 1 : 0,
                                     static_cast<std::uint64_t>(row.status), row.preemptions, hash_text(row.site),
                                     row.objectives.size(), row.constraints.size()};
  const auto add = [&](double value) { bits.push_back(std::bit_cast<std::uint64_t>(value)); };
  for (const double* value : OddRows::numbers_of(row)) add(*value);
  for (const double value : row.objectives) add(value);
  for (const double value : row.constraints) add(value);
  for (std::size_t p = 0; p < row.configuration.size(); ++p) {
    bits.push_back(row.configuration.is_active(p) ? 1 : 0);
    add(row.configuration[p]);
  }
  return bits;
}

TrialColumns columns_of(const std::vector<TrialRow>& rows) {
  TrialColumns columns;
  for (std::size_t i = 0; i < rows.size(); ++i) columns.put(i, rows[i]);
  return columns;
}

std::vector<TrialRow> odd_rows(std::uint64_t seed, std::size_t count) {
  OddRows source(seed);
  std::vector<TrialRow> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(source.next());
  return rows;
}

RC_GTEST_PROP(TrialBlock, AnyRowsComeBackToTheBit, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 300);
  const std::vector<TrialRow> rows = odd_rows(*rc::gen::arbitrary<std::uint64_t>(), count);
  BlockScratch scratch;
  TrialColumns columns = columns_of(rows);
  const TrialBlock block = encode_block(columns, scratch);
  RC_ASSERT(block.first_trial == rows.front().trial);
  RC_ASSERT(block.trials == count);
  TrialColumns read;
  RC_ASSERT(decode_block(block.data, read, scratch) == block.content);
  RC_ASSERT(read.rows() == count);
  TrialRow row;
  for (std::size_t i = 0; i < count; ++i) {
    read.get(i, row);
    RC_ASSERT(bits_of(row) == bits_of(rows[i]));
  }
}

// The sum of the content knows nothing of the order, the blocks, or how sites are numbered in them.
RC_GTEST_PROP(TrialBlock, TheSumIsOfTheRowsAlone, ()) {
  std::vector<TrialRow> rows = odd_rows(*rc::gen::arbitrary<std::uint64_t>(), 40);
  BlockScratch scratch;
  const auto sum_of = [&](std::size_t begin, std::size_t end) {
    TrialColumns columns = columns_of({rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(end)});
    return encode_block(columns, scratch).content;
  };
  const ContentSum whole = sum_of(0, 40);
  std::ranges::reverse(rows);
  const auto cut = *rc::gen::inRange<std::size_t>(1, 40);
  ContentSum parts = sum_of(0, cut);
  parts += sum_of(cut, 40);
  RC_ASSERT(parts == whole);
  rows[7].usd = rows[7].usd == 1.0 ? 2.0 : 1.0;
  RC_ASSERT(!(sum_of(0, 40) == whole));
}

TEST(TrialBlock, EveryFlippedByteAndEveryCutIsNoticed) {
  BlockScratch scratch;
  TrialColumns columns = columns_of(odd_rows(3, 60)), read;
  const std::string data = encode_block(columns, scratch).data;
  for (std::size_t at = 0; at < data.size(); ++at) {
    std::string harmed = data;
    harmed[at] = static_cast<char>(harmed[at] ^ (1 << (at % 8)));
    EXPECT_THROW(decode_block(harmed, read, scratch), DamagedBytes) << at;
    EXPECT_THROW(decode_block(data.substr(0, at), read, scratch), DamagedBytes) << at;
  }
}

// Harmed on purpose, with a hash that fits: an error or other rows, but nothing beyond the block's memory (the sanitizers' test).
TEST(TrialBlock, AForgedBlockHarmsNothing) {
  BlockScratch scratch;
  Random random(5);
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    TrialColumns columns = columns_of(odd_rows(seed, 50)), read;
    const std::string data = encode_block(columns, scratch).data;
    for (int round = 0; round < 1500; ++round) {
      std::string forged = data;
      for (int harm = 0; harm < 3; ++harm) forged[1 + random.below(forged.size() - 1)] = static_cast<char>(random.below(256));
      EXPECT_THROW(decode_block(resealed_block(forged), read, scratch), DamagedBytes);
    }
  }
}

TEST(TrialBlock, WhatOneSearchRecordsTakesFewBytes) {
  Random random(1);
  TrialColumns columns;
  TrialRow row;
  std::vector<double> seconds;
  for (int i = 0; i < 200; ++i) seconds.push_back(random.uniform(500.0, 2000.0));
  for (std::size_t i = 0; i < kMostBlockTrials; ++i) {
    row.trial = i;
    row.start_s = row.end_s;
    row.charged_s = seconds[random.below(seconds.size())];
    row.end_s = row.start_s + row.charged_s;
    row.energy_j = {row.charged_s * 250.0, row.charged_s * 40.0, row.charged_s * 60.0, row.charged_s * 175.0, 0.0};
    row.operational_kg = row.charged_s * 1e-4;
    row.configuration = Configuration(6);
    for (std::size_t p = 0; p < 6; ++p) row.configuration.set(p, static_cast<double>(random.below(5)));
    row.objectives.assign(1, 90.0 + random.uniform());
    columns.put(i, row);
  }
  BlockScratch scratch;
  const double bytes = static_cast<double>(encode_block(columns, scratch).data.size()) / static_cast<double>(kMostBlockTrials);
  EXPECT_LT(bytes, 12.0);
}

// As searches with many workers end: out of order, some very late.
TEST(TrialCollector, ABlockHoldsTrialsThatFollowOneAnother) {
  std::map<std::uint64_t, std::vector<std::uint64_t>> found;  // by first trial
  BlockScratch scratch;
  TrialCollector collector([&](const TrialBlock& block) {
    TrialColumns read;
    decode_block(block.data, read, scratch);
    auto& ids = found[block.first_trial];
    EXPECT_TRUE(ids.empty()) << "two blocks begin with " << block.first_trial;
    ids.assign(read.words(TrialColumn::trial), read.words(TrialColumn::trial) + read.rows());
  });
  constexpr std::uint64_t kCount = 7 * kMostBlockTrials + 100;
  const std::vector<std::uint64_t> late = {5, 4097, 9000, 12'300, 17'000};
  TrialRow row;
  const auto add = [&](std::uint64_t id) { row.trial = id, collector.add(row); };
  for (std::uint64_t pair = 0; pair < kCount; pair += 2)
    for (const std::uint64_t id : {pair + 1, pair})
      if (std::ranges::find(late, id) == late.end()) add(id);
  for (const std::uint64_t id : late) add(id);
  collector.finish();
  std::vector<std::uint64_t> all;
  for (const auto& [first, ids] : found) {
    EXPECT_TRUE(std::ranges::is_sorted(ids));
    EXPECT_EQ(ids.front(), first);
    all.insert(all.end(), ids.begin(), ids.end());
  }
  EXPECT_LE(found.size(), 8U + late.size());
  std::ranges::sort(all);
  ASSERT_EQ(all.size(), kCount);
  for (std::uint64_t i = 0; i < kCount; ++i) ASSERT_EQ(all[i], i);
}

TEST(TrialCollector, LongConfigurationsMakeSmallBlocks) {
  EXPECT_EQ(block_trials(10), kMostBlockTrials);
  EXPECT_EQ(block_trials(4000), 512U);
  EXPECT_EQ(block_trials(1'000'000), 16U);
  std::size_t blocks = 0;
  TrialCollector collector([&](const TrialBlock&) { ++blocks; });
  TrialRow row;
  row.configuration = Configuration(4000);
  for (row.trial = 0; row.trial < 1024; ++row.trial) collector.add(row);
  collector.finish();
  EXPECT_EQ(blocks, 2U);
}

}  // namespace
}  // namespace tonne
