#include "experiments/analysis/leaderboard_spread.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/uncertainty.h"
#include "experiments/results/store.h"

namespace tonne {
namespace {

// Of whatever `get` says of each draw; nothing when it says nothing of one.
template <class Sums, class Get>
std::optional<Interval<double>> interval_of(const Sums& sums, const StoredUncertainty& drawn,
                                            const Get& get) {
  std::vector<double> values;
  for (std::size_t k = 0; k < drawn.draws; ++k) {
    const std::optional<double> value = get(sums[k]);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  std::ranges::sort(values);
  const double tail = (1.0 - drawn.level) / 2.0;
  return Interval<double>{quantile_of_sorted(values, tail), quantile_of_sorted(values, 1.0 - tail)};
}

template <class Q>
Interval<Q> with_unit(const std::optional<Interval<double>>& interval) {
  return {Q::from_base(interval->low), Q::from_base(interval->high)};
}

bool is_wider(const TornadoBar& a, const TornadoBar& b) {
  const double of_a = std::abs((a.at_high - a.at_low).base());
  const double of_b = std::abs((b.at_high - b.at_low).base());
  return of_a != of_b ? of_a > of_b : a.key < b.key;
}

}  // namespace

VariantSums::VariantSums(const Store& store) : drawn_(store.uncertainty()), uncertain_(store.uncertain()) {
  if (!drawn_) return;
  const auto cells = store.cells(CellDetail::own);
  std::map<std::size_t, const CellRecord*> by_index;
  for (const CellRecord& cell : cells) by_index[cell.index] = &cell;
  store.each_variant([&](const VariantRow& row) {
    const auto at = by_index.find(row.cell);
    if (at == by_index.end()) return;  // of a search that has not finished
    const CellRecord& cell = *at->second;
    std::vector<Sum>& sums = sums_[{cell.problem, cell.scenario, cell.strategy}];
    if (sums.size() <= row.variant) sums.resize(row.variant + 1);
    Sum& sum = sums[row.variant];
    ++sum.cells;
    sum.search += row.search;
    if (!cell.winner_true_value || !row.training) return;
    sum.searching += row.search.carbon();
    sum.training += row.training->carbon();
  });
}

std::optional<LeaderboardSpread> VariantSums::spread(std::size_t problem, std::size_t scenario,
                                                     std::size_t strategy, std::optional<double> gain,
                                                     bool priced) const {
  std::vector<StoredUncertain> uncertain;
  std::ranges::copy_if(uncertain_, std::back_inserter(uncertain),
                       [&](const StoredUncertain& u) { return u.scenario == scenario; });
  if (!drawn_ || uncertain.empty()) return std::nullopt;
  const auto at = sums_.find({problem, scenario, strategy});
  if (at == sums_.end() || at->second.size() != drawn_->draws + 2 * uncertain.size())
    throw StoreError("the results are damaged: variants of the uncertain figures are missing");
  const std::vector<Sum>& sums = at->second;
  const auto interval = [&](const auto& get) { return interval_of(sums, *drawn_, get); };
  // An interval of means; the sums of any row hold at least one cell.
  const auto of_mean = [&](const auto& get) {
    return interval([&](const Sum& sum) {
      return std::optional(get(sum.search).base() / static_cast<double>(sum.cells));
    });
  };
  LeaderboardSpread spread;
  spread.level = drawn_->level;
  spread.draws = drawn_->draws;
  spread.energy = with_unit<Energy>(of_mean([](const Usage& u) { return u.energy; }));
  spread.carbon = with_unit<Carbon>(of_mean([](const Usage& u) { return u.carbon(); }));
  if (priced) spread.money = with_unit<Money>(of_mean([](const Usage& u) { return u.money; }));
  spread.water = with_unit<Water>(of_mean([](const Usage& u) { return u.water; }));
  spread.overhead = interval([](const Sum& sum) {
    return sum.training > Carbon{} ? std::optional(sum.searching / sum.training) : std::nullopt;
  });
  if (gain)
    spread.gain_per_tonne = interval([&](const Sum& sum) {
      const double tonnes = sum.search.carbon() / tonne_co2e / static_cast<double>(sum.cells);
      return tonnes > 0.0 ? std::optional(*gain / tonnes) : std::nullopt;
    });
  const auto carbon_at = [&](std::size_t variant) {
    return sums[variant].search.carbon() / static_cast<double>(sums[variant].cells);
  };
  for (std::size_t i = 0; i < uncertain.size(); ++i) {
    const StoredUncertain& u = uncertain[i];
    const std::size_t low = drawn_->draws + 2 * i;
    spread.tornado.push_back({u.key, u.distribution, u.low, u.high, carbon_at(low), carbon_at(low + 1)});
  }
  std::ranges::sort(spread.tornado, is_wider);
  return spread;
}

}  // namespace tonne
