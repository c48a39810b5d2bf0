#pragma once
// Trials as Optuna has them; docs/how-to.md says what becomes what.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "experiments/exports/study_names.h"

namespace tonne {

enum class OptunaState : std::uint8_t { complete = 1, pruned = 2, fail = 3 };

struct OptunaTrial {
  OptunaState state = OptunaState::fail;
  std::vector<double> values;  ///< empty: it failed
  std::int64_t step = 0;       ///< at which its first value is an intermediate value
  std::vector<std::size_t> active;  ///< parameters of the space that it has
  Json attributes;                  ///< the user's, an object
};

class OptunaTrials {
 public:
  /// Precondition: `names` lives longer, and its full fidelities are found.
  explicit OptunaTrials(const StudyNames& names);
  /// Throws StoreError where the trial's configuration is not one of the space.
  [[nodiscard]] OptunaTrial operator()(const TrialRow& row, const CellRecord& cell) const;
  /// The distribution of a problem's parameter, as JSON.
  [[nodiscard]] const std::string& distribution(std::size_t problem, std::size_t parameter) const { return distributions_[problem][parameter]; }

 private:
  const StudyNames& names_;
  std::vector<std::vector<std::string>> distributions_;  // [problem][parameter]
};

}  // namespace tonne
