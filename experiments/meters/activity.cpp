#include "experiments/meters/activity.h"

#include <algorithm>

namespace tonne::meters {
namespace {

constexpr std::size_t kFewestReadings = 5;
constexpr std::size_t kFewestIdle = 3;

Power middle_of(Power a, Power b, Power c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

std::vector<Power> without_spikes(const std::vector<Point>& points) {
  std::vector<Power> powers;
  for (std::size_t i = 0; i < points.size(); ++i) {
    // At an end, the neighbour's neighbour is the third.
    const std::size_t middle = std::clamp<std::size_t>(i, 1, points.size() - 2);
    powers.push_back(middle_of(points[middle - 1].power, points[middle].power, points[middle + 1].power));
  }
  return powers;
}

std::optional<Power> median_power(std::vector<Power> powers) {
  if (powers.empty()) return std::nullopt;
  std::ranges::sort(powers);
  const std::size_t half = powers.size() / 2;
  return powers.size() % 2 == 1 ? powers[half] : 0.5 * (powers[half - 1] + powers[half]);
}

std::vector<Point> instants(const Device& device) {
  const Duration most = 2.5 * step_of(device);
  const std::vector<PowerReading>& power = device.power;
  std::vector<Point> points;
  for (std::size_t i = 0; i < power.size(); ++i) {
    const Duration before = i == 0 ? Duration{} : std::min(0.5 * (power[i].time - power[i - 1].time), most);
    const Duration after =
        i + 1 == power.size() ? Duration{} : std::min(0.5 * (power[i + 1].time - power[i].time), most);
    points.push_back({{power[i].time - before, power[i].time + after}, power[i].power});
  }
  return points;
}

}  // namespace

std::vector<Point> points_of(const Device& device) {
  if (!device.power.empty() && device.kind != PowerKind::interval) return instants(device);
  std::vector<Point> points;
  for (const Slice& slice : device.power.empty() ? slices_of(device) : power_slices(device)) {
    // A counter that was not renewed until the end of the log says nothing of the power.
    const bool is_silent = device.power.empty() && slice.end == Power{};
    if (!is_silent && slice.kind != Slice::Kind::reset) points.push_back({slice.span, slice.end});
  }
  return points;
}

Activity find_activity(const Device& device) {
  Activity activity;
  const std::vector<Point> points = points_of(device);
  if (points.size() < kFewestReadings) return activity;
  const std::vector<Power> powers = without_spikes(points);
  const auto [low, high] = std::ranges::minmax(powers);
  if (high < 1.25 * low || high - low < 3.0 * watt) return activity;
  const Power threshold = low + 0.25 * (high - low);
  const auto is_busy = [&](Power power) { return power > threshold; };
  const auto first = std::ranges::find_if(powers, is_busy) - powers.begin();
  const auto last =
      std::ssize(powers) - 1 - (std::find_if(powers.rbegin(), powers.rend(), is_busy) - powers.rbegin());
  activity.span =
      Span{points[static_cast<std::size_t>(first)].span.from, points[static_cast<std::size_t>(last)].span.to};
  std::optional<Span> pause;
  for (auto i = static_cast<std::size_t>(first); i <= static_cast<std::size_t>(last); ++i) {
    if (is_busy(powers[i])) {
      pause = std::nullopt;
      continue;
    }
    pause = Span{pause ? pause->from : points[i].span.from, points[i].span.to};
    if (!activity.pause || pause->length() > activity.pause->length()) activity.pause = pause;
  }
  activity.readings = static_cast<std::size_t>(last - first + 1);
  activity.before = static_cast<std::size_t>(first);
  activity.after = points.size() - 1 - static_cast<std::size_t>(last);
  return activity;
}

std::optional<Power> idle_outside(const Device& device, const Span& active) {
  std::vector<Power> powers;
  for (const Point& point : points_of(device))
    if (point.span.to <= active.from || point.span.from >= active.to) powers.push_back(point.power);
  return powers.size() < kFewestIdle ? std::nullopt : median_power(std::move(powers));
}

std::optional<Power> idle_within(const Device& device, const Span& span) {
  std::vector<Power> powers;
  for (const Point& point : points_of(device))
    if (point.span.from < span.to && point.span.to > span.from) powers.push_back(point.power);
  return median_power(std::move(powers));
}

Renewal renewal_within(const Device& device, const Span& span) {
  Renewal renewal;
  for (std::size_t i = 1; i < device.power.size(); ++i) {
    if (device.power[i].time < span.from || device.power[i].time > span.to) continue;
    ++renewal.readings;
    if (device.power[i].power != device.power[i - 1].power) ++renewal.changes;
  }
  return renewal;
}

}  // namespace tonne::meters
