#include "experiments/plan/problem_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "core/json.h"
#include "cost_models/cluster_settings.h"
#include "experiments/plan/combinations.h"
#include "experiments/plan/entries.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/named_objectives.h"
#include "experiments/plan/target_machine.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

class ProblemReader {
 public:
  explicit ProblemReader(const YamlSource& source) : source_(source) {}

  // One plan for each combination of the entry's lists.
  void read(const YamlNode& node, const std::string& path) {
    const Entry entry = read_entry(node, source_, path);
    const auto& known = find_recipe(problem_catalogue(), entry, source_, path, "problem");
    const std::string full = path + "." + entry.name;
    const auto recipe = known.make();
    auto lists = list_settings(describe_settings([&](SettingsVisitor& v) { recipe->visit(v); }));
    lists.insert("objectives");
    for (const Combination& combination : combinations_of(entry.settings, lists, source_, full))
      plans_.push_back(read_plan(known, combination, *entry.name_node, full));
  }
  [[nodiscard]] std::vector<ProblemPlan> take() { return std::move(plans_); }

 private:
  ProblemPlan read_plan(const CatalogueEntry<ProblemRecipe>& known, const Combination& combination,
                        const YamlNode& node, const std::string& path) {
    const auto recipe = known.make();
    SettingsReader reader(combination.node, source_, path);
    std::string label;
    std::vector<std::string> objectives;
    visit_problem_entry(reader, label, objectives);
    recipe->visit(reader);
    const YamlNode* target = reader.take("target");
    reader.finish();
    ProblemPlan plan;
    plan.problem = at_place(source_, node, path, [&] { return recipe->make(); });
    Json derived;
    if (!objectives.empty() || target)
      derived = add_objectives(plan, objectives, combination.node, target, path);
    plan.label = label_of(plan, label, combination);
    check_label(plan.label, labels_, node, source_, path);
    plan.settings = canonical_entry(
        known.name, [&](SettingsVisitor& v) { recipe->visit(v); }, recipe->content_digest());
    if (derived.is_null()) return plan;
    Json settings = parse_json(plan.settings);
    settings.update(derived);
    plan.settings = json_line(settings);
    return plan;
  }

  // The user's, or the problem's own name; with what was chosen from lists where that tells it from another.
  [[nodiscard]] std::string label_of(const ProblemPlan& plan, const std::string& given,
                                     const Combination& combination) const {
    const std::string label = given.empty() ? plan.problem->traits().name : given;
    if (combination.label.empty() || (given.empty() && !labels_.contains(written_label(label)))) return label;
    return label + " (" + combination.label + ")";
  }

  // `objectives` of a problem, and the machine that they are charged on; returns what of it decides the
  // results.
  Json add_objectives(ProblemPlan& plan, const std::vector<std::string>& names, const YamlNode& settings,
                      const YamlNode* target, const std::string& path) const {
    if (target && std::ranges::none_of(names, needs_machine))
      throw InputError({source_.file, target->line, target->column}, path + ".target",
                       "no objective is charged on it: name one in objectives, such as latency");
    Json derived;
    derived["objectives"] = names;
    std::shared_ptr<const CostModel> machine;
    if (target) {
      ClusterSettings cluster = read_machine(*target, source_, path + ".target");
      machine = at_place(source_, *target, path + ".target", [&] { return make_cost_model(cluster); });
      derived["target"] = parse_json(canonical_entry(
          "cluster", [&](SettingsVisitor& v) { cluster.visit(v); }, content_digest(cluster)));
    }
    plan.problem = at_place(source_, *settings.find("objectives"), path + ".objectives",
                            [&] { return with_objectives(plan.problem, names, machine); });
    if (machine) at_place(source_, *target, path + ".target", [&] { try_charging(*machine, *plan.problem); });
    return derived;
  }

  const YamlSource& source_;
  std::vector<ProblemPlan> plans_;
  std::set<std::string> labels_;
};

}  // namespace

void visit_problem_entry(SettingsVisitor& visitor, std::string& label, std::vector<std::string>& objectives) {
  visitor.text("label", label, "name in tables; default: the problem's own");
  visitor.texts("objectives", objectives, "up to five: its own by name, the first of them first, and those of a machine; default: the problem's own");
}

std::vector<ProblemPlan> read_problem_plans(const YamlNode* node, const YamlNode& root,
                                            const YamlSource& source) {
  const auto nodes = entries_of(node, root, source, "problems");
  ProblemReader reader(source);
  for (std::size_t i = 0; i < nodes.size(); ++i) reader.read(nodes[i], fmt::format("problems[{}]", i));
  return reader.take();
}

}  // namespace tonne
