#include "core/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "core/csv.h"
#include "core/text_excerpt.h"

namespace tonne {
namespace {

constexpr std::size_t kLongestShown = 40;

std::string quoted_text(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kLongestShown)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7f ? '?' : c;  // no control characters on a user's terminal
  }
  return "'" + shown + (text.size() > kLongestShown ? "...'" : "'");
}

// Builds our tree from yaml-cpp's events; its own node type keeps neither places nor duplicate keys.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string file, const YamlLimits& limits) : file_(std::move(file)), limits_(limits) {}

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, anchor, "?");
    add(make(mark, YamlNode::Kind::null));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, anchor, tag);
    YamlNode node = make(mark, YamlNode::Kind::scalar);
    node.quoted = tag == "!";
    if (!node.quoted && (value == "~" || value == "null" || value.empty())) node.kind = YamlNode::Kind::null;
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check(mark, anchor, tag);
    open(make(mark, YamlNode::Kind::sequence));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check(mark, anchor, tag);
    open(make(mark, YamlNode::Kind::map));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    bool has_key = false;
    YamlNode key;
    std::set<std::string> keys;
  };

  [[noreturn]] void fail(int line, int column, const std::string& message) const {
    throw InputError({file_, line, column}, "", message);
  }
  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    fail(mark.line + 1, mark.column + 1, "anchors and aliases (& and *) are not supported: write the value out");
  }

  void check(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    if (anchor != 0) refuse_anchor(mark);
    if (tag != "?" && tag != "!" && !tag.empty())
      fail(mark.line + 1, mark.column + 1, "tags (!...) are not supported");
    if (++nodes_ > limits_.nodes)
      fail(mark.line + 1, mark.column + 1, "more than " + std::to_string(limits_.nodes) + " values in one file");
  }

  static YamlNode make(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(YamlNode node) {
    if (open_.size() >= limits_.depth)
      fail(node.line, node.column, "nested more than " + std::to_string(limits_.depth) + " deep");
    if (!open_.empty() && open_.back().node.is_map() && !open_.back().has_key)
      fail(node.line, node.column, "a key must be plain text");
    open_.push_back({std::move(node), false, {}, {}});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_sequence()) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    if (!parent.has_key) {
      if (!node.is_scalar()) fail(node.line, node.column, "a key must be plain text");
      if (!parent.keys.insert(node.text).second)
        fail(node.line, node.column, "key " + quoted_text(node.text) + " appears twice in one map");
      parent.key = std::move(node);
      parent.has_key = true;
      return;
    }
    if (node.is_null()) {  // the parser places nothing where the next thing begins
      node.line = parent.key.line;
      node.column = parent.key.column;
    }
    parent.node.entries.push_back(
        {std::move(parent.key.text), parent.key.line, parent.key.column, std::move(node)});
    parent.has_key = false;
  }

  std::string file_;
  YamlLimits limits_;
  std::size_t nodes_ = 0;
  std::vector<Open> open_;
  YamlNode root_;
};

// A plain number as people mean it: 010 is neither 8 nor 10 here but refused.
std::optional<double> plain_number(const YamlNode& node) {
  if (!node.is_scalar() || node.quoted) return std::nullopt;
  std::string_view digits = node.text;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return std::nullopt;
  return parse_number(node.text);
}

std::string number_text(double value) {
  std::ostringstream stream;
  stream.imbue(std::locale::classic());
  stream.precision(12);
  stream << value;
  return stream.str();
}

std::string bounds_text(Bounds bounds) {
  const bool low = std::isfinite(bounds.low);
  const bool high = std::isfinite(bounds.high);
  const std::string above = (bounds.exclusive_low ? "above " : "at least ") + number_text(bounds.low);
  if (low && high && !bounds.exclusive_low) return number_text(bounds.low) + " to " + number_text(bounds.high);
  if (low && high) return above + " and at most " + number_text(bounds.high);
  if (low) return above;
  if (high) return "at most " + number_text(bounds.high);
  return "any finite number";
}

std::string quantity_bounds_text(Bounds bounds) {
  if (bounds.low == 0.0 && !std::isfinite(bounds.high)) return bounds.exclusive_low ? "more than zero" : "zero or more";
  return bounds_text(bounds);
}

bool within(double value, Bounds bounds) {
  return (bounds.exclusive_low ? value > bounds.low : value >= bounds.low) && value <= bounds.high;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

std::string YamlNode::shown() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return quoted_text(text);
    case Kind::sequence:
      return items.empty() ? "an empty list" : "a list";
    case Kind::map:
      return "a map";
  }
  return "";
}

YamlNode parse_yaml(const std::string& text, const std::string& file, const YamlLimits& limits) {
  if (text.size() > limits.bytes)
    throw InputError({file, 0, 0}, "", "is " + std::to_string(text.size()) + " bytes long; at most " +
                                           std::to_string(limits.bytes) + " are read");
  if (text.find('\0') != std::string::npos)
    throw InputError({file, 0, 0}, "", "contains a zero byte: not a text file");
  std::istringstream stream(text);
  TreeBuilder builder(file, limits);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return {};
    YamlNode root = builder.take_root();
    TreeBuilder rest(file, limits);
    if (parser.HandleNextDocument(rest))
      throw InputError({file, 0, 0}, "", "contains more than one document (---)");
    return root;
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
    const int column = error.mark.is_null() ? 0 : error.mark.column + 1;
    throw InputError({file, line, column}, "", "is not valid YAML: " + error.msg, line > 0 ? line_with_caret(text, line, column) : "");
  }
}

SettingsReader::SettingsReader(const YamlNode& node, const YamlSource& source, std::string path,
                               std::vector<UncertainSetting>* uncertain)
    : node_(node), source_(source), path_(std::move(path)), uncertain_(uncertain) {
  if (!node.is_map() && !node.is_null())
    throw InputError({source.file, node.line, node.column}, path_,
                     "found " + node.shown() + ", expected settings (key: value)");
}

std::string SettingsReader::key_path(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void SettingsReader::fail(const YamlNode& node, std::string_view key, std::string_view message) const {
  throw InputError({source_.file, node.line, node.column}, key_path(key), message);
}

const YamlNode* SettingsReader::take(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return node_.find(key);
}

const YamlNode* SettingsReader::scalar(std::string_view key, std::string_view expected) {
  const YamlNode* node = take(key);
  if (node && !node->is_scalar()) fail(*node, key, "found " + node->shown() + ", expected " + std::string(expected));
  return node;
}

std::optional<double> SettingsReader::number_in(const YamlNode& node, std::string_view key, Bounds bounds) const {
  if (const auto value = plain_number(node)) return value;
  try {
    return node.is_scalar() ? parse_number_with_unit(node.text, key, bounds) : std::nullopt;
  } catch (const InputError& error) {
    if (Distribution::parse(node.text, std::nullopt, bounds)) return std::nullopt;
    fail(node, key, error.message());
  }
}

double SettingsReader::checked_number(const YamlNode& node, std::string_view key, Bounds bounds) const {
  const auto value = number_in(node, key, bounds);
  if (const auto known = value ? std::nullopt : median(node, key, std::nullopt, bounds)) return *known;
  if (!value) fail(node, key, "found " + node.shown() + ", expected a number, " + bounds_text(bounds));
  if (!within(*value, bounds))
    fail(node, key, node.text + " is out of bounds: must be " + bounds_text(bounds));
  return *value;
}

std::int64_t SettingsReader::checked_integer(const YamlNode& node, std::string_view key, Bounds bounds) const {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const Bounds exact{std::max(bounds.low, -kExact), std::min(bounds.high, kExact), bounds.exclusive_low};
  const auto value = number_in(node, key, bounds);
  if (!value || *value != std::floor(*value))
    fail(node, key, "found " + node.shown() + ", expected a whole number, " + bounds_text(bounds));
  return static_cast<std::int64_t>(checked_number(node, key, exact));
}

std::optional<double> SettingsReader::median(const YamlNode& node, std::string_view key,
                                             std::optional<QuantityKind> kind, Bounds bounds) const {
  std::optional<Distribution> distribution;
  try {
    distribution = Distribution::parse(node.text, kind, bounds);
  } catch (const InputError& error) {
    fail(node, key, error.message());
  }
  if (!distribution) return std::nullopt;
  if (!uncertain_)
    fail(node, key,
         node.shown() +
             " is a distribution: only figures of the cluster or of an estimate can be uncertain; expected "
             "one value");
  if (!within(distribution->lowest(), bounds) || !within(distribution->highest(), bounds))
    fail(node, key,
         node.shown() + " extends out of bounds: must be " +
             (kind ? quantity_bounds_text(bounds) : bounds_text(bounds)));
  uncertain_->push_back({key_path(key), node.text, *distribution, {source_.file, node.line, node.column}});
  return distribution->median();
}

void SettingsReader::integer(std::string_view key, std::int64_t& value, Bounds bounds, std::string_view) {
  if (const YamlNode* node = scalar(key, "a whole number")) value = checked_integer(*node, key, bounds);
}

void SettingsReader::number(std::string_view key, double& value, Bounds bounds, std::string_view) {
  if (const YamlNode* node = scalar(key, "a number")) value = checked_number(*node, key, bounds);
}

void SettingsReader::optional_number(std::string_view key, std::optional<double>& value, Bounds bounds,
                                     std::string_view) {
  if (const YamlNode* node = scalar(key, "a number")) value = checked_number(*node, key, bounds);
}

void SettingsReader::optional_integer(std::string_view key, std::optional<std::int64_t>& value, Bounds bounds,
                                      std::string_view) {
  if (const YamlNode* node = scalar(key, "a whole number")) value = checked_integer(*node, key, bounds);
}

void SettingsReader::flag(std::string_view key, bool& value, std::string_view) {
  const YamlNode* node = scalar(key, "true or false");
  if (!node) return;
  if (node->quoted || (node->text != "true" && node->text != "false"))
    fail(*node, key, "found " + node->shown() + ", expected true or false");
  value = node->text == "true";
}

void SettingsReader::text(std::string_view key, std::string& value, std::string_view) {
  constexpr std::size_t kLongest = 4096;
  const YamlNode* node = scalar(key, "a text");
  if (!node) return;
  if (node->text.empty()) fail(*node, key, "is empty, expected a text");
  if (node->text.size() > kLongest) fail(*node, key, "is longer than 4096 characters");
  value = node->text;
}

void SettingsReader::texts(std::string_view key, std::vector<std::string>& values, std::string_view) {
  const YamlNode* node = take(key);
  if (!node) return;
  if (node->is_scalar()) {
    values = {node->text};
    return;
  }
  if (!node->is_sequence() || node->items.empty())
    fail(*node, key, "found " + node->shown() + ", expected a list of texts");
  values.clear();
  for (const YamlNode& item : node->items) {
    if (!item.is_scalar()) fail(item, key, "found " + item.shown() + " in a list of texts");
    values.push_back(item.text);
  }
}

void SettingsReader::path(std::string_view key, std::filesystem::path& value, std::string_view) {
  const YamlNode* node = scalar(key, "a file's path");
  if (!node) return;
  if (node->text.empty()) fail(*node, key, "is empty, expected a file's path");
  const std::filesystem::path given(node->text);
  value = (given.is_absolute() ? given : source_.directory / given).lexically_normal();
  std::error_code error;
  if (std::filesystem::exists(value, error) && !std::filesystem::is_regular_file(value, error))
    fail(*node, key, value.string() + " is not a regular file");
  if (!std::filesystem::is_regular_file(value, error))
    fail(*node, key,
         "no such file: " + value.string() + " (relative paths start from the folder of " + source_.file +
             ")");
}

void SettingsReader::choice_index(std::string_view key, std::size_t& index, std::span<const std::string_view> names,
                                  std::string_view) {
  const std::vector<std::string> known(names.begin(), names.end());
  const YamlNode* node = scalar(key, "one of " + join_names(known));
  if (!node) return;
  const auto found = std::ranges::find(known, node->text);
  if (found == known.end()) {
    const std::string hint = did_you_mean(node->text, known);
    fail(*node, key, "unknown " + node->shown() + ". " + (hint.empty() ? "" : hint + " ") + "Allowed: " +
                         join_names(known));
  }
  index = static_cast<std::size_t>(found - known.begin());
}

void SettingsReader::quantity_base(std::string_view key, std::optional<double>& base, QuantityKind kind,
                                   Bounds bounds, std::string_view) {
  const YamlNode* node = scalar(key, "a quantity with its unit");
  if (!node) return;
  if (const auto known = median(*node, key, kind, bounds)) {
    base = known;
    return;
  }
  try {
    base = parse_quantity(node->text, kind);
  } catch (const InputError& error) {
    fail(*node, key, error.message());
  }
  if (within(*base, bounds)) return;
  fail(*node, key, "'" + node->text + "' is out of bounds: must be " + quantity_bounds_text(bounds));
}

void SettingsReader::group(std::string_view key, std::string_view, const std::function<void(SettingsVisitor&)>& visit) {
  const YamlNode* node = take(key);
  static const YamlNode empty;
  SettingsReader reader(node ? *node : empty, source_, key_path(key), uncertain_);
  visit(reader);
  reader.finish();
}

void SettingsReader::name_or_group(std::string_view key, std::string& name, std::string_view meaning,
                                   const std::function<void(SettingsVisitor&)>& visit) {
  const YamlNode* node = node_.find(key);
  if (!node || node->is_scalar()) {
    text(key, name, meaning);
    return;
  }
  if (!node->is_map()) fail(*node, key, "found " + node->shown() + ", expected a name or settings (key: value)");
  name.clear();
  group(key, meaning, visit);
}

void SettingsReader::component(std::string_view key, std::string& name, std::span<const std::string_view> names,
                               std::string_view meaning,
                               const std::function<void(const std::string&, SettingsVisitor&)>& visit) {
  const YamlNode* node = take(key);
  static const YamlNode no_settings;
  const YamlNode* settings = &no_settings;
  if (node) {
    const bool named = node->is_map() && node->entries.size() == 1;
    if (!node->is_scalar() && !named)
      fail(*node, key, "found " + node->shown() + ", expected a name, or one name with its settings");
    if (named) settings = &node->entries.front().value;
    std::size_t index = 0;
    YamlNode entry;  // the name alone, for the messages of a choice
    entry.kind = YamlNode::Kind::scalar;
    entry.text = named ? node->entries.front().key : node->text;
    entry.line = named ? node->entries.front().line : node->line;
    entry.column = named ? node->entries.front().column : node->column;
    YamlNode wrapper;
    wrapper.kind = YamlNode::Kind::map;
    wrapper.entries.push_back({std::string(key), entry.line, entry.column, entry});
    SettingsReader(wrapper, source_, path_).choice_index(key, index, names, meaning);
    name = entry.text;
  }
  SettingsReader reader(*settings, source_, key_path(key) + "." + name, uncertain_);
  visit(name, reader);
  reader.finish();
}

void SettingsReader::named_groups(std::string_view key, const std::vector<std::string>&, std::string_view,
                                  const std::function<void(const std::string&, SettingsVisitor&)>& visit) {
  const YamlNode* node = take(key);
  if (!node) return;
  if (!node->is_map()) fail(*node, key, "found " + node->shown() + ", expected names, each with its settings");
  for (const YamlNode::Entry& entry : node->entries) {
    constexpr std::size_t kLongest = 100;
    if (entry.key.empty() || entry.key.size() > kLongest)
      throw InputError({source_.file, entry.line, entry.column}, key_path(key), "a name has 1 to 100 characters");
    SettingsReader reader(entry.value, source_, key_path(key) + "." + entry.key, uncertain_);
    visit(entry.key, reader);
    reader.finish();
  }
}

void SettingsReader::require(bool ok, std::string_view key, std::string_view message) {
  if (ok) return;
  const YamlNode* node = node_.find(key);
  fail(node ? *node : node_, key, message);
}

void SettingsReader::finish() const {
  for (const YamlNode::Entry& entry : node_.entries) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    const std::string hint = did_you_mean(entry.key, known_);
    std::string message = "unknown key " + quoted_text(entry.key) + ". " + (hint.empty() ? "" : hint + " ");
    message += known_.empty() ? "There are no settings here" : "Known: " + join_names(known_);
    throw InputError({source_.file, entry.line, entry.column}, path_, message);
  }
}

}  // namespace tonne
