#include "core/config_space.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/json.h"

namespace tonne {
namespace {

template <typename Range>
Json bounds_json(const Range& range, const char* type, Json default_value) {
  return {{"type", type},
          {"log", range.scale == Scale::log},
          {"lower", range.low},
          {"upper", range.high},
          {"default_value", std::move(default_value)}};
}

Json integer_json(const Integer& range, std::int64_t default_value) {
  // ConfigSpace refuses a range of one number.
  if (range.low == range.high) return {{"type", "constant"}, {"value", range.low}};
  return bounds_json(range, "uniform_int", default_value);
}

Json domain_json(const Domain& domain, double default_value) {
  if (const auto* range = std::get_if<Real>(&domain)) return bounds_json(*range, "uniform_float", default_value);
  if (const auto* range = std::get_if<Integer>(&domain)) return integer_json(*range, static_cast<std::int64_t>(default_value));
  const auto chosen = static_cast<std::size_t>(default_value);
  if (const auto* choices = std::get_if<Categorical>(&domain))
    return {{"type", "categorical"}, {"choices", choices->choices}, {"default_value", choices->choices.at(chosen)}, {"weights", nullptr}};
  const std::vector<std::string>& levels = std::get<Ordinal>(domain).levels;
  return {{"type", "ordinal"}, {"sequence", levels}, {"default_value", levels.at(chosen)}};
}

Json parameter_json(const Parameter& parameter, std::optional<double> default_value) {
  Json json{{"name", parameter.name}};
  const double unit = is_categorical(parameter.domain) ? 0.0 : 0.5;  // as SearchSpace::default_configuration
  const double value = default_value.value_or(parameter.default_value.value_or(from_unit(parameter.domain, unit)));
  json.update(domain_json(parameter.domain, value));
  return json;
}

Json condition_json(const SearchSpace& space, const Parameter& child) {
  const Condition& condition = child.active_when.value();
  Json values = Json::array();
  for (const std::size_t choice : condition.choices)
    values.push_back(space.value_text(condition.parent, static_cast<double>(choice)));
  Json json{{"child", child.name}, {"parent", space[condition.parent].name}};
  if (values.size() == 1) {
    json["type"] = "EQ";
    json["value"] = values.front();
  } else {
    json["type"] = "IN";
    json["values"] = std::move(values);
  }
  return json;
}

}  // namespace

Json config_space_json(const SearchSpace& space, const Configuration& defaults, const std::string& name) {
  Json parameters = Json::array();
  Json conditions = Json::array();
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Parameter& parameter = space[i];
    parameters.push_back(parameter_json(parameter, defaults.is_active(i) ? std::optional(defaults[i]) : std::nullopt));
    if (parameter.active_when) conditions.push_back(condition_json(space, parameter));
  }
  return {{"name", name},
          {"hyperparameters", std::move(parameters)},
          {"conditions", std::move(conditions)},
          {"forbiddens", Json::array()},
          {"format_version", 0.4}};
}

}  // namespace tonne
