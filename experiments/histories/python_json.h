#pragma once
// JSON as Python's json module writes it, with NaN and Infinity. For sources alone, as core/json.h.

#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"

namespace tonne::histories {

/// What is wrong with a text that is no JSON, and the column of it, from 1; 0: unknown.
struct JsonFault {
  std::string what;
  int column = 0;
};

/// As parse_json(), but NaN, Infinity and -Infinity stand as texts of these names. Refuses also a text with
/// more than 100,000 keys.
[[nodiscard]] Json parse_python_json(std::string_view text, JsonFault* fault = nullptr);
/// A number, or one of those names; nullopt: anything else.
[[nodiscard]] std::optional<double> number_in(const Json& json);
/// A value as Python prints it where it is no text: "None", "True", "1", "0.5"; a text as it is; a list or
/// object as JSON.
[[nodiscard]] std::string python_text(const Json& json);

}  // namespace tonne::histories
