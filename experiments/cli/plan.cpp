// tonne plan: before a search is paid for.

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "experiments/advice/planner.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/run/executor.h"
#include "experiments/text/log.h"

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

int plan(const PlanArguments& arguments) {
  PlanRequest request = arguments.request;
  for (const std::string& limit : arguments.limits) set_limit(request, limit);
  request.strategies = split(request.strategies);
  std::vector<std::string> grids = split(request.grids);
  for (const std::string& trace : arguments.traces) grids.push_back("{" + trace + "}");
  request.grids = grids;
  request.threads = available_cores();
  const bool shows = is_terminal(2);
  const SearchPlan made = plan_search(request, [&](const std::string& what) {
    log_event(LogLevel::debug, "plan_step", {}, what);
    if (shows) show_status_line(printable(what));
  });
  if (shows) show_status_line("");
  print(arguments.json ? plan_json(made) : plan_text(made, text_style()));
  return kSuccess;
}

}  // namespace tonne::cli
