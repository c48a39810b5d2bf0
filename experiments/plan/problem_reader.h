#pragma once
// `problems:` of an experiment.

#include <string>
#include <vector>

namespace tonne {

struct ProblemPlan;
class SettingsVisitor;
class YamlNode;
struct YamlSource;

/// `node` is what stands at `problems` in the file, null where nothing does; `root` is the file. Tables that
/// the settings name are read. Throws InputError.
[[nodiscard]] std::vector<ProblemPlan> read_problem_plans(const YamlNode* node, const YamlNode& root,
                                                          const YamlSource& source);

/// What every problem's entry has beside the problem's own settings and its `target`, a machine.
void visit_problem_entry(SettingsVisitor& visitor, std::string& label, std::vector<std::string>& objectives);

}  // namespace tonne
