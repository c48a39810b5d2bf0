#pragma once
// YAML as this program accepts it: a tree with a place for every node, limited in size and depth, without
// duplicate keys, anchors, aliases or tags. yaml-cpp does the parsing; nothing of it shows here.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/settings.h"
#include "core/uncertainty.h"

namespace tonne {

struct YamlLimits {
  std::size_t bytes = std::size_t{4} << 20U;
  std::size_t nodes = 200'000;
  std::size_t depth = 32;
};

class YamlNode {
 public:
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  struct Entry;

  Kind kind = Kind::null;
  bool quoted = false;  ///< a scalar in quotes is text, never a number or a boolean
  std::string text;     ///< of a scalar
  std::vector<YamlNode> items;
  std::vector<Entry> entries;
  int line = 0;
  int column = 0;

  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  /// The value of a key of a map; nullptr when it is absent.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  /// What a message calls it: "a list", "'20 km'", ...
  [[nodiscard]] std::string shown() const;
};

struct YamlNode::Entry {
  std::string key;
  int line = 0;
  int column = 0;
  YamlNode value;
};

/// Parses one document. Throws InputError with line and column. An empty document is a null node.
[[nodiscard]] YamlNode parse_yaml(const std::string& text, const std::string& file, const YamlLimits& limits = {});

/// Where relative paths start and what messages call the file.
struct YamlSource {
  std::string file;
  std::filesystem::path directory;
};

/// Reads settings from a map. Call finish() after the component's visit: it rejects keys that nobody asked for.
class SettingsReader final : public SettingsVisitor {
 public:
  /// `path` is the key's path so far ("strategies[2].tpe"). A null node stands for an empty map.
  /// Where `uncertain` is given, a number or quantity may be written as a distribution: it is added there, and the
  /// setting gets its median. Elsewhere a distribution is refused.
  /// Throws InputError when the node is neither a map nor null.
  SettingsReader(const YamlNode& node, const YamlSource& source, std::string path,
                 std::vector<UncertainSetting>* uncertain = nullptr);

  void integer(std::string_view key, std::int64_t& value, Bounds bounds, std::string_view meaning) override;
  void number(std::string_view key, double& value, Bounds bounds, std::string_view meaning) override;
  void flag(std::string_view key, bool& value, std::string_view meaning) override;
  void text(std::string_view key, std::string& value, std::string_view meaning) override;
  void texts(std::string_view key, std::vector<std::string>& values, std::string_view meaning) override;
  void path(std::string_view key, std::filesystem::path& value, std::string_view meaning) override;
  void optional_number(std::string_view key, std::optional<double>& value, Bounds bounds,
                       std::string_view meaning) override;
  void optional_integer(std::string_view key, std::optional<std::int64_t>& value, Bounds bounds,
                        std::string_view meaning) override;
  void choice_index(std::string_view key, std::size_t& index, std::span<const std::string_view> names,
                    std::string_view meaning) override;
  void quantity_base(std::string_view key, std::optional<double>& base, QuantityKind kind, Bounds bounds,
                     std::string_view meaning) override;
  void group(std::string_view key, std::string_view meaning,
             const std::function<void(SettingsVisitor&)>& visit) override;
  void name_or_group(std::string_view key, std::string& name, std::string_view meaning,
                     const std::function<void(SettingsVisitor&)>& visit) override;
  void component(std::string_view key, std::string& name, std::span<const std::string_view> names,
                 std::string_view meaning,
                 const std::function<void(const std::string&, SettingsVisitor&)>& visit) override;
  void named_groups(std::string_view key, const std::vector<std::string>& names, std::string_view meaning,
                    const std::function<void(const std::string&, SettingsVisitor&)>& visit) override;
  void require(bool ok, std::string_view key, std::string_view message) override;
  [[nodiscard]] bool reading() const override { return true; }

  /// Marks a key as known and returns its value; for what is read by hand.
  [[nodiscard]] const YamlNode* take(std::string_view key);
  /// Throws InputError at the first key that nobody asked for, with the nearest valid one.
  void finish() const;
  [[noreturn]] void fail(const YamlNode& node, std::string_view key, std::string_view message) const;

 private:
  [[nodiscard]] const YamlNode* scalar(std::string_view key, std::string_view expected);
  [[nodiscard]] std::optional<double> number_in(const YamlNode& node, std::string_view key, Bounds bounds) const;
  [[nodiscard]] double checked_number(const YamlNode& node, std::string_view key, Bounds bounds) const;
  [[nodiscard]] std::int64_t checked_integer(const YamlNode& node, std::string_view key, Bounds bounds) const;
  [[nodiscard]] std::string key_path(std::string_view key) const;
  /// The median of a distribution, which is recorded; nothing when the node is none.
  [[nodiscard]] std::optional<double> median(const YamlNode& node, std::string_view key,
                                             std::optional<QuantityKind> kind, Bounds bounds) const;

  const YamlNode& node_;
  const YamlSource& source_;
  std::string path_;
  std::vector<UncertainSetting>* uncertain_;
  std::vector<std::string> known_;
};

}  // namespace tonne
