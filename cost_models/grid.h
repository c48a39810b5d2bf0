#pragma once
// The grid signal: how much carbon a kilowatt-hour carries, as a function of time.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.h"

namespace tonne {

/// What the carbon of a kilowatt-hour is taken to mean. Average: of all that generates; marginal: of what
/// would be turned up for one more kilowatt-hour.
enum class SignalKind : std::uint8_t { average, marginal };
/// Direct: from the chimney; life_cycle: with fuel supply and the plants' construction, 1.3 to 3 times as
/// much.
enum class SignalScope : std::uint8_t { direct, life_cycle };

/// Location: of the grid where the machine stands; market: of the contracts and certificates that its owner bought.
enum class SignalBasis : std::uint8_t { location, market };

/// Travels with every figure, for different natures may not be compared or added.
struct SignalNature {
  SignalKind kind = SignalKind::average;
  SignalScope scope = SignalScope::direct;
  SignalBasis basis = SignalBasis::location;
  bool operator==(const SignalNature&) const = default;
};
[[nodiscard]] std::string_view to_string(SignalKind kind);
[[nodiscard]] std::string_view to_string(SignalScope scope);
[[nodiscard]] std::string_view to_string(SignalBasis basis);

/// An immutable step function of intensity over time: a constant, or a trace in which each value is the mean of
/// the interval that follows its time. Times are counted from the zero of the signal's
/// clock, which is 1970-01-01T00:00Z until on_clock() sets another.
class GridSignal {
 public:
  /// The same intensity for ever.
  [[nodiscard]] static GridSignal constant(Intensity level, SignalNature nature);
  /// values[i] holds on [begin + i * step, begin + (i + 1) * step). Preconditions: step > 0, at least one
  /// value, none negative. `name` stands in messages.
  [[nodiscard]] static GridSignal trace(Duration begin, Duration step, const std::vector<Intensity>& values,
                                        SignalNature nature, std::string name);
  /// The same with steps of different lengths (months, a day of 23 hours, a finer meter from some day on):
  /// values[i] holds on [edges[i], edges[i + 1]). Preconditions: edges ascend strictly and are one more than the
  /// values; at least one value, none negative.
  [[nodiscard]] static GridSignal trace(const std::vector<Duration>& edges, const std::vector<Intensity>& values,
                                        SignalNature nature, std::string name);

  /// The same signal on a clock that reads 0 at `origin` of this one. Near zero a double resolves a time
  /// best.
  [[nodiscard]] GridSignal on_clock(Duration origin) const;

  /// Carbon of a constant power over [from, to], exact at the edges of steps; O(1), or O(log n) where the
  /// steps change. Precondition: from <= to.
  /// Throws InputError when a trace does not cover the interval.
  [[nodiscard]] Carbon integrate(Power power, Duration from, Duration to) const;
  /// Mean intensity over [from, to]; the value at `from` when the interval is empty. Throws as integrate().
  [[nodiscard]] Intensity mean(Duration from, Duration to) const;

  [[nodiscard]] bool is_constant() const { return values_.empty(); }
  [[nodiscard]] SignalNature nature() const { return nature_; }
  /// The span of a trace; both 0 for a constant, which has no ends.
  [[nodiscard]] Duration begin() const { return begin_; }
  [[nodiscard]] Duration end() const {
    return begin_ + (offsets_.empty() ? static_cast<double>(values_.size()) * step_ : offsets_.back());
  }
  /// Length of each step; 0 for a constant, and where the steps change.
  [[nodiscard]] Duration step() const { return step_; }

 private:
  // Sum of the first i values (where the steps change: of value times length) in double-double arithmetic: the difference of two sums is then as exact as a
  // double can be, however long the trace.
  struct Sum {
    double high = 0.0;
    double low = 0.0;
  };
  struct Steps {
    std::vector<Intensity> values;
    std::vector<Sum> sums;
    std::vector<Duration> offsets;  // of the edges from begin, where the steps change; else empty
    void add(double term);
  };
  GridSignal(Intensity level, SignalNature nature) : level_(level), nature_(nature) {}
  [[nodiscard]] std::size_t step_at(Duration offset) const;
  [[nodiscard]] std::size_t changing_step_at(Duration offset) const;
  [[nodiscard]] Intensity trace_mean(Duration from, Duration to) const;
  [[nodiscard]] Intensity changing_mean(Duration low, Duration high) const;
  [[nodiscard]] double sum_between(std::size_t first, std::size_t last) const;
  void hold(std::shared_ptr<const Steps> steps);
  [[noreturn]] void refuse(Duration from, Duration to) const;

  Intensity level_{};
  SignalNature nature_;
  Duration begin_{};
  Duration step_{};
  Duration clock_zero_{};  // since 1970, for messages
  // Copies share the steps: a search with uncertain figures holds a cost model for each of their draws.
  std::shared_ptr<const Steps> steps_;
  std::span<const Intensity> values_;
  std::span<const Sum> sums_;
  std::span<const Duration> offsets_;
  std::string name_;
};

}  // namespace tonne
