// tonne describe: the portrait of a problem.

#include <fmt/format.h>

#include <vector>

#include "core/config_space.h"
#include "core/error.h"
#include "core/json.h"
#include "experiments/analysis/portrait.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/earlier_results.h"

namespace tonne::cli {
namespace {

// A document of ConfigSpace's holds one space.
int print_config_space(const Experiment& experiment, const std::string& what) {
  if (experiment.problems.size() != 1)
    throw InputError(fmt::format("{}: has {} problems; --configspace prints the search space of one", printable(what),
                                 experiment.problems.size()));
  const ProblemPlan& plan = experiment.problems.front();
  print(json_document(config_space_json(plan.problem->space(), plan.problem->default_configuration(), plan.label)));
  return kSuccess;
}

}  // namespace

Experiment read_problems(const std::string& what) {
  if (std::filesystem::exists(what)) return read_experiment(what, read_earlier_results);
  const bool is_name = what.find_first_of(":{ ") == std::string::npos;
  return parse_experiment("problems: [{" + what + (is_name ? ": {}" : "") +
                              "}]\nstrategies: random\nbudget: {evaluations: 1}\nname: describe\n",
                          "the command line", ".");
}

int describe(const DescribeOptions& options) {
  const Experiment experiment = read_problems(options.what);
  if (options.config_space) return print_config_space(experiment, options.what);
  std::vector<Portrait> portraits;
  for (const ProblemPlan& plan : experiment.problems) {
    portraits.push_back(portrait_of(*plan.problem, {options.samples, options.seed}));
    portraits.back().problem = plan.label;
  }
  if (options.json) {
    print(portrait_json(portraits));
    return kSuccess;
  }
  for (std::size_t i = 0; i < portraits.size(); ++i)
    print((i > 0 ? "\n" : "") + format_portrait(portraits[i], text_style()));
  if (const std::string together = format_side_by_side(portraits, text_style()); !together.empty())
    print("\n" + together);
  return kSuccess;
}

}  // namespace tonne::cli
