#include "experiments/plan/strategy_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "experiments/plan/combinations.h"
#include "experiments/plan/entries.h"
#include "experiments/plan/experiment.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

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

class StrategyReader {
 public:
  explicit StrategyReader(const YamlSource& source) : source_(source) {}

  // One plan for each combination of the entry's lists.
  void read(const YamlNode& node, const std::string& path) {
    const Entry entry = read_entry(node, source_, path);
    const auto& known = find_recipe(strategy_catalogue(), entry, source_, path, "strategy");
    const std::string full = path + "." + entry.name;
    const auto lists = strategy_lists(known, entry.settings);
    for (const Combination& combination : combinations_of(entry.settings, lists, source_, full)) {
      strategies_.plans.push_back(read_plan(known, combination, *entry.name_node, full));
      strategies_.places.push_back({{source_.file, node.line, node.column}, full});
    }
  }
  [[nodiscard]] StrategyPlans take() { return std::move(strategies_); }

 private:
  StrategyPlan read_plan(const CatalogueEntry<StrategyRecipe>& known, const Combination& combination,
                         const YamlNode& node, const std::string& path) {
    std::shared_ptr<StrategyRecipe> recipe = known.make();
    SettingsReader reader(combination.node, source_, path);
    StrategyPlan plan;
    plan.name = known.name;
    plan.label = plan.name;
    visit_strategy_entry(reader, plan.label, plan.fidelity);
    recipe->visit(reader);
    reader.finish();
    if (!combination.label.empty()) plan.label += " (" + combination.label + ")";
    check_label(plan.label, labels_, node, source_, path);
    plan.settings = canonical_settings_of(plan, *recipe);
    plan.recipe = std::move(recipe);
    return plan;
  }

  static std::string canonical_settings_of(const StrategyPlan& plan, StrategyRecipe& recipe) {
    const auto visit = [&](SettingsVisitor& v) {
      auto fidelity = plan.fidelity;
      v.optional_number("fidelity", fidelity, Bounds::above(0.0), "");
      recipe.visit(v);
    };
    return canonical_entry(plan.name, visit, recipe.content_digest());
  }

  const YamlSource& source_;
  StrategyPlans strategies_;
  std::set<std::string> labels_;
};

void check_fidelity(double given, const FidelityTraits& fidelity, const std::string& problem,
                    const Location& where, const std::string& path) {
  const bool whole = !fidelity.integral || given == std::floor(given);
  const auto& levels = fidelity.levels;
  const bool exists = levels.empty() || std::ranges::find(levels, given) != levels.end();
  if (given >= fidelity.lowest && given <= fidelity.highest && whole && exists) return;
  if (!exists)
    throw InputError(where, path + ".fidelity",
                     fmt::format("{} is not possible for {}, which has {} {}", given, problem,
                                 fmt::join(levels, ", "), fidelity.name));
  throw InputError(where, path + ".fidelity",
                   fmt::format("{} is not possible for {}, which takes {}{} to {} {}", given, problem,
                               fidelity.integral ? "whole numbers from " : "", fidelity.lowest,
                               fidelity.highest, fidelity.name));
}

// A strategy that weighs its trials by their price would take one that is not known for nothing.
bool weighs_money(const StrategyPlan& strategy) {
  for (const char* setting : {"\"cost_aware\":\"money\"", "\"cost_objective\":\"money\""})
    if (strategy.settings.find(setting) != std::string::npos) return true;
  return false;
}

void check_strategy(const Experiment& experiment, std::size_t s, const StrategyPlans::Place& place) {
  const StrategyPlan& strategy = experiment.strategies[s];
  for (std::size_t p = 0; p < experiment.problems.size(); ++p)
    for (std::size_t c = 0; c < experiment.scenarios.size(); ++c) {
      const ProblemPlan& problem = experiment.problems[p];
      const FidelityTraits& fidelity = problem.problem->traits().fidelity;
      if (!experiment.scenarios[c].priced && weighs_money(strategy))
        throw InputError(place.where, place.path,
                         fmt::format("weighs money, but no price is known on {}: give cluster.price",
                                     experiment.scenarios[c].summary));
      if (strategy.fidelity)
        check_fidelity(*strategy.fidelity, fidelity, problem.label, place.where, place.path);
      const auto refusal = strategy.recipe->refuses(strategy_context(experiment, {0, p, c, s, 0}));
      if (refusal)
        throw InputError(place.where, place.path, "cannot search " + problem.label + ": " + *refusal);
    }
}

}  // namespace

void visit_strategy_entry(SettingsVisitor& visitor, std::string& label, std::optional<double>& fidelity) {
  visitor.text("label", label, "name in tables; default: the strategy's");
  visitor.optional_number("fidelity", fidelity, Bounds::above(0.0), "how long candidates are trained, in the problem's unit");
}

StrategyPlans read_strategy_plans(const YamlNode* node, const YamlNode& root, const YamlSource& source) {
  const auto nodes = entries_of(node, root, source, "strategies");
  StrategyReader reader(source);
  for (std::size_t i = 0; i < nodes.size(); ++i) reader.read(nodes[i], fmt::format("strategies[{}]", i));
  return reader.take();
}

void check_strategies(const Experiment& experiment, const std::vector<StrategyPlans::Place>& places) {
  for (std::size_t s = 0; s < experiment.strategies.size(); ++s) check_strategy(experiment, s, places[s]);
}

}  // namespace tonne
