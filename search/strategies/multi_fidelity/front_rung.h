#pragma once
// A rung of asynchronous successive halving for several objectives.

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "core/problem.h"
#include "search/strategies/multi_fidelity/loss_rung.h"

namespace tonne {

/// The points in the order of their epsilon-net (Salinas et al. 2021, "A Multi-objective Perspective on Jointly Tuning
/// Hardware and Hyperparameters"): the least in the first objective, then always the one that is farthest from those
/// before, in objectives that are scaled to the points' range. Ties by index. O(n^2).
[[nodiscard]] std::vector<std::size_t> epsilon_net_order(const std::vector<Objectives>& points);

/// Entries by front (non-dominated sorting), within a front by its epsilon-net: Schmucker et al. 2021. Compares the latest
/// `window` entries only, so that entering and taking stay O(window^2) at worst.
class FrontRung {
 public:
  explicit FrontRung(std::size_t window) : window_(window) {}
  /// A candidate of the pool ends the rung; `losses`: empty for a failure, which counts as an entry. It is released when it
  /// cannot go on any more: a failure or whoever is not among the best at once, others when they leave the window.
  void enter(CandidatePool::Number candidate, const Objectives& losses, const RungRule& rule, CandidatePool& pool);
  /// The best candidate that may go on and has not; it has then. None: there is none.
  std::optional<CandidatePool::Number> take(const RungRule& rule);

 private:
  struct Standing {
    CandidatePool::Number candidate = 0;
    Objectives losses;
    bool held = false;  // waits in the pool
  };

  void rank(const RungRule& rule);

  std::size_t window_;
  std::deque<Standing> latest_;                // the window
  std::vector<std::size_t> best_;              // indices of the window: who may go on, the best first
  std::deque<CandidatePool::Number> goes_on_;  // of a rule that does not pause: entered among the best, not taken yet
  bool stale_ = false;                         // best_ lacks an entry
};

}  // namespace tonne
