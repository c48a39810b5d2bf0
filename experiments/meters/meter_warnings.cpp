// What a user must know of a log's readings, each in one sentence.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "experiments/meters/activity.h"
#include "experiments/meters/log_text.h"
#include "experiments/meters/meter_report.h"
#include "experiments/text/quantity.h"

namespace tonne::meters {
namespace {

using Sentences = std::vector<std::string>;

// What slices of some kinds have in common.
struct Marked {
  std::size_t count = 0;
  Duration time{};
  Slice longest;
};

Marked marked(const std::vector<Slice>& slices, Slice::Kind kind) {
  Marked marked;
  for (const Slice& slice : slices) {
    if (slice.kind != kind) continue;
    if (marked.count++ == 0 || slice.span.length() > marked.longest.span.length()) marked.longest = slice;
    marked.time += slice.span.length();
  }
  return marked;
}

std::string percent_of(Energy part, Energy whole) {
  return whole > Energy{} ? fmt::format("{:.1f} %", 100.0 * (part / whole)) : "0 %";
}

// Summer time begins in zones that local times have: an hour that nobody lived.
bool is_summer_hour(const MeterLog& log, const Slice& slice, Duration step) {
  return log.basis == TimeBasis::local &&
         std::abs(slice.span.length() / hour - 1.0) * 3600.0 < 5.0 + 2.0 * (step / second);
}

void tell_gaps(Sentences& out, const MeterReport& report, const DeviceFigures& figures,
               const std::vector<Slice>& slices) {
  const std::string& id = figures.device->id;
  const Marked gaps = marked(slices, Slice::Kind::gap);
  if (gaps.count > 0) {
    Energy guessed{};
    for (const Slice& slice : slices)
      if (slice.kind == Slice::Kind::gap) guessed += slice.energy();
    out.push_back(fmt::format(
        "{}: {} of more than 5 steps, {} in all, the longest {} from {}: {} of the log's energy is "
        "interpolated",
        id, counted(gaps.count, "gap"), duration_text(gaps.time), duration_text(gaps.longest.span.length()),
        time_text(*report.log, gaps.longest.span.from), percent_of(guessed, figures.whole.energy)));
    if (is_summer_hour(*report.log, gaps.longest, figures.step))
      out.push_back(id +
                    ": that gap may be the hour that summer time leaves out, for the times have no zone");
  }
  const Marked bridged = marked(slices, Slice::Kind::bridged);
  if (bridged.count > 0)
    out.push_back(
        fmt::format("{}: {} of more than 5 steps, the longest {} from {}; the counter went on, so that "
                    "energy is whole but "
                    "not when it flowed",
                    id, counted(bridged.count, "gap"), duration_text(bridged.longest.span.length()),
                    time_text(*report.log, bridged.longest.span.from)));
}

Power median_of_plain(const std::vector<Slice>& slices) {
  std::vector<Power> powers;
  for (const Slice& slice : slices)
    if (slice.kind == Slice::Kind::plain) powers.push_back(slice.end);
  if (powers.empty()) return {};
  const auto middle = powers.begin() + std::ssize(powers) / 2;
  std::ranges::nth_element(powers, middle);
  return *middle;
}

void tell_counter(Sentences& out, const MeterReport& report, const DeviceFigures& figures,
                  const std::vector<Slice>& slices) {
  const Device& device = *figures.device;
  const Marked wraps = marked(slices, Slice::Kind::wrapped);
  if (wraps.count > 0)
    out.push_back(fmt::format("{}: the counter began again at zero {}; its range was added", device.id,
                              wraps.count == 1 ? "once" : fmt::format("{} times", wraps.count)));
  const Marked resets = marked(slices, Slice::Kind::reset);
  if (resets.count > 0)
    out.push_back(
        fmt::format("{}: the counter fell or leapt {}, first or longest at {}: a reset (driver, reboot){}; "
                    "filled in with the "
                    "power around it, {} of the run's energy",
                    device.id, resets.count == 1 ? "once" : fmt::format("{} times", resets.count),
                    time_text(*report.log, resets.longest.span.to),
                    device.counter_range ? "" : " or its range, which --counter-range gives",
                    percent_of(figures.in_run.guessed, figures.in_run.energy)));
  if (!device.counter_range || device.counter.size() < 2) return;
  const Power usual = median_of_plain(slices);
  for (const Slice& slice : slices) {
    if (slice.span.length() * usual < *device.counter_range) continue;
    out.push_back(fmt::format(
        "{}: within {} from {} the counter may have begun again more than once, which nobody can see",
        device.id, duration_text(slice.span.length()), time_text(*report.log, slice.span.from)));
    return;
  }
}

void tell_readings(Sentences& out, const DeviceFigures& figures) {
  const Device& device = *figures.device;
  if (device.missing > 0)
    out.push_back(fmt::format("{}: {} no number (N/A or the like)", device.id,
                              counted(device.missing, "reading") + (device.missing == 1 ? " is" : " are")));
  if (device.repeated > 0)
    out.push_back(fmt::format("{}: {} at a time that another had: left out", device.id,
                              counted(device.repeated, "reading")));
  if (device.reordered > 0)
    out.push_back(fmt::format("{}: {} stood behind a later one: put in order", device.id,
                              counted(device.reordered, "reading")));
}

// On A100 and H100 the sensor sees 25 ms of each 100 ms: Yang, Adamek and Armour 2024, "Part-time Power
// Measurements: nvidia-smi's Lack of Attention" (arXiv 2312.02741).
bool is_part_time(const Device& device) {
  return (device.source.starts_with("power.draw") || device.source == "pwr") &&
         (device.model.find("A100") != std::string::npos || device.model.find("H100") != std::string::npos);
}

void tell_sensor(Sentences& out, const DeviceFigures& figures) {
  constexpr Duration kFast = 0.25 * second;
  constexpr std::size_t kEnough = 20;
  constexpr double kOften = 1.4;
  const Device& device = *figures.device;
  const Renewal renewal = renewal_within(device, figures.run);
  if (renewal.readings < kEnough || figures.step > kFast || renewal.readings_a_change() < kOften) return;
  out.push_back(fmt::format(
      "{}: read each {}, but its sensor gives a new value only each {} or so: more readings say no more",
      device.id, duration_text(figures.step), duration_text(renewal.readings_a_change() * figures.step)));
}

void tell_coarse(Sentences& out, const MeterReport& report, const DeviceFigures& figures) {
  constexpr double kFew = 10.0;
  if (figures.step <= Duration{} || figures.run.to <= figures.run.from) return;
  const double steps = figures.run.length() / figures.step;
  if (steps >= kFew || (report.run_is != RunSpan::named && !figures.is_busy)) return;
  out.push_back(fmt::format(
      "{}: the run is only {:.1f} steps long, and each end of it is uncertain by up to a step ({})",
      figures.device->id, steps, duration_text(figures.step)));
}

void tell_disagreement(Sentences& out, const DeviceFigures& figures) {
  const Device& device = *figures.device;
  if (device.counter.size() < 2 || device.power.size() < 2) return;
  const Energy by_power = energy_within(power_slices(device), figures.span).energy;
  if (figures.whole.energy <= Energy{} || std::abs(by_power / figures.whole.energy - 1.0) < 0.1) return;
  out.push_back(fmt::format("{}: its counter says {:.4g} J, its power {:.4g} J; the counter's figure is used",
                            device.id, figures.whole.energy / joule, by_power / joule));
}

void tell_kinds(Sentences& out, const MeterReport& report) {
  bool unsaid = false, averaged = false, part_time = false;
  for (const DeviceFigures& figures : report.devices) {
    unsaid = unsaid || figures.device->source == "power.draw" || figures.device->source == "pwr";
    averaged = averaged || figures.device->kind == PowerKind::averaged;
    part_time = part_time || is_part_time(*figures.device);
  }
  // NVML, nvmlDeviceGetPowerUsage: averaged over a second on Ampere (except GA100) and newer, instantaneous
  // on GA100 and older.
  if (unsaid)
    out.emplace_back(
        "power.draw is the mean of the last second on Ampere and later (but A100), the moment's power on "
        "others: "
        "short runs look smeared there");
  if (averaged)
    out.emplace_back("power.draw.average is the mean of the last second: the ends of short runs are smeared");
  if (part_time)
    out.emplace_back(
        "the sensor of A100 and H100 sees a quarter of the time (Yang et al. 2024): power that changes "
        "within 100 ms may be "
        "far off: make runs long, and repeat them");
}

// Several runs in one log look like one with pauses.
void tell_pauses(Sentences& out, const MeterReport& report) {
  constexpr double kShare = 0.05;
  std::optional<Span> pause;
  for (const DeviceFigures& figures : report.devices) {
    const Activity activity = find_activity(*figures.device);
    if (!activity.span) continue;
    // Only where none of the devices works.
    if (!activity.pause || activity.pause->length() < kShare * report.run.length()) return;
    if (!pause || activity.pause->length() < pause->length()) pause = activity.pause;
  }
  if (pause)
    out.push_back(
        fmt::format("within the run the power is low for {} from {}: if these are several runs, name each "
                    "with --from and --to",
                    duration_text(pause->length()), time_text(*report.log, pause->from)));
}

void tell_run(Sentences& out, const MeterReport& report) {
  if (report.run_is == RunSpan::whole) {
    out.emplace_back(
        "the power does not tell a run from idle: all of the log counts as the run, and idle power is not "
        "known");
    return;
  }
  if (report.run_is == RunSpan::named) {
    const bool unknown =
        std::ranges::any_of(report.devices, [](const DeviceFigures& figures) { return !figures.idle; });
    if (unknown)
      out.emplace_back(
          "idle power is not known: no readings tell idle from work; --idle-from and --idle-to name some");
    return;
  }
  tell_pauses(out, report);
  std::size_t before = 0, after = 0;
  Sentences lazy;
  for (const DeviceFigures& figures : report.devices) {
    const Activity activity = find_activity(*figures.device);
    if (!activity.span) {
      lazy.push_back(figures.device->id);
      continue;
    }
    before = std::max(before, activity.before);
    after = std::max(after, activity.after);
  }
  if (before == 0) out.emplace_back("the log begins within the run: what was before is missing");
  if (after == 0) out.emplace_back("the log ends within the run: what came after is missing");
  if (!lazy.empty())
    out.push_back(join_names(lazy, 8) + (lazy.size() == 1 ? " was" : " were") +
                  " not busy while the run was on; its energy there counts all the same");
}

void tell_devices(Sentences& out, const MeterReport& report) {
  Sentences summed, parts;
  for (const DeviceFigures& figures : report.devices) {
    const bool is_part = !is_in_sum(report, figures);
    (is_part ? parts : summed)
        .push_back(is_part ? figures.device->id + " (of " + figures.device->part_of + ")"
                           : figures.device->id);
    if (report.run_is != RunSpan::named && figures.run.length() < report.run.length() - 2.0 * figures.step)
      out.push_back(fmt::format("{}: has readings of {} only, of a run of {}", figures.device->id,
                                duration_text(std::max(figures.run.length(), Duration{})),
                                duration_text(report.run.length())));
  }
  if (summed.size() > 1) out.push_back("the sum is of " + join_names(summed, 8) + "; --device chooses");
  if (!parts.empty())
    out.push_back("not in the sum, since it is within another's energy: " + join_names(parts, 8));
}

}  // namespace

std::vector<std::string> warnings_of(const MeterReport& report) {
  Sentences out;
  if (!report.devices.empty()) {
    tell_run(out, report);
    tell_devices(out, report);
  }
  for (const DeviceFigures& figures : report.devices) {
    const std::vector<Slice> slices = slices_of(*figures.device);
    tell_readings(out, figures);
    tell_gaps(out, report, figures, slices);
    tell_counter(out, report, figures, slices);
    tell_sensor(out, figures);
    tell_coarse(out, report, figures);
    tell_disagreement(out, figures);
    if (slices.empty()) out.push_back(figures.device->id + ": one reading has no energy");
  }
  tell_kinds(out, report);
  for (const std::string& note : report.log->notes) out.push_back(note);
  if (report.log->basis == TimeBasis::local)
    out.emplace_back("the times have no zone: durations need none, but a grid's signal does");
  return out;
}

}  // namespace tonne::meters
