#include "experiments/plan/setting_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tonne {
namespace {

constexpr std::size_t kMostSteps = 32;
constexpr std::uint64_t kMostListedSeeds = 100'000;

// One part of a path: a key, or an index.
struct PathStep {
  std::string key;
  std::optional<std::size_t> index = {};
};

// Where in the experiment a node stands, since entries may leave out a name.
enum class Level : std::uint8_t { root, entries, entry, settings };

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

[[noreturn]] void refuse_change(const SettingChange& change, const std::string& message) {
  throw InputError(change.option + ": " + message);
}

[[noreturn]] void refuse_path(const SettingChange& change) {
  refuse_change(change, "expected --set PATH=VALUE, with keys and list indices in the path, as in --set budget.co2e=5kg or --set "
                 "'strategies[0].population=50'");
}

// "strategies[0].population" as its three steps.
std::vector<PathStep> steps_of(const SettingChange& change) {
  std::vector<PathStep> steps;
  std::string_view rest = change.path;
  while (true) {
    const std::size_t end = rest.find_first_of(".[");
    if (end == 0 || rest.empty()) refuse_path(change);
    steps.push_back({std::string(rest.substr(0, end))});
    rest.remove_prefix(std::min(end, rest.size()));
    while (rest.starts_with('[')) {
      const std::size_t close = rest.find(']');
      const auto index = close == std::string_view::npos ? std::nullopt : whole_number(rest.substr(1, close - 1));
      if (!index) refuse_path(change);
      steps.push_back({"", static_cast<std::size_t>(*index)});
      rest.remove_prefix(close + 1);
    }
    if (steps.size() > kMostSteps) refuse_path(change);
    if (rest.empty()) return steps;
    if (!rest.starts_with('.')) refuse_path(change);
    rest.remove_prefix(1);
  }
}

// One change on its way down the tree.
class Setter {
 public:
  Setter(const SettingChange& change, YamlNode value) : change_(change), value_(std::move(value)) {}

  void set(YamlNode& node, std::span<const PathStep> steps, Level level, const std::string& at) const {
    if (steps.empty()) {
      node = value_;
      return;
    }
    if (steps.front().index)
      set_item(node, steps, level, at);
    else
      set_key(node, steps, level, at);
  }

 private:
  void set_item(YamlNode& node, std::span<const PathStep> steps, Level level, const std::string& at) const {
    const std::size_t index = *steps.front().index;
    const Level below = level == Level::entries ? Level::entry : Level::settings;
    const std::string here = fmt::format("{}[{}]", at, index);
    if (level == Level::entries && !node.is_sequence() && !node.is_null() && index == 0)  // a single entry needs no list
      return set(node, steps.subspan(1), below, here);
    if (!node.is_sequence()) refuse_change(change_, fmt::format("{} is {}, not a list", at, node.shown()));
    if (index >= node.items.size())
      refuse_change(change_, fmt::format("{} has {} entries, [0] to [{}]", at, node.items.size(), std::max<std::size_t>(node.items.size(), 1) - 1));
    set(node.items[index], steps.subspan(1), below, here);
  }

  void set_key(YamlNode& node, std::span<const PathStep> steps, Level level, const std::string& at) const {
    const std::string& key = steps.front().key;
    if (level == Level::entries && !node.is_sequence()) level = Level::entry;
    if (level == Level::entry && node.is_scalar()) node = named(node);
    if (node.is_null()) become_map(node);
    if (node.is_sequence())
      refuse_change(change_, fmt::format("{0} is a list: choose an entry with its index, as in {0}[0].{1}", at, key));
    if (!node.is_map()) refuse_change(change_, fmt::format("{0} is {1}, which has no settings of its own: give {0} whole, as in --set '{0}={{{2}: ...}}'", at, node.shown(), key));
    if (level == Level::entry && node.entries.size() == 1 && !means_name(node.entries.front().key, steps))
      return set(node.entries.front().value, steps, Level::settings, at + "." + node.entries.front().key);
    const bool listed = level == Level::root && (key == "problems" || key == "strategies");
    set(value_at(node, key), steps.subspan(1), listed ? Level::entries : Level::settings, at.empty() ? key : at + "." + key);
  }

  // `function` is a problem, and a setting of it too.
  [[nodiscard]] bool means_name(const std::string& name, std::span<const PathStep> steps) const {
    return steps.front().key == name && (steps.size() > 1 || !value_.is_scalar());
  }

  void become_map(YamlNode& node) const {
    node.kind = YamlNode::Kind::map;
    node.text.clear();
    node.line = value_.line;
    node.column = 0;
  }

  // "tpe" as "tpe: {}".
  [[nodiscard]] YamlNode named(const YamlNode& name) const {
    YamlNode settings;
    settings.line = value_.line;
    YamlNode node;
    node.kind = YamlNode::Kind::map;
    node.line = name.line;
    node.column = name.column;
    node.entries.push_back({name.text, name.line, name.column, settings});
    return node;
  }

  [[nodiscard]] YamlNode& value_at(YamlNode& node, const std::string& key) const {
    for (YamlNode::Entry& entry : node.entries)
      if (entry.key == key) return entry.value;
    node.entries.push_back({key, value_.line, 0, {}});
    node.entries.back().value.line = value_.line;
    return node.entries.back().value;
  }

  const SettingChange& change_;
  const YamlNode value_;
};

void put_in_line(YamlNode& node, int line) {
  node.line = line;
  node.column = 0;
  for (YamlNode& item : node.items) put_in_line(item, line);
  for (YamlNode::Entry& entry : node.entries) {
    entry.line = line;
    entry.column = 0;
    put_in_line(entry.value, line);
  }
}

YamlNode value_of(const SettingChange& change) {
  try {
    return parse_yaml(change.value, change.option);
  } catch (const InputError& error) {
    refuse_change(change, error.message().starts_with("is not valid YAML") ? "the value " + error.message() : "the value is not valid YAML: " + error.message());
  }
}

}  // namespace

SettingChange change_of(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  SettingChange change{"--set " + argument, argument.substr(0, equals), ""};
  if (equals == std::string::npos) refuse_path(change);
  change.value = argument.substr(equals + 1);
  (void)steps_of(change);
  return change;
}

SettingChange seeds_change(const std::string& argument) {
  const SettingChange change{"--seeds " + argument, "seeds", argument};
  const auto refuse_seeds = [&]() { refuse_change(change, "expected a count such as 3, or seeds such as 1,5,9 or 10..19"); };
  if (whole_number(argument)) return change;
  std::string list;
  std::uint64_t count = 0;
  std::string_view rest = argument;
  while (true) {
    const std::string_view part = rest.substr(0, rest.find(','));
    const std::size_t dots = part.find("..");
    const auto first = whole_number(part.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : whole_number(part.substr(dots + 2));
    if (!first || !last || *last < *first) refuse_seeds();
    if (*last - *first >= kMostListedSeeds || (count += *last - *first + 1) > kMostListedSeeds)
      refuse_change(change, fmt::format("at most {} seeds", kMostListedSeeds));
    for (std::uint64_t seed = *first; seed <= *last; ++seed) list += fmt::format("{}{}", list.empty() ? "" : ", ", seed);
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
  }
  return {change.option, change.path, "[" + list + "]"};
}

std::vector<std::string> option_words(std::span<const SettingChange> changes) {
  std::vector<std::string> words;
  for (const SettingChange& change : changes) {
    const std::size_t blank = change.option.find(' ');
    words.push_back(change.option.substr(0, blank));
    words.push_back(change.option.substr(blank + 1));
  }
  return words;
}

YamlNode with_changes(YamlNode root, std::span<const SettingChange> changes) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    YamlNode value = value_of(changes[i]);
    put_in_line(value, -static_cast<int>(i) - 1);
    const std::vector<PathStep> steps = steps_of(changes[i]);
    Setter(changes[i], std::move(value)).set(root, steps, Level::root, "");
  }
  return root;
}

InputError placed_at_option(const InputError& error, std::span<const SettingChange> changes) {
  if (error.line() >= 0) return error;
  const auto index = static_cast<std::size_t>(-(error.line() + 1));
  if (index >= changes.size()) return error;
  const SettingChange& change = changes[index];
  const bool said = error.path().empty() || change.path.starts_with(error.path()) || error.path() == change.path;
  return InputError(change.option + ": " + (said ? "" : error.path() + ": ") + error.message());
}

}  // namespace tonne
