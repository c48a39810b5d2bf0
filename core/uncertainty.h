#pragma once
// Figures that are known as a range or a distribution only.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/settings.h"

namespace tonne {

/// A distribution of one number, in base units where it is a quantity. Written as
///     0.3..0.57, 200..350 W, uniform(0.3, 0.57)   uniform between both ends
///     triangular(200 W, 250 W, 350 W)             low, mode, high
///     normal(0.4, 0.05)                           mean and standard deviation
///     lognormal(250 W, 1.4)                       median and geometric standard deviation: exp(N(ln median,
///     ln gsd))
/// A unit may stand at each number or once, at any of them; a geometric standard deviation has none. A normal
/// or lognormal one is truncated to the bounds of its setting.
class Distribution {
 public:
  enum class Shape : std::uint8_t { uniform, triangular, normal, lognormal };

  /// Nothing when the text is no distribution. Throws InputError when it is one that makes no sense (ends in
  /// the wrong order, a unit that does not fit `kind`, a spread that is not positive). `kind`: none for a
  /// plain number.
  [[nodiscard]] static std::optional<Distribution> parse(std::string_view text,
                                                         std::optional<QuantityKind> kind, Bounds bounds);

  /// The value that is not exceeded with a probability within (0, 1).
  [[nodiscard]] double quantile(double probability) const;
  [[nodiscard]] double median() const { return quantile(0.5); }

  [[nodiscard]] Shape shape() const { return shape_; }
  /// Least and greatest of what must lie within the bounds: the ends; of a truncated shape its centre.
  [[nodiscard]] double lowest() const { return parameters_.front(); }
  [[nodiscard]] double highest() const;

  /// The unit as the user wrote it (empty: none) and its size in base units.
  [[nodiscard]] const std::string& unit() const { return unit_; }
  [[nodiscard]] double unit_size() const { return unit_size_; }
  /// Shape and numbers in base units: the same distribution gives the same text, however it was written.
  [[nodiscard]] std::string canonical() const;

 private:
  Distribution() = default;
  void check(std::string_view text) const;
  [[nodiscard]] double truncated(double probability, double low, double high) const;

  Shape shape_ = Shape::uniform;
  std::vector<double> parameters_;
  Bounds bounds_;
  std::string unit_;
  double unit_size_ = 1.0;
};

/// A setting that is known as a distribution. Two of the same key are the same unknown and move together.
struct UncertainSetting {
  std::string key;   ///< in full: "cluster.facility.pue"
  std::string text;  ///< as the user wrote it
  Distribution distribution;
  Location where;
};

/// Sets the values at the keys of `uncertain` in the settings that `visit` describes; `prefix` is their key
/// ("cluster", or empty). Bounds are not checked: a quantile keeps to them.
void set_values(const std::function<void(SettingsVisitor&)>& visit, const std::string& prefix,
                std::span<const UncertainSetting> uncertain, std::span<const double> values);

/// The probabilities at which `draws` draws of one key are taken: one in each of as many equal strata, in
/// random order (Latin hypercube: McKay, Beckman & Conover 1979). They depend on seed, key and number of
/// draws only, so that no key's draws depend on which others there are, nor on threads.
[[nodiscard]] std::vector<double> stratified_probabilities(std::uint64_t seed, std::string_view key,
                                                           std::size_t draws);

/// Linear between order statistics (Hyndman & Fan 1996, type 7). Preconditions: sorted, not empty, 0 <= p
/// <= 1.
[[nodiscard]] double quantile_of_sorted(std::span<const double> sorted, double p);

/// At these quantiles of one figure, with all others at their medians, a tornado shows the answer.
inline constexpr double kTornadoLow = 0.05;
inline constexpr double kTornadoHigh = 0.95;

}  // namespace tonne
