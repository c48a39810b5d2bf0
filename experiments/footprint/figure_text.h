#pragma once
// Numbers of an estimate for people.

#include <string>

namespace tonne {

/// To so many significant digits: "1,287,000", "0.0345", "3.15e23".
[[nodiscard]] std::string figure_text(double value, int digits = 4);

}  // namespace tonne
