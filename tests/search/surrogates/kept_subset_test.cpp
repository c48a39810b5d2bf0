// The subset that is kept from choice to choice is the one that would be chosen anew.

#include "search/surrogates/kept_subset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "core/pareto.h"
#include "core/random.h"
#include "search/surrogates/hypervolume_subset.h"

namespace tonne {
namespace {

// A front that grows by random points, as a search's does; rows and ids are told apart by counting
// differently.
class GrowingFront {
 public:
  GrowingFront(std::size_t objectives, std::uint64_t seed) : objectives_(objectives), random_(seed) {}

  void grow(KeptSubset& subset) {
    const Objectives point = drawn();
    const auto row = static_cast<std::uint32_t>(rows_++);
    if (std::ranges::any_of(front_, [&](const Member& member) { return dominates(member.losses, point); }))
      return;
    std::erase_if(front_, [&](const Member& member) {
      if (!dominates(point, member.losses)) return false;
      subset.leave(member.row);
      return true;
    });
    front_.push_back({row, 7 + std::uint64_t{2} * row, point});
    subset.join(row, front_.back().id, point);
  }
  [[nodiscard]] std::size_t size() const { return front_.size(); }
  [[nodiscard]] Objectives reference() const { return reference_behind(points()); }

  void expect_chosen(KeptSubset& subset, std::size_t count, const Objectives& reference) const {
    const HypervolumeSubset anew = hypervolume_subset(points(), count, reference);
    std::vector<std::uint32_t> rows;
    for (const std::uint32_t i : anew.chosen) rows.push_back(front_[i].row);
    const auto kept = subset.choose(count, reference);
    ASSERT_EQ(std::vector<std::uint32_t>(kept.begin(), kept.end()), rows);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(subset.operations()),
              std::bit_cast<std::uint64_t>(anew.operations));
  }

 private:
  struct Member {
    std::uint32_t row;
    std::uint64_t id;
    Objectives losses;
  };
  // Near a sphere, on a lattice now and then, so that points tie.
  Objectives drawn() {
    Objectives point(objectives_, 0.0);
    double squared = 0.0;
    for (double& value : point) {
      value = random_.uniform(0.05, 1.0);
      squared += value * value;
    }
    const double radius = 1.0 + 0.05 * random_.uniform();
    const bool on_lattice = random_.bernoulli(0.2);
    for (double& value : point) {
      value *= radius / std::sqrt(squared);
      if (on_lattice) value = std::round(value * 20.0) / 20.0;
    }
    return point;
  }
  [[nodiscard]] std::vector<Objectives> points() const {
    std::vector<Objectives> result;
    for (const Member& member : front_) result.push_back(member.losses);
    return result;
  }

  std::size_t objectives_;
  Random random_;
  std::size_t rows_ = 0;
  std::vector<Member> front_;  // by id
};

TEST(KeptSubset, IsWhatWouldBeChosenAnew) {
  for (const std::size_t objectives : {2U, 3U, 4U}) {
    KeptSubset subset;
    GrowingFront front(objectives, objectives);
    for (std::size_t trial = 0; trial < 300; ++trial) {
      front.grow(subset);
      const std::size_t count = std::min<std::size_t>(1 + trial / 20, 12);
      if (count >= front.size() || trial % 3 == 2) continue;  // several changes at once now and then
      front.expect_chosen(subset, count, front.reference());
    }
  }
}

TEST(KeptSubset, BeginsAgainWhereTheReferenceMovesOrFewerAreWanted) {
  KeptSubset subset;
  GrowingFront front(2, 5);
  while (front.size() < 30) front.grow(subset);
  for (const std::size_t count : {10U, 4U, 20U}) {
    front.expect_chosen(subset, count, front.reference());
    front.expect_chosen(subset, count, Objectives{2.0, 3.0});
  }
}

}  // namespace
}  // namespace tonne
