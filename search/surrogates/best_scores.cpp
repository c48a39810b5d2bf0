#include "search/surrogates/best_scores.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>

#include "search/surrogates/acquisition_search.h"

namespace tonne {
namespace {

using Eigen::Index;

constexpr std::size_t kFirstGroup = 32;  // points of a batch, the most promising, whose scores come before the others'
constexpr Index kFewPoints = 32;         // conditioned on: a second bound is not worth its while
constexpr double kMargin = 1e-9;         // of a score's magnitude, for round-off in the score itself

/// The best scores so far, the least of them on top.
class Leaders {
 public:
  Leaders(std::size_t most, double least) : most_(most), least_(least) {}

  void add(double score) {
    if (heap_.size() == most_) {
      if (!(score > heap_.front())) return;
      std::ranges::pop_heap(heap_, std::greater<>());
      heap_.back() = score;
    } else {
      heap_.push_back(score);
    }
    std::ranges::push_heap(heap_, std::greater<>());
  }
  /// Whether a score of at most `bound` may count.
  [[nodiscard]] bool may_enter(double bound) const {
    const double reached = heap_.size() < most_ ? least_ : std::max(least_, heap_.front());
    return !(bound + kMargin * (1.0 + std::abs(bound)) < reached);
  }

 private:
  std::size_t most_;
  double least_;
  std::vector<double> heap_;
};

}  // namespace

void score_best_of(const GaussianProcess& process, const PointSet& points, std::size_t most, double least,
                   const std::function<double(double, double)>& of, BatchPrediction& scratch,
                   std::vector<double>& scores) {
  scores.assign(static_cast<std::size_t>(points.count()), kPassedOver);
  Leaders leaders(most, least);
  std::vector<double> bounds;
  std::vector<Index> places;
  // The last points first: neighbours of the best trials, which tend to set the mark.
  const Index batches = (points.count() + GaussianProcess::kBatch - 1) / GaussianProcess::kBatch;
  for (Index batch = batches - 1; batch >= 0; --batch) {
    const Index first = batch * GaussianProcess::kBatch;
    const Index count = std::min(GaussianProcess::kBatch, points.count() - first);
    process.predict_bounds(points, first, count, scratch);
    bounds.resize(static_cast<std::size_t>(count));
    for (Index j = 0; j < count; ++j) bounds[static_cast<std::size_t>(j)] = of(scratch.mean[j], scratch.variance[j]);
    const auto bound_of = [&](Index j) { return bounds[static_cast<std::size_t>(j)]; };
    const auto evaluate = [&](std::span<Index> chosen) {
      std::ranges::sort(chosen);
      process.predict_variances(chosen, scratch);
      for (const Index j : chosen) {
        double& score = scores[static_cast<std::size_t>(first + j)];
        score = of(scratch.mean[j], scratch.variance[j]);
        leaders.add(score);
      }
    };
    const auto drop_hopeless = [&] { std::erase_if(places, [&](Index j) { return !leaders.may_enter(bound_of(j)); }); };
    places.resize(static_cast<std::size_t>(count));
    std::iota(places.begin(), places.end(), Index{0});
    drop_hopeless();
    if (places.size() > kFirstGroup) {
      std::ranges::nth_element(places, places.begin() + kFirstGroup, [&](Index a, Index b) {
        return bound_of(a) != bound_of(b) ? bound_of(a) > bound_of(b) : a < b;
      });
      std::vector<Index> promising(places.begin(), places.begin() + kFirstGroup);
      places.erase(places.begin(), places.begin() + kFirstGroup);
      evaluate(promising);
      drop_hopeless();
    }
    if (places.size() > kFirstGroup && process.size() >= kFewPoints) {
      process.tighten_bounds(places, scratch);
      for (const Index j : places) bounds[static_cast<std::size_t>(j)] = of(scratch.mean[j], scratch.variance[j]);
      drop_hopeless();
    }
    evaluate(places);
  }
}

}  // namespace tonne
