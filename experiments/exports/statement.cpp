#include "experiments/exports/statement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/trial.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/equivalents.h"
#include "experiments/analysis/interruptions.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/exports/statement_sources.h"
#include "experiments/results/imported.h"
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

// Of a search that was real, what of it was recorded and what is reckoned.
std::string what_was_recorded(const ImportedSearch& search, const std::vector<std::string>& problems, const Sums& all) {
  return fmt::format(
      "We ran {} on {}, with {} trials that ended and {} device-hours in total. Trials, values and run times are as {} recorded them; {}. "
      "Waiting, cooling and distribution, CO2e, manufacture and rent are modelled with tonne {}.",
      counted(all.searches, "search", "searches"), joined(problems), grouped(all.evaluations), significant_text(all.device_hours), search.tool,
      search.meter.empty() ? "the trials' energy was not measured, but modelled from their run times"
                           : "the trials' energy was measured (" + search.meter + ")",
      version());
}

std::string what_was_run(const Store& store, const std::optional<ImportedSearch>& imported, const Sums& all, std::size_t strategies) {
  std::vector<std::string> problems;
  for (const StoredProblem& problem : store.problems()) problems.push_back(problem.label);
  if (imported) return what_was_recorded(*imported, problems, all);
  return fmt::format(
      "We compared {} on {} with {} each: {} with {} evaluations and {} device-hours in total. No models "
      "were trained: the searches were simulated with tonne {}, and all figures below are modelled estimates "
      "of what running them on the stated hardware would have used.",
      counted(strategies, "search strategy", "search strategies"), joined(problems),
      counted(store.seeds().size(), "seed", "seeds"), counted(all.searches, "search", "searches"),
      grouped(all.evaluations), significant_text(all.device_hours), version());
}

// Of a device whose manufacture nobody published, the host's part is all there is.
std::string embodied_text(const Sums& all, bool manufacture) {
  if (manufacture)
    return fmt::format("{} embodied, by share of the hardware's service life", mass_text(all.search.embodied));
  if (all.search.embodied <= Carbon{}) return "embodied carbon not known";
  return fmt::format("{} embodied, of what is known of it, by share of the hardware's service life",
                     mass_text(all.search.embodied));
}

std::string what_it_cost(const Sums& all, bool real, bool water, bool manufacture) {
  std::string text = fmt::format(
      "In total, the searches {} {} and emitted {} CO2e ({} operational, {}), {}", real ? "used" : "would have used",
      energy_text(all.search.energy), mass_text(all.search.carbon()), mass_text(all.search.operational),
      embodied_text(all, manufacture),
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

// What strategies learned from before, and whether its cost is in the above; empty where they began at nothing.
std::string what_was_known(const Store& store) {
  const Json start = parse_json(store.meta("warm_start"));
  if (!start.is_object() || !start.contains("notes") || !start["notes"].is_array()) return "";
  std::vector<std::string> sentences;
  for (const Json& note : start["notes"]) {
    const std::string text = note.is_string() ? note.get<std::string>() : "";
    if (std::ranges::find(sentences, text) == sentences.end()) sentences.push_back(text);
  }
  return fmt::format("Earlier results: {}", fmt::join(sentences, " "));
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

// Electricity of all searches without cooling, distribution and network: what the simulator's own is to be compared
// with.
Energy machine_energy(const Store& store) {
  const std::string_view retraining = kAccountNames[static_cast<std::size_t>(Account::retraining)];
  const std::string_view facility = kLineNames[static_cast<std::size_t>(Line::facility)];
  const std::string_view network = kLineNames[static_cast<std::size_t>(Line::transfer)];
  Energy sum;
  store.each_ledger_row([&](const LedgerRow& row) {
    if (row.account != retraining && row.line != facility && row.line != network) sum += row.energy_j * joule;
  });
  return sum;
}

// The same on both sides: electricity of the machines alone, on the searches' own grid.
std::string what_simulating_used(const std::optional<OwnFootprint>& own, const Sums& all, Energy machines) {
  if (!own) return "The footprint of the simulation itself was not recorded.";
  const Energy used = own->kilowatt_hours() * kilowatt_hour;
  std::string text = own_footprint_text(*own);
  if (!(used > Energy{}) || !(machines > Energy{}) || !(all.search.operational > Carbon{})) return text;
  const Intensity grid = all.search.operational / all.search.energy;
  return text + fmt::format(
                    " On the searches' mean grid ({} g CO2e/kWh) that is {} of operational CO2e. The machines of the "
                    "searches would have used {} times the electricity, and so emitted {} times as much on the same "
                    "grid; cooling, distribution and manufacture are left out on both sides.",
                    significant_text(grid / gram_per_kilowatt_hour), mass_text(used * grid),
                    count_text(machines / used), count_text(machines / used));
}

// What is said where a scenario's interruptions were left out; else empty.
std::string what_is_lower_bound(const std::vector<StoredScenario>& scenarios) {
  for (const StoredScenario& scenario : scenarios)
    if (const std::string note = interruptions_note(scenario); !note.empty())
      return " " + note;
  return "";
}

std::string what_is_measured(const std::optional<ImportedSearch>& imported) {
  if (!imported) return "simulated, not measured.";
  if (imported->meter.empty()) return "run times are real, energy is modelled.";
  std::string said = "run times are real, the trials' energy is measured, all else is modelled.";
  if (imported->meter.starts_with("CodeCarbon"))
    said += " What CodeCarbon could not measure it estimated, memory from its size and a processor without a counter from its TDP: its "
            "file does not say which.";
  return said;
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

  const std::optional<ImportedSearch> imported = imported_search(store.problems());
  statement.paragraphs.push_back(what_was_run(store, imported, all, by_strategy.size()));
  std::vector<std::string> places;
  for (const StoredScenario& scenario : scenarios)
    if (std::ranges::find(places, scenario.summary) == places.end()) places.push_back(scenario.summary);
  std::string hardware = imported ? "Hardware, facility and grid, as stated: " : "Simulated hardware, facility and grid: ";
  for (std::size_t i = 0; i < places.size(); ++i) hardware += (i == 0 ? "" : "; ") + places[i];
  statement.paragraphs.push_back(hardware + ".");
  const bool manufacture = std::ranges::none_of(
      places, [](const std::string& place) { return place.find(kManufactureNotKnown) != std::string::npos; });
  statement.paragraphs.push_back(what_it_cost(all, imported.has_value(), water, manufacture));
  if (std::string known = what_was_known(store); !known.empty()) statement.paragraphs.push_back(std::move(known));
  statement.paragraphs.push_back(what_is_uncertain(store));
  statement.paragraphs.push_back(
      "Limitations: " + what_is_measured(imported) + " Not included: experiments outside this study, storage" +
      std::string(store.has_sites() ? ", network other than transfers between sites" : " and network") +
      ", staff travel and offices" + std::string(water ? "" : ", water") +
      (manufacture ? "" : ", manufacture of devices without a published figure") +
      ". Grid figures are location-based averages unless stated otherwise; no offsets or certificates were "
      "deducted." +
      what_is_lower_bound(scenarios));
  if (!imported) statement.paragraphs.push_back(what_simulating_used(own, all, machine_energy(store)));
  statement.paragraphs.push_back("Experiment " + store.meta("digest") + " of tonne " + store.meta("program") +
                                 (imported ? "; the same record, imported alike, gives the same figures."
                                           : "; the same experiment file reproduces the same figures."));
  statement.sources = statement_sources(store);
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
