#pragma once
// `problems:` of an experiment.

#include <vector>

namespace tonne {

struct ProblemPlan;
class YamlNode;
struct YamlSource;

/// `node` is what stands at `problems` in the file, null where nothing does; `root` is the file. Tables that
/// the settings name are read. Throws InputError.
[[nodiscard]] std::vector<ProblemPlan> read_problem_plans(const YamlNode* node, const YamlNode& root,
                                                          const YamlSource& source);

}  // namespace tonne
