#pragma once
// Latent fields over a search space: sums of hashed effects of parameters, of pairs, and of larger groups.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/search_space.h"
#include "search/problems/imitation/imitation_space.h"

namespace tonne::imitation {

/// Where a candidate stands on each parameter's nodes: on `low`, or the part `above` of the way to the next.
struct Places {
  std::array<std::uint32_t, kMostParameters> low;
  std::array<double, kMostParameters> above;
};

/// The nodes on which effects are drawn: a discrete parameter's levels, or a grid over a numeric one of many.
class Nodes {
 public:
  explicit Nodes(const SearchSpace& space);

  [[nodiscard]] std::size_t size() const { return count_.size(); }
  [[nodiscard]] std::size_t count(std::size_t parameter) const { return count_[parameter]; }
  [[nodiscard]] bool ordered(std::size_t parameter) const { return ordered_[parameter]; }
  /// Precondition: every parameter is active.
  void place(const SearchSpace& space, const Configuration& configuration, Places& places) const;

 private:
  std::vector<std::size_t> count_;
  std::vector<bool> ordered_;
  std::vector<bool> exact_;  // a node is a level
};

/// Effects of each parameter, by node: mean 0, variance 1 over the nodes; 0 where there is one.
using Effects = std::vector<std::vector<double>>;

/// `outcast`: Shape::outcast. Neighbouring nodes of ordered parameters have similar effects.
[[nodiscard]] Effects draw_effects(std::uint64_t seed, const Nodes& nodes, double outcast);
/// The part `share` (-1 to 1) of `effects`, the rest of `other`; standardised.
[[nodiscard]] Effects mixed(const Effects& effects, double share, const Effects& other);

/// A field's terms have mean 0, and their variances, over uniform draws, are about the structure's shares.
class Field {
 public:
  Field(std::uint64_t seed, const Nodes& nodes, const Structure& structure, Effects effects);

  /// Of single parameters and pairs.
  [[nodiscard]] double structured(const Places& places) const;
  /// Of larger groups.
  [[nodiscard]] double own(const Places& places) const;
  [[nodiscard]] double at(const Places& places) const { return structured(places) + own(places); }

 private:
  static constexpr std::size_t kGroups = 16;
  static constexpr std::size_t kTerms = 2;  // of a pair's table
  struct Pair {
    std::size_t first, second;
    std::vector<double> table;  // weighted, the second parameter's node fastest
  };

  void draw_pairs(std::uint64_t seed, const Structure& structure);
  void add_pair(std::uint64_t seed, std::size_t a, std::size_t b, double weight);
  void draw_groups(std::uint64_t seed, const Structure& structure);
  [[nodiscard]] static double between(const std::vector<double>& values, std::size_t low, double above);

  const Nodes& nodes_;
  Effects effects_;  // weighted
  std::vector<Pair> pairs_;
  double own_ = 0.0;                                      // weight
  std::vector<std::vector<std::uint64_t>> names_;         // by parameter, node
  std::array<std::vector<std::uint32_t>, kGroups> groups_;  // parameters of each
};

}  // namespace tonne::imitation
