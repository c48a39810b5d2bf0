#include "core/settings.h"

#include <cmath>
#include <utility>

#include "core/json.h"
#include "core/number_text.h"

namespace tonne {
namespace {

std::string joined(std::span<const std::string_view> names, std::string_view separator) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : std::string(separator)) + std::string(name);
  return text;
}

std::string bounds_text(std::string_view what, Bounds bounds) {
  const bool low = std::isfinite(bounds.low);
  const bool high = std::isfinite(bounds.high);
  std::string text(what);
  if (low) text += (bounds.exclusive_low ? " > " : " >= ") + shortest_text(bounds.low);
  if (low && high) text += ",";
  if (high) text += " <= " + shortest_text(bounds.high);
  return text;
}

class Lister final : public SettingsVisitor {
 public:
  explicit Lister(std::vector<SettingDescription>& out, std::string prefix = "")
      : out_(out), prefix_(std::move(prefix)) {}

  void integer(std::string_view key, std::int64_t& value, Bounds bounds, std::string_view meaning) override {
    add(key, std::to_string(value), bounds_text("whole number", bounds), meaning);
  }
  void number(std::string_view key, double& value, Bounds bounds, std::string_view meaning) override {
    add(key, shortest_text(value), bounds_text("number", bounds), meaning);
  }
  void flag(std::string_view key, bool& value, std::string_view meaning) override {
    add(key, value ? "true" : "false", "true or false", meaning);
  }
  void text(std::string_view key, std::string& value, std::string_view meaning) override {
    add(key, value, "text", meaning);
  }
  void texts(std::string_view key, std::vector<std::string>&, std::string_view meaning) override {
    add(key, "", "list of texts", meaning);
    out_.back().is_list = true;
  }
  void path(std::string_view key, std::filesystem::path&, std::string_view meaning) override {
    add(key, "", "file", meaning);
  }
  void optional_number(std::string_view key, std::optional<double>& value, Bounds bounds,
                       std::string_view meaning) override {
    add(key, value ? shortest_text(*value) : "", bounds_text("number", bounds), meaning);
  }
  void optional_integer(std::string_view key, std::optional<std::int64_t>& value, Bounds bounds,
                        std::string_view meaning) override {
    add(key, value ? std::to_string(*value) : "", bounds_text("whole number", bounds), meaning);
  }
  void choice_index(std::string_view key, std::size_t& index, std::span<const std::string_view> names,
                    std::string_view meaning) override {
    add(key, std::string(names[index]), joined(names, " | "), meaning);
  }
  void quantity_base(std::string_view key, std::optional<double>& base, QuantityKind kind, Bounds,
                     std::string_view meaning) override {
    add(key, base ? format_quantity(*base, kind) : "", "quantity such as " + std::string(quantity_example(kind)), meaning);
    out_.back().kind = kind;
  }
  void group(std::string_view key, std::string_view, const std::function<void(SettingsVisitor&)>& visit) override {
    Lister nested(out_, prefix_ + std::string(key) + ".");
    visit(nested);
  }
  void name_or_group(std::string_view key, std::string& name, std::string_view meaning,
                     const std::function<void(SettingsVisitor&)>& visit) override {
    add(key, name, "name, or your own settings:", meaning);
    const std::string shipped = std::exchange(name, "");  // as it is for a user who writes settings
    group(key, meaning, visit);
    name = shipped;
  }
  void component(std::string_view key, std::string& name, std::span<const std::string_view>, std::string_view meaning,
                 const std::function<void(const std::string&, SettingsVisitor&)>&) override {
    add(key, name, "name, or name with its settings", meaning);
  }
  void named_groups(std::string_view key, const std::vector<std::string>&, std::string_view meaning,
                    const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    add(key, "", "names, each with settings:", meaning);
    Lister nested(out_, prefix_ + std::string(key) + "." + std::string(kAnyName) + ".");
    visit(std::string(kAnyName), nested);
  }
  void require(bool, std::string_view, std::string_view) override {}

 private:
  void add(std::string_view key, std::string default_text, std::string allowed, std::string_view meaning) {
    out_.push_back({prefix_ + std::string(key), std::move(default_text), std::move(allowed), std::string(meaning)});
  }

  std::vector<SettingDescription>& out_;
  std::string prefix_;
};

class Canonical final : public SettingsVisitor {
 public:
  explicit Canonical(Json& out) : out_(out) {}

  void integer(std::string_view key, std::int64_t& value, Bounds, std::string_view) override { put(key, value); }
  void number(std::string_view key, double& value, Bounds, std::string_view) override { put(key, value); }
  void flag(std::string_view key, bool& value, std::string_view) override { put(key, value); }
  void text(std::string_view key, std::string& value, std::string_view) override { put(key, value); }
  void texts(std::string_view key, std::vector<std::string>& values, std::string_view) override { put(key, values); }
  void path(std::string_view key, std::filesystem::path& value, std::string_view) override {
    // Relocatable: what the file holds enters digests elsewhere, its folder does not.
    put(key, value.filename().string());
  }
  void optional_number(std::string_view key, std::optional<double>& value, Bounds, std::string_view) override {
    if (value) put(key, *value);
  }
  void optional_integer(std::string_view key, std::optional<std::int64_t>& value, Bounds, std::string_view) override {
    if (value) put(key, *value);
  }
  void choice_index(std::string_view key, std::size_t& index, std::span<const std::string_view> names,
                    std::string_view) override {
    put(key, std::string(names[index]));
  }
  void quantity_base(std::string_view key, std::optional<double>& base, QuantityKind, Bounds,
                     std::string_view) override {
    if (base) put(key, *base);
  }
  void group(std::string_view key, std::string_view, const std::function<void(SettingsVisitor&)>& visit) override {
    Json nested = Json::object();
    Canonical visitor(nested);
    visit(visitor);
    put(key, std::move(nested));
  }
  void name_or_group(std::string_view key, std::string& name, std::string_view meaning,
                     const std::function<void(SettingsVisitor&)>& visit) override {
    if (name.empty()) return group(key, meaning, visit);
    Json nested = Json::object();
    Canonical visitor(nested);
    visit(visitor);
    // Settings that name an entry themselves and give figures beside it: {name: AWS-2024, pue: 1.2}.
    if (nested.contains("name") && nested.size() > 1)
      put(key, std::move(nested));
    else
      put(key, name);
  }
  void component(std::string_view key, std::string& name, std::span<const std::string_view>, std::string_view,
                 const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    Json settings = Json::object();
    Canonical visitor(settings);
    visit(name, visitor);
    put(key, Json{{"name", name}, {"settings", std::move(settings)}});
  }
  void named_groups(std::string_view key, const std::vector<std::string>& names, std::string_view,
                    const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    if (names.empty()) return;
    Json nested = Json::object();
    for (const std::string& name : names) {
      Json one = Json::object();
      Canonical visitor(one);
      visit(name, visitor);
      nested[name] = std::move(one);
    }
    put(key, std::move(nested));
  }
  void require(bool, std::string_view, std::string_view) override {}

 private:
  template <class Value>
  void put(std::string_view key, Value&& value) {
    out_[std::string(key)] = std::forward<Value>(value);
  }
  Json& out_;
};

}  // namespace

std::vector<SettingDescription> describe_settings(const std::function<void(SettingsVisitor&)>& visit) {
  std::vector<SettingDescription> descriptions;
  Lister lister(descriptions);
  visit(lister);
  return descriptions;
}

std::string canonical_settings(const std::function<void(SettingsVisitor&)>& visit) {
  Json settings = Json::object();
  Canonical writer(settings);
  visit(writer);
  return json_line(settings);
}

}  // namespace tonne
