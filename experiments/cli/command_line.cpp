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
#include "experiments/cli/commands.h"
#include "experiments/cli/help_format.h"
#include "experiments/text/version.h"

// What --help and completion call a file or folder.
template <>
constexpr const char* CLI::detail::type_name<std::filesystem::path>() {
  return "PATH";
}

namespace tonne::cli {
namespace {

using Action = std::function<int()>;

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

// Options that several commands have.
void add_results(CLI::App& command, std::filesystem::path& results) {
  command.add_option("results", results, "Results folder")->required();
}

void add_json(CLI::App& command, bool& json, const char* meaning = "Print JSON") {
  command.add_flag("--json", json, meaning);
}

void add_format(CLI::App& command, std::string& format, const std::vector<std::string>& names) {
  command.add_option("--format", format, join_names(names))->check(CLI::IsMember(names));
}

void add_out(CLI::App& command, std::filesystem::path& out) {
  command.add_option("--out", out, "File to write (default: stdout)");
}

void add_target_and_worth(CLI::App& command, std::string& target, std::string& worth) {
  command.add_option("--target", target, "Report the cost of reaching this value (default: what half of the searches reach)");
  command.add_option("--worth", worth,
                     "Smallest gain per kg CO2e worth paying for (default: a tenth of the best strategy's gain)");
}

// --set and --seeds, as an experiment's reader takes them.
struct ChangeOptions {
  std::vector<std::string> sets;
  std::string seeds;

  [[nodiscard]] std::vector<SettingChange> changes() const {
    std::vector<SettingChange> all;
    for (const std::string& argument : sets) all.push_back(change_of(argument));
    if (!seeds.empty()) all.push_back(seeds_change(seeds));
    return all;
  }
};

std::shared_ptr<ChangeOptions> add_changes(CLI::App& command) {
  const auto options = std::make_shared<ChangeOptions>();
  command.add_option("--set", options->sets, "Change a value of the file: budget.co2e=5kg, 'strategies[0].population=50'; may be given often")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--seeds", options->seeds, "Change the seeds: a count, or some, as in 1,5,9 or 10..19");
  return options;
}

// --log-level and --log-file; the action runs with the log that they ask for.
Action with_log_options(CLI::App& command, Action action) {
  const auto arguments = std::make_shared<LogArguments>();
  const std::vector<std::string> levels = {"debug", "info", "warning", "error", "off"};
  command.add_option("--log-level", arguments->level, "What is logged on stderr: " + join_names(levels) + " (default: warning)")
      ->check(CLI::IsMember(levels));
  command.add_option("--log-file", arguments->file, "File to which events are appended, one JSON object a line");
  return [arguments, name = command.get_name(), action = std::move(action)] { return with_log(*arguments, name, action); };
}

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

// Which columns or attributes of the file are what.
void add_reading(CLI::App& command, ImportArguments& options) {
  const auto group = [&](CLI::Option* option) { option->group("What the file says"); };
  histories::ReadOptions& reading = options.reading;
  group(command.add_option("--study", reading.study, "Only the search of this name (default: each, into a folder of its own)"));
  group(command.add_option("--time-zone", reading.time_zone, "Of times that do not say theirs: UTC, +02:00, Europe/Berlin (default: UTC)"));
  group(command.add_option("--energy-kwh", reading.energy_kwh, "Column, or user attribute, of a trial's measured energy in kWh"));
  group(command.add_option("--co2-kg", reading.co2_kg, "The same of its kg CO2e"));
  group(command.add_option("--objective", options.objectives, "COLUMN, COLUMN:min or COLUMN:max; may be repeated (default: guessed)"));
  group(command.add_option("--parameters", reading.parameters, "Columns of a table (default: all that nothing else takes)"));
  group(command.add_option("--ignore", reading.ignored, "Columns of a table that are nothing"));
  group(command.add_option("--domain", options.domains,
                           "Of a table's parameter: lr=1e-5..0.1:log, layers=1..8:int, op={adam,sgd}, batch=[32,64]; may be repeated "
                           "(default: what the data show)"));
  group(command.add_option("--trial", reading.trial, "Column of a trial's number"));
  group(command.add_option("--start", reading.start, "Column of its start"));
  group(command.add_option("--end", reading.end, "Column of its end"));
  group(command.add_option("--duration", reading.duration, "Column of its run time"));
  group(command.add_option("--state", reading.state, "Column of its state"));
  group(command.add_option("--step", reading.step, "Column of epochs or the like: rows of one trial are then its reports"));
  group(command.add_option("--constraint", reading.constraints, "Column that is satisfied where <= 0; may be repeated"));
}

// On what the search ran.
void add_pricing(CLI::App& command, ImportArguments& options) {
  const auto group = [&](CLI::Option* option) { return option->group("On what it ran"); };
  histories::PricingRequest& pricing = options.pricing;
  group(command.add_option("--cluster", pricing.cluster, "YAML file: an experiment's cluster; the following stand over it"));
  group(command.add_option("--device", pricing.device, "tonne list devices"));
  group(command.add_option("--host", pricing.host, "tonne list hosts (default: the device's usual one)"));
  group(command.add_option("--grid", pricing.grid, "tonne list grids, or a trace's file, read at the search's real hours"));
  group(command.add_option("--facility", pricing.facility, "tonne list facilities"));
  group(command.add_option("--pue", pricing.pue, "Facility energy per IT energy, from 1"));
  group(command.add_option("--workers", pricing.workers, "That were paid for (default: as many as trials ran at once)"));
  group(command.add_option("--devices-per-trial", pricing.devices_per_trial, "Below 1: trials shared a device (default: 1)"))
      ->check(CLI::Range(1e-6, 1e6));
  group(command.add_option("--activity", pricing.activity, "Mean dynamic power of a device that nobody measured, 0 to 1 (default: 0.65)"));
  group(command.add_option("--emissions", options.emissions,
                           "What a meter measured: CodeCarbon's emissions.csv, or any log that tonne meter reads"));
}

Action add_import(CLI::App& command) {
  const auto options = std::make_shared<ImportArguments>();
  command.add_option("format", options->format, "optuna, syne-tune, csv, wandb or mlflow")
      ->required()
      ->check(CLI::IsMember({"optuna", "syne-tune", "csv", "wandb", "mlflow"}));
  command.add_option("file", options->file, "Optuna's SQLite database or journal, or a table")->required();
  command.add_option("--out", options->out, "Results folder to make");
  command.add_option("--as-table", options->table, "YAML file to write: an experiment on the search's own landscape, its CSV beside it");
  command.add_option("--name", options->name, "Of the problem in tables: results of one name can be compared (default: the file's)");
  add_json(command, options->json);
  add_reading(command, *options);
  add_pricing(command, *options);
  command.footer("Example: tonne import optuna study.db --out results/mine --device V100 --grid FRA-2023 --pue 1.2");
  return [options] { return import_search(*options); };
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

Action add_reprice(CLI::App& command) {
  const auto options = std::make_shared<RepriceArguments>();
  add_results(command, options->results);
  struct Choice {
    const char* key;
    const char* name;
    const char* meaning;
  };
  constexpr std::array kChoices = {Choice{"grid", "--grid", "Grids: names, trace files (.csv, .json), '{intensity: 50 g/kWh}'"},
                                   Choice{"start", "--start", "UTC start times on a trace: 2022-06-01T02:00Z"},
                                   Choice{"device", "--device", "Devices"},
                                   Choice{"host", "--host", "Hosts"},
                                   Choice{"facility", "--facility", "Facilities"},
                                   Choice{"facility.pue", "--pue", "Facility energy over IT energy"},
                                   Choice{"precision", "--precision", "Number formats of trainings"},
                                   Choice{"provider", "--provider", "Whose prices of the catalogue's"},
                                   Choice{"spot", "--spot", "true or false: the catalogue's spot prices"},
                                   Choice{"price", "--price", "Rental prices per device: '2.5 USD/h'"}};
  options->values.reserve(kChoices.size());
  for (const Choice& choice : kChoices) {
    options->values.emplace_back(choice.key, std::vector<std::string>{});
    command.add_option(choice.name, options->values.back().second, choice.meaning)->expected(1)->take_all()->type_name("LIST");
  }
  command.add_option("--start-range", options->start_range, "Start times FROM..TO");
  command.add_option("--step", options->step, "Between these (default: 1 h)");
  command.add_option("--set", options->settings, "Any setting of the cluster: cluster.KEY=VALUE,VALUE")->expected(1)->take_all()->type_name("SETTING");
  add_format(command, options->format, {"text", "csv", "json"});
  add_json(command, options->json);
  add_out(command, options->out);
  command.add_option("--chart", options->chart, "SVG file to write: carbon over hours of each row");
  command.footer("Example: tonne reprice results/quickstart --grid FRA-2023,POL-2023 --device V100,A100-40GB");
  return [options] { return reprice_results(*options); };
}

void add_plan_choices(CLI::App& command, PlanArguments& options) {
  PlanRequest& request = options.request;
  command.add_option("problem", options.what, "A problem's name (tonne list problems), 'name: {settings}', or an experiment file")->required();
  command.add_option("--limit", options.limits,
                     "Budget of one search: '5 kg', '20 kWh' or '100 USD'; with several, the first one reached ends it");
  command.add_option("--deadline", request.deadline, "Time by which a search must have ended: '2 days'");
  command.add_option("--device", request.devices, "Devices to choose from (tonne list devices)")->delimiter(',');
  command.add_option("--grid", request.grids, "Grids to choose from: names from tonne list grids");
  command.add_option("--trace", options.traces,
                     "Or hourly traces: 'trace: FILE, column: NAME, kind: average, scope: direct'");
  command.add_option("--workers", request.workers, "Numbers of workers to choose from")->delimiter(',');
  command.add_option("--start", request.starts, "Start times to choose from, with a trace: 2022-02-15T20:00")->delimiter(',');
  command.add_option("--strategies", request.strategies,
                     "Strategies to choose from (tonne list strategies; default: random, regularized_evolution, tpe, gp)");
  command.add_option("--pue", request.pue, "Facility energy over IT energy");
  command.add_option("--catalogue", request.catalogue, "Devices, hosts, grids and facilities of your own (docs/how-to.md)");
  command.add_option("--price", request.price, "Rental price of a device: '2.5 USD/h'");
  command.add_option("--provider", request.provider, "Whose price of the catalogue's");
  command.add_flag("--spot", request.spot, "The catalogue's spot price; with --preemption, interruptions too");
  command.add_option("--preemption", request.preemption, "Of spot devices: 'interval: 20 h, restart: 2 min, checkpoint: 1 h'");
}

Action add_plan(CLI::App& command) {
  const auto options = std::make_shared<PlanArguments>();
  add_plan_choices(command, *options);
  PlanRequest& request = options->request;
  command.add_option("--trainings", request.trainings, "Later trainings of the result, for payback")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--inferences", request.inferences, "Later uses of the result, for payback")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--seeds", request.seeds,
                  "Searches of each choice, to choose by: at least 6, since with fewer no test can tell two choices apart")
      ->check(CLI::Range(6, 1000));
  command
      .add_option("--fresh-seeds", request.fresh_seeds, "Searches of the chosen one, to say what to expect")
      ->check(CLI::Range(2, 1000));
  command.add_option("--write", options->write, "Write the choice as an experiment file, for tonne run");
  command.add_flag("--quiet", options->quiet, "Print no progress");
  add_json(command, options->json);
  command.footer(
      "Example: tonne plan cell_nas --device V100 --grid US-2018,USA-2023 \\\n"
      "  --workers 4,16 --limit '5 kg' --deadline '2 days'");
  return with_log_options(command, [options] { return plan(*options); });
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

Action add_estimate(CLI::App& command) {
  const auto options = std::make_shared<EstimateArguments>();
  command.add_option("file", options->file, "Settings as YAML, with the same keys as the options (docs/experiment-file.md)");
  add_format(command, options->format, {"text", "latex", "json"});
  for (const CommandOption& option : estimate_options())
    command.add_option(option.names, options->values[option.key], option.meaning)->type_name("");
  command.allow_extras();
  command.footer(
      "Example: tonne estimate --device V100 --hours 79 --devices 64 --watts 188 \\\n"
      "  --pue 1.58 --grid US-2018");
  return [options, &command] {
    options->unknown = command.remaining();
    return estimate(*options);
  };
}

Action add_meter(CLI::App& command) {
  const auto options = std::make_shared<MeterArguments>();
  command.add_option("file", options->file, "Log of nvidia-smi, DCGM, CodeCarbon, Zeus, sacct, RAPL, perf or turbostat")->required();
  command.add_option("--from", options->from, "Begin of the run: a time as in the log, or seconds since its first reading");
  command.add_option("--to", options->to, "End of the run (default of both: found by the power)");
  command.add_option("--device", options->devices, "Only these devices, by id or number, as in 0,1; of finished runs: components")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--idle-from", options->idle_from, "Begin of a window without work (default: outside of the run)");
  command.add_option("--idle-to", options->idle_to, "End of that window");
  command.add_option("--format", options->format, "Kind of log (default: told from the content)");
  command.add_option("--column", options->column, "Column of power, where there are several");
  command.add_option("--step", options->step, "Time between readings of a log without times: '1 s'");
  command.add_option("--counter-range", options->counter_range, "Energy at which a counter begins again: '262143.3 J'");
  command.add_option("--csv", options->csv, "File to write the runs to, for tonne calibrate");
  add_json(command, options->json);
  command.footer("Example: tonne meter power.csv --device 0 --csv runs.csv");
  return [options] { return meter(*options); };
}

Action add_reproduce(CLI::App& command) {
  const auto options = std::make_shared<ReproduceArguments>();
  command
      .add_option("table", options->what,
                  "strubell2019, patterson2021, evolved-transformer-ladder, search-history, ofa, act, all, or a file")
      ->required();
  command.add_flag("--quiet", options->quiet, "Only tables with a cell that is off");
  add_format(command, options->format, {"text", "md", "html", "latex", "svg", "json"});
  add_json(command, options->json, "The same as --format json");
  command.footer("Exit code 1 when a cell is outside its tolerance.\nExample: tonne reproduce strubell2019");
  return [options] { return reproduce_tables(*options); };
}

Action add_calibrate(CLI::App& command) {
  const auto options = std::make_shared<CalibrateArguments>();
  command.add_option("files", options->files, "YAML file that names the table of runs and its columns")->required();
  command.add_flag("--check", options->check, "Compare the cost model with the runs as it stands; takes several files");
  command.add_option("--charts", options->charts, "With --check: folder for an SVG picture of each file's runs");
  command.add_option("--out", options->out, "File for the catalogue entry (default: to stdout)");
  command.add_option("--name", options->name, "Name of the entry (default: the device's, with -measured)");
  command.add_option("--rows", options->rows, "Fit at most so many rows, spread over the table (default: all)")
      ->check(CLI::Range(std::size_t{2}, std::size_t{1'000'000'000}));
  add_json(command, options->json);
  command.footer("Example: tonne calibrate runs.yaml --out my_devices.yaml");
  return [options] { return calibrate(*options); };
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
