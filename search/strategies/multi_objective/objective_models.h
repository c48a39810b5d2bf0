#pragma once
// What `ehvi` and `qnehvi` share: one Gaussian process for each objective, and the front of their means.

#include <span>
#include <vector>

#include "search/strategies/multi_objective/objective_search.h"

namespace tonne {

/// A process for each objective over the observations of a search, which outlives them.
class ObjectiveModels {
 public:
  ObjectiveModels(const ObjectiveSearch& search, const RefitSettings& refit, std::int64_t max_fit_points,
                  NoteSink* notes);

  /// Takes in the last observation of the search's log, once that has told its design.
  void learn();
  /// Whether there is a model.
  [[nodiscard]] bool ready() const { return fitted_at_ > 0; }
  [[nodiscard]] std::vector<GaussianProcess>& processes() { return processes_; }
  /// The observations that the processes know, in the order in which they do.
  [[nodiscard]] const std::vector<std::size_t>& known() const { return known_; }
  /// Posterior means. Precondition: ready().
  [[nodiscard]] std::vector<Objectives> means(const std::vector<Configuration>& configurations);
  /// Work of fits, conditionings and means so far.
  [[nodiscard]] Work computed() const;
  /// The parts of computed() and, back again, what it is from here on: one number for the means and one a process.
  [[nodiscard]] std::vector<double> counts() const;
  void set_counts(std::span<const double> counts);

 private:
  void refit();
  [[nodiscard]] std::vector<std::size_t> chosen_points() const;

  const ObjectiveSearch& search_;
  RefitSettings refit_;
  std::int64_t max_fit_points_;
  NoteSink* notes_;
  std::vector<GaussianProcess> processes_;  // one an objective
  std::vector<std::size_t> known_;
  std::size_t fitted_at_ = 0;
  Work predictions_{};
};

/// Indices of the points that none of the others dominates, ascending.
[[nodiscard]] std::vector<std::size_t> front_of(std::span<const Objectives> points);

/// Configurations whose means are on the front, drawn without replacement, at most `most`: around them candidates are
/// looked for. Shape of means: at most that of configurations.
[[nodiscard]] std::vector<Configuration> drawn_from_front(const std::vector<Configuration>& configurations,
                                                          std::span<const Objectives> means, std::size_t most,
                                                          Random& random);

}  // namespace tonne
