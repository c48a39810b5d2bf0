#include "experiments/results/tidy_views.h"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/search_space.h"
#include "core/units.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_plan_reader.h"

namespace tonne {
namespace {

constexpr std::size_t kMostColumns = 1900;

// Text between quotes of that kind, which stand twice in it. A zero byte would end the statement.
std::string sql_quoted(std::string_view text, char quote) {
  std::string made(1, quote);
  for (const char c : text) {
    if (c == '\0') continue;
    if (c == quote) made += quote;
    made += c;
  }
  return made + quote;
}

// SQLite takes names in any case for the same: a column whose name is taken is numbered.
class ViewColumns {
 public:
  void add(const std::string& expression, const std::string& name) {
    std::string chosen = name;
    for (std::size_t n = 2; !taken_.insert(lower(chosen)).second; ++n) chosen = fmt::format("{}_{}", name, n);
    text_ += fmt::format("{}{} AS {}", text_.empty() ? "" : ", ", expression, sql_quoted(chosen, '"'));
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t size() const { return taken_.size(); }

 private:
  // As SQLite compares names: ASCII alone, whatever the locale.
  static std::string lower(std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
  }
  std::set<std::string> taken_;
  std::string text_;
};

std::string parameter_expression(const Domain& domain, std::size_t i) {
  const std::string value = fmt::format("json_extract(t.configuration, '$[{}]')", i);
  const std::vector<std::string>* names = nullptr;
  if (const auto* categorical = std::get_if<Categorical>(&domain)) names = &categorical->choices;
  if (const auto* ordinal = std::get_if<Ordinal>(&domain)) names = &ordinal->levels;
  if (!names) return value;
  return fmt::format("json_extract({}, '$[' || {} || ']')", sql_quoted(json_line(Json(*names)), '\''), value);
}

std::string objective_expression(std::size_t i) {
  if (i == 0) return "t.objective";
  // Further ones stand in one text; what is not finite is no JSON.
  const std::string list = "('[' || replace(t.objectives, ';', ',') || ']')";
  return fmt::format("CASE WHEN json_valid({0}) THEN json_extract({0}, '$[{1}]') END", list, i - 1);
}

// "1, 4": the scenarios whose money is known.
std::string priced_scenarios(const StoreDatabase& store) {
  std::string list;
  const auto scenarios = read_scenarios(store);
  for (std::size_t s = 0; s < scenarios.size(); ++s)
    if (scenarios[s].priced) list += fmt::format("{}{}", list.empty() ? "" : ", ", s);
  return list;
}

}  // namespace

void make_tidy_views(const StoreDatabase& store, SQLite::Database& copy) {
  const auto problems = read_problems(store);
  const std::string priced = priced_scenarios(store);
  for (std::size_t p = 0; p < problems.size(); ++p) {
    ViewColumns columns;
    for (const auto& [expression, name] :
         {std::pair("p.label", "problem"), std::pair("s.label", "scenario"), std::pair("g.label", "strategy"), std::pair("c.seed", "seed"),
          std::pair("t.trial", "trial"), std::pair("t.status", "status"), std::pair("t.fidelity", "fidelity"),
          std::pair("t.trained_from", "trained_from"), std::pair("t.resumes", "resumes"), std::pair("t.worker", "worker"),
          std::pair("t.start_s", "start_s"), std::pair("t.end_s - t.start_s", "seconds")})
      columns.add(expression, name);
    columns.add(fmt::format("(t.device_dynamic_j + t.device_idle_j + t.host_j + t.facility_j + t.transfer_j) * {}", joule / kilowatt_hour), "kwh");
    columns.add("t.operational_kg + t.embodied_kg", "kg_co2e");
    columns.add(fmt::format("CASE WHEN c.scenario IN ({}) THEN t.usd END", priced), "usd");
    for (std::size_t i = 0; i < problems[p].objectives.size(); ++i)
      columns.add(objective_expression(i), "objective_" + problems[p].objectives[i].name);
    const SearchSpace space = read_space(store, p);
    if (columns.size() + space.size() > kMostColumns) continue;
    for (std::size_t i = 0; i < space.size(); ++i) columns.add(parameter_expression(space[i].domain, i), "param_" + space[i].name);
    copy.exec(fmt::format("CREATE VIEW {} AS SELECT {} FROM trials t JOIN cells c USING(cell) JOIN problems p USING(problem) "
                          "JOIN scenarios s USING(scenario) JOIN strategies g USING(strategy) WHERE c.problem = {} ORDER BY t.cell, t.trial",
                          problems.size() == 1 ? "tidy" : fmt::format("tidy_{}", p + 1), columns.text(), p));
  }
}

}  // namespace tonne
