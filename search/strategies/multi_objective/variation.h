#pragma once
// How the evolutionary strategies for several objectives make children: simulated binary crossover and polynomial
// mutation as in Deb's own program, bounded (Deb and Agrawal 1995; Deb and Goyal 1996).

#include <cstdint>
#include <optional>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"
#include "core/settings.h"

namespace tonne {

/// Of both operators; each strategy has its paper's defaults.
struct VariationSettings {
  double crossover = 0.9;               ///< p_c
  double eta_c = 20.0;                  ///< distribution index of the crossover
  std::optional<double> mutation = {};  ///< p_m; none: 1 / d
  double eta_m = 20.0;                  ///< distribution index of the mutation

  /// Declares all of them.
  void visit(SettingsVisitor& visitor);
  /// Declares `mutation` and `eta_m` alone, for strategies that cross in another way.
  void visit_mutation(SettingsVisitor& visitor);
};

/// Both operators over one space, which outlives them. Numbers are crossed and mutated in unit coordinates; integers
/// take the value whose cell holds the coordinate. Choices and levels are swapped with probability 1/2, and mutate to
/// another choice, or to the level beside it.
class Variation {
 public:
  Variation(const VariationSettings& settings, const SearchSpace& space);

  /// Whether two parents are crossed, by lot.
  [[nodiscard]] bool crosses(Random& random) const { return random.bernoulli(settings_.crossover); }
  /// Crosses the child, a copy of one parent, with the other: one of the two children of Deb's operator, which tosses
  /// for each parameter which child takes which side.
  void cross(Configuration& child, const Configuration& other, Random& random) const;
  /// Each parameter with probability p_m.
  void mutate(Configuration& child, Random& random) const;

 private:
  enum class Kind : std::uint8_t { swapped, number, linear_real };
  // What the operators ask of a domain most often.
  struct Axis {
    Kind kind = Kind::number;
    double low = 0.0;  // of a real on a linear scale, as are those below
    double high = 1.0;
    double extent = 1.0;
  };

  [[nodiscard]] double to_unit(std::size_t i, double value) const;
  [[nodiscard]] double from_unit(std::size_t i, double u) const;
  [[nodiscard]] double crossed(double own, double other, double u, bool far_side) const;
  [[nodiscard]] double alpha_of(double beta) const;
  void mutate(Configuration& child, std::size_t i, Random& random) const;

  VariationSettings settings_;
  const SearchSpace& space_;
  std::vector<Axis> axes_;  // one a parameter
  double p_m_;
  double far_;  // from this beta on, beta^-(eta_c + 1) is lost beside 2
};

}  // namespace tonne
