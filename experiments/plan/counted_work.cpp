#include "experiments/plan/counted_work.h"

#include "core/random.h"
#include "experiments/plan/deployment.h"

namespace tonne {

std::vector<Workload> default_works(const Problem& problem, bool uses) {
  const Configuration standard = problem.default_configuration();
  std::vector<Workload> works{
      problem.evaluate({standard, 0.0, problem.traits().fidelity.highest, 0}, Random(0)).workload};
  if (uses)
    if (const auto use = work_of_use(problem, standard)) works.push_back(*use);
  return works;
}

}  // namespace tonne
