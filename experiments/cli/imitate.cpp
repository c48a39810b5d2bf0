// tonne imitate: a synthetic space with the portrait of a problem.

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/imitation/imitate.h"
#include "experiments/imitation/imitation_text.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/new_file.h"
#include "search/problems/imitation/imitation_space.h"

namespace tonne::cli {
namespace {

Experiment read_problem(const std::string& what) {
  const std::filesystem::path path(what);
  const bool is_file = std::filesystem::exists(path);
  if (is_file && path.extension() != ".yaml" && path.extension() != ".yml")
    throw InputError(fmt::format("{}: a table needs its columns: tonne imitate 'tabular: {{file: {}, decisions: [...], "
                                 "objective: ..., direction: ..., time: ...}}'",
                                 printable(what), printable(what)));
  Experiment experiment = read_problems(what);
  if (experiment.problems.size() != 1)
    throw InputError(fmt::format("{}: has {} problems; expected one", printable(what), experiment.problems.size()));
  return experiment;
}

}  // namespace

int imitate_problem(const ImitateArguments& arguments) {
  if (!arguments.out.empty() && std::filesystem::exists(arguments.out))
    throw InputError(fmt::format("{}: exists, and is not overwritten", arguments.out.string()));
  const Experiment experiment = read_problem(arguments.what);
  Imitation imitation = tonne::imitate(*experiment.problems.front().problem,
                                       {arguments.landscapes, arguments.rounds, arguments.samples});
  const std::string name = imitation.space.name;
  imitation.space.name = name.substr(name.find('/') == std::string::npos ? 0 : name.find('/') + 1);
  const std::string file = imitation_yaml(imitation, experiment.digest);
  // What cannot be read again is a fault of the program: better now than in the next run.
  static_cast<void>(imitation::parse_space(file, arguments.out.empty() ? "the file" : arguments.out.string()));
  if (!arguments.out.empty()) {
    NewFile written(arguments.out);
    written.write(file);
    written.commit();
  }
  print(arguments.json ? imitation_json(imitation) : format_imitation(imitation, text_style()));
  if (arguments.json) return kSuccess;
  print(arguments.out.empty() ? "Nothing is written; --out FILE.yaml writes the space.\n"
                              : fmt::format("wrote {}\n", arguments.out.string()));
  return kSuccess;
}

}  // namespace tonne::cli
