#include "experiments/meters/meter_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "experiments/meters/activity.h"
#include "experiments/meters/log_text.h"

namespace tonne::meters {
namespace {

std::vector<const Device*> chosen_devices(const MeterLog& log, const std::vector<std::string>& ids) {
  std::vector<const Device*> devices;
  for (const std::string& id : ids) {
    const Device* device = &find_device(log, id);
    if (std::ranges::find(devices, device) == devices.end()) devices.push_back(device);
  }
  if (ids.empty())
    for (const Device& device : log.devices) devices.push_back(&device);
  return devices;
}

void join_span(std::optional<Span>& all, const Span& span) {
  all = all ? Span{std::min(all->from, span.from), std::max(all->to, span.to)} : span;
}

// The user's, where one of both may be left out: the log's own beginning or end.
std::optional<Span> named_span(const MeterLog& log, const std::string& from, const std::string& to,
                               const char* option, const Span& whole) {
  if (from.empty() && to.empty()) return std::nullopt;
  const std::string name = option;
  Span span = whole;
  if (!from.empty()) span.from = offset_of(log, from, name + "from");
  if (!to.empty()) span.to = offset_of(log, to, name + "to");
  if (span.to <= span.from)
    throw InputError(fmt::format("{}from, {}to: the window {} to {} ends before it has begun", name, name,
                                 time_text(log, span.from), time_text(log, span.to)));
  return span;
}

// When to take the idle power from: a window that the user named, or what is outside of the work; neither: it
// is not known.
struct IdleFrom {
  std::optional<Span> named, outside_of;
};

DeviceFigures figures_of(const MeterLog& log, const Device& device, const MeterReport& report,
                         const IdleFrom& idle) {
  DeviceFigures figures;
  figures.device = &device;
  figures.readings = readings_of(device);
  figures.step = step_of(device);
  figures.span = span_of(device);
  const std::vector<Slice> slices = slices_of(device);
  figures.whole = energy_within(slices, figures.span);
  figures.run = report.run;
  if (report.run_is == RunSpan::named) {
    figures.in_run = energy_between(log, device, report.run);
  } else {
    figures.run = {std::max(report.run.from, figures.span.from), std::min(report.run.to, figures.span.to)};
    figures.in_run = energy_within(slices, figures.run);
  }
  if (figures.run.to > figures.run.from) figures.mean = figures.in_run.energy / figures.run.length();
  figures.is_busy = find_activity(device).span.has_value();
  if (idle.named)
    figures.idle = idle_within(device, *idle.named);
  else if (idle.outside_of)
    figures.idle = idle_outside(device, *idle.outside_of);
  return figures;
}

void add_runs(MeterReport& report, const MeterLog& log, const MeterRequest& request) {
  if (!request.from.empty() || !request.to.empty() || !request.idle_from.empty() || !request.idle_to.empty())
    throw InputError({log.file, 0, 0}, "", "holds finished runs, not readings: a window needs readings");
  for (const std::string& component : request.devices) {
    const auto has = [&](const Run& run) {
      return std::ranges::find(run.parts, component, &Run::Part::component) != run.parts.end();
    };
    if (std::ranges::none_of(log.runs, has)) {
      std::vector<std::string> known;
      for (const Run& run : log.runs)
        for (const Run::Part& part : run.parts)
          if (std::ranges::find(known, part.component) == known.end()) known.push_back(part.component);
      throw InputError({log.file, 0, 0}, "",
                       fmt::format("no run in it has an energy of {}. It has: {}", in_quotes(component),
                                   join_names(known)));
    }
  }
  report.components = request.devices;
  report.runs = log.runs;
  for (Run& run : report.runs)
    std::erase_if(run.parts, [&](const Run::Part& part) {
      return !request.devices.empty() &&
             std::ranges::find(request.devices, part.component) == request.devices.end();
    });
  std::erase_if(report.runs, [](const Run& run) { return run.parts.empty(); });
}

}  // namespace

bool is_in_sum(const MeterReport& report, const DeviceFigures& figures) {
  const std::string& whole = figures.device->part_of;
  return whole.empty() || std::ranges::none_of(report.devices, [&](const DeviceFigures& other) {
           return other.device->id == whole;
         });
}

MeterReport report_of(MeterLog read, const MeterRequest& request) {
  MeterReport report;
  report.log = std::make_shared<const MeterLog>(std::move(read));
  const MeterLog& log = *report.log;
  if (!log.runs.empty()) {
    add_runs(report, log, request);
    report.warnings = warnings_of(report);
    return report;
  }
  const std::vector<const Device*> devices = chosen_devices(log, request.devices);
  std::optional<Span> whole, active;
  for (const Device* device : devices) {
    join_span(whole, span_of(*device));
    if (const auto span = find_activity(*device).span) join_span(active, *span);
  }
  const std::optional<Span> named = named_span(log, request.from, request.to, "--", *whole);
  IdleFrom idle{named_span(log, request.idle_from, request.idle_to, "--idle-", *whole), active};
  // Around a part of the work that the user names, the devices may work on.
  if (named && active) join_span(idle.outside_of, *named);
  report.run = named ? *named : active.value_or(*whole);
  report.run_is = named ? RunSpan::named : active ? RunSpan::found : RunSpan::whole;
  for (const Device* device : devices) report.devices.push_back(figures_of(log, *device, report, idle));
  for (const DeviceFigures& figures : report.devices) {
    if (!is_in_sum(report, figures)) continue;
    report.total.energy += figures.in_run.energy;
    report.total.guessed += figures.in_run.guessed;
  }
  report.warnings = warnings_of(report);
  return report;
}

}  // namespace tonne::meters
