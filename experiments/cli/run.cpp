// tonne run, validate, merge, show: from an experiment file to its results.

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "core/recipe.h"
#include "experiments/analysis/comparable.h"
#include "experiments/analysis/findings.h"
#include "experiments/analysis/interruptions.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/other_files.h"
#include "experiments/cli/progress_bar.h"
#include "experiments/cli/progress_writer.h"
#include "experiments/cli/terminal.h"
#include "experiments/cluster/shard_choice.h"
#include "experiments/cluster/slurm_job.h"
#include "experiments/exports/exports.h"
#include "experiments/exports/own_footprint.h"
#include "experiments/exports/summary.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/plan/strategy_notes.h"
#include "experiments/results/earlier_results.h"
#include "experiments/results/merge.h"
#include "experiments/results/store.h"
#include "experiments/run/executor.h"
#include "experiments/run/runner.h"
#include "experiments/text/log.h"
#include "experiments/text/text_table.h"

namespace tonne::cli {
namespace {

namespace fs = std::filesystem;
// A signal handler can reach nothing but a global; it only raises a lock-free flag.
std::atomic<bool>* interrupt_flag = nullptr;
extern "C" void on_interrupt(int) {
  if (interrupt_flag) interrupt_flag->store(true, std::memory_order_relaxed);
}

// While it lives, SIGINT, SIGTERM and SIGHUP stop the run cleanly; a second one kills. Those that whoever started the program
// has it ignore, as nohup does, stay ignored.
class InterruptGuard {
 public:
  explicit InterruptGuard(std::atomic<bool>& flag) {
    interrupt_flag = &flag;
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler == SIG_IGN) continue;
      struct sigaction action {};
      action.sa_handler = on_interrupt;
      action.sa_flags = static_cast<int>(SA_RESETHAND);
      sigaction(kSignals[i], &action, nullptr);
    }
  }
  ~InterruptGuard() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
    interrupt_flag = nullptr;
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

fs::path results_folder(const RunOptions& options, const Experiment& experiment, const Shard& shard) {
  if (!options.out.empty()) return options.out;
  const fs::path folder = fs::path("results") / experiment.name;
  return shard.of == 1 ? folder : fs::path(folder.string() + fmt::format("-shard-{}-of-{}", shard.number, shard.of));
}

struct Plan {
  std::size_t cells = 0;
  std::optional<double> evaluations;  // of all cells
  std::set<std::string> starved;      // problems of which a search's budget pays no more than one evaluation
};

Plan plan_of(const Experiment& experiment, const Shard& shard) {
  Plan plan;
  plan.evaluations = 0.0;
  const CellGrid grid = experiment.grid();
  // The seed does not matter to the estimate: one cell stands for all of its seeds.
  std::optional<double> of_group;
  for (std::size_t i = 0; i < experiment.cells(); ++i) {
    const Cell cell = cell_at(experiment, i);
    if (i % experiment.seeds.size() == 0) of_group = expected_evaluations(experiment, cell);
    if (!shard.holds(i, grid)) continue;
    if (of_group && *of_group <= 1.0) plan.starved.insert(experiment.problems[cell.problem].label);
    ++plan.cells;
    if (plan.evaluations && of_group) *plan.evaluations += *of_group;
    if (!of_group) plan.evaluations.reset();
  }
  return plan;
}

std::string plan_text(const Experiment& experiment, const Shard& shard, const Plan& plan) {
  const auto counted = [](std::size_t count, const std::string& one, const std::string& many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
  };
  std::string text = experiment.name + ": " + counted(experiment.problems.size(), "problem", "problems") + " x ";
  if (experiment.scenarios.size() > 1) text += fmt::format("{} scenarios x ", experiment.scenarios.size());
  text += counted(experiment.strategies.size(), "strategy", "strategies") + " x ";
  text += counted(experiment.seeds.size(), "seed", "seeds") + " = " + grouped(static_cast<double>(experiment.cells())) +
          (experiment.cells() == 1 ? " cell" : " cells");
  if (shard.of > 1) text += fmt::format(", {} of them in shard {}/{}", grouped(static_cast<double>(plan.cells)), shard.number, shard.of);
  if (plan.evaluations) text += fmt::format(", about {} evaluations", grouped(*plan.evaluations));
  return text;
}

std::string results_text(const Store& store, const Conclusions& found, const fs::path& folder, bool json) {
  if (json) return summary_json(store, found);
  const std::string where = fmt::format("Everything recorded: {0} (as a page: tonne report {0})", folder.string());
  const std::size_t width = terminal_width();
  return format_leaderboards(found.boards, text_style()) + format_findings(found.findings, found.boards, terminal_width()) + "\n" +
         (width == 0 ? "  " + where + "\n" : wrapped(where, width));
}

std::string resume_command(const RunOptions& options, const Shard& shard, const fs::path& folder) {
  std::string command = "tonne run " + options.experiment.string() + " --resume";
  if (!options.out.empty()) command += " --out " + folder.string();
  if (!options.shard.empty()) command += fmt::format(" --shard {}/{}", shard.number, shard.of);
  if (options.allow_external) command += " --allow-external";
  for (const std::string& word : option_words(options.changes)) command += " " + shell_command({word});
  return command;
}

// After an error in the experiment that only a cell could find. A new store in which no search has ended is removed.
std::string what_is_kept(Store store, const RunOptions& options, const fs::path& folder) {
  const std::size_t cells = store.cell_count();
  if (cells > 0 || options.resume) return fmt::format("{} searches had ended and are kept in {}", cells, folder.string());
  store.remove();
  return "no search had ended, nothing is kept";
}

// The machines of a scenario, and where every figure that its charges rest on comes from.
Json scenario_json(const ScenarioPlan& scenario) {
  Json factors = Json::array();
  for (const Factor& f : scenario.factors)
    factors.push_back({{"key", f.key},
                       {"value", f.value},
                       {"source", f.provenance.source},
                       {"year", f.provenance.published == 0 ? Json(nullptr) : Json(f.provenance.published)},
                       {"verified", f.provenance.verified}});
  Json json = {{"scenario", scenario.label}, {"cluster", scenario.summary}, {"factors", std::move(factors)}};
  for (const SiteSummary& site : scenario.sites)
    json["sites"].push_back({{"name", site.name},
                             {"place", site.place},
                             {"workers", site.workers ? Json(*site.workers) : Json(nullptr)}});
  return json;
}

// "  site home: PUE 1.1, FRA-2023 (56 g/kWh)", for each scenario that has several.
std::string sites_text(const Experiment& experiment) {
  std::string text;
  for (const ScenarioPlan& scenario : experiment.scenarios) {
    if (!scenario.sites.empty() && !scenario.label.empty()) text += "  " + printable(scenario.label) + "\n";
    for (const SiteSummary& site : scenario.sites) {
      text += fmt::format("  site {}: {}", site.name, printable(site.place));
      text += site.workers ? fmt::format(", at most {} trials at once\n", *site.workers) : "\n";
    }
  }
  return text;
}

// What scenarios on unlike grids need to be told; empty where their figures are of one kind.
std::string grids_warning(const Experiment& experiment) {
  std::vector<std::string> kinds;
  if (experiment.scenarios.size() > 1)
    for (const ScenarioPlan& scenario : experiment.scenarios)
      kinds.push_back(signal_kind(StoredScenario{scenario.label, scenario.summary, scenario.settings, {}, ""}));
  return mixed_kinds_warning(std::move(kinds));
}

// What spot prices without interruptions leave out; empty where no scenario has them.
std::string spot_note(const Experiment& experiment) {
  for (const ScenarioPlan& scenario : experiment.scenarios)
    if (std::string note = interruptions_note(StoredScenario{scenario.label, scenario.summary, scenario.settings, {}, ""});
        !note.empty())
      return note;
  return "";
}

// What can be run, but hardly be meant.
void warn_of(const Experiment& experiment, const Plan& plan) {
  const auto warn = [](const std::string& text) { log_event(LogLevel::warning, "input_warning", {}, text); };
  if (experiment.seeds.size() == 1)
    warn("one seed: the table will have neither intervals nor tests, so no strategy can be told from another (seeds: 20 is usual)");
  for (const std::string& problem : plan.starved)
    warn(problem + ": the budget of a search pays for one evaluation at most, so there is nothing to search");
  if (const std::string text = grids_warning(experiment); !text.empty()) warn(text);
  for (const std::string& note : strategy_notes(experiment)) warn(note);
}

}  // namespace

std::string write_results(Store store, const fs::path& folder, bool json, bool csv) {
  const Conclusions found = conclusions(store);
  write_exports(store, found, folder, csv);
  return results_text(store, found, folder, json);
}

// A file from somewhere must not run commands because somebody tries it.
void check_commands(const Experiment& experiment, const fs::path& file, bool allow_external) {
  if (allow_external) return;
  for (const StrategyPlan& strategy : experiment.strategies)
    if (const auto command = strategy.recipe->runs())
      throw InputError({file.string(), 0, 0}, "strategies",
                       fmt::format("{} runs a command on this machine: {}. Read it, and allow it with --allow-external",
                                   printable(strategy.label), printable(*command)));
}

void show_commands(const Experiment& experiment) {
  for (const StrategyPlan& strategy : experiment.strategies)
    if (const auto command = strategy.recipe->runs()) fmt::print(stderr, "runs: {}\n", printable(*command));
}

int run(const RunOptions& options) {
  const OwnMeter meter;
  const unsigned threads = options.threads > 0 ? options.threads : available_cores();
  const Shard shard = choose_shard(options.shard, launcher_environment());
  const Experiment experiment = read_experiment(options.experiment, read_earlier_results, options.changes);
  check_commands(experiment, options.experiment, options.allow_external);
  if (!options.quiet) show_commands(experiment);
  const fs::path folder = results_folder(options, experiment, shard);
  const Plan plan = plan_of(experiment, shard);  // before anything is written: its costs may be refused
  const std::string text = plan_text(experiment, shard, plan);
  warn_of(experiment, plan);
  Store store = options.resume      ? Store::resume(folder, experiment, shard)
                : options.overwrite ? Store::replace(folder, experiment, shard)
                                    : Store::create(folder, experiment, shard);
  if (options.overwrite) remove_exports(folder);
  const std::size_t cells_recorded = store.cell_count();
  log_event(LogLevel::info, options.resume ? "run_resumed" : "run_started",
            {{"experiment", options.experiment.string()},
             {"name", experiment.name},
             {"digest", experiment.digest},
             {"folder", folder.string()},
             {"cells", experiment.cells()},
             {"cells_recorded", cells_recorded},
             {"shard", fmt::format("{}/{}", shard.number, shard.of)},
             {"threads", std::uint64_t{threads}}});
  if (!options.quiet) tell(text + "\n");

  Progress progress;
  // Before the note of progress is written, so that an interrupt removes it.
  std::optional<InterruptGuard> guard(std::in_place, progress.stop);
  std::optional<ProgressWriter> note(std::in_place, progress, folder, ProgressNote{shard, cells_recorded, plan.cells, experiment.cells()});
  bool complete = false;
  try {
    std::optional<ProgressBar> bar;
    if (!options.quiet) bar.emplace(progress);
    complete = run_cells(experiment, shard, threads, store, progress);
    store.close();
  } catch (const InputError& error) {
    store.close();
    note.reset();
    throw InputError(fmt::format("{}; {}", error.what(), what_is_kept(std::move(store), options, folder)));
  } catch (const StoreError& error) {
    throw StoreError(fmt::format("{}\nWhat was recorded is kept. Once the cause is fixed, continue with: {}", error.what(),
                                 resume_command(options, shard, folder)));
  }
  note.reset();
  guard.reset();
  if (!complete) {
    const std::string before = cells_recorded > 0 ? fmt::format(" ({} before)", cells_recorded) : "";
    tell(fmt::format("Stopped after {} of {} cells{}; everything recorded is kept. Continue with: {}\n",
                     cells_recorded + progress.cells_done, plan.cells, before, resume_command(options, shard, folder)));
    return kInterrupted;
  }
  const std::string results = write_results(std::move(store), folder, options.json, options.csv);
  const OwnFootprint footprint = meter.read();
  add_own_footprint(folder, footprint);
  print(results);
  if (!options.quiet) tell(own_footprint_text(footprint) + "\n");
  return kSuccess;
}

int validate(const ValidateArguments& arguments) {
  const fs::path& file = arguments.file;
  if (const auto other = checked_other_file(file)) {
    if (!arguments.changes.empty()) throw InputError(arguments.changes.front().option + ": " + file.string() + " is " + other->kind + ", not an experiment");
    print(arguments.json ? json_document({{"kind", other->kind}, {"valid", true}}) : file.string() + " " + other->sentence + ".\n");
    return kSuccess;
  }
  const Experiment experiment = read_experiment(file, read_earlier_results, arguments.changes);
  const Plan plan = plan_of(experiment, {});
  if (!arguments.json) {
    print(plan_text(experiment, {}, plan) + "\n" + sites_text(experiment));
    for (std::size_t p = 0; p < experiment.problems.size(); ++p)
      for (const std::string& note : notes_of(experiment, p))
        print(fmt::format("{}: {}\n", printable(experiment.problems[p].label), printable(note)));
    for (const std::string& warning : {grids_warning(experiment), spot_note(experiment)})
      if (!warning.empty()) print(warning + "\n");
    for (const std::string& note : strategy_notes(experiment)) print(printable(note) + "\n");
    print(file.string() + " is valid.\n");
    return kSuccess;
  }
  Json out;
  out["name"] = experiment.name;
  out["digest"] = experiment.digest;
  out["cells"] = plan.cells;
  out["expected_evaluations"] = plan.evaluations ? Json(*plan.evaluations) : Json(nullptr);
  out["notes"] = Json::object();
  for (std::size_t p = 0; p < experiment.problems.size(); ++p)
    if (const auto notes = notes_of(experiment, p); !notes.empty()) out["notes"][experiment.problems[p].label] = notes;
  out["strategy_notes"] = strategy_notes(experiment);
  out["scenarios"] = Json::array();
  for (const ScenarioPlan& scenario : experiment.scenarios) out["scenarios"].push_back(scenario_json(scenario));
  print(json_document(out));
  return kSuccess;
}

int merge(const MergeArguments& arguments) {
  Store store = merge_shards(arguments.shards, arguments.out, arguments.partial ? Missing::left_out : Missing::refused);
  const auto finished = store.finished(store.planned_cells());
  const auto count = std::ranges::count(finished, true);
  if (static_cast<std::size_t>(count) == finished.size()) {
    print(write_results(std::move(store), arguments.out, arguments.json, arguments.csv));
    return kSuccess;
  }
  tell(fmt::format("{0} now holds {1} of {2} cells. Go on with tonne run EXPERIMENT --resume --out {0}, or merge it with the missing shards.\n",
                   arguments.out.string(), count, finished.size()));
  print(results_text(store, conclusions(store), arguments.out, arguments.json));
  return kSuccess;
}

// Of everything that is there, not only of what was written down when it was recorded.
void check_cells(const Store& store, const fs::path& results) {
  const std::vector<bool> finished = store.finished(store.planned_cells());
  for (std::size_t cell = 0; cell < finished.size(); ++cell)
    if (const auto damage = finished[cell] ? store.damage_of_cell(cell) : std::nullopt)
      throw StoreError(fmt::format("{}: cell {} is damaged: {}. Save the others with: tonne repair {} --out FOLDER", results.string(), cell, *damage,
                                   results.string()));
}

int show(const fs::path& results, bool json, bool digest) {
  const Store store = Store::open(results);
  if (digest) {
    check_cells(store, results);
    print(store.content_digest() + "\n");
    return kSuccess;
  }
  const auto done = store.cell_count();
  const auto planned = store.planned_cells();
  if (done < planned)
    tell(fmt::format("{} of {} cells are finished{}.\n", done, planned,
                     store.meta("shard").empty() ? "" : " (shard " + store.meta("shard") + ")"));
  print(results_text(store, conclusions(store), results, json));
  return kSuccess;
}

}  // namespace tonne::cli
