#include "search/strategies/multi_fidelity/candidate_pool.h"

#include <gtest/gtest.h>

#include <string>

#include "search/strategies/multi_fidelity/loss_rung.h"

namespace tonne {
namespace {

constexpr std::int64_t kExact = std::int64_t{1} << 53;

std::vector<std::string> choices(std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back("c" + std::to_string(i));
  return result;
}

// Domains at the limits of one and two bytes, and parameters that are inactive where `kind` is 0.
SearchSpace space_of_all_widths() {
  const Condition rare{0, {1}};
  return SearchSpace({{"kind", Categorical{choices(2)}},
                      {"real", Real{-3.0, 5.0}, rare},
                      {"log", Real{1e-9, 1e9, Scale::log}},
                      {"byte", Categorical{choices(255)}, rare},
                      {"beyond a byte", Ordinal{choices(256)}, rare},
                      {"low", Integer{-kExact, -kExact + 254}},
                      {"two bytes", Integer{-7, 65'527}, rare},
                      {"beyond two bytes", Integer{1, 65'536, Scale::log}, rare},
                      {"wide", Integer{-kExact, kExact}}});
}

TEST(CandidatePool, ReturnsWhatItWasGiven) {
  const SearchSpace space = space_of_all_widths();
  CandidatePool pool(space);
  Random random(1);
  std::vector<Configuration> added;
  for (TrialId id = 0; id < 10'000; ++id) {
    added.push_back(space.sample(random));
    ASSERT_EQ(pool.add(added.back(), 3 * id), id);
    if (id % 2 == 0) pool.set_checkpoint(static_cast<CandidatePool::Number>(id), 3 * id + 1);
  }
  for (CandidatePool::Number i = 0; i < added.size(); ++i) {
    ASSERT_EQ(pool.configuration(i), added[i]);
    ASSERT_EQ(pool.first(i), 3U * i);
    ASSERT_EQ(pool.checkpoint(i), i % 2 == 0 ? std::optional<TrialId>(3U * i + 1) : std::nullopt);
  }
}

TEST(CandidatePool, ReturnsTheEndsOfEachDomain) {
  const SearchSpace space = space_of_all_widths();
  CandidatePool pool(space);
  for (const double end : {0.0, 1.0}) {
    Configuration configuration(space.size());
    configuration.set(0, 1.0);
    for (std::size_t i = 1; i < space.size(); ++i) configuration.set(i, from_unit(space[i].domain, end));
    EXPECT_EQ(pool.configuration(pool.add(configuration, 0)), configuration);
  }
}

TEST(CandidatePool, GivesTheRoomOfWhatWasReleasedToOthers) {
  const SearchSpace space = space_of_all_widths();
  CandidatePool pool(space);
  Random random(1);
  const auto first = pool.add(space.sample(random), 0);
  pool.set_checkpoint(first, 0);
  pool.release(first);
  EXPECT_EQ(pool.add(space.sample(random), 1), first);
  EXPECT_FALSE(pool.checkpoint(first));
}

// Of a rung whose rule does not pause only those wait who may go on; of any, no failure does.
TEST(LossRung, LetsGoWhoCannotGoOn) {
  const SearchSpace space = space_of_all_widths();
  for (const bool pauses : {false, true}) {
    const RungRule rule{3.0, pauses};
    CandidatePool pool(space);
    LossRung rung;
    Random random(2);
    CandidatePool::Number most = 0;
    for (TrialId id = 0; id < 3'000; ++id) {
      const auto candidate = pool.add(space.sample(random), id);
      most = std::max(most, candidate);
      rung.enter(candidate, id % 2 == 0 ? std::numeric_limits<double>::infinity() : random.uniform(), rule, pool);
      if (const auto next = rung.take(rule)) pool.release(*next);
    }
    EXPECT_LT(most, pauses ? 1'500U : 2U);
  }
}

}  // namespace
}  // namespace tonne
