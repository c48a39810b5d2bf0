#include "experiments/measured/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "core/csv.h"
#include "core/error.h"
#include "core/yaml.h"
#include "experiments/measured/measured_settings.h"
#include "experiments/measured/row_work.h"
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
  if (!node) {
    reader.require(rows.fidelity.empty(), "fidelity", "is of a problem: give problem, too");
    reader.require(columns == "parameters", "decisions", "are of a problem: give problem, too");
    return rows;
  }
  const Entry entry = read_entry(*node, source, "problem");
  const auto recipe = find_recipe(problem_catalogue(), entry, source, "problem", "problem").make();
  SettingsReader settings(entry.settings, source, "problem." + entry.name);
  recipe->visit(settings);
  settings.finish();
  rows.problem = at_place(source, *node, "problem", [&] { return recipe->make(); });
  rows.from_network = columns == "nasbench101";
  reader.require(columns == "parameters" || (rows.from_network && entry.name == "graph_cell"), "decisions",
                 "expected 'parameters' (a column for each), or 'nasbench101' with the problem graph_cell");
  return rows;
}

// Work has one source: amounts, a network's columns or a problem's decisions. What stands beside it would be ignored.
void refuse_unread_work(const JobSettings& job, const ProblemOfRows& rows, const YamlNode& root,
                        const YamlSource& source) {
  const WorkSettings& work = job.work;
  const bool amounts = !work.flops.empty() || !work.traffic.empty() || !work.flops_per_sample.empty() ||
                       !work.traffic_per_sample.empty() || !work.traffic_per_step.empty();
  const bool seen = !work.samples.empty() || !work.steps.empty() || !work.batch.empty();
  const std::string path = job.name.empty() ? "work" : "jobs." + job.name + ".work";
  const auto refuse = [&](std::string_view why) {
    const YamlNode* jobs = root.find("jobs");
    const YamlNode* whole = jobs && !job.name.empty() ? jobs->find(job.name) : &root;
    const YamlNode* own = whole->find("work");
    const YamlNode* at = own ? own : root.find("work");
    if (!at) at = whole;
    throw InputError({source.file, at->line, at->column}, path, std::string(why));
  };
  const bool described =
      work.kind != WorkKind::other || work.precision != Precision::fp32 || work.activation_traffic != 1.0;
  if (rows.problem && (amounts || seen || described || !work.parameters.empty() || !work.network.empty()))
    refuse("describes the work, which the problem tells: expected inference, scale or power_limit alone");
  if (!work.network.empty() && (amounts || described))
    refuse("describes the work, which the network's layers tell: expected samples, steps, batch, inference, scale or "
           "power_limit");
  if (!rows.problem && work.network.empty() && !amounts && !seen)
    refuse("tells no work: expected flops, traffic or steps, a network, or a problem");
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
  for (const JobSettings& job : file.jobs) refuse_unread_work(job, file.rows, root, source);
  return file;
}

// --- The rows

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
        time_(times_are_rates_ ? measured_column(table, file.measured.rate, "measured.rate")
                               : measured_column(table, file.measured.seconds, "measured.seconds")),
        joules_(optional_column(file.measured.joules, "measured.joules")),
        kwh_(optional_column(file.measured.kwh, "measured.kwh")),
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
      throw InputError(fmt::format("{}: no row of the table belongs to the job{}{}", table_.file(),
                                   settings.name.empty() ? "" : " '" + printable(settings.name) + "'",
                                   taken.empty() ? "" : ", or jobs before it have them all"));
    const auto ranks = hold_out_ranks(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t row = rows[i];
      taken.insert(row);
      if (is_empty(row)) {
        ++empty_;
        continue;
      }
      job.runs.push_back(run_of(row, settings.name, work));
      if (hold_out_)
        job.runs.back().unseen = ranks.at(std::string(table_.field(row, *hold_out_))) % 2 == 1;
      if (by_rows_) job.runs.back().unseen = i % 2 == 1;
    }
    if (job.runs.empty())
      throw InputError(table_.file() + ": no row has a measurement");
    refuse_split_groups(job.runs);
    return job;
  }

 private:
  std::optional<std::size_t> optional_column(const std::string& name, std::string_view key) const {
    return name.empty() ? std::nullopt : std::optional(measured_column(table_, name, key));
  }
  [[nodiscard]] bool is_empty(std::size_t row) const {
    return table_.field(row, time_).empty();
  }
  bool belongs(const Filter& filter, std::size_t row) const {
    return std::ranges::all_of(filter, [&](const auto& condition) {
      return table_.field(row, measured_column(table_, condition.first, "where")) == condition.second;
    });
  }
  // Else the check would be against repeats of what was fitted.
  void refuse_split_groups(std::span<const MeasuredRun> runs) const {
    std::map<std::string, bool> unseen;
    for (const MeasuredRun& run : runs)
      if (unseen.try_emplace(run.group, run.unseen).first->second != run.unseen)
        throw InputError({table_.file(), run.line, 0}, "",
                         fmt::format("measured.hold_out '{}' keeps only a part of the group '{}' out of the fit: "
                                     "expected measured.group's column '{}'",
                                     printable(file_.measured.hold_out), printable(run.group.substr(0, 60)),
                                     printable(file_.measured.group)));
  }
  std::map<std::string, std::size_t> hold_out_ranks(const std::vector<std::size_t>& rows) const {
    std::set<std::string> values;
    if (hold_out_)
      for (const std::size_t row : rows) values.emplace(table_.field(row, *hold_out_));
    return ranks_of(values);
  }
  double positive(std::size_t row, std::size_t column) const {
    constexpr double kLeast = 1e-18;
    constexpr double kMost = 1e24;  // beyond, squares of the fit overflow
    const double value = table_.number(row, column);
    if (value >= kLeast && value <= kMost) return value;
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     value > 0.0 ? fmt::format("column '{}' is {}, expected {:g} to {:g}",
                                               printable(table_.columns()[column]), value, kLeast, kMost)
                                 : fmt::format("column '{}' is {}, expected a number above 0",
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
    if (reads(joules_)) run.energy = positive(row, *joules_) * joule;
    if (reads(kwh_)) run.energy = positive(row, *kwh_) * kilowatt_hour;
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
  std::optional<std::size_t> joules_, kwh_, watts_, idle_, group_;
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
