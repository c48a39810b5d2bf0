#pragma once
// Test functions of global optimisation whose minima are known exactly.
//
// Boxes and constants as in Surjanovic and Bingham, "Virtual Library of Simulation Experiments: Test
// Functions and Datasets" (Simon Fraser University, 2013); first sources stand at each function.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tonne {

enum class TestFunction : std::uint8_t { branin, hartmann3, hartmann6, ackley, levy, rastrigin, rosenbrock };
inline constexpr std::array<std::string_view, 7> kTestFunctionNames = {
    "branin", "hartmann3", "hartmann6", "ackley", "levy", "rastrigin", "rosenbrock"};

/// Of the functions that are defined in any dimension.
inline constexpr std::size_t kMostFunctionDimensions = 1000;

/// Dixon and Szego 1978. Two dimensions, [-5, 10] x [0, 15]; minimum 5 / (4 pi) at (-pi, 12.275), (pi, 2.275)
/// and (3 pi, 2.475).
[[nodiscard]] double branin(std::span<const double> x);
/// Hartman 1973; Dixon and Szego 1978. Three dimensions, [0, 1]^3; one minimum, of -3.8628, among four.
[[nodiscard]] double hartmann3(std::span<const double> x);
/// Hartman 1973; Dixon and Szego 1978. Six dimensions, [0, 1]^6; one minimum, of -3.3224, among several.
[[nodiscard]] double hartmann6(std::span<const double> x);
/// Ackley 1987 with a = 20, b = 0.2, c = 2 pi. Any dimension, [-32.768, 32.768]^d; minimum 0 at 0.
[[nodiscard]] double ackley(std::span<const double> x);
/// Laguna and Marti 2005. Any dimension, [-10, 10]^d; minimum 0 at (1, .., 1).
[[nodiscard]] double levy(std::span<const double> x);
/// Rastrigin 1974; in any dimension Muehlenbein et al. 1991. [-5.12, 5.12]^d; minimum 0 at 0.
[[nodiscard]] double rastrigin(std::span<const double> x);
/// Rosenbrock 1960; the chain in any dimension >= 2. [-5, 10]^d; minimum 0 at (1, .., 1).
[[nodiscard]] double rosenbrock(std::span<const double> x);

/// What is known of a function. The box and the minimiser of functions in any dimension are the same in each
/// coordinate.
struct TestFunctionFacts {
  double (*value)(std::span<const double>) = nullptr;
  std::size_t dimension = 0;  ///< its own, or the customary one where it is defined in any
  std::size_t least = 0;      ///< the fewest dimensions that make sense
  bool any_dimension = false;
  double minimum = 0.0;         ///< over the whole box, correctly rounded
  std::array<double, 6> low{};  ///< of the box, per coordinate
  std::array<double, 6> high{};
  std::array<double, 6> minimiser{};  ///< a point with the least value, one of them for branin

  [[nodiscard]] double low_at(std::size_t i) const { return low[any_dimension ? 0 : i]; }
  [[nodiscard]] double high_at(std::size_t i) const { return high[any_dimension ? 0 : i]; }
  [[nodiscard]] double minimiser_at(std::size_t i) const { return minimiser[any_dimension ? 0 : i]; }
};

[[nodiscard]] const TestFunctionFacts& facts_of(TestFunction function);

}  // namespace tonne
