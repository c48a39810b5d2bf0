// Grid search: the product of a few values of each parameter.
//
// A parameter counts only where it is active, so each configuration stands once, however deep the conditions. With
// conditions a space is a forest: a parameter's activity depends on the choice of one parent. Hence the number of
// configurations below parameter p is
//     N(p) = sum over the values v of p of the product of N(c) over the children c that v makes active,
// the grid has the product of N over the parameters without parent, and a number below that leads to its point by
// division: no list of the points is kept, of 10^18 neither.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "core/recipe.h"

namespace tonne {
namespace {

enum class Order : std::uint8_t { shuffled, lexicographic };
constexpr std::array<std::string_view, 2> kOrderNames = {"shuffled", "lexicographic"};
/// Stands for every number of points that 63 bits do not hold.
constexpr std::uint64_t kTooMany = std::uint64_t{1} << 63;

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) || result > kTooMany ? kTooMany : result;
}

struct GridSettings {
  /// Values of a number; both ends are among them. Bergstra and Bengio 2012 compare with 2 to 4 a dimension.
  std::int64_t levels = 5;
  /// Shuffled: a budget that ends before the grid does has seen all of the space.
  Order order = Order::shuffled;

  void visit(SettingsVisitor& visitor) {
    visitor.integer(
        "levels", levels, Bounds::between(1, 1e6),
        "values per numeric parameter, evenly spaced on its scale; all choices and levels are used");
    visitor.choice("order", order, kOrderNames,
                   "order of the points; lexicographic: the last parameter varies fastest");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const;
};

/// The grid's points by number.
class Grid {
 public:
  Grid(const SearchSpace& space, std::size_t levels) : space_(space), nodes_(space.size()) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      nodes_[i].values = values_of(space[i].domain, levels);
      const auto& condition = space[i].active_when;
      if (condition) nodes_[condition->parent].children.push_back(i);
    }
    for (std::size_t i = space.size(); i-- > 0;) count(i);
    for (std::size_t i = 0; i < space.size(); ++i)
      if (!space[i].active_when) points_ = product(points_, nodes_[i].points);
  }

  /// kTooMany where there are more.
  [[nodiscard]] std::uint64_t points() const { return points_; }

  [[nodiscard]] Configuration operator[](std::uint64_t number) const {
    Configuration configuration(space_.size());
    for (std::size_t i = space_.size(); i-- > 0;)
      if (!space_[i].active_when) place(i, take(number, nodes_[i].points), configuration);
    return configuration;
  }

 private:
  struct Node {
    std::vector<double> values;
    std::vector<std::size_t> children;
    std::vector<std::uint64_t> below;  // number of points with each value
    std::uint64_t points = 0;
  };

  static std::vector<double> values_of(const Domain& domain, std::size_t levels) {
    const auto known = cardinality(domain);
    const bool whole = known && (*known <= levels || !std::holds_alternative<Integer>(domain));
    const std::size_t n = whole ? static_cast<std::size_t>(*known) : levels;
    std::vector<double> values;
    for (std::size_t j = 0; j < n; ++j) {
      // All of a discrete domain at its cells' centres; else from one end to the other.
      const double u = whole    ? (static_cast<double>(j) + 0.5) / static_cast<double>(n)
                       : n == 1 ? 0.5
                                : static_cast<double>(j) / static_cast<double>(n - 1);
      const double value = whole && std::holds_alternative<Integer>(domain)
                               ? static_cast<double>(std::get<Integer>(domain).low) + static_cast<double>(j)
                               : from_unit(domain, u);
      if (values.empty() || value != values.back()) values.push_back(value);
    }
    return values;
  }

  [[nodiscard]] bool activates(std::size_t child, double value) const {
    const auto& choices = space_[child].active_when->choices;
    return std::ranges::find(choices, static_cast<std::size_t>(value)) != choices.end();
  }

  void count(std::size_t i) {
    Node& node = nodes_[i];
    for (const double value : node.values) {
      std::uint64_t below = 1;
      for (const std::size_t child : node.children)
        if (activates(child, value)) below = product(below, nodes_[child].points);
      node.below.push_back(below);
      node.points = std::min(node.points + below, kTooMany);
    }
  }

  // The remainder by `points`; the quotient stays.
  static std::uint64_t take(std::uint64_t& number, std::uint64_t points) {
    const std::uint64_t remainder = number % points;
    number /= points;
    return remainder;
  }

  void place(std::size_t i, std::uint64_t number, Configuration& configuration) const {
    const Node& node = nodes_[i];
    std::size_t v = 0;
    while (number >= node.below[v]) number -= node.below[v++];
    configuration.set(i, node.values[v]);
    for (std::size_t c = node.children.size(); c-- > 0;) {
      const std::size_t child = node.children[c];
      if (activates(child, node.values[v])) place(child, take(number, nodes_[child].points), configuration);
    }
  }

  const SearchSpace& space_;
  std::vector<Node> nodes_;
  std::uint64_t points_ = 1;
};

/// A permutation of 0 .. n-1 without a table: a Feistel network of four rounds on the next even number of bits, walked
/// until it falls below n (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
class Permutation {
 public:
  Permutation(std::uint64_t n, std::uint64_t key) : n_(n), key_(key) {
    while (half_bits_ < 32 && (std::uint64_t{1} << (2 * half_bits_)) < n) ++half_bits_;
  }
  [[nodiscard]] std::uint64_t operator()(std::uint64_t i) const {
    do i = round_trip(i);
    while (i >= n_);
    return i;
  }

 private:
  [[nodiscard]] std::uint64_t round_trip(std::uint64_t i) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = i >> half_bits_;
    std::uint64_t right = i & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t mixed = left ^ (mix_bits(right ^ mix_bits(key_ + round)) & mask);
      left = right;
      right = mixed;
    }
    return left << half_bits_ | right;
  }

  std::uint64_t n_;
  std::uint64_t key_;
  unsigned half_bits_ = 1;
};

class GridSearch final : public Strategy {
 public:
  GridSearch(const GridSettings& settings, const StrategyContext& context)
      : order_(settings.order),
        fidelity_(context.fidelity),
        grid_(context.space, static_cast<std::size_t>(settings.levels)),
        points_(grid_.points()) {}

  std::optional<Proposal> ask(TrialId, Random random) override {
    if (next_ == points_) return std::nullopt;
    if (!permutation_) permutation_.emplace(points_, random.child("permutation").name());
    const std::uint64_t number = order_ == Order::shuffled ? (*permutation_)(next_) : next_;
    ++next_;
    return Proposal{.configuration = grid_[number], .fidelity = fidelity_};
  }
  void tell(const Trial&) override {}

 private:
  Order order_;
  double fidelity_;
  Grid grid_;
  std::uint64_t points_;
  std::uint64_t next_ = 0;
  std::optional<Permutation> permutation_;  // keyed by the first ask
};

std::optional<std::string> GridSettings::refuses(const StrategyContext& context) const {
  if (Grid(context.space, static_cast<std::size_t>(levels)).points() < kTooMany) return std::nullopt;
  return "its grid would exceed 9e18 points; use fewer levels or another strategy";
}

}  // namespace

std::unique_ptr<StrategyRecipe> make_grid_recipe() {
  return std::make_unique<BasicStrategyRecipe<GridSettings, GridSearch>>();
}

}  // namespace tonne
