#pragma once
// `strategies:` of an experiment.

#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace tonne {

struct Experiment;
struct StrategyPlan;
class SettingsVisitor;
class YamlNode;
struct YamlSource;

/// The strategies of a file, and for each where it stands and its path: lists give several plans at one
/// place.
struct StrategyPlans {
  struct Place {
    Location where;
    std::string path;
  };
  std::vector<StrategyPlan> plans;
  std::vector<Place> places;
};

/// `node` is what stands at `strategies` in the file, null where nothing does; `root` is the file. Throws
/// InputError.
[[nodiscard]] StrategyPlans read_strategy_plans(const YamlNode* node, const YamlNode& root,
                                                const YamlSource& source);

/// What a strategy cannot do on one of the experiment's problems is refused, as InputError, before anything
/// is spent. `places`: of the experiment's strategies.
void check_strategies(const Experiment& experiment, const std::vector<StrategyPlans::Place>& places);

/// What every strategy's entry has beside the strategy's own settings.
void visit_strategy_entry(SettingsVisitor& visitor, std::string& label, std::optional<double>& fidelity);

}  // namespace tonne
