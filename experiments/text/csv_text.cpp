#include "experiments/text/csv_text.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"

namespace tonne {
namespace {

bool is_plain_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

// A leading quote keeps a spreadsheet from running it.
std::string without_formula(const std::string& text) {
  const bool runs = !text.empty() && std::string_view("=+-@").find(text[0]) != std::string_view::npos;
  return runs ? "'" + text : text;
}

}  // namespace

std::string csv_text(const std::string& text) {
  const std::string safe = without_formula(is_plain_text(text) ? text : printable(text, true));
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace tonne
