#pragma once
// What recorded searches would have cost on other machines, elsewhere or at another time, without running them again.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/trial.h"
#include "core/units.h"
#include "experiments/repricing/elsewhere.h"

namespace tonne {

class Store;

/// The mean search of one strategy on one problem in one scenario, elsewhere.
struct RepricedSearch {
  std::size_t place = 0;  ///< number in the list of Elsewhere
  std::string problem, scenario, strategy;
  std::size_t searches = 0;
  Usage before, after;  ///< means over the searches, all accounts but retraining
  Duration time_before{}, time_after{};  ///< mean makespans
  bool same_order = false;  ///< the search would have done the same trials in the same order
};
struct Repricing {
  std::vector<RepricedSearch> rows;   ///< least carbon first
  std::vector<std::string> doubts;    ///< why the order of events could have been another; empty: it could not
  std::vector<std::string> methods;   ///< what was computed again, and what was kept or scaled
  bool real = false;                  ///< searches were imported (results/imported.h): `run` cannot repeat them
  bool priced = true;                 ///< whether money is known in every scenario and place
};

/// The trials keep their order and their workers, and each starts when the one before it on its worker has ended and the
/// strategy has computed: their workloads are computed from the problem and charged by the changed cluster. Each account of the
/// ledger changes as its trials do, so that unchanged settings give the recorded total to the last digit. Where a workload
/// cannot be had (tables that are not at hand, imported searches), its recorded time and device energy are charged by the changed
/// facility and grid. Files that results name are looked for in the current directory.
/// Throws InputError where a change is no setting, machines change without known workloads, trials ran at several sites,
/// or the results hold no trials.
[[nodiscard]] Repricing reprice(const Store& store, std::span<const Elsewhere> places);

}  // namespace tonne
