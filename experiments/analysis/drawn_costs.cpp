#include "experiments/analysis/drawn_costs.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <utility>

#include "experiments/results/store.h"

namespace tonne {
namespace {

using Key = std::array<std::size_t, 3>;  // problem, scenario, strategy

struct Sums {
  std::size_t cells = 0;
  std::vector<double> kilograms;  // by draw
};

std::map<Key, Sums> sum_draws(const Store& store, const std::vector<CellRecord>& cells, std::size_t draws) {
  std::map<std::size_t, Sums*> by_cell;
  std::map<Key, Sums> sums;
  for (const CellRecord& cell : cells) {
    Sums& mine = sums[{cell.problem, cell.scenario, cell.strategy}];
    ++mine.cells;
    by_cell[cell.index] = &mine;
  }
  store.each_variant([&](const VariantRow& row) {
    const auto at = by_cell.find(row.cell);
    if (at == by_cell.end() || row.variant >= draws) return;
    std::vector<double>& kilograms = at->second->kilograms;
    kilograms.resize(draws, 0.0);
    kilograms[row.variant] += row.search.carbon() / kilogram;
  });
  return sums;
}

// Rows by what they emit, the least first.
std::vector<std::size_t> order_by(std::size_t rows, const auto& kilograms) {
  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t row) { return std::pair(kilograms(row), row); });
  return order;
}

}  // namespace

std::vector<DrawnCosts> drawn_costs(const Store& store, const std::vector<Leaderboard>& boards) {
  std::vector<DrawnCosts> list(boards.size());
  const auto drawn = store.uncertainty();
  if (!drawn) return list;
  const auto cells = store.cells(CellDetail::own);
  const auto strategies = store.strategies();
  std::map<std::array<std::size_t, 2>, std::map<std::string, Sums>>
      by_board;  // in the order of leaderboards()
  for (auto& [key, sums] : sum_draws(store, cells, drawn->draws))
    by_board[{key[0], key[1]}][strategies.at(key[2]).label] = std::move(sums);
  std::size_t b = 0;
  for (auto& [key, sums] : by_board) {
    const Leaderboard& board = boards.at(b);
    for (const LeaderboardRow& row : board.rows) {
      Sums& mine = sums[row.strategy];
      if (mine.kilograms.empty()) continue;  // of a scenario without uncertain figures
      for (double& value : mine.kilograms) value /= static_cast<double>(mine.cells);
      list[b].kilograms.push_back(std::move(mine.kilograms));
    }
    if (!list[b].kilograms.empty() && list[b].kilograms.size() != board.rows.size())
      throw StoreError("the results are damaged: variants of the uncertain figures are missing");
    ++b;
  }
  return list;
}

OrderOfDraws order_of_draws(const DrawnCosts& costs, const Leaderboard& board) {
  const std::size_t rows = board.rows.size();
  const auto median = [&](std::size_t r) { return board.rows[r].search.carbon() / kilogram; };
  // At another draw a row's gain is the same and its tonnes are not.
  const auto gain_at = [&](std::size_t r, double kilograms) {
    const auto& gain = board.rows[r].gain_per_tonne;
    return gain && kilograms > 0.0 ? *gain * median(r) / kilograms : 0.0;
  };
  const auto best_gain = [&](const auto& kilograms) {
    std::size_t best = 0;
    for (std::size_t r = 1; r < rows; ++r)
      if (gain_at(r, kilograms(r)) > gain_at(best, kilograms(best))) best = r;
    return best;
  };
  const auto order = order_by(rows, median);
  OrderOfDraws found;
  found.cheapest = order.front();
  found.most_gain = best_gain(median);
  found.gaining = static_cast<std::size_t>(std::ranges::count_if(
      board.rows, [](const LeaderboardRow& row) { return row.gain_per_tonne.has_value(); }));
  for (std::size_t k = 0; k < costs.draws(); ++k) {
    const auto at = [&](std::size_t r) { return costs.kilograms[r][k]; };
    const auto drawn = order_by(rows, at);
    if (drawn.front() == order.front()) found.cheapest_in += 1.0;
    if (drawn == order) found.same_order_in += 1.0;
    if (best_gain(at) == found.most_gain) found.most_gain_in += 1.0;
  }
  for (double* part : {&found.cheapest_in, &found.same_order_in, &found.most_gain_in})
    *part /= static_cast<double>(costs.draws());
  return found;
}

}  // namespace tonne
