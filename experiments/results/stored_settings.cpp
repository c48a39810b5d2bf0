#include "experiments/results/stored_settings.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/json.h"
#include "experiments/results/records.h"

namespace tonne {
namespace {

[[noreturn]] void damaged(std::string_view key) {
  throw StoreError("the results are damaged: the setting '" + std::string(key) + "' cannot be read");
}

class StoredReader final : public SettingsVisitor {
 public:
  explicit StoredReader(const Json& in) : in_(in) {}

  void integer(std::string_view key, std::int64_t& value, Bounds, std::string_view) override { get(key, value); }
  void number(std::string_view key, double& value, Bounds, std::string_view) override { get(key, value); }
  void flag(std::string_view key, bool& value, std::string_view) override { get(key, value); }
  void text(std::string_view key, std::string& value, std::string_view) override { get(key, value); }
  void texts(std::string_view key, std::vector<std::string>& values, std::string_view) override { get(key, values); }
  void path(std::string_view key, std::filesystem::path& value, std::string_view) override {
    std::string name;
    get(key, name);
    value = name;
  }
  void optional_number(std::string_view key, std::optional<double>& value, Bounds, std::string_view) override {
    get_optional(key, value);
  }
  void optional_integer(std::string_view key, std::optional<std::int64_t>& value, Bounds, std::string_view) override {
    get_optional(key, value);
  }
  void choice_index(std::string_view key, std::size_t& index, std::span<const std::string_view> names,
                    std::string_view) override {
    std::string name(names[index]);
    get(key, name);
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) damaged(key);
    index = static_cast<std::size_t>(at - names.begin());
  }
  void quantity_base(std::string_view key, std::optional<double>& base, QuantityKind, Bounds,
                     std::string_view) override {
    get_optional(key, base);
  }
  void group(std::string_view key, std::string_view, const std::function<void(SettingsVisitor&)>& visit) override {
    const Json* const at = find(key);
    if (!at) return;
    StoredReader nested(*at);
    visit(nested);
  }
  void name_or_group(std::string_view key, std::string& name, std::string_view meaning,
                     const std::function<void(SettingsVisitor&)>& visit) override {
    const Json* const at = find(key);
    if (!at) return;
    if (at->is_string()) return get(key, name);
    name.clear();
    group(key, meaning, visit);
  }
  void component(std::string_view key, std::string& name, std::span<const std::string_view>, std::string_view,
                 const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    static const Json nothing = Json::object();
    const Json* const at = find(key);
    const Json* settings = &nothing;
    if (at) {
      if (!at->is_object() || !at->contains("name") || !at->contains("settings")) damaged(key);
      StoredReader(*at).get("name", name);
      settings = &(*at)["settings"];
    }
    StoredReader nested(*settings);
    visit(name, nested);
  }
  void named_groups(std::string_view key, const std::vector<std::string>&, std::string_view,
                    const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    const Json* const at = find(key);
    if (!at) return;
    if (!at->is_object()) damaged(key);
    for (const auto& [name, settings] : at->items()) {
      StoredReader nested(settings);
      visit(name, nested);
    }
  }
  void require(bool, std::string_view, std::string_view) override {}
  [[nodiscard]] bool reading() const override { return true; }

 private:
  [[nodiscard]] const Json* find(std::string_view key) const {
    if (!in_.is_object()) damaged(key);
    const auto at = in_.find(std::string(key));
    return at == in_.end() ? nullptr : &*at;
  }
  template <class Value>
  void get(std::string_view key, Value& value) const {
    const Json* const at = find(key);
    if (!at) return;
    try {
      value = at->template get<Value>();
    } catch (const Json::exception&) {
      damaged(key);
    }
  }
  template <class Value>
  void get_optional(std::string_view key, std::optional<Value>& value) const {
    Value found{};
    if (!find(key)) return;
    get(key, found);
    value = found;
  }

  const Json& in_;
};

}  // namespace

void read_stored_settings(const Json& settings, const std::function<void(SettingsVisitor&)>& visit) {
  StoredReader reader(settings);
  visit(reader);
}

}  // namespace tonne
