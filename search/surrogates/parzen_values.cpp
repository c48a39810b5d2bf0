// Kernels of discrete numbers, value by value: those on one value are alike, but for the first and the last
// of them, which look at the values beside.

#include <algorithm>
#include <cmath>

#include "search/surrogates/parzen.h"

namespace tonne {

// Fills values_, code_ and met_; returns how many kernels have the parameter.
std::size_t ParzenEstimator::note_values(const Kernels& kernels, std::span<const std::uint32_t> rows) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  for (const std::uint32_t code : met_) values_[code].count = 0;
  met_.clear();
  values_.resize(std::max<std::size_t>(values_.size(), column.cardinality));
  code_.resize(rows.size());
  std::size_t active = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::uint32_t code = column.code[rows[k]];
    code_[k] = code;
    if (code == ParzenData::kInactive) continue;
    ++active;
    Value& value = values_[code];
    if (value.count++ == 0) {
      value.first = static_cast<std::uint32_t>(k);
      value.position = column.position[rows[k]];
      met_.push_back(code);
    }
    value.last = static_cast<std::uint32_t>(k);
  }
  std::ranges::sort(met_);
  return active;
}

// As neighbour_bandwidths() or shared_bandwidth(), and then fit_levels(), would do with the kernels by
// position, those on one value by age.
void ParzenEstimator::fit_values(Kernels& kernels, std::span<const std::uint32_t> rows, double dimensions) {
  const std::size_t active = note_values(kernels, rows);
  kernels.levels.assign(1, {0.5, 1.0, prior_height_, 0.5});
  kernels.level.assign(padded_, 0);
  const double least = kernels.by_neighbours ? least_bandwidth(kernels, dimensions, active)
                                             : scott_bandwidth(kScott, dimensions, active);
  for (std::size_t i = 0; i < met_.size(); ++i) {
    Value& value = values_[met_[i]];
    Gaps gaps;
    if (i > 0) gaps.below = value.position - values_[met_[i - 1]].position;
    if (i + 1 < met_.size()) gaps.above = values_[met_[i + 1]].position - value.position;
    if (active == 1) gaps = {value.position, 1.0 - value.position};
    if (!kernels.by_neighbours) gaps = {};
    add_value(kernels, value, gaps, least);
  }
  set_levels(kernels);
  add_level_heights(kernels);
  if (kernels.has_normals) set_normals(kernels);
}

// The levels of the kernels on one value. Its first kernel looks down, its last one up.
void ParzenEstimator::add_value(Kernels& kernels, Value& value, const Gaps& gaps, double least) const {
  const std::size_t first = kernels.levels.size();
  const auto level = [&](double distance) {
    const double sigma = std::clamp(distance, least, 1.0);
    std::size_t known = first;
    while (known < kernels.levels.size() && kernels.levels[known].sigma != sigma) ++known;
    if (known == kernels.levels.size()) kernels.levels.push_back(level_at(value.position, sigma));
    return static_cast<std::uint32_t>(known);
  };
  value.level_of_first = level(value.count > 1 ? gaps.below : std::max(gaps.below, gaps.above));
  value.level_of_last = value.count > 1 ? level(gaps.above) : value.level_of_first;
  value.level = value.count > 2 ? level(0.0) : value.level_of_last;
}

void ParzenEstimator::set_levels(Kernels& kernels) const {
  for (std::size_t k = 0; k < code_.size(); ++k)
    if (code_[k] != ParzenData::kInactive) kernels.level[k] = values_[code_[k]].level;
  for (const std::uint32_t code : met_) {
    const Value& value = values_[code];
    kernels.level[value.first] = value.level_of_first;
    kernels.level[value.last] = value.level_of_last;
  }
}

void ParzenEstimator::add_level_heights(Kernels& kernels) {
  if (kernels.conditional) {
    kernels.greatest_height = std::ranges::max(kernels.levels, {}, &Level::log_height).log_height;
    return;
  }
  for (std::size_t k = 0; k < padded_; ++k) base_[k] += kernels.levels[kernels.level[k]].log_height;
}

// For cells so narrow that the density in their middle stands for them.
void ParzenEstimator::set_normals(Kernels& kernels) const {
  kernels.mu.resize(padded_);
  kernels.half_precision.resize(padded_);
  kernels.log_height.resize(padded_);
  for (std::size_t k = 0; k < padded_; ++k) {
    const Level& level = kernels.levels[kernels.level[k]];
    kernels.mu[k] = level.mu;
    kernels.half_precision[k] = level.half_precision;
    kernels.log_height[k] = level.log_height;
  }
}

}  // namespace tonne
