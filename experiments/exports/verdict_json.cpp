#include "experiments/exports/verdict_json.h"

#include "core/json.h"
#include "experiments/analysis/baseline.h"
#include "experiments/analysis/verdict_text.h"

namespace tonne {
namespace {

constexpr const char* kStandings[] = {"nothing_found", "not_above_default", "may_be_chance", "above_default"};

Json names(const Leaderboard& board, const std::vector<std::size_t>& rows) {
  Json list = Json::array();
  for (const std::size_t row : rows) list.push_back(board.rows[row].strategy);
  return list;
}

Json optional_count(const std::optional<std::size_t>& count) {
  return count ? Json(*count) : Json();
}

// Of the leader alone: all pairs of many strategies would be most of the file.
Json pairs_json(const Leaderboard& board) {
  Json list = Json::array();
  for (std::size_t row = 1; row < board.rows.size(); ++row) {
    const PairVerdict& pair = board.verdict.pairs[0][row];
    list.push_back({{"first", board.rows.front().strategy},
                    {"second", board.rows[row].strategy},
                    {"seeds", pair.seeds},
                    {"difference", pair.difference},
                    {"wilcoxon_p", pair.test.p},
                    {"holm_p", pair.p},
                    {"apart", pair.apart},
                    {"seeds_wanted", optional_count(pair.seeds_wanted)}});
  }
  return list;
}

}  // namespace

Json verdict_json(const Leaderboard& board) {
  const BoardVerdict& verdict = board.verdict;
  return {{"sentence", verdict_text(board)},
          {"standing", kStandings[static_cast<std::size_t>(verdict.standing)]},
          {"leader", board.rows.front().strategy},
          {"candidates", names(board, verdict.candidates)},
          {"ahead_of", names(board, verdict.ahead_of)},
          {"not_separated", names(board, verdict.not_separated)},
          {"difference_unit", difference_unit(board)},
          {"gain_over_default", verdict.gain},
          {"gain_p", verdict.gain_p},
          {"gain_seeds_wanted", optional_count(verdict.gain_seeds_wanted)},
          {"pairs", pairs_json(board)}};
}

}  // namespace tonne
