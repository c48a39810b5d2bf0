#pragma once
// Finished results, as strategies of another experiment learn from them (`warm_start`).

#include <filesystem>
#include <functional>
#include <string>

#include "experiments/plan/warm_start.h"

namespace tonne {

/// More trials than these are refused: choose problems or strategies.
inline constexpr std::size_t kMostEarlierTrials = 1'000'000;

/// An EarlierReader of this program's results folders.
[[nodiscard]] EarlierResults read_earlier_results(
    const std::filesystem::path& folder,
    const std::function<bool(const std::string&, const std::string&)>& wanted);

}  // namespace tonne
