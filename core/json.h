#pragma once
// JSON texts. For sources alone: no header but this one includes nlohmann's, which takes seconds to compile. Parsing and
// printing are compiled once, in json.cpp, since each source that does so by itself compiles the whole of both again.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/json_fwd.h"

namespace tonne {

/// The text as JSON; is_discarded() when it is none, or is nested deeper than `deepest` (which could overflow the stack of
/// whoever goes through it). `why`, where given, then says so: "is nested more than 64 deep".
[[nodiscard]] Json parse_json(std::string_view text, int deepest = 64, std::string* why = nullptr);

enum class JsonText : std::uint8_t { utf8, ascii };

/// On one line, without spaces, in ASCII. What is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_line(const Json& json);
/// On many lines, indented by two, with a line feed at the end. What is no UTF-8 becomes U+FFFD; what could steer a terminal
/// (printable() in core/error.h) is escaped.
[[nodiscard]] std::string json_document(const Json& json, JsonText text = JsonText::utf8);

}  // namespace tonne
