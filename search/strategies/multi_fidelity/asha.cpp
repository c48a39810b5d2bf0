// ASHA, asynchronous successive halving: Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht and
// Talwalkar 2020, "A System for Massively Parallel Hyperparameter Tuning", MLSys. The symbols are those of
// algorithm 2.
//
// Rung k of bracket s holds what was trained for r eta^(s + k). `type: promotion` is algorithm 2: a free
// worker scans the rungs from the top down for a paused trial among the best 1 / eta of its rung, and
// promotes it; where there is none, it grows the bottom rung. `type: stopping` never pauses: who ends a rung
// goes on at once if it stands among the best 1 / eta of those there so far, itself included (rank / len <= 1
// / eta), and is stopped for good otherwise. With fewer than eta entries in a rung nobody goes on, in both
// (Ray Tune and Syne Tune let the first go on).
//
// Where the paper is silent, or this differs:
// - The top rung is the full training R, and the others are R / eta^k, rounded down to what the problem has. (The
//   paper's grow from r and end below R where R / r is no power of eta.)
// - Of the trials that could be promoted from a rung the best goes first.
// - With several brackets (asynchronous Hyperband), a new candidate draws its bracket: in proportion to the sizes of
//   Hyperband's brackets, as Syne Tune did before version 1, or to e^(number of rungs), as Ray Tune and Syne Tune 1 do
//   (`bracket_draw`); the paper loops through them.
// - Candidates come from the strategy within; the paper draws them at random.
// - Failed trials count in their rung as its worst.

#include <cmath>
#include <limits>

#include "search/strategies/multi_fidelity/asynchronous_halving.h"

namespace tonne {
namespace {

class AshaRung {
 public:
  using Settings = AsynchronousSettings;

  explicit AshaRung(const Settings& settings) : rule_(settings.rule()) {}
  void enter(CandidatePool::Number candidate, const Trial& trial, CandidatePool& pool) {
    constexpr double kFailed = std::numeric_limits<double>::infinity();
    const bool has_loss = trial.completed() && !std::isnan(trial.loss());
    rung_.enter(candidate, has_loss ? trial.loss() : kFailed, rule_, pool);
  }
  std::optional<CandidatePool::Number> take() { return rung_.take(rule_); }

 private:
  RungRule rule_;
  LossRung rung_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_asha_recipe() {
  return std::make_unique<SchedulerRecipe<AsynchronousSettings, AsynchronousHalving<AshaRung>>>();
}

}  // namespace tonne
