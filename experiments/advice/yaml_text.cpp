#include "experiments/advice/yaml_text.h"

#include <algorithm>
#include <string_view>

#include "core/json.h"

namespace tonne {
namespace {

// Whether text that stood without quotes may stand so between the commas of a flow.
bool may_stand_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::string_view("-?:").find(text.front()) != std::string_view::npos && (text.size() == 1 || text[1] == ' ')) return false;
  return text.find_first_of(",[]{}#&*!|>'\"%@`\\") == std::string_view::npos && text.find(": ") == std::string_view::npos &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// YAML's double quotes hold what JSON's do.
std::string scalar_text(const std::string& text, bool quoted) {
  return quoted || !may_stand_plain(text) ? json_line(text) : text;
}

bool is_group(const YamlNode& node) { return node.is_map() || node.is_sequence(); }

}  // namespace

std::string flow_text(const YamlNode& node) {
  std::string text;
  if (node.is_null()) return "~";
  if (node.is_scalar()) return scalar_text(node.text, node.quoted);
  for (const YamlNode& item : node.items) text += (text.empty() ? "" : ", ") + flow_text(item);
  if (node.is_sequence()) return "[" + text + "]";
  for (const YamlNode::Entry& entry : node.entries)
    text += (text.empty() ? "" : ", ") + scalar_text(entry.key, false) + ": " + flow_text(entry.value);
  return "{" + text + "}";
}

std::string document_text(const YamlNode& map) {
  std::string text;
  for (const YamlNode::Entry& entry : map.entries) {
    const std::string key = scalar_text(entry.key, false) + ":";
    const YamlNode& value = entry.value;
    if (value.is_map() && !value.entries.empty()) {
      text += key + "\n";
      for (const YamlNode::Entry& inner : value.entries) text += "  " + scalar_text(inner.key, false) + ": " + flow_text(inner.value) + "\n";
    } else if (value.is_sequence() && std::ranges::any_of(value.items, is_group)) {
      text += key + "\n";
      for (const YamlNode& item : value.items) text += "  - " + flow_text(item) + "\n";
    } else {
      text += key + " " + flow_text(value) + "\n";
    }
  }
  return text;
}

YamlNode& value_of(YamlNode& map, const std::string& key) {
  if (!map.is_map()) {
    map = YamlNode{};
    map.kind = YamlNode::Kind::map;
  }
  const auto at = std::ranges::find(map.entries, key, &YamlNode::Entry::key);
  if (at != map.entries.end()) return at->value;
  map.entries.push_back({key, 0, 0, {}});
  return map.entries.back().value;
}

void remove_key(YamlNode& map, const std::string& key) {
  std::erase_if(map.entries, [&](const YamlNode::Entry& entry) { return entry.key == key; });
}

YamlNode plain_scalar(const std::string& text) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.text = text;
  return node;
}

}  // namespace tonne
