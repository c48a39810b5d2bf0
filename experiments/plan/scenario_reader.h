#pragma once
// Hardware, budget, rules and deployment of an experiment.

#include <vector>

namespace tonne {

struct Experiment;
struct ScenarioPlan;
class SettingsReader;
class SettingsVisitor;
struct SimulationOptions;
class YamlNode;
struct YamlSource;

/// Everything in the file beside problems and strategies that may hold lists, multiplied out: takes these
/// keys from `top`; `root` is the file. `experiment` holds the problems, which the cost models are tried on,
/// and how figures are drawn. Traces that the settings name are read. Throws InputError.
[[nodiscard]] std::vector<ScenarioPlan> read_scenario_plans(SettingsReader& top, const YamlNode& root,
                                                            const YamlSource& source,
                                                            const Experiment& experiment);

/// The budget and the rules by which a search runs; all but the number of workers, which the cluster says.
void visit_rules(SettingsVisitor& visitor, SimulationOptions& options);

}  // namespace tonne
