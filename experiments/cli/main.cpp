// The `tonne` program: reads the command line and calls a command.

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/results/records.h"
#include "experiments/text/version.h"

namespace {

using namespace tonne;
using namespace tonne::cli;

constexpr const char* kNewcomer =
    "tonne: how much accuracy does a tonne of CO2 buy, with this search strategy, on this problem, on this grid?\n"
    "\n"
    "  tonne run EXPERIMENT.yaml        run an experiment, print its leaderboard, write its results\n"
    "  tonne report RESULTS             one page with charts, statistics and advice: which strategy, and how sure\n"
    "  tonne estimate                   the footprint of one training, from its hours or its FLOPs\n"
    "  tonne reproduce strubell2019     a published table beside what its inputs give\n"
    "  tonne list strategies            what there is, with settings and defaults (also problems, devices, grids)\n"
    "  tonne --help                     all commands\n"
    "\n"
    "Try: tonne run configs/quickstart.yaml\n";

// One sentence to stderr and the exit code for each kind of failure.
int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (const InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kBadInput;
  } catch (const StoreError& error) {
    fmt::print(stderr, "tonne: {}\n", printable(error.what(), true));
    return kNoStore;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "tonne: out of memory\n");
    return kFailure;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tonne: internal error: {}\nPlease report it with the experiment file.\n", error.what());
    return kFailure;
  }
}

// Where a command was meant but none of that name exists.
int unknown_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
  const std::string hint = did_you_mean(word, names);
  fmt::print(stderr, "tonne: there is no command '{}'. {}tonne --help lists all\n", printable(word), hint.empty() ? "" : hint + " ");
  return kBadInput;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How much accuracy does a tonne of CO2 buy? A simulator of AutoML searches with a carbon-cost model.", "tonne");
  app.set_version_flag("--version", std::string("tonne ") + version());
  app.require_subcommand(0, 1);
  app.footer("Exit codes: 0 done, 1 fault of the program, 2 bad input, 3 results cannot be read or written, 130 interrupted.\n"
             "Example: tonne run configs/quickstart.yaml");

  RunOptions run_options;
  CLI::App* run_command = app.add_subcommand("run", "Run an experiment, print its leaderboard, write its results");
  run_command->add_option("experiment", run_options.experiment, "Experiment file (docs/experiment-file.md)")->required();
  run_command->add_option("--out", run_options.out, "Results folder (default: results/NAME in the current directory)");
  run_command->add_option("--threads", run_options.threads, "Threads (default: all cores); results do not depend on it")
      ->check(CLI::Range(1, 1024));
  run_command->add_flag("--allow-external", run_options.allow_external,
                        "Let the experiment's external strategies run their commands on this machine");
  run_command->add_option("--shard", run_options.shard, "Run part i of n, as in 2/8; `tonne merge` joins the parts");
  run_command->add_flag("--resume", run_options.resume, "Go on with a results folder that was interrupted");
  run_command->add_flag("--quiet", run_options.quiet, "No plan, no progress");
  run_command->add_flag("--json", run_options.json, "Print the summary as JSON instead of tables");
  run_command->footer("Example: tonne run configs/quickstart.yaml --out /tmp/first");

  std::filesystem::path validate_file;
  bool validate_json = false;
  CLI::App* validate_command = app.add_subcommand("validate", "Check an experiment without running it");
  validate_command->add_option("experiment", validate_file, "Experiment file")->required();
  validate_command->add_flag("--json", validate_json, "Print JSON");
  validate_command->footer("Example: tonne validate configs/quickstart.yaml");

  std::string list_what;
  std::string list_name;
  bool list_json = false;
  CLI::App* list_command = app.add_subcommand("list", "What there is, with settings, defaults and meaning");
  list_command->add_option("what", list_what, "strategies, problems, devices, hosts, facilities, grids or settings")
      ->required()
      ->check(CLI::IsMember({"strategies", "problems", "devices", "hosts", "facilities", "grids", "settings"}));
  list_command->add_option("name", list_name, "Only this entry, in full");
  list_command->add_flag("--json", list_json, "Print JSON");
  std::filesystem::path list_catalogue;
  list_command->add_option("--catalogue", list_catalogue, "YAML file of devices, hosts, grids, facilities of your own");
  list_command->footer("Example: tonne list devices V100");

  DescribeOptions describe_options;
  CLI::App* describe_command = app.add_subcommand("describe", "The portrait of a problem: what its landscape is like");
  describe_command
      ->add_option("problem", describe_options.what, "A problem's name, 'name: {settings}', or an experiment file")
      ->required();
  describe_command->add_option("--samples", describe_options.samples, "Configurations to draw (default: 5000)")
      ->check(CLI::Range(10, 1'000'000));
  describe_command->add_option("--seed", describe_options.seed, "Other draws");
  describe_command->add_flag("--json", describe_options.json, "Print JSON");
  describe_command->footer("Example: tonne describe 'cell_nas: {task: imagenet16}'");

  std::filesystem::path show_results;
  bool show_json = false;
  bool show_digest = false;
  CLI::App* show_command = app.add_subcommand("show", "Print the leaderboard of results again");
  show_command->add_option("results", show_results, "Results folder")->required();
  show_command->add_flag("--json", show_json, "Print the summary as JSON");
  show_command->add_flag("--digest", show_digest, "Print a digest of every row: equal results have equal digests");
  show_command->footer("Example: tonne show results/quickstart");

  ReportArguments report_arguments;
  CLI::App* report_command = app.add_subcommand("report", "What the results say: one page with charts, statistics and advice");
  report_command->add_option("results", report_arguments.results, "Results folder")->required();
  report_command->add_option("--format", report_arguments.format, "html, md, csv, json or text")->check(CLI::IsMember({"html", "md", "csv", "json", "text"}));
  report_command->add_option("--out", report_arguments.out, "File to write (default: report.html in the results folder; other formats to stdout)");
  report_command->add_option("--target", report_arguments.target, "Value whose cost is asked (default: what half of the searches reach)");
  report_command->add_option("--worth", report_arguments.worth, "Least gain per kg CO2e that is worth it (default: a tenth of what the best strategy gains)");
  report_command->add_option("--charts", report_arguments.charts, "Folder for the charts as SVG files, for papers");
  report_command->footer("Example: tonne report results/quickstart");

  CompareArguments compare_arguments;
  CLI::App* compare_command = app.add_subcommand("compare", "Strategies of several results in one table, with tests; refuses what is not comparable");
  compare_command->add_option("results", compare_arguments.results, "Results folders")->required()->expected(2, 100);
  compare_command->add_option("--format", compare_arguments.format, "text, html, md, csv or json")->check(CLI::IsMember({"text", "html", "md", "csv", "json"}));
  compare_command->add_option("--out", compare_arguments.out, "File to write (default: to stdout)");
  compare_command->add_option("--target", compare_arguments.target, "Value whose cost is asked (default: what half of the searches reach)");
  compare_command->add_option("--worth", compare_arguments.worth, "Least gain per kg CO2e that is worth it (default: a tenth of what the best strategy gains)");
  compare_command->footer("Example: tonne compare results/before results/after");

  ExportArguments export_arguments;
  CLI::App* export_command = app.add_subcommand("export", "Results for other tools: Optuna, CodeCarbon, Syne Tune");
  export_command->add_option("results", export_arguments.results, "Results folder")->required();
  export_command->add_option("--format", export_arguments.format, "optuna (a journal of studies), codecarbon (emissions.csv) or syne-tune (results.csv)")
      ->required()
      ->check(CLI::IsMember({"optuna", "codecarbon", "syne-tune"}));
  export_command->add_option("--out", export_arguments.out, "File to write (default: the tool's own file name, in the results folder)");
  export_command->footer("Example: tonne export results/quickstart --format optuna");

  StatementArguments statement_arguments;
  CLI::App* statement_command = app.add_subcommand("statement", "What a study cost, for a paper's appendix, with the sources of its figures");
  statement_command->add_option("results", statement_arguments.results, "Results folder")->required();
  statement_command->add_option("--format", statement_arguments.format, "text, md or latex")->check(CLI::IsMember({"text", "md", "latex"}));
  statement_command->add_option("--out", statement_arguments.out, "File to write (default: to stdout)");
  statement_command->footer("Example: tonne statement results/quickstart --format latex");

  PlanArguments plan_arguments;
  CLI::App* plan_command = app.add_subcommand("plan", "Before a search is paid for: which strategy, machines, grid and hour, or none");
  add_plan_options(*plan_command, plan_arguments);
  plan_command->footer("Example: tonne plan cell_nas --device V100 --grid US-2018,USA-2023 --workers 4,16 --limit '5 kg' --deadline '2 days'");

  std::vector<std::filesystem::path> merge_shards;
  std::filesystem::path merge_out;
  bool merge_json = false;
  CLI::App* merge_command = app.add_subcommand("merge", "Join the shards of one experiment into one results folder");
  merge_command->add_option("shards", merge_shards, "Results folders of the shards")->required()->expected(1, 100'000);
  merge_command->add_option("--out", merge_out, "Results folder to make")->required();
  merge_command->add_flag("--json", merge_json, "Print the summary as JSON");
  merge_command->footer("Example: tonne merge results/quickstart-shard-*-of-2 --out results/quickstart");

  EstimateArguments estimate_arguments;
  CLI::App* estimate_command = app.add_subcommand("estimate", "The footprint of one training or search, from its hours or its FLOPs");
  add_estimate_options(*estimate_command, estimate_arguments);
  estimate_command->footer("Example: tonne estimate --device V100 --hours 79 --devices 64 --watts 188 --pue 1.58 --grid US-2018");

  std::string reproduce_what;
  bool reproduce_quiet = false;
  bool reproduce_json = false;
  CLI::App* reproduce_command = app.add_subcommand("reproduce", "Compute published tables again from their inputs");
  reproduce_command
      ->add_option("table", reproduce_what,
                   "strubell2019, patterson2021, evolved-transformer-ladder, search-history, ofa, act, all, or a file")
      ->required();
  reproduce_command->add_flag("--quiet", reproduce_quiet, "Only tables with a cell that misses");
  reproduce_command->add_flag("--json", reproduce_json, "Print JSON");
  reproduce_command->footer("Exit code 1 when a cell misses its tolerance.\nExample: tonne reproduce strubell2019");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    if (app.get_subcommands().empty() && argv[1][0] != '-') return unknown_command(app, argv[1]);
    return app.exit(error) == 0 ? kSuccess : kBadInput;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kBadInput;
  }
  return guarded([&] {
    if (*run_command) return run(run_options);
    if (*validate_command) return validate(validate_file, validate_json);
    if (*list_command) return list(list_what, list_name, list_json, list_catalogue);
    if (*describe_command) return describe(describe_options);
    if (*show_command) return show(show_results, show_json, show_digest);
    if (*report_command) return report(report_arguments);
    if (*export_command) return export_results(export_arguments);
    if (*statement_command) return statement(statement_arguments);
    if (*plan_command) return plan(plan_arguments);
    if (*compare_command) return compare(compare_arguments);
    if (*estimate_command) {
      estimate_arguments.unknown = estimate_command->remaining();
      return estimate(estimate_arguments);
    }
    if (*merge_command) return merge(merge_shards, merge_out, merge_json);
    if (*reproduce_command) return reproduce_tables(reproduce_what, reproduce_quiet, reproduce_json);
    fmt::print("{}", kNewcomer);
    return static_cast<int>(kSuccess);
  });
}
