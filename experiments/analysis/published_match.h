#pragma once
// Published figures of a search beside the simulated ones.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/leaderboard.h"
#include "experiments/plan/published_figures.h"

namespace tonne {

/// Both in `unit`, the simulated one a mean over the strategy's searches.
struct PublishedMatch {
  std::string figure;  ///< "co2e", "steps"
  std::string unit;    ///< "kg"; empty: a plain number
  std::string source, strategy;
  double published = 0.0, simulated = 0.0;
};

/// Of the board's leading strategy, or of the one that a figure names. Figures that are not known there are
/// left out. `fidelity` is the problem's unit of training ("steps"), `trained` how much of it the searches of
/// a strategy trained on average.
[[nodiscard]] std::vector<PublishedMatch> match_published(
    const std::vector<PublishedFigure>& figures, const Leaderboard& board, const std::string& fidelity,
    const std::function<double(const std::string& strategy)>& trained);

/// "284 t", "979 million steps", "3260x".
[[nodiscard]] std::string published_amount(const PublishedMatch& match, double value);
/// "CO2e of a search with gp: published: 284 t (Strubell et al. 2019) / simulated: 291 t (2.5 % more)".
[[nodiscard]] std::string published_sentence(const PublishedMatch& match);

}  // namespace tonne
