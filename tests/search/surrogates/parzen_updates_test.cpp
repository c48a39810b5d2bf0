// Densities that are updated from fit to fit have the bits of densities that are fitted once.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "search/surrogates/parzen.h"

namespace tonne {
namespace {

SearchSpace mixed_space() {
  return SearchSpace({{.name = "real", .domain = Real{-1.0, 1.0}},
                      {.name = "log", .domain = Real{1e-5, 1.0, Scale::log}},
                      {.name = "few", .domain = Integer{1, 12}},
                      {.name = "many", .domain = Integer{0, 5000}},
                      {.name = "units", .domain = Integer{16, 512, Scale::log}},
                      {.name = "samples", .domain = Integer{1, 20'000, Scale::log}},
                      {.name = "level", .domain = Ordinal{{"a", "b", "c", "d"}}},
                      {.name = "choice", .domain = Categorical{{"a", "b", "c"}}},
                      {.name = "own", .domain = Real{0.0, 1.0}, .active_when = Condition{7, {1}}},
                      {.name = "steps", .domain = Integer{1, 9}, .active_when = Condition{7, {1, 2}}}});
}

class UpdatedDensity : public ::testing::TestWithParam<KernelWidth> {
 protected:
  // Real numbers come in hundredths, so that observations tie.
  Configuration drawn(Random& random) const {
    Configuration configuration = space_.sample(random);
    configuration.set(0, std::round(configuration[0] * 100.0) / 100.0);
    return configuration;
  }
  void expect_same_bits(ParzenEstimator& updated, const std::vector<std::size_t>& parameters,
                        std::span<const std::uint32_t> rows, Random random) const {
    ParzenEstimator anew(data_, parameters, GetParam(), 1.0, 25);
    updated.fit(rows);
    anew.fit(rows);
    std::vector<Configuration> points;
    for (int i = 0; i < 6; ++i) points.push_back(drawn(random));
    Random same = random;
    for (int i = 0; i < 6; ++i) {
      Configuration a(space_.size()), b(space_.size());
      updated.sample(a, random);
      anew.sample(b, same);
      ASSERT_EQ(a.digest(), b.digest());
      if (parameters.size() == space_.size()) points.push_back(a);
    }
    std::vector<double> of_updated(points.size()), of_anew(points.size());
    updated.log_density(points, of_updated);
    anew.log_density(points, of_anew);
    for (std::size_t i = 0; i < points.size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(of_updated[i]), std::bit_cast<std::uint64_t>(of_anew[i]));
  }
  // Rows come, go, come back, stand elsewhere by age, and now and then change their values.
  void change(std::vector<std::uint32_t>& rows, Random& random) {
    rows.push_back(data_.append(drawn(random)));
    const auto some = [&] { return rows.begin() + static_cast<std::ptrdiff_t>(random.below(rows.size())); };
    if (random.bernoulli(0.3)) gone_.push_back(*some()), std::erase(rows, gone_.back());
    if (random.bernoulli(0.3) && !gone_.empty()) rows.insert(some(), gone_.back()), gone_.pop_back();
    if (random.bernoulli(0.05)) data_.assign(*some(), drawn(random));
  }

  SearchSpace space_ = mixed_space();
  ParzenData data_{space_};
  std::vector<std::uint32_t> gone_;
};

TEST_P(UpdatedDensity, HasTheBitsOfANewOne) {
  Random random(4);
  std::vector<std::uint32_t> rows;
  std::vector<std::size_t> all(space_.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  ParzenEstimator joint(data_, all, GetParam(), 1.0, 25);
  std::vector<ParzenEstimator> alone;
  for (std::size_t i = 0; i < 7; ++i) alone.emplace_back(data_, std::vector{i}, GetParam(), 1.0, 25);
  while (rows.size() < 120) rows.push_back(data_.append(drawn(random)));
  for (std::uint64_t step = 0; step < 60; ++step) {
    change(rows, random);
    ASSERT_NO_FATAL_FAILURE(expect_same_bits(joint, all, rows, random.child(step)));
    for (std::size_t i = 0; i < alone.size(); ++i)
      ASSERT_NO_FATAL_FAILURE(expect_same_bits(alone[i], {i}, rows, random.child(step)));
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, UpdatedDensity,
                         ::testing::Values(KernelWidth::automatic, KernelWidth::neighbours,
                                           KernelWidth::scott, KernelWidth::deviation));

}  // namespace
}  // namespace tonne
