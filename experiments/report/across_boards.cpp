#include "experiments/report/across_boards.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "experiments/report/certainty.h"
#include "experiments/report/svg.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

// Losses of the strategies that have a value on every board: means over seeds, [strategy][board]. Ranks do
// not mind that boards have different units.
struct JointLosses {
  std::vector<std::string> names;
  std::vector<std::vector<double>> losses;
};
JointLosses joint_losses(const std::vector<Board>& boards) {
  JointLosses joint;
  for (const LeaderboardRow& candidate : boards.front().leaderboard.rows) {
    std::vector<double> losses;
    for (const Board& board : boards) {
      const auto row =
          std::ranges::find(board.leaderboard.rows, candidate.strategy, &LeaderboardRow::strategy);
      if (row != board.leaderboard.rows.end()) losses.push_back(gain(board, row->value.mean, 0.0));
    }
    if (losses.size() != boards.size()) continue;
    joint.names.push_back(candidate.strategy);
    joint.losses.push_back(std::move(losses));
  }
  return joint;
}

// What a strategy does over the boards.
struct Record {
  std::string strategy;
  std::size_t leads = 0, candidate = 0;  // boards that it leads; those where one might as well take it
  Carbon carbon{};
};

void count_candidate(std::vector<Record>& records, const LeaderboardRow& row, bool leads) {
  auto at = std::ranges::find(records, row.strategy, &Record::strategy);
  if (at == records.end()) at = records.insert(at, {row.strategy, 0, 0, {}});
  ++at->candidate;
  at->leads += leads ? 1U : 0U;
  at->carbon += row.search.carbon();
}

// "tpe leads on 2 of 3 and is not separated from the leader on 1"
std::string leader_text(const Record& record, std::size_t boards) {
  const std::size_t besides = record.candidate - record.leads;
  return fmt::format("{} leads on {} of {}{}", record.strategy, record.leads, boards,
                     besides > 0 ? fmt::format(" and is not separated from the leader on {}", besides) : "");
}

// "never leading, but not separated from the leader: gp (2 of 3) and random (1 of 3)"
std::string others_text(const std::vector<Record>& records, std::size_t boards) {
  constexpr std::size_t kMostNamed = 6;
  std::vector<std::string> list;
  std::size_t more = 0;
  for (const Record& record : records) {
    if (record.leads > 0) continue;
    if (list.size() < kMostNamed)
      list.push_back(fmt::format("{} ({} of {})", record.strategy, record.candidate, boards));
    else
      ++more;
  }
  if (more > 0) list.push_back(fmt::format("{} more", more));
  return list.empty() ? "" : " Never leading, but not separated from the leader: " + joined(list) + ".";
}

}  // namespace

std::string subtitle(const std::vector<Board>& boards) {
  std::size_t strategies = 0;
  for (const Board& board : boards) strategies = std::max(strategies, board.strategies.size());
  const auto counted = [](std::size_t count, const char* one, const char* many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
  };
  return fmt::format(
      "{}, {}, {}: {} simulated",
      boards.size() == 1 ? "One problem on one cluster" : counted(boards.size(), "board", "boards"),
      counted(strategies, "strategy", "strategies"), counted(most_seeds(boards), "seed", "seeds"),
      counted(count_searches(boards), "search", "searches"));
}

std::string across_text(const std::vector<BoardFacts>& boards) {
  if (boards.size() < 2) return "";
  std::vector<Record> records;
  std::size_t kept = 0, chance = 0, untold = 0;
  for (const BoardFacts& facts : boards) {
    const Leaderboard& board = facts.board.leaderboard;
    kept += board.verdict.candidates.empty() ? 1U : 0U;
    chance += board.verdict.standing == Standing::kUnsettled ? 1U : 0U;
    untold += board.verdict.can_tell ? 0U : 1U;
    for (const std::size_t row : board.verdict.candidates) count_candidate(records, board.rows[row], row == 0);
  }
  std::ranges::sort(records, {}, [](const Record& r) {
    return std::tuple(-static_cast<double>(r.leads), -static_cast<double>(r.candidate), r.carbon, r.strategy);
  });
  std::string text;
  for (const Record& record : records)
    if (record.leads > 0) text += (text.empty() ? "" : "; ") + leader_text(record, boards.size());
  if (!text.empty()) text += "." + others_text(records, boards.size());
  const auto on = [&](std::size_t count) { return count == boards.size() ? "every board" : fmt::format("{} of {}", count, boards.size()); };
  if (kept > 0) text += fmt::format("{}The default configuration is not beaten on {}.", text.empty() ? "" : " ", on(kept));
  if (chance > 0) text += fmt::format(" The lead over the default may be chance on {}.", on(chance));
  if (untold > 0) text += fmt::format(" There are too few seeds to tell strategies apart on {}.", on(untold));
  return text;
}

// Boards as blocks, as Demsar 2006 compares classifiers over data sets.
std::optional<Drawing> across_drawing(const std::vector<Board>& boards) {
  constexpr std::size_t kLeastBoards = 3, kFewBoards = 10;
  if (boards.size() < kLeastBoards) return std::nullopt;
  const JointLosses joint = joint_losses(boards);
  if (joint.names.size() < 3) return std::nullopt;
  const CriticalDifferences differences = critical_differences(joint.losses);
  RankChart chart;
  chart.title = "Mean rank over all boards";
  chart.names = joint.names;
  chart.mean_ranks = differences.ranking.mean_ranks;
  chart.groups = differences.groups_by_ranks;
  chart.critical_difference = differences.critical_difference;
  return Drawing{
      rank_chart_svg(chart),
      fmt::format("Mean rank over {} boards, by each strategy's mean over its seeds; 1 is best. Bars join "
                  "ranks within Nemenyi's critical difference. Friedman: chi2 = {:.4g}, {}.{}",
                  boards.size(), differences.ranking.chi_squared, p_clause(differences.ranking.p),
                  boards.size() < kFewBoards ? " So few boards reveal only large differences, and boards "
                                               "that differ only in their cluster are not independent."
                                             : "")};
}

std::size_t count_searches(const std::vector<Board>& boards) {
  std::size_t count = 0;
  for (const Board& board : boards)
    for (const BoardStrategy& strategy : board.strategies) count += strategy.searches.size();
  return count;
}

std::size_t most_seeds(const std::vector<Board>& boards) {
  std::size_t most = 0;
  for (const Board& board : boards)
    for (const BoardStrategy& strategy : board.strategies) most = std::max(most, strategy.searches.size());
  return most;
}

}  // namespace tonne
