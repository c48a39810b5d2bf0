#include "experiments/meters/log_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core/number_text.h"

namespace tonne::meters {
namespace {

constexpr std::size_t kMostDevices = 10'000;
constexpr double kMostStepsBack = 5.0;

double in_microseconds(double seconds) {
  return std::round(seconds * 1e6) / 1e6;
}

const char* words_for(TimeBasis basis) {
  if (basis == TimeBasis::utc) return "a time whose zone is known";
  return basis == TimeBasis::local ? "a date without a zone" : "a time since the log began";
}

// Which of RAPL's domains are within another (Linux, Documentation/power/powercap): cores and an integrated
// GPU within the package, all within the platform.
bool is_platform(const std::string& id) {
  return id.starts_with("psys") || id.find("energy-psys") != std::string::npos;
}

bool is_package(const std::string& id) {
  return id.starts_with("package") || id.find("energy-pkg") != std::string::npos || id.starts_with("PkgWatt");
}

bool is_within_package(const std::string& id) {
  return id == "core" || id == "uncore" || id.find("energy-cores") != std::string::npos ||
         id.find("energy-gpu") != std::string::npos || id.starts_with("CorWatt") || id.starts_with("GFXWatt");
}

void name_parts(std::vector<Device>& devices) {
  const auto find = [&](bool (*is)(const std::string&)) {
    const auto at = std::ranges::find_if(devices, [&](const Device& device) { return is(device.id); });
    return at == devices.end() ? std::string() : at->id;
  };
  const std::string platform = find(is_platform);
  const std::string package = find(is_package);
  for (Device& device : devices) {
    if (!platform.empty() && !is_platform(device.id)) device.part_of = platform;
    if (!package.empty() && is_within_package(device.id)) device.part_of = package;
  }
}

}  // namespace

double median_step(const std::vector<double>& times) {
  if (times.size() < 2) return 0.0;
  std::vector<double> steps;
  steps.reserve(times.size() - 1);
  for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(std::abs(times[i] - times[i - 1]));
  const auto middle = steps.begin() + std::ssize(steps) / 2;
  std::ranges::nth_element(steps, middle);
  return *middle;
}

LogBuilder::LogBuilder(const std::string& file, Format format, std::vector<Quantity> quantities)
    : file_(file), format_(format), quantities_(std::move(quantities)) {}

std::size_t LogBuilder::device(const std::string& id, const std::string& model, const Place& place) {
  const auto [at, is_new] = numbers_.try_emplace(id, drafts_.size());
  if (!is_new) return at->second;
  if (drafts_.size() == kMostDevices) refuse(place, fmt::format("has more than {} devices", kMostDevices));
  Draft draft;
  draft.device.id = printable(id);
  draft.device.model = printable(model);
  draft.readings.resize(quantities_.size());
  draft.missing.resize(quantities_.size());
  drafts_.push_back(std::move(draft));
  return at->second;
}

void LogBuilder::add(std::size_t device, std::size_t quantity, const Place& place, const LogTime& time,
                     std::optional<double> value) {
  if (basis_ && *basis_ != time.basis)
    refuse(place, fmt::format("is {}, but above stands {}: all times of a log must be of one kind",
                              words_for(time.basis), words_for(*basis_)));
  basis_ = time.basis;
  Draft& draft = drafts_[device];
  if (!value) {
    ++draft.missing[quantity];
    return;
  }
  draft.readings[quantity].push_back({in_microseconds(time.since / second), *value, place.line});
}

void LogBuilder::order(Draft& draft, std::vector<Raw>& readings) const {
  std::vector<double> times;
  times.reserve(readings.size());
  for (const Raw& raw : readings) times.push_back(raw.seconds);
  const double most_back = std::max(1.0, kMostStepsBack * median_step(times));
  double latest = -1.0;
  for (const Raw& raw : readings) {
    if (raw.seconds < latest) ++draft.device.reordered;
    if (raw.seconds < latest - most_back)
      refuse({file_, raw.line}, fmt::format("the time goes back by {} s here: a clock that was set (winter "
                                            "time), or a second log; cut the file "
                                            "in two at this line",
                                            shortest_text(in_microseconds(latest - raw.seconds))));
    latest = std::max(latest, raw.seconds);
  }
  // By line where times are equal: the first is kept, whatever the library's sort does.
  std::ranges::sort(readings, [](const Raw& a, const Raw& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.line < b.line;
  });
  const auto rest = std::ranges::unique(readings, {}, &Raw::seconds);
  draft.device.repeated += rest.size();
  readings.erase(rest.begin(), rest.end());
}

// Puts a reading before the first, from which that one's interval counts.
void LogBuilder::anchor(std::vector<Raw>& readings) const {
  std::vector<double> times;
  for (const Raw& raw : readings) times.push_back(raw.seconds);
  const double first = readings.front().seconds;
  const double step = median_step(times);
  const double begin = begin_ ? *begin_ / second : in_microseconds(first - step);
  if (begin < first)
    readings.insert(readings.begin(), {begin, readings.front().value, readings.front().line});
}

void LogBuilder::choose(Draft& draft) {
  for (std::size_t i = 0; i < quantities_.size(); ++i) {
    std::vector<Raw>& readings = draft.readings[i];
    const Quantity& quantity = quantities_[i];
    const bool is_taken = quantity.is_counter ? !draft.device.counter.empty() : !draft.device.power.empty();
    if (is_taken && !readings.empty()) passed_over_.insert(quantity.name);
    if (readings.empty() || is_taken) continue;
    order(draft, readings);
    draft.device.missing += draft.missing[i];
    if (draft.device.source.empty()) draft.device.source = quantity.name;
    if (quantity.is_counter) {
      for (const Raw& raw : readings)
        draft.device.counter.push_back({raw.seconds * second, raw.value * joule});
      continue;
    }
    draft.device.kind = quantity.kind;
    if (quantity.kind == PowerKind::interval) anchor(readings);
    for (const Raw& raw : readings) draft.device.power.push_back({raw.seconds * second, raw.value * watt});
  }
}

void LogBuilder::tell_choice(MeterLog& log) const {
  if (passed_over_.empty()) return;
  std::set<std::string> used;
  for (const Device& device : log.devices) used.insert(device.source);
  const auto listed = [](const std::set<std::string>& names) {
    return join_names(std::vector<std::string>(names.begin(), names.end()));
  };
  log.notes.push_back(fmt::format("power is that of {}; there is {} too, which --column chooses",
                                  listed(used), listed(passed_over_)));
}

MeterLog LogBuilder::finish() {
  MeterLog log;
  log.file = file_;
  log.format = format_;
  log.basis = basis_.value_or(TimeBasis::relative);
  std::optional<Duration> first;
  std::vector<std::string> silent;
  for (Draft& draft : drafts_) {
    choose(draft);
    const Device& device = draft.device;
    if (device.power.empty() && device.counter.empty()) {
      silent.push_back(device.id);
      continue;
    }
    for (const Duration time : {device.power.empty() ? device.counter[0].time : device.power[0].time,
                                device.counter.empty() ? device.power[0].time : device.counter[0].time})
      first = first ? std::min(*first, time) : time;
    log.devices.push_back(std::move(draft.device));
  }
  if (!first) throw InputError({file_, 0, 0}, "", "has no readings of power or energy that are numbers");
  // Offsets from a whole second keep microseconds exact to within a double's last digits.
  log.origin = log.basis == TimeBasis::relative ? Duration{} : std::floor(*first / second) * second;
  const auto shift = [&](Duration& time) { time = in_microseconds((time - log.origin) / second) * second; };
  for (Device& device : log.devices) {
    for (PowerReading& reading : device.power) shift(reading.time);
    for (CounterReading& reading : device.counter) shift(reading.time);
  }
  name_parts(log.devices);
  log.notes = std::move(notes_);
  tell_choice(log);
  if (!silent.empty())
    log.notes.push_back(
        fmt::format("no reading of {} is a number ({} left out)", join_names(silent, 4), silent.size()));
  return log;
}

}  // namespace tonne::meters
