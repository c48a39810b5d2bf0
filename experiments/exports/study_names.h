#pragma once
// What every export for another tool needs of the results: searches by name, spaces, whether all trials went out.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/search_space.h"
#include "experiments/results/store.h"

namespace tonne {

/// Simulated seconds as a date that other tools read, "2000-01-01T00:21:17.625395": no clock is asked. At most the year 9999,
/// where Python's dates end.
[[nodiscard]] std::string simulated_moment(double seconds);

/// The searches of a store. Throws StoreError where two have one name: another tool would take them for one.
struct StudyNames {
  explicit StudyNames(const Store& store);
  /// "problem/scenario/strategy/seed", without a scenario that has no label.
  [[nodiscard]] std::string study(const CellRecord& cell) const;

  std::vector<StoredProblem> problems;
  std::vector<StoredScenario> scenarios;
  std::vector<StoredStrategy> strategies;
  std::vector<SearchSpace> spaces;  ///< of the problems
  std::map<std::size_t, CellRecord> cells;
  std::map<std::size_t, double> full;  ///< the highest fidelity of each problem's trials: find_full_fidelities()

 private:
  // As files write it.
  [[nodiscard]] std::optional<std::string> repeated_study() const;

  bool escapes_ = false;  // '/' in labels: only where names would be the same without
};

/// Reads all trials.
void find_full_fidelities(const Store& store, StudyNames& names);

/// Whether as many trials went out as the searches had.
class TrialCounts {
 public:
  void add(std::size_t cell) { ++written_[cell]; }
  /// Throws StoreError.
  void check(const Store& store, const StudyNames& names) const;

 private:
  std::map<std::size_t, std::uint64_t> written_;  // by cell
};

/// Every parameter name of any problem, in the order in which they first stand.
[[nodiscard]] std::vector<std::string> parameter_names(const std::vector<SearchSpace>& spaces);
/// Joules, operational and embodied kilograms of a trial.
[[nodiscard]] double trial_joules(const TrialRow& row);
[[nodiscard]] bool is_completed(const TrialRow& row);

}  // namespace tonne
