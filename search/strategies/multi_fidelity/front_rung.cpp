#include "search/strategies/multi_fidelity/front_rung.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/pareto.h"

namespace tonne {
namespace {

std::vector<Objectives> scaled_to_range(std::vector<Objectives> points) {
  for (std::size_t j = 0; j < points.front().size(); ++j) {
    double least = points.front()[j];
    double most = least;
    for (const Objectives& point : points) {
      least = std::min(least, point[j]);
      most = std::max(most, point[j]);
    }
    const double range = most > least ? most - least : 1.0;
    for (Objectives& point : points) point[j] = (point[j] - least) / range;
  }
  return points;
}

double squared_distance(const Objectives& a, const Objectives& b) {
  double sum = 0.0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

}  // namespace

std::vector<std::size_t> epsilon_net_order(const std::vector<Objectives>& points) {
  if (points.empty()) return {};
  const std::vector<Objectives> scaled = scaled_to_range(points);
  std::vector<double> distance(points.size(), std::numeric_limits<double>::infinity());  // to those before
  std::vector<std::size_t> order;
  std::size_t next = 0;
  for (std::size_t i = 1; i < scaled.size(); ++i)
    if (scaled[i].front() < scaled[next].front()) next = i;
  while (true) {
    order.push_back(next);
    distance[next] = -1.0;
    for (std::size_t i = 0; i < scaled.size(); ++i)
      if (distance[i] >= 0.0) distance[i] = std::min(distance[i], squared_distance(scaled[i], scaled[next]));
    if (order.size() == points.size()) return order;
    next = static_cast<std::size_t>(std::ranges::max_element(distance) - distance.begin());
  }
}

void FrontRung::enter(RungEntry entry, Objectives losses, const RungRule& rule) {
  const std::size_t own = entries_.size();
  entries_.push_back({.entry = std::move(entry), .losses = std::move(losses)});
  stale_ = true;
  if (rule.pauses) return;
  rank(rule);
  if (std::ranges::find(best_, own) != best_.end()) goes_on_.push_back(own);
}

std::optional<RungEntry> FrontRung::take(const RungRule& rule) {
  if (rule.pauses && stale_) rank(rule);
  std::vector<std::size_t>& waiting = rule.pauses ? best_ : goes_on_;
  const auto next =
      std::ranges::find_if(waiting, [&](std::size_t i) { return !entries_[i].gone_on; });
  if (next == waiting.end()) return std::nullopt;
  Standing& standing = entries_[*next];
  waiting.erase(next);
  standing.gone_on = true;
  return std::exchange(standing.entry, RungEntry{});
}

// best_ becomes the best floor(n / eta) of the window.
void FrontRung::rank(const RungRule& rule) {
  stale_ = false;
  best_.clear();
  const std::size_t first = entries_.size() - std::min(entries_.size(), window_);
  std::size_t left = rung_quota(entries_.size() - first, rule.eta);
  std::vector<std::size_t> of;  // the entries that are ranked
  std::vector<Objectives> points;
  for (std::size_t i = first; i < entries_.size(); ++i) {
    if (entries_[i].losses.empty()) continue;
    of.push_back(i);
    points.push_back(entries_[i].losses);
  }
  const std::vector<std::uint32_t> fronts = front_numbers(points);
  for (std::uint32_t front = 0; left > 0 && best_.size() < of.size(); ++front) {
    std::vector<std::size_t> members;
    std::vector<Objectives> member_points;
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (fronts[i] != front) continue;
      members.push_back(of[i]);
      member_points.push_back(points[i]);
    }
    for (const std::size_t i : epsilon_net_order(member_points)) {
      if (left == 0) break;
      best_.push_back(members[i]);
      --left;
    }
  }
}

}  // namespace tonne
