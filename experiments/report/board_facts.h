#pragma once
// What a page knows of one board before it is put into words, and the few texts that all of its parts share.

#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/anytime.h"
#include "experiments/analysis/board.h"
#include "experiments/analysis/comparison.h"
#include "experiments/analysis/trial_digest.h"

namespace tonne {

/// A board with everything that is computed of it. Refers to board, curves and digest, which must outlive it.
struct BoardFacts {
  const Board& board;
  const BoardCurves& curves;
  const TrialDigest& digest;
  Comparison comparison;
  std::optional<double>
      target;  ///< the value whose cost is asked, in the objective's unit; none: nothing fits
  std::vector<ExpectedCost> to_target;  ///< beside the strategies; empty without a target
  CarbonFigureTable figures;
  std::vector<IntervalEstimate> middles;  ///< interquartile means of the values, beside the strategies
};

/// `target` absent: chosen from the data. `worth` is the least gain per kg CO2e that is worth it, 0: chosen
/// from the data.
[[nodiscard]] BoardFacts board_facts(const Board& board, const BoardCurves& curves, const TrialDigest& digest,
                                     std::optional<double> target, double worth);

/// "cell_nas/cifar10", with the scenario's label in brackets where it has one.
[[nodiscard]] std::string board_name(const Board& board);
/// "accuracy, %": the heading of the board's values.
[[nodiscard]] std::string value_heading(const Board& board);
/// "94.19 %".
[[nodiscard]] std::string value_with_unit(const Board& board, double value);
/// "94 %": a round value, without the digits that it does not have.
[[nodiscard]] std::string target_text(const Board& board, double target);
/// By how much `to` is better than `from`; negative: worse.
[[nodiscard]] double gain(const Board& board, double from, double to);
/// The labels of the board's strategies with these numbers.
[[nodiscard]] std::vector<std::string> labels(const Board& board, const std::vector<std::size_t>& strategies);
/// True values that the strategy's searches end with, the default configuration's where one found nothing.
[[nodiscard]] std::vector<double> values_of(const Board& board, std::size_t strategy);

/// "low .. high", each end by `text`; "-" where there is no interval.
[[nodiscard]] std::string interval_text(const IntervalEstimate& estimate, const auto& text) {
  return estimate.low ? text(*estimate.low) + " .. " + text(*estimate.high) : "-";
}

}  // namespace tonne
