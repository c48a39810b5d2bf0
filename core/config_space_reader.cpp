#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "core/config_space.h"
#include "core/error.h"
#include "core/json.h"
#include "core/number_text.h"

namespace tonne {
namespace {

constexpr std::size_t kMostParameters = 1000;
constexpr std::size_t kMostChoices = 10'000;
constexpr double kMostSteps = 1000.0;
constexpr double kMostWhole = 9007199254740992.0;  // 2^53

// Twelve digits: 3 x 0.1 is 0.3.
std::string decimal(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 12);
  return error == std::errc{} ? std::string(text.data(), end) : shortest_text(value);
}

class ConfigSpaceReader {
 public:
  explicit ConfigSpaceReader(std::string file) : file_(std::move(file)) {}

  ConfigSpaceRead read(const std::string& text) {
    std::string why;
    const Json json = parse_json(text, 64, &why);
    if (json.is_discarded()) fail("", "is no JSON" + (why.empty() ? "" : ": it " + why));
    if (!json.is_object() || !json.contains("hyperparameters") || !json["hyperparameters"].is_array())
      fail("", "has no list of hyperparameters, as ConfigSpace's JSON has");
    if (json["hyperparameters"].empty() || json["hyperparameters"].size() > kMostParameters)
      fail("hyperparameters", "are none, or more than 1000");
    for (const Json& entry : json["hyperparameters"]) read_parameter(entry);
    for (const Json& entry : list(json, "conditions")) read_condition(entry);
    if (!list(json, "forbiddens").empty()) note("forbidden clauses are left out");
    return {finished(), std::move(notes_)};
  }

 private:
  struct Read {
    Parameter parameter;
    std::string parent;               // empty: none
    std::vector<std::string> values;  // of the parent
  };

  [[noreturn]] void fail(const std::string& path, const std::string& what) const { throw InputError({file_, 0, 0}, path, what); }
  void note(const std::string& sentence) {
    if (std::ranges::find(notes_, sentence) == notes_.end()) notes_.push_back(sentence);
  }

  static const Json& list(const Json& json, const char* key) {
    static const Json kNone = Json::array();
    const auto found = json.find(key);
    return found != json.end() && found->is_array() ? *found : kNone;
  }
  [[nodiscard]] std::string name_in(const Json& entry, const char* key, const std::string& path) const {
    if (!entry.is_object() || !entry.contains(key) || !entry[key].is_string()) fail(path, std::string("has no ") + key);
    return entry[key].get<std::string>();
  }
  [[nodiscard]] double number_in(const Json& entry, const char* key, const std::string& path) const {
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_number()) fail(path, std::string("has no number as ") + key);
    return found->get<double>();
  }
  // As Python writes it into a table.
  [[nodiscard]] std::string choice_text(const Json& value, const std::string& path) const {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    if (value.is_null()) return "None";
    if (!value.is_number()) fail(path, "has a choice that is neither text, number, true, false nor null");
    return value.is_number_float() ? shortest_text(value.get<double>()) : json_line(value);
  }
  [[nodiscard]] std::vector<std::string> choices_in(const Json& entry, const char* key, const std::string& path) const {
    const Json& choices = list(entry, key);
    if (choices.empty() || choices.size() > kMostChoices) fail(path, std::string("has no ") + key + ", or more than 10,000");
    std::vector<std::string> texts;
    for (const Json& choice : choices) texts.push_back(choice_text(choice, path));
    return texts;
  }

  void read_parameter(const Json& entry) {
    const std::string name = name_in(entry, "name", "hyperparameters");
    const std::string path = "hyperparameters." + name;
    const std::string type = name_in(entry, "type", path);
    Read read;
    read.parameter.name = name;
    read.parameter.domain = domain_of(entry, type, path);
    if (type == "categorical" && entry.contains("weights") && !entry["weights"].is_null()) note("weights of choices are left out");
    if (!numbers_.emplace(name, read_.size()).second) fail(path, "stands twice");
    read_.push_back(std::move(read));
  }

  [[nodiscard]] Domain domain_of(const Json& entry, const std::string& type, const std::string& path) {
    if (type == "categorical") return Categorical{choices_in(entry, "choices", path)};
    if (type == "ordinal") return Ordinal{choices_in(entry, "sequence", path)};
    if (type == "constant") {
      if (!entry.contains("value")) fail(path, "has no value");
      return Categorical{{choice_text(entry["value"], path)}};
    }
    if (type.ends_with("_float") || type.ends_with("_int")) return range_of(entry, type, path);
    fail(path, "is of type '" + type + "', which is not known: expected categorical, ordinal, constant, or uniform, normal or beta of _float or _int");
  }

  [[nodiscard]] Domain range_of(const Json& entry, const std::string& type, const std::string& path) {
    const bool is_whole = type.ends_with("_int");
    if (!type.starts_with("uniform_")) note("normal and beta distributions are read as their bounds");
    const double low = number_in(entry, "lower", path), high = number_in(entry, "upper", path);
    const auto log = entry.find("log");
    const Scale scale = log != entry.end() && log->is_boolean() && log->get<bool>() ? Scale::log : Scale::linear;
    if (!(low <= high) || (scale == Scale::log && !(low > 0.0))) fail(path, "has bounds that are no range");
    if (is_whole && (low != std::floor(low) || high != std::floor(high) || std::max(std::abs(low), std::abs(high)) > kMostWhole))
      fail(path, "has bounds that are no whole numbers up to 2^53");
    if (const auto q = entry.find("q"); q != entry.end() && q->is_number() && !(is_whole && q->get<double>() == 1.0))
      if (auto steps = steps_of(low, high, q->get<double>(), path)) return std::move(*steps);
    if (low == high) return Categorical{{shortest_text(low)}};
    if (is_whole) return Integer{static_cast<std::int64_t>(low), static_cast<std::int64_t>(high), scale};
    return Real{low, high, scale};
  }
  [[nodiscard]] std::optional<Domain> steps_of(double low, double high, double step, const std::string& path) {
    if (!(step > 0.0)) fail(path, "has a q that is not above 0");
    const double count = std::floor((high - low) / step * (1.0 + 1e-12));
    if (!(count < kMostSteps)) {
      note("steps (q) of more than a thousand levels are left out");
      return std::nullopt;
    }
    Ordinal levels;
    for (double k = 0.0; k <= count; k += 1.0) levels.levels.push_back(decimal(low + k * step));
    return levels;
  }

  void read_condition(const Json& entry) {
    const std::string child = name_in(entry, "child", "conditions");
    const std::string path = "conditions." + child;
    const std::string type = name_in(entry, "type", path);
    const auto found = numbers_.find(child);
    if (found == numbers_.end()) fail(path, "is of a hyperparameter that is not there");
    Read& read = read_[found->second];
    if (type != "EQ" && type != "NEQ" && type != "IN") fail(path, "is of type " + type + "; expected EQ, NEQ or IN: one parent, and equality");
    if (!read.parent.empty()) fail(path, "stands twice: one parent is possible");
    read.parent = name_in(entry, "parent", path);
    if (type == "IN") {
      read.values = choices_in(entry, "values", path);
      return;
    }
    if (!entry.contains("value")) fail(path, "has no value");
    read.values = {choice_text(entry["value"], path)};
    if (type == "NEQ") read.values = others(read, path);
  }

  [[nodiscard]] const std::vector<std::string>* choices_of(const std::string& name) const {
    const auto found = numbers_.find(name);
    if (found == numbers_.end()) return nullptr;
    const Domain& domain = read_[found->second].parameter.domain;
    if (const auto* choices = std::get_if<Categorical>(&domain)) return &choices->choices;
    if (const auto* levels = std::get_if<Ordinal>(&domain)) return &levels->levels;
    return nullptr;
  }
  [[nodiscard]] std::vector<std::string> others(const Read& read, const std::string& path) const {
    const auto* choices = choices_of(read.parent);
    if (choices == nullptr) fail(path, "has a parent that is neither categorical nor ordinal");
    std::vector<std::string> rest;
    for (const std::string& choice : *choices)
      if (choice != read.values.front()) rest.push_back(choice);
    return rest;
  }

  // Parents first; else in the document's order.
  [[nodiscard]] SearchSpace finished() {
    std::vector<Parameter> placed;
    std::map<std::string, std::size_t> places;
    while (placed.size() < read_.size()) {
      const std::size_t before = placed.size();
      for (const Read& read : read_) {
        const bool waits = !read.parent.empty() && !places.contains(read.parent);
        if (waits || places.contains(read.parameter.name)) continue;
        places.emplace(read.parameter.name, placed.size());
        placed.push_back(with_condition(read, places));
      }
      if (placed.size() == before) fail("conditions", "go in a circle, or have a parent that is not there");
    }
    try {
      return SearchSpace(std::move(placed));
    } catch (const std::invalid_argument& error) {
      fail("", error.what());
    }
  }
  [[nodiscard]] Parameter with_condition(const Read& read, const std::map<std::string, std::size_t>& places) const {
    Parameter parameter = read.parameter;
    if (read.parent.empty()) return parameter;
    const std::string path = "conditions." + parameter.name;
    const auto* choices = choices_of(read.parent);
    if (choices == nullptr) fail(path, "has a parent that is neither categorical nor ordinal");
    Condition condition{places.at(read.parent), {}};
    for (const std::string& value : read.values) {
      const auto at = std::ranges::find(*choices, value);
      if (at == choices->end()) fail(path, "names '" + value + "', which is no choice of " + read.parent);
      condition.choices.push_back(static_cast<std::size_t>(at - choices->begin()));
    }
    parameter.active_when = std::move(condition);
    return parameter;
  }

  std::string file_;
  std::vector<Read> read_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> notes_;
};

}  // namespace

ConfigSpaceRead read_config_space(const std::string& text, const std::string& file) { return ConfigSpaceReader(file).read(text); }

}  // namespace tonne
