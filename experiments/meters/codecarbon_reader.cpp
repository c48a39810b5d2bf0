// CodeCarbon's emissions.csv. Columns by generation (its git history): 2020 experiment_id, timestamp,
// project_name, duration [s], emissions [kg], energy_consumed [kWh]; 2021-05 without experiment_id; 2021-07
// cpu_, gpu_, ram_power [W] and _energy [kWh]; 2021-09 run_id, models and tracking_mode; 2023-04 pue;
// 2024-06 experiment_id again; 2025 water_consumed, utilisation, wue; task_name in files of tasks.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/csv.h"
#include "experiments/meters/readers.h"
#include "experiments/meters/run_rows.h"

namespace tonne::meters {
namespace {

constexpr std::string_view kParts[] = {"gpu", "cpu", "ram"};

struct Emissions {
  Run run;
  std::string run_id, project;
  double pue = 1.0;
  TimeBasis basis = TimeBasis::local;

  [[nodiscard]] std::string key() const { return run_id.empty() ? "project " + project : "run " + run_id; }
};

Energy energy_of(const RunRow& row, std::string_view column) {
  const Field field = row.field(column);
  return energy_in(row.place(), field, kilowatt_hour).value_or(Energy{});
}

// CodeCarbon appends rows without their empty columns (pandas' dropna), so that later fields stand too far
// left. The energies come before the first column that may be empty.
bool keeps_its_energies(const RunRow& row) {
  if (!row.has("cpu_energy") || !parse_log_time(row.text("timestamp"))) return false;
  double parts = 0.0;
  for (const std::string_view part : kParts)
    parts += parse_number(row.text(std::string(part) + "_energy")).value_or(NAN);
  const double sum = parse_number(row.text("energy_consumed")).value_or(NAN);
  return std::abs(parts - sum) <= 1e-3 * sum + 1e-12;
}

// Where empty fields are left out, pue is found from the end: behind on_cloud, which is Y or N, all have values.
Field pue_field(const RunRow& row, const std::vector<std::string>& heads) {
  const auto at = find_head(heads, {"pue"});
  if (!at) return {};
  if (row.size() == heads.size()) return row.field("pue");
  const std::size_t behind = heads.size() - *at;
  const Field field = behind < row.size() ? row.at(row.size() - behind) : Field{};
  const std::string before = behind < row.size() ? row.at(row.size() - behind - 1).text : "";
  if (before != "Y" && before != "N")
    refuse(row.place(), fmt::format("has {} fields, the header has {}, and its PUE cannot be told", row.size(), heads.size()));
  return field;
}

double pue_of(const RunRow& row, const std::vector<std::string>& heads) {
  const Field field = pue_field(row, heads);
  if (is_missing(field.text)) return 1.0;
  const auto value = parse_number(field.text);
  if (!value || *value < 1.0 || *value > 100.0)
    refuse(row.place(), field, in_quotes(field.text) + " is no PUE: expected 1 to 100");
  return *value;
}

Emissions emissions_in(const RunRow& row, const std::vector<std::string>& heads) {
  Emissions emissions;
  Run& run = emissions.run;
  if (row.text("tracking_mode") == "simulated")
    refuse(row.place(), row.field("tracking_mode"),
           "is a row that tonne simulated (tracking_mode): expected what was measured");
  const LogTime end = time_in(row.place(), row.field("timestamp"));
  run.time = seconds_in(row.place(), row.field("duration"));
  run.start = end.since - run.time;
  run.line = row.place().line;
  emissions.basis = end.basis;
  emissions.project = row.text("project_name");
  run.name = row.text("task_name").empty() ? emissions.project : row.text("task_name");
  // Tasks of a run share its run_id.
  emissions.run_id = row.text("run_id").empty() ? "" : row.text("run_id") + "/" + row.text("task_name");
  emissions.pue = pue_of(row, heads);
  Energy sum{};
  for (const std::string_view part : kParts) {
    const Energy energy = energy_of(row, std::string(part) + "_energy") / emissions.pue;
    if (energy > Energy{}) run.parts.push_back({std::string(part), energy});
    sum += energy;
  }
  const Energy whole = energy_of(row, "energy_consumed") / emissions.pue;
  // Without the sum, nobody knows what else is missing.
  if (whole <= Energy{}) run.parts.clear();
  // Rows of 1.x have the sum alone.
  if (run.parts.empty() && whole > Energy{}) run.parts.push_back({"machine", whole});
  if (!run.parts.empty() && sum > Energy{} && std::abs(whole / sum - 1.0) > 0.01)
    refuse(row.place(), row.field("energy_consumed"),
           fmt::format(
               "energy_consumed is {} kWh, but cpu_energy, gpu_energy and ram_energy are {} kWh together",
               row.text("energy_consumed"), sum * emissions.pue / kilowatt_hour));
  return emissions;
}

// Of rows with the same key. CodeCarbon's flushes write a run again with what it has used by then; before
// there was a run_id, its beginning alone tells it.
bool is_of_one_run(const Emissions& a, const Emissions& b) {
  return !a.run_id.empty() || std::abs((*a.run.start - *b.run.start) / second) <= 2.0;
}

void tell_pue(MeterLog& log, const std::vector<Emissions>& rows) {
  const auto [least, most] = std::ranges::minmax(rows, {}, &Emissions::pue);
  if (most.pue == 1.0) return;
  const std::string range =
      least.pue == most.pue ? fmt::format("{}", most.pue) : fmt::format("{} to {}", least.pue, most.pue);
  log.notes.push_back("CodeCarbon multiplied its energies by a PUE of " + range +
                      ", which was taken out again");
}

}  // namespace

MeterLog read_codecarbon(std::string_view text, const std::string& file) {
  MeterLog log;
  log.file = file;
  log.format = Format::codecarbon;
  Lines lines(text);
  if (!lines.next()) throw InputError({file, 1, 0}, "", "is empty");
  const std::string header(lines.line());
  const std::vector<std::string> heads = lowered_fields(header, ',');
  std::vector<Emissions> rows;
  std::map<std::string, std::size_t> latest;  // row, by key
  std::size_t short_rows = 0;
  std::size_t flushes = 0;
  std::vector<std::string> idle;
  while (lines.next()) {
    if (lines.line() == header) continue;
    const RunRow row(heads, split_fields(lines.line(), ','), {file, lines.number()});
    if (row.size() != heads.size()) {
      if (lines.may_be_cut() && !keeps_its_energies(row)) {
        log.notes.push_back(cut_off(row.place()));
        break;
      }
      if (row.size() > heads.size() || !keeps_its_energies(row))
        refuse(row.place(), fmt::format("has {} fields, the header has {}", row.size(), heads.size()));
      ++short_rows;
    }
    Emissions emissions = emissions_in(row, heads);
    if (!rows.empty() && emissions.basis != rows.front().basis)
      refuse(row.place(), row.field("timestamp"), "times with and without a zone stand in one file");
    // Rows of a run follow one another but for those of other runs at the same time.
    const bool is_new =
        !latest.contains(emissions.key()) || !is_of_one_run(rows[latest[emissions.key()]], emissions);
    if (is_new) {
      latest[emissions.key()] = rows.size();
      rows.push_back(std::move(emissions));
      continue;
    }
    Emissions& same = rows[latest[emissions.key()]];
    ++flushes;
    if (emissions.run.time >= same.run.time) same = std::move(emissions);
  }
  for (Emissions& emissions : rows) {
    log.basis = emissions.basis;
    if (emissions.run.parts.empty())
      idle.push_back(fmt::format("line {}", emissions.run.line));
    else
      log.runs.push_back(std::move(emissions.run));
  }
  if (!rows.empty()) tell_pue(log, rows);
  if (flushes > 0)
    log.notes.push_back("left out as earlier states of runs that stand in it again: " +
                        counted(flushes, "row"));
  if (short_rows > 0)
    log.notes.push_back(counted(short_rows, "row") +
                        " without empty fields in the middle, as CodeCarbon appends them: read up to "
                        "energy_consumed, which is "
                        "the sum of its parts there");
  if (!idle.empty()) log.notes.push_back("rows without energy_consumed were left out: " + some_of(idle));
  log.notes.emplace_back(
      "CodeCarbon reckons memory from its size, and a processor without RAPL from its TDP: no measurements");
  place_runs(log, ": energy_consumed is 0 or empty in all rows");
  return log;
}

}  // namespace tonne::meters
