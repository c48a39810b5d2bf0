#pragma once
// The problem of recorded searches, from what the results say of it.

#include <memory>

#include "core/problem.h"

namespace tonne {

struct StoredProblem;

/// The problem as it was, made again from what the store holds, its files looked for in the current directory; null where
/// these are missing or others, or this version has no such problem.
[[nodiscard]] std::shared_ptr<const Problem> problem_again(const StoredProblem& stored);

}  // namespace tonne
