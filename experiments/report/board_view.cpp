#include "experiments/report/board_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json.h"
#include "experiments/analysis/verdict_text.h"
#include "experiments/exports/verdict_json.h"
#include "experiments/report/board_tables.h"
#include "experiments/report/certainty.h"
#include "experiments/report/equivalents_view.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string timeline_caption(const Timeline& timeline) {
  return fmt::format(
      "{}, seed {}: the search with the median result. {} trials{}. Upper panel: the carbon intensity "
      "charged to each trial, at its midpoint.",
      timeline.strategy, timeline.seed, timeline.trials,
      timeline.bars.size() < timeline.trials ? ", neighbouring ones merged" : "");
}

std::string importance_caption(const Importance& importance) {
  return fmt::format(
      "Share of the variance in a random forest's predictions that each parameter explains on its own, over "
      "the {} fully trained candidates of all searches. The remainder up to 100 % is interactions. A forest "
      "fitted to half of the candidates explains {:.0f} % of the variance in the other half{}.",
      importance.trials, 100.0 * std::max(0.0, importance.fit),
      importance.fit < 0.5 ? ", too little to rely on" : "");
}

ChartCaptions chart_captions(const BoardFacts& facts, const std::optional<RankTable>& ranks) {
  ChartCaptions captions;
  if (ranks)
    captions.ranks = fmt::format(
        "Mean rank over {} common seeds, from where every strategy has a first result to where the first "
        "search ends. Where lines cross, the best strategy depends on the budget.",
        ranks->seeds);
  captions.waterfall =
      "Mean per search. The steps before the hosts split the devices' electricity by purpose.";
  if (facts.digest.timeline) captions.timeline = timeline_caption(*facts.digest.timeline);
  if (facts.digest.importance) captions.importance = importance_caption(*facts.digest.importance);
  if (const std::size_t parameters = facts.board.space.size();
      facts.board.leaderboard.verdict.standing != Standing::kNothingFound && parameters > 0)
    captions.parallel = fmt::format("Each line is the final configuration of one search{}.",
                                    parameters > 12 ? ", for the twelve most important parameters" : "");
  return captions;
}

// Names, units and the figures of the best strategy.
void set_names(BoardView& view, const Board& board) {
  const LeaderboardRow& best = board.leaderboard.rows.front();
  const bool maximised = board.traits.direction == Direction::maximise;
  view.name = board_name(board);
  view.summary = board.place.summary;
  view.value_name = value_heading(board);
  view.better = maximised ? "higher" : "lower";
  view.profile_side = "top right";  // of either direction: the axis runs towards better values
  view.unit_words = difference_unit(board);
  view.best = best.strategy;
  view.label = verdict_label(board.leaderboard);
  view.best_value = value_with_unit(board, best.value.mean);
  view.best_kilograms = significant_text(best.search.carbon() / kilogram);
  view.default_value = value_with_unit(board, board.traits.default_true_value);
  view.has_values = board.leaderboard.verdict.standing != Standing::kNothingFound;
}

void set_tables(BoardView& view, const BoardFacts& facts) {
  view.leaderboard = leaderboard_table(facts);
  view.best_group = labels(facts.board, facts.board.leaderboard.verdict.candidates);
  view.ratio_warning =
      "gain/t is a plain ratio and favours doing almost nothing: a search that spends very little for a tiny "
      "gain looks excellent. Compare the value at equal CO2e, or the CO2e needed to reach a value.";
  if (!facts.comparison.rivals.empty()) view.pairs = pairs_table(facts);
  if (facts.target) {
    view.target = target_table(facts);
    view.target_value = target_text(facts.board, *facts.target);
  }
  view.metrics = metrics_table(facts);
}

}  // namespace

BoardView board_view(const BoardFacts& facts, std::size_t index, const std::optional<RankTable>& ranks) {
  BoardView view;
  view.id = fmt::format("board-{}", index + 1);
  set_names(view, facts.board);
  view.notes = facts.board.traits.notes;
  view.conclusion = verdict_text(facts.board.leaderboard);
  view.certainty = certainty_text(facts);
  view.verdict = json_line(verdict_json(facts.board.leaderboard));
  set_tables(view, facts);
  view.ranking = ranking_drawing(facts);
  view.captions = chart_captions(facts, ranks);
  view.equivalents = equivalent_views(facts.board.leaderboard.rows.front().search.carbon());
  return view;
}

}  // namespace tonne
