#include "experiments/results/stored_space.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/json.h"
#include "experiments/results/records.h"

namespace tonne {
namespace {

struct DomainWriter {
  Json& entry;

  void operator()(const Categorical& categorical) const { entry["choices"] = categorical.choices; }
  void operator()(const Ordinal& ordinal) const { entry["levels"] = ordinal.levels; }
  void operator()(const Real& real) const {
    entry["real"] = {real.low, real.high};
    if (real.scale == Scale::log) entry["log"] = true;
  }
  void operator()(const Integer& integer) const {
    entry["integer"] = {integer.low, integer.high};
    if (integer.scale == Scale::log) entry["log"] = true;
  }
};

Json entry_of(const Parameter& parameter) {
  Json entry;
  entry["name"] = parameter.name;
  std::visit(DomainWriter{entry}, parameter.domain);
  if (const auto& condition = parameter.active_when)
    entry["active_when"] = {{"parent", condition->parent}, {"choices", condition->choices}};
  if (parameter.default_value) entry["default"] = *parameter.default_value;
  return entry;
}

Domain domain_of(const Json& entry) {
  const Scale scale = entry.value("log", false) ? Scale::log : Scale::linear;
  if (entry.contains("choices")) return Categorical{entry.at("choices").get<std::vector<std::string>>()};
  if (entry.contains("levels")) return Ordinal{entry.at("levels").get<std::vector<std::string>>()};
  if (entry.contains("integer"))
    return Integer{entry.at("integer").at(0).get<std::int64_t>(),
                   entry.at("integer").at(1).get<std::int64_t>(), scale};
  return Real{entry.at("real").at(0).get<double>(), entry.at("real").at(1).get<double>(), scale};
}

Parameter parameter_of(const Json& entry) {
  Parameter parameter{.name = entry.at("name").get<std::string>(), .domain = domain_of(entry)};
  if (entry.contains("active_when")) {
    const Json& condition = entry.at("active_when");
    parameter.active_when = Condition{condition.at("parent").get<std::size_t>(),
                                      condition.at("choices").get<std::vector<std::size_t>>()};
  }
  if (entry.contains("default")) parameter.default_value = entry.at("default").get<double>();
  return parameter;
}

void append_number(fmt::memory_buffer& text, double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond, the cast could overflow
  if (std::abs(value) < kExact && std::trunc(value) == value) {
    fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}"), static_cast<std::int64_t>(value));
  } else {
    fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}"), value);
  }
}

}  // namespace

std::string encode_space(const SearchSpace& space) {
  Json list = Json::array();
  for (const Parameter& parameter : space.parameters()) list.push_back(entry_of(parameter));
  return json_line(list);
}

SearchSpace decode_space(const std::string& text) {
  const Json list = parse_json(text);
  if (!list.is_array()) throw StoreError("the results are damaged: the parameters of a problem cannot be read");
  try {
    std::vector<Parameter> parameters;
    for (const Json& entry : list) parameters.push_back(parameter_of(entry));
    return SearchSpace(std::move(parameters));
  } catch (const Json::exception&) {
    throw StoreError("the results are damaged: the parameters of a problem cannot be read");
  } catch (const std::invalid_argument&) {
    throw StoreError("the results are damaged: the parameters of a problem make no search space");
  }
}

std::string encode_configuration(const Configuration& configuration) {
  fmt::memory_buffer text;
  text.push_back('[');
  for (std::size_t i = 0; i < configuration.size(); ++i) {
    if (i > 0) text.push_back(',');
    if (configuration.is_active(i)) {
      append_number(text, configuration[i]);
    } else {
      text.append(std::string_view("null"));
    }
  }
  text.push_back(']');
  return fmt::to_string(text);
}

std::string encode_number(double value) {
  fmt::memory_buffer text;
  append_number(text, value);
  return fmt::to_string(text);
}

void check_configuration(const Configuration& configuration, const SearchSpace& space) {
  bool fits = configuration.size() == space.size();
  for (std::size_t i = 0; i < space.size() && fits; ++i)
    fits = !configuration.is_active(i) || contains(space[i].domain, configuration[i]);
  if (!fits) throw StoreError("the results are damaged: a trial's configuration lies outside its search space");
}

std::string encode_numbers(std::span<const double> numbers) {
  return fmt::format("{}", fmt::join(numbers, ";"));
}

Configuration decode_configuration(std::string_view text, const SearchSpace& space) {
  const auto damaged = [] { return StoreError("the results are damaged: a configuration cannot be read"); };
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') throw damaged();
  text = text.substr(1, text.size() - 2);
  Configuration configuration(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const std::size_t comma = text.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == space.size())) throw damaged();
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (item == "null") continue;
    double value = 0.0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), value);
    if (error != std::errc() || end != item.data() + item.size() || !contains(space[i].domain, value))
      throw damaged();
    configuration.set(i, value);
  }
  if (!text.empty()) throw damaged();
  return configuration;
}

}  // namespace tonne
