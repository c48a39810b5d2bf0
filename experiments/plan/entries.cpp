#include "experiments/plan/entries.h"

#include <fmt/format.h>

#include "core/json.h"

namespace tonne {

Entry read_entry(const YamlNode& node, const YamlSource& source, const std::string& path) {
  const Location where{source.file, node.line, node.column};
  if (node.is_scalar()) return {node.text, &node, {}};
  if (node.is_map() && node.entries.size() == 1) {
    const auto& entry = node.entries.front();
    if (!entry.value.is_map() && !entry.value.is_null())
      throw InputError({source.file, entry.value.line, entry.value.column}, path + "." + entry.key,
                       "found " + entry.value.shown() + ", expected settings (key: value)");
    return {entry.key, &node, entry.value};
  }
  throw InputError(
      where, path,
      "found " + node.shown() +
          ", expected a name or one name with its settings, as in 'tpe' or 'tpe: {startup: 20}'");
}

std::vector<YamlNode> entries_of(const YamlNode* node, const YamlNode& root, const YamlSource& source,
                                 const std::string& key) {
  if (!node) throw InputError({source.file, root.line, root.column}, key, "is missing: name at least one");
  if (node->is_scalar() || node->is_map()) return {*node};
  if (!node->is_sequence() || node->items.empty())
    throw InputError({source.file, node->line, node->column}, key,
                     "found " + node->shown() + ", expected a list with at least one name");
  return node->items;
}

std::string written_label(const std::string& label) {
  const std::string text = printable(label);
  const bool guarded =
      text.size() > 1 && text[0] == '\'' && std::string_view("=+-@").find(text[1]) != std::string_view::npos;
  return guarded ? text.substr(1) : text;
}

void check_label(const std::string& label, std::set<std::string>& labels, const YamlNode& node,
                 const YamlSource& source, const std::string& path) {
  const std::string written = written_label(label);
  if (labels.insert(written).second) return;
  throw InputError({source.file, node.line, node.column}, path,
                   fmt::format("a second entry is called '{}'{}: give one of them another name with label:",
                               label, written == label ? "" : ", as tables and files write it"));
}

std::string canonical_entry(std::string_view name, const std::function<void(SettingsVisitor&)>& visit,
                            std::uint64_t content) {
  Json json = Json::object();
  json["name"] = std::string(name);
  json["settings"] = parse_json(canonical_settings(visit));
  if (content != 0) json["content"] = fmt::format("{:016x}", content);
  return json_line(json);
}

InputError unknown_name(const Entry& entry, const std::vector<std::string>& known, const YamlSource& source,
                        const std::string& path, const std::string& kind) {
  const std::string hint = did_you_mean(entry.name, known);
  YamlNode shown;
  shown.kind = YamlNode::Kind::scalar;
  shown.text = entry.name;
  return InputError({source.file, entry.name_node->line, entry.name_node->column}, path,
                    fmt::format("unknown {} {}. {}Known: {} (details: tonne list {})", kind, shown.shown(),
                                hint.empty() ? "" : hint + " ", join_names(known),
                                kind == "strategy" ? "strategies" : "problems"));
}

const YamlNode& locate(const YamlNode& node, std::string_view path) {
  const std::size_t dot = path.find('.');
  const YamlNode* next = node.find(path.substr(0, dot));
  if (!next) return node;
  return dot == std::string_view::npos ? *next : locate(*next, path.substr(dot + 1));
}

}  // namespace tonne
