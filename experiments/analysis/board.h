#pragma once
// What a report is made of: the searches of each strategy on one problem in one scenario, as recorded.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/search_space.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/results/records.h"

namespace tonne {

class Store;

/// One search.
struct BoardSearch {
  std::size_t cell = 0;  ///< of its store
  std::uint64_t seed = 0;
  std::optional<double> value;  ///< true value of the final incumbent; none where every candidate failed
  double evaluations = 0.0, hours = 0.0, kilowatt_hours = 0.0, kilograms = 0.0;
  std::optional<double> dollars;  ///< none where no price is known
  std::optional<Configuration> winner;
  std::array<std::array<Carbon, kLines>, kLedgerAccounts> carbon{};  ///< operational and embodied
};

struct BoardStrategy {
  std::string label, name, settings;
  std::vector<BoardSearch> searches;  ///< by seed
};

struct Board {
  std::size_t problem = 0, scenario = 0;  ///< numbers in the store
  StoredProblem traits;
  StoredScenario place;
  SearchSpace space;
  Leaderboard leaderboard;
  std::vector<BoardStrategy> strategies;  ///< in the order of the leaderboard's rows
};

/// One for each problem and scenario that has finished searches, in the order of leaderboards(). Throws
/// StoreError when the store is damaged.
[[nodiscard]] std::vector<Board> read_boards(const Store& store);

/// The strategies' outcomes by seed, for the seeds that all of them have: values[strategy][k], the seeds in
/// increasing order. Paired statistics need whole rows.
struct PairedValues {
  std::vector<std::uint64_t> seeds;
  std::vector<std::vector<double>> values;
};
[[nodiscard]] PairedValues paired_values(const Board& board);

/// The name of the random stream for an interval of such a figure of a strategy.
[[nodiscard]] std::string stream_of(const Board& board, std::size_t strategy, const std::string& figure);

/// value_text() in the board's unit.
[[nodiscard]] std::string board_value(const Board& board, double value);
/// Of a difference of two values: "points" between percentages, "nats", "units of loss" where there is none.
[[nodiscard]] std::string difference_unit(const Board& board);

}  // namespace tonne
