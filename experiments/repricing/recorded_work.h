#pragma once
// The workloads of recorded trials.

#include <cstdint>
#include <optional>

#include "core/problem.h"

namespace tonne {

struct TrialRow;

/// What a trial of a search with this seed trained. None: nothing, or it only looked at its candidate (screening).
[[nodiscard]] std::optional<Workload> workload_again(const Problem& problem, std::uint64_t seed, const TrialRow& trial);

}  // namespace tonne
