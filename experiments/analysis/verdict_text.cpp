#include "experiments/analysis/verdict_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "experiments/analysis/judge.h"
#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string with_unit(const Leaderboard& board, double value) {
  return value_text(value, board.unit) + (board.unit.empty() ? "" : " " + board.unit);
}

// A difference needs its digits where the values beside it agree; one of percentages is in points.
std::string difference_text(const Leaderboard& board, double difference) {
  return std::abs(difference) < 0.1 ? fmt::format("{:.2g}", difference) : value_text(difference, board.unit);
}

std::string difference_unit(const Leaderboard& board) {
  return board.unit == "%" ? " points" : board.unit.empty() ? "" : " " + board.unit;
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string names(const Leaderboard& board, const std::vector<std::size_t>& rows) {
  std::vector<std::string> list;
  for (const std::size_t row : rows) list.push_back(name_in_text(board.rows[row]));
  return joined(list);
}

std::string place(const Leaderboard& board) {
  return board.problem + (board.scenario.empty() ? "" : " (" + board.scenario + ")");
}

// "19.9 kg CO2e and 12.3 USD a search", "19.9 kg CO2e a search (cost not known)"
std::string price(const LeaderboardRow& row) {
  const std::string carbon = mass_text(row.search.carbon());
  return row.money ? fmt::format("{} CO2e and {} a search", carbon, money_text(*row.money))
                   : fmt::format("{} CO2e a search (cost not known)", carbon);
}

// "a mean accuracy of 94.19 % over 20 seeds, for 19.9 kg CO2e and 12.3 USD a search"
std::string leader_text(const Leaderboard& board) {
  const LeaderboardRow& leader = board.rows.front();
  return fmt::format("a mean {} of {} over {}, for {}", board.objective, with_unit(board, leader.value.mean),
                     counted(leader.seeds, "seed", "seeds"), price(leader));
}

std::string fruitless_text(const LeaderboardRow& leader) {
  if (leader.without_winner == 0) return "";
  return fmt::format(" {} of its {} searches found nothing and count with the default's value.",
                     leader.without_winner, leader.seeds);
}

std::string interval_of_gain(const Leaderboard& board) {
  const SeedMean& value = board.rows.front().value;
  if (!value.low) return "";
  const double one = improvement(board, board.default_value, *value.low);
  const double two = improvement(board, board.default_value, *value.high);
  const std::string low = difference_text(board, std::min(one, two));
  const std::string high = difference_text(board, std::max(one, two));
  if (low == high) return "";  // apart by rounding alone
  return fmt::format(" (95 % interval {} to {}{})", low, high, difference_unit(board));
}

std::string standing_text(const Leaderboard& board) {
  const BoardVerdict& verdict = board.verdict;
  const LeaderboardRow& leader = board.rows.front();
  const std::string standard = with_unit(board, board.default_value);
  if (board.real && verdict.standing == Standing::kNotAbove)
    return fmt::format("On {}, {} reaches {}: no better than its first full training ({}).", place(board), name_in_text(leader),
                       leader_text(board), standard);
  if (verdict.standing == Standing::kNothingFound)
    return fmt::format("Keep the default configuration of {} ({}): no search found a candidate that trains.",
                       place(board), standard);
  if (verdict.standing == Standing::kNotAbove)
    return fmt::format("Keep the default configuration of {} ({}, at no cost): {}, {} reaches {}.{}", place(board),
                       standard,
                       board.rows.size() == 1 ? "on average no search is better"
                                              : fmt::format("none of {} strategies is better on average", board.rows.size()),
                       board.rows.size() == 1 ? name_in_text(leader) : "and the best of them, " + name_in_text(leader) + ",",
                       leader_text(board), fruitless_text(leader));
  const std::string lead =
      board.rows.size() == 1
          ? fmt::format("On {}, {} reaches {}", place(board), name_in_text(leader), leader_text(board))
          : fmt::format("On {}, {} leads {} strategies with {}", place(board), name_in_text(leader), board.rows.size(),
                        leader_text(board));
  const std::string gain =
      fmt::format("{}{} better than the {} {}{}", difference_text(board, verdict.gain), difference_unit(board),
                  board.real ? "first full training's" : "default configuration's", standard, interval_of_gain(board));
  if (verdict.standing == Standing::kAbove) return lead + ": " + gain + "." + fruitless_text(leader);
  if (const std::size_t least = pairs_for_claim(board.rows.size()); leader.seeds < least)
    return fmt::format("{}: {}. {} cannot tell any gain from chance: it takes at least {}.{}", lead, gain,
                       counted(leader.seeds, "seed", "seeds"), least, fruitless_text(leader));
  return fmt::format("{}: {}. That may be chance{}{}.{}", lead, gain,
                     board.rows.size() == 1 ? "" : fmt::format(" for the best of {}", board.rows.size()),
                     verdict.gain_seeds_wanted ? "; " + seeds_text(*verdict.gain_seeds_wanted) + " seeds would likely tell" : "",
                     fruitless_text(leader));
}

// The candidates besides the leader, each with what would set it apart.
std::string not_separated_text(const Leaderboard& board) {
  constexpr std::size_t kMostNamed = 6;
  const BoardVerdict& verdict = board.verdict;
  std::vector<std::string> list;
  bool any_wanted = false;
  for (std::size_t c = 1; c < verdict.candidates.size() && c <= kMostNamed; ++c) {
    const std::size_t row = verdict.candidates[c];
    const auto& wanted = verdict.pairs[0][row].seeds_wanted;
    any_wanted = any_wanted || wanted;
    list.push_back(name_in_text(board.rows[row]) + (wanted ? fmt::format(" ({})", seeds_text(*wanted)) : ""));
  }
  if (verdict.candidates.size() > kMostNamed + 1)
    list.push_back(fmt::format("{} more", verdict.candidates.size() - kMostNamed - 1));
  std::string text;
  if (!list.empty())
    text = fmt::format(" Not separated from it{}: {}.", any_wanted ? " (in brackets the seeds that would likely tell)" : "",
                       joined(list));
  if (verdict.cheapest)
    text += fmt::format(" Of these, {} is the cheapest: {}.", name_in_text(board.rows[*verdict.cheapest]),
                        price(board.rows[*verdict.cheapest]));
  const std::size_t others = verdict.not_separated.size() + 1 - verdict.candidates.size();
  if (others > 0)
    text += fmt::format(" {} not separated either, but clearly dearer or no better than the default.",
                        others == 1 ? "One more strategy is" : std::to_string(others) + " more strategies are");
  return text;
}

std::string rivals_text(const Leaderboard& board) {
  const BoardVerdict& verdict = board.verdict;
  const std::size_t pairs = board.rows.size() * (board.rows.size() - 1) / 2;
  if (pairs == 0 || verdict.candidates.empty()) return "";
  const std::string all_pairs = counted(pairs, "pair", "pairs") + " of strategies";
  if (!verdict.can_tell)
    return fmt::format(" {} cannot tell {} apart, however large the differences: it takes at least {} in common.",
                       verdict.seeds == 0 ? "Without common seeds, the test" : counted(verdict.seeds, "seed", "seeds"),
                       all_pairs, pairs_for_claim(pairs));
  std::string text;
  if (!verdict.ahead_of.empty())
    text = fmt::format(" It is ahead of {} (p < 0.05{}).", names(board, verdict.ahead_of),
                       pairs == 1 ? "" : ", corrected for all " + all_pairs);
  return text + not_separated_text(board);
}

}  // namespace

std::string name_in_text(const LeaderboardRow& row) {
  const bool words = row.strategy.find(' ') != std::string::npos && row.strategy.find('(') == std::string::npos;
  return words ? "'" + row.strategy + "'" : row.strategy;
}

std::string verdict_text(const Leaderboard& board) {
  if (board.rows.empty()) return "";
  return standing_text(board) + rivals_text(board);
}

std::string seeds_text(std::size_t seeds) {
  if (seeds > 1000) return "more than 1,000";
  const double round = seeds < 100 ? 1.0 : 10.0;
  return fmt::format("about {:.0f}", std::round(static_cast<double>(seeds) / round) * round);
}

std::string verdict_label(const Leaderboard& board) {
  switch (board.verdict.standing) {
    case Standing::kNothingFound:
    case Standing::kNotAbove: return "keep the default";
    case Standing::kUnsettled: return board.rows.front().strategy + " (may be chance)";
    case Standing::kAbove: break;
  }
  constexpr std::size_t kMostNamed = 3;
  std::vector<std::string> list;
  for (const std::size_t row : board.verdict.candidates)
    if (list.size() < kMostNamed) list.push_back(board.rows[row].strategy);
  const std::size_t more = board.verdict.candidates.size() - list.size();
  return more > 0 ? fmt::format("{} or {} more", fmt::join(list, ", "), more) : joined(list, "or");
}

}  // namespace tonne
