// tonne init: an experiment to begin with.

#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/shipped_configs.h"
#include "experiments/cli/terminal.h"
#include "experiments/results/new_file.h"
#include "experiments/results/records.h"

namespace tonne::cli {
namespace {

// "configs/quickstart.yaml" and "quickstart" name the same.
std::string_view text_like(const std::string& like) {
  if (like.empty()) return first_experiment();
  const std::filesystem::path given(like);
  const std::string name = given.extension() == ".yaml" ? given.stem().string() : given.filename().string();
  std::vector<std::string> known;
  for (const ShippedConfig& config : shipped_configs()) {
    if (config.name == name) return config.text;
    known.emplace_back(config.name);
  }
  const std::string hint = did_you_mean(name, known);
  throw InputError(fmt::format("--like: '{}' is no experiment that the program holds (those of configs/ that need no other file). {}Known: {}",
                               printable(like), hint.empty() ? "" : hint + " ", join_names(known)));
}

}  // namespace

int init(const InitArguments& arguments) {
  const std::string_view text = text_like(arguments.like);
  std::error_code error;
  if (!arguments.overwrite && std::filesystem::exists(std::filesystem::symlink_status(arguments.file, error)))
    throw StoreError(arguments.file.string() + " exists already: name another file, or replace it with --overwrite");
  NewFile file(arguments.file);
  file.write(text);
  file.commit();
  print(fmt::format("{0}: an experiment that runs as it is. Change it, look at it with tonne validate {0}, and run it with tonne run {0}\n",
                    arguments.file.string()));
  return kSuccess;
}

}  // namespace tonne::cli
