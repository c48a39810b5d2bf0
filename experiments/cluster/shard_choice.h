#pragma once
// Which shard a task of a cluster runs: from --shard, and from what launchers put into a task's environment.

#include <map>
#include <string>

#include "experiments/results/records.h"

namespace tonne {

/// Variables of a process by name.
using Environment = std::map<std::string, std::string>;

/// The shard that `text` asks for. Empty: all cells. "2/8": the second of eight. "auto/8": one of eight, by
/// the number that the launcher gave this task. "auto": both from the launcher, where it says surely how many
/// tasks there are.
///
/// Tasks of arrays (Slurm, Grid Engine, PBS, LSF) and of GNU parallel run the shard of their own number; a
/// task 0 runs the last shard, so that arrays 1-N and 0-(N-1) both have each shard once, as have tasks that
/// are submitted again alone. Indexes of Kubernetes and ranks (MPI, srun) count from 0: index 0 runs shard 1.
/// How many tasks an array has is never read: the variables for it tell of what was submitted last. Launchers
/// that contradict one another are refused.
///
/// Throws InputError.
[[nodiscard]] Shard choose_shard(const std::string& text, const Environment& environment);

/// The variables of this process that choose_shard reads.
[[nodiscard]] Environment launcher_environment();

}  // namespace tonne
