// tonne plan: before a search is paid for.

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <thread>

#include "core/error.h"
#include "experiments/advice/planner.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"

namespace tonne::cli {
namespace {

// "5 kg", "20 kWh" or "100 USD": the unit says of what.
void set_limit(PlanRequest& request, const std::string& limit) {
  const auto ends = [&](std::string_view unit) { return limit.ends_with(unit); };
  if (ends("Wh") || ends("J"))
    request.energy = limit;
  else if (ends("USD") || ends("$"))
    request.money = limit;
  else
    request.carbon = limit;  // its reader names what it expects
}

// At commas outside braces: 'random,tpe: {startup: 5, gamma: 0.2}' names two.
std::vector<std::string> split(const std::vector<std::string>& lists) {
  std::vector<std::string> items;
  for (const std::string& list : lists) {
    int depth = 0;
    items.emplace_back();
    for (const char c : list) {
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (c == ',' && depth == 0)
        items.emplace_back();
      else
        items.back() += c;
    }
  }
  return items;
}

}  // namespace

void add_plan_options(CLI::App& command, PlanArguments& arguments) {
  PlanRequest& request = arguments.request;
  command.add_option("problem", request.problem, "A problem's name, or 'name: {settings}'")->required();
  command.add_option("--limit", arguments.limits,
                     "Of one search: '5 kg', '20 kWh' or '100 USD'; several: the first one reached ends it");
  command.add_option("--deadline", request.deadline, "'2 days': a search must have ended by then");
  command.add_option("--device", request.devices, "Devices to choose from")->delimiter(',');
  command.add_option("--grid", request.grids, "Grids to choose from: names of tonne list grids");
  command.add_option("--trace", arguments.traces,
                     "Or hourly traces: 'trace: FILE, column: NAME, kind: average, scope: direct'");
  command.add_option("--workers", request.workers, "Numbers of workers to choose from")->delimiter(',');
  command.add_option("--start", request.starts, "Hours to choose from, with a trace: 2022-02-15T20:00")
      ->delimiter(',');
  command.add_option("--strategies", request.strategies,
                     "Strategies to choose from (default: random, regularized_evolution, tpe, gp)");
  command.add_option("--pue", request.pue, "Facility energy over IT energy");
  command.add_option("--trainings", request.trainings, "Later trainings of the result, for payback")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--inferences", request.inferences, "Later uses of the result, for payback")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--seeds", request.seeds,
                  "Searches of each choice, to choose by: 6 at least, for with fewer no test tells two choices apart")
      ->check(CLI::Range(6, 1000));
  command
      .add_option("--fresh-seeds", request.fresh_seeds, "Searches of the chosen one, to say what to expect")
      ->check(CLI::Range(2, 1000));
  command.add_flag("--json", arguments.json, "Print JSON");
}

int plan(const PlanArguments& arguments) {
  PlanRequest request = arguments.request;
  for (const std::string& limit : arguments.limits) set_limit(request, limit);
  request.strategies = split(request.strategies);
  std::vector<std::string> grids = split(request.grids);
  for (const std::string& trace : arguments.traces) grids.push_back("{" + trace + "}");
  request.grids = grids;
  request.threads = std::max(1U, std::thread::hardware_concurrency());
  const bool shows = is_terminal(2);
  const SearchPlan made = plan_search(request, [&](const std::string& what) {
    if (shows) fmt::print(stderr, "\r\033[K{}", printable(what));
  });
  if (shows) fmt::print(stderr, "\r\033[K");
  print(arguments.json ? plan_json(made) : plan_text(made));
  return kSuccess;
}

}  // namespace tonne::cli
