#include "experiments/histories/python_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

namespace tonne::histories {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"NaN", "-Infinity", "Infinity"};
constexpr std::size_t kMostKeys = 100'000;  // an object with many takes the square of their number

// The text with the names in quotes, and where, in the text given, each one began.
struct Quoted {
  std::string text;
  std::vector<std::size_t> places;
  std::size_t keys = 0;
};

Quoted quoted_names(std::string_view text) {
  Quoted result;
  result.text.reserve(text.size());
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      result.text += c;
      if (c == '\\' && i + 1 < text.size())
        result.text += text[++i];
      else
        in_text = c != '"';
      continue;
    }
    const bool may_begin = c == 'N' || c == 'I' || c == '-';
    const auto name =
        may_begin
            ? std::ranges::find_if(kNames, [&](std::string_view n) { return text.substr(i).starts_with(n); })
            : kNames.end();
    if (name != kNames.end()) {
      result.places.push_back(i);
      result.text.append("\"").append(*name).append("\"");
      i += name->size() - 1;
      continue;
    }
    in_text = c == '"';
    result.keys += c == ':' ? 1 : 0;
    result.text += c;
  }
  return result;
}

// The parser's own message says "at line 1, column 5: ...".
int column_in(const std::string& message, const std::vector<std::size_t>& places) {
  constexpr std::string_view kMark = "column ";
  const std::size_t at = message.find(kMark);
  if (at == std::string::npos) return 0;
  std::size_t column = 0;
  std::from_chars(message.data() + at + kMark.size(), message.data() + message.size(), column);
  for (const std::size_t place : places)
    if (column > place + 3) column -= 2;
  return static_cast<int>(std::min<std::size_t>(column, std::numeric_limits<int>::max()));
}

}  // namespace

Json parse_python_json(std::string_view text, JsonFault* fault) {
  const Quoted quoted = quoted_names(text);
  std::string why;
  if (quoted.keys > kMostKeys) {
    why = "has more than 100000 keys";
  } else {
    Json json = parse_json(quoted.text, 32, &why);
    if (!json.is_discarded()) return json;
  }
  if (fault != nullptr) {
    fault->column = why.starts_with("is not JSON") ? column_in(why, quoted.places) : 0;
    fault->what = why.starts_with("is not JSON") ? "is not JSON" : why;
  }
  return Json(Json::value_t::discarded);
}

std::optional<double> number_in(const Json& json) {
  if (json.is_number()) return json.get<double>();
  if (!json.is_string()) return std::nullopt;
  const auto& name = json.get_ref<const std::string&>();
  if (name == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (name == "Infinity") return std::numeric_limits<double>::infinity();
  if (name == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

std::string python_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_null()) return "None";
  if (json.is_boolean()) return json.get<bool>() ? "True" : "False";
  return json_line(json);
}

}  // namespace tonne::histories
