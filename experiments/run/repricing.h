#pragma once
// How sure a search's costs are: the search runs once, with every uncertain figure at its median, and what it
// did is charged again at other values of them.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/cost_model.h"
#include "core/simulator.h"
#include "core/uncertainty.h"
#include "experiments/plan/estimate_spread.h"
#include "experiments/plan/experiment.h"
#include "experiments/results/store.h"

namespace tonne {

/// The values of the uncertain settings in each variant: `spread.draws` draws, then for each setting in turn
/// all at their medians but that one, at kTornadoLow and at kTornadoHigh.
[[nodiscard]] std::vector<std::vector<double>> variant_values(std::span<const UncertainSetting> uncertain,
                                                              const SpreadSettings& spread);
/// "cluster.tdp = 250 W, cluster.facility.pue = 1.3".
[[nodiscard]] std::string values_text(std::span<const UncertainSetting> uncertain,
                                      std::span<const double> values);
/// "250 W": a value of the setting, in the unit in which the user wrote it.
[[nodiscard]] std::string value_text(const UncertainSetting& setting, double value);

/// Charges one search again in every variant of its scenario.
///
/// A trial is charged for the same workload at the same start. What preemptions destroyed of it and what
/// workers waited is scaled as the time of the work is: as exact as a search that ran once can be. The
/// strategy's proposals, the failures and the budget are those of the medians.
class Repricer {
 public:
  explicit Repricer(const ScenarioPlan& scenario);

  void trial(const Trial& trial);
  void idle(Duration length, Duration start);
  void computing(Work work, Duration start);
  /// The search in each variant, in the scenario's order. Throws InputError, as do the others, when a trace
  /// ends earlier than a variant's work.
  [[nodiscard]] std::vector<VariantRow> finish(const SearchResult& result) const;

 private:
  struct Sum {
    Usage busy;  // trials, what was lost of them, the strategy's computing
    Usage idle;  // as long as with the medians
    Duration time{};
  };

  const ScenarioPlan& scenario_;
  std::vector<Sum> sums_;
  Duration time_{};  // of all trials with the medians
};

}  // namespace tonne
