// tonne repair: what can be saved of a damaged store.

#include "experiments/results/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/earlier_results.h"

namespace tonne::cli {
namespace {

std::string counted_cells(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "cell" : "cells");
}

std::string repair_text(const Repair& repair, const std::string& out, const std::string& go_on) {
  std::string text = fmt::format("Saved {} in {}.\n", counted_cells(repair.saved), out);
  if (repair.plan_rebuilt)
    text += "The plan of the damaged store could not be read: it is the experiment file's.\n";
  constexpr std::size_t kMostListed = 20;
  for (const LostCell& cell : std::span(repair.lost).first(std::min(kMostListed, repair.lost.size())))
    text += fmt::format("Lost: cell {} ({}, seed {})\n", cell.cell, printable(cell.name), cell.seed);
  if (repair.lost.size() > kMostListed)
    text += fmt::format("and {} others (--json lists all)\n", repair.lost.size() - kMostListed);
  if (repair.unfinished > 0) text += counted_cells(repair.unfinished) + " had not finished.\n";
  return text +
         (repair.lost.empty() && repair.unfinished == 0 ? "Nothing is lost. Write its other files anew with: "
                                                        : "Run what is missing with: ") +
         go_on + "\n";
}

Json repair_json(const Repair& repair, const std::string& out, const std::string& go_on) {
  Json lost = Json::array();
  for (const LostCell& cell : repair.lost)
    lost.push_back({{"cell", cell.cell}, {"name", cell.name}, {"seed", cell.seed}});
  return {{"folder", out},
          {"saved", repair.saved},
          {"unfinished", repair.unfinished},
          {"lost", std::move(lost)},
          {"plan_rebuilt", repair.plan_rebuilt},
          {"continue", go_on}};
}

}  // namespace

int repair(const RepairArguments& arguments) {
  std::optional<Experiment> experiment;
  if (!arguments.experiment.empty()) experiment = read_experiment(arguments.experiment, read_earlier_results);
  const Repair repair = repair_store(arguments.results, arguments.out, experiment ? &*experiment : nullptr);
  const std::string out = arguments.out.string();
  const std::string go_on = fmt::format("tonne run {} --resume --out {}{}",
                                        experiment ? arguments.experiment.string() : "EXPERIMENT", out,
                                        repair.shard.empty() ? "" : " --shard " + repair.shard);
  print(arguments.json ? json_document(repair_json(repair, out, go_on)) : repair_text(repair, out, go_on));
  return kSuccess;
}

}  // namespace tonne::cli
