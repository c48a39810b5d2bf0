#include "experiments/exports/statement_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "cost_models/catalogue.h"
#include "cost_models/used_factors.h"
#include "experiments/plan/counted_work.h"
#include "experiments/results/imported.h"
#include "experiments/results/problem_again.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_settings.h"

namespace tonne {
namespace {

struct SourceLine {
  std::string text;
  bool of_settings = false;  // said of a scenario's settings, not of an entry of the catalogue
};

void add_once(std::vector<std::string>& lines, std::string line) {
  if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
}

std::string digest_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

// --- the work of the problems ---

// Of all problems; empty where one cannot be made again, which `lines` then says.
std::vector<Workload> works_of(const std::vector<StoredProblem>& problems, bool uses,
                               std::vector<std::string>& lines) {
  std::vector<Workload> works;
  for (const StoredProblem& stored : problems) {
    if (const auto imported = imported_search(stored)) {  // nothing is known of its work but what was recorded
      Workload work;
      work.measured_time = second;
      if (!imported->meter.empty()) work.measured_energy = joule;
      works.push_back(work);
      continue;
    }
    const auto problem = problem_again(stored);
    if (!problem) {
      add_once(lines, fmt::format("What work {} consists of cannot be told from the results alone, so the "
                                  "device's figures for all kinds of work are listed.",
                                  stored.label));
      return {};
    }
    std::ranges::copy(default_works(*problem, uses), std::back_inserter(works));
  }
  return works;
}

// --- the machines ---

struct StoredMachines {
  ClusterSettings home;
  SitesSettings sites;
  std::vector<std::string> not_shipped;    // "Device X: from the authors' own catalogue."
  std::vector<std::string> not_of_source;  // prefixes of factors that stand in for those
  bool knows_device = true;
};

void replace_place(StoredMachines& machines, std::string& facility, std::string& grid, const GridSettings& own,
                   const std::string& prefix) {
  const auto catalogue = Catalogue::shipped();
  const auto leave_out = [&](const char* what, const std::string& name, const char* section) {
    machines.not_shipped.push_back(fmt::format("{} {}: from the authors' own catalogue.", what, name));
    machines.not_of_source.push_back(prefix + section);
  };
  const bool known = std::ranges::any_of(catalogue->facilities(), [&](const Facility& f) { return f.name == facility; });
  if (!facility.empty() && !known) leave_out("Facility", std::exchange(facility, ""), "facility.");
  if (own.given() || grid.empty() || catalogue->find_grid(grid)) return;
  leave_out("Grid", std::exchange(grid, ClusterSettings{}.grid), "grid.");
}

// What is not in the shipped catalogue is named, and the default stands in for it, whose figures are then left out.
void replace_unknown(StoredMachines& machines) {
  const auto catalogue = Catalogue::shipped();
  const auto knows = [](const auto& entries, const std::string& name) {
    return std::ranges::any_of(entries, [&](const auto& entry) { return entry.name == name; });
  };
  ClusterSettings& home = machines.home;
  const ClusterSettings standard;
  if (!knows(catalogue->devices(), home.device)) {
    machines.not_shipped.push_back(fmt::format("Device {}: from the authors' own catalogue.", home.device));
    machines.not_of_source.emplace_back("device.");
    machines.knows_device = false;
    home.device = standard.device;
  }
  if (!home.host.empty() && !knows(catalogue->hosts(), home.host)) {
    machines.not_shipped.push_back(fmt::format("Host {}: from the authors' own catalogue.", home.host));
    machines.not_of_source.emplace_back("host.");
    home.host = standard.host;
  }
  replace_place(machines, home.facility.name, home.grid, home.own_grid, "");
  for (std::size_t i = 0; i < machines.sites.names.size(); ++i) {
    SiteSettings& site = machines.sites.sites[i];
    replace_place(machines, site.facility.name, site.grid, site.own_grid,
                  fmt::format("sites.{}.", machines.sites.names[i]));
  }
}

// --- their figures ---

std::string nature_text(SignalNature nature) {
  return fmt::format("{}, {}, {}-based", to_string(nature.kind),
                     nature.scope == SignalScope::direct ? "direct" : "life-cycle", to_string(nature.basis));
}

std::string grid_text(const std::string& name) {
  const auto grid = Catalogue::shipped()->find_grid(name);
  return grid ? fmt::format("{} ({})", name, nature_text(grid->nature)) : name;
}

// A trace or an intensity of the authors' own; empty where the grid is one of the catalogue.
std::string own_grid_text(const GridSettings& grid) {
  if (grid.intensity)
    return fmt::format("Grid: {} ({}), given in the experiment.",
                       format_quantity(grid.intensity->base(), QuantityKind::intensity), nature_text(grid.nature));
  if (grid.trace.empty()) return "";
  return fmt::format("Grid: trace {}{} ({}).", grid.trace.string(),
                     grid.column.empty() ? "" : ", column " + grid.column, nature_text(grid.nature));
}

std::string source_text(const Provenance& provenance) {
  std::string text = provenance.source.empty() ? "no source" : provenance.source;
  if (provenance.published > 0 && text.find(std::to_string(provenance.published)) == std::string::npos)
    text += fmt::format(", {}", provenance.published);
  return text + (provenance.verified ? "" : " (not checked against the source)");
}

struct FigureGroup {
  std::string what, source, figures;
  bool of_settings = false;
};

std::string named(const char* what, const std::string& name) {
  return name.empty() ? what : fmt::format("{} {}", what, name);
}

// Of which entry a factor is, and what it is called there: "sites.north.grid.intensity" is "Site north, grid FRA-2023
// (...)" and "intensity".
std::pair<std::string, std::string> split_key(const std::string& key, const StoredMachines& machines) {
  const auto rest = [&](std::string_view prefix) { return key.substr(prefix.size()); };
  const ClusterSettings& home = machines.home;
  if (key.starts_with("device.")) return {named("Device", home.device), rest("device.")};
  if (key.starts_with("host."))
    return {named("Host", host_name(home, Catalogue::shipped()->device(home.device))), rest("host.")};
  if (key.starts_with("facility.")) return {named("Facility", home.facility.name), rest("facility.")};
  if (key.starts_with("grid.")) return {named("Grid", grid_text(home.grid)), rest("grid.")};
  for (std::size_t i = 0; i < machines.sites.names.size(); ++i) {
    const std::string site = fmt::format("sites.{}.", machines.sites.names[i]);
    if (!key.starts_with(site)) continue;
    const std::string what = "Site " + machines.sites.names[i];
    if (key.starts_with(site + "grid."))
      return {what + ", grid " + grid_text(machines.sites.sites[i].grid), rest(site + "grid.")};
    return {what + ", facility " + machines.sites.sites[i].facility.name, rest(site + "facility.")};
  }
  return {"", key.starts_with("cluster.") ? rest("cluster.") : key};
}

std::string line_of(const FigureGroup& group) {
  if (!group.of_settings) return fmt::format("{}: {}. Source: {}.", group.what, group.figures, group.source);
  if (group.what == "given") return fmt::format("Given in the experiment: {}.", group.figures);
  if (group.what == "assumed") return fmt::format("Assumed by default, without a source: {}.", group.figures);
  return fmt::format("Assumed by default: {}. Source: {}.", group.figures, group.source);
}

// The figures of one entry and one source together.
std::vector<SourceLine> factor_lines(const std::vector<Factor>& factors, const StoredMachines& machines) {
  std::vector<FigureGroup> groups;
  for (const Factor& factor : factors) {
    if (std::ranges::any_of(machines.not_of_source, [&](const std::string& p) { return factor.key.starts_with(p); }))
      continue;
    if (factor.key.ends_with("grid.intensity") && factor.key.starts_with("cluster.")) continue;  // own_grid_text()
    auto [what, name] = split_key(factor.key, machines);
    FigureGroup group{what, source_text(factor.provenance), fmt::format("{} {}", name, factor.value), what.empty()};
    if (group.of_settings) {
      const std::string& source = factor.provenance.source;
      group.what = source.starts_with("given") ? "given" : source == "assumed" ? "assumed" : "default";
    }
    const auto at = std::ranges::find_if(
        groups, [&](const FigureGroup& g) { return g.what == group.what && g.source == group.source; });
    if (at == groups.end())
      groups.push_back(std::move(group));
    else
      at->figures += ", " + group.figures;
  }
  std::vector<SourceLine> lines;
  for (const FigureGroup& group : groups) lines.push_back({line_of(group), group.of_settings});
  return lines;
}

StoredMachines read_machines(const Json& settings) {
  StoredMachines machines;
  read_stored_settings(settings.value("cluster", Json::object()), [&](SettingsVisitor& v) {
    machines.home.visit(v);
    machines.sites.visit(v);
  });
  return machines;
}

// Whether figures that the settings only name are those that were used; a trace's file is not at hand to be checked.
bool has_changed(const StoredMachines& machines, const std::string& content) {
  const auto traced = [](const GridSettings& grid) { return !grid.trace.empty(); };
  if (content.empty() || traced(machines.home.own_grid) ||
      std::ranges::any_of(machines.sites.sites, [&](const SiteSettings& site) { return traced(site.own_grid); }))
    return false;
  try {
    return content != digest_text(content_digest(machines.home, machines.sites));
  } catch (const InputError&) {
    return true;
  }
}

std::vector<SourceLine> scenario_lines(const StoredScenario& scenario, const std::vector<StoredProblem>& problems,
                                       std::vector<std::string>& remarks) {
  const Json parsed = parse_json(scenario.settings);
  if (!parsed.is_object() || !parsed.contains("settings"))
    throw StoreError("the results are damaged: the settings of a scenario cannot be read");
  const Json& settings = parsed["settings"];
  StoredMachines machines = read_machines(settings);
  if (!machines.home.catalogue.empty())
    add_once(remarks, fmt::format("Some figures may be from the authors' own catalogue ({}).",
                                  std::exchange(machines.home.catalogue, {}).string()));
  else if (has_changed(machines, parsed.value("content", "")))
    add_once(remarks, "The program's catalogue has changed since these results were made: its figures below may "
                      "differ from those that were used.");
  replace_unknown(machines);
  const bool uses = scenario.deployment.inferences > 0.0 && !parsed.value("deployment", Json::object()).contains("cluster");
  std::vector<Workload> works;
  if (machines.knows_device) works = works_of(problems, uses, remarks);
  std::vector<SourceLine> lines;
  for (const std::string& line : machines.not_shipped) lines.push_back({line, false});
  try {
    const auto factors =
        used_factors(machines.home, machines.sites, works, settings.value("charge_strategy", true));
    std::ranges::move(factor_lines(factors, machines), std::back_inserter(lines));
  } catch (const InputError&) {
    add_once(remarks, "The figures of the machines cannot be told from the results alone.");
  }
  if (std::string own = own_grid_text(machines.home.own_grid); !own.empty()) lines.push_back({std::move(own), false});
  for (std::size_t i = 0; i < machines.sites.names.size(); ++i)
    if (const std::string own = own_grid_text(machines.sites.sites[i].own_grid); !own.empty())
      lines.push_back({fmt::format("Site {}. {}", machines.sites.names[i], own), false});
  return lines;
}

}  // namespace

std::vector<std::string> statement_sources(const Store& store) {
  const auto scenarios = store.scenarios();
  const auto problems = store.problems();
  std::vector<std::string> lines;
  std::vector<std::vector<SourceLine>> by_scenario;
  for (const StoredScenario& scenario : scenarios) by_scenario.push_back(scenario_lines(scenario, problems, lines));
  // What is said of all scenarios' settings stands once; of one's alone, under its name.
  const auto of_all = [&](const std::string& text) {
    return std::ranges::all_of(by_scenario, [&](const auto& said) {
      return std::ranges::find(said, text, &SourceLine::text) != said.end();
    });
  };
  for (std::size_t s = 0; s < scenarios.size(); ++s)
    for (const SourceLine& line : by_scenario[s]) {
      const bool alone = line.of_settings && !of_all(line.text);
      add_once(lines, alone ? fmt::format("{}. {}", scenarios[s].label, line.text) : line.text);
    }
  return lines;
}

}  // namespace tonne
