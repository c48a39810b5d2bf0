#pragma once
// The rows of a table of evaluations, by configuration.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/csv.h"
#include "core/digest_table.h"
#include "core/problem.h"
#include "search/problems/tabular/tabular_settings.h"

namespace tonne::tabular {

/// Within tables only, never handed out.
inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
[[nodiscard]] inline bool is_present(double value) {
  return !std::isnan(value);
}

/// The values of one column, or of the columns of one thing at each fidelity or training seed; base units;
/// kAbsent where the table tells none.
class Series {
 public:
  Series() = default;
  /// `levels`, `seeds`: 1 where the values do not differ by fidelity or seed.
  Series(std::size_t points, std::size_t levels, std::size_t seeds)
      : levels_(levels), seeds_(seeds), values_(points * levels * seeds, kAbsent) {}

  [[nodiscard]] bool given() const { return !values_.empty(); }
  [[nodiscard]] bool by_level() const { return levels_ > 1; }
  [[nodiscard]] double& at(std::size_t point, std::size_t level, std::size_t seed) {
    return values_[place(point, level, seed)];
  }
  [[nodiscard]] double at(std::size_t point, std::size_t level, std::size_t seed) const {
    return values_[place(point, level, seed)];
  }

 private:
  [[nodiscard]] std::size_t place(std::size_t point, std::size_t level, std::size_t seed) const {
    return (point * levels_ + (levels_ > 1 ? level : 0)) * seeds_ + (seeds_ > 1 ? seed : 0);
  }

  std::size_t levels_ = 1;
  std::size_t seeds_ = 1;
  std::vector<double> values_;
};

/// One use of a configuration, one entry a configuration each; empty without a column.
struct InferenceRows {
  std::vector<double> time, energy, flops, traffic;
};

/// What a table holds, checked.
struct Rows {
  SearchSpace space;
  std::vector<double> levels;  ///< fidelities, ascending; {1} without
  FidelityTraits fidelity;
  std::size_t seeds = 1;
  DigestTable<std::uint32_t> points;  ///< by digest: 1 + index into configurations
  std::vector<Configuration> configurations;
  /// The main one first, transformed. Where a seed lacks one of the objectives or constraints at a fidelity,
  /// it lacks the main one: it cannot answer.
  std::vector<Series> objectives;
  std::vector<Series> constraints;  ///< violations: satisfied where <= 0
  std::vector<double>
      truth;  ///< what each is judged by, at the highest fidelity; empty: the objective's mean
  Series time, energy, flops, traffic;  ///< of an evaluation from scratch up to a fidelity
  std::vector<double> parameters;       ///< 0 where not told
  InferenceRows inference;

  [[nodiscard]] std::size_t top() const { return levels.size() - 1; }
  /// The highest level that does not exceed the amount; the lowest for less.
  [[nodiscard]] std::size_t level_at(double amount) const;
  /// Whether the seed answers at the level.
  [[nodiscard]] bool answers(std::size_t point, std::size_t level, std::size_t seed) const {
    return is_present(objectives.front().at(point, level, seed));
  }
  /// Mean over the seeds that answer at the level; kAbsent where none does.
  [[nodiscard]] double mean(const Series& series, std::size_t point, std::size_t level) const;
  /// No constraint is violated at the highest fidelity (on average over the seeds).
  [[nodiscard]] bool is_feasible(std::size_t point) const;
};

/// Throws InputError: a column missing, a field that is no number, a row that stands twice, ...
[[nodiscard]] Rows read_rows(const CsvTable& table, const Settings& settings);

}  // namespace tonne::tabular
