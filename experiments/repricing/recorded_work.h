#pragma once
// The workloads of recorded trials, from the problem that the results describe.

#include <cstdint>
#include <memory>
#include <optional>

#include "core/problem.h"

namespace tonne {

struct StoredProblem;
struct TrialRow;

/// The problem as it was, made again from what the store holds; null where files are missing or others.
[[nodiscard]] std::shared_ptr<const Problem> problem_again(const StoredProblem& stored);

/// What a trial of a search with this seed trained. None: nothing, or it only looked at its candidate (screening).
[[nodiscard]] std::optional<Workload> workload_again(const Problem& problem, std::uint64_t seed, const TrialRow& trial);

}  // namespace tonne
