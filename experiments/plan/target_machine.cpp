#include "experiments/plan/target_machine.h"

#include "core/cost_model.h"
#include "core/problem.h"
#include "core/random.h"
#include "core/yaml.h"

namespace tonne {

ClusterSettings read_machine(const YamlNode& node, const YamlSource& source, const std::string& path) {
  YamlNode settings = node;
  if (node.is_scalar()) {
    settings = {};
    settings.kind = YamlNode::Kind::map;
    settings.entries.push_back({"device", node.line, node.column, node});
  }
  ClusterSettings cluster;
  SettingsReader reader(settings, source, path);
  cluster.visit(reader);
  reader.finish();
  return cluster;
}

void try_charging(const CostModel& cost, const Problem& problem) {
  const Configuration configuration = problem.default_configuration();
  const double fidelity = problem.traits().fidelity.lowest;
  const Outcome outcome = problem.evaluate({configuration, 0.0, fidelity, 0}, Random(0));
  (void)cost.fits(outcome.workload);
  (void)cost.charge(outcome.workload, Duration{});
}

}  // namespace tonne
