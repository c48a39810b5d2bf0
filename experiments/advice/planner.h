#pragma once
// `tonne plan`: before a search is paid for, which strategy, how many workers, which grid and hour, and what
// to expect; or not to search at all.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "experiments/advice/search_plan.h"
#include "experiments/run/runner.h"

namespace tonne {

/// What a display reads while a plan is made; safe to read from another thread.
class PlanProgress {
 public:
  struct Now {
    std::size_t step = 0, steps = 0;  ///< options and stages of the last one, as far as they are known
    std::string what;                 ///< "tpe, 4 workers"
    std::size_t cells_done = 0, cells_total = 0;  ///< searches of this step
    std::uint64_t evaluations = 0;                ///< of all steps
  };
  [[nodiscard]] Now now();
  void expect_steps(std::size_t steps);
  /// The next step begins, whose searches count in what is returned.
  Progress& begin(const std::string& what);

 private:
  std::mutex mutex_;
  Now now_;
  Progress cells_;
};

/// Simulates. Throws InputError for a bad setting and when there are more than 500 choices.
[[nodiscard]] SearchPlan plan_search(const PlanRequest& request, PlanProgress& progress);

}  // namespace tonne
