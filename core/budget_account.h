#pragma once
// What a search has committed against its budget: trials in full when they start, and charges beside them.

#include <cstdint>

#include "core/cost_model.h"
#include "core/simulator.h"

namespace tonne {

class BudgetAccount {
 public:
  /// Cost and options outlive the account.
  BudgetAccount(const CostModel& cost, const SimulationOptions& options) : cost_(cost), options_(options) {}

  /// Commits a trial that starts; `charged` and `lost` are the totals of its charge and of what it lost.
  void commit(const Trial& trial, const Usage& charged, const Usage& lost);
  /// Commits what is charged beside the trials.
  void commit(const Usage& beside) { committed_ += beside; }
  /// A worker that was busy or charged until `free_since` is busy until `end` now.
  void occupy(Duration free_since, Duration end);

  /// Whether nothing more may start at `now`.
  [[nodiscard]] bool used_up(Duration now) const;
  /// Whether the search would cross its budget with this trial, the waiting of all workers until the last
  /// trial ends included.
  [[nodiscard]] bool would_cross(const Trial& trial, const Usage& charged, const Usage& lost) const;
  /// Trials in a row, the latest included, that used nothing of the budget.
  [[nodiscard]] std::uint64_t free_in_a_row() const { return free_in_a_row_; }
  /// Whether anything of the budget has been used.
  [[nodiscard]] bool used() const;

 private:
  struct Waiting {
    Energy energy{};
    Carbon carbon{};
    Money money{};
    Waiting& operator+=(const Waiting& o) {
      return energy += o.energy, carbon += o.carbon, money += o.money, *this;
    }
    Waiting& operator-=(const Waiting& o) {
      return energy -= o.energy, carbon -= o.carbon, money -= o.money, *this;
    }
    friend Waiting operator-(Waiting a, const Waiting& b) { return a -= b; }
  };

  [[nodiscard]] bool counts_waiting() const;
  [[nodiscard]] Waiting waited_until(Duration time) const;

  const CostModel& cost_;
  const SimulationOptions& options_;
  Usage committed_;
  // Each worker is busy or charged up to some time, and from there to the end it waits: the sum of
  // waited_until() over these times.
  Waiting waiting_base_;
  Duration end_{};  // of the last trial
  double fidelity_ = 0.0;
  std::uint64_t evaluations_ = 0;
  std::uint64_t free_in_a_row_ = 0;
};

}  // namespace tonne
