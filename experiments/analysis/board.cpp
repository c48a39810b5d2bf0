#include "experiments/analysis/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

struct Place {
  std::size_t board = 0, strategy = 0, search = 0;
};

std::size_t index_of(std::string_view name, const auto& names) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) throw StoreError("the results are damaged: the ledger has an unknown line");
  return static_cast<std::size_t>(at - names.begin());
}

BoardSearch search_of(const CellRecord& cell, bool priced) {
  BoardSearch search;
  search.cell = cell.index;
  search.seed = cell.seed;
  search.value = cell.winner_true_value;
  search.evaluations = static_cast<double>(cell.evaluations);
  search.hours = cell.makespan / hour;
  search.kilowatt_hours = cell.search.energy / kilowatt_hour;
  search.kilograms = cell.search.carbon() / kilogram;
  if (priced) search.dollars = cell.search.money / dollar;
  return search;
}

// leaderboards() goes by problem and scenario in numeric order; so do these.
std::vector<Board> empty_boards(const Store& store, const std::vector<CellRecord>& cells) {
  const auto problems = store.problems();
  const auto scenarios = store.scenarios();
  std::map<std::pair<std::size_t, std::size_t>, bool> keys;
  for (const CellRecord& cell : cells) keys[{cell.problem, cell.scenario}] = true;
  std::vector<Leaderboard> leaderboards = tonne::leaderboards(store, cells);
  std::vector<Board> boards;
  for (const auto& [key, unused] : keys) {
    Board& board = boards.emplace_back();
    board.problem = key.first;
    board.scenario = key.second;
    board.traits = problems.at(key.first);
    board.place = scenarios.at(key.second);
    board.space = store.space(key.first);
    board.leaderboard = std::move(leaderboards.at(boards.size() - 1));
  }
  return boards;
}

void sort_by_leaderboard(Board& board) {
  std::vector<BoardStrategy> sorted;
  for (const LeaderboardRow& row : board.leaderboard.rows) {
    const auto at = std::ranges::find(board.strategies, row.strategy, &BoardStrategy::label);
    sorted.push_back(std::move(*at));
    std::ranges::sort(sorted.back().searches, {}, &BoardSearch::seed);
  }
  board.strategies = std::move(sorted);
}

}  // namespace

std::vector<Board> read_boards(const Store& store) {
  const std::vector<CellRecord> cells = store.cells();
  const std::vector<StoredStrategy> strategies = store.strategies();
  std::vector<Board> boards = empty_boards(store, cells);
  std::unordered_map<std::size_t, Place> places;  // of cells
  for (const CellRecord& cell : cells) {
    const auto board = std::ranges::lower_bound(boards, std::pair(cell.problem, cell.scenario), {},
                                                [](const Board& b) { return std::pair(b.problem, b.scenario); });
    const StoredStrategy& strategy = strategies.at(cell.strategy);
    auto mine = std::ranges::find(board->strategies, strategy.label, &BoardStrategy::label);
    if (mine == board->strategies.end())
      mine = board->strategies.insert(mine, {strategy.label, strategy.name, strategy.settings, {}});
    mine->searches.push_back(search_of(cell, board->place.priced));
    places[cell.index] = {static_cast<std::size_t>(board - boards.begin()),
                          static_cast<std::size_t>(mine - board->strategies.begin()),
                          mine->searches.size() - 1};
  }
  const auto search_at = [&](std::size_t cell) -> std::pair<Board*, BoardSearch*> {
    const auto at = places.find(cell);
    if (at == places.end()) return {nullptr, nullptr};
    Board& board = boards[at->second.board];
    return {&board, &board.strategies[at->second.strategy].searches[at->second.search]};
  };
  store.each_incumbent([&](const IncumbentRow& row) {  // the last one is the winner
    const auto [board, search] = search_at(row.cell);
    if (search) search->winner = decode_configuration(row.configuration, board->space);
  });
  store.each_ledger_row([&](const LedgerRow& row) {
    const auto [board, search] = search_at(row.cell);
    if (search)
      search->carbon[index_of(row.account, kLedgerAccountNames)][index_of(row.line, kLineNames)] =
          (row.operational_kg + row.embodied_kg) * kilogram;
  });
  for (Board& board : boards) sort_by_leaderboard(board);
  return boards;
}

PairedValues paired_values(const Board& board) {
  std::map<std::uint64_t, std::vector<double>> rows;
  for (const LeaderboardRow& row : board.leaderboard.rows)
    for (const SeedOutcome& outcome : row.outcomes) rows[outcome.seed].push_back(outcome.value);
  PairedValues paired;
  paired.values.resize(board.strategies.size());
  for (const auto& [seed, values] : rows) {
    if (values.size() != board.strategies.size()) continue;
    paired.seeds.push_back(seed);
    for (std::size_t s = 0; s < values.size(); ++s) paired.values[s].push_back(values[s]);
  }
  return paired;
}

std::string stream_of(const Board& board, std::size_t strategy, const std::string& figure) {
  return fmt::format("{}/{}/{}/{}", board.traits.label, board.place.label, board.strategies[strategy].label, figure);
}

std::string board_value(const Board& board, double value) {
  return value_text(value, board.traits.unit);
}

std::string difference_unit(const Board& board) {
  return board.traits.unit == "%"    ? "points"
         : board.traits.unit.empty() ? "units of " + board.traits.objective
                                     : board.traits.unit;
}

}  // namespace tonne
