// tonne list: what there is, with settings, defaults, meaning and sources.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/settings.h"
#include "cost_models/catalogue.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/experiment.h"
#include "search/catalogue.h"

namespace tonne::cli {
namespace {

using Json = nlohmann::ordered_json;

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
  print(json ? out.dump(2) + "\n" : text);
  return kSuccess;
}

std::string figure(const auto& value, const auto& unit, int digits = 3) {
  return value ? fmt::format("{:.{}g}", *value / unit, digits) : "-";
}

Json figure_json(const auto& value, const auto& unit) { return value ? Json(*value / unit) : Json(nullptr); }

Json provenance_json(const Provenance& p) {
  return {{"source", p.source}, {"year", p.published}, {"verified", p.verified}};
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

int list_devices(const std::string& name, bool json) {
  Json out = Json::array();
  std::vector<std::vector<std::string>> rows{{"device", "TFLOP/s fp32", "fp16", "int8", "GB/s", "GB", "TDP W", "idle W", "USD/h", "spot", "kg embodied", "specs checked", "specs from"}};
  for (const Device* d : chosen(devices(), name, "devices")) {
    const auto peak = [&](Precision p) { return figure(d->peak_of(p), teraflop_per_second); };
    rows.push_back({d->name, peak(Precision::fp32), peak(Precision::fp16), peak(Precision::int8), figure(d->bandwidth, gigabyte_per_second, 4),
                    figure(d->memory, gigabyte), figure(d->tdp, watt, 4), figure(d->idle.value, watt), figure(d->on_demand.value, dollar_per_hour),
                    figure(d->spot.value, dollar_per_hour), figure(d->embodied.value, kilogram), check_mark(d->specification.verified),
                    fmt::format("{} ({})", d->specification.source, d->specification.published)});
    out.push_back({{"name", d->name},
                   {"kind", d->kind},
                   {"fp32_tflops", figure_json(d->peak_of(Precision::fp32), teraflop_per_second)},
                   {"fp16_tflops", figure_json(d->peak_of(Precision::fp16), teraflop_per_second)},
                   {"int8_tops", figure_json(d->peak_of(Precision::int8), teraflop_per_second)},
                   {"bandwidth_gb_s", figure_json(d->bandwidth, gigabyte_per_second)},
                   {"memory_gb", figure_json(d->memory, gigabyte)},
                   {"tdp_w", figure_json(d->tdp, watt)},
                   {"specification", provenance_json(d->specification)},
                   {"idle_w", figure_json(d->idle.value, watt)},
                   {"idle", provenance_json(d->idle.provenance)},
                   {"usd_per_h", figure_json(d->on_demand.value, dollar_per_hour)},
                   {"spot_usd_per_h", figure_json(d->spot.value, dollar_per_hour)},
                   {"price", provenance_json(d->on_demand.provenance)},
                   {"embodied_kg", figure_json(d->embodied.value, kilogram)},
                   {"embodied", provenance_json(d->embodied.provenance)}});
  }
  print(json ? out.dump(2) + "\n" : table_text(rows) + "\nDense peaks, without sparsity; '-': nobody published one. Sources of idle power, prices and embodied carbon: --json.\n");
  return kSuccess;
}

int list_grids(const std::string& name, bool json) {
  Json out = Json::array();
  std::vector<std::vector<std::string>> rows{{"grid", "g CO2e/kWh", "year", "place", "verified", "source"}};
  for (const GridEntry* g : chosen(grids(), name, "grids")) {
    rows.push_back({g->name, fmt::format("{:.4g}", g->intensity / gram_per_kilowatt_hour), std::to_string(g->of_year), g->place,
                    check_mark(g->provenance.verified), g->provenance.source});
    out.push_back({{"name", g->name},
                   {"g_co2e_per_kwh", g->intensity / gram_per_kilowatt_hour},
                   {"year", g->of_year},
                   {"place", g->place},
                   {"kind", g->kind},
                   {"provenance", provenance_json(g->provenance)}});
  }
  print(json ? out.dump(2) + "\n" : table_text(rows));
  return kSuccess;
}

int list_hosts(const std::string& name, bool json) {
  Json out = Json::array();
  std::vector<std::vector<std::string>> rows{{"host", "W per slot", "GFLOP/s core", "W core", "kg embodied per slot", "what"}};
  for (const Host* h : chosen(hosts(), name, "hosts")) {
    rows.push_back({h->name, fmt::format("{:.4g}", h->slot_power / watt), fmt::format("{:.3g}", h->computing_rate / teraflop_per_second * 1e3),
                    fmt::format("{:.3g}", h->computing_power / watt), fmt::format("{:.4g}", h->slot_embodied / kilogram), h->description});
    out.push_back({{"name", h->name},
                   {"description", h->description},
                   {"slot_w", h->slot_power / watt},
                   {"processor", provenance_json(h->processor)},
                   {"shape", provenance_json(h->shape)},
                   {"computing_gflops", h->computing_rate / teraflop_per_second * 1e3},
                   {"computing_w", h->computing_power / watt},
                   {"computing", provenance_json(h->computing)},
                   {"slot_embodied_kg", h->slot_embodied / kilogram},
                   {"embodied", provenance_json(h->embodied)}});
  }
  print(json ? out.dump(2) + "\n" : table_text(rows));
  return kSuccess;
}

int list_facilities(const std::string& name, bool json) {
  Json out = Json::array();
  std::vector<std::vector<std::string>> rows{{"facility", "PUE", "L/kWh", "verified", "what"}};
  for (const Facility* f : chosen(facilities(), name, "facilities")) {
    const WaterIntensity litre_per_kwh = litre / kilowatt_hour;
    rows.push_back({f->name, fmt::format("{:.4g}", f->pue), figure(f->wue, litre_per_kwh), check_mark(f->provenance.verified), f->description});
    out.push_back({{"name", f->name},
                   {"description", f->description},
                   {"pue", f->pue},
                   {"wue_l_per_kwh", figure_json(f->wue, litre_per_kwh)},
                   {"provenance", provenance_json(f->provenance)}});
  }
  print(json ? out.dump(2) + "\n" : table_text(rows));
  return kSuccess;
}

int list_settings(const std::string& name, bool json) {
  std::vector<SettingDescription> settings = describe_experiment_settings();
  if (!name.empty())
    std::erase_if(settings, [&](const SettingDescription& s) { return s.key != name && !s.key.starts_with(name + "."); });
  if (settings.empty()) throw InputError("tonne list settings: there is no '" + name + "', try cluster or budget");
  print(json ? settings_json(settings).dump(2) + "\n" : settings_text(settings));
  return kSuccess;
}

}  // namespace

int list(const std::string& what, const std::string& name, bool json) {
  if (what == "strategies") return list_recipes(strategy_catalogue(), name, what, json);
  if (what == "problems") return list_recipes(problem_catalogue(), name, what, json);
  if (what == "devices") return list_devices(name, json);
  if (what == "grids") return list_grids(name, json);
  if (what == "hosts") return list_hosts(name, json);
  if (what == "facilities") return list_facilities(name, json);
  return list_settings(name, json);
}

}  // namespace tonne::cli
