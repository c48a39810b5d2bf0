#include "search/surrogates/boosted_trees.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace tonne {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
constexpr double kTallyOperations = 2.0;   // two sums for each sample and feature
constexpr double kBinOperations = 10.0;   // sums, products, quotients and a comparison for each bin
constexpr double kSampleOperations = 6.0;  // derivatives, the leaf and the sum, for each sample of a tree
constexpr double kNodeOperations = 2.0;    // a comparison and an addition for each node on the way to a leaf
constexpr double kLeastGain = 1e-10;       // part of a node's sum of squares, below which a gain is round-off
constexpr std::size_t kWalkers = 8;  // points that walk down a tree side by side, to hide the loads' latency

}  // namespace

double smallest_quantile(std::span<double> values, double alpha) {
  assert(!values.empty());
  constexpr double kRounding = 1e-9;
  const double rank = std::ceil(alpha * static_cast<double>(values.size()) - kRounding);
  const auto k = static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(values.size()))) - 1;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(k));
  return values[k];
}

BinnedPoints::BinnedPoints(std::vector<std::uint32_t> categories, std::span<const double> points,
                           std::size_t most_bins)
    : categories_(std::move(categories)),
      rows_(categories_.empty() ? 0 : points.size() / categories_.size()),
      bins_(categories_.size()),
      codes_(categories_.size() * rows_),
      thresholds_(categories_.size()) {
  assert(most_bins >= 2 && most_bins <= 65536);
  for (std::size_t f = 0; f < features(); ++f) {
    if (categories_[f] == 0) {
      bin_numbers(f, points, most_bins);
      continue;
    }
    bins_[f] = categories_[f];
    for (std::size_t row = 0; row < rows_; ++row)
      codes_[f * rows_ + row] = static_cast<std::uint16_t>(points[row * features() + f]);
  }
}

void BinnedPoints::bin_numbers(std::size_t feature, std::span<const double> points, std::size_t most_bins) {
  std::vector<std::pair<double, std::uint32_t>> order;
  for (std::size_t row = 0; row < rows_; ++row)
    order.emplace_back(points[row * features() + feature], static_cast<std::uint32_t>(row));
  std::ranges::sort(order);
  std::size_t distinct = rows_ > 0 ? 1 : 0;
  for (std::size_t i = 1; i < rows_; ++i) distinct += order[i].first != order[i - 1].first ? 1U : 0U;
  const double per_bin =
      distinct <= most_bins ? 0.0 : static_cast<double>(rows_) / static_cast<double>(most_bins);
  std::vector<double>& thresholds = thresholds_[feature];
  std::uint16_t* codes = codes_.data() + feature * rows_;
  for (std::size_t i = 0; i < rows_; ++i) {
    const bool full = static_cast<double>(i) >= per_bin * static_cast<double>(thresholds.size() + 1);
    if (i > 0 && order[i].first != order[i - 1].first && full) {
      const double middle = order[i - 1].first + 0.5 * (order[i].first - order[i - 1].first);
      thresholds.push_back(middle < order[i].first ? middle : order[i - 1].first);
    }
    codes[order[i].second] = static_cast<std::uint16_t>(thresholds.size());
  }
  bins_[feature] = thresholds.size() + 1;
  computed_ += static_cast<double>(rows_) * std::log2(static_cast<double>(rows_) + 1.0) * flop;
}

// Grows one tree after another to derivatives by f at each row.
class BoostedTreeBuilder {
 public:
  BoostedTreeBuilder(BoostedTrees& trees, const BinnedPoints& points)
      : trees_(trees),
        options_(trees.options_),
        points_(points),
        rows_(points.rows()),
        moved_(points.rows()) {
    std::size_t most = 0;
    for (std::size_t f = 0; f < points.features(); ++f) most = std::max(most, points.bins(f));
    tallies_.resize(most);
  }

  struct Leaf {
    std::uint32_t node;
    std::span<const std::uint32_t> rows;
    double value;
  };

  /// Its leaves, with the rows of each; one only: nothing could be gained.
  const std::vector<Leaf>& grow(std::span<const double> slopes, std::span<const double> curvatures) {
    slopes_ = slopes;
    curvatures_ = curvatures;
    leaves_.clear();
    std::iota(rows_.begin(), rows_.end(), 0U);
    trees_.roots_.push_back(add_node());
    stack_.push_back({0, rows_.size(), trees_.roots_.back(), 0});
    while (!stack_.empty()) {
      const Stretch stretch = stack_.back();
      stack_.pop_back();
      grow_node(stretch);
    }
    operations_ += kSampleOperations * static_cast<double>(rows_.size());
    return leaves_;
  }

  [[nodiscard]] double operations() const { return operations_; }

 private:
  // Positive where l2 is 0 and every probability has become certain, too.
  [[nodiscard]] double divisor(double curvature) const { return std::max(curvature + options_.l2, 1e-16); }
  struct Stretch {  // the rows of a node
    std::size_t begin;
    std::size_t end;
    std::uint32_t node;
    std::size_t depth;
  };
  struct Sums {
    double slope = 0.0;
    double curvature = 0.0;
    std::uint32_t count = 0;
  };
  struct Tally {
    Sums sums;
    std::uint32_t category;
  };
  struct Split {
    double gain = 0.0;
    std::size_t feature = 0;
    std::size_t bin = 0;  ///< the last on the left, or how many categories of `ranking_` go left
    std::uint32_t left_count = 0;
  };

  std::uint32_t add_node() {
    const auto index = static_cast<std::uint32_t>(trees_.nodes_.size());
    trees_.nodes_.push_back({kUnbounded, 0, index});
    trees_.values_.push_back(0.0);
    return index;
  }

  void grow_node(const Stretch& stretch) {
    Sums all;
    double squares = 0.0;
    for (const std::uint32_t row : rows_of(stretch)) {
      all.slope += slopes_[row];
      all.curvature += curvatures_[row];
      squares += slopes_[row] * slopes_[row];
    }
    all.count = static_cast<std::uint32_t>(stretch.end - stretch.begin);
    Split split{kLeastGain * squares};
    const bool grows = stretch.depth < options_.depth && all.curvature >= 2.0 * options_.min_child;
    for (std::size_t f = 0; grows && f < points_.features(); ++f) search(f, stretch, all, split);
    if (split.left_count > 0) return apply(split, stretch);
    leaves_.push_back({stretch.node, rows_of(stretch), -all.slope / divisor(all.curvature)});
  }

  [[nodiscard]] std::span<const std::uint32_t> rows_of(const Stretch& stretch) const {
    return std::span(rows_).subspan(stretch.begin, stretch.end - stretch.begin);
  }

  void search(std::size_t feature, const Stretch& stretch, const Sums& all, Split& best) {
    const std::size_t bins = points_.bins(feature);
    if (bins < 2) return;
    tally(feature, stretch);
    operations_ +=
        kTallyOperations * static_cast<double>(all.count) + kBinOperations * static_cast<double>(bins);
    if (points_.categories(feature) == 0) {
      scan(feature, std::span(tallies_).first(bins), all, best);
      return;
    }
    rank_categories(bins);
    if (scan(feature, in_use_, all, best)) ranking_ = in_use_;
  }

  void tally(std::size_t feature, const Stretch& stretch) {
    const std::size_t bins = points_.bins(feature);
    for (std::size_t b = 0; b < bins; ++b) tallies_[b] = {{}, static_cast<std::uint32_t>(b)};
    const std::uint16_t* codes = points_.column(feature);
    for (const std::uint32_t row : rows_of(stretch)) {
      Sums& sums = tallies_[codes[row]].sums;
      sums.slope += slopes_[row];
      sums.curvature += curvatures_[row];
      ++sums.count;
    }
  }

  void rank_categories(std::size_t bins) {
    in_use_.clear();
    for (std::size_t b = 0; b < bins; ++b)
      if (tallies_[b].sums.count > 0) in_use_.push_back(tallies_[b]);
    const auto value = [this](const Tally& t) { return t.sums.slope / divisor(t.sums.curvature); };
    std::ranges::sort(in_use_, [&](const Tally& a, const Tally& b) {
      return value(a) != value(b) ? value(a) < value(b) : a.category < b.category;
    });
  }

  // Whether one of the cuts between neighbours is the best so far.
  bool scan(std::size_t feature, std::span<const Tally> tallies, const Sums& all, Split& best) {
    bool found = false;
    Sums left;
    const double whole = all.slope * all.slope / divisor(all.curvature);
    for (std::size_t b = 0; b + 1 < tallies.size(); ++b) {
      left.slope += tallies[b].sums.slope;
      left.curvature += tallies[b].sums.curvature;
      left.count += tallies[b].sums.count;
      if (tallies[b].sums.count == 0 || left.curvature < options_.min_child) continue;
      const double curvature = all.curvature - left.curvature;
      if (left.count == all.count || curvature < options_.min_child) break;
      const double slope = all.slope - left.slope;
      const double gain = left.slope * left.slope / divisor(left.curvature) +
                          slope * slope / divisor(curvature) - whole;
      if (!(gain > best.gain)) continue;
      best = {gain, feature, b, left.count};
      found = true;
    }
    return found;
  }

  void apply(const Split& split, const Stretch& stretch) {
    const std::uint32_t left = add_node();
    const std::uint32_t right = add_node();
    const auto feature = static_cast<std::uint32_t>(split.feature);
    const bool categorical = points_.categories(split.feature) > 0;
    trees_.nodes_[stretch.node] =
        categorical
            ? BoostedTrees::Node{subset_of(split, stretch), feature | BoostedTrees::kCategorical, left}
            : BoostedTrees::Node{points_.threshold(split.feature, split.bin), feature, left};
    const std::size_t middle = part(split, stretch, categorical);
    stack_.push_back({middle, stretch.end, right, stretch.depth + 1});
    stack_.push_back({stretch.begin, middle, left, stretch.depth + 1});
  }

  double subset_of(const Split& split, const Stretch& stretch) {
    const std::uint64_t place = trees_.masks_.size();
    const std::size_t words = (points_.categories(split.feature) + 63) / 64;
    const bool most_go_right = 2 * std::size_t{split.left_count} < stretch.end - stretch.begin;
    trees_.masks_.resize(place + words, most_go_right ? ~std::uint64_t{0} : 0);
    for (std::size_t c = 0; c < ranking_.size(); ++c) {
      const std::uint32_t category = ranking_[c].category;
      std::uint64_t& word = trees_.masks_[place + category / 64];
      const std::uint64_t bit = std::uint64_t{1} << (category % 64);
      word = c <= split.bin ? word & ~bit : word | bit;
    }
    return std::bit_cast<double>(place);
  }

  // Stable; returns where the right side begins.
  std::size_t part(const Split& split, const Stretch& stretch, bool categorical) {
    const std::uint16_t* codes = points_.column(split.feature);
    const std::uint64_t place = std::bit_cast<std::uint64_t>(trees_.nodes_[stretch.node].threshold);
    std::size_t left = stretch.begin;
    std::size_t right = 0;
    for (std::size_t i = stretch.begin; i < stretch.end; ++i) {
      const std::uint32_t row = rows_[i];
      const std::uint16_t code = codes[row];
      const bool goes_right =
          categorical ? ((trees_.masks_[place + code / 64U] >> (code % 64U)) & 1U) != 0 : code > split.bin;
      rows_[left] = row;
      moved_[right] = row;
      left += goes_right ? 0U : 1U;
      right += goes_right ? 1U : 0U;
    }
    std::copy_n(moved_.begin(), right, rows_.begin() + static_cast<std::ptrdiff_t>(left));
    return left;
  }

  BoostedTrees& trees_;
  const BoostingOptions& options_;
  const BinnedPoints& points_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> moved_;
  std::span<const double> slopes_;
  std::span<const double> curvatures_;
  std::vector<Tally> tallies_;
  std::vector<Tally> in_use_;
  std::vector<Tally> ranking_;  // of the best split, if categorical
  std::vector<Stretch> stack_;
  std::vector<Leaf> leaves_;
  double operations_ = 0.0;
};

double BoostedTrees::start(std::span<const double> y) const {
  if (options_.loss == BoostingLoss::pinball) {
    std::vector<double> values(y.begin(), y.end());
    return smallest_quantile(values, options_.quantile);
  }
  const auto n = static_cast<double>(y.size());
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / n;
  if (options_.loss == BoostingLoss::squared) return mean;
  const double share =
      std::clamp(mean, 0.5 / n, 1.0 - 0.5 / n);  // of one kind only: as if half a sample were not
  return std::log(share / (1.0 - share));
}

// Of the loss by f, at each row.
void BoostedTrees::differentiate(std::span<const double> y, std::span<const double> f,
                                 std::vector<double>& slopes, std::vector<double>& curvatures) const {
  const double alpha = options_.quantile;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (options_.loss == BoostingLoss::pinball) {
      slopes[i] = y[i] > f[i] ? -alpha : 1.0 - alpha;
    } else if (options_.loss == BoostingLoss::squared) {
      slopes[i] = f[i] - y[i];
    } else {
      const double p = 1.0 / (1.0 + std::exp(-f[i]));
      slopes[i] = p - y[i];
      curvatures[i] = p * (1.0 - p);
    }
  }
}

void BoostedTrees::fit(const BinnedPoints& points, std::span<const double> y) {
  assert(!y.empty() && (points.features() == 0 || points.rows() == y.size()));
  features_ = points.features();
  nodes_.clear();
  values_.clear();
  roots_.clear();
  masks_.clear();
  constant_ = start(y);
  std::vector<double> f(y.size(), constant_);
  std::vector<double> slopes(y.size());
  std::vector<double> curvatures(y.size(), 1.0);
  std::vector<double> residuals;
  BoostedTreeBuilder builder(*this, points);
  for (std::size_t tree = 0; features_ > 0 && tree < options_.trees; ++tree) {
    differentiate(y, f, slopes, curvatures);
    const auto& leaves = builder.grow(slopes, curvatures);
    for (const auto& leaf : leaves) {
      double value = leaf.value;
      if (options_.loss == BoostingLoss::pinball) {
        residuals.clear();
        for (const std::uint32_t row : leaf.rows) residuals.push_back(y[row] - f[row]);
        value = smallest_quantile(residuals, options_.quantile);
      }
      values_[leaf.node] = options_.rate * value;
      for (const std::uint32_t row : leaf.rows) f[row] += values_[leaf.node];
    }
    if (leaves.size() == 1) break;  // the next ones could not split either
  }
  computed_ += builder.operations() * flop;
}

Work BoostedTrees::prediction_work() const {
  return kNodeOperations * static_cast<double>(roots_.size() * (options_.depth + 1)) * flop;
}

template <bool categories>
std::uint32_t BoostedTrees::step(std::uint32_t at, const double* point) const {
  const Node& node = nodes_[at];
  if constexpr (categories) {
    if ((node.feature & kCategorical) != 0) {
      const auto code = static_cast<std::uint64_t>(point[node.feature & ~kCategorical]);
      const auto place = std::bit_cast<std::uint64_t>(node.threshold);
      return node.left + static_cast<std::uint32_t>((masks_[place + code / 64] >> (code % 64)) & 1U);
    }
  }
  return node.left + (point[node.feature] > node.threshold ? 1U : 0U);
}

double BoostedTrees::predict(const double* point) const {
  double sum = constant_;
  for (const std::uint32_t root : roots_) {
    std::uint32_t at = root;
    for (std::size_t d = 0; d < options_.depth; ++d) at = step<true>(at, point);
    sum += values_[at];
  }
  return sum;
}

template <bool categories>
void BoostedTrees::add_trees(std::span<const double> points, std::span<double> values) const {
  const std::size_t rows = values.size();
  for (std::size_t row = 0; row < rows; row += kWalkers) {
    const std::size_t count = std::min(kWalkers, rows - row);
    std::array<const double*, kWalkers> point;
    // Idle lanes of the last group follow its first point.
    for (std::size_t k = 0; k < kWalkers; ++k)
      point[k] = points.data() + (row + (k < count ? k : 0)) * features_;
    std::array<double, kWalkers> sum;
    sum.fill(constant_);
    for (const std::uint32_t root : roots_) {
      std::array<std::uint32_t, kWalkers> at;
      at.fill(root);
      for (std::size_t d = 0; d < options_.depth; ++d)
        for (std::size_t k = 0; k < kWalkers; ++k) at[k] = step<categories>(at[k], point[k]);
      for (std::size_t k = 0; k < kWalkers; ++k) sum[k] += values_[at[k]];
    }
    std::copy_n(sum.begin(), count, values.begin() + static_cast<std::ptrdiff_t>(row));
  }
}

void BoostedTrees::predict(std::span<const double> points, std::span<double> values) const {
  assert(points.size() == values.size() * features_);
  if (roots_.empty()) {
    std::ranges::fill(values, constant_);
    return;
  }
  if (masks_.empty()) return add_trees<false>(points, values);
  add_trees<true>(points, values);
}

}  // namespace tonne
