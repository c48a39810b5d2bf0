#include "experiments/estimate_ranges.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "experiments/estimate_figures.h"

namespace tonne {
namespace {

struct End {
  double value = 0.0;
  std::string unit;
};

struct Range {
  End low;
  End high;
  [[nodiscard]] const std::string& unit() const { return high.unit.empty() ? low.unit : high.unit; }
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<End> parse_end(std::string_view text) {
  text = trimmed(text);
  End end;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), end.value);
  if (error != std::errc{}) return std::nullopt;
  end.unit = std::string(trimmed(text.substr(static_cast<std::size_t>(rest - text.data()))));
  return end;
}

// Nothing for what is no range: a path such as ../grid.csv has no number on its left.
std::optional<Range> parse_range(const YamlNode& node) {
  if (!node.is_scalar()) return std::nullopt;
  const std::size_t dots = node.text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const auto low = parse_end(std::string_view(node.text).substr(0, dots));
  const auto high = parse_end(std::string_view(node.text).substr(dots + 2));
  if (!low || !high) return std::nullopt;
  return Range{*low, *high};
}

// Calls with (path, node, range) for every range below.
template <class Node, class Call>
void for_each_range(Node& node, const std::string& path, const Call& call) {
  if (const auto range = parse_range(node)) call(path, node, *range);
  for (auto& entry : node.entries)
    for_each_range(entry.value, path.empty() ? entry.key : path + "." + entry.key, call);
}

std::string value_text(double value, const std::string& unit) {
  return fmt::format("{}{}{}", value, unit.empty() ? "" : " ", unit);
}

}  // namespace

std::vector<UncertainInput> find_ranges(const YamlNode& tree, const YamlSource& source) {
  std::vector<UncertainInput> inputs;
  for_each_range(tree, "", [&](const std::string& path, const YamlNode& node, const Range& range) {
    const Location where{source.file, node.line, node.column};
    if (!range.low.unit.empty() && !range.high.unit.empty() && range.low.unit != range.high.unit)
      throw InputError(where, path,
                       fmt::format("'{}' has two units, expected one as in '200..350 W'", node.text));
    if (!(range.low.value < range.high.value))
      throw InputError(where, path,
                       fmt::format("'{}' does not go from a lower to a higher value", node.text));
    inputs.push_back(
        {path, node.text,
         [range](double p) { return range.low.value + p * (range.high.value - range.low.value); },
         [unit = range.unit()](double value) {
           return figure_text(value) + (unit.empty() ? "" : " " + unit);
         }});
  });
  return inputs;
}

YamlNode with_values(YamlNode tree, std::span<const double> values) {
  std::size_t next = 0;
  for_each_range(tree, "", [&](const std::string&, YamlNode& node, const Range& range) {
    node.text = value_text(values[next++], range.unit());
  });
  return tree;
}

}  // namespace tonne
