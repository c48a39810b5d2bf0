// tonne plan: before a search is paid for.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "core/error.h"
#include "experiments/advice/plan_text.h"
#include "experiments/advice/planner.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/cluster/slurm_job.h"
#include "experiments/results/new_file.h"
#include "experiments/run/executor.h"
#include "experiments/text/log.h"
#include "experiments/text/text_table.h"

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

// "step 3 of 19: tpe, 4 workers: 7 of 10 searches, 12,345 evaluations"
std::string status_text(const PlanProgress::Now& now) {
  return fmt::format("step {} of {}: {}: {} of {} searches, {} evaluations", now.step, now.steps, printable(now.what), now.cells_done,
                     now.cells_total, grouped(static_cast<double>(now.evaluations)));
}

// While it lives, a thread of its own shows how far the plan is: in one line of a terminal, in a line every few seconds elsewhere.
class PlanBar {
 public:
  explicit PlanBar(PlanProgress& progress)
      : progress_(progress), terminal_(is_terminal(2)), thread_([this](const std::stop_token& stop) { show_until_stopped(stop); }) {}
  ~PlanBar() {
    thread_.request_stop();
    thread_.join();
  }
  PlanBar(const PlanBar&) = delete;
  PlanBar& operator=(const PlanBar&) = delete;

 private:
  void show_until_stopped(const std::stop_token& stop) {
    const auto period = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000);
    std::unique_lock lock(waiting_);
    while (!wake_.wait_for(lock, stop, period, [&] { return stop.stop_requested(); })) {
      const PlanProgress::Now now = progress_.now();
      if (now.step == 0) continue;
      if (terminal_)
        show_status_line(status_text(now));
      else
        tell(status_text(now) + "\n");
    }
    if (terminal_) show_status_line("");
  }

  PlanProgress& progress_;
  const bool terminal_;
  std::mutex waiting_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last, so that it starts when all else stands and ends first
};

// An experiment file, where there is one of that name; else a problem.
bool is_file(const std::string& what) {
  std::error_code error;
  return std::filesystem::is_regular_file(what, error) || what.ends_with(".yaml") || what.ends_with(".yml");
}

// How to run the choice: of the file that was written, or with the file itself, to be pasted.
std::string command_text(const SearchPlan& plan, const std::filesystem::path& written) {
  if (!written.empty()) return fmt::format("\nWritten to {0}. To run it: tonne run {1}\n", written.string(), shell_word(written.string()));
  return fmt::format("\nTo run it, paste this (or write the file with --write FILE):\n\ncat >plan.yaml <<'END'\n{}END\ntonne run plan.yaml\n",
                     runnable_experiment(plan, "plan.yaml"));
}

void write_experiment(const SearchPlan& plan, const std::filesystem::path& path) {
  NewFile file(path);
  file.write(runnable_experiment(plan, path));
  file.commit();
}

}  // namespace

int plan(const PlanArguments& arguments) {
  PlanRequest request = arguments.request;
  if (is_file(arguments.what))
    request.experiment = arguments.what;
  else
    request.problem = arguments.what;
  std::error_code error;
  if (!arguments.write.empty() && !request.experiment.empty() && std::filesystem::equivalent(arguments.write, request.experiment, error))
    throw InputError(arguments.write.string() + " is the experiment that is planned; name another file to write");
  for (const std::string& limit : arguments.limits) set_limit(request, limit);
  request.strategies = split(request.strategies);
  std::vector<std::string> grids = split(request.grids);
  for (const std::string& trace : arguments.traces) grids.push_back("{" + trace + "}");
  request.grids = grids;
  request.threads = available_cores();
  PlanProgress progress;
  std::optional<PlanBar> bar;
  if (!arguments.quiet) bar.emplace(progress);
  const SearchPlan made = plan_search(request, progress);
  bar.reset();
  const bool writes = !arguments.write.empty() && made.chosen;
  if (writes) write_experiment(made, arguments.write);
  if (arguments.json) {
    print(plan_json(made));
    return kSuccess;
  }
  const bool runs = writes || (made.advice == PlanAdvice::search && arguments.write.empty());
  print(plan_text(made, text_style()) + (runs ? command_text(made, arguments.write) : ""));
  return kSuccess;
}

}  // namespace tonne::cli
