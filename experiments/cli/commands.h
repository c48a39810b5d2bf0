#pragma once
// The commands of the program. Results go to stdout, progress and messages to stderr.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiments/advice/planner.h"
#include "experiments/cli/command_description.h"
#include "experiments/histories/import_request.h"
#include "experiments/histories/readers.h"
#include "experiments/plan/setting_changes.h"

namespace tonne {
struct Experiment;
class Store;
}

namespace tonne::cli {

/// Exit codes, as `tonne --help` tells them.
enum ExitCode : int {
  kSuccess = 0,
  kFailure = 1,      ///< a fault of the program
  kBadInput = 2,     ///< the experiment, a table, an argument
  kNoStore = 3,      ///< results cannot be read or written
  kInterrupted = 130
};

/// --log-level and --log-file.
struct LogArguments {
  std::string level = "warning";  ///< debug, info, warning, error or off
  std::filesystem::path file;     ///< empty: none
};
/// Runs a command of that name with its log, and logs its start and end.
int with_log(const LogArguments& arguments, std::string_view name, const std::function<int()>& command);

struct RunOptions {
  std::filesystem::path experiment;
  std::filesystem::path out;  ///< empty: results/NAME below the current directory
  unsigned threads = 0;       ///< 0: all cores
  bool allow_external = false;  ///< commands that the experiment file names may run
  std::string shard;          ///< "i/n", "auto/n", "auto" (experiments/cluster/shard_choice.h); empty: everything
  bool resume = false;
  bool quiet = false;
  bool json = false;
  bool csv = false;  ///< trials.csv too
  bool overwrite = false;              ///< results that stand in the folder are replaced
  std::vector<SettingChange> changes;  ///< --set and --seeds
};
int run(const RunOptions& options);
struct ValidateArguments {
  std::filesystem::path file;
  std::vector<SettingChange> changes;
  bool json = false;
};
int validate(const ValidateArguments& arguments);
struct InitArguments {
  std::filesystem::path file = "experiment.yaml";
  std::string like;  ///< a shipped experiment's name; empty: the one for those who begin
  bool overwrite = false;
};
int init(const InitArguments& arguments);
/// What schema() takes: "experiment", ...
[[nodiscard]] std::vector<std::string> schema_names();
int schema(const std::string& name);
struct MergeArguments {
  std::vector<std::filesystem::path> shards;
  std::filesystem::path out;
  bool partial = false;  ///< cells may be missing
  bool csv = false;      ///< also trials.csv, of whole results
  bool json = false;
};
int merge(const MergeArguments& arguments);
/// All files of results that are whole; returns what is printed. The folder is free again then: whoever reads that may close the
/// pipe, which ends the program. `csv`: trials.csv too.
[[nodiscard]] std::string write_results(Store store, const std::filesystem::path& folder, bool json, bool csv);
struct ImportArguments {
  std::string format;          ///< optuna, syne-tune, csv, wandb or mlflow
  std::filesystem::path file;
  std::filesystem::path out;   ///< results folder; empty: no results
  std::filesystem::path table; ///< YAML to write, with a CSV beside it; empty: no table
  std::string name;            ///< of the problem; empty: the file's
  std::filesystem::path emissions;  ///< what a meter wrote; empty: none
  std::string measured;             ///< machine or device: what was measured; empty: as the meter usually does
  histories::ReadOptions reading;   ///< but for these two, as written
  std::vector<std::string> objectives, domains;
  histories::PricingRequest pricing;
  bool json = false;
};
int import_search(const ImportArguments& arguments);
struct WatchArguments {
  std::vector<std::filesystem::path> folders;
  bool once = false;
  bool json = false;  ///< once, too
};
/// kFailure where it looks once and cells are missing.
int watch(const WatchArguments& arguments);
struct SubmitArguments {
  std::filesystem::path experiment;
  std::filesystem::path out;  ///< empty: results/NAME below the current directory
  std::size_t tasks = 0;
  std::size_t at_once = 0;                  ///< tasks; 0: as many as the cluster starts
  std::optional<std::size_t> largest_array; ///< Slurm's MaxArraySize; none: as Slurm says
  unsigned retries = 3;
  std::optional<unsigned> attempts_left;  ///< of the follow-up job; none: the user's own command
  bool allow_external = false;
  bool only_print = false;
  std::vector<std::string> flags;  ///< of sbatch
  std::vector<SettingChange> changes;
};
int submit(const SubmitArguments& arguments);
/// Throws InputError where the experiment would run commands that --allow-external does not allow.
void check_commands(const Experiment& experiment, const std::filesystem::path& file, bool allow_external);
/// Says on standard error which commands the experiment runs, "runs: python3 -u my.py", before any of them starts.
void show_commands(const Experiment& experiment);
struct RepairArguments {
  std::filesystem::path results;
  std::filesystem::path out;         ///< folder to make
  std::filesystem::path experiment;  ///< the file; empty: not given, the store's own plan must do
  bool json = false;
};
int repair(const RepairArguments& arguments);
int show(const std::filesystem::path& results, bool json, bool digest);
struct ReportArguments {
  std::filesystem::path results;
  std::filesystem::path out;    ///< empty: report.html in the results folder; other formats to stdout
  std::string format = "html";  ///< html, md, csv, json, latex or text
  std::string target, worth;    ///< empty: chosen from the data
  std::filesystem::path charts; ///< folder for SVG files; empty: none
  bool partial = false;         ///< asked for: searches may be missing
  std::string chart_width = "double";  ///< of these: single or double, a journal's columns
};
int report(const ReportArguments& arguments);
struct CompareArguments {
  std::vector<std::filesystem::path> results;  ///< at least two
  std::filesystem::path out;                   ///< empty: to stdout
  std::string format = "text";                 ///< text, html, md, csv, json or latex
  std::string target, worth;                   ///< empty: chosen from the data
};
int compare(const CompareArguments& arguments);
struct ExportArguments {
  std::filesystem::path results;
  std::filesystem::path out;  ///< empty: the format's own file name in the results folder
  std::string format;         ///< csv, sqlite, optuna, codecarbon or syne-tune
};
int export_results(const ExportArguments& arguments);
struct StatementArguments {
  std::filesystem::path results;
  std::filesystem::path out;    ///< empty: to stdout
  std::string format = "text";  ///< text, md or latex
};
int statement(const StatementArguments& arguments);
struct RepriceArguments {
  std::filesystem::path results;
  std::vector<std::pair<std::string, std::vector<std::string>>> values;  ///< by key of the cluster; lists with commas
  std::vector<std::string> settings;  ///< "cluster.KEY=VALUE"
  std::string start_range;            ///< "FROM..TO"; empty: none
  std::string step = "1 h";           ///< of start_range
  std::filesystem::path out, chart;   ///< empty: to stdout; none
  std::string format = "text";        ///< text, csv or json
  bool json = false;                  ///< whatever the format
};
int reprice_results(const RepriceArguments& arguments);
struct PlanArguments {
  std::string what;  ///< a problem's name, "name: {settings}", or an experiment file
  PlanRequest request;
  std::vector<std::string> limits;  ///< "5 kg", "20 kWh", "100 USD"
  std::vector<std::string> traces;  ///< settings of a grid, without braces
  std::filesystem::path write;      ///< the experiment of the choice; empty: none
  bool quiet = false;
  bool json = false;
};
int plan(const PlanArguments& arguments);
/// The problems of an experiment file, or the one that a text such as "cell_nas: {task: imagenet16}" describes.
[[nodiscard]] Experiment read_problems(const std::string& what);
struct DescribeOptions {
  std::string what;           ///< a problem's name, "name: {settings}", or an experiment file
  std::optional<std::size_t> samples = {};  ///< none: as PortraitOptions
  std::uint64_t seed = 0;
  bool json = false;
  bool config_space = false;  ///< the search space alone, as ConfigSpace's JSON
};
int describe(const DescribeOptions& options);
struct ImitateArguments {
  std::string what;           ///< "tabular: {file: ...}", any other problem, or an experiment file with one
  std::filesystem::path out;  ///< empty: nothing is written
  std::size_t landscapes = 5;
  std::size_t rounds = 4;
  std::size_t samples = 3000;
  bool json = false;
};
int imitate_problem(const ImitateArguments& arguments);
struct MeterArguments {
  std::filesystem::path file;           ///< what a power meter wrote
  std::string format = "automatic";     ///< a name of meters::Format
  std::string from, to;                 ///< of the run; empty: found by the power
  std::string idle_from, idle_to;       ///< when idle; empty: outside of the run
  std::vector<std::string> devices;     ///< empty: all
  std::string column;                   ///< of power; empty: the best there is
  std::string step, counter_range;      ///< "1 s", "262143 J"; empty: as the log says
  std::filesystem::path csv;            ///< runs to write; empty: none
  bool json = false;
};
int meter(const MeterArguments& arguments);
struct ListArguments {
  std::string what;                 ///< strategies, problems, devices, hosts, facilities, grids or settings
  std::string name;                 ///< one entry, in full; empty: an overview
  bool full = false;                ///< all entries in full
  bool json = false;                ///< likewise
  bool names = false;               ///< only the names, one a line
  std::filesystem::path catalogue;  ///< the user's over the shipped one; empty: none
};
int list(const ListArguments& arguments);
/// Prints a shell's completion of the program: bash, zsh or fish.
int completion(const ProgramDescription& program, const std::string& shell);
struct ManArguments {
  std::string command;        ///< of which command; empty: of the program
  std::filesystem::path out;  ///< folder to which all pages are written; empty: one page to stdout
};
int man(const ProgramDescription& program, const ManArguments& arguments);
struct ReproduceArguments {
  std::string what;             ///< a shipped table, "all", or a file
  std::string format = "text";  ///< text, md, html, latex, svg or json
  bool quiet = false;           ///< only tables that miss; not of JSON
  bool json = false;            ///< whatever the format
};
/// kFailure when a cell misses its tolerance.
int reproduce_tables(const ReproduceArguments& arguments);

struct CalibrateArguments {
  std::vector<std::filesystem::path> files;  ///< of measurements; several with `check` alone
  std::filesystem::path out;                 ///< for the catalogue's entry; empty: to stdout
  std::string name;                          ///< of the entry; empty: the device's with "-measured"
  std::filesystem::path charts;              ///< folder for a picture of each checked file; empty: none
  std::size_t rows = 0;                      ///< at most so many are fitted; 0: all
  bool check = false;                        ///< compare, fit nothing
  bool json = false;
};
int calibrate(const CalibrateArguments& arguments);

struct EstimateArguments {
  std::filesystem::path file;                 ///< empty: options only
  std::string format = "text";                ///< text, latex or json
  std::map<std::string, std::string> values;  ///< by key; empty: not given
  std::vector<std::string> unknown;           ///< what the command line had besides
};
/// One option of `tonne estimate` for each of its settings and short forms.
struct CommandOption {
  std::string key;      ///< in EstimateArguments::values
  std::string names;    ///< "--devices_per_host,--devices-per-host"
  std::string meaning;  ///< with the default
};
[[nodiscard]] std::vector<CommandOption> estimate_options();
int estimate(const EstimateArguments& arguments);

}  // namespace tonne::cli
