#include "experiments/results/stored_space.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tonne {
namespace {

using Json = nlohmann::ordered_json;

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

}  // namespace

SearchSpace stored_space(const Store& store, std::size_t problem) {
  try {
    std::vector<Parameter> parameters;
    for (const Json& entry : Json::parse(store.parameters(problem)))
      parameters.push_back(parameter_of(entry));
    return SearchSpace(std::move(parameters));
  } catch (const Json::exception&) {
    throw StoreError("the results are damaged: the parameters of a problem cannot be read");
  } catch (const std::invalid_argument&) {
    throw StoreError("the results are damaged: the parameters of a problem make no search space");
  }
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
