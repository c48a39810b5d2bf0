#include "experiments/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "experiments/cli/command_description.h"
#include "experiments/cli/command_options.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/help_format.h"
#include "experiments/text/version.h"

namespace tonne::cli {
namespace {

constexpr const char* kIntroduction =
    "tonne: how much accuracy does a tonne of CO2 buy, with this search strategy, on this problem, on this grid?\n"
    "\n"
    "  tonne run EXPERIMENT.yaml        run an experiment, print its leaderboard, write its results\n"
    "  tonne report RESULTS             one page with charts, statistics and advice: which strategy, and how sure\n"
    "  tonne estimate                   the footprint of one training run, from its hours or its FLOPs\n"
    "  tonne reproduce strubell2019     recompute a published table from its inputs\n"
    "  tonne list strategies            what is available (also problems, devices, grids); with a NAME in full\n"
    "  tonne --help                     all commands\n"
    "\n"
    "Try: tonne run configs/quickstart.yaml\n";

// Each of these declares one command; what it returns runs the command with the options as read.

constexpr const char* kCsvMeaning = "Also write trials.csv, a row for each trial (at any time: tonne export --format csv)";

Action add_run(CLI::App& command) {
  const auto options = std::make_shared<RunOptions>();
  command.add_option("experiment", options->experiment, "Experiment file (docs/experiment-file.md)")->required();
  command.add_option("--out", options->out, "Results folder (default: results/NAME in the current directory)");
  command.add_option("--threads", options->threads, "Threads (default: all cores); results do not depend on it")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--allow-external", options->allow_external,
                   "Let the experiment's external strategies run their commands on this machine");
  command.add_option("--shard", options->shard, "Run part i of n, as in 2/8, or auto/8 for the part of this task of a cluster; `tonne merge` joins the parts");
  CLI::Option* resume = command.add_flag("--resume", options->resume, "Continue a run that was interrupted");
  command.add_flag("--overwrite", options->overwrite, "Replace the results that stand in the results folder")->excludes(resume);
  const auto changes = add_changes(command);
  command.add_flag("--quiet", options->quiet, "Print no plan and no progress; the table is printed all the same");
  command.add_flag("--csv", options->csv, kCsvMeaning);
  add_json(command, options->json, "Print the summary as JSON instead of tables");
  command.footer("Example: tonne run configs/quickstart.yaml --out /tmp/first");
  return with_log_options(command, [options, changes] {
    options->changes = changes->changes();
    return run(*options);
  });
}

Action add_validate(CLI::App& command) {
  const auto options = std::make_shared<ValidateArguments>();
  command.add_option("file", options->file, "Experiment file; also an estimate, a catalogue, measured runs or a published table")->required();
  const auto changes = add_changes(command);
  add_json(command, options->json);
  command.footer("Example: tonne validate configs/quickstart.yaml");
  return [options, changes] {
    options->changes = changes->changes();
    return validate(*options);
  };
}

Action add_init(CLI::App& command) {
  const auto options = std::make_shared<InitArguments>();
  command.add_option("file", options->file, "File to write (default: experiment.yaml)");
  command.add_option("--like", options->like, "Start from an experiment of configs/: quickstart, schedulers, ... (a wrong name lists all)");
  command.add_flag("--overwrite", options->overwrite, "Replace a file that is there");
  command.footer("Example: tonne init mine.yaml --like schedulers");
  return [options] { return init(*options); };
}

Action add_list(CLI::App& command) {
  const auto options = std::make_shared<ListArguments>();
  const std::vector<std::string> kinds = {"strategies", "problems", "devices", "hosts", "facilities", "grids", "settings"};
  command.add_option("what", options->what, join_names(kinds))->required()->check(CLI::IsMember(kinds));
  command.add_option("name", options->name, "Only this entry, in full")->type_name(kEntryOfList);
  command.add_flag("--names", options->names, "Only the names, one a line; of grids the latest year's, with --full all");
  command.add_flag("--full", options->full, "All entries in full, as wide as they are");
  add_json(command, options->json);
  command.add_option("--catalogue", options->catalogue, "YAML file of your own devices, hosts, grids and facilities");
  command.footer("Example: tonne list devices V100");
  return [options] { return list(*options); };
}

Action add_schema(CLI::App& command) {
  const auto name = std::make_shared<std::string>("experiment");
  command.add_option("file", *name, join_names(schema_names()) + " (default: experiment)")->check(CLI::IsMember(schema_names()));
  command.footer("Example: tonne schema > tonne.schema.json");
  return [name] { return schema(*name); };
}

Action add_completion(CLI::App& command) {
  const auto shell = std::make_shared<std::string>();
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  command.add_option("shell", *shell, join_names(shells))->required()->check(CLI::IsMember(shells));
  command.footer("Example: source <(tonne completion bash)");
  return [&command, shell] { return completion(description_of(*command.get_parent()), *shell); };
}

Action add_man(CLI::App& command) {
  const auto options = std::make_shared<ManArguments>();
  command.add_option("command", options->command, "Command to print the page of (default: the program)");
  command.add_option("--out", options->out, "Folder to write all pages to");
  command.footer("Example: tonne man run | man -l -");
  return [&command, options] { return man(description_of(*command.get_parent()), *options); };
}

Action add_describe(CLI::App& command) {
  const auto options = std::make_shared<DescribeOptions>();
  command.add_option("problem", options->what, "A problem's name (tonne list problems), 'name: {settings}', or an experiment file")->required();
  command.add_option("--samples", options->samples, "Configurations to draw (default: all of a space of up to 100,000, else 5,000)")->check(CLI::Range(10, 1'000'000));
  command.add_option("--seed", options->seed, "Seed of the draws");
  add_json(command, options->json);
  command.add_flag("--configspace", options->config_space, "Print the search space alone, as JSON that ConfigSpace 1.x reads")
      ->excludes("--json", "--samples", "--seed");
  command.footer("Example: tonne describe 'cell_nas: {task: imagenet16}'");
  return [options] { return describe(*options); };
}

Action add_imitate(CLI::App& command) {
  const auto options = std::make_shared<ImitateArguments>();
  command.add_option("problem", options->what, "'tabular: {file: ...}', any other problem, or an experiment file with one")
      ->required();
  command.add_option("--out", options->out, "YAML file to write, for the problem `imitation`; default: none");
  command.add_option("--landscapes", options->landscapes, "Landscapes to show beside the original (default: 5)")
      ->check(CLI::Range(1, 100));
  command.add_option("--rounds", options->rounds, "Rounds of the fit (default: 4); 0: as measured")->check(CLI::Range(0, 20));
  command.add_option("--samples", options->samples,
                     "Working candidates to draw from a space of more than 100,000 (default: 3000)")
      ->check(CLI::Range(500, 100'000));
  add_json(command, options->json);
  command.footer("Example: tonne imitate 'cell_nas: {task: imagenet16}' --out mine.yaml");
  return [options] { return imitate_problem(*options); };
}

Action add_show(CLI::App& command) {
  struct Options {
    std::filesystem::path results;
    bool json = false, digest = false;
  };
  const auto options = std::make_shared<Options>();
  add_results(command, options->results);
  add_json(command, options->json, "Print the summary as JSON");
  command.add_flag("--digest", options->digest, "Check every row and print their digest: equal results have equal digests");
  command.footer("Example: tonne show results/quickstart");
  return [options] { return show(options->results, options->json, options->digest); };
}

Action add_report(CLI::App& command) {
  const auto options = std::make_shared<ReportArguments>();
  add_results(command, options->results);
  add_format(command, options->format, {"html", "md", "csv", "json", "latex", "text"});
  command.add_option("--out", options->out,
                     "File to write (default: report.html in the results folder; other formats to stdout)");
  command.add_flag("--partial", options->partial, "Searches may be missing, as while it runs; without, a message says so too");
  add_target_and_worth(command, options->target, options->worth);
  command.add_option("--charts", options->charts, "Folder for the charts as SVG files, for papers");
  command.add_option("--chart-width", options->chart_width, "Width of these: single, 88 mm, or double, 180 mm (default: double)")
      ->check(CLI::IsMember(std::vector<std::string>{"single", "double"}));
  command.footer("Example: tonne report results/quickstart");
  return with_log_options(command, [options] { return report(*options); });
}

Action add_compare(CLI::App& command) {
  const auto options = std::make_shared<CompareArguments>();
  command.add_option("results", options->results, "Results folders")->required()->expected(2, 100);
  add_format(command, options->format, {"text", "html", "md", "csv", "json", "latex"});
  add_out(command, options->out);
  add_target_and_worth(command, options->target, options->worth);
  command.footer("Example: tonne compare results/before results/after");
  return [options] { return compare(*options); };
}

Action add_export(CLI::App& command) {
  const auto options = std::make_shared<ExportArguments>();
  add_results(command, options->results);
  command
      .add_option("--format", options->format,
                  "csv (trials.csv, a row for each trial), tidy (tidy.csv, also with a column for each parameter), sqlite (rows.sqlite, "
                  "all tables, with both), optuna (optuna_journal.log), optuna-sqlite (optuna.db), iohprofiler (a folder), codecarbon "
                  "(emissions.csv) or syne-tune (results.csv)")
      ->required()
      ->check(CLI::IsMember({"csv", "tidy", "sqlite", "optuna", "optuna-sqlite", "iohprofiler", "codecarbon", "syne-tune"}));
  command.add_option("--out", options->out, "File to write (default: in the results folder, under the name in brackets)");
  command.footer("Example: tonne export results/quickstart --format optuna");
  return [options] { return export_results(*options); };
}

Action add_statement(CLI::App& command) {
  const auto options = std::make_shared<StatementArguments>();
  add_results(command, options->results);
  add_format(command, options->format, {"text", "md", "latex"});
  add_out(command, options->out);
  command.footer("Example: tonne statement results/quickstart --format latex");
  return [options] { return statement(*options); };
}

Action add_merge(CLI::App& command) {
  const auto options = std::make_shared<MergeArguments>();
  command.add_option("shards", options->shards, "Results folders of the shards")->required()->expected(1, 100'000);
  command.add_option("--out", options->out, "Results folder to make")->required();
  command.add_flag("--partial", options->partial, "Join what there is: the results are unfinished, and can be resumed or merged again");
  command.add_flag("--csv", options->csv, kCsvMeaning);
  add_json(command, options->json, "Print the summary as JSON");
  command.footer("Example: tonne merge results/quickstart-shard-*-of-2 --out results/quickstart");
  return with_log_options(command, [options] { return merge(*options); });
}

Action add_watch(CLI::App& command) {
  const auto options = std::make_shared<WatchArguments>();
  command.add_option("results", options->folders, "Results folders, of shards usually")->required()->expected(1, 100'000);
  command.add_flag("--once", options->once, "Look once; exit code 1 while cells are missing");
  add_json(command, options->json, "Look once, print JSON; the same exit codes");
  command.footer("Example: tonne watch results/quickstart-shard-*-of-8");
  return [options] { return watch(*options); };
}

Action add_submit(CLI::App& command) {
  const auto options = std::make_shared<SubmitArguments>();
  command.add_flag("--slurm")->description("Submit to Slurm (docs/cluster.md has other clusters)")->required();
  command.add_option("experiment", options->experiment, "Experiment file")->required();
  command.add_option("--tasks", options->tasks, "Shards to run")->required()->check(CLI::Range(1, 100'000));
  command.add_option("--out", options->out, "Results folder of the whole (default: results/NAME); shards stand beside it");
  command.add_option("--at-once", options->at_once, "Tasks that may run at once (default: any number)")->check(CLI::Range(1, 100'000));
  command.add_option("--retries", options->retries, "How often shards that are not whole are submitted again (default: 3)")->check(CLI::Range(0, 100));
  command.add_option("--max-array", options->largest_array, "Slurm's MaxArraySize (default: as scontrol says)")
      ->check(CLI::Range(2, 4'000'001));
  command.add_flag("--allow-external", options->allow_external, "Let the experiment's external strategies run their commands on the cluster");
  command.add_flag("--print", options->only_print, "Print scripts and commands; write and start nothing");
  command.add_option("--attempts-left", options->attempts_left)->group("");  // of the job that tonne submits itself
  command.add_option("flags", options->flags, "Flags of sbatch, for every job; they stand behind --");
  const auto changes = add_changes(command);
  command.footer(
      "Example: tonne submit --slurm configs/quickstart.yaml --tasks 20 \\\n"
      "  -- --time=1:00:00 --cpus-per-task=4");
  return [options, changes] {
    options->changes = changes->changes();
    return submit(*options);
  };
}

Action add_repair(CLI::App& command) {
  const auto options = std::make_shared<RepairArguments>();
  command.add_option("results", options->results, "Damaged results folder, which is left as it is")->required();
  command.add_option("--out", options->out, "Results folder to make")->required();
  command.add_option("--experiment", options->experiment, "Experiment file, needed where the plan itself is damaged");
  add_json(command, options->json);
  command.footer("Example: tonne repair results/quickstart --out results/quickstart-saved");
  return with_log_options(command, [options] { return repair(*options); });
}

struct CommandRow {
  const char* name;
  const char* summary;
  Action (*add)(CLI::App& command);
};

// In the order of --help.
constexpr CommandRow kCommands[] = {
    {"run", "Run an experiment, print its leaderboard, write its results", add_run},
    {"init", "Write an experiment file to begin with, commented, that runs as it is", add_init},
    {"validate", "Check an experiment without running it", add_validate},
    {"list", "What is available, a line each; with a name: its settings, defaults and sources", add_list},
    {"describe", "What a problem's landscape is like: quantiles, ruggedness, noise, fidelities", add_describe},
    {"imitate", "A synthetic space with the portrait of your table, to publish without its rows", add_imitate},
    {"import", "A real search, recorded by Optuna, Syne Tune, W&B, MLflow or in a table, as results", add_import},
    {"show", "Print the leaderboard of results again", add_show},
    {"report", "What the results say: one page with charts, statistics and advice", add_report},
    {"compare", "Strategies of several results in one table, with tests; refuses what is not comparable", add_compare},
    {"export", "Every trial as CSV or SQL, or results for Optuna, IOHprofiler, CodeCarbon, Syne Tune", add_export},
    {"statement", "What a study cost, for a paper's appendix, with the sources of its figures", add_statement},
    {"reprice", "What recorded searches would have cost elsewhere, later, on other machines, without running them", add_reprice},
    {"plan", "Before paying for a search: which strategy, machines, grid and start time, or none", add_plan},
    {"merge", "Join the shards of one experiment into one results folder", add_merge},
    {"submit", "Run an experiment's shards on a cluster, and join them when they are whole", add_submit},
    {"watch", "How far shards or other runs are", add_watch},
    {"repair", "Save the intact cells of damaged results, and say which are lost", add_repair},
    {"estimate", "The footprint of one training run or search, from its hours or its FLOPs", add_estimate},
    {"meter", "What a power meter's log says: energy, idle power, the run, and what is wrong with it", add_meter},
    {"calibrate", "Fit the cost model to runs that you measured, or check it against them", add_calibrate},
    {"reproduce", "Recompute published tables from their inputs", add_reproduce},
    {"schema", "Print the JSON Schema of a kind of file, for editors", add_schema},
    {"completion", "Print a script that lets bash, zsh or fish complete commands, options and names", add_completion},
    {"man", "Print the manual page of a command", add_man},
};

// Where a command was meant but none of that name exists.
int unknown_command(const std::string& word) {
  std::vector<std::string> names;
  for (const CommandRow& row : kCommands) names.emplace_back(row.name);
  const std::string hint = did_you_mean(word, names);
  fmt::print(stderr, "tonne: there is no command '{}'. {}tonne --help lists all\n", printable(word), hint.empty() ? "" : hint + " ");
  return kBadInput;
}

int introduce() {
  fmt::print("{}", kIntroduction);
  return kSuccess;
}

}  // namespace

Parsed parse_command_line(int argc, char** argv) {
  // The actions refer to the commands.
  const auto app = std::make_shared<CLI::App>(
      "How much accuracy does a tonne of CO2 buy? A simulator of AutoML searches with a carbon-cost model.", program_name(argv[0]));
  app->set_version_flag("--version", std::string("tonne ") + version());
  app->formatter(std::make_shared<HelpFormat>());
  app->require_subcommand(0, 1);
  app->footer(
      "Exit codes: 0 done, 1 internal error (watch: cells missing; reproduce: a cell\n"
      "is off), 2 bad input, 3 results cannot be read or written, 130 interrupted.\n"
      "Example: tonne run configs/quickstart.yaml");
  std::vector<std::pair<const CLI::App*, Action>> actions;
  for (const CommandRow& row : kCommands) {
    CLI::App* command = app->add_subcommand(row.name, row.summary);
    actions.emplace_back(command, row.add(*command));
  }
  try {
    app->parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    if (app->get_subcommands().empty() && argv[1][0] != '-') return unknown_command(argv[1]);
    return app->exit(error) == 0 ? kSuccess : kBadInput;
  } catch (const CLI::ParseError& error) {
    return app->exit(error) == 0 ? kSuccess : kBadInput;
  }
  for (const auto& [command, action] : actions)
    if (command->parsed()) return Action([app, action] { return action(); });
  return Action(introduce);
}

}  // namespace tonne::cli
