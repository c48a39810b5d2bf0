#include "experiments/plan/scenario_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/json.h"
#include "core/simulator.h"
#include "core/uncertainty.h"
#include "core/yaml.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/machine_model.h"
#include "cost_models/sites.h"
#include "cost_models/used_factors.h"
#include "experiments/plan/combinations.h"
#include "experiments/plan/counted_work.h"
#include "experiments/plan/deployment.h"
#include "experiments/plan/entries.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/target_machine.h"
#include "experiments/plan/variants.h"

namespace tonne {
namespace {

// `cluster:` of an experiment: one with other sites, where those are given.
struct Machines {
  ClusterSettings home;
  SitesSettings sites;
  void visit(SettingsVisitor& visitor) {
    home.visit(visitor);
    sites.visit(visitor);
  }
};

class ScenarioReader {
 public:
  ScenarioReader(const YamlSource& source, const Experiment& experiment)
      : source_(source), experiment_(experiment) {}

  [[nodiscard]] ScenarioPlan read(const Combination& combination) const {
    ScenarioPlan plan;
    plan.label = combination.label;
    Machines machines;
    SettingsReader reader(combination.node, source_, "");
    read_cluster(reader.take("cluster"), machines, plan.uncertain);
    visit_rules(reader, plan.options);
    const YamlNode* deployment = reader.take("deployment");
    reader.finish();
    check_budget(plan.options.budget, *combination.node.find("budget"));
    plan.options.workers = static_cast<unsigned>(machines.home.workers);
    add_cost(plan, machines, combination.node);
    plan.settings = canonical_entry(
        "scenario",
        [&](SettingsVisitor& v) {
          v.group("cluster", "", [&](SettingsVisitor& nested) { machines.visit(nested); });
          visit_rules(v, plan.options);
        },
        content_digest(machines.home, machines.sites));
    plan.deployment_cost = plan.cost;
    if (deployment) read_deployment(*deployment, plan);
    plan.factors = factors(plan, machines, deployment && !deployment->find("cluster"));
    if (!plan.uncertain.empty()) vary(plan, machines);
    return plan;
  }

 private:
  void check_budget(const Budget& budget, const YamlNode& node) const {
    if (budget.empty())
      throw InputError({source_.file, node.line, node.column}, "budget",
                       "is empty: give at least one of evaluations, epochs, time, energy, co2e, money");
  }

  // The cost model, tried on every problem, and what is said of it.
  void add_cost(ScenarioPlan& plan, const Machines& machines, const YamlNode& node) const {
    plan.cost =
        at_place(source_, node, "cluster", [&] { return make_cost_model(machines.home, machines.sites); });
    for (const ProblemPlan& problem : experiment_.problems)
      at_place(source_, node, "cluster", [&] { try_charging(*plan.cost, *problem.problem); });
    plan.summary = machines.home.summary() + machines.sites.summary(machines.home);
    plan.sites = list_sites(machines.home, machines.sites);
    plan.priced = plan.deployment_priced = !not_known(machines.home).money;
    if (!plan.priced && plan.options.budget.money)
      throw InputError({source_.file, node.line, node.column}, "budget.money",
                       fmt::format("no price is known for {}: give cluster.price, or another limit",
                                   machines.home.device));
  }

  // Every figure that the charges rest on.
  [[nodiscard]] std::vector<Factor> factors(const ScenarioPlan& plan, const Machines& machines,
                                            bool uses_here) const {
    std::vector<Workload> works;
    for (const ProblemPlan& problem : experiment_.problems)
      std::ranges::copy(default_works(*problem.problem, uses_here), std::back_inserter(works));
    return used_factors(machines.home, machines.sites, works, plan.options.charge_strategy);
  }

  // The one place in an experiment where a figure can be uncertain.
  void read_cluster(const YamlNode* node, Machines& machines,
                    std::vector<UncertainSetting>& uncertain) const {
    static const YamlNode empty;
    SettingsReader reader(node ? *node : empty, source_, "cluster", &uncertain);
    machines.visit(reader);
    reader.finish();
    if (machines.home.catalogue_ranges) add_ranges(*node, machines.home, uncertain);
    for (const UncertainSetting& setting : uncertain) {
      if (setting.key.starts_with("cluster.preemption.") || setting.key == "cluster.transfer.delay")
        throw InputError(setting.where, setting.key,
                         "decides how the search runs, and a search runs once: give one value, or a list for "
                         "several scenarios");
      if (setting.key == "cluster.memory")
        throw InputError(setting.where, setting.key,
                         "decides which candidates fit, not what they cost: give one value, or a list for "
                         "several scenarios");
    }
  }

  // What the catalogue knows of the device as ranges.
  void add_ranges(const YamlNode& node, const ClusterSettings& cluster,
                  std::vector<UncertainSetting>& uncertain) const {
    std::vector<WorkKind> kinds;
    for (const ProblemPlan& plan : experiment_.problems)
      kinds.push_back(default_works(*plan.problem, false).front().kind);
    const YamlNode* flag = node.find("catalogue_ranges");
    const Location where{source_.file, flag->line, flag->column};
    auto figures = at_place(source_, node, "cluster", [&] { return ranged_figures(cluster, kinds); });
    std::erase_if(figures, [](const FigureRecord& figure) { return !range_text(figure); });
    if (figures.empty())
      throw InputError(where, "cluster.catalogue_ranges",
                       fmt::format("the catalogue knows no figure of {} that counts here as a range",
                                   printable(cluster.device)));
    for (const FigureRecord& figure : figures) {
      const std::string text = *range_text(figure);
      uncertain.push_back({"device." + figure.key, text,
                           *at_place(source_, *flag, "cluster.catalogue_ranges", [&] {
                             return Distribution::parse(text, figure.kind, bounds_of(figure, cluster));
                           }),
                           where});
    }
  }

  // "lognormal(40 W, 1.2)", whose 90 % are the range, wherever in it the figure lies; from zero on, where no lognormal
  // begins, a triangle with its top at the figure. Nothing where the range is none.
  static std::optional<std::string> range_text(const FigureRecord& figure) {
    constexpr double kNinety = 1.645;
    const auto shown = [&](double value) {
      return figure.kind ? format_quantity(value, *figure.kind) : fmt::format("{:.12g}", value);
    };
    const double low = figure.low.value_or(figure.value);
    const double high = figure.high.value_or(figure.value);
    constexpr double kLeastWidth = 1e-4;  // below, it is the rounding of a figure
    if (high - low <= kLeastWidth * high) return std::nullopt;
    if (low <= 0.0) return fmt::format("triangular({}, {}, {})", shown(low), shown(figure.value), shown(high));
    const double half = (std::log(high) - std::log(low)) / 2.0;
    const double centre = *parse_number(fmt::format("{:.6g}", low * std::exp(half)));
    return fmt::format("lognormal({}, {:.6g})", shown(centre), std::exp(half / kNinety));
  }

  // What a draw must keep to, as the figures of a catalogue do.
  static Bounds bounds_of(const FigureRecord& figure, const ClusterSettings& cluster) {
    if (figure.key == "idle.power") {
      const MachineParameters machine = resolve_machine(cluster);
      return {0.0, std::min(machine.tdp, machine.power_limit.value_or(machine.tdp)).base(), true};
    }
    if (figure.kind) return Bounds::above(0.0);
    return figure.key.ends_with("utilisation") ? Bounds{1e-6, 1.0} : Bounds::between(0.0, 1.0);
  }

  // Where and how often the result is used; on the search's own cluster unless another is given.
  void read_deployment(const YamlNode& node, ScenarioPlan& plan) const {
    SettingsReader reader(node, source_, "deployment");
    plan.deployment.visit(reader);
    const YamlNode* own = reader.take("cluster");
    reader.finish();
    if (!plan.deployment.given())
      throw InputError({source_.file, node.line, node.column}, "deployment",
                       "names no use: give trainings, inferences or both");
    plan.deployment_summary = plan.summary;
    Json settings = parse_json(plan.settings);
    settings["deployment"] =
        parse_json(canonical_settings([&](SettingsVisitor& v) { plan.deployment.visit(v); }));
    if (own) {
      ClusterSettings cluster = read_machine(*own, source_, "deployment.cluster");
      plan.deployment_cost =
          at_place(source_, *own, "deployment.cluster", [&] { return make_cost_model(cluster); });
      plan.deployment_summary = cluster.summary();
      plan.deployment_priced = !not_known(cluster).money;
      settings["deployment"]["cluster"] = parse_json(canonical_entry(
          "cluster", [&](SettingsVisitor& v) { cluster.visit(v); }, content_digest(cluster)));
    }
    plan.settings = json_line(settings);
    for (const ProblemPlan& problem : experiment_.problems)
      try_deploying(node, own ? *own : node, plan, problem);
  }

  // What cannot be told of the uses of this problem's result is said before anything is spent.
  void try_deploying(const YamlNode& node, const YamlNode& machine, const ScenarioPlan& plan,
                     const ProblemPlan& problem) const {
    const Configuration standard = problem.problem->default_configuration();
    if (plan.deployment.inferences > 0.0 && !problem.problem->inference(standard))
      throw InputError(
          {source_.file, node.line, node.column}, "deployment.inferences",
          problem.label + " does not know what one use of its result costs: give trainings alone");
    at_place(source_, machine, "deployment",
             [&] { (void)payback_of(*problem.problem, standard, TrainUntil::full, *plan.deployment_cost); });
  }

  // Costs at other values of the uncertain figures; the experiment is another one with other distributions.
  void vary(ScenarioPlan& plan, const Machines& machines) const {
    const SitedCostModelFamily family(machines.home, machines.sites);
    for (const auto& values : variant_values(plan.uncertain, experiment_.uncertainty))
      plan.variants.push_back(cost_at(values, plan, machines, family));
    for (const UncertainSetting& setting : plan.uncertain)
      for (Factor& factor : plan.factors)
        if (factor.key == setting.key) factor.value += fmt::format(" ({})", setting.text);
    plan.summary += fmt::format(", {} uncertain {}", plan.uncertain.size(),
                                plan.uncertain.size() == 1 ? "figure" : "figures");
    Json settings = parse_json(plan.settings);
    for (const UncertainSetting& setting : plan.uncertain)
      settings["uncertain"][setting.key] = setting.distribution.canonical();
    plan.settings = json_line(settings);
  }

  [[nodiscard]] std::shared_ptr<const CostModel> cost_at(const std::vector<double>& values,
                                                         const ScenarioPlan& plan, const Machines& machines,
                                                         const SitedCostModelFamily& family) const {
    Machines moved = machines;
    set_values([&](SettingsVisitor& v) { moved.visit(v); }, "cluster", plan.uncertain, values);
    constexpr std::string_view kOfDevice = "device.";
    for (std::size_t i = 0; i < values.size(); ++i)
      if (plan.uncertain[i].key.starts_with(kOfDevice))
        moved.home.device_figures.emplace_back(plan.uncertain[i].key.substr(kOfDevice.size()), values[i]);
    try {
      auto cost = family.make(moved.home, moved.sites);
      for (const ProblemPlan& problem : experiment_.problems) try_charging(*cost, *problem.problem);
      return cost;
    } catch (const InputError& error) {
      const auto culprit = std::ranges::find(plan.uncertain, error.path(), &UncertainSetting::key);
      throw InputError((culprit == plan.uncertain.end() ? plan.uncertain.front() : *culprit).where,
                       error.path(),
                       fmt::format("the uncertain figures cannot all take such values together ({}): {}",
                                   values_text(plan.uncertain, values), error.message()));
    }
  }

  const YamlSource& source_;
  const Experiment& experiment_;
};

void visit_budget(SettingsVisitor& visitor, Budget& budget) {
  std::optional<std::int64_t> evaluations;
  if (budget.evaluations) evaluations = static_cast<std::int64_t>(*budget.evaluations);
  visitor.optional_integer("evaluations", evaluations, Bounds::between(1, 1e12),
                           "trials trained, including failures");
  if (evaluations) budget.evaluations = static_cast<std::uint64_t>(*evaluations);
  visitor.optional_number("epochs", budget.fidelity, Bounds::above(0.0),
                          "total training, in the problem's unit of fidelity");
  visitor.quantity("time", budget.time, Bounds::above(0.0), "simulated time from start to end");
  visitor.quantity("energy", budget.energy, Bounds::above(0.0), "including host and facility");
  visitor.quantity("co2e", budget.carbon, Bounds::above(0.0), "operational and embodied");
  visitor.quantity("money", budget.money, Bounds::above(0.0), "rent, electricity and carbon price");
}

enum class Retrain : std::uint8_t { none, winner };

}  // namespace

std::vector<ScenarioPlan> read_scenario_plans(SettingsReader& top, const YamlNode& root,
                                              const YamlSource& source, const Experiment& experiment) {
  YamlNode rules;
  rules.kind = YamlNode::Kind::map;
  rules.line = root.line;
  rules.column = root.column;
  for (const std::string_view key :
       {"cluster", "budget", "overshoot", "duplicates", "resuming", "charge_strategy", "final", "deployment"})
    if (const YamlNode* node = top.take(key))
      rules.entries.push_back({std::string(key), node->line, node->column, *node});
  if (!rules.find("budget"))
    throw InputError({source.file, root.line, root.column}, "budget",
                     "is missing: give at least one of evaluations, epochs, time, energy, co2e, money");
  const ScenarioReader reader(source, experiment);
  std::vector<ScenarioPlan> scenarios;
  for (const Combination& combination : combinations_of(rules, {}, source, ""))
    scenarios.push_back(reader.read(combination));
  return scenarios;
}

void visit_rules(SettingsVisitor& visitor, SimulationOptions& options) {
  visitor.group("budget", "totals that end a search; the first one reached does",
                [&](SettingsVisitor& nested) { visit_budget(nested, options.budget); });
  visitor.choice("overshoot", options.overshoot, std::to_array<std::string_view>({"allow", "deny"}),
                 "whether the last trials may exceed the budget; deny: a trial that would is not started");
  visitor.choice("duplicates", options.duplicates,
                 std::to_array<std::string_view>({"charge", "cache", "forbid"}),
                 "what a repeated configuration gets: another training with another seed, the first result for "
                 "free, or a refusal (the strategy is asked again)");
  visitor.choice("resuming", options.resuming,
                 std::to_array<std::string_view>({"from_checkpoint", "from_scratch"}),
                 "whether a resumed trial pays only for its additional training, or for all of it");
  visitor.flag("charge_strategy", options.charge_strategy,
               "charge the strategy's own computing (counted, not timed)");
  visitor.group("final", "after the search", [&](SettingsVisitor& nested) {
    auto retrain = options.retrain_winner ? Retrain::winner : Retrain::none;
    nested.choice("retrain", retrain, std::to_array<std::string_view>({"none", "winner"}),
                  "train the winner once from scratch at the highest fidelity; charged in an account of its own");
    options.retrain_winner = retrain == Retrain::winner;
  });
}

}  // namespace tonne
