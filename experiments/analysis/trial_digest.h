#pragma once
// What a report shows of single trials: one search on its cluster, and which parameters matter. One pass over
// a store's trials, in bounded memory.

#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/board.h"
#include "experiments/analysis/timeline.h"

namespace tonne {

/// The share of the variation that one parameter explains alone.
struct ParameterShare {
  std::string name;
  double share = 0.0;
};

/// From a random forest over candidates that were trained in full (at most 2 kImportanceTrials, evenly from
/// all searches): V_j / V, the variance of the forest's mean prediction as parameter j takes the values it
/// had, the others being as they were, over the variance of its predictions (a functional ANOVA's main
/// effects, Hutter, Hoos and Leyton-Brown 2014, over the candidates that were tried instead of the whole
/// space).
struct Importance {
  std::vector<ParameterShare> parameters;  ///< the largest first
  std::size_t trials = 0;
  double fit = 0.0;  ///< R^2 of a forest grown on every other trial, on the rest
};

struct TrialDigest {
  std::optional<Timeline> timeline;      ///< none where no trials were recorded
  std::optional<Importance> importance;  ///< none where fewer than kLeastTrials were
};

inline constexpr std::size_t kImportanceTrials = 2000, kLeastTrials = 40;

/// One for each board. Throws StoreError.
[[nodiscard]] std::vector<TrialDigest> digest_trials(const Store& store, const std::vector<Board>& boards);

}  // namespace tonne
