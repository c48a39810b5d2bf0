#pragma once
// Answers for configurations that a table has no row of: random forests fitted to its rows, with their
// cross-validated error. As surrogate benchmarks do (Eggensperger et al. 2015; NAS-Bench-301, Zela et al.
// 2022).

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "search/problems/tabular/tabular_rows.h"
#include "search/surrogates/random_forest.h"

namespace tonne::tabular {

/// One forest for each objective at each fidelity, for each constraint, and for each column of cost. A forest
/// averages values of rows, so that nothing it says is beyond the best row.
class TableForest {
 public:
  /// A configuration as the forests see it: the places of its levels.
  using Point = boost::container::small_vector<double, 64>;

  /// `rows` must outlive it. Deterministic. Throws InputError where too few rows can be fitted.
  TableForest(const Rows& rows, const Settings& settings);

  [[nodiscard]] Point encode(const Configuration& configuration) const;
  [[nodiscard]] double objective(std::size_t index, std::size_t level, const Point& point) const;
  /// By which a configuration is judged.
  [[nodiscard]] double truth(const Point& point) const {
    return truth_ ? truth_->value(point) : objective(0, rows_.top(), point);
  }
  /// What a training seed adds to an objective: a row's own deviation from its mean over the seeds. One `run`
  /// draws the same row at every fidelity and the same seed for the same repeat, as in a row that is there.
  [[nodiscard]] double deviation(std::size_t index, std::size_t level, std::uint64_t run,
                                 std::uint32_t repeat) const;
  [[nodiscard]] double constraint(std::size_t index, const Point& point) const;
  /// Of an evaluation from scratch up to the level; nothing where the table does not tell.
  [[nodiscard]] std::optional<double> time(std::size_t level, const Point& point) const {
    return cost(time_, level, point);
  }
  [[nodiscard]] std::optional<double> energy(std::size_t level, const Point& point) const {
    return cost(energy_, level, point);
  }
  [[nodiscard]] std::optional<double> flops(std::size_t level, const Point& point) const {
    return cost(flops_, level, point);
  }
  [[nodiscard]] std::optional<double> traffic(std::size_t level, const Point& point) const {
    return cost(traffic_, level, point);
  }
  [[nodiscard]] double parameters(const Point& point) const {
    return parameters_ ? parameters_->value(point) : 0.0;
  }
  struct Use {
    std::optional<double> time, energy, flops, traffic;
  };
  [[nodiscard]] Use use(const Point& point) const;

  /// Where answers come from and how good they are.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  // A forest of values, or of their logarithms where all are above zero and quantities that vary by factors.
  struct Regression {
    RandomForest forest;
    bool logarithmic = false;
    [[nodiscard]] double value(const Point& point) const;
  };
  // Up to the highest fidelity; below it the mean share of the rows.
  struct Cost {
    Regression at_top;
    std::vector<double> share;  // by level
  };
  struct Error;

  void require_moderate_work() const;
  [[nodiscard]] Regression fit(const std::vector<double>& values, bool logarithmic, Random random) const;
  [[nodiscard]] Error cross_validate(const std::vector<double>& values, Random random) const;
  [[nodiscard]] std::optional<Cost> fit_cost(const Series& series, Random random) const;
  [[nodiscard]] std::optional<Regression> fit_use(const std::vector<double>& values, Random random) const;
  [[nodiscard]] std::optional<double> cost(const std::optional<Cost>& cost, std::size_t level,
                                           const Point& point) const;
  [[nodiscard]] std::vector<double> means(const Series& series, std::size_t level) const;
  void find_donors();
  void describe(const Settings& settings);

  const Rows& rows_;
  SurrogateSettings settings_;
  std::vector<std::size_t> decisions_;               // of each column: those with more than one level
  std::vector<std::uint32_t> categories_;            // of each column, 0 for ordered levels
  std::vector<double> features_;                     // [point][column]
  std::vector<std::vector<Regression>> objectives_;  // [objective][level]; one level where it does not differ
  std::vector<Regression> constraints_;
  std::optional<Cost> time_, energy_, flops_, traffic_;
  std::optional<Regression> truth_, parameters_, use_time_, use_energy_, use_flops_, use_traffic_;
  std::vector<std::size_t> donors_;  // rows with all seeds at all fidelities
  std::vector<std::string> notes_;
};

}  // namespace tonne::tabular
