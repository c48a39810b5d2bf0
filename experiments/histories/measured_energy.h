#pragma once
// What a meter saw of a real search, shared among its trials.

#include <cstddef>
#include <string>
#include <vector>

#include "experiments/histories/recorded_search.h"

namespace tonne::meters {
struct MeterLog;
}

namespace tonne::histories {

/// Where the trials' energy is from.
struct EnergySource {
  std::size_t measured = 0;  ///< trials whose energy was measured
  std::size_t filled = 0;    ///< trials that got the mean power of those; all or none
  bool whole_machine = true; ///< false: of its devices alone (a graphics card's own sensor, say), without their host
  std::string meter;         ///< "CodeCarbon's emissions.csv"; empty: nothing was measured
  std::vector<std::string> notes;  ///< how it was shared, whole sentences
};

/// Gives each trial its energy, from the log of a meter: of runs (CodeCarbon, Slurm, Zeus) or of a machine's devices, which all but CodeCarbon and Slurm see alone. A run that
/// began and ended with one trial is that trial's; another's energy goes to the trials that ran meanwhile, by how long they did;
/// where no run meets a trial's time, the runs' sum goes to all trials by run time. Energy of devices goes to the trials that ran
/// when it was drawn, in equal parts. `time_zone`: of times without one, as histories::ReadOptions has it.
/// Throws InputError: a log without dates, readings that do not cover the search.
[[nodiscard]] EnergySource share_energy(RecordedSearch& search, const meters::MeterLog& log, const std::string& time_zone);

/// What the history itself says of its trials' energy. Trials without get the mean power of the others.
[[nodiscard]] EnergySource recorded_energy(RecordedSearch& search);

}  // namespace tonne::histories
