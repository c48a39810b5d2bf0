#include "search/strategies/multi_fidelity/front_rung.h"

#include <algorithm>
#include <limits>

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

void FrontRung::enter(CandidatePool::Number candidate, const Objectives& losses, const RungRule& rule,
                      CandidatePool& pool) {
  if (latest_.size() == window_) {
    if (latest_.front().held) pool.release(latest_.front().candidate);
    latest_.pop_front();
  }
  latest_.push_back({.candidate = candidate, .losses = losses, .held = rule.pauses && !losses.empty()});
  stale_ = true;
  if (!rule.pauses) {
    rank(rule);
    if (std::ranges::find(best_, latest_.size() - 1) != best_.end()) return goes_on_.push_back(candidate);
  }
  if (!latest_.back().held) pool.release(candidate);
}

std::optional<CandidatePool::Number> FrontRung::take(const RungRule& rule) {
  if (!rule.pauses) {
    if (goes_on_.empty()) return std::nullopt;
    const CandidatePool::Number next = goes_on_.front();
    goes_on_.pop_front();
    return next;
  }
  if (stale_) rank(rule);
  const auto next = std::ranges::find_if(best_, [&](std::size_t i) { return latest_[i].held; });
  if (next == best_.end()) return std::nullopt;
  Standing& standing = latest_[*next];
  best_.erase(next);
  standing.held = false;
  return standing.candidate;
}

// best_ becomes the best floor(n / eta) of the window.
void FrontRung::rank(const RungRule& rule) {
  stale_ = false;
  best_.clear();
  std::size_t left = rung_quota(latest_.size(), rule.eta);
  std::vector<std::size_t> of;  // the entries that are ranked
  std::vector<Objectives> points;
  for (std::size_t i = 0; i < latest_.size(); ++i) {
    if (latest_[i].losses.empty()) continue;
    of.push_back(i);
    points.push_back(latest_[i].losses);
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
