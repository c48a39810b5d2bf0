// The options of commands about real searches, machines and figures.

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "experiments/cli/command_options.h"
#include "experiments/cli/commands.h"

namespace tonne::cli {
namespace {

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
  group(command.add_option("--measured", options.measured,
                           "What that energy is of: machine, or device (default: machine of CodeCarbon, Slurm and columns, device of others)"))
      ->check(CLI::IsMember({"machine", "device"}));
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

}  // namespace

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

}  // namespace tonne::cli
