// tonne list: what there is, with settings, defaults, meaning and sources.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "core/csv.h"
#include "core/error.h"
#include "core/json.h"
#include "core/settings.h"
#include "cost_models/catalogue.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/footprint/figure_text.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/text/text_table.h"
#include "search/catalogue.h"

namespace tonne::cli {
namespace {

Json settings_json(const std::vector<SettingDescription>& settings) {
  Json list = Json::array();
  for (const SettingDescription& s : settings)
    list.push_back({{"key", s.key}, {"default", s.default_text}, {"allowed", s.allowed}, {"meaning", s.meaning}});
  return list;
}

// On a terminal the last column keeps to its width.
TextStyle shown_style(bool full) { return {false, full ? 0 : terminal_width()}; }

// An overview keeps to 80 columns in a pipe too.
TextStyle overview_style() {
  constexpr std::size_t kUsual = 80;
  const std::size_t width = terminal_width();
  return {use_color(1), width == 0 ? kUsual : width};
}

std::string settings_text(const std::vector<SettingDescription>& settings, const TextStyle& style) {
  TextRows rows;
  for (const SettingDescription& s : settings)
    rows.push_back({s.key, s.default_text, fmt::format("{} [{}]", s.meaning, s.allowed)});
  return rows.empty() ? "" : format_table(rows, style, {.left = 2, .last = LastColumn::wrapped_text});
}

// A paragraph without indent.
std::string paragraph(const std::string& text, const TextStyle& style) {
  if (style.width == 0) return text + "\n";
  return wrapped(text, style.width).substr(2);
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

// One line each.
template <class Recipe>
std::string recipes_overview(std::span<const CatalogueEntry<Recipe>> catalogue, const std::string& what) {
  TextRows rows{{what, "what it is"}};
  for (const auto& entry : catalogue) rows.push_back({std::string(entry.name), std::string(entry.summary)});
  const TextStyle style = overview_style();
  return format_table(std::move(rows), style, {.last = LastColumn::clipped_text}) + "\n" +
         wrapped(fmt::format("tonne list {} NAME: one in full, with its settings. --full: all of them.", what), style.width);
}

template <class Recipe>
Json recipes_json(const std::vector<const CatalogueEntry<Recipe>*>& entries) {
  Json out = Json::array();
  for (const auto* entry : entries) {
    const auto recipe = entry->make();
    out.push_back({{"name", std::string(entry->name)},
                   {"summary", std::string(entry->summary)},
                   {"reference", std::string(entry->reference)},
                   {"settings", settings_json(describe_settings([&](SettingsVisitor& v) { recipe->visit(v); }))}});
  }
  return out;
}

template <class Recipe>
int list_recipes(std::span<const CatalogueEntry<Recipe>> catalogue, const ListArguments& arguments) {
  const auto entries = chosen(catalogue, arguments.name, arguments.what);
  if (arguments.json) {
    print(json_document(recipes_json(entries)));
    return kSuccess;
  }
  if (arguments.name.empty() && !arguments.full) {
    print(recipes_overview(catalogue, arguments.what));
    return kSuccess;
  }
  const TextStyle style = shown_style(arguments.full);
  std::string text;
  for (const auto* entry : entries) {
    const auto recipe = entry->make();
    const auto settings = describe_settings([&](SettingsVisitor& v) { recipe->visit(v); });
    text += paragraph(fmt::format("{}: {} ({})", entry->name, entry->summary, entry->reference), style) +
            settings_text(settings, style) + "\n";
  }
  const bool strategies = arguments.what == "strategies";
  print(text + paragraph(strategies ? "Each strategy also takes label (its name in tables) and fidelity (how long it trains candidates)."
                                    : "Each problem also takes label (its name in tables).",
                         style));
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

const char* check_mark(bool verified) { return verified ? "yes" : "no"; }

// The day of the check, where it is known.
std::string check_text(const Provenance& provenance) {
  return provenance.checked.empty() ? check_mark(provenance.verified) : provenance.checked;
}

// Of the plain numbers of a record that have one all the same.
std::string unit_of_number(std::string_view key) {
  if (key == "specification.node") return "nm";
  return key == "processor.dram_watts_per_gb" ? "W/GB" : "";
}

// A figure in the unit that people use: "300 W" is the value 300 and the unit W.
Json figure_json(const FigureRecord& figure) {
  const auto number = [&](const std::optional<double>& value) -> Json {
    if (!value) return nullptr;
    return figure.kind ? *parse_number(split_unit(format_quantity(*value, *figure.kind)).first) : *value;
  };
  const std::string unit =
      figure.kind ? split_unit(format_quantity(figure.value, *figure.kind)).second : unit_of_number(figure.key);
  return {{"key", figure.key},
          {"value", number(figure.value)},
          {"unit", unit},
          {"low", number(figure.low)},
          {"high", number(figure.high)},
          {"source", figure.provenance.source},
          {"year", figure.provenance.published == 0 ? Json(nullptr) : Json(figure.provenance.published)},
          {"verified", figure.provenance.verified},
          {"checked", figure.provenance.checked.empty() ? Json(nullptr) : Json(figure.provenance.checked)}};
}

Json record_json(const EntryRecord& record) {
  Json out = {{"name", record.name}};
  for (const WordRecord& word : record.words) out[word.key] = word.text;
  out["figures"] = Json::array();
  for (const FigureRecord& figure : record.figures) out["figures"].push_back(figure_json(figure));
  return out;
}

// Everything that the catalogue knows of one entry.
std::string record_text(const EntryRecord& record, const TextStyle& style) {
  std::string text = printable(record.name) + "\n";
  for (const WordRecord& word : record.words) text += "  " + paragraph(word.key + ": " + printable(word.text), style);
  TextRows rows{{"figure", "value", "year", "verified", "source"}};
  for (const FigureRecord& figure : record.figures)
    rows.push_back({figure.key, shown_figure(figure),
                    figure.provenance.published == 0 ? "-" : std::to_string(figure.provenance.published),
                    check_text(figure.provenance), printable(figure.provenance.source)});
  return text + "\n" + format_table(std::move(rows), style, {.expendable = {"verified"}, .last = LastColumn::wrapped_text});
}

// How the entries of a kind are listed.
template <class Entry>
struct EntryTable {
  std::vector<std::string> head;
  std::function<std::vector<std::string>(const Entry&)> row;
  std::vector<std::string> expendable;  ///< as in TableLayout
};

// A line for each entry; `more` is said below.
template <class Entry>
void print_overview(const std::vector<const Entry*>& listed, const ListArguments& arguments, const EntryTable<Entry>& table,
                    const std::string& more) {
  TextRows rows{table.head};
  for (const Entry* entry : listed) rows.push_back(table.row(*entry));
  const TextStyle style = arguments.full ? TextStyle{} : overview_style();
  const TableLayout layout{.expendable = table.expendable,
                           .last = LastColumn::clipped_text,
                           .rest = "--full, --json or a wider terminal"};
  print(format_table(std::move(rows), style, layout) + "\n" +
        wrapped(fmt::format("tonne list {} NAME: an entry in full, each figure with its source. '-': not known here.{}",
                            arguments.what, more),
                style.width));
}

// All entries as a table, or one in full.
template <class Entry>
int list_entries(std::span<const Entry> entries, const ListArguments& arguments, const EntryTable<Entry>& table) {
  const auto listed = chosen(entries, arguments.name, arguments.what);
  if (arguments.json) {
    Json out = Json::array();
    for (const Entry* entry : listed) out.push_back(record_json(entry->record));
    print(json_document(out));
    return kSuccess;
  }
  if (!arguments.name.empty()) {
    print(record_text(listed.front()->record, shown_style(arguments.full)));
    return kSuccess;
  }
  print_overview(listed, arguments, table,
                 arguments.what == "devices" ? " fp16: or bf16, where a device has only that." : "");
  return kSuccess;
}

// Whether the specification was read at its source: all of it, a part, or nothing.
const char* specification_mark(const EntryRecord& record) {
  bool some = false, all = true;
  for (const FigureRecord& f : record.figures) {
    if (!f.key.starts_with("specification.")) continue;
    some = some || f.provenance.verified;
    all = all && f.provenance.verified;
  }
  return all ? "yes" : some ? "partly" : "no";
}

std::vector<std::string> device_row(const Device& d) {
  const auto peak = [&](Precision p) { return figure(d.peak_of(p), teraflop_per_second); };
  const auto price = [&](PriceTerm term) {
    const DevicePrice* row = d.price_of(term);
    return figure(row ? row->price.value : std::nullopt, dollar_per_hour);
  };
  return {d.name,
          d.kind,
          peak(Precision::fp32),
          peak(Precision::tf32),
          peak(d.peak_of(Precision::fp16) ? Precision::fp16 : Precision::bf16),
          peak(Precision::fp8),
          peak(Precision::int8),
          figure(d.bandwidth, gigabyte_per_second, 4),
          figure(d.memory, gigabyte),
          figure(d.tdp, watt, 4),
          figure(d.idle.value, watt),
          price(PriceTerm::on_demand),
          price(PriceTerm::spot),
          figure(d.embodied.value, kilogram),
          specification_mark(d.record),
          fmt::format("{} ({})", printable(d.specification.source), d.specification.published)};
}

std::vector<std::string> grid_row(const GridEntry& g) {
  return {g.name,
          figure_text(g.intensity / gram_per_kilowatt_hour, 4),
          std::to_string(g.of_year),
          std::string(to_string(g.nature.kind)),
          std::string(to_string(g.nature.scope)),
          figure(g.water, litre / kilowatt_hour),
          check_text(g.provenance),
          printable(g.provenance.source),
          printable(g.place)};
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
  return {f.name, figure_text(f.pue, 4), figure(f.wue, litre / kilowatt_hour), check_text(f.provenance),
          printable(f.description)};
}

// cluster.grid for cluster.grid.trace; the key itself where it is no deeper.
std::string group_of(const std::string& key) { return key.substr(0, key.find('.', std::min(key.find('.'), key.size() - 1) + 1)); }

// One line for each key of a group, and one for what has keys of its own.
std::string settings_overview(const std::vector<SettingDescription>& settings) {
  TextRows rows{{"key", "default", "meaning"}};
  std::map<std::string, std::vector<std::string>> deeper;
  for (const SettingDescription& s : settings)
    if (const std::string group = group_of(s.key); group != s.key) deeper[group].push_back(s.key.substr(group.size() + 1));
  std::string last;
  for (const SettingDescription& s : settings) {
    const std::string group = group_of(s.key);
    if (group == std::exchange(last, group)) continue;
    rows.push_back(group == s.key ? std::vector{s.key, s.default_text, s.meaning} : std::vector{group, std::string(), join_names(deeper.at(group))});
    if (deeper.contains(group)) rows.back().front() += ".*";
  }
  const TextStyle style = overview_style();
  return format_table(std::move(rows), style, {.left = 2, .last = LastColumn::clipped_text}) + "\n" +
         wrapped("tonne list settings NAME: in full, with bounds, as in cluster or cluster.grid. --full: all of them. .*: has settings "
                 "of its own.",
                 style.width);
}

int list_settings(const ListArguments& arguments) {
  const std::string& name = arguments.name;
  std::vector<SettingDescription> settings = describe_experiment_settings();
  if (!name.empty())
    std::erase_if(settings, [&](const SettingDescription& s) { return s.key != name && !s.key.starts_with(name + "."); });
  if (settings.empty()) throw InputError("tonne list settings: there is no '" + name + "', try cluster or budget");
  if (arguments.json)
    print(json_document(settings_json(settings)));
  else
    print(name.empty() && !arguments.full ? settings_overview(settings) : settings_text(settings, shown_style(arguments.full)));
  return kSuccess;
}

EntryTable<Device> device_table() {
  return {{"device", "kind", "TFLOP/s fp32", "tf32", "fp16", "fp8", "int8", "GB/s", "GB", "TDP W", "idle W", "USD/h", "spot", "kg embodied",
           "specs checked", "specs from"},
          device_row,
          {"specs from", "specs checked", "spot", "idle W", "GB/s", "kind", "int8", "USD/h", "kg embodied", "fp8", "tf32"}};
}

EntryTable<GridEntry> grid_table() {
  return {{"grid", "g CO2e/kWh", "year", "signal", "scope", "water L/kWh", "verified", "source", "place"},
          grid_row,
          {"source", "water L/kWh", "verified", "signal", "year"}};
}

// Of each place the latest year: with all years there are thousands. A name may be any that an experiment may give.
int list_grids(const Catalogue& catalogue, const ListArguments& arguments) {
  std::vector<GridEntry> entries;
  if (!arguments.name.empty())
    entries = {catalogue.grid(arguments.name)};
  else
    entries = arguments.full || arguments.json ? catalogue.grids() : catalogue.latest_grids();
  if (arguments.json || !arguments.name.empty()) {
    ListArguments chosen_one = arguments;
    if (!arguments.name.empty()) chosen_one.name = entries.front().name;
    return list_entries<GridEntry>(entries, chosen_one, grid_table());
  }
  std::vector<const GridEntry*> listed;
  for (const GridEntry& entry : entries) listed.push_back(&entry);
  print_overview(listed, arguments, grid_table(),
                 arguments.full ? "" : " NAME without its year, an ISO code, a country or a cloud region (FRA, fr, France, "
                                       "aws:eu-west-3) is the latest year. --full: all years.");
  return kSuccess;
}

template <class Entries>
int print_names(const Entries& entries) {
  std::string text;
  for (const auto& entry : entries) text += printable(entry.name) + "\n";
  print(text);
  return kSuccess;
}

int list_names(const ListArguments& arguments) {
  const std::string& what = arguments.what;
  if (what == "strategies") return print_names(strategy_catalogue());
  if (what == "problems") return print_names(problem_catalogue());
  if (what == "settings") {
    std::string text;
    for (const SettingDescription& s : describe_experiment_settings()) text += s.key + "\n";
    print(text);
    return kSuccess;
  }
  const auto catalogue = Catalogue::with_file(arguments.catalogue);
  if (what == "devices") return print_names(catalogue->devices());
  if (what == "hosts") return print_names(catalogue->hosts());
  if (what == "facilities") return print_names(catalogue->facilities());
  return print_names(arguments.full ? catalogue->grids() : catalogue->latest_grids());
}

}  // namespace

int list(const ListArguments& arguments) {
  if (arguments.names) return list_names(arguments);
  const std::string& what = arguments.what;
  if (what == "strategies") return list_recipes(strategy_catalogue(), arguments);
  if (what == "problems") return list_recipes(problem_catalogue(), arguments);
  if (what == "settings") return list_settings(arguments);
  const auto catalogue = Catalogue::with_file(arguments.catalogue);
  if (what == "devices") return list_entries<Device>(catalogue->devices(), arguments, device_table());
  if (what == "grids") return list_grids(*catalogue, arguments);
  if (what == "hosts")
    return list_entries<Host>(
        catalogue->hosts(), arguments,
        {{"host", "W per slot", "GFLOP/s core", "W core", "kg embodied per slot", "what"}, host_row, {"W core", "GFLOP/s core"}});
  return list_entries<Facility>(catalogue->facilities(), arguments,
                                {{"facility", "PUE", "L/kWh", "verified", "what"}, facility_row, {"verified"}});
}

}  // namespace tonne::cli
