#pragma once
// Lists of whole numbers as people and Slurm write them.

#include <cstddef>
#include <string>
#include <vector>

namespace tonne {

/// "3,7-9": of numbers in ascending order. Empty: "".
[[nodiscard]] std::string number_ranges(const std::vector<std::size_t>& numbers);

}  // namespace tonne
