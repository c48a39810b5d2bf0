#include "search/surrogates/random_forest.h"

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

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kScanOperations =
    8.0;  // sums, products, a quotient, a comparison for each sample that a search passes
constexpr double kStepOperations = 2.0;  // a comparison and an addition for each node on the way to a leaf
constexpr std::size_t kLanes = 8;  // points that walk down a tree side by side, to hide the loads' latency
constexpr int kStrides = 4;        // steps between looks whether all have arrived

constexpr std::uint32_t kInline = 64;  // categories whose subset stands in the node itself

constexpr std::size_t words_for(std::uint32_t categories) {
  return (categories + 63U) / 64U;
}

}  // namespace

// Grows the trees. Each numeric feature's samples are sorted once; a node owns the same stretch of every
// sorted list, and a split parts each list stably, so nothing is sorted again.
class ForestBuilder {
 public:
  ForestBuilder(RandomForest& forest, std::span<const double> points, std::span<const double> y)
      : forest_(forest),
        options_(forest.options_),
        features_(forest.features()),
        samples_(y.size()),
        columns_(features_ * samples_),
        weight_(samples_),
        weighted_y_(samples_),
        goes_right_(samples_),
        lists_((features_ + 1) * samples_),
        moved_(samples_),
        try_order_(features_) {
    mean_ = std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(samples_);
    for (const double value : y) y_.push_back(value - mean_);
    for (std::size_t row = 0; row < samples_; ++row)
      for (std::size_t f = 0; f < features_; ++f) column(f)[row] = points[row * features_ + f];
    std::iota(try_order_.begin(), try_order_.end(), std::size_t{0});
    tries_ = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::lround(options_.features * static_cast<double>(features_))));
    const std::uint32_t most = features_ == 0 ? 0 : *std::ranges::max_element(forest.categories_);
    tallies_.resize(most);
    sort_columns();
  }

  void grow_tree(Random random) {
    random_ = random;
    draw_samples();
    const std::uint32_t root = add_leaf();
    forest_.roots_.push_back(root);
    stack_.push_back({0, list_length_, root, 0});
    while (!stack_.empty()) {
      const Stretch stretch = stack_.back();
      stack_.pop_back();
      grow_node(stretch);
    }
  }

  [[nodiscard]] double operations() const { return operations_; }
  /// Summed over trees: the mean depth of a sample's leaf.
  [[nodiscard]] double depth() const { return depth_ / static_cast<double>(samples_); }

 private:
  struct Stretch {  // of the lists: the samples of a node
    std::size_t begin;
    std::size_t end;
    std::uint32_t node;
    std::uint32_t depth;
  };
  struct Moments {
    double weight = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    bool pure = true;
  };
  struct Split {
    double gain = -kInfinity;
    std::size_t feature = 0;
    double below = 0.0;  // values beside the threshold
    double above = 0.0;
    std::size_t prefix = 0;  // how many categories go left, of `ranking_`
  };
  struct Tally {
    std::uint32_t category;
    double weight;
    double sum;
  };

  [[nodiscard]] double* column(std::size_t feature) { return columns_.data() + feature * samples_; }
  // List 0 holds the rows in their order, list f + 1 those of numeric feature f by value.
  [[nodiscard]] std::uint32_t* list(std::size_t index) { return lists_.data() + index * samples_; }
  [[nodiscard]] bool is_numeric(std::size_t feature) const { return forest_.categories_[feature] == 0; }

  void sort_columns() {
    sorted_.resize(features_ * samples_);
    for (std::size_t f = 0; f < features_; ++f) {
      if (!is_numeric(f)) continue;
      const std::span order(sorted_.data() + f * samples_, samples_);
      std::iota(order.begin(), order.end(), 0U);
      const double* x = column(f);
      std::ranges::sort(order,
                        [x](std::uint32_t a, std::uint32_t b) { return x[a] != x[b] ? x[a] < x[b] : a < b; });
      operations_ += static_cast<double>(samples_) * std::log2(static_cast<double>(samples_) + 1.0);
    }
  }

  void draw_samples() {
    std::ranges::fill(weight_, options_.bootstrap ? 0.0 : 1.0);
    if (options_.bootstrap)
      for (std::size_t i = 0; i < samples_; ++i) weight_[random_.below(samples_)] += 1.0;
    list_length_ = 0;
    for (std::uint32_t row = 0; row < samples_; ++row) {
      weighted_y_[row] = weight_[row] * y_[row];
      if (weight_[row] > 0.0) list(0)[list_length_++] = row;
    }
    for (std::size_t f = 0; f < features_; ++f) {
      if (!is_numeric(f)) continue;
      std::uint32_t* next = list(f + 1);
      for (std::size_t i = 0; i < samples_; ++i) {
        const std::uint32_t row = sorted_[f * samples_ + i];
        if (weight_[row] > 0.0) *next++ = row;
      }
    }
  }

  std::uint32_t add_leaf() {
    const auto index = static_cast<std::uint32_t>(forest_.nodes_.size());
    forest_.nodes_.push_back({kInfinity, 0, index});
    forest_.leaves_.push_back({0.0, 0.0});
    return index;
  }

  void grow_node(const Stretch& stretch) {
    const Moments moments = moments_of(stretch);
    if (!moments.pure && moments.weight >= static_cast<double>(options_.min_split)) {
      const Split split = best_split(stretch, moments);
      if (split.gain > -kInfinity) return apply(split, stretch);
    }
    const double mean = moments.sum / moments.weight;
    const double variance = std::max(0.0, moments.squares / moments.weight - mean * mean);
    forest_.leaves_[stretch.node] = {mean_ + mean, moments.pure ? 0.0 : variance};
    depth_ += moments.weight * stretch.depth;
  }

  Moments moments_of(const Stretch& stretch) {
    Moments moments;
    const std::uint32_t* rows = list(0);
    const double first = y_[rows[stretch.begin]];
    for (std::size_t i = stretch.begin; i < stretch.end; ++i) {
      const std::uint32_t row = rows[i];
      moments.weight += weight_[row];
      moments.sum += weighted_y_[row];
      moments.squares += weighted_y_[row] * y_[row];
      moments.pure = moments.pure && y_[row] == first;
    }
    return moments;
  }

  // Features in random order, so that none is preferred among equals; those with one value do not count as
  // tried.
  Split best_split(const Stretch& stretch, const Moments& moments) {
    Split best;
    std::size_t tried = 0;
    for (std::size_t k = 0; k < features_ && tried < tries_; ++k) {
      std::swap(try_order_[k], try_order_[k + random_.below(features_ - k)]);
      const std::size_t feature = try_order_[k];
      const bool varies = is_numeric(feature) ? search_numeric(feature, stretch, moments, best)
                                              : search_categorical(feature, stretch, moments, best);
      tried += varies ? 1 : 0;
    }
    return best;
  }

  // The split that lowers the residual sum of squares most has the largest S_l^2 / W_l + S_r^2 / W_r.
  static double gain(double sum_left, double left, double sum_right, double right) {
    return (sum_left * sum_left * right + sum_right * sum_right * left) / (left * right);
  }

  bool search_numeric(std::size_t feature, const Stretch& stretch, const Moments& moments, Split& best) {
    const std::uint32_t* rows = list(feature + 1);
    const double* x = column(feature);
    if (x[rows[stretch.begin]] == x[rows[stretch.end - 1]]) return false;
    const auto least = static_cast<double>(options_.min_leaf);
    double left = 0.0;
    double sum = 0.0;
    double value = x[rows[stretch.begin]];
    for (std::size_t i = stretch.begin; i + 1 < stretch.end; ++i) {
      left += weight_[rows[i]];
      sum += weighted_y_[rows[i]];
      const double below = std::exchange(value, x[rows[i + 1]]);
      if (below == value || left < least || moments.weight - left < least) continue;
      const double g = gain(sum, left, moments.sum - sum, moments.weight - left);
      if (g > best.gain) best = {g, feature, below, value, 0};
    }
    operations_ += kScanOperations * static_cast<double>(stretch.end - stretch.begin);
    return true;
  }

  bool search_categorical(std::size_t feature, const Stretch& stretch, const Moments& moments, Split& best) {
    rank_categories(feature, stretch);
    if (tallies_in_use_.size() < 2) return false;
    const auto least = static_cast<double>(options_.min_leaf);
    double left = 0.0;
    double sum = 0.0;
    bool better = false;
    for (std::size_t c = 0; c + 1 < tallies_in_use_.size(); ++c) {
      left += tallies_in_use_[c].weight;
      sum += tallies_in_use_[c].sum;
      if (left < least || moments.weight - left < least) continue;
      const double g = gain(sum, left, moments.sum - sum, moments.weight - left);
      if (g <= best.gain) continue;
      best = {g, feature, 0.0, 0.0, c + 1};
      better = true;
    }
    if (better) ranking_.assign(tallies_in_use_.begin(), tallies_in_use_.end());
    operations_ += kScanOperations * static_cast<double>(stretch.end - stretch.begin);
    return true;
  }

  // The categories that the node holds, by mean response.
  void rank_categories(std::size_t feature, const Stretch& stretch) {
    const std::uint32_t categories = forest_.categories_[feature];
    for (std::uint32_t c = 0; c < categories; ++c) tallies_[c] = {c, 0.0, 0.0};
    const std::uint32_t* rows = list(0);
    const double* x = column(feature);
    for (std::size_t i = stretch.begin; i < stretch.end; ++i) {
      const auto code = static_cast<std::size_t>(x[rows[i]]);
      assert(code < categories);
      tallies_[code].weight += weight_[rows[i]];
      tallies_[code].sum += weighted_y_[rows[i]];
    }
    tallies_in_use_.clear();
    for (std::uint32_t c = 0; c < categories; ++c)
      if (tallies_[c].weight > 0.0) tallies_in_use_.push_back(tallies_[c]);
    std::ranges::sort(tallies_in_use_, [](const Tally& a, const Tally& b) {
      const double mean_a = a.sum / a.weight;
      const double mean_b = b.sum / b.weight;
      return mean_a != mean_b ? mean_a < mean_b : a.category < b.category;
    });
  }

  void apply(const Split& split, const Stretch& stretch) {
    const std::uint32_t left = add_leaf();
    const std::uint32_t right = add_leaf();
    const auto feature = static_cast<std::uint32_t>(split.feature);
    forest_.nodes_[stretch.node] =
        is_numeric(feature)
            ? RandomForest::Node{threshold_of(split), feature, left}
            : RandomForest::Node{subset_of(split), feature | RandomForest::kCategorical, left};
    mark_sides(feature, stretch);
    const std::size_t middle = part(list(0), stretch);
    for (std::size_t f = 0; f < features_; ++f)
      if (is_numeric(f)) part(list(f + 1), stretch);
    stack_.push_back({middle, stretch.end, right, stretch.depth + 1});
    stack_.push_back({stretch.begin, middle, left, stretch.depth + 1});
  }

  double threshold_of(const Split& split) {
    const double u = options_.random_thresholds ? random_.uniform() : 0.5;
    const double threshold = split.below + u * (split.above - split.below);
    return threshold < split.above ? threshold : split.below;
  }

  double subset_of(const Split& split) {
    const std::uint32_t categories = forest_.categories_[split.feature];
    subset_.resize(words_for(categories));
    for (std::uint64_t& word : subset_) word = random_.next();
    for (std::size_t c = 0; c < ranking_.size(); ++c) {
      const std::uint32_t category = ranking_[c].category;
      std::uint64_t& word = subset_[category / 64];
      const std::uint64_t bit = std::uint64_t{1} << (category % 64);
      word = c < split.prefix ? word & ~bit : word | bit;
    }
    if (categories <= kInline) return std::bit_cast<double>(subset_.front());
    const std::uint64_t place = forest_.masks_.size();
    forest_.masks_.insert(forest_.masks_.end(), subset_.begin(), subset_.end());
    return std::bit_cast<double>(place);
  }

  void mark_sides(std::size_t feature, const Stretch& stretch) {
    const RandomForest::Node node = forest_.nodes_[stretch.node];
    const double* x = column(feature);
    const std::uint32_t* rows = list(0);
    for (std::size_t i = stretch.begin; i < stretch.end; ++i)
      goes_right_[rows[i]] = forest_.goes_right(node, x[rows[i]]) ? 1 : 0;
  }

  // Stable; returns where the right side begins. Both ends are written at each step, so that nothing
  // branches.
  std::size_t part(std::uint32_t* rows, const Stretch& stretch) {
    std::uint32_t* left = rows + stretch.begin;
    std::uint32_t* right = moved_.data();
    for (std::size_t i = stretch.begin; i < stretch.end; ++i) {
      const std::uint32_t row = rows[i];
      *left = row;
      *right = row;
      left += 1 - goes_right_[row];
      right += goes_right_[row];
    }
    std::copy(moved_.data(), right, left);
    return static_cast<std::size_t>(left - rows);
  }

  RandomForest& forest_;
  const ForestOptions& options_;
  std::size_t features_;
  std::size_t samples_;
  double mean_ = 0.0;
  std::vector<double> y_;        // less their mean, against cancellation
  std::vector<double> columns_;  // feature by feature
  std::vector<std::uint32_t> sorted_;
  std::size_t tries_ = 1;

  Random random_{0};
  std::vector<double> weight_;  // how often the tree's bootstrap drew the row
  std::vector<double> weighted_y_;
  std::vector<std::uint8_t> goes_right_;
  std::vector<std::uint32_t> lists_;
  std::size_t list_length_ = 0;
  std::vector<std::uint32_t> moved_;
  std::vector<std::size_t> try_order_;
  std::vector<Tally> tallies_;
  std::vector<Tally> tallies_in_use_;
  std::vector<Tally> ranking_;  // of the best split, if categorical
  std::vector<std::uint64_t> subset_;
  std::vector<Stretch> stack_;
  double operations_ = 0.0;
  double depth_ = 0.0;
};

RandomForest::RandomForest(std::vector<std::uint32_t> categories, const ForestOptions& options)
    : categories_(std::move(categories)), options_(options) {
  const std::uint32_t most = categories_.empty() ? 0 : *std::ranges::max_element(categories_);
  if (most > 0) kinds_ = most > kInline ? Kinds::many_categories : Kinds::few_categories;
}

void RandomForest::fit(std::span<const double> points, std::span<const double> y, Random random) {
  assert(!y.empty() && points.size() == y.size() * features());
  nodes_.clear();
  leaves_.clear();
  roots_.clear();
  masks_.clear();
  ForestBuilder builder(*this, points, y);
  for (std::size_t tree = 0; tree < options_.trees; ++tree) builder.grow_tree(random.child(tree));
  computed_ += builder.operations() * flop;
  prediction_work_ = kStepOperations * builder.depth() * flop;
}

bool RandomForest::goes_right(const Node& node, double x) const {
  if ((node.feature & kCategorical) == 0) return x > node.threshold;
  const auto code = static_cast<std::size_t>(x);
  const auto bits = std::bit_cast<std::uint64_t>(node.threshold);
  if (categories_[node.feature & ~kCategorical] <= kInline) return ((bits >> code) & 1U) != 0;
  return ((masks_[bits + code / 64] >> (code % 64)) & 1U) != 0;
}

// Without branches but for many categories: which way a point goes is what no processor can predict.
template <RandomForest::Kinds kinds>
std::uint32_t RandomForest::child(const Node& node, const double* point) const {
  if constexpr (kinds == Kinds::numbers) return node.left + (point[node.feature] > node.threshold ? 1U : 0U);
  const double x = point[node.feature & ~kCategorical];
  if constexpr (kinds == Kinds::many_categories) return node.left + (goes_right(node, x) ? 1U : 0U);
  const std::uint64_t categorical = node.feature / kCategorical;  // 0 or 1
  const auto code = static_cast<std::uint64_t>(
      static_cast<std::int64_t>(std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & (0 - categorical))));
  const std::uint64_t by_category = (std::bit_cast<std::uint64_t>(node.threshold) >> code) & categorical;
  const std::uint64_t by_number = (x > node.threshold ? 1U : 0U) & ~categorical;
  return node.left + static_cast<std::uint32_t>(by_category | by_number);
}

// Calls visit(tree, row, leaf) for every row, tree by tree.
template <RandomForest::Kinds kinds, class Visit>
void RandomForest::visit_leaves(std::span<const double> points, Visit&& visit) const {
  const std::size_t width = features();
  const std::size_t rows = points.size() / width;
  for (std::size_t tree = 0; tree < roots_.size(); ++tree) {
    const std::uint32_t root = roots_[tree];
    for (std::size_t row = 0; row < rows; row += kLanes) {
      const std::size_t count = std::min(kLanes, rows - row);
      std::array<std::uint32_t, kLanes> at;
      std::array<const double*, kLanes> point;
      at.fill(root);
      // Idle lanes of the last group follow its first point.
      for (std::size_t k = 0; k < kLanes; ++k) point[k] = points.data() + (row + (k < count ? k : 0)) * width;
      for (bool moving = true; moving;) {
        const std::array<std::uint32_t, kLanes> before = at;
        for (int step = 0; step < kStrides; ++step)
          for (std::size_t k = 0; k < kLanes; ++k) at[k] = child<kinds>(nodes_[at[k]], point[k]);
        moving = at != before;
      }
      for (std::size_t k = 0; k < count; ++k) visit(tree, row + k, leaves_[at[k]]);
    }
  }
}

template <class Visit>
void RandomForest::visit_leaves(std::span<const double> points, Visit&& visit) const {
  switch (kinds_) {
    case Kinds::numbers:
      return visit_leaves<Kinds::numbers>(points, visit);
    case Kinds::few_categories:
      return visit_leaves<Kinds::few_categories>(points, visit);
    case Kinds::many_categories:
      return visit_leaves<Kinds::many_categories>(points, visit);
  }
}

void RandomForest::predict(std::span<const double> points, ForestPrediction& prediction) const {
  assert(!roots_.empty() && features() > 0);
  const std::size_t rows = points.size() / features();
  prediction.mean.assign(rows, 0.0);
  prediction.variance.assign(rows, 0.0);
  // Second moments about a value near the data, against cancellation. The last node is a leaf.
  const double origin = leaves_.back().mean;
  visit_leaves(points, [&](std::size_t, std::size_t row, const Leaf& leaf) {
    const double mean = leaf.mean - origin;
    prediction.mean[row] += mean;
    prediction.variance[row] += mean * mean + leaf.variance;
  });
  const double share = 1.0 / static_cast<double>(roots_.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const double mean = prediction.mean[row] * share;
    prediction.variance[row] = std::max(0.0, prediction.variance[row] * share - mean * mean);
    prediction.mean[row] = origin + mean;
  }
}

void RandomForest::predict_trees(std::span<const double> points, std::vector<double>& values) const {
  assert(!roots_.empty() && features() > 0);
  const std::size_t rows = points.size() / features();
  values.resize(roots_.size() * rows);
  visit_leaves(points, [&](std::size_t tree, std::size_t row, const Leaf& leaf) {
    values[tree * rows + row] = leaf.mean;
  });
}

// Several trees at once, as visit_leaves has several points: one step waits for another's memory.
template <RandomForest::Kinds kinds>
double RandomForest::mean_of_leaves(const double* point) const {
  double sum = 0.0;
  for (std::size_t tree = 0; tree < roots_.size(); tree += kLanes) {
    const std::size_t count = std::min(kLanes, roots_.size() - tree);
    std::array<std::uint32_t, kLanes> at;
    for (std::size_t k = 0; k < kLanes; ++k) at[k] = roots_[tree + (k < count ? k : 0)];
    for (bool moving = true; moving;) {
      const std::array<std::uint32_t, kLanes> before = at;
      for (int step = 0; step < kStrides; ++step)
        for (std::size_t k = 0; k < kLanes; ++k) at[k] = child<kinds>(nodes_[at[k]], point);
      moving = at != before;
    }
    for (std::size_t k = 0; k < count; ++k) sum += leaves_[at[k]].mean;
  }
  return sum / static_cast<double>(roots_.size());
}

double RandomForest::mean(const double* point) const {
  assert(!roots_.empty() && features() > 0);
  switch (kinds_) {
    case Kinds::numbers:
      return mean_of_leaves<Kinds::numbers>(point);
    case Kinds::few_categories:
      return mean_of_leaves<Kinds::few_categories>(point);
    case Kinds::many_categories:
      return mean_of_leaves<Kinds::many_categories>(point);
  }
  return 0.0;
}

}  // namespace tonne
