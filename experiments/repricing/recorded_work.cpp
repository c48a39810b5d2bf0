#include "experiments/repricing/recorded_work.h"

#include <string_view>

#include "core/fidelity_names.h"
#include "core/random.h"
#include "experiments/results/records.h"

namespace tonne {

// The names of the streams are those of core/simulator.cpp: the same noise decides where a training diverges.
std::optional<Workload> workload_again(const Problem& problem, std::uint64_t seed, const TrialRow& trial) {
  if (trial.status == TrialStatus::cached || trial.status == TrialStatus::screened) return std::nullopt;
  if (!(trial.fidelity > trial.trained_from) || !problem.space().contains(trial.configuration)) return std::nullopt;
  FidelityNames names;
  names.take(trial.fidelity);
  const Random of_configuration =
      Random(seed).child("evaluate").child(problem.traits().name).child(trial.configuration.digest());
  const Random stream = of_configuration.child(names.stream()).child(std::uint64_t{trial.repeat});
  return problem
      .evaluate({trial.configuration, trial.trained_from, trial.fidelity, trial.repeat,
                 of_configuration.child(std::string_view("run")).name()},
                stream)
      .workload;
}

}  // namespace tonne
