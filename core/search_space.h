#pragma once
// The search space: parameters with domains and conditions, and what can be done with a configuration of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/configuration.h"
#include "core/random.h"

namespace tonne {

enum class Scale : std::uint8_t { linear, log };

/// Closed interval of reals; low < high, and low > 0 on a log scale.
struct Real {
  double low = 0.0;
  double high = 1.0;
  Scale scale = Scale::linear;
};
/// Integers low..high, both included; |bounds| <= 2^53 so that a double holds them.
struct Integer {
  std::int64_t low = 0;
  std::int64_t high = 1;
  Scale scale = Scale::linear;
};
/// Unordered choices, at least one.
struct Categorical {
  std::vector<std::string> choices;
};
/// Ordered levels, at least one; neighbours in the list are neighbours in meaning.
struct Ordinal {
  std::vector<std::string> levels;
};
using Domain = std::variant<Real, Integer, Categorical, Ordinal>;

/// A parameter is active while its parent (an earlier categorical or ordinal parameter) is active and its choice
/// is one of `choices`.
struct Condition {
  std::size_t parent = 0;
  std::vector<std::size_t> choices;
};

struct Parameter {
  std::string name;
  Domain domain;
  std::optional<Condition> active_when = std::nullopt;
  /// Value in the default configuration (number or index of the choice); without one: the middle of the domain.
  std::optional<double> default_value = std::nullopt;
};

/// Number of choices of a categorical or ordinal domain, number of integers of an integer one; nullopt for reals.
[[nodiscard]] std::optional<std::uint64_t> cardinality(const Domain& domain);
[[nodiscard]] inline bool is_discrete(const Domain& domain) { return !std::holds_alternative<Real>(domain); }
[[nodiscard]] inline bool is_categorical(const Domain& domain) {
  return std::holds_alternative<Categorical>(domain);
}

/// Uniform draw from a domain (uniform in the logarithm on a log scale).
[[nodiscard]] double sample(const Domain& domain, Random& random);
/// Position of a value in [0, 1]: reals and integers by their scale (integers at the centre of their cell),
/// ordinals evenly at cell centres, categoricals likewise (the order means nothing there).
[[nodiscard]] double to_unit(const Domain& domain, double value);
/// Inverse of to_unit: the value (clamped, rounded to the domain) whose cell holds u.
[[nodiscard]] double from_unit(const Domain& domain, double u);
[[nodiscard]] bool contains(const Domain& domain, double value);

class SearchSpace {
 public:
  SearchSpace() = default;
  /// Throws std::invalid_argument when names repeat, a domain is empty or reversed, a default lies outside its
  /// domain, or a condition names a parameter that does not stand earlier or is not categorical/ordinal.
  explicit SearchSpace(std::vector<Parameter> parameters);

  [[nodiscard]] std::size_t size() const { return parameters_.size(); }
  [[nodiscard]] const Parameter& operator[](std::size_t i) const { return parameters_[i]; }
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] bool has_conditions() const { return has_conditions_; }

  /// Number of distinct configurations (inactive parameters do not multiply); nullopt when it is infinite.
  /// A double, since spaces of 10^18 and more are usual.
  [[nodiscard]] std::optional<double> cardinality() const;

  /// Whether parameter i is active, given the values of the parameters before it.
  [[nodiscard]] bool should_be_active(std::size_t i, const Configuration& configuration) const;
  /// Every active value inside its domain, and exactly those parameters active whose condition holds.
  [[nodiscard]] bool contains(const Configuration& configuration) const;

  /// Independent uniform draws for the active parameters, in order.
  [[nodiscard]] Configuration sample(Random& random) const;
  [[nodiscard]] Configuration default_configuration() const;

  /// Deactivates what must be inactive and draws a value for what became active.
  void repair(Configuration& configuration, Random& random) const;
  /// A copy in which one active parameter, drawn uniformly among those with more than one value, has another
  /// value: categorical: another choice uniformly; ordinal and integer: uniformly another value; real: a fresh
  /// uniform draw. A space without such a parameter gives an unchanged copy.
  [[nodiscard]] Configuration mutate(const Configuration& configuration, Random& random) const;

  /// Whether independent uniform draws practically never meet: two parameters that are always active are real, with some
  /// 2^40 values each.
  [[nodiscard]] bool draws_never_meet() const;

  /// "name=value, ..." of the active parameters, for people.
  [[nodiscard]] std::string describe(const Configuration& configuration) const;
  /// One value as text: the choice's name, or the number in the shortest form that reads back exactly.
  [[nodiscard]] std::string value_text(std::size_t i, double value) const;

 private:
  /// What a draw of a parameter takes, so that millions of them need not look into domains.
  struct Drawing {
    enum class Kind : std::uint8_t { count, range, scaled };
    Kind kind = Kind::scaled;  ///< uniform among `values` numbers from `low` on; uniform on [low, low + width]; neither
    bool several = true;       ///< whether the parameter has more than one value
    std::uint64_t values = 0;  ///< 0 of a real
    std::int64_t first = 0;    ///< of the numbers
    double low = 0.0;
    double width = 0.0;
  };
  [[nodiscard]] static Drawing drawing_of(const Domain& domain);
  [[nodiscard]] double draw(const Drawing& drawing, std::size_t i, Random& random) const;

  std::vector<Parameter> parameters_;
  std::vector<Drawing> drawings_;
  bool has_conditions_ = false;
};

}  // namespace tonne
