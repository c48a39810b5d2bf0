// Kernels by neighbours, from one fit to the next: few observations come or go, and only what stands beside
// one of these gets another bandwidth.

#include <algorithm>
#include <cmath>

#include "search/surrogates/parzen.h"

namespace tonne {
namespace {

// With fewer kernels all are fitted anew, as with more changes than that.
constexpr std::size_t kLeastKernels = 128;
constexpr std::size_t kMostChanges = 8;

}  // namespace

// What has come and gone since the last fit; earlier_slot_ is of that.
void ParzenEstimator::note_changes(std::span<const std::uint32_t> rows) {
  const bool same_data = fitted_changes_ == data_.changes();
  fitted_changes_ = data_.changes();
  updates_ = same_data && std::min(rows.size(), fitted_.size()) >= kLeastKernels;
  if (!updates_) return;
  const auto [old_end, new_end] = std::ranges::mismatch(fitted_, rows);
  unchanged_ = static_cast<std::size_t>(new_end - rows.begin());
  changed_.clear();
  for (auto row = old_end; row != fitted_.end(); ++row)
    if (slot_[*row] == kNoKernel) changed_.push_back(*row);
  for (auto row = new_end; row != rows.end(); ++row)
    if (*row >= earlier_slot_.size() || earlier_slot_[*row] == kNoKernel) changed_.push_back(*row);
  updates_ = changed_.size() <= kMostChanges;
}

void ParzenEstimator::update_neighbours(Kernels& kernels, std::span<const std::uint32_t> rows) {
  kernels.known.resize(data_.rows(), {-1.0, -1.0, 0.0, 0.0});
  kernels.mu.resize(padded_);
  kernels.sigma.resize(padded_);
  kernels.half_precision.resize(padded_);
  kernels.log_height.resize(padded_);
  for (std::size_t k = unchanged_; k < padded_; ++k) {
    const bool is_prior = k >= rows.size();
    const auto known = is_prior ? Kernels::Known{0.5, 1.0, prior_height_, 0.5} : kernels.known[rows[k]];
    kernels.mu[k] = known.mu;
    kernels.sigma[k] = known.sigma;
    kernels.log_height[k] = known.log_height;
    kernels.half_precision[k] = known.half_precision;
  }
  for (const std::uint32_t row : changed_) update_near(kernels, row);
}

// The kernels on this row's position and on the nearest ones beside it.
void ParzenEstimator::update_near(Kernels& kernels, std::uint32_t changed) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  const double position = column.position[changed];
  const auto of_row = [&](std::uint32_t row) { return column.position[row]; };
  const auto [from, to] = std::ranges::equal_range(column.by_position, position, {}, of_row);
  const auto first = static_cast<std::size_t>(from - column.by_position.begin());
  const auto end = static_cast<std::size_t>(to - column.by_position.begin());
  if (const auto below = member_below(column, first)) update_group(kernels, *below);
  if (const auto own = member_from(column, first); own && *own < end) update_group(kernels, *own);
  if (const auto above = member_from(column, end)) update_group(kernels, *above);
}

// The next place below `at`, or from `at` on, in the order of positions that has a kernel.
std::optional<std::size_t> ParzenEstimator::member_below(const ParzenData::Column& column,
                                                         std::size_t at) const {
  while (at > 0)
    if (slot_[column.by_position[--at]] != kNoKernel) return at;
  return std::nullopt;
}
std::optional<std::size_t> ParzenEstimator::member_from(const ParzenData::Column& column,
                                                        std::size_t at) const {
  for (; at < column.by_position.size(); ++at)
    if (slot_[column.by_position[at]] != kNoKernel) return at;
  return std::nullopt;
}

// The kernels on one position: the first by age looks down, the last one up, as in neighbour_bandwidths().
void ParzenEstimator::update_group(Kernels& kernels, std::size_t at) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  const auto position_at = [&](std::size_t place) { return column.position[column.by_position[place]]; };
  const double mu = position_at(at);
  std::size_t first = at;
  while (first > 0 && position_at(first - 1) == mu) --first;
  std::size_t end = first;
  order_.clear();  // rows
  for (; end < column.by_position.size() && position_at(end) == mu; ++end)
    if (slot_[column.by_position[end]] != kNoKernel) order_.push_back(column.by_position[end]);
  std::ranges::sort(order_, {}, [&](std::uint32_t row) { return slot_[row]; });
  const auto before = member_below(column, first);
  const auto next = member_from(column, end);
  const double below = before ? mu - position_at(*before) : 0.0;
  const double above = next ? position_at(*next) - mu : 0.0;
  for (const std::uint32_t row : order_) {
    const double down = row == order_.front() ? below : 0.0;
    const double up = row == order_.back() ? above : 0.0;
    set_kernel(kernels, slot_[row], row, std::clamp(std::max(down, up), kernels.least, 1.0));
  }
}

void ParzenEstimator::set_kernel(Kernels& kernels, std::size_t k, std::uint32_t row, double sigma) const {
  const double mu = data_.column(kernels.parameter).position[row];
  auto& known = kernels.known[row];
  if (known.mu != mu || known.sigma != sigma)
    known = {mu, sigma, -std::log(sigma) - kLogSqrtTwoPi - log_truncation(mu, sigma), 0.5 / (sigma * sigma)};
  kernels.mu[k] = mu;
  kernels.sigma[k] = sigma;
  kernels.log_height[k] = known.log_height;
  kernels.half_precision[k] = known.half_precision;
}

}  // namespace tonne
