#include "experiments/report/certainty.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "experiments/report/report_charts.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

// An estimate of that kind has no more than two digits.
std::string seeds_text(std::size_t seeds) {
  if (seeds > 1000) return "more than 1,000";
  return fmt::format("about {:.0f}", seeds < 100 ? static_cast<double>(seeds)
                                                 : std::round(static_cast<double>(seeds) / 10.0) * 10.0);
}

std::string verdict(const Board& board, const Comparison& comparison, const Rivalry& rival) {
  const std::string best = board.strategies.front().label;
  if (rival.apart) return fmt::format("{} is better ({} effect)", best, cliffs_word(rival.delta));
  if (!comparison.can_tell) return "too few seeds to tell";
  if (rival.p < 0.05) return "better on average, worse in most seeds";
  if (rival.difference.value == 0.0) return "equal";
  if (!rival.seeds_wanted) return "no significant difference";
  return fmt::format("no significant difference; would take {} seeds", seeds_text(*rival.seeds_wanted));
}

std::string ranking_caption(const Comparison& comparison) {
  const Friedman& ranking = *comparison.ranking;
  return fmt::format(
      "Mean rank of each strategy over {} seeds; 1 is best. Bars join strategies that pairwise Wilcoxon "
      "signed-rank tests (Holm-adjusted over all pairs) do not separate. Friedman: chi2 = {:.4g}, {}. CD: "
      "Nemenyi's critical difference, for comparison. Ranks over the seeds of one problem show how reliably "
      "a strategy leads here, not on other problems.",
      comparison.ranked_seeds, ranking.chi_squared, p_clause(ranking.p));
}

TextTable ranking_table(const BoardFacts& facts) {
  TextTable table;
  table.head = {"strategy", "mean rank", "not separated from"};
  const Comparison& comparison = facts.comparison;
  for (std::size_t s = 0; s < facts.board.strategies.size(); ++s) {
    std::vector<std::size_t> level;
    for (const auto& group : comparison.groups)
      if (std::ranges::find(group, s) != group.end())
        for (const std::size_t other : group)
          if (other != s && std::ranges::find(level, other) == level.end()) level.push_back(other);
    std::ranges::sort(level);
    table.rows.push_back({facts.board.strategies[s].label,
                          fmt::format("{:.2f}", comparison.ranking->mean_ranks[s]),
                          level.empty() ? "-" : joined(labels(facts.board, level))});
  }
  return table;
}

}  // namespace

std::string certainty_text(const BoardFacts& facts) {
  const Board& board = facts.board;
  const Comparison& comparison = facts.comparison;
  if (!board.leaderboard.rows.front().value)
    return "No search found a candidate that trains, so there is nothing to compare.";
  const std::string best = board.strategies.front().label;
  if (comparison.rivals.empty()) return "Only one strategy was run, so there is nothing to compare it with.";
  const std::size_t seeds = comparison.rivals.front().seeds;
  if (!comparison.can_tell)
    return fmt::format(
        "Cannot tell: with {} common seed{}, no difference, however large, can reach p < 0.05 across {} "
        "comparison{}. Run more seeds.",
        seeds, seeds == 1 ? "" : "s", comparison.rivals.size(), comparison.rivals.size() == 1 ? "" : "s");
  std::vector<std::string> ahead, unsettled;
  for (const Rivalry& rival : comparison.rivals)
    (rival.apart ? ahead : unsettled).push_back(board.strategies[rival.other].label);
  std::string text;
  if (!ahead.empty())
    text += fmt::format(
        "{} beats {}: over {} common seeds, a difference this large would arise by chance in fewer than 5 of "
        "100 experiments. ",
        best, joined(ahead), seeds);
  if (!unsettled.empty()) {
    text += fmt::format("{} lead over {} is not significant with these seeds",
                        ahead.empty() ? best + "'s" : "Its", joined(unsettled));
    const Rivalry& nearest = comparison.rivals.front();
    if (nearest.seeds_wanted && !nearest.apart)
      text += fmt::format("; confirming a difference of the observed size against {} would take {} seeds",
                          board.strategies[nearest.other].label, seeds_text(*nearest.seeds_wanted));
    text += ".";
  }
  return text;
}

TextTable pairs_table(const BoardFacts& facts) {
  const Board& board = facts.board;
  TextTable table;
  table.caption = fmt::format(
      "Differences in {}, paired by seed; positive means that {} is better. p: Wilcoxon signed-rank test, "
      "Holm-adjusted.",
      difference_unit(board), board.strategies.front().label);
  table.head = {"against",       "difference",    "95 % interval", "P(better)",
                "95 % interval", "Cliff's delta", "p (Holm)",      "verdict"};
  const auto part = [](double value) { return fmt::format("{:.2f}", value); };
  for (const Rivalry& rival : facts.comparison.rivals)
    table.rows.push_back({board.strategies[rival.other].label, significant_text(rival.difference.value),
                          interval_text(rival.difference, significant_text), part(rival.probability.value),
                          interval_text(rival.probability, part), part(rival.delta), p_text(rival.p),
                          verdict(board, facts.comparison, rival)});
  return table;
}

std::optional<Drawing> ranking_drawing(const BoardFacts& facts) {
  auto svg = ranking_svg(facts.board, facts.comparison);
  if (!svg) return std::nullopt;
  return Drawing{std::move(*svg), ranking_caption(facts.comparison), ranking_table(facts)};
}

std::string p_text(double p) {
  return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p);
}

std::string p_clause(double p) {
  return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

}  // namespace tonne
