#include "core/json.h"

namespace tonne {

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
  return json.dump(2, ' ', text == JsonText::ascii, Json::error_handler_t::replace) + "\n";
}

}  // namespace tonne
