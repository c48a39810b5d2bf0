#pragma once
// Numbers as text.

#include <string>

namespace tonne {

/// The shortest text that reads back as the same number.
[[nodiscard]] std::string shortest_text(double value);

}  // namespace tonne
