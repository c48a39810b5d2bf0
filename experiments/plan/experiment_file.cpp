#include "experiments/plan/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "core/csv.h"
#include "core/yaml.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/machine_model.h"
#include "experiments/plan/named_objectives.h"
#include "experiments/run/repricing.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostCombinations = 10'000;
constexpr std::int64_t kMostSeeds = 100'000;

// --- lists become grids --------------------------------------------------------------------------------------

struct Combination {
  YamlNode node;
  std::string label;  // "key=value, ..." of what was chosen from lists
};

std::string short_text(const YamlNode& node) {
  if (node.is_scalar()) return node.text;
  if (!node.is_map()) return "...";
  std::string text;
  for (const auto& entry : node.entries) text += (text.empty() ? "" : " ") + short_text(entry.value);
  return text;
}

// Whether a setting's value is a list; a NAME in `lists` stands for any name.
bool is_list_setting(const std::string& key, const std::set<std::string>& lists) {
  if (lists.contains(key)) return true;
  const std::size_t first = key.find('.');
  const std::size_t second = key.find('.', first + 1);
  if (first == std::string::npos) return false;
  const std::string rest = second == std::string::npos ? "" : key.substr(second);
  return lists.contains(key.substr(0, first + 1) + std::string(kAnyName) + rest);
}

// Where, below `node`, a list stands in place of one value. `lists` names the settings whose value is a list.
YamlNode* first_list(YamlNode& node, const std::string& prefix, const std::set<std::string>& lists, std::string& path) {
  for (auto& entry : node.entries) {
    const std::string key = prefix + entry.key;
    if (entry.value.is_sequence() && !is_list_setting(key, lists)) {
      path = key;
      return &entry.value;
    }
    if (!entry.value.is_map()) continue;
    if (YamlNode* found = first_list(entry.value, key + ".", lists, path)) return found;
  }
  return nullptr;
}

std::vector<Combination> expand(const YamlNode& node, const std::set<std::string>& lists, const YamlSource& source,
                                const std::string& where) {
  std::vector<Combination> done;
  std::vector<Combination> open{{node, ""}};
  while (!open.empty()) {
    std::vector<Combination> next;
    for (Combination& combination : open) {
      std::string path;
      YamlNode* list = first_list(combination.node, "", lists, path);
      if (!list) {
        done.push_back(std::move(combination));
        continue;
      }
      const Location location{source.file, list->line, list->column};
      const std::string full_path = where.empty() ? path : where + "." + path;
      if (list->items.empty()) throw InputError(location, full_path, "is an empty list: give at least one value");
      const std::vector<YamlNode> items = std::move(list->items);
      for (const YamlNode& item : items) {
        if (item.is_sequence()) throw InputError({source.file, item.line, item.column}, full_path, "is a list within a list");
        *list = item;
        const std::string key = path.substr(path.rfind('.') + 1);
        const std::string label = key + "=" + short_text(item);
        next.push_back({combination.node, combination.label.empty() ? label : combination.label + ", " + label});
      }
      if (next.size() + done.size() > kMostCombinations)
        throw InputError(location, full_path, fmt::format("its lists multiply to more than {} combinations", kMostCombinations));
    }
    open = std::move(next);
  }
  return done;
}

std::set<std::string> list_settings(const std::vector<SettingDescription>& settings) {
  std::set<std::string> names;
  for (const SettingDescription& setting : settings)
    if (setting.is_list) names.insert(setting.key);
  return names;
}

// --- one entry of `problems` or `strategies` -----------------------------------------------------------------

struct Entry {
  std::string name;
  const YamlNode* name_node;
  YamlNode settings;  // a map or null
};

// "name" or "{name: settings}".
Entry read_entry(const YamlNode& node, const YamlSource& source, const std::string& path) {
  const Location where{source.file, node.line, node.column};
  if (node.is_scalar()) return {node.text, &node, {}};
  if (node.is_map() && node.entries.size() == 1) {
    const auto& entry = node.entries.front();
    if (!entry.value.is_map() && !entry.value.is_null())
      throw InputError({source.file, entry.value.line, entry.value.column}, path + "." + entry.key,
                       "found " + entry.value.shown() + ", expected settings (key: value)");
    return {entry.key, &node, entry.value};
  }
  throw InputError(where, path, "found " + node.shown() + ", expected a name or one name with its settings, as in 'tpe' or 'tpe: {startup: 20}'");
}

template <class Recipe>
const CatalogueEntry<Recipe>& find_recipe(std::span<const CatalogueEntry<Recipe>> catalogue, const Entry& entry,
                                          const YamlSource& source, const std::string& path, const std::string& kind) {
  std::vector<std::string> names;
  for (const auto& known : catalogue) {
    if (known.name == entry.name) return known;
    names.emplace_back(known.name);
  }
  const std::string hint = did_you_mean(entry.name, names);
  YamlNode shown;
  shown.kind = YamlNode::Kind::scalar;
  shown.text = entry.name;
  throw InputError({source.file, entry.name_node->line, entry.name_node->column}, path,
                   fmt::format("unknown {} {}. {}Known: {} (tonne list {} tells more)", kind, shown.shown(),
                               hint.empty() ? "" : hint + " ", join_names(names),
                               kind == "strategy" ? "strategies" : "problems"));
}

std::vector<YamlNode> entries_of(const YamlNode* node, const YamlNode& root, const YamlSource& source,
                                 const std::string& key) {
  if (!node) throw InputError({source.file, root.line, root.column}, key, "is missing: name at least one");
  if (node->is_scalar() || node->is_map()) return {*node};
  if (!node->is_sequence() || node->items.empty())
    throw InputError({source.file, node->line, node->column}, key, "found " + node->shown() + ", expected a list with at least one name");
  return node->items;
}

void check_label(const std::string& label, std::set<std::string>& labels, const YamlNode& node, const YamlSource& source,
                 const std::string& path) {
  if (labels.insert(label).second) return;
  throw InputError({source.file, node.line, node.column}, path,
                   "a second entry is called '" + label + "': give one of them another name with label:");
}

// The node that a path such as "cluster.grid" names below a map, or the nearest one above it that exists.
const YamlNode& locate(const YamlNode& node, std::string_view path) {
  const std::size_t dot = path.find('.');
  const YamlNode* next = node.find(path.substr(0, dot));
  if (!next) return node;
  return dot == std::string_view::npos ? *next : locate(*next, path.substr(dot + 1));
}

// Errors from beneath (a table's row, a missing column) that know no place get that of the entry; one that knows its
// key's path gets that key's.
template <class Function>
auto at_place(const YamlSource& source, const YamlNode& node, const std::string& path, Function function) {
  try {
    return function();
  } catch (const InputError& error) {
    if (error.has_location()) throw;
    const YamlNode& at = error.path().empty() ? node : locate(node, error.path());
    throw InputError({source.file, at.line, at.column}, error.path().empty() ? path : error.path(), error.message());
  } catch (const std::invalid_argument& error) {
    throw InputError({source.file, node.line, node.column}, path, error.what());
  }
}

std::string canonical_entry(std::string_view name, const std::function<void(SettingsVisitor&)>& visit,
                            std::uint64_t content) {
  Json json = Json::object();
  json["name"] = std::string(name);
  json["settings"] = Json::parse(canonical_settings(visit));
  if (content != 0) json["content"] = fmt::format("{:016x}", content);
  return json.dump(-1, ' ', true);
}

// Settings of a strategy whose value is a list, those of a strategy within it included.
std::set<std::string> strategy_lists(const CatalogueEntry<StrategyRecipe>& known, const YamlNode& settings) {
  std::set<std::string> names =
      list_settings(describe_settings([&](SettingsVisitor& v) { known.make()->visit(v); }));
  const YamlNode* inner = settings.is_map() ? settings.find("strategy") : nullptr;
  if (!inner || !inner->is_map() || inner->entries.size() != 1) return names;
  const YamlNode::Entry& entry = inner->entries.front();
  for (const auto& candidate : strategy_catalogue())
    if (candidate.name == entry.key)
      for (const std::string& name : strategy_lists(candidate, entry.value))
        names.insert("strategy." + entry.key + "." + name);
  return names;
}

// --- the parts of an experiment ------------------------------------------------------------------------------

class Reader {
 public:
  Reader(const YamlNode& root, const YamlSource& source) : root_(root), source_(source) {}

  Experiment read(const std::string& text) {
    SettingsReader top(root_, source_, "");
    Experiment experiment;
    experiment.text = text;
    experiment.name = std::filesystem::path(source_.file).stem().string();
    top.text("name", experiment.name, "");
    top.require(is_folder_name(experiment.name), "name",
                printable(experiment.name) + " cannot name a folder: use letters, digits, '-', '_' and '.'");
    std::string description;
    top.text("description", description, "");
    experiment.seeds = read_seeds(top);
    top.choice("record", experiment.recording, std::to_array<std::string_view>({"trials", "incumbents"}), "");
    top.group("uncertainty", "", [&](SettingsVisitor& v) { experiment.uncertainty.visit(v); });
    read_problems(top, experiment);
    read_strategies(top, experiment);
    read_scenarios(top, experiment);
    top.finish();
    check_size(experiment);
    check_strategies(experiment);
    experiment.digest = digest(experiment);
    return experiment;
  }

 private:
  static std::string printable(const std::string& text) {
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = text;
    return node.shown();
  }

  static bool is_folder_name(const std::string& name) {
    if (name.empty() || name.size() > 100 || name.front() == '.') return false;
    return std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
  }

  std::vector<std::uint64_t> read_seeds(SettingsReader& top) {
    const YamlNode* node = top.take("seeds");
    const Bounds bounds{0.0, 9007199254740992.0};
    if (!node || node->is_scalar()) {
      std::int64_t count = 1;
      if (node) top.integer("seeds", count, Bounds::between(1, static_cast<double>(kMostSeeds)), "");
      std::vector<std::uint64_t> seeds(static_cast<std::size_t>(count));
      for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i;
      return seeds;
    }
    if (!node->is_sequence() || node->items.empty() || node->items.size() > static_cast<std::size_t>(kMostSeeds))
      top.fail(*node, "seeds", "found " + node->shown() + fmt::format(", expected a count or a list of at most {} whole numbers", kMostSeeds));
    std::vector<std::uint64_t> seeds;
    std::set<std::int64_t> known;
    for (const YamlNode& item : node->items) {
      YamlNode wrapper;
      wrapper.kind = YamlNode::Kind::map;
      wrapper.entries.push_back({"seeds", item.line, item.column, item});
      SettingsReader one(wrapper, source_, "");
      std::int64_t seed = 0;
      one.integer("seeds", seed, bounds, "");
      if (!known.insert(seed).second) top.fail(item, "seeds", fmt::format("{} stands twice", seed));
      seeds.push_back(static_cast<std::uint64_t>(seed));
    }
    return seeds;
  }

  void read_problems(SettingsReader& top, Experiment& experiment) {
    const auto nodes = entries_of(top.take("problems"), root_, source_, "problems");
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::string path = fmt::format("problems[{}]", i);
      const Entry entry = read_entry(nodes[i], source_, path);
      const auto& known = find_recipe(problem_catalogue(), entry, source_, path, "problem");
      const std::string full = path + "." + entry.name;
      const auto recipe = known.make();
      auto lists = list_settings(describe_settings([&](SettingsVisitor& v) { recipe->visit(v); }));
      lists.insert("objectives");
      for (const Combination& combination : expand(entry.settings, lists, source_, full))
        experiment.problems.push_back(read_problem(known, combination, *entry.name_node, full));
    }
  }

  ProblemPlan read_problem(const CatalogueEntry<ProblemRecipe>& known, const Combination& combination,
                           const YamlNode& node, const std::string& path) {
    const auto recipe = known.make();
    SettingsReader reader(combination.node, source_, path);
    std::string label;
    reader.text("label", label, "");
    recipe->visit(reader);
    std::vector<std::string> objectives;
    reader.texts("objectives", objectives, "");
    const YamlNode* target = reader.take("target");
    reader.finish();
    ProblemPlan plan;
    plan.problem = at_place(source_, node, path, [&] { return recipe->make(); });
    Json derived;
    if (!objectives.empty() || target)
      derived = add_objectives(plan, objectives, combination.node, target, path);
    plan.label = label.empty() ? plan.problem->traits().name : label;
    if (!combination.label.empty() && (!label.empty() || problem_labels_.contains(plan.label)))
      plan.label += " (" + combination.label + ")";
    check_label(plan.label, problem_labels_, node, source_, path);
    plan.settings = canonical_entry(known.name, [&](SettingsVisitor& v) { recipe->visit(v); }, recipe->content_digest());
    if (derived.is_null()) return plan;
    Json settings = Json::parse(plan.settings);
    settings.update(derived);
    plan.settings = settings.dump(-1, ' ', true);
    return plan;
  }

  // `objectives` of a problem, and the machine that they are charged on; returns what of it decides the results.
  Json add_objectives(ProblemPlan& plan, const std::vector<std::string>& names, const YamlNode& settings, const YamlNode* target,
                      const std::string& path) const {
    if (target && std::ranges::none_of(names, needs_machine))
      throw InputError({source_.file, target->line, target->column}, path + ".target",
                       "no objective is charged on it: name one in objectives, such as latency");
    Json derived;
    derived["objectives"] = names;
    std::shared_ptr<const CostModel> machine;
    if (target) {
      ClusterSettings cluster;
      read_machine(*target, path + ".target", cluster);
      machine = at_place(source_, *target, path + ".target", [&] { return make_cost_model(cluster); });
      derived["target"] = Json::parse(canonical_entry("cluster", [&](SettingsVisitor& v) { cluster.visit(v); }, content_digest(cluster)));
    }
    plan.problem = at_place(source_, *settings.find("objectives"), path + ".objectives",
                            [&] { return with_objectives(plan.problem, names, machine); });
    if (machine) at_place(source_, *target, path + ".target", [&] { try_charging(*machine, *plan.problem); });
    return derived;
  }

  // A device's name, or the settings of a cluster.
  void read_machine(const YamlNode& node, const std::string& path, ClusterSettings& cluster) const {
    YamlNode settings = node;
    if (node.is_scalar()) {
      settings = {};
      settings.kind = YamlNode::Kind::map;
      settings.entries.push_back({"device", node.line, node.column, node});
    }
    SettingsReader reader(settings, source_, path);
    cluster.visit(reader);
    reader.finish();
  }

  void read_strategies(SettingsReader& top, Experiment& experiment) {
    const auto nodes = entries_of(top.take("strategies"), root_, source_, "strategies");
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::string path = fmt::format("strategies[{}]", i);
      const Entry entry = read_entry(nodes[i], source_, path);
      const auto& known = find_recipe(strategy_catalogue(), entry, source_, path, "strategy");
      const std::string full = path + "." + entry.name;
      const auto lists = strategy_lists(known, entry.settings);
      for (const Combination& combination : expand(entry.settings, lists, source_, full)) {
        experiment.strategies.push_back(read_strategy(known, combination, *entry.name_node, full));
        strategy_nodes_.push_back({nodes[i].line, nodes[i].column, full});
      }
    }
  }

  StrategyPlan read_strategy(const CatalogueEntry<StrategyRecipe>& known, const Combination& combination,
                             const YamlNode& node, const std::string& path) {
    std::shared_ptr<StrategyRecipe> recipe = known.make();
    SettingsReader reader(combination.node, source_, path);
    StrategyPlan plan;
    plan.name = known.name;
    plan.label = plan.name;
    reader.text("label", plan.label, "");
    reader.optional_number("fidelity", plan.fidelity, Bounds::above(0.0), "");
    recipe->visit(reader);
    reader.finish();
    if (!combination.label.empty()) plan.label += " (" + combination.label + ")";
    check_label(plan.label, strategy_labels_, node, source_, path);
    const auto fidelity = plan.fidelity;
    plan.settings = canonical_entry(known.name, [&](SettingsVisitor& v) {
      auto copy = fidelity;
      v.optional_number("fidelity", copy, Bounds::above(0.0), "");
      recipe->visit(v);
    }, recipe->content_digest());
    plan.recipe = std::move(recipe);
    return plan;
  }

  // Everything beside problems and strategies that may hold lists: taken together as one map, then multiplied out.
  void read_scenarios(SettingsReader& top, Experiment& experiment) {
    YamlNode rules;
    rules.kind = YamlNode::Kind::map;
    rules.line = root_.line;
    rules.column = root_.column;
    for (const std::string_view key : {"cluster", "budget", "overshoot", "duplicates", "resuming", "charge_strategy", "final", "deployment"})
      if (const YamlNode* node = top.take(key))
        rules.entries.push_back({std::string(key), node->line, node->column, *node});
    if (!rules.find("budget"))
      throw InputError({source_.file, root_.line, root_.column}, "budget",
                       "is missing: give at least one of evaluations, epochs, time, energy, co2e, money");
    for (const Combination& combination : expand(rules, {}, source_, ""))
      experiment.scenarios.push_back(read_scenario(combination, experiment));
  }

  ScenarioPlan read_scenario(const Combination& combination, const Experiment& experiment) {
    ScenarioPlan plan;
    plan.label = combination.label;
    Machines machines;
    ClusterSettings& cluster = machines.home;
    SimulationOptions& options = plan.options;
    SettingsReader reader(combination.node, source_, "");
    read_cluster(reader.take("cluster"), machines, plan.uncertain);
    visit_rules(reader, options);
    const YamlNode* deployment = reader.take("deployment");
    reader.finish();
    const YamlNode* budget = combination.node.find("budget");
    if (options.budget.empty())
      throw InputError({source_.file, budget->line, budget->column}, "budget",
                       "is empty: give at least one of evaluations, epochs, time, energy, co2e, money");
    options.workers = static_cast<unsigned>(cluster.workers);
    plan.cost = at_place(source_, combination.node, "cluster", [&] { return make_cost_model(cluster, machines.sites); });
    for (const ProblemPlan& problem : experiment.problems)
      at_place(source_, combination.node, "cluster", [&] { try_charging(*plan.cost, *problem.problem); });
    plan.summary = cluster.summary() + machines.sites.summary(cluster);
    plan.sites = list_sites(cluster, machines.sites);
    plan.factors = factors_of(cluster, machines.sites);
    plan.settings = canonical_entry("scenario", [&](SettingsVisitor& v) {
      v.group("cluster", "", [&](SettingsVisitor& nested) { machines.visit(nested); });
      visit_rules(v, options);
    }, content_digest(cluster, machines.sites));
    plan.deployment_cost = plan.cost;
    if (deployment) read_deployment(*deployment, plan, experiment);
    if (!plan.uncertain.empty()) vary(plan, machines, experiment);
    return plan;
  }

  // `cluster:` of an experiment: one with other sites, where those are given.
  struct Machines {
    ClusterSettings home;
    SitesSettings sites;
    void visit(SettingsVisitor& visitor) {
      home.visit(visitor);
      sites.visit(visitor);
    }
  };

  // The one place in an experiment where a figure can be uncertain.
  void read_cluster(const YamlNode* node, Machines& machines, std::vector<UncertainSetting>& uncertain) const {
    static const YamlNode empty;
    SettingsReader reader(node ? *node : empty, source_, "cluster", &uncertain);
    machines.visit(reader);
    reader.finish();
    for (const UncertainSetting& setting : uncertain) {
      if (setting.key.starts_with("cluster.preemption.") || setting.key == "cluster.transfer.delay")
        throw InputError(setting.where, setting.key,
                         "decides how the search runs, and a search runs once: give one value, or a list for several scenarios");
      if (setting.key == "cluster.memory")
        throw InputError(setting.where, setting.key,
                         "decides which candidates fit, not what they cost: give one value, or a list for several scenarios");
    }
  }

  // Where and how often the result is used; on the search's own cluster unless another is given.
  void read_deployment(const YamlNode& node, ScenarioPlan& plan, const Experiment& experiment) const {
    SettingsReader reader(node, source_, "deployment");
    plan.deployment.visit(reader);
    const YamlNode* own = reader.take("cluster");
    reader.finish();
    if (!plan.deployment.given())
      throw InputError({source_.file, node.line, node.column}, "deployment", "says no use: give trainings, inferences or both");
    plan.deployment_summary = plan.summary;
    Json settings = Json::parse(plan.settings);
    settings["deployment"] = Json::parse(canonical_settings([&](SettingsVisitor& v) { plan.deployment.visit(v); }));
    if (own) {
      ClusterSettings cluster;
      read_machine(*own, "deployment.cluster", cluster);
      plan.deployment_cost = at_place(source_, *own, "deployment.cluster", [&] { return make_cost_model(cluster); });
      plan.deployment_summary = cluster.summary();
      settings["deployment"]["cluster"] = Json::parse(canonical_entry("cluster", [&](SettingsVisitor& v) { cluster.visit(v); }, content_digest(cluster)));
    }
    plan.settings = settings.dump(-1, ' ', true);
    for (const ProblemPlan& problem : experiment.problems) {
      if (plan.deployment.inferences > 0.0 && !problem.problem->inference(problem.problem->default_configuration()))
        throw InputError({source_.file, node.line, node.column}, "deployment.inferences",
                         problem.label + " does not know what one use of its result costs: give trainings alone");
      at_place(source_, own ? *own : node, "deployment",
               [&] { (void)payback_of(*problem.problem, problem.problem->default_configuration(), TrainUntil::full, *plan.deployment_cost); });
    }
  }

  // Costs at other values of the uncertain figures; the experiment is another one with other distributions.
  void vary(ScenarioPlan& plan, const Machines& machines, const Experiment& experiment) const {
    const SitedCostModelFamily family(machines.home, machines.sites);
    const auto cost_at = [&](const std::vector<double>& values) {
      Machines moved = machines;
      set_values([&](SettingsVisitor& v) { moved.visit(v); }, "cluster", plan.uncertain, values);
      try {
        auto cost = family.make(moved.home, moved.sites);
        for (const ProblemPlan& problem : experiment.problems) try_charging(*cost, *problem.problem);
        return cost;
      } catch (const InputError& error) {
        const auto culprit = std::ranges::find(plan.uncertain, error.path(), &UncertainSetting::key);
        throw InputError((culprit == plan.uncertain.end() ? plan.uncertain.front() : *culprit).where, error.path(),
                         fmt::format("the uncertain figures cannot all take such values together ({}): {}",
                                     values_text(plan.uncertain, values), error.message()));
      }
    };
    for (const auto& values : variant_values(plan.uncertain, experiment.uncertainty))
      plan.variants.push_back(cost_at(values));
    for (const UncertainSetting& setting : plan.uncertain)
      for (Factor& factor : plan.factors)
        if (factor.key == setting.key) factor.value += fmt::format(" ({})", setting.text);
    plan.summary += fmt::format(", {} uncertain {}", plan.uncertain.size(), plan.uncertain.size() == 1 ? "figure" : "figures");
    Json settings = Json::parse(plan.settings);
    for (const UncertainSetting& setting : plan.uncertain)
      settings["uncertain"][setting.key] = setting.distribution.canonical();
    plan.settings = settings.dump(-1, ' ', true);
  }

  // What the cost model lacks for this problem (a peak, a price) is said before anything is spent.
  static void try_charging(const CostModel& cost, const Problem& problem) {
    const Configuration configuration = problem.default_configuration();
    const double fidelity = problem.traits().fidelity.lowest;
    const Outcome outcome = problem.evaluate({configuration, 0.0, fidelity, 0}, Random(0));
    (void)cost.fits(outcome.workload);
    (void)cost.charge(outcome.workload, Duration{});
  }

 public:
  static void visit_rules(SettingsVisitor& v, SimulationOptions& options) {
    v.group("budget", "totals that end a search; the first one reached does", [&](SettingsVisitor& b) {
      Budget& budget = options.budget;
      std::optional<std::int64_t> evaluations;
      if (budget.evaluations) evaluations = static_cast<std::int64_t>(*budget.evaluations);
      b.optional_integer("evaluations", evaluations, Bounds::between(1, 1e12), "trials that train, failed ones included");
      if (evaluations) budget.evaluations = static_cast<std::uint64_t>(*evaluations);
      b.optional_number("epochs", budget.fidelity, Bounds::above(0.0), "training in all, in the problem's unit of fidelity");
      b.quantity("time", budget.time, Bounds::above(0.0), "simulated time from start to end");
      b.quantity("energy", budget.energy, Bounds::above(0.0), "with host and facility");
      b.quantity("co2e", budget.carbon, Bounds::above(0.0), "operational and embodied");
      b.quantity("money", budget.money, Bounds::above(0.0), "rent and electricity");
    });
    v.choice("overshoot", options.overshoot, std::to_array<std::string_view>({"allow", "deny"}),
             "may the last trials cross the budget? deny: a trial that would is not started");
    v.choice("duplicates", options.duplicates, std::to_array<std::string_view>({"charge", "cache", "forbid"}),
             "a configuration proposed again: train it again with another seed, answer for free, or ask for another");
    v.choice("resuming", options.resuming, std::to_array<std::string_view>({"from_checkpoint", "from_scratch"}),
             "does a trial that goes on pay only for what is new, or for all of it?");
    v.flag("charge_strategy", options.charge_strategy, "charge the strategy's own computing, by counted work");
    v.group("final", "after the search", [&](SettingsVisitor& f) {
      auto retrain = options.retrain_winner ? Retrain::winner : Retrain::none;
      f.choice("retrain", retrain, std::to_array<std::string_view>({"none", "winner"}),
               "train the winner once from scratch at the highest fidelity: charged, shown apart");
      options.retrain_winner = retrain == Retrain::winner;
    });
  }

 private:
  enum class Retrain : std::uint8_t { none, winner };
  struct Place {
    int line;
    int column;
    std::string path;
  };

  void check_size(const Experiment& experiment) const {
    if (experiment.cells() <= kMostCells) return;
    throw InputError({source_.file, root_.line, root_.column}, "",
                     fmt::format("{} problems x {} scenarios x {} strategies x {} seeds are {} cells; at most {} run at once",
                                 experiment.problems.size(), experiment.scenarios.size(), experiment.strategies.size(),
                                 experiment.seeds.size(), experiment.cells(), kMostCells));
  }

  // What a strategy cannot do is refused before anything is spent.
  void check_strategies(const Experiment& experiment) const {
    for (std::size_t s = 0; s < experiment.strategies.size(); ++s) {
      const Place& place = strategy_nodes_[s];
      const Location where{source_.file, place.line, place.column};
      for (std::size_t p = 0; p < experiment.problems.size(); ++p)
        for (std::size_t c = 0; c < experiment.scenarios.size(); ++c) {
          const StrategyPlan& strategy = experiment.strategies[s];
          const ProblemPlan& problem = experiment.problems[p];
          const FidelityTraits& fidelity = problem.problem->traits().fidelity;
          if (strategy.fidelity) check_fidelity(*strategy.fidelity, fidelity, problem.label, where, place.path);
          const auto refusal = strategy.recipe->refuses(strategy_context(experiment, {0, p, c, s, 0}));
          if (refusal) throw InputError(where, place.path, "cannot search " + problem.label + ": " + *refusal);
        }
    }
  }

  static void check_fidelity(double given, const FidelityTraits& fidelity, const std::string& problem,
                             const Location& where, const std::string& path) {
    const bool whole = !fidelity.integral || given == std::floor(given);
    const auto& levels = fidelity.levels;
    const bool exists = levels.empty() || std::ranges::find(levels, given) != levels.end();
    if (given >= fidelity.lowest && given <= fidelity.highest && whole && exists) return;
    if (!exists)
      throw InputError(where, path + ".fidelity",
                       fmt::format("{} is not possible for {}, which has {} {}", given, problem, fmt::join(levels, ", "), fidelity.name));
    throw InputError(where, path + ".fidelity",
                     fmt::format("{} is not possible for {}, which takes {}{} to {} {}", given, problem,
                                 fidelity.integral ? "whole numbers from " : "", fidelity.lowest, fidelity.highest,
                                 fidelity.name));
  }

  static std::string digest(const Experiment& experiment) {
    std::string all = "tonne experiment 1\n";
    for (const auto seed : experiment.seeds) all += std::to_string(seed) + ",";
    for (const auto& problem : experiment.problems) all += "\np " + problem.label + problem.settings;
    for (const auto& scenario : experiment.scenarios) all += "\nc " + scenario.label + scenario.settings;
    for (const auto& strategy : experiment.strategies) all += "\ns " + strategy.label + strategy.settings;
    all += experiment.recording == Recording::trials ? "\ntrials" : "\nincumbents";
    SpreadSettings uncertainty = experiment.uncertainty;
    if (experiment.is_uncertain()) all += "\nu " + canonical_settings([&](SettingsVisitor& v) { uncertainty.visit(v); });
    return fmt::format("{:016x}{:016x}", hash_text(all), hash_text(all + "#"));
  }

  const YamlNode& root_;
  const YamlSource& source_;
  std::set<std::string> problem_labels_;
  std::set<std::string> strategy_labels_;
  std::vector<Place> strategy_nodes_;
};

}  // namespace

Cell cell_at(const Experiment& experiment, std::size_t index) {
  Cell cell;
  cell.index = index;
  cell.seed = experiment.seeds[index % experiment.seeds.size()];
  index /= experiment.seeds.size();
  cell.strategy = index % experiment.strategies.size();
  index /= experiment.strategies.size();
  cell.scenario = index % experiment.scenarios.size();
  cell.problem = index / experiment.scenarios.size();
  return cell;
}

namespace {

// Of the shortest training there is, in proportion; a training that fails early counts in part.
Work work_of_one_unit(const Problem& problem, const Configuration& candidate) {
  const double lowest = problem.traits().fidelity.lowest;
  return problem.evaluate({candidate, 0.0, lowest, 0}, Random(0)).workload.flops / lowest;
}

}  // namespace

StrategyContext strategy_context(const Experiment& experiment, const Cell& cell) {
  const Problem& problem = *experiment.problems[cell.problem].problem;
  const auto& fidelity = experiment.strategies[cell.strategy].fidelity;
  return {problem.space(), problem.traits(), fidelity.value_or(problem.traits().fidelity.highest),
          experiment.scenarios[cell.scenario].options.workers, experiment.scenarios[cell.scenario].cost.get(),
          [&problem](const Configuration& candidate) { return work_of_one_unit(problem, candidate); }};
}

Experiment parse_experiment(const std::string& text, const std::string& file, const std::filesystem::path& directory) {
  const YamlNode root = parse_yaml(text, file);
  if (!root.is_map()) throw InputError({file, 1, 1}, "", "holds no experiment: expected keys such as problems and strategies");
  const YamlSource source{file, directory};
  return Reader(root, source).read(text);
}

Experiment read_experiment(const std::filesystem::path& file) {
  const std::string text = read_text_file(file, YamlLimits{}.bytes);
  const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  return parse_experiment(text, file.string(), directory);
}

std::optional<double> expected_evaluations(const Experiment& experiment, const Cell& cell) {
  constexpr int kSamples = 64;
  const Problem& problem = *experiment.problems[cell.problem].problem;
  const ScenarioPlan& scenario = experiment.scenarios[cell.scenario];
  const double fidelity = strategy_context(experiment, cell).fidelity;
  Random random = Random(0).child("expected evaluations");
  Charge sum;
  for (int i = 0; i < kSamples; ++i) {
    const Configuration configuration = problem.space().sample(random);
    const Outcome outcome = problem.evaluate({configuration, 0.0, fidelity, 0}, random);
    sum += scenario.cost->charge(outcome.workload, Duration{});
  }
  const Usage total = sum.total();
  const Budget& budget = scenario.options.budget;
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](double limit, double used) {
    if (used > 0.0) least = std::min(least, limit / (used / kSamples));
  };
  if (budget.evaluations) least = static_cast<double>(*budget.evaluations);
  if (budget.fidelity) consider(*budget.fidelity, fidelity * kSamples);
  if (budget.time) consider(budget.time->base() * scenario.options.workers, sum.time.base());
  if (budget.energy) consider(budget.energy->base(), total.energy.base());
  if (budget.carbon) consider(budget.carbon->base(), total.carbon().base());
  if (budget.money) consider(budget.money->base(), total.money.base());
  if (!std::isfinite(least)) return std::nullopt;
  return std::max(1.0, std::floor(least));
}

std::vector<SettingDescription> describe_experiment_settings() {
  SimulationOptions options;
  ClusterSettings cluster;
  SitesSettings sites;
  DeploymentSettings deployment;
  SpreadSettings uncertainty = Experiment{}.uncertainty;
  return describe_settings([&](SettingsVisitor& v) {
    v.group("cluster", "", [&](SettingsVisitor& nested) {
      cluster.visit(nested);
      sites.visit(nested);
    });
    Reader::visit_rules(v, options);
    v.group("deployment", "", [&](SettingsVisitor& nested) { deployment.visit(nested); });
    v.group("uncertainty", "", [&](SettingsVisitor& nested) { uncertainty.visit(nested); });
  });
}

}  // namespace tonne
