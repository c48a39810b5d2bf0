#include "experiments/exports/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "cost_models/catalogue.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/equivalents.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/results/store.h"
#include "experiments/text/latex_text.h"
#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

struct Sums {
  std::size_t searches = 0;
  double evaluations = 0.0, device_hours = 0.0;
  Usage search, retraining;
  bool priced = true;  // all of them

  void add(const CellRecord& cell, bool known) {
    ++searches;
    priced = priced && known;
    evaluations += static_cast<double>(cell.evaluations);
    device_hours += cell.worker_time / hour;
    search += cell.search;
    retraining += cell.retraining;
  }
};

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// --- sources ---

// A value of a scenario's settings by path; empty where it is not there or no text.
std::string setting(const Json& settings, std::initializer_list<const char*> path) {
  const Json* at = &settings;
  for (const char* key : path) {
    if (!at->is_object() || !at->contains(key)) return "";
    at = &(*at)[key];
  }
  return at->is_string() ? at->get<std::string>() : "";
}

std::string source_text(const Provenance& provenance) {
  std::string text = provenance.source.empty() ? "no source" : provenance.source;
  if (provenance.published > 0 && text.find(std::to_string(provenance.published)) == std::string::npos)
    text += fmt::format(", {}", provenance.published);
  return text + (provenance.verified ? "" : " (not checked against the source)");
}

// The figures of an entry, those of one source together.
std::vector<std::string> entry_sources(const std::string& what, const EntryRecord& record) {
  std::vector<std::pair<std::string, std::string>> by_source;  // source: figures
  for (const FigureRecord& figure : record.figures) {
    const std::string source = source_text(figure.provenance);
    const std::string shown = figure.key + " " + shown_figure(figure);
    const auto at = std::ranges::find(by_source, source, &std::pair<std::string, std::string>::first);
    if (at == by_source.end())
      by_source.emplace_back(source, shown);
    else
      at->second += ", " + shown;
  }
  std::vector<std::string> lines;
  for (const auto& [source, figures] : by_source)
    lines.push_back(fmt::format("{} {}: {}. Source: {}.", what, record.name, figures, source));
  return lines;
}

const EntryRecord* find_entry(const auto& entries, const std::string& name) {
  for (const auto& entry : entries)
    if (entry.name == name) return &entry.record;
  return nullptr;
}

// Null: an entry that is not shipped.
void add_record(std::vector<std::string>& lines, const std::string& what, const EntryRecord* record,
                const std::string& name) {
  if (name.empty()) return;
  const std::vector<std::string> found =
      record ? entry_sources(what, *record)
             : std::vector<std::string>{fmt::format("{} {}: from the authors' own catalogue.", what, name)};
  for (const std::string& line : found)
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
}

void add_entry(std::vector<std::string>& lines, const std::string& what, const auto& entries,
               const std::string& name) {
  add_record(lines, what, find_entry(entries, name), name);
}

// The facility and the grid of the cluster, or of one of its sites.
void add_place(std::vector<std::string>& lines, const Catalogue& catalogue, const Json& place) {
  add_entry(lines, "Facility", catalogue.facilities(), setting(place, {"facility", "name"}));
  const std::string name = setting(place, {"grid"});
  const auto grid = catalogue.find_grid(name);
  add_record(lines, "Grid", grid ? &grid->record : nullptr, name);
  if (const std::string trace = setting(place, {"grid", "trace"}); !trace.empty())
    lines.push_back(fmt::format("Grid: trace {}, column {} ({}, {}, {}-based).", trace,
                                setting(place, {"grid", "column"}), setting(place, {"grid", "kind"}),
                                setting(place, {"grid", "scope"}), setting(place, {"grid", "basis"})));
}

// The host that the settings name, else the device's own.
std::string host_of(const Json& settings, const Catalogue& catalogue) {
  const std::string named = setting(settings, {"cluster", "host"});
  if (!named.empty()) return named;
  const EntryRecord* device = find_entry(catalogue.devices(), setting(settings, {"cluster", "device"}));
  const std::string_view usual = device ? device->word("host") : std::string_view{};
  return usual.empty() ? kUsualHost : std::string(usual);
}

std::vector<std::string> source_lines(const std::vector<StoredScenario>& scenarios) {
  std::vector<std::string> lines;
  const auto catalogue = Catalogue::shipped();
  for (const StoredScenario& scenario : scenarios) {
    const Json parsed = parse_json(scenario.settings);
    if (!parsed.is_object() || !parsed.contains("settings"))
      throw StoreError("the results are damaged: the settings of a scenario cannot be read");
    const Json& settings = parsed["settings"];
    if (const std::string own = setting(settings, {"cluster", "catalogue"}); !own.empty()) {
      const std::string line = fmt::format("Some figures may be from the authors' own catalogue ({}).", own);
      if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
    }
    add_entry(lines, "Device", catalogue->devices(), setting(settings, {"cluster", "device"}));
    add_entry(lines, "Host", catalogue->hosts(), host_of(settings, *catalogue));
    const Json cluster = settings.value("cluster", Json::object());
    add_place(lines, *catalogue, cluster);
    const Json sites = cluster.value("sites", Json::object());
    for (const Json& site : sites) add_place(lines, *catalogue, site);
  }
  return lines;
}

// --- what is said ---

struct Statement {
  std::vector<std::string> paragraphs;
  TextRows table;
  std::vector<std::string> sources;
};

std::vector<std::string> row_of(const std::string& name, const Sums& sums, bool water) {
  std::vector<std::string> cells = {name,
                                    std::to_string(sums.searches),
                                    grouped(sums.evaluations),
                                    significant_text(sums.device_hours),
                                    significant_text(sums.search.energy / kilowatt_hour),
                                    significant_text(sums.search.operational / kilogram),
                                    significant_text(sums.search.embodied / kilogram),
                                    sums.priced ? significant_text(sums.search.money / dollar) : "not known"};
  if (water) cells.push_back(significant_text(sums.search.water / litre));
  return cells;
}

std::string what_was_run(const Store& store, const Sums& all, std::size_t strategies) {
  std::vector<std::string> problems;
  for (const StoredProblem& problem : store.problems()) problems.push_back(problem.label);
  return fmt::format(
      "We compared {} on {} with {} each: {} with {} evaluations and {} device-hours in total. No models "
      "were trained: the searches were simulated with tonne {}, and all figures below are modelled estimates "
      "of what running them on the stated hardware would have used.",
      counted(strategies, "search strategy", "search strategies"), joined(problems),
      counted(store.seeds().size(), "seed", "seeds"), counted(all.searches, "search", "searches"),
      grouped(all.evaluations), significant_text(all.device_hours), version());
}

std::string what_it_cost(const Sums& all, bool water) {
  std::string text = fmt::format(
      "In total, the searches would have used {} and emitted {} CO2e ({} operational, {} embodied, by "
      "share of the hardware's service life), {}",
      energy_text(all.search.energy), mass_text(all.search.carbon()), mass_text(all.search.operational),
      mass_text(all.search.embodied),
      all.priced ? "at a cost of " + money_text(all.search.money) : "at a cost that is not known");
  if (water) text += fmt::format(" and {} litres of water", significant_text(all.search.water / litre));
  text += ".";
  if (all.retraining.carbon() > Carbon{})
    text += fmt::format(" Training the winners once more would add {}.", mass_text(all.retraining.carbon()));
  for (const Equivalent& equivalent : equivalents())
    if (equivalent.key == "car_km_eu")
      text += fmt::format(" The emissions of the searches are equivalent to about {} {} ({}).",
                          significant_text(all.search.carbon() / equivalent.each), equivalent.what,
                          equivalent.source);
  return text;
}

std::string what_is_uncertain(const Store& store) {
  const auto drawn = store.uncertainty();
  if (!drawn)
    return "Uncertainty: hardware, facility and grid figures were taken as exact. Published figures for "
           "device power, data-centre overhead and embodied carbon differ by tens of per cent or more; the "
           "figures above do not reflect this.";
  std::vector<std::string> keys;
  for (const StoredUncertain& uncertain : store.uncertain()) {
    const std::string text = uncertain.key + " " + uncertain.distribution;
    if (std::ranges::find(keys, text) == keys.end()) keys.push_back(text);
  }
  std::string text = fmt::format("Uncertainty: intervals from {} draws of {}.", drawn->draws, joined(keys));
  for (const Leaderboard& board : leaderboards(store)) {
    for (const LeaderboardRow& row : board.rows)
      if (row.spread)
        text += fmt::format(" {} on {}: {} to {} CO2e per search ({:g} %).", row.strategy, board.problem,
                            mass_text(row.spread->carbon.low), mass_text(row.spread->carbon.high),
                            100.0 * row.spread->level);
  }
  return text;
}

std::string what_simulating_used(const std::optional<OwnFootprint>& own, const Sums& all) {
  if (!own) return "The footprint of the simulation itself was not recorded.";
  std::string text = own_footprint_text(*own);
  if (own->grams() > 0.0)
    text += fmt::format(" Running the searches for real would have emitted {} times as much.",
                        count_text(all.search.carbon() / gram / own->grams()));
  return text;
}

Statement make_statement(const Store& store, const std::optional<OwnFootprint>& own) {
  const auto strategies = store.strategies();
  const auto scenarios = store.scenarios();
  std::map<std::size_t, Sums> by_strategy;
  Sums all;
  for (const CellRecord& cell : store.cells()) {
    by_strategy[cell.strategy].add(cell, scenarios[cell.scenario].priced);
    all.add(cell, scenarios[cell.scenario].priced);
  }
  if (all.searches == 0) throw StoreError("no search has finished yet, so there is nothing to state");
  const bool water = all.search.water > Water{};
  Statement statement;
  statement.table = {{"strategy", "searches", "evaluations", "device-hours", "kWh", "kg CO2e operational",
                      "kg CO2e embodied", "USD"}};
  if (water) statement.table.front().emplace_back("litres");
  for (const auto& [strategy, sums] : by_strategy)
    statement.table.push_back(row_of(strategies[strategy].label, sums, water));
  statement.table.push_back(row_of("total", all, water));

  statement.paragraphs.push_back(what_was_run(store, all, by_strategy.size()));
  std::vector<std::string> places;
  for (const StoredScenario& scenario : scenarios)
    if (std::ranges::find(places, scenario.summary) == places.end()) places.push_back(scenario.summary);
  std::string hardware = "Simulated hardware, facility and grid: ";
  for (std::size_t i = 0; i < places.size(); ++i) hardware += (i == 0 ? "" : "; ") + places[i];
  statement.paragraphs.push_back(hardware + ".");
  statement.paragraphs.push_back(what_it_cost(all, water));
  statement.paragraphs.push_back(what_is_uncertain(store));
  statement.paragraphs.push_back(
      "Limitations: simulated, not measured. Not included: experiments outside this study, storage" +
      std::string(store.has_sites() ? ", network other than transfers between sites" : " and network") +
      ", staff travel and offices" + std::string(water ? "" : ", water") +
      ". Grid figures are location-based averages unless stated otherwise; no offsets or certificates were "
      "deducted.");
  statement.paragraphs.push_back(what_simulating_used(own, all));
  statement.paragraphs.push_back("Experiment " + store.meta("digest") + " of tonne " + store.meta("program") +
                                 "; the same experiment file reproduces the same figures.");
  statement.sources = source_lines(scenarios);
  return statement;
}

// --- formats ---

std::string escaped(const std::string& text, StatementFormat format) {
  if (format == StatementFormat::latex) return latex_text(text);
  std::string result;
  for (const char c : printable(text)) {
    if (format == StatementFormat::markdown &&
        std::string_view("\\`*_{}[]<>|#~").find(c) != std::string_view::npos)
      result += '\\';
    result += c;
  }
  return result;
}

std::string markdown(const Statement& statement) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + escaped(cell, StatementFormat::markdown) + " |";
    return text + "\n";
  };
  std::string text = "## Computational footprint\n\n";
  for (const std::string& paragraph : statement.paragraphs)
    text += escaped(paragraph, StatementFormat::markdown) + "\n\n";
  text += line(statement.table.front()) + "|-|";
  for (std::size_t i = 1; i < statement.table.front().size(); ++i) text += "-:|";
  text += "\n";
  for (std::size_t i = 1; i < statement.table.size(); ++i) text += line(statement.table[i]);
  text += "\nFigures and their sources:\n\n";
  for (const std::string& source : statement.sources)
    text += "- " + escaped(source, StatementFormat::markdown) + "\n";
  return text;
}

std::string latex(const Statement& statement) {
  std::string text = "\\section*{Computational footprint}\n";
  for (const std::string& paragraph : statement.paragraphs)
    text += escaped(paragraph, StatementFormat::latex) + "\n\n";
  text += "\\begin{center}\n\\begin{tabular}{l" + std::string(statement.table.front().size() - 1, 'r') +
          "}\n\\hline\n";
  for (std::size_t r = 0; r < statement.table.size(); ++r) {
    for (std::size_t i = 0; i < statement.table[r].size(); ++i)
      text += (i == 0 ? "" : " & ") + escaped(statement.table[r][i], StatementFormat::latex);
    text += r == 0 || r + 2 == statement.table.size() || r + 1 == statement.table.size() ? " \\\\ \\hline\n"
                                                                                         : " \\\\\n";
  }
  text += "\\end{tabular}\n\\end{center}\nFigures and their sources:\n\\begin{itemize}\n";
  for (const std::string& source : statement.sources)
    text += "\\item " + escaped(source, StatementFormat::latex) + "\n";
  return text + "\\end{itemize}\n";
}

std::string plain(const Statement& statement) {
  std::string text = "  Computational footprint\n\n";
  for (const std::string& paragraph : statement.paragraphs)
    text += wrapped(escaped(paragraph, StatementFormat::text)) + "\n";
  TextRows table = statement.table;
  for (auto& row : table)
    for (std::string& cell : row) cell = escaped(cell, StatementFormat::text);
  text += format_table(table) + "\n  Figures and their sources:\n";
  for (const std::string& source : statement.sources) text += wrapped(escaped(source, StatementFormat::text));
  return text;
}

}  // namespace

std::string sustainability_statement(const Store& store, const std::optional<OwnFootprint>& own,
                                     StatementFormat format) {
  const Statement statement = make_statement(store, own);
  if (format == StatementFormat::markdown) return markdown(statement);
  return format == StatementFormat::latex ? latex(statement) : plain(statement);
}

}  // namespace tonne
