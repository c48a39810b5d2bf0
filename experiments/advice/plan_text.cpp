#include "experiments/advice/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "experiments/advice/plan_source.h"
#include "experiments/text/quantity.h"

namespace tonne {
namespace {

constexpr std::size_t kMostShown = 8;

// Of a trace the column, or the whole where it has none: settings would fill the line.
std::string grid_text(const std::string& grid) {
  const std::size_t column = grid.find("column:");
  if (!grid.starts_with('{') || column == std::string::npos) return grid;
  const std::size_t begin = grid.find_first_not_of(' ', column + 7);
  return "trace " + grid.substr(begin, grid.find_first_of(",}", begin) - begin);
}

}  // namespace

std::string choice_text(const PlanOption& option) {
  std::string text;
  const auto add = [&](const std::string& value, const std::string& words) {
    if (!value.empty()) text += (text.empty() ? "" : ", ") + words;
  };
  add(option.workers, option.workers + " worker" + (option.workers == "1" ? "" : "s"));
  add(option.device, option.device);
  add(option.grid, "grid " + grid_text(option.grid));
  add(option.start, "start " + option.start);
  return text;
}

namespace {

std::string value_text(const SearchPlan& plan, double value) {
  return tonne::value_text(value, plan.unit) + (plan.unit.empty() ? "" : " " + plan.unit);
}

std::string machines_text(const PlanOption& option) {
  const std::string choice = choice_text(option);
  return choice.empty() ? option.place : choice;
}

std::string interval_text(const SearchPlan& plan, const PlanOption& option) {
  return option.low ? value_text(plan, *option.low) + " .. " + value_text(plan, *option.high) : "-";
}

std::string costs_text(const PlanOption& option) {
  return fmt::format("{} CO2e, {}, {} and {}", mass_text(option.kilograms * kilogram),
                     energy_text(option.kilowatt_hours * kilowatt_hour), option.dollars ? money_text(*option.dollars * dollar) : "a cost not known",
                     duration_text(option.hours * hour));
}

std::string advice_text(const SearchPlan& plan) {
  if (plan.advice == PlanAdvice::too_little)
    return "Do not search within this limit: it does not cover a single successful trial. A run with "
           "`budget: {evaluations: 1}` shows what one trial costs.";
  const PlanOption& expected = *plan.expected;
  const std::string outcome =
      fmt::format("{} ({} over {} fresh seeds) for {}", value_text(plan, *expected.value),
                  interval_text(plan, expected), expected.values_by_seed.size(), costs_text(expected));
  if (plan.advice == PlanAdvice::no_gain)
    return fmt::format(
        "Do not search: the best option found, {} ({}), is expected to reach a mean {} of {}; the default "
        "configuration already gives {} at no cost.",
        expected.strategy, machines_text(expected), plan.objective, outcome,
        value_text(plan, plan.default_value));
  if (plan.advice == PlanAdvice::no_payback)
    return fmt::format(
        "Do not search to save CO2e: {} ({}) is expected to reach a mean {} of {}, and what the result saves "
        "later does not make up for the search (pays back after: {}).",
        expected.strategy, machines_text(expected), plan.objective, outcome, plan.payback);
  return fmt::format(
      "Use {} ({}): expect a mean {} of {}. The default configuration gives {}; {:.0f} % of the fresh "
      "searches beat it.",
      expected.strategy, machines_text(expected), plan.objective, outcome,
      value_text(plan, plan.default_value), 100.0 * *plan.chance_of_gain);
}

std::string level_text(const SearchPlan& plan) {
  const auto level = std::ranges::count_if(plan.options, &PlanOption::level);
  if (level < 2) return "No other option is statistically level with it.";
  return fmt::format("{} of {} options are statistically level with the best on the selection seeds (*); {}.",
                     level, plan.options.size(),
                     *plan.chosen == 0
                         ? "this one has the best mean, and none of the others emits clearly less"
                         : "this one emits clearly less than the option with the best mean");
}

std::vector<std::string> row_of(const SearchPlan& plan, const PlanOption& option, const std::string& mark) {
  return {printable(option.strategy) + mark,
          printable(machines_text(option)),
          option.value ? value_text(plan, *option.value) : "none",
          interval_text(plan, option),
          grouped(option.evaluations),
          significant_text(option.hours),
          significant_text(option.kilowatt_hours),
          significant_text(option.kilograms),
          option.dollars ? significant_text(*option.dollars) : "not known"};
}

Json option_json(const PlanOption& option, const std::string& unit) {
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  return {{"strategy", option.strategy},       {"device", option.device},   {"grid", option.grid},
          {"workers", option.workers},         {"start", option.start},     {"place", option.place},
          {"value", number(option.value)},     {"low", number(option.low)}, {"high", number(option.high)},
          {"unit", unit},
          {"evaluations", option.evaluations}, {"hours", option.hours},     {"kwh", option.kilowatt_hours},
          {"kg_co2e", option.kilograms},       {"usd", number(option.dollars)},     {"level", option.level}};
}

}  // namespace

std::string runnable_experiment(const SearchPlan& plan, const std::filesystem::path& file) {
  if (plan.experiment.empty()) return "";
  const auto may_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  const std::string stem = file.stem().string();
  const bool names = !stem.empty() && stem.size() <= 100 && std::ranges::all_of(stem, may_name);
  const PlanOption& chosen = plan.options[*plan.chosen];
  return fmt::format("# What `tonne plan` chose for {}: {}, {}\n", printable(plan.problem), printable(chosen.strategy),
                     printable(machines_text(chosen))) +
         moved_experiment(plan.experiment, plan.directory, file.has_parent_path() ? file.parent_path() : ".", names ? stem : "plan");
}

std::string plan_text(const SearchPlan& plan, const TextStyle& style) {
  std::string text = wrapped(printable(advice_text(plan)), style.width) + "\n";
  if (!plan.chosen) return text;
  if (!plan.warning.empty()) text += wrapped(plan.warning, style.width) + "\n";
  if (plan.advice == PlanAdvice::search) text += wrapped(level_text(plan), style.width) + "\n";
  TextRows choices{
      {plan.problem, "machines", plan.objective, "95 % interval", "evals", "hours", "kWh", "kg CO2e", "USD"}};
  for (std::size_t i = 0; i < std::min(kMostShown, plan.options.size()); ++i)
    choices.push_back(row_of(plan, plan.options[i], plan.options[i].level ? " *" : ""));
  // Without a choice of machines their names would stand in every line.
  const bool no_choice = choice_text(plan.options.front()).empty();
  if (no_choice) text += wrapped("On " + printable(plan.options.front().place) + ":", style.width) + "\n";
  const auto table = [&](TextRows rows) {
    if (no_choice)
      for (auto& row : rows) row.erase(row.begin() + 1);
    return format_table(std::move(rows), style,
                        {.expendable = {"evals", "kWh", "hours", "USD", "95 % interval"}});
  };
  text += table(choices);
  if (plan.options.size() > kMostShown)
    text += fmt::format("  ... and {} more\n", plan.options.size() - kMostShown);
  TextRows ladder{{"what the limit buys", "machines", plan.objective, "95 % interval", "evals", "hours",
                   "kWh", "kg CO2e", "USD"}};
  constexpr const char* kParts[] = {"a quarter", "half", "all of it"};
  for (std::size_t i = 0; i < plan.ladder.size(); ++i) {
    std::vector<std::string> row = row_of(plan, plan.ladder[i], "");
    row.front() = kParts[i];
    ladder.push_back(std::move(row));
  }
  text += "\n" + table(ladder) + "\n";
  if (!plan.payback.empty()) text += wrapped("Pays back after: " + plan.payback + ".", style.width);
  text += wrapped(
      "The option was selected on one set of seeds and then simulated again on fresh ones, because the best "
      "of many options looks better than it is. Figures are means per search.",
      style.width);
  return text;
}

std::string plan_json(const SearchPlan& plan) {
  constexpr const char* kAdvice[] = {"search", "no gain", "too little", "no payback"};
  Json json = {{"problem", plan.problem},
               {"objective", plan.objective},
               {"unit", plan.unit},
               {"default", plan.default_value},
               {"advice", kAdvice[static_cast<std::size_t>(plan.advice)]},
               {"sentence", advice_text(plan)}};
  json["expected"] = plan.expected ? option_json(*plan.expected, plan.unit) : Json();
  json["chance_of_gain"] = plan.chance_of_gain ? Json(*plan.chance_of_gain) : Json();
  json["payback"] = plan.payback;
  json["warning"] = plan.warning;
  json["experiment"] = runnable_experiment(plan, "plan.yaml");
  for (const auto& [key, list] : {std::pair("options", &plan.options), std::pair("ladder", &plan.ladder)}) {
    json[key] = Json::array();
    for (const PlanOption& option : *list) json[key].push_back(option_json(option, plan.unit));
  }
  return json_document(json, JsonText::ascii);
}

}  // namespace tonne
