#pragma once
// Strategies whose proposals hang on losses alone.

#include <span>
#include <string_view>

namespace tonne {

struct StoredStrategy;

/// Names of the catalogue: with one worker, and settings that leave costs out, these propose the same whatever trials cost and
/// however long they take. A test runs each on two clusters.
[[nodiscard]] std::span<const std::string_view> blind_to_cost();

/// Whether it is one of those with such settings.
[[nodiscard]] bool is_blind_to_cost(const StoredStrategy& strategy);

}  // namespace tonne
