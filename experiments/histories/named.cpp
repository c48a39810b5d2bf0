// Objectives and domains as users write them.

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

#include "core/csv.h"
#include "core/error.h"
#include "experiments/histories/raw_study.h"
#include "experiments/histories/readers.h"

namespace tonne::histories {
namespace {

constexpr std::string_view kForms =
    "expected NAME=LOW..HIGH with :log or :int behind it, NAME={a,b,c}, or NAME=[1,2,3] for levels that have "
    "an order";

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw InputError(fmt::format("'{}' is no domain: {}", text.substr(0, 80), why));
}

std::vector<std::string> parts_of(std::string_view list, std::string_view text) {
  std::vector<std::string> parts;
  std::set<std::string> seen;
  while (true) {
    const std::size_t end = list.find(',');
    std::string part(list.substr(0, end));
    if (part.empty()) refuse(text, "one of its values is empty");
    if (!seen.insert(part).second) refuse(text, "it has '" + part + "' twice");
    parts.push_back(std::move(part));
    if (end == std::string_view::npos) return parts;
    list.remove_prefix(end + 1);
  }
}

Domain numeric(std::string_view range, std::string_view text) {
  bool is_integer = false;
  Scale scale = Scale::linear;
  std::size_t colon = 0;
  while ((colon = range.rfind(':')) != std::string_view::npos) {
    const std::string_view ending = range.substr(colon + 1);
    if (ending != "int" && ending != "log") refuse(text, kForms);
    if (ending == "int")
      is_integer = true;
    else
      scale = Scale::log;
    range = range.substr(0, colon);
  }
  const std::size_t dots = range.find("..");
  if (dots == std::string_view::npos) refuse(text, kForms);
  const auto low = parse_number(range.substr(0, dots)), high = parse_number(range.substr(dots + 2));
  if (!low || !high) refuse(text, kForms);
  if (!(*low < *high)) refuse(text, "its low end is not below its high end");
  if (scale == Scale::log && !(*low > 0.0)) refuse(text, "a log scale needs a low end above 0");
  if (!is_integer) return Real{*low, *high, scale};
  if (*low != std::floor(*low) || *high != std::floor(*high) || *low < -kLargestInteger ||
      *high > kLargestInteger)
    refuse(text, "its ends are no integers up to 2^53");
  return Integer{static_cast<std::int64_t>(*low), static_cast<std::int64_t>(*high), scale};
}

}  // namespace

NamedObjective parse_objective(std::string_view text) {
  NamedObjective objective;
  const std::size_t colon = text.rfind(':');
  const std::string_view ending = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (ending == "max" || ending == "min") {
    objective.direction = ending == "max" ? Direction::maximise : Direction::minimise;
    text = text.substr(0, colon);
  }
  if (text.empty())
    throw InputError("an objective has no name: expected a column, with :min or :max behind it");
  if (colon != std::string_view::npos && !objective.direction)
    throw InputError(fmt::format("the objective '{}' ends with ':{}': expected :min or :max",
                                 text.substr(0, 80), ending.substr(0, 40)));
  objective.column = text;
  return objective;
}

NamedDomain parse_domain(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) refuse(text, kForms);
  std::string name(text.substr(0, equals));
  const std::string_view value = text.substr(equals + 1);
  const bool is_set = value.size() > 1 && value.front() == '{' && value.back() == '}';
  const bool is_list = value.size() > 1 && value.front() == '[' && value.back() == ']';
  if (!is_set && !is_list) return {std::move(name), numeric(value, text)};
  auto parts = parts_of(value.substr(1, value.size() - 2), text);
  if (is_set) return {std::move(name), Categorical{std::move(parts)}};
  return {std::move(name), Ordinal{std::move(parts)}};
}

}  // namespace tonne::histories
