#include "experiments/measured/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "core/csv.h"
#include "core/error.h"
#include "core/random.h"
#include "core/yaml.h"
#include "experiments/measured/measured_settings.h"
#include "experiments/measured/network_columns.h"
#include "experiments/plan/entries.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

// `where: {network: resnet50}`: column and the text that it must have.
using Filter = std::vector<std::pair<std::string, std::string>>;

struct JobSettings {
  std::string name;
  Filter where;
  WorkSettings work;
  ClusterSettings cluster;
};

struct ProblemOfRows {
  std::shared_ptr<const Problem> problem;  // null: the work is given otherwise
  std::string fidelity;
  bool from_network = false;  // decisions in NAS-Bench-101's columns
};

struct FileOfMeasurements {
  std::string title;
  MeasuredSettings measured;
  ProblemOfRows rows;
  std::vector<JobSettings> jobs;
};

// --- The file

Filter read_filter(SettingsReader& reader, const YamlSource& source, const std::string& path) {
  Filter filter;
  const YamlNode* node = reader.take("where");
  if (!node) return filter;
  if (!node->is_map())
    throw InputError({source.file, node->line, node->column}, path + ".where",
                     "found " + node->shown() + ", expected columns with their values ({network: resnet50})");
  for (const YamlNode::Entry& entry : node->entries) {
    if (!entry.value.is_scalar())
      throw InputError({source.file, entry.line, entry.column}, path + ".where." + entry.key,
                       "found " + entry.value.shown() + ", expected a value");
    filter.emplace_back(entry.key, entry.value.text);
  }
  return filter;
}

void read_job(SettingsReader& reader, const YamlSource& source, const std::string& path, JobSettings& job) {
  job.where = read_filter(reader, source, path);
  reader.group("work", "", [&](SettingsVisitor& visitor) { job.work.visit(visitor); });
  reader.group("cluster", "", [&](SettingsVisitor& visitor) { job.cluster.visit(visitor); });
}

// The file's own work and cluster are what each of its jobs starts from.
std::vector<JobSettings> read_jobs(SettingsReader& reader, const YamlSource& source) {
  JobSettings common;
  read_job(reader, source, "", common);
  const YamlNode* node = reader.take("jobs");
  if (!node) return {common};
  if (!node->is_map() || node->entries.empty())
    throw InputError({source.file, node->line, node->column}, "jobs",
                     "found " + node->shown() + ", expected jobs (NAME: {where: ..., work: ...})");
  std::vector<JobSettings> jobs;
  for (const YamlNode::Entry& entry : node->entries) {
    JobSettings job = common;
    job.name = entry.key;
    const std::string path = "jobs." + entry.key;
    SettingsReader nested(entry.value, source, path);
    read_job(nested, source, path, job);
    nested.finish();
    job.where.insert(job.where.end(), common.where.begin(), common.where.end());
    jobs.push_back(std::move(job));
  }
  return jobs;
}

ProblemOfRows read_problem(SettingsReader& reader, const YamlSource& source) {
  ProblemOfRows rows;
  const YamlNode* node = reader.take("problem");
  std::string columns = "parameters";
  reader.text("fidelity", rows.fidelity, "");
  reader.text("decisions", columns, "");
  if (!node) return rows;
  const Entry entry = read_entry(*node, source, "problem");
  const auto recipe = find_recipe(problem_catalogue(), entry, source, "problem", "problem").make();
  SettingsReader settings(entry.settings, source, "problem." + entry.name);
  recipe->visit(settings);
  settings.finish();
  reader.require(!rows.fidelity.empty(), "fidelity", "is missing beside problem: a number or a column");
  rows.problem = at_place(source, *node, "problem", [&] { return recipe->make(); });
  rows.from_network = columns == "nasbench101";
  reader.require(columns == "parameters" || (rows.from_network && entry.name == "graph_cell"), "decisions",
                 "expected 'parameters' (a column for each), or 'nasbench101' with the problem graph_cell");
  return rows;
}

FileOfMeasurements read_file(const std::filesystem::path& path) {
  const YamlSource source{path.string(), path.parent_path()};
  const YamlNode root = parse_yaml(read_text_file(path, YamlLimits{}.bytes), source.file);
  SettingsReader reader(root, source, "");
  FileOfMeasurements file;
  file.title = path.stem().string();
  reader.text("title", file.title, "");
  reader.require(reader.take("measured") != nullptr, "measured", "is missing: the table and its columns");
  reader.group("measured", "", [&](SettingsVisitor& visitor) { file.measured.visit(visitor); });
  file.rows = read_problem(reader, source);
  file.jobs = read_jobs(reader, source);
  reader.finish();
  return file;
}

// --- The rows

// A constant, or a column's number.
class Amount {
 public:
  Amount(const CsvTable& table, const std::string& text, std::string_view key) {
    if (text.empty()) return;
    given_ = true;
    if (const auto number = parse_number(text)) {
      constant_ = *number;
      return;
    }
    column_ = table.find(text);
    if (!column_)
      throw InputError({table.file(), 1, 0}, "",
                       fmt::format("has no column '{}', which {} names (columns: {})",
                                   printable(text.substr(0, 60)), key, join_names(table.columns(), 12)));
  }
  [[nodiscard]] bool given() const { return given_; }
  [[nodiscard]] double at(const CsvTable& table, std::size_t row) const {
    return column_ ? table.number(row, *column_) : constant_;
  }

 private:
  bool given_ = false;
  double constant_ = 0.0;
  std::optional<std::size_t> column_;
};

std::size_t column_of(const CsvTable& table, const std::string& name, std::string_view key) {
  if (const auto column = table.find(name)) return *column;
  throw InputError({table.file(), 1, 0}, "",
                   fmt::format("has no column '{}', which {} names (columns: {})", printable(name.substr(0, 60)),
                               key, join_names(table.columns(), 12)));
}

double choice_of(std::span<const std::string> names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  return found == names.end() ? -1.0 : static_cast<double>(found - names.begin());
}

// A value as the table writes it; nothing where the parameter has no such value.
std::optional<double> parameter_value(const Domain& domain, std::string_view text) {
  double value = -1.0;
  if (const auto* categorical = std::get_if<Categorical>(&domain)) {
    value = choice_of(categorical->choices, text);
  } else if (const auto* ordinal = std::get_if<Ordinal>(&domain)) {
    value = choice_of(ordinal->levels, text);
  } else {
    return parse_number(text);
  }
  return value < 0.0 ? std::nullopt : std::optional(value);
}

Configuration configuration_of(const SearchSpace& space, const CsvTable& table, std::size_t row) {
  Configuration configuration(space.size());
  for (std::size_t p = 0; p < space.size(); ++p) {
    const Parameter& parameter = space.parameters()[p];
    const std::string_view text = table.field(row, column_of(table, parameter.name, "the problem's parameter"));
    if (text.empty() && parameter.active_when) continue;
    const auto value = parameter_value(parameter.domain, text);
    if (!value)
      throw InputError({table.file(), table.line(row), 0}, parameter.name,
                       fmt::format("is '{}', which the problem does not have", printable(text.substr(0, 60))));
    configuration.set(p, *value);
  }
  if (!space.contains(configuration))
    throw InputError({table.file(), table.line(row), 0}, "", "is no configuration of the problem");
  return configuration;
}

// The work of the rows of one job.
class RowWork {
 public:
  RowWork(const CsvTable& table, const ProblemOfRows& rows, const WorkSettings& settings)
      : table_(table),
        rows_(rows),
        settings_(settings),
        fidelity_(table, rows.fidelity, "fidelity"),
        flops_(table, settings.flops, "work.flops"),
        flops_per_sample_(table, settings.flops_per_sample, "work.flops_per_sample"),
        traffic_(table, settings.traffic, "work.traffic"),
        traffic_per_sample_(table, settings.traffic_per_sample, "work.traffic_per_sample"),
        traffic_per_step_(table, settings.traffic_per_step, "work.traffic_per_step"),
        steps_(table, settings.steps, "work.steps"),
        samples_(table, settings.samples, "work.samples"),
        batch_(table, settings.batch, "work.batch"),
        parameters_(table, settings.parameters, "work.parameters"),
        scale_(table, settings.scale, "work.scale"),
        limit_(table, settings.power_limit, "work.power_limit") {}

  [[nodiscard]] Workload at(std::size_t row) const {
    Workload work = rows_.problem ? of_problem(row) : !settings_.network.empty() ? of_network(row) : given(row);
    const double scale = positive(scale_, row, "work.scale");
    work.flops *= scale;
    work.traffic *= scale;
    work.steps *= scale;
    work.samples *= scale;
    return work;
  }
  [[nodiscard]] std::optional<Power> limit(std::size_t row) const {
    if (!limit_.given()) return std::nullopt;
    return positive(limit_, row, "work.power_limit") * watt;
  }

 private:
  double positive(const Amount& amount, std::size_t row, std::string_view key) const {
    const double value = amount.at(table_, row);
    if (value > 0.0) return value;
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     fmt::format("{} is {}, expected a number above 0", key, value));
  }
  double not_negative(const Amount& amount, std::size_t row, std::string_view key) const {
    const double value = amount.at(table_, row);
    if (value >= 0.0) return value;
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     fmt::format("{} is {}, expected a number from 0", key, value));
  }

  Workload of_problem(std::size_t row) const {
    const Problem& problem = *rows_.problem;
    const Configuration configuration = rows_.from_network ? graph_cell_of(problem.space(), table_, row)
                                                           : configuration_of(problem.space(), table_, row);
    const double highest = problem.traits().fidelity.highest;
    const double to = fidelity_.given() ? positive(fidelity_, row, "fidelity") : highest;
    if (to > highest)
      throw InputError({table_.file(), table_.line(row), 0}, "",
                       fmt::format("fidelity is {}, the problem's highest is {}", to, highest));
    if (settings_.inference) {
      if (auto use = problem.inference(configuration)) return *use;
      throw InputError({table_.file(), table_.line(row), 0}, "", "the problem tells no inference of this row");
    }
    const Outcome outcome = problem.evaluate({configuration, 0.0, to, 0}, Random(0));
    if (outcome.failure == Failure::invalid)
      throw InputError({table_.file(), table_.line(row), 0}, "", "is an invalid candidate of the problem");
    return outcome.workload;
  }

  [[nodiscard]] double samples(std::size_t row) const {
    return samples_.given() ? not_negative(samples_, row, "work.samples") : 0.0;
  }
  [[nodiscard]] double steps(std::size_t row) const {
    if (steps_.given()) return not_negative(steps_, row, "work.steps");
    return batch_.given() ? samples(row) / positive(batch_, row, "work.batch") : 0.0;
  }

  [[nodiscard]] Workload of_network(std::size_t row) const {
    return accel_network_work(table_, row,
                              {settings_.inference, samples_.given() ? samples(row) : 1.0, steps(row),
                               batch_.given() ? positive(batch_, row, "work.batch") : 1.0});
  }

  [[nodiscard]] Workload given(std::size_t row) const {
    const auto amount = [&](const Amount& given, std::string_view key) {
      return given.given() ? not_negative(given, row, key) : 0.0;
    };
    Workload work;
    work.kind = settings_.kind;
    work.precision = settings_.precision;
    work.samples = samples(row);
    work.steps = steps(row);
    work.parameters = amount(parameters_, "work.parameters");
    work.flops = (amount(flops_, "work.flops") +
                  amount(flops_per_sample_, "work.flops_per_sample") * work.samples) * flop;
    work.traffic = (amount(traffic_, "work.traffic") +
                    amount(traffic_per_sample_, "work.traffic_per_sample") * work.samples +
                    amount(traffic_per_step_, "work.traffic_per_step") * work.steps) * byte;
    work.activation_traffic = settings_.activation_traffic;
    return work;
  }

  const CsvTable& table_;
  const ProblemOfRows& rows_;
  const WorkSettings& settings_;
  Amount fidelity_, flops_, flops_per_sample_, traffic_, traffic_per_sample_, traffic_per_step_;
  Amount steps_, samples_, batch_, parameters_, scale_, limit_;
};

// Ordered as numbers where all are, else as texts: the ranks of a column's values.
std::map<std::string, std::size_t> ranks_of(const std::set<std::string>& values) {
  std::vector<std::string> ordered(values.begin(), values.end());
  const bool numbers = std::ranges::all_of(ordered, [](const auto& v) { return parse_number(v).has_value(); });
  if (numbers) std::ranges::sort(ordered, {}, [](const auto& v) { return *parse_number(v); });
  std::map<std::string, std::size_t> ranks;
  for (const std::string& value : ordered) ranks.emplace(value, ranks.size());
  return ranks;
}

class JobReader {
 public:
  JobReader(const CsvTable& table, const FileOfMeasurements& file)
      : table_(table),
        file_(file),
        times_are_rates_(file.measured.seconds.empty()),
        time_(times_are_rates_ ? column_of(table, file.measured.rate, "measured.rate")
                               : column_of(table, file.measured.seconds, "measured.seconds")),
        joules_(optional_column(file.measured.joules, "measured.joules")),
        watts_(optional_column(file.measured.watts, "measured.watts")),
        idle_(optional_column(file.measured.idle_watts, "measured.idle_watts")),
        group_(optional_column(file.measured.group, "measured.group")),
        by_rows_(file.measured.hold_out == "rows" && !table.find("rows")),
        hold_out_(by_rows_ ? std::nullopt : optional_column(file.measured.hold_out, "measured.hold_out")) {}

  // Rows of its jobs that have no measurement.
  [[nodiscard]] std::size_t empty() const { return empty_; }

  // `taken`: rows of earlier jobs.
  MeasuredJob read(const JobSettings& settings, std::set<std::size_t>& taken) {
    MeasuredJob job{settings.name, settings.cluster, {}};
    job.cluster.price = PriceRate{};  // neither rent nor manufacture is measured here
    job.cluster.embodied.count = false;
    if (settings.work.inference && !job.cluster.startup) job.cluster.startup = Duration{};  // that of a trial
    const RowWork work(table_, file_.rows, settings.work);
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < table_.rows(); ++row)
      if (!taken.contains(row) && belongs(settings.where, row)) rows.push_back(row);
    if (rows.empty())
      throw InputError(fmt::format("{}: no row of the table belongs to the job{}", table_.file(),
                                   settings.name.empty() ? "" : " '" + printable(settings.name) + "'"));
    const auto ranks = hold_out_ranks(rows);
    for (const std::size_t row : rows) {
      taken.insert(row);
      if (is_empty(row)) {
        ++empty_;
        continue;
      }
      job.runs.push_back(run_of(row, settings.name, work));
      if (hold_out_)
        job.runs.back().unseen = ranks.at(std::string(table_.field(row, *hold_out_))) % 2 == 1;
      if (by_rows_) job.runs.back().unseen = row % 2 == 1;
    }
    if (job.runs.empty())
      throw InputError(table_.file() + ": no row has a measurement");
    return job;
  }

 private:
  std::optional<std::size_t> optional_column(const std::string& name, std::string_view key) const {
    return name.empty() ? std::nullopt : std::optional(column_of(table_, name, key));
  }
  [[nodiscard]] bool is_empty(std::size_t row) const {
    return table_.field(row, time_).empty();
  }
  bool belongs(const Filter& filter, std::size_t row) const {
    return std::ranges::all_of(filter, [&](const auto& condition) {
      return table_.field(row, column_of(table_, condition.first, "where")) == condition.second;
    });
  }
  std::map<std::string, std::size_t> hold_out_ranks(const std::vector<std::size_t>& rows) const {
    std::set<std::string> values;
    if (hold_out_)
      for (const std::size_t row : rows) values.emplace(table_.field(row, *hold_out_));
    return ranks_of(values);
  }
  double positive(std::size_t row, std::size_t column) const {
    const double value = table_.number(row, column);
    if (value > 0.0) return value;
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     fmt::format("column '{}' is {}, expected a number above 0",
                                 printable(table_.columns()[column]), value));
  }
  MeasuredRun run_of(std::size_t row, const std::string& name, const RowWork& work) const {
    MeasuredRun run;
    run.job = name;
    run.line = table_.line(row);
    run.group = group_ ? std::string(table_.field(row, *group_)) : std::to_string(run.line);
    const double time = positive(row, time_);
    run.time = (times_are_rates_ ? 1.0 / time : time) * second;
    const auto reads = [&](const std::optional<std::size_t>& column) {
      return column && !table_.field(row, *column).empty();
    };
    if (reads(joules_)) run.energy = positive(row, *joules_) * file_.measured.joules_per_unit * joule;
    if (reads(watts_)) run.energy = positive(row, *watts_) * watt * run.time;
    if (reads(idle_)) run.idle = positive(row, *idle_) * watt;
    run.work = work.at(row);
    run.power_limit = work.limit(row);
    return run;
  }

  const CsvTable& table_;
  const FileOfMeasurements& file_;
  bool times_are_rates_;
  std::size_t time_;
  std::optional<std::size_t> joules_, watts_, idle_, group_;
  bool by_rows_;
  std::optional<std::size_t> hold_out_;
  std::size_t empty_ = 0;
};

}  // namespace

std::size_t Measurements::runs() const {
  std::size_t count = 0;
  for (const MeasuredJob& job : jobs) count += job.runs.size();
  return count;
}

bool Measurements::has_energy() const {
  return std::ranges::any_of(jobs, [](const MeasuredJob& job) {
    return std::ranges::any_of(job.runs, [](const MeasuredRun& run) { return run.energy.has_value(); });
  });
}

Measurements read_measurements(const std::filesystem::path& path) {
  const FileOfMeasurements file = read_file(path);
  const CsvTable table = CsvTable::read(file.measured.table);
  if (table.rows() == 0) throw InputError(table.file() + ": has no rows");
  Measurements measurements;
  measurements.title = file.title;
  measurements.table = file.measured.table;
  measurements.date = file.measured.date;
  measurements.energy = file.measured.energy;
  measurements.fit = file.measured.fit;
  JobReader reader(table, file);
  std::set<std::size_t> taken;
  for (const JobSettings& job : file.jobs) measurements.jobs.push_back(reader.read(job, taken));
  measurements.skipped = table.rows() - taken.size();
  measurements.empty = reader.empty();
  return measurements;
}

}  // namespace tonne
