#include "experiments/report/across_boards.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "experiments/analysis/verdict_text.h"
#include "experiments/report/certainty.h"
#include "experiments/report/svg.h"
#include "experiments/text/quantity.h"
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

// What a strategy does over the boards; the ranges are of those that it leads.
struct Record {
  std::string strategy, name;            // as it is, and as it stands in a sentence
  std::size_t leads = 0, candidate = 0;  // boards that it leads; those where one might as well take it
  std::size_t ahead_of_all = 0;
  Carbon carbon{}, least_carbon{}, most_carbon{};
  bool priced = true;  // on all the boards that it leads
  Money least_money{}, most_money{};
  std::string least_gain, most_gain;  // with the unit; empty where units differ
  double low = 0.0, high = 0.0;       // the gains themselves
};

void count_lead(Record& record, const Board& board) {
  const LeaderboardRow& row = board.leaderboard.rows.front();
  const BoardVerdict& verdict = board.leaderboard.verdict;
  const std::string gain = significant_text(verdict.gain) + " " + difference_unit(board);
  const Carbon carbon = row.search.carbon();
  const bool first = record.leads++ == 0;
  record.ahead_of_all += board.strategies.size() > 1 && verdict.not_separated.empty() ? 1U : 0U;
  record.least_carbon = first ? carbon : std::min(record.least_carbon, carbon);
  record.most_carbon = first ? carbon : std::max(record.most_carbon, carbon);
  record.priced = record.priced && row.money;
  record.least_money = first ? row.search.money : std::min(record.least_money, row.search.money);
  record.most_money = first ? row.search.money : std::max(record.most_money, row.search.money);
  if (first || verdict.gain < record.low) record.least_gain = gain;
  if (first || verdict.gain > record.high) record.most_gain = gain;
  record.low = first ? verdict.gain : std::min(record.low, verdict.gain);
  record.high = first ? verdict.gain : std::max(record.high, verdict.gain);
}

void count_candidate(std::vector<Record>& records, const Board& board, std::size_t row) {
  const LeaderboardRow& of = board.leaderboard.rows[row];
  auto at = std::ranges::find(records, of.strategy, &Record::strategy);
  if (at == records.end()) {
    at = records.insert(at, Record{});
    at->strategy = of.strategy;
    at->name = name_in_text(of);
  }
  ++at->candidate;
  at->carbon += of.search.carbon();
  if (row == 0) count_lead(*at, board);
}

std::string range_text(const std::string& low, const std::string& high) {
  return low == high ? low : low + " to " + high;
}

// Gains can be compared where all boards measure the same.
bool of_one_unit(const std::vector<BoardFacts>& boards) {
  return std::ranges::all_of(boards, [&](const BoardFacts& facts) {
    return facts.board.traits.objective == boards.front().board.traits.objective &&
           facts.board.traits.unit == boards.front().board.traits.unit;
  });
}

// "tpe leads on 2 of 3, ahead of every other on 1, and is not separated from the leader on 1: 0.2 points to 0.5 points better
// than the default configuration, for 4.1 g to 12 kg CO2e and 1 USD to 30 USD a search"
std::string leader_text(const Record& record, std::size_t boards, bool one_unit) {
  const std::size_t besides = record.candidate - record.leads;
  std::string text = fmt::format("{} leads on {} of {}", record.name, record.leads, boards);
  if (record.ahead_of_all > 0) text += fmt::format(", ahead of every other on {}", record.ahead_of_all);
  if (besides > 0) text += fmt::format(", and is not separated from the leader on {}", besides);
  if (one_unit) text += ": " + range_text(record.least_gain, record.most_gain) + " better than the default configuration";
  const std::string carbon = range_text(mass_text(record.least_carbon), mass_text(record.most_carbon));
  if (!record.priced) return text + fmt::format(", for {} CO2e a search (cost not known)", carbon);
  return text + fmt::format(", for {} CO2e and {} a search", carbon,
                            range_text(money_text(record.least_money), money_text(record.most_money)));
}

// "never leading, but not separated from the leader: gp (2 of 3) and random (1 of 3)"
std::string others_text(const std::vector<Record>& records, std::size_t boards) {
  constexpr std::size_t kMostNamed = 6;
  std::vector<std::string> list;
  std::size_t more = 0;
  for (const Record& record : records) {
    if (record.leads > 0) continue;
    if (list.size() < kMostNamed)
      list.push_back(fmt::format("{} ({} of {})", record.name, record.candidate, boards));
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

namespace {

// "4 strategies on 9 boards, 20 seeds each. "
std::string intro_text(const std::vector<BoardFacts>& boards) {
  std::size_t strategies = 0, seeds = 0;
  for (const BoardFacts& facts : boards) {
    strategies = std::max(strategies, facts.board.strategies.size());
    seeds = std::max(seeds, facts.board.leaderboard.verdict.seeds);
  }
  return fmt::format("{} {} on {} boards, {} {} each. ", strategies, strategies == 1 ? "strategy" : "strategies",
                     boards.size(), seeds, seeds == 1 ? "seed" : "seeds");
}

}  // namespace

std::string across_text(const std::vector<BoardFacts>& boards) {
  if (boards.size() < 2) return "";
  std::vector<Record> records;
  std::size_t kept = 0, chance = 0, untold = 0;
  for (const BoardFacts& facts : boards) {
    const Leaderboard& board = facts.board.leaderboard;
    kept += board.verdict.candidates.empty() ? 1U : 0U;
    chance += board.verdict.standing == Standing::kUnsettled ? 1U : 0U;
    untold += board.verdict.can_tell ? 0U : 1U;
    for (const std::size_t row : board.verdict.candidates) count_candidate(records, facts.board, row);
  }
  std::ranges::sort(records, {}, [](const Record& r) {
    return std::tuple(-static_cast<double>(r.leads), -static_cast<double>(r.candidate), r.carbon, r.strategy);
  });
  std::string text;
  for (const Record& record : records)
    if (record.leads > 0) text += leader_text(record, boards.size(), of_one_unit(boards)) + ". ";
  if (!text.empty()) text = text.substr(0, text.size() - 1) + others_text(records, boards.size());
  const auto on = [&](std::size_t count) { return count == boards.size() ? "every board" : fmt::format("{} of {}", count, boards.size()); };
  if (kept > 0) text += fmt::format("{}The default configuration is not beaten on {}.", text.empty() ? "" : " ", on(kept));
  if (chance > 0) text += fmt::format(" The lead over the default may be chance on {}.", on(chance));
  if (untold > 0) text += fmt::format(" There are too few seeds to tell strategies apart on {}.", on(untold));
  return intro_text(boards) + text;
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
