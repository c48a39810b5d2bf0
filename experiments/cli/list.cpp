// tonne list: what there is, with settings, defaults, meaning and sources.

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/csv.h"
#include "core/error.h"
#include "core/json.h"
#include "core/settings.h"
#include "cost_models/catalogue.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/footprint/figure_text.h"
#include "experiments/plan/experiment_file.h"
#include "search/catalogue.h"

namespace tonne::cli {
namespace {

Json settings_json(const std::vector<SettingDescription>& settings) {
  Json list = Json::array();
  for (const SettingDescription& s : settings)
    list.push_back({{"key", s.key}, {"default", s.default_text}, {"allowed", s.allowed}, {"meaning", s.meaning}});
  return list;
}

std::string settings_text(const std::vector<SettingDescription>& settings) {
  std::size_t key_width = 0;
  std::size_t default_width = 0;
  for (const SettingDescription& s : settings) {
    key_width = std::max(key_width, s.key.size());
    default_width = std::max(default_width, s.default_text.size());
  }
  std::string text;
  for (const SettingDescription& s : settings)
    text += fmt::format("    {:<{}}  {:<{}}  {} [{}]\n", s.key, key_width, s.default_text, default_width, s.meaning, s.allowed);
  return text;
}

// Entries that match the name (all for none), or an error with the nearest name.
template <class Entry>
std::vector<const Entry*> chosen(std::span<const Entry> entries, const std::string& name, const std::string& what) {
  std::vector<const Entry*> result;
  std::vector<std::string> names;
  for (const Entry& entry : entries) {
    names.emplace_back(entry.name);
    if (name.empty() || entry.name == name) result.push_back(&entry);
  }
  if (!result.empty()) return result;
  const std::string hint = did_you_mean(name, names);
  throw InputError(fmt::format("tonne list {}: there is no '{}'. {}Known: {}", what, name, hint.empty() ? "" : hint + " ",
                               join_names(names)));
}

template <class Recipe>
int list_recipes(std::span<const CatalogueEntry<Recipe>> catalogue, const std::string& name, const std::string& what, bool json) {
  Json out = Json::array();
  std::string text;
  for (const auto* entry : chosen(catalogue, name, what)) {
    const auto recipe = entry->make();
    const auto settings = describe_settings([&](SettingsVisitor& v) { recipe->visit(v); });
    out.push_back({{"name", std::string(entry->name)},
                   {"summary", std::string(entry->summary)},
                   {"reference", std::string(entry->reference)},
                   {"settings", settings_json(settings)}});
    text += fmt::format("{}: {} ({})\n{}\n", entry->name, entry->summary, entry->reference, settings_text(settings));
  }
  if (what == "strategies") text += "Each strategy also takes label (its name in tables) and fidelity (how long it trains candidates).\n";
  if (what == "problems") text += "Each problem also takes label (its name in tables).\n";
  print(json ? json_document(out) : text);
  return kSuccess;
}

std::string figure(const auto& value, const auto& unit, int digits = 3) {
  if (!value) return "-";
  return figure_text(*value / unit, digits);
}

// "300 W" as "300" and "W".
std::pair<std::string, std::string> split_unit(const std::string& quantity) {
  const std::size_t space = quantity.find(' ');
  return {quantity.substr(0, space), quantity.substr(space + 1)};
}

// A table with a head; columns as wide as their widest cell.
std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format(fmt::runtime(i == 0 || i + 1 == row.size() ? "{:<{}}  " : "{:>{}}  "), row[i], widths[i]);
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

const char* check_mark(bool verified) { return verified ? "yes" : "no"; }

// A figure in the unit that people use: "300 W" is the value 300 and the unit W.
Json figure_json(const FigureRecord& figure) {
  const auto number = [&](const std::optional<double>& value) -> Json {
    if (!value) return nullptr;
    return figure.kind ? *parse_number(split_unit(format_quantity(*value, *figure.kind)).first) : *value;
  };
  const std::string unit = figure.kind ? split_unit(format_quantity(figure.value, *figure.kind)).second : "";
  return {{"key", figure.key},
          {"value", number(figure.value)},
          {"unit", unit},
          {"low", number(figure.low)},
          {"high", number(figure.high)},
          {"source", figure.provenance.source},
          {"year", figure.provenance.published == 0 ? Json(nullptr) : Json(figure.provenance.published)},
          {"verified", figure.provenance.verified}};
}

Json record_json(const EntryRecord& record) {
  Json out = {{"name", record.name}};
  for (const WordRecord& word : record.words) out[word.key] = word.text;
  out["figures"] = Json::array();
  for (const FigureRecord& figure : record.figures) out["figures"].push_back(figure_json(figure));
  return out;
}

// Everything that the catalogue knows of one entry.
std::string record_text(const EntryRecord& record) {
  std::string text = printable(record.name) + "\n";
  for (const WordRecord& word : record.words) text += fmt::format("  {}: {}\n", word.key, printable(word.text));
  std::vector<std::vector<std::string>> rows{{"figure", "value", "year", "verified", "source"}};
  for (const FigureRecord& figure : record.figures)
    rows.push_back({figure.key, shown_figure(figure),
                    figure.provenance.published == 0 ? "-" : std::to_string(figure.provenance.published),
                    check_mark(figure.provenance.verified), printable(figure.provenance.source)});
  return text + "\n" + table_text(rows);
}

// All entries as a table, or one in full.
template <class Entry>
int list_entries(std::span<const Entry> entries, const std::string& what, const std::string& name, bool json,
                 std::vector<std::string> head, const std::function<std::vector<std::string>(const Entry&)>& row) {
  Json out = Json::array();
  std::vector<std::vector<std::string>> rows{std::move(head)};
  const auto listed = chosen(entries, name, what);
  for (const Entry* entry : listed) {
    out.push_back(record_json(entry->record));
    rows.push_back(row(*entry));
  }
  if (json) {
    print(json_document(out));
  } else if (!name.empty()) {
    print(record_text(listed.front()->record));
  } else {
    print(table_text(rows) + fmt::format("\n'-': nobody published one. Every figure of an entry with its source: tonne list {} NAME\n", what));
  }
  return kSuccess;
}

std::vector<std::string> device_row(const Device& d) {
  const auto peak = [&](Precision p) { return figure(d.peak_of(p), teraflop_per_second); };
  return {d.name,
          d.kind,
          peak(Precision::fp32),
          peak(Precision::fp16),
          peak(Precision::int8),
          figure(d.bandwidth, gigabyte_per_second, 4),
          figure(d.memory, gigabyte),
          figure(d.tdp, watt, 4),
          figure(d.idle.value, watt),
          figure(d.on_demand.value, dollar_per_hour),
          figure(d.spot.value, dollar_per_hour),
          figure(d.embodied.value, kilogram),
          check_mark(d.specification.verified),
          fmt::format("{} ({})", printable(d.specification.source), d.specification.published)};
}

std::vector<std::string> grid_row(const GridEntry& g) {
  return {g.name,
          figure_text(g.intensity / gram_per_kilowatt_hour, 4),
          std::to_string(g.of_year),
          std::string(to_string(g.nature.kind)),
          std::string(to_string(g.nature.scope)),
          figure(g.water, litre / kilowatt_hour),
          check_mark(g.provenance.verified),
          printable(g.place),
          printable(g.provenance.source)};
}

std::vector<std::string> host_row(const Host& h) {
  return {h.name,
          figure_text(h.slot_power / watt, 4),
          figure_text(h.computing_rate / teraflop_per_second * 1e3, 3),
          figure_text(h.computing_power / watt, 3),
          figure_text(h.slot_embodied / kilogram, 4),
          printable(h.description)};
}

std::vector<std::string> facility_row(const Facility& f) {
  return {f.name, figure_text(f.pue, 4), figure(f.wue, litre / kilowatt_hour), check_mark(f.provenance.verified),
          printable(f.description)};
}

int list_settings(const std::string& name, bool json) {
  std::vector<SettingDescription> settings = describe_experiment_settings();
  if (!name.empty())
    std::erase_if(settings, [&](const SettingDescription& s) { return s.key != name && !s.key.starts_with(name + "."); });
  if (settings.empty()) throw InputError("tonne list settings: there is no '" + name + "', try cluster or budget");
  print(json ? json_document(settings_json(settings)) : settings_text(settings));
  return kSuccess;
}

}  // namespace

int list(const std::string& what, const std::string& name, bool json, const std::filesystem::path& own) {
  if (what == "strategies") return list_recipes(strategy_catalogue(), name, what, json);
  if (what == "problems") return list_recipes(problem_catalogue(), name, what, json);
  if (what == "settings") return list_settings(name, json);
  const auto catalogue = Catalogue::with_file(own);
  if (what == "devices")
    return list_entries<Device>(catalogue->devices(), what, name, json,
                                {"device", "kind", "TFLOP/s fp32", "fp16", "int8", "GB/s", "GB", "TDP W", "idle W", "USD/h", "spot",
                                 "kg embodied", "specs checked", "specs from"},
                                device_row);
  if (what == "grids")
    return list_entries<GridEntry>(catalogue->grids(), what, name, json,
                                   {"grid", "g CO2e/kWh", "year", "signal", "scope", "water L/kWh", "verified", "place", "source"},
                                   grid_row);
  if (what == "hosts")
    return list_entries<Host>(catalogue->hosts(), what, name, json,
                              {"host", "W per slot", "GFLOP/s core", "W core", "kg embodied per slot", "what"}, host_row);
  return list_entries<Facility>(catalogue->facilities(), what, name, json, {"facility", "PUE", "L/kWh", "verified", "what"},
                                facility_row);
}

}  // namespace tonne::cli
