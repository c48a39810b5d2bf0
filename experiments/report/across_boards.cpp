#include "experiments/report/across_boards.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiments/report/certainty.h"
#include "experiments/report/svg.h"

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
      if (row != board.leaderboard.rows.end() && row->value)
        losses.push_back(gain(board, row->value->mean, 0.0));
    }
    if (losses.size() != boards.size()) continue;
    joint.names.push_back(candidate.strategy);
    joint.losses.push_back(std::move(losses));
  }
  return joint;
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

// How often each strategy is the best or level with it, over boards.
std::string across_text(const std::vector<BoardFacts>& boards) {
  if (boards.size() < 2) return "";
  std::vector<std::pair<std::string, std::size_t>> wins;
  for (const BoardFacts& facts : boards) {
    for (const std::string& label : labels(facts.board, facts.comparison.level)) {
      const auto at = std::ranges::find(wins, label, &std::pair<std::string, std::size_t>::first);
      if (at == wins.end())
        wins.emplace_back(label, 1);
      else
        ++at->second;
    }
  }
  std::ranges::sort(wins, {},
                    [](const auto& win) { return std::pair(-static_cast<double>(win.second), win.first); });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(wins.size(), 6); ++i)
    text += fmt::format("{}{} on {} of {}", i == 0 ? "" : ", ", wins[i].first, wins[i].second, boards.size());
  text = "Best, or not significantly worse than the best: " + text + ".";
  const bool tells =
      std::ranges::any_of(boards, [](const BoardFacts& facts) { return facts.comparison.can_tell; });
  return tells ? text : text + " There are too few seeds to tell any two strategies apart.";
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
