#include "core/json.h"

#include <algorithm>
#include <cstdio>

#include "core/error.h"

namespace tonne {
namespace {

// Characters of two and three bytes as JSON escapes; none that printable() turns down is longer.
std::string escaped(std::string_view character) {
  const auto bits = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(character[i])) & 0x3fU; };
  const unsigned code = character.size() == 1   ? static_cast<unsigned char>(character[0])
                        : character.size() == 2 ? (bits(0) & 0x1fU) << 6U | bits(1)
                                                : (bits(0) & 0xfU) << 12U | bits(1) << 6U | bits(2);
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", code);
  return text;
}

// JSON lets them stand as they are, but a terminal obeys them: DEL, C1, what turns the direction of a text.
std::string without_controls(std::string json) {
  const auto is_plain = [](char c) { return static_cast<unsigned char>(c) < 0x7f; };
  if (std::ranges::all_of(json, is_plain)) return json;
  std::string safe;
  for (std::size_t i = 0; i < json.size();) {
    const auto first = static_cast<unsigned char>(json[i]);
    const std::size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const std::string_view character = std::string_view(json).substr(i, length);
    const bool stands = is_plain(json[i]) || printable(character) == character;
    safe += stands ? std::string(character) : escaped(character);
    i += length;
  }
  return safe;
}

}  // namespace

Json parse_json(std::string_view text, int deepest, std::string* why) {
  bool is_deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    is_deep = is_deep || depth > deepest;
    return !is_deep;
  };
  std::string reason;
  try {
    Json json = Json::parse(text, shallow);
    if (!is_deep) return json;
  } catch (const Json::exception& error) {
    reason = std::string("is not JSON: ") + error.what();
  }
  if (is_deep) reason = "is nested more than " + std::to_string(deepest) + " deep";  // whatever else is wrong with it
  if (why != nullptr) *why = reason;
  return Json(Json::value_t::discarded);
}

std::string json_line(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

std::string json_document(const Json& json, JsonText text) {
  return without_controls(json.dump(2, ' ', text == JsonText::ascii, Json::error_handler_t::replace)) + "\n";
}

}  // namespace tonne
