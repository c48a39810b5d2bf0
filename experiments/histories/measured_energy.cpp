#include "experiments/histories/measured_energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

#include "core/error.h"
#include "cost_models/time_zone.h"
#include "experiments/meters/energy.h"
#include "experiments/meters/meter_log.h"

namespace tonne::histories {
namespace {

/// CodeCarbon writes times to the second, and starts a little before what it measures.
constexpr double kLeastTolerance = 2.0;
constexpr double kToleratedShare = 0.05;
/// So much later than it is written a run's time may be.
constexpr Duration kWrittenTo = 1.0 * second;

std::string kwh_text(Energy energy) {
  return fmt::format("{:.4g} kWh", energy / kilowatt_hour);
}

// Offsets of the log's times from the search's first start.
class LogClock {
 public:
  LogClock(const RecordedSearch& search, const meters::MeterLog& log, const std::string& time_zone) {
    Duration origin = log.origin;
    if (log.basis == meters::TimeBasis::local) origin = TimeZone::named(time_zone.empty() ? "UTC" : time_zone).moments(origin).first;
    shift_ = origin - search.began * second;
  }
  [[nodiscard]] Duration of_search(Duration in_log) const { return in_log + shift_; }
  [[nodiscard]] Duration of_log(Duration in_search) const { return in_search - shift_; }

 private:
  Duration shift_{};
};

void add(std::optional<Energy>& energy, Energy more) {
  energy = energy.value_or(Energy{}) + more;
}

// Trials without a measurement get the mean power of the others.
void fill(RecordedSearch& search, EnergySource& source) {
  Energy measured{};
  Duration time{};
  for (const RecordedRun& run : search.runs) {
    if (!run.energy) continue;
    ++source.measured;
    measured += *run.energy;
    time += run.time;
  }
  source.filled = search.runs.size() - source.measured;
  if (source.filled == 0 || source.measured == 0) return;
  if (!(time > Duration{})) throw InputError("the trials whose energy was measured took no time, so that the others' cannot be told");
  const Power mean = measured / time;
  for (RecordedRun& run : search.runs)
    if (!run.energy) run.energy = mean * run.time;
  source.notes.push_back(fmt::format("{} of {} trials were not measured and are charged the mean power of the others, {:.4g} W.", source.filled,
                                     search.runs.size(), mean / watt));
}

// --- runs whose energy the meter has added up ---

class RunSharing {
 public:
  RunSharing(RecordedSearch& search, const meters::MeterLog& log, const LogClock& clock)
      : search_(search), log_(log), clock_(clock), taken_(search.runs.size(), false) {
    for (const RecordedRun& run : search.runs) longest_ = std::max(longest_, run.time);
  }

  void share(EnergySource& source) {
    std::size_t matched = 0;
    std::size_t spread = 0;
    std::vector<const meters::Run*> beside;
    for (const meters::Run& run : log_.runs) {
      if (!run.start) {
        beside.push_back(&run);
      } else if (match(run)) {
        ++matched;
      } else if (spread_over(run)) {
        ++spread;
      } else {
        beside.push_back(&run);
      }
    }
    if (matched + spread == 0) return share_all(source);
    if (matched > 0)
      source.notes.push_back(fmt::format("{} of the meter's {} runs began and ended with a trial, whose energy theirs is.", matched, log_.runs.size()));
    if (spread > 0)
      source.notes.push_back(fmt::format(
          "The energy of {} of the meter's {} runs is shared among the trials that ran meanwhile, by how long they did, waiting included.",
          spread, log_.runs.size()));
    if (beside.empty()) return;
    Energy left_out{};
    for (const meters::Run* run : beside) left_out += run->energy();
    source.notes.push_back(fmt::format("{} of the meter's runs ({}) met no trial's time and were left out.", beside.size(), kwh_text(left_out)));
  }

 private:
  [[nodiscard]] std::size_t first_after(Duration start) const {
    const auto at = std::ranges::lower_bound(search_.runs, start, {}, &RecordedRun::start);
    return static_cast<std::size_t>(at - search_.runs.begin());
  }

  bool match(const meters::Run& run) {
    const Duration start = clock_.of_search(*run.start);
    const double tolerance = std::max(kLeastTolerance, kToleratedShare * (run.time / second));
    std::optional<std::size_t> nearest;
    double distance = 0.0;
    for (std::size_t i = first_after(start - tolerance * second); i < search_.runs.size(); ++i) {
      const RecordedRun& trial = search_.runs[i];
      const double at_start = std::abs((trial.start - start) / second);
      const double at_end = std::abs((trial.end() - start - run.time) / second);
      if (trial.start > start + tolerance * second) break;
      if (taken_[i] || at_start > tolerance || at_end > tolerance) continue;
      if (nearest && at_start + at_end >= distance) continue;
      nearest = i;
      distance = at_start + at_end;
    }
    if (!nearest) return false;
    taken_[*nearest] = true;
    add(search_.runs[*nearest].energy, run.energy());
    return true;
  }

  bool spread_over(const meters::Run& run) {
    const Duration start = clock_.of_search(*run.start);
    const Duration end = start + run.time + kWrittenTo;
    std::vector<std::pair<std::size_t, Duration>> met;
    Duration sum{};
    for (std::size_t i = first_after(start - longest_); i < search_.runs.size() && search_.runs[i].start < end; ++i) {
      const RecordedRun& trial = search_.runs[i];
      const Duration common = std::min(trial.end(), end) - std::max(trial.start, start);
      if (!(common > Duration{})) continue;
      met.emplace_back(i, common);
      sum += common;
    }
    for (const auto& [i, common] : met) add(search_.runs[i].energy, (common / sum) * run.energy());
    return !met.empty();
  }

  void share_all(EnergySource& source) {
    const Duration time = search_.run_time();
    if (!(time > Duration{})) throw InputError({log_.file, 0, 0}, "", "cannot be shared among trials that took no time");
    Energy sum{};
    for (const meters::Run& run : log_.runs) sum += run.energy();
    for (RecordedRun& trial : search_.runs) trial.energy = (trial.time / time) * sum;
    source.notes.push_back(
        fmt::format("No run of the meter meets a trial's time (their clocks may be of several zones), so the {} of all are shared among all "
                    "trials by run time.",
                    kwh_text(sum)));
  }

  RecordedSearch& search_;
  const meters::MeterLog& log_;
  const LogClock& clock_;
  std::vector<bool> taken_;
  Duration longest_{};
};

// --- devices with readings ---

class DeviceSharing {
  struct Reading {
    std::vector<meters::Slice> slices;
    std::size_t first = 0;  // that is not over
  };

 public:
  DeviceSharing(RecordedSearch& search, const meters::MeterLog& log, const LogClock& clock) : search_(search), clock_(clock) {
    const meters::Span whole{clock.of_log(Duration{}), clock.of_log(search.makespan())};
    for (const meters::Device& device : log.devices) {
      if (!device.part_of.empty()) continue;
      total_ += meters::energy_between(log, device, whole).energy;
      readings_.push_back({meters::slices_of(device), 0});
    }
  }

  void share(EnergySource& source) {
    std::vector<Duration> starts;
    std::vector<Duration> ends;
    for (const RecordedRun& run : search_.runs) {
      starts.push_back(run.start);
      ends.push_back(run.end());
    }
    std::ranges::sort(ends);
    std::vector<Duration> moments;
    std::ranges::merge(starts, ends, std::back_inserter(moments));
    const auto repeated = std::ranges::unique(moments);
    moments.erase(repeated.begin(), repeated.end());
    std::vector<Energy> each(moments.size());  // up to a moment, of one trial that ran all the time
    Energy unused{};
    for (std::size_t i = 1; i < moments.size(); ++i) {
      const Energy drawn = energy_in_between(moments[i - 1], moments[i]);
      const std::size_t running = running_from(moments[i - 1], starts, ends);
      if (running == 0) unused += drawn;
      each[i] = each[i - 1] + (running == 0 ? Energy{} : (1.0 / static_cast<double>(running)) * drawn);
    }
    const auto at = [&](Duration moment) { return each[static_cast<std::size_t>(std::ranges::lower_bound(moments, moment) - moments.begin())]; };
    for (RecordedRun& run : search_.runs) run.energy = at(run.end()) - at(run.start);
    source.notes.push_back(fmt::format("The meter's {} from the first start to the last end are shared among the trials that ran when they were "
                                       "drawn, in equal parts.",
                                       kwh_text(total_)));
    if (unused > Energy{})
      source.notes.push_back(fmt::format("Of these, {} were drawn while no trial ran and are not counted.", kwh_text(unused)));
  }

 private:
  // Of spans that ascend.
  [[nodiscard]] Energy energy_in_between(Duration from, Duration to) {
    const meters::Span span{clock_.of_log(from), clock_.of_log(to)};
    Energy sum{};
    for (Reading& reading : readings_) {
      const std::vector<meters::Slice>& slices = reading.slices;
      while (reading.first < slices.size() && slices[reading.first].span.to <= span.from) ++reading.first;
      std::size_t last = reading.first;
      while (last < slices.size() && slices[last].span.from < span.to) ++last;
      const auto at = [&](std::size_t i) { return slices.begin() + static_cast<std::ptrdiff_t>(i); };
      sum += meters::energy_within({at(reading.first), at(last)}, span).energy;
    }
    return sum;
  }
  // From a moment until the next.
  [[nodiscard]] static std::size_t running_from(Duration moment, const std::vector<Duration>& starts, const std::vector<Duration>& ends) {
    return static_cast<std::size_t>((std::ranges::upper_bound(starts, moment) - starts.begin()) -
                                    (std::ranges::upper_bound(ends, moment) - ends.begin()));
  }

  RecordedSearch& search_;
  const LogClock& clock_;
  Energy total_{};
  std::vector<Reading> readings_;
};

}  // namespace

EnergySource share_energy(RecordedSearch& search, const meters::MeterLog& log, const std::string& time_zone) {
  if (log.basis == meters::TimeBasis::relative)
    throw InputError({log.file, 0, 0}, "", "says no dates, so that what it measured cannot be told to trials");
  EnergySource source;
  source.meter = std::string(meters::format_title(log.format));
  source.whole_machine = log.format == meters::Format::codecarbon || log.format == meters::Format::slurm;
  for (RecordedRun& run : search.runs) run.energy.reset();
  const LogClock clock(search, log, time_zone);
  if (log.runs.empty()) {
    DeviceSharing(search, log, clock).share(source);
  } else {
    RunSharing(search, log, clock).share(source);
  }
  for (const std::string& note : log.notes) source.notes.push_back("The meter's file: " + note + ".");
  fill(search, source);
  return source;
}

EnergySource recorded_energy(RecordedSearch& search) {
  EnergySource source;
  if (std::ranges::none_of(search.runs, [](const RecordedRun& run) { return run.energy.has_value(); })) return source;
  source.meter = "the search's own file";
  fill(search, source);
  return source;
}

}  // namespace tonne::histories
