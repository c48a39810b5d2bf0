#include "experiments/histories/search_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "experiments/histories/search_pricing.h"
#include "experiments/results/new_file.h"

namespace tonne::histories {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLevels = 10;
/// What a `tabular` problem's forest wants to be fitted to.
constexpr std::size_t kLeastFitted = 20;
constexpr const char* kInactive = "inactive";
/// Seeds of the experiment that is written: enough for a test between two strategies.
constexpr int kSeeds = 10;

std::string in_json(const std::string& text) {
  return json_line(Json(text));
}

// As it is: what a spreadsheet may do with it must not change what is read back.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

bool is_full(const RecordedSearch& search, const RecordedRun& run) {
  return !run.failure && run.fidelity == search.fidelity.highest;
}

// Names of columns that are no parameter's.
class Names {
 public:
  explicit Names(const SearchSpace& space) {
    for (const Parameter& parameter : space.parameters()) taken_.insert(parameter.name);
  }
  std::string free(std::string name) {
    while (!taken_.insert(name).second) name += "_";
    return name;
  }

 private:
  std::set<std::string> taken_;
};

struct Columns {
  std::vector<std::string> objectives, constraints;
  std::string fidelity, failure, time, energy;  // fidelity, energy: empty: none
};

class Table {
 public:
  Table(const RecordedSearch& search, const EnergySource& energy) : search_(search), has_energy_(!energy.meter.empty()) {
    find_levels();
    name_columns();
    for (const RecordedRun& run : search.runs) {
      rows_.push_back(&run);
      if (!run.failure && !is_full(search, run)) ++pruned_;
    }
  }

  [[nodiscard]] std::string csv() const {
    std::vector<std::string> heads;
    for (const Parameter& parameter : search_.space.parameters()) heads.push_back(csv_field(parameter.name));
    for (const std::string* name : {&columns_.fidelity, &columns_.failure, &columns_.time, &columns_.energy})
      if (!name->empty()) heads.push_back(*name);
    for (const std::string& name : columns_.objectives) heads.push_back(csv_field(name));
    for (const std::string& name : columns_.constraints) heads.push_back(csv_field(name));
    std::string text = fmt::format("{}\n", fmt::join(heads, ","));
    for (const RecordedRun* run : rows_)
      for (const double level : levels_) text += row(*run, level);
    return text;
  }

  // The problem's block, each line indented by six blanks.
  [[nodiscard]] std::string problem(const std::string& file) const {
    std::string text;
    const auto line = [&](const std::string& key, const std::string& value) { text += fmt::format("      {}: {}\n", key, value); };
    const auto& objective = search_.objectives.front();
    line("file", in_json(file));
    line("decisions", names_of_parameters());
    line("objective", in_json(columns_.objectives.front()));
    line("name", in_json(objective.name));
    line("direction", direction(objective));
    if (!objective.unit.empty()) line("unit", in_json(objective.unit));
    add_further(text);
    line("time", columns_.time);
    if (!columns_.energy.empty()) line("energy", columns_.energy);
    line("failure", columns_.failure);
    line("repeats", "seeds");
    if (levels_.size() > 1) {
      line("fidelity", columns_.fidelity);
      line("fidelity_name", in_json(search_.fidelity.name));
    }
    add_orders(text);
    if (!is_grid()) line("surrogate", "random_forest");
    return text;
  }

  [[nodiscard]] std::size_t pruned() const { return pruned_; }
  // Different configurations that have a value.
  [[nodiscard]] std::size_t valued() const {
    std::set<std::uint64_t> digests;
    for (const RecordedRun* run : rows_)
      if (!run->failure) digests.insert(run->configuration.digest());
    return digests.size();
  }
  [[nodiscard]] bool is_grid() const { return static_cast<double>(configurations()) == points(); }
  [[nodiscard]] std::size_t fidelities() const { return levels_.size(); }
  // Of the lattice of values that were tried.
  [[nodiscard]] double points() const {
    double product = 1.0;
    for (std::size_t i = 0; i < search_.space.size(); ++i) product *= static_cast<double>(values_of(i).size());
    return product;
  }
  [[nodiscard]] std::size_t configurations() const {
    std::set<std::uint64_t> digests;
    for (const RecordedRun* run : rows_) digests.insert(run->configuration.digest());
    return digests.size();
  }

 private:
  static std::string direction(const ObjectiveTraits& objective) {
    return objective.direction == Direction::minimise ? "minimise" : "maximise";
  }

  // Fidelities at which every full training has a value, the last among them.
  void find_levels() {
    levels_ = {search_.fidelity.highest};
    if (search_.objectives.size() > 1) return;
    std::set<double> common;
    bool first = true;
    for (const RecordedRun& run : search_.runs) {
      if (!is_full(search_, run)) continue;
      std::set<double> own;
      for (const auto& [fidelity, value] : run.curve) own.insert(fidelity);
      if (std::exchange(first, false)) common = std::move(own);
      else std::erase_if(common, [&](double fidelity) { return !own.contains(fidelity); });
    }
    common.erase(search_.fidelity.highest);
    const std::vector<double> all(common.begin(), common.end());
    const std::size_t kept = std::min(all.size(), kMostLevels - 1);
    for (std::size_t k = 0; k < kept; ++k) levels_.insert(levels_.end() - 1, all[k * all.size() / kept]);
  }

  void name_columns() {
    Names names(search_.space);
    for (const ObjectiveTraits& objective : search_.objectives) columns_.objectives.push_back(names.free(objective.name));
    for (const std::string& constraint : search_.constraints) columns_.constraints.push_back(names.free(constraint));
    columns_.failure = names.free("failure");
    columns_.time = names.free("run_s");
    if (has_energy_) columns_.energy = names.free("energy_j");
    if (levels_.size() > 1) columns_.fidelity = names.free("trained");
  }

  [[nodiscard]] std::string value_of(const RecordedRun& run, std::size_t parameter) const {
    if (!run.configuration.is_active(parameter)) return kInactive;
    const double value = run.configuration[parameter];
    const Domain& domain = search_.space[parameter].domain;
    if (is_categorical(domain) || std::holds_alternative<Ordinal>(domain)) return search_.space.value_text(parameter, value);
    return fmt::format("{}", value);
  }

  // Time and energy up to a fidelity are taken as proportional to it, also beyond the last report of a pruned trial: no tool
  // records them on the way.
  [[nodiscard]] std::string row(const RecordedRun& run, double level) const {
    const double part = run.failure ? 1.0 : level / run.fidelity;
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < search_.space.size(); ++i) fields.push_back(csv_field(value_of(run, i)));
    if (!columns_.fidelity.empty()) fields.push_back(fmt::format("{}", level));
    fields.emplace_back(run.failure ? to_string(*run.failure) : "");
    fields.push_back(fmt::format("{}", part * (run.time / second)));
    if (has_energy_) fields.push_back(fmt::format("{}", part * (*run.energy / joule)));
    const bool last = level >= run.fidelity;
    for (std::size_t k = 0; k < search_.objectives.size(); ++k)
      fields.push_back(run.failure ? "" : fmt::format("{}", last ? run.objectives[k] : reported(run, level)));
    for (std::size_t k = 0; k < search_.constraints.size(); ++k)
      fields.push_back(run.constraints.empty() ? (run.failure ? "" : "0") : fmt::format("{}", run.constraints[k]));
    return fmt::format("{}\n", fmt::join(fields, ","));
  }

  // The last value up to the level; of a pruned trial that reported later, its first.
  static double reported(const RecordedRun& run, double level) {
    double value = run.objectives.front();
    for (auto report = run.curve.rbegin(); report != run.curve.rend(); ++report) {
      value = report->second;
      if (report->first <= level) break;
    }
    return value;
  }

  [[nodiscard]] std::set<std::string> values_of(std::size_t parameter) const {
    std::set<std::string> values;
    for (const RecordedRun* run : rows_) values.insert(value_of(*run, parameter));
    return values;
  }

  [[nodiscard]] std::string names_of_parameters() const {
    std::vector<std::string> names;
    for (const Parameter& parameter : search_.space.parameters()) names.push_back(in_json(parameter.name));
    return fmt::format("[{}]", fmt::join(names, ", "));
  }

  void add_further(std::string& text) const {
    if (search_.objectives.size() > 1) text += "      further_objectives:\n";
    for (std::size_t k = 1; k < search_.objectives.size(); ++k)
      text += fmt::format("        {}: {{columns: {}, direction: {}}}\n", in_json(search_.objectives[k].name), in_json(columns_.objectives[k]),
                          direction(search_.objectives[k]));
    if (!search_.constraints.empty()) text += "      constraints:\n";
    for (std::size_t k = 0; k < search_.constraints.size(); ++k)
      text += fmt::format("        {}: {{column: {}, at_most: 0}}\n", in_json(search_.constraints[k]), in_json(columns_.constraints[k]));
  }

  // Ordered levels that are no plain numbers: names that have an order, and numbers of which some are inactive.
  void add_orders(std::string& text) const {
    std::vector<std::string> orders;
    for (std::size_t i = 0; i < search_.space.size(); ++i) {
      const Domain& domain = search_.space[i].domain;
      if (is_categorical(domain)) continue;
      std::vector<std::pair<double, std::string>> levels;
      const std::set<std::string> tried = values_of(i);
      if (!std::holds_alternative<Ordinal>(domain) && !tried.contains(kInactive)) continue;
      for (const RecordedRun* run : rows_)
        if (run->configuration.is_active(i)) levels.emplace_back(run->configuration[i], value_of(*run, i));
      std::ranges::sort(levels);
      const auto repeated = std::ranges::unique(levels);
      levels.erase(repeated.begin(), repeated.end());
      std::vector<std::string> names;
      if (tried.contains(kInactive)) names.push_back(in_json(kInactive));
      for (const auto& [value, name] : levels) names.push_back(in_json(name));
      orders.push_back(fmt::format("        {}: [{}]\n", in_json(search_.space[i].name), fmt::join(names, ", ")));
    }
    if (orders.empty()) return;
    text += fmt::format("      order:\n{}", fmt::join(orders, ""));
  }

  const RecordedSearch& search_;
  const bool has_energy_;
  std::vector<double> levels_;
  Columns columns_;
  std::vector<const RecordedRun*> rows_;
  std::size_t pruned_ = 0;
};

std::string head_of(const RecordedSearch& search, const EnergySource& energy, const Table& table) {
  std::string text = fmt::format(
      "# The landscape that a real search saw, as a table: what would another strategy have cost on it? Written by tonne import\n"
      "# ({}), {} configurations with a value.\n",
      search.source, table.valued());
  if (!table.is_grid())
    text += fmt::format(
        "#\n# A random forest answers for the {:.4g} combinations of the tried values that no trial had ({} had). It averages: it knows\n"
        "# nothing better than the best trial, is smoother than the truth, and ranks only as well as its cross-validated error says, which\n"
        "# tonne validate, run and report print. Trust differences between strategies that are larger than that error, no others.\n",
        table.points() - static_cast<double>(table.configurations()), table.configurations());
  text +=
      "# Levels of a parameter are the values that the search tried, closer together where it looked more: drawing among them is\n"
      "# easier than drawing from the whole domain, which flatters random search.\n";
  if (search.space.has_conditions())
    text += "# Parameters that were inactive have the level 'inactive'; combinations that the conditions rule out are answered like others.\n";
  if (table.fidelities() > 1)
    text += "# Run time (and energy) of partial trainings is taken as proportional to how far they went.\n";
  if (table.pruned() > 0)
    text += fmt::format("# Pruned: {} trials. Nobody knows their value in full: their last value stands for it, with the run time that the rest would have\n"
                        "# taken at their pace. That does wrong to those that would have improved late.\n",
                        table.pruned());
  if (energy.meter.empty()) text += "# Energy is modelled from run times.\n";
  return text;
}

void write_file(const fs::path& path, const std::string& text) {
  NewFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace

void write_search_table(const RecordedSearch& search, const EnergySource& energy, const PricingRequest& request, const fs::path& file) {
  if (request.devices_per_trial != 1.0)
    throw InputError("--devices-per-trial has no key in an experiment file: give a cluster with tdp, idle and host_power of a trial's share, by --cluster");
  const fs::path csv = fs::path(file).replace_extension(".csv");
  if (csv == file) throw InputError(file.string() + " is to be YAML; its table is written beside it, as .csv");
  const Table table(search, energy);
  if (!table.is_grid() && table.valued() < kLeastFitted)
    throw InputError(fmt::format("--as-table: the search '{}' has {} configurations with a value, too few to fit a model of what it did not try: "
                                 "at least {} are needed",
                                 printable(search.name), table.valued(), kLeastFitted));
  std::string text = head_of(search, energy, table);
  text += fmt::format("seeds: {}\ncluster:\n{}", kSeeds, cluster_block(search, energy, request, file.parent_path()));
  text += fmt::format("budget: {{evaluations: {}}}  # as many as the search had\n", search.runs.size());
  text += fmt::format("problems:\n  - tabular:\n{}", table.problem(csv.filename().string()));
  text += fmt::format("strategies: [random, tpe{}]\n", table.fidelities() > 1 ? ", asha" : "");
  write_file(csv, table.csv());
  write_file(file, text);
}

}  // namespace tonne::histories
