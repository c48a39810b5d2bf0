#include "experiments/report/board_facts.h"

#include <fmt/format.h>

#include <cmath>

namespace tonne {

BoardFacts board_facts(const Board& board, const BoardCurves& curves, const TrialDigest& digest,
                       std::optional<double> target, double worth) {
  BoardFacts facts{board,
                   curves,
                   digest,
                   compare_strategies(board),
                   target ? target : typical_target(board),
                   {},
                   carbon_figures(board, curves, worth),
                   {}};
  if (facts.target) facts.to_target = carbon_to(board, curves, *facts.target);
  for (std::size_t s = 0; s < board.strategies.size(); ++s)
    facts.middles.push_back(
        bootstrap_interquartile_mean(values_of(board, s), stream_of(board, s, "interquartile mean")));
  return facts;
}

std::string board_name(const Board& board) {
  return board.traits.label + (board.place.label.empty() ? "" : " (" + board.place.label + ")");
}

std::string value_heading(const Board& board) {
  return board.traits.objective + (board.traits.unit.empty() ? "" : ", " + board.traits.unit);
}

std::string value_with_unit(const Board& board, double value) {
  return board_value(board, value) + (board.traits.unit.empty() ? "" : " " + board.traits.unit);
}

std::string target_text(const Board& board, double target) {
  return (board.traits.unit == "%" ? fmt::format("{:g}", std::round(target * 1000.0) / 1000.0)
                                   : fmt::format("{:.6g}", target)) +
         (board.traits.unit.empty() ? "" : " " + board.traits.unit);
}

double gain(const Board& board, double from, double to) {
  return board.traits.direction == Direction::maximise ? to - from : from - to;
}

std::vector<std::string> labels(const Board& board, const std::vector<std::size_t>& strategies) {
  std::vector<std::string> names;
  for (const std::size_t s : strategies) names.push_back(board.strategies[s].label);
  return names;
}

std::vector<double> values_of(const Board& board, std::size_t strategy) {
  std::vector<double> values;
  for (const SeedOutcome& outcome : board.leaderboard.rows[strategy].outcomes) values.push_back(outcome.value);
  return values;
}

}  // namespace tonne
