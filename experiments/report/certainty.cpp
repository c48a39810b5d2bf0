#include "experiments/report/certainty.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "experiments/analysis/verdict_text.h"
#include "experiments/report/report_charts.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string pair_text(const Board& board, const Rivalry& rival) {
  const PairVerdict& pair = rival.verdict;
  if (pair.apart) return fmt::format("{} is better ({} effect)", board.strategies.front().label, cliffs_word(rival.delta));
  if (!board.leaderboard.verdict.can_tell) return "too few seeds to tell";
  if (pair.p < kSignificant) return "better on average, worse in most seeds";
  if (pair.difference == 0.0) return "equal";
  if (!pair.seeds_wanted) return "not separated";
  return fmt::format("not separated; {} seeds would likely tell", seeds_text(*pair.seeds_wanted));
}

std::string ranking_caption(const Comparison& comparison) {
  const Friedman& ranking = *comparison.ranking;
  return fmt::format(
      "Mean rank of each strategy over {} seeds; 1 is best. Bars join strategies that the verdict does not "
      "separate (Wilcoxon signed-rank tests, Holm-adjusted over all pairs). Friedman: chi2 = {:.4g}, {}. CD: "
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
  const BoardVerdict& verdict = board.leaderboard.verdict;
  const std::size_t strategies = board.strategies.size();
  if (verdict.standing == Standing::kNothingFound)
    return "No search found a candidate that trains, so there is nothing to compare.";
  std::string text;
  if (strategies == 1) {
    text = "Only one strategy was run, so there is no other to compare it with.";
  } else if (!verdict.can_tell) {
    text = fmt::format("With {} in common no difference, however large, can be told from chance. Run more seeds.",
                       verdict.seeds == 1 ? "1 seed" : fmt::format("{} seeds", verdict.seeds));
  } else {
    text = fmt::format(
        "\"Ahead of\" is said at a family-wise level of 5 %: if all {} strategies were equal, at most 5 of 100 such "
        "experiments would call any of them ahead (Wilcoxon's signed-rank test over {} common seeds, Holm-adjusted over "
        "all pairs, because the leader is picked from the same data). Not separated does not mean equal.",
        strategies, verdict.seeds);
  }
  if (verdict.standing == Standing::kNotAbove) return text;
  return text + fmt::format(" Better than the default configuration: {}{}.", p_clause(verdict.gain_p),
                            strategies == 1 ? "" : fmt::format(", adjusted for having picked the best of {}", strategies));
}

TextTable pairs_table(const BoardFacts& facts) {
  const Board& board = facts.board;
  TextTable table;
  table.caption = fmt::format(
      "Differences in {}, paired by seed; positive means that {} is better. P(better): part of the seeds in which it "
      "ends better, ties by half. p: Wilcoxon signed-rank test, Holm-adjusted over all pairs of strategies.",
      difference_unit(board), board.strategies.front().label);
  table.head = {"against",       "difference",    "95 % interval", "P(better)",
                "95 % interval", "Cliff's delta", "p (Holm)",      "verdict"};
  const auto part = [](double value) { return fmt::format("{:.2f}", value); };
  for (const Rivalry& rival : facts.comparison.rivals)
    table.rows.push_back({board.strategies[rival.other].label, significant_text(rival.difference.value),
                          interval_text(rival.difference, significant_text), part(rival.probability.value),
                          interval_text(rival.probability, part), part(rival.delta), p_text(rival.verdict.p),
                          pair_text(board, rival)});
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
