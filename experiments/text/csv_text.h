#pragma once
// Text as a cell of a CSV file.

#include <string>

namespace tonne {

/// Quoted where RFC 4180 asks for it; a leading = + - @ would run as a formula in a spreadsheet, so it gets a quote.
/// What could steer a terminal is '?', as printable() has it.
[[nodiscard]] std::string csv_text(const std::string& text);

}  // namespace tonne
