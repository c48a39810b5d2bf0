#include "experiments/analysis/anytime.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "experiments/analysis/distributions.h"
#include "experiments/results/store.h"

namespace tonne {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::size_t index_of(CostAxis axis) {
  return static_cast<std::size_t>(axis);
}

// Above 0 where `to` is better than `from`.
double gain(const Board& board, double from, double to) {
  return board.traits.direction == Direction::maximise ? to - from : from - to;
}

std::vector<double> log_grid(double low, double high, std::size_t count) {
  std::vector<double> grid;
  if (!(low > 0.0) || !(high >= low) || !std::isfinite(high)) return grid;
  if (high == low) return {low};
  for (std::size_t i = 0; i < count; ++i)
    grid.push_back(low * std::pow(high / low, static_cast<double>(i) / static_cast<double>(count - 1)));
  grid.back() = high;
  return grid;
}

// The cost by which every search that has a winner has something; nullopt without such searches.
std::optional<double> begin_of(const std::vector<SearchCurve>& searches, CostAxis axis) {
  std::optional<double> begin;
  for (const SearchCurve& curve : searches)
    if (!curve.points.empty())
      begin = std::max(begin.value_or(0.0), curve.points.front().costs[index_of(axis)]);
  return begin;
}

// Where a curve that begins at no cost can begin on a logarithmic axis.
double least_above_zero(const std::vector<SearchCurve>& searches, CostAxis axis) {
  double least = kNever;
  const auto consider = [&](const Costs& costs) {
    if (const double cost = costs[index_of(axis)]; cost > 0.0) least = std::min(least, cost);
  };
  for (const SearchCurve& curve : searches) {
    if (curve.points.empty()) continue;
    for (const SearchCurve::Point& point : curve.points) consider(point.costs);
    consider(curve.end);
  }
  return least;
}

struct Range {
  double low = kNever, high = 0.0;
};

// From the first curve's begin to the last search's end.
Range range_of(const BoardCurves& curves, CostAxis axis) {
  Range range;
  for (const auto& searches : curves) {
    if (const auto begin = begin_of(searches, axis))
      range.low = std::min(range.low, *begin > 0.0 ? *begin : least_above_zero(searches, axis));
    for (const SearchCurve& curve : searches) range.high = std::max(range.high, curve.end[index_of(axis)]);
  }
  return range;
}

// Where every curve has begun, and where the first search ends, in kg.
Range shared_range(const BoardCurves& curves) {
  Range range{0.0, kNever};
  double least = kNever;
  for (const auto& searches : curves) {
    if (const auto begin = begin_of(searches, CostAxis::carbon)) range.low = std::max(range.low, *begin);
    least = std::min(least, least_above_zero(searches, CostAxis::carbon));
    for (const SearchCurve& curve : searches)
      if (!curve.points.empty()) range.high = std::min(range.high, curve.end[index_of(CostAxis::carbon)]);
  }
  if (range.low == 0.0) range.low = least;
  return range;
}

// Students' quantiles, once for each count.
class TQuantiles {
 public:
  double operator()(std::size_t count) {
    auto [at, fresh] = known_.try_emplace(count, 0.0);
    if (fresh)
      at->second = t_quantile(static_cast<double>(count) - 1.0, 0.975);
    return at->second;
  }

 private:
  std::map<std::size_t, double> known_;
};

MeanCurve mean_curve(const std::vector<SearchCurve>& searches, CostAxis axis,
                     const std::vector<double>& costs) {
  MeanCurve result;
  result.searches = searches.size();
  TQuantiles t;
  std::vector<double> values;
  for (const double cost : costs) {
    values.clear();
    std::size_t running = 0;
    for (const SearchCurve& curve : searches) {
      running += curve.end[index_of(axis)] >= cost ? 1U : 0U;
      if (const auto value = curve.value_at(axis, cost)) values.push_back(*value);
    }
    result.running.push_back(running);
    result.mean.emplace_back();
    result.low.emplace_back();
    result.high.emplace_back();
    if (values.empty() || values.size() < result.searches) continue;
    const auto n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    result.mean.back() = mean;
    if (values.size() < 2) continue;
    double squares = 0.0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const double half = t(values.size()) * std::sqrt(squares / (n - 1.0) / n);
    result.low.back() = mean - half;
    result.high.back() = mean + half;
  }
  return result;
}

// Mean of a search's value over ln(kg); it has something at `from`, and from < to.
double log_area(const SearchCurve& curve, double from, double to) {
  double area = 0.0, since = from, value = *curve.value_at(CostAxis::carbon, from);
  for (const SearchCurve::Point& point : curve.points) {
    const double cost = point.costs[index_of(CostAxis::carbon)];
    if (cost <= from) continue;
    if (cost >= to) break;
    area += value * std::log(cost / since);
    since = cost;
    value = point.value;
  }
  area += value * std::log(to / since);
  return area / std::log(to / from);
}

// The volume that one search dominates, in parts of width times height.
double dominated(const Board& board, const SearchCurve& curve, double width, double height) {
  double volume = 0.0, best = 0.0, from = 0.0;
  for (const SearchCurve::Point& point : curve.points) {
    const double cost = std::min(point.costs[index_of(CostAxis::carbon)], width);
    volume += best * (cost - from);
    from = cost;
    best = std::max(best, std::min(gain(board, board.traits.default_true_value, point.value), height));
  }
  volume += best * (width - from);
  return volume / (width * height);
}

// The rectangle of the hypervolume.
struct Frame {
  double width = 0.0, height = 0.0;
};

Frame frame_of(const Board& board, const BoardCurves& curves) {
  Frame frame;
  const double start = board.traits.default_true_value;
  for (const auto& searches : curves) {
    for (const SearchCurve& curve : searches) {
      frame.width = std::max(frame.width, curve.end[index_of(CostAxis::carbon)]);
      for (const SearchCurve::Point& point : curve.points)
        frame.height = std::max(frame.height, gain(board, start, point.value));
    }
  }
  if (board.traits.optimum) frame.height = gain(board, start, *board.traits.optimum);
  return frame;
}

double usual_threshold(const Board& board) {
  const LeaderboardRow& best = board.leaderboard.rows.front();
  if (!(best.search.carbon() > Carbon{})) return 0.0;
  const double gained = gain(board, board.traits.default_true_value, best.value.mean);
  return std::max(0.0, 0.1 * gained / (best.search.carbon() / kilogram));
}

// An improvement of one of many searches.
struct Event {
  double kilograms;
  std::size_t number;  // by search, and in each in the order of time
  std::size_t search;
  double value;
};

std::vector<Event> events_by_cost(const std::vector<SearchCurve>& searches) {
  std::vector<Event> events;
  for (std::size_t k = 0; k < searches.size(); ++k)
    for (const SearchCurve::Point& point : searches[k].points)
      events.push_back({point.costs[index_of(CostAxis::carbon)], events.size(), k, point.value});
  std::ranges::sort(events, {}, [](const Event& event) { return std::pair(event.kilograms, event.number); });
  return events;
}

// A sum whose terms change, without the rounding errors of the changes (Neumaier 1974).
class ChangingSum {
 public:
  void add(double value) {
    const double sum = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
  }
  [[nodiscard]] double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0.0, lost_ = 0.0;
};

// Exact: the mean changes only where one of the searches improves.
std::optional<double> worth_until(const Board& board, const std::vector<SearchCurve>& searches,
                                  double threshold) {
  const auto begin = begin_of(searches, CostAxis::carbon);
  if (!begin || !(threshold > 0.0)) return std::nullopt;
  // An infinite one would leave nothing of the sum.
  constexpr double kMost = 1e300;
  const auto gained = [&](double value) {
    return std::clamp(gain(board, board.traits.default_true_value, value), -kMost, kMost);
  };
  const std::vector<Event> events = events_by_cost(searches);
  std::vector<double> gains;  // of each search so far
  ChangingSum sum;
  for (const SearchCurve& curve : searches) {
    gains.push_back(curve.in_place ? gained(*curve.in_place) : 0.0);
    sum.add(gains.back());
  }
  std::optional<double> at;
  double most = 0.0;
  for (std::size_t e = 0; e < events.size(); ++e) {
    double& known = gains[events[e].search];
    sum.add(-known);
    known = gained(events[e].value);
    sum.add(known);
    const double cost = events[e].kilograms;
    if (cost < *begin || (e + 1 < events.size() && events[e + 1].kilograms == cost)) continue;
    const double net = sum.value() / static_cast<double>(searches.size()) - threshold * cost;
    if (net <= most) continue;
    most = net;
    at = cost;
  }
  return at;
}

void add_log_area(CarbonFigures& figures, const std::vector<SearchCurve>& searches, double from, double to,
                  const std::string& stream) {
  std::vector<double> areas;
  for (const SearchCurve& curve : searches) areas.push_back(log_area(curve, from, to));
  figures.log_area_over_seeds = bootstrap_mean(areas, stream);
  figures.log_area = figures.log_area_over_seeds->value;
}

void add_hypervolume(CarbonFigures& figures, const Board& board, const std::vector<SearchCurve>& searches,
                     const Frame& frame, const std::string& stream) {
  std::vector<double> volumes;
  for (const SearchCurve& curve : searches)
    volumes.push_back(dominated(board, curve, frame.width, frame.height));
  figures.hypervolume_over_seeds = bootstrap_mean(volumes, stream);
  figures.hypervolume = figures.hypervolume_over_seeds->value;
}

}  // namespace

std::optional<double> SearchCurve::value_at(CostAxis axis, double cost) const {
  const auto after = std::ranges::upper_bound(
      points, cost, {}, [&](const Point& point) { return point.costs[index_of(axis)]; });
  if (after == points.begin()) return in_place;
  return std::prev(after)->value;
}

std::vector<BoardCurves> read_curves(const Store& store, const std::vector<Board>& boards) {
  std::map<std::size_t, SearchCurve*> by_cell;
  std::vector<BoardCurves> curves(boards.size());
  for (std::size_t b = 0; b < boards.size(); ++b) {
    for (const BoardStrategy& strategy : boards[b].strategies) {
      auto& searches = curves[b].emplace_back(strategy.searches.size());
      for (std::size_t k = 0; k < searches.size(); ++k) {
        const BoardSearch& search = strategy.searches[k];
        searches[k].end = {search.evaluations, search.hours, search.kilowatt_hours, search.kilograms,
                           search.dollars.value_or(0.0)};
        by_cell[search.cell] = &searches[k];
      }
    }
  }
  store.each_incumbent([&](const IncumbentRow& row) {
    const auto at = by_cell.find(row.cell);
    if (at == by_cell.end()) return;
    const Costs costs = {static_cast<double>(row.evaluations), row.time_s * second / hour,
                         row.energy_j * joule / kilowatt_hour, row.operational_kg + row.embodied_kg, row.usd};
    at->second->points.push_back({costs, row.true_value});
  });
  for (std::size_t b = 0; b < boards.size(); ++b)
    for (auto& searches : curves[b])
      for (SearchCurve& curve : searches)
        if (!curve.found()) curve.in_place = boards[b].traits.default_true_value;
  return curves;
}

CurveTable mean_curves(const BoardCurves& curves, CostAxis axis, std::size_t costs) {
  const Range range = range_of(curves, axis);
  CurveTable table{log_grid(range.low, std::max(range.high, range.low), costs), {}};
  for (const auto& searches : curves) table.strategies.push_back(mean_curve(searches, axis, table.costs));
  return table;
}

std::optional<RankTable> rank_curves(const Board& board, const BoardCurves& curves) {
  const std::size_t strategies = curves.size();
  if (strategies < 2) return std::nullopt;
  std::map<std::uint64_t, std::vector<const SearchCurve*>> by_seed;
  for (std::size_t s = 0; s < strategies; ++s)
    for (std::size_t k = 0; k < curves[s].size(); ++k)
      if (curves[s][k].found() || curves[s][k].in_place)
        by_seed[board.strategies[s].searches[k].seed].push_back(&curves[s][k]);
  std::erase_if(by_seed, [&](const auto& entry) { return entry.second.size() != strategies; });
  const Range range = shared_range(curves);
  const std::vector<double> costs = log_grid(range.low, range.high, 40);
  if (by_seed.empty() || costs.size() < 2) return std::nullopt;
  RankTable table{costs, std::vector<std::vector<double>>(strategies, std::vector<double>(costs.size(), 0.0)),
                  by_seed.size()};
  std::vector<double> losses(strategies);
  for (std::size_t c = 0; c < costs.size(); ++c) {
    for (const auto& [seed, searches] : by_seed) {
      for (std::size_t s = 0; s < strategies; ++s)
        losses[s] = gain(board, *searches[s]->value_at(CostAxis::carbon, costs[c]), 0.0);
      const std::vector<double> rank = ranks(losses);
      for (std::size_t s = 0; s < strategies; ++s)
        table.mean[s][c] += rank[s] / static_cast<double>(by_seed.size());
    }
  }
  return table;
}

namespace {

// To a multiple of 10^power, to the side that is easier to reach.
double rounded_easier(const Board& board, double value, double power) {
  const double step = std::pow(10.0, power);
  // Divided by a whole power of ten where it is one: 0.1 is no binary number, 941 / 10 is the one next
  // to 94.1. A value that is round already stays: its quotient may lie just beside the whole number.
  const auto multiple = [&](double parts) {
    return step < 1.0 ? parts / std::round(1.0 / step) : parts * step;
  };
  const double parts = std::round(value / step);
  if (gain(board, multiple(parts), value) >= 0.0) return multiple(parts);
  return multiple(board.traits.direction == Direction::maximise ? parts - 1.0 : parts + 1.0);
}

}  // namespace

std::optional<double> typical_target(const Board& board) {
  std::vector<double> values;
  for (const BoardStrategy& strategy : board.strategies)
    for (const BoardSearch& search : strategy.searches)
      if (search.value) values.push_back(*search.value);
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const std::size_t n = values.size();
  const bool up = board.traits.direction == Direction::maximise;
  const double middle = up ? values[n / 2] : values[(n - 1) / 2];
  const double spread = values[3 * n / 4] - values[n / 4];
  if (!(spread > 0.0)) return middle;
  // Finer where the default configuration reaches the rounder value for nothing.
  for (int finer = 0; finer < 3; ++finer) {
    const double rounded = rounded_easier(board, middle, std::floor(std::log10(spread)) - finer);
    if (gain(board, board.traits.default_true_value, rounded) > 0.0) return rounded;
  }
  return middle;
}

std::vector<ExpectedCost> carbon_to(const Board& board, const BoardCurves& curves, double target) {
  std::vector<ExpectedCost> costs;
  for (const auto& searches : curves) {
    std::vector<double> spent;
    std::vector<bool> reached;
    for (const SearchCurve& curve : searches) {
      const auto at = std::ranges::find_if(curve.points, [&](const SearchCurve::Point& point) {
        return gain(board, target, point.value) >= 0.0;
      });
      reached.push_back(at != curve.points.end());
      spent.push_back((reached.back() ? at->costs : curve.end)[index_of(CostAxis::carbon)]);
    }
    costs.push_back(expected_cost(spent, reached, stream_of(board, costs.size(), "expected cost")));
  }
  return costs;
}

namespace {

// How many of some values are at a rank or above, while single values rise (Fenwick 1994).
class RankCounts {
 public:
  explicit RankCounts(std::size_t ranks) : counts_(ranks + 1) {}
  void raise(std::optional<std::size_t> from, std::size_t to) {
    if (from) change(*from, false);
    change(to, true);
    if (!from) ++total_;
  }
  // The rank of the value that k others are not below, counted from 1; none where there are fewer values.
  [[nodiscard]] std::optional<std::size_t> of_largest(std::size_t k) const {
    if (k > total_) return std::nullopt;
    std::size_t left = total_ - k, at = 0;
    for (std::size_t step = std::bit_floor(counts_.size() - 1); step > 0; step /= 2) {
      if (at + step >= counts_.size() || counts_[at + step] > left) continue;
      at += step;
      left -= counts_[at];
    }
    return at;
  }

 private:
  void change(std::size_t rank, bool more) {
    for (std::size_t i = rank + 1; i < counts_.size(); i += i & (~i + 1)) more ? ++counts_[i] : --counts_[i];
  }
  std::vector<std::size_t> counts_;  // of a binary indexed tree
  std::size_t total_ = 0;
};

}  // namespace

std::array<AttainmentLevel, 3> attainment(const Board& board, const std::vector<SearchCurve>& curves) {
  // Gains, so that more is better; sweep over all improvements in the order of their cost.
  std::vector<Event> events = events_by_cost(curves);
  std::vector<double> sorted;
  for (Event& event : events) sorted.push_back(event.value = gain(board, 0.0, event.value));
  std::ranges::sort(sorted);
  std::vector<std::optional<std::size_t>> best(curves.size());  // rank of each search's
  RankCounts counts(sorted.size());
  std::array<AttainmentLevel, 3> levels{AttainmentLevel{0.25, {}, {}}, {0.5, {}, {}}, {0.75, {}, {}}};
  for (std::size_t e = 0; e < events.size(); ++e) {
    const auto rank = static_cast<std::size_t>(std::ranges::lower_bound(sorted, events[e].value) - sorted.begin());
    auto& own = best[events[e].search];
    if (!own || rank > *own) {
      counts.raise(own, rank);
      own = rank;
    }
    if (e + 1 < events.size() && events[e + 1].kilograms == events[e].kilograms) continue;
    for (AttainmentLevel& level : levels) {
      const auto needed = static_cast<std::size_t>(std::ceil(level.part * static_cast<double>(curves.size())));
      const auto attained = counts.of_largest(needed);
      if (!attained) continue;
      const double value = gain(board, 0.0, sorted[*attained]);
      if (!level.values.empty() && level.values.back() == value) continue;
      level.kilograms.push_back(events[e].kilograms);
      level.values.push_back(value);
    }
  }
  return levels;
}

CarbonFigureTable carbon_figures(const Board& board, const BoardCurves& curves, double threshold) {
  CarbonFigureTable table;
  table.strategies.resize(curves.size());
  table.threshold = threshold > 0.0 ? threshold : usual_threshold(board);
  if (const Range shared = shared_range(curves); shared.low < shared.high && std::isfinite(shared.high)) {
    table.from = shared.low;
    table.to = shared.high;
  }
  const Frame frame = frame_of(board, curves);
  for (std::size_t s = 0; s < curves.size(); ++s) {
    CarbonFigures& figures = table.strategies[s];
    if (table.to > 0.0)
      add_log_area(figures, curves[s], table.from, table.to, stream_of(board, s, "mean over log co2e"));
    if (frame.width > 0.0 && frame.height > 0.0)
      add_hypervolume(figures, board, curves[s], frame, stream_of(board, s, "hypervolume"));
    figures.worth_until = worth_until(board, curves[s], table.threshold);
  }
  return table;
}

}  // namespace tonne
