#include "search/surrogates/kept_subset.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/pareto.h"

namespace tonne {

void KeptSubset::join(std::uint32_t row, std::uint64_t id, const Objectives& point) {
  if (points_.size() <= row) points_.resize(row + 1);
  points_[row] = {.id = id, .losses = point, .is_there = true};
  joined_.push_back(row);
  ++size_;
}

void KeptSubset::leave(std::uint32_t row) {
  points_[row].is_there = false;
  left_.push_back(row);
  --size_;
}

std::span<const std::uint32_t> KeptSubset::choose(std::size_t count, const Objectives& reference) {
  assert(count < size_);
  const bool is_known = !taken_.empty() && reference == reference_ && taken_.size() <= count;
  if (is_known) {
    const std::size_t step = first_changed_step();
    forget_looks();
    rewind(step);
  } else {
    reference_ = reference;
    restart();
  }
  joined_.clear();
  left_.clear();
  while (taken_.size() < count) choose_next();
  return chosen_;
}

double KeptSubset::operations() const {
  const auto objectives = static_cast<double>(reference_.size());
  double sum = 8.0 * objectives * static_cast<double>(size_);
  for (std::size_t step = 0; step < looks_at_.size(); ++step) {
    const auto size = static_cast<double>(step + 1);
    const double one = 8.0 * objectives * size * std::log2(size + 1.0);
    for (std::size_t i = 0; i < looks_at_[step]; ++i)
      sum += one;  // rounded as it was when they were looked at
  }
  return sum;
}

void KeptSubset::restart() {
  looks_.clear();
  chosen_losses_.clear();
  volumes_.assign(1, 0.0);
  for (Point& point : points_)
    if (point.is_there) point.first_gain = volume_beside(0, point.losses);
  taken_.clear();
  rewind(0);
}

// The step from which on choices may change; as many as there are: none.
std::size_t KeptSubset::first_changed_step() {
  std::size_t step = taken_.size();
  for (const std::uint32_t row : left_) step = std::min(step, points_[row].chosen_at);
  for (const std::uint32_t row : joined_)
    if (points_[row].is_there) step = std::min(step, step_that_takes(row, step));
  return step;
}

// The step before `end` in which a new point would be chosen; `end`: it would not be.
std::size_t KeptSubset::step_that_takes(std::uint32_t row, std::size_t end) {
  Point& point = points_[row];
  point.first_gain = volume_beside(0, point.losses);
  Gain gain{point.first_gain, point.id, row, 0};
  for (std::size_t step = 0; step < end; ++step) {
    if (!is_behind(taken_[step], gain)) continue;
    if (step > 0) look(gain, step);
    if (is_behind(taken_[step], gain)) return step;
  }
  heap_.push_back(gain);
  std::ranges::push_heap(heap_, is_behind);
  return end;
}

// Those at points that have left.
void KeptSubset::forget_looks() {
  if (left_.empty()) return;
  std::erase_if(looks_, [&](const Look& look) {
    if (points_[look.row].is_there) return false;
    --looks_at_[look.step];
    return true;
  });
}

// Back to what was known when so many had been chosen.
void KeptSubset::rewind(std::size_t step) {
  if (step == taken_.size() && step > 0) return;
  taken_.resize(step);
  chosen_.resize(step);
  chosen_losses_.resize(step);
  volumes_.resize(step + 1);
  looks_at_.resize(step);
  std::erase_if(looks_, [&](const Look& look) { return look.step >= step; });
  std::vector<const Look*> latest(points_.size(), nullptr);
  for (const Look& look : looks_)
    if (latest[look.row] == nullptr || latest[look.row]->step < look.step) latest[look.row] = &look;
  heap_.clear();
  for (std::uint32_t row = 0; row < points_.size(); ++row) {
    Point& point = points_[row];
    if (point.chosen_at != kNotChosen && point.chosen_at >= step) point.chosen_at = kNotChosen;
    if (!point.is_there || point.chosen_at != kNotChosen) continue;
    const Look* known = latest[row];
    heap_.push_back({known != nullptr ? known->gain : point.first_gain, point.id, row,
                     known != nullptr ? known->step : 0});
  }
  std::ranges::make_heap(heap_, is_behind);
}

void KeptSubset::choose_next() {
  const std::size_t step = taken_.size();
  looks_at_.resize(step + 1, 0);
  for (;;) {
    std::ranges::pop_heap(heap_, is_behind);
    Gain& best = heap_.back();
    const bool is_there = points_[best.row].is_there;
    if (is_there && best.looked_at == step) break;
    if (is_there) {
      look(best, step);
      std::ranges::push_heap(heap_, is_behind);
    } else {
      heap_.pop_back();
    }
  }
  const Gain best = heap_.back();
  heap_.pop_back();
  points_[best.row].chosen_at = step;
  taken_.push_back(best);
  chosen_.push_back(best.row);
  chosen_losses_.push_back(points_[best.row].losses);
  volumes_.push_back(volumes_.back() + best.gain);
}

// What the point adds to those that were chosen before this step.
void KeptSubset::look(Gain& gain, std::size_t step) {
  gain.gain = volume_beside(step, points_[gain.row].losses) - volumes_[step];
  gain.looked_at = step;
  looks_.push_back({gain.row, step, gain.gain});
  ++looks_at_[step];
}

double KeptSubset::volume_beside(std::size_t chosen, const Objectives& point) {
  if (chosen < chosen_losses_.size()) {
    beside_.assign(chosen_losses_.begin(), chosen_losses_.begin() + static_cast<std::ptrdiff_t>(chosen));
    beside_.push_back(point);
    return hypervolume(beside_, reference_);
  }
  chosen_losses_.push_back(point);
  const double volume = hypervolume(chosen_losses_, reference_);
  chosen_losses_.pop_back();
  return volume;
}

}  // namespace tonne
