#include "experiments/repricing/reprice_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/json.h"
#include "experiments/text/csv_text.h"

namespace tonne {
namespace {

double kwh(const Usage& usage) { return usage.energy / kilowatt_hour; }

// Of the recorded carbon; 1 where there was none.
double factor(const RepricedSearch& row) {
  return row.before.carbon() > Carbon{} ? row.after.carbon() / row.before.carbon() : 1.0;
}

// What the rows of the first search come to; none where there is nothing to choose from.
std::string finding(const Repricing& repricing, std::span<const Elsewhere> places) {
  if (repricing.rows.empty() || places.size() < 2) return {};
  std::set<std::size_t> best;
  std::set<std::string> seen;
  for (const RepricedSearch& row : repricing.rows)
    if (seen.insert(search_name(row)).second) best.insert(row.place);
  if (best.size() > 1) return "No place is the best for every search.";
  return fmt::format("Of the {} places compared, {} would have emitted least, in the mean of {}.", places.size(),
                     places[*best.begin()].label, seen.size() == 1 ? "its searches" : "each strategy's searches");
}

}  // namespace

std::string search_name(const RepricedSearch& row) {
  return row.problem + (row.scenario.empty() ? "" : ", " + row.scenario) + ", " + row.strategy;
}

std::string reprice_text(const Repricing& repricing, std::span<const Elsewhere> places, const TextStyle& style) {
  TextRows rows = {{"where", "search", "kWh", "kg operational", "kg embodied", "kg CO2e", "USD", "hours", "x", "order"}};
  for (const RepricedSearch& row : repricing.rows)
    rows.push_back({places[row.place].label, search_name(row), significant_text(kwh(row.after)),
                    significant_text(row.after.operational / kilogram), significant_text(row.after.embodied / kilogram),
                    significant_text(row.after.carbon() / kilogram),
                    repricing.priced ? significant_text(row.after.money / dollar) : "not known",
                    significant_text(row.time_after / hour), significant_text(factor(row)), row.same_order ? "same" : "may differ"});
  TableLayout layout;
  layout.left = 2;
  layout.expendable = {"kWh", "hours", "USD", "kg embodied", "kg operational"};
  std::string text = format_table(std::move(rows), style, layout);
  const auto say = [&](const std::string& sentence) { text += wrapped(sentence, style.width); };
  text += "\n";
  say("Each row is the mean search, least carbon first; x: carbon over that of the recorded search.");
  if (const std::string found = finding(repricing, places); !found.empty()) say(found);
  for (const std::string& method : repricing.methods) say(method);
  if (repricing.doubts.empty()) return text;
  text += "\n";
  say("The same trials in the same order are charged, but elsewhere the search could have gone another way:");
  for (const std::string& doubt : repricing.doubts) say("- " + doubt + ".");
  say(repricing.real ? "A real search cannot be run again here; `tonne import --as-table` makes a landscape of it on which strategies can."
                     : "To know, change the experiment file and use `tonne run`.");
  return text;
}

std::string reprice_csv(const Repricing& repricing, std::span<const Elsewhere> places) {
  std::string text =
      "where,problem,scenario,strategy,searches,energy_kwh,operational_kg,embodied_kg,co2e_kg,money_usd,hours,"
      "recorded_energy_kwh,recorded_co2e_kg,factor,same_order\n";
  for (const RepricedSearch& row : repricing.rows)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_text(places[row.place].label), csv_text(row.problem),
                        csv_text(row.scenario), csv_text(row.strategy), row.searches, kwh(row.after), row.after.operational / kilogram,
                        row.after.embodied / kilogram, row.after.carbon() / kilogram,
                        repricing.priced ? fmt::format("{}", row.after.money / dollar) : "", row.time_after / hour, kwh(row.before),
                        row.before.carbon() / kilogram, factor(row), row.same_order);
  return text;
}

std::string reprice_json(const Repricing& repricing, std::span<const Elsewhere> places) {
  Json json;
  json["rows"] = Json::array();
  for (const RepricedSearch& row : repricing.rows) {
    Json one;
    one["where"] = places[row.place].label;
    for (const ClusterChange& change : places[row.place].changes) one["changes"][change.key] = change.value;
    one["problem"] = row.problem;
    one["scenario"] = row.scenario;
    one["strategy"] = row.strategy;
    one["searches"] = row.searches;
    one["energy_kwh"] = kwh(row.after);
    one["operational_kg"] = row.after.operational / kilogram;
    one["embodied_kg"] = row.after.embodied / kilogram;
    one["co2e_kg"] = row.after.carbon() / kilogram;
    if (repricing.priced) one["money_usd"] = row.after.money / dollar;
    one["hours"] = row.time_after / hour;
    one["recorded_energy_kwh"] = kwh(row.before);
    one["recorded_co2e_kg"] = row.before.carbon() / kilogram;
    one["recorded_hours"] = row.time_before / hour;
    one["factor"] = factor(row);
    one["same_order"] = row.same_order;
    json["rows"].push_back(std::move(one));
  }
  json["finding"] = finding(repricing, places);
  json["methods"] = repricing.methods;
  json["doubts"] = repricing.doubts;
  return json_line(json) + "\n";
}

}  // namespace tonne
