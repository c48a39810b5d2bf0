// Posteriors of many points at once, in full or as far as a search for the best of them needs.

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

#include "search/square.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/matern_row.h"

namespace tonne {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// By how much round-off may lift a computed variance above its bound, as a share of the signal variance. A Cholesky
// factor of a thousand points with the least noise loses some 1e-12.
constexpr double kBoundMargin = 1e-9;
constexpr Index kSmallPanel = 24;       // points, below which Eigen groups rows by the number of columns too
constexpr Index kPacket = 4;            // numbers that are added at once, from a multiple of their size on
constexpr Index kColumnsAtOnce = 4;  // of a product: those beyond a multiple of it are summed in another order

// Room for a batch of any size over so many points: grown in steps, so that storage is not asked for anew at each call.
void reserve(BatchPrediction& batch, Index points) {
  constexpr Index kStep = 64;
  if (batch.chosen.rows() >= points) return;
  const Index rows = (points + kStep - 1) / kStep * kStep;
  batch.chosen.resize(rows, GaussianProcess::kBatch + kColumnsAtOnce);
  batch.chosen_solved.resize(rows, GaussianProcess::kBatch + kColumnsAtOnce);
  batch.column.resize(rows + kPacket);
}

}  // namespace

struct GaussianProcess::CrossScratch {
  CrossScratch(Index padded, Index columns) : row(padded), scaled(1, columns) {}
  KernelRow row;
  PointSet scaled;
};

void GaussianProcess::fill_cross(const PointSet& points, Index row, CrossScratch& s, Eigen::Ref<VectorXd> out) const {
  const Index padded = PointSet::padded(total_);
  if (categories_.usable()) return categories_.look_up(category_kernel_, points, row, 0, padded, out.data());
  scale_row(points, row, s.scaled, 0);
  s.row.compute(layout_, inverse_scale_, scaled_, 0, padded, s.scaled, 0);
  const double signal = signal_variance();
  out = (signal * s.row.decay * (1.0 + s.row.distance + s.row.distance.square() * (1.0 / 3.0))).matrix();
}

void GaussianProcess::predict(const PointSet& points, BatchPrediction& out) const {
  assert(observed_ >= 1);
  const Index count = points.count();
  const Index padded = PointSet::padded(total_);
  const double signal = signal_variance();
  out.mean.resize(count);
  out.variance.resize(count);
  out.cross.resize(padded, std::min(count, kBatch));
  out.solved.resize(total_, std::min(count, kBatch));
  CrossScratch scratch(padded, points.columns());
  for (Index start = 0; start < count; start += kBatch) {
    const Index batch = std::min(kBatch, count - start);
    for (Index j = 0; j < batch; ++j) fill_cross(points, start + j, scratch, out.cross.col(j));
    const auto cross = out.cross.topLeftCorner(total_, batch);
    out.mean.segment(start, batch).noalias() =
        cross.topRows(observed_).transpose() * weights_.head(observed_);
    auto solved = out.solved.leftCols(batch);
    solved.noalias() = inverse_factor_.topLeftCorner(total_, total_).triangularView<Eigen::Lower>() * cross;
    for (Index j = 0; j < batch; ++j)
      out.variance[start + j] = std::max(signal - solved.col(j).squaredNorm(), kLeastPosteriorVariance * signal);
  }
  out.mean = (shift_ + unit_ * (constant_ + out.mean.array())).matrix();
  out.variance *= unit_ * unit_;
}

void GaussianProcess::predict_bounds(const PointSet& points, Index first, Index count, BatchPrediction& out) const {
  assert(observed_ >= 1 && count >= 1 && count <= kBatch && first + count <= points.count());
  const Index padded = PointSet::padded(total_);
  const double signal = signal_variance();
  out.mean.resize(count);
  out.variance.resize(count);
  if (out.cross.rows() != padded || out.cross.cols() < count) out.cross.resize(padded, kBatch);
  CrossScratch scratch(padded, points.columns());
  for (Index j = 0; j < count; ++j) fill_cross(points, first + j, scratch, out.cross.col(j));
  out.mean.noalias() = out.cross.topLeftCorner(observed_, count).transpose() * weights_.head(observed_);
  out.mean = (shift_ + unit_ * (constant_ + out.mean.array())).matrix();
  // Given one observation of noise v alone, the variance is s^2 - k^2 / (s^2 + v); all the others only lower it. That of
  // least distance has the largest k; where noises differ, the largest of them holds for all.
  const double noise = noise_variance() + (observed_ > 0 ? own_noise_.maxCoeff() : 0.0);
  for (Index j = 0; j < count; ++j) {
    const double nearest = out.cross.col(j).head(total_).maxCoeff();
    const double least = std::max(0.0, signal - square(nearest) / (signal + noise));
    out.variance[j] = square(unit_) * (least + kBoundMargin * signal);
  }
}

void GaussianProcess::tighten_bounds(std::span<const Index> places, BatchPrediction& batch) const {
  const double signal = signal_variance();
  const Index half = total_ / 2;
  const auto columns = static_cast<Index>(places.size());
  if (half == 0 || columns == 0) return;
  reserve(batch, total_);
  auto chosen = batch.chosen.topLeftCorner(half, columns);
  for (Index k = 0; k < columns; ++k) chosen.col(k) = batch.cross.col(places[static_cast<std::size_t>(k)]).head(half);
  auto solved = batch.chosen_solved.topLeftCorner(half, columns);
  solved.noalias() = inverse_factor_.topLeftCorner(half, half).triangularView<Eigen::Lower>() * chosen;
  for (Index k = 0; k < columns; ++k) {
    const double left = std::max(0.0, signal - solved.col(k).squaredNorm()) + kBoundMargin * signal;
    double& bound = batch.variance[places[static_cast<std::size_t>(k)]];
    bound = std::min(bound, square(unit_) * left);
  }
}

// The products are those of predict(), in which a column's sums depend on whether it is among the last columns that do not
// fill a group, and a squared norm on where the column begins.
void GaussianProcess::predict_variances(std::span<const Index> places, BatchPrediction& batch) const {
  if (total_ < kSmallPanel && static_cast<Index>(places.size()) < batch.mean.size()) {
    std::vector<Index> all(static_cast<std::size_t>(batch.mean.size()));
    std::iota(all.begin(), all.end(), Index{0});
    return predict_variances(all, batch);
  }
  const double signal = signal_variance();
  const Index full = batch.mean.size() / kColumnsAtOnce * kColumnsAtOnce;
  const auto grouped = static_cast<Index>(std::ranges::lower_bound(places, full) - places.begin());
  const Index rest = static_cast<Index>(places.size()) - grouped;
  const Index filled = (grouped + kColumnsAtOnce - 1) / kColumnsAtOnce * kColumnsAtOnce;
  const Index columns = filled + rest;
  if (columns == 0) return;
  reserve(batch, total_);
  auto chosen = batch.chosen.topLeftCorner(total_, columns);
  for (Index k = 0; k < grouped; ++k) chosen.col(k) = batch.cross.col(places[static_cast<std::size_t>(k)]).head(total_);
  chosen.middleCols(grouped, filled - grouped).setZero();
  for (Index k = 0; k < rest; ++k)
    chosen.col(filled + k) = batch.cross.col(places[static_cast<std::size_t>(grouped + k)]).head(total_);
  auto all_solved = batch.chosen_solved.topLeftCorner(total_, columns);
  all_solved.noalias() = inverse_factor_.topLeftCorner(total_, total_).triangularView<Eigen::Lower>() * chosen;
  for (Index k = 0; k < static_cast<Index>(places.size()); ++k) {
    const Index place = places[static_cast<std::size_t>(k)];
    auto solved = batch.column.segment(place * total_ % kPacket, total_);
    solved = all_solved.col(k < grouped ? k : filled + k - grouped);
    batch.variance[place] =
        std::max(signal - solved.squaredNorm(), kLeastPosteriorVariance * signal) * (unit_ * unit_);
  }
}

void GaussianProcess::predict_mean(const PointSet& points, std::vector<double>& mean) const {
  assert(observed_ >= 1);
  const Index padded = PointSet::padded(total_);
  CrossScratch scratch(padded, points.columns());
  VectorXd cross(padded);
  mean.resize(static_cast<std::size_t>(points.count()));
  for (Index j = 0; j < points.count(); ++j) {
    fill_cross(points, j, scratch, cross);
    mean[static_cast<std::size_t>(j)] =
        shift_ + unit_ * (constant_ + cross.head(observed_).dot(weights_.head(observed_)));
  }
}

}  // namespace tonne
