// Slurm's accounting: sacct -P -o JobID,JobName,ElapsedRaw,Start,ConsumedEnergyRaw,AllocTRES.
// ConsumedEnergyRaw is in joules; ConsumedEnergy has K, M, G of 1000 (sacct/print.c: convert_num_unit2 with a
// base of 1000).

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/csv.h"
#include "experiments/meters/readers.h"
#include "experiments/meters/run_rows.h"

namespace tonne::meters {
namespace {

struct Job {
  Run run;
  Energy own{}, largest_of_steps{};
  std::string state;
  int nodes = 0;
};

// NO_VAL, NO_VAL64, INFINITE, INFINITE64 of slurm.h: a counter that was not read.
bool is_no_value(std::string_view text) {
  return text == "4294967294" || text == "4294967295" || text == "18446744073709551614" ||
         text == "18446744073709551615";
}

bool is_unmeasured(std::string_view text) {
  return is_missing(text) || lowered(text) == "unknown" || is_no_value(text);
}

double factor_of(char suffix) {
  switch (suffix) {
    case 'K':
      return 1e3;
    case 'M':
      return 1e6;
    case 'G':
      return 1e9;
    case 'T':
      return 1e12;
    case 'P':
      return 1e15;
    default:
      return 0.0;
  }
}

// Zero where nothing was measured.
Energy consumed_in(const RunRow& row) {
  Field raw = row.field("consumedenergyraw");
  if (!is_unmeasured(raw.text)) return energy_in(row.place(), raw, joule).value_or(Energy{});
  Field field = row.field("consumedenergy");
  if (is_unmeasured(field.text)) return {};
  const double factor = factor_of(field.text.back());
  if (factor > 0.0) field.text.pop_back();
  return energy_in(row.place(), field, factor > 0.0 ? factor * joule : joule).value_or(Energy{});
}

// "1-02:03:04", "02:03:04", "03:04.250".
std::optional<Duration> parse_elapsed(std::string_view text) {
  double seconds = 0.0;
  if (const std::size_t hyphen = text.find('-'); hyphen != std::string_view::npos) {
    const auto days = parse_number(text.substr(0, hyphen));
    if (!days || *days < 0.0) return std::nullopt;
    seconds = *days * (day / second);
    text.remove_prefix(hyphen + 1);
  }
  double of_day = 0.0;
  for (int parts = 0; parts < 3; ++parts) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto part = parse_number(text.substr(0, colon));
    if (!part || *part < 0.0) return std::nullopt;
    of_day = of_day * 60.0 + *part;
    if (colon == text.size()) return parts > 0 ? std::optional((seconds + of_day) * second) : std::nullopt;
    text.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

Duration elapsed_in(const RunRow& row) {
  const Field raw = row.field("elapsedraw");
  if (!is_unmeasured(raw.text)) return seconds_in(row.place(), raw);
  const Field field = row.field("elapsed");
  const auto elapsed = parse_elapsed(field.text);
  if (!elapsed || *elapsed > 100.0 * year)
    refuse(row.place(), field,
           in_quotes(field.text) +
               " is no duration: expected ElapsedRaw in seconds, or Elapsed as [DAYS-]HH:MM:SS");
  return *elapsed;
}

std::optional<Duration> start_in(const RunRow& row) {
  const Field field = row.field("start");
  if (is_unmeasured(field.text)) return std::nullopt;
  return time_in(row.place(), field).since;
}

void tell(MeterLog& log, const std::vector<std::string>& unmeasured, const std::vector<std::string>& running,
          const std::vector<std::string>& by_steps, const std::vector<std::string>& shared) {
  if (!unmeasured.empty())
    log.notes.push_back("no energy was measured of job " + some_of(unmeasured) +
                        " (0, empty or NO_VAL): left out");
  if (!running.empty()) log.notes.push_back("job " + some_of(running) + " has not ended: left out");
  if (!by_steps.empty())
    log.notes.push_back("job " + some_of(by_steps) +
                        " has no energy of its own: the largest of its steps' stands for it, since each "
                        "step's counter sees the whole nodes and the sum would count them several times");
  if (!shared.empty()) log.notes.push_back("job " + some_of(shared) + " has no known start");
  log.notes.emplace_back(
      "Slurm's energy is that of whole nodes: where others computed on them too, it has their share");
}

}  // namespace

MeterLog read_slurm(std::string_view text, const std::string& file) {
  MeterLog log;
  log.file = file;
  log.format = Format::slurm;
  log.basis = TimeBasis::local;
  Lines lines(text);
  if (!lines.next()) throw InputError({file, 1, 0}, "", "is empty");
  const Place head_place{file, lines.number()};
  const std::string header(lines.line());
  if (header.find('|') == std::string::npos)
    refuse(head_place, "is sacct's table for people: run sacct with -P");
  const std::vector<std::string> heads = lowered_fields(header, '|');
  if (!find_head(heads, {"consumedenergyraw", "consumedenergy"}) ||
      !find_head(heads, {"elapsedraw", "elapsed"}))
    refuse(head_place,
           "needs the columns JobID, ElapsedRaw and ConsumedEnergyRaw: sacct -P -o "
           "JobID,JobName,ElapsedRaw,Start,ConsumedEnergyRaw");
  std::vector<std::string> order;
  std::map<std::string, Job> jobs;
  while (lines.next()) {
    if (lines.line() == header) continue;
    const RunRow row(heads, split_fields(lines.line(), '|'), {file, lines.number()});
    if (row.size() != heads.size()) {
      if (lines.may_be_cut()) {
        log.notes.push_back(cut_off(row.place()));
        break;
      }
      refuse(row.place(), fmt::format("has {} fields, the header has {}", row.size(), heads.size()));
    }
    const std::string id = row.text("jobid");
    const std::size_t dot = id.find('.');
    const std::string job_id = id.substr(0, dot);
    if (job_id.empty()) refuse(row.place(), "has no JobID");
    const auto [at, is_new] = jobs.try_emplace(job_id);
    if (is_new) order.push_back(job_id);
    Job& job = at->second;
    if (dot != std::string::npos) {
      job.largest_of_steps = std::max(job.largest_of_steps, consumed_in(row));
      continue;
    }
    job.own = consumed_in(row);
    job.state = row.text("state");
    const std::string name = row.text("jobname");
    job.run = {name.empty() ? "job " + job_id : "job " + job_id + " " + name,
               start_in(row),
               elapsed_in(row),
               {},
               row.place().line};
  }
  std::vector<std::string> unmeasured, running, by_steps, startless;
  for (const std::string& id : order) {
    Job& job = jobs[id];
    const Energy energy = job.own > Energy{} ? job.own : job.largest_of_steps;
    if (job.state.starts_with("RUNNING") || job.state.starts_with("PENDING")) {
      running.push_back(id);
    } else if (energy <= Energy{} || job.run.line == 0 || job.run.time <= Duration{}) {
      unmeasured.push_back(id);
    } else {
      if (job.own <= Energy{}) by_steps.push_back(id);
      if (!job.run.start) startless.push_back(id);
      job.run.parts.push_back({"node", energy});
      log.runs.push_back(std::move(job.run));
    }
  }
  tell(log, unmeasured, running, by_steps, startless);
  place_runs(log,
             ": ConsumedEnergyRaw is 0 or empty in all jobs (does the cluster set AcctGatherEnergyType?)");
  return log;
}

}  // namespace tonne::meters
