#pragma once
// What TPE learns from: the trials, and how they are parted into good ones and others.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/strategy.h"
#include "search/strategies/trial_cost.h"
#include "search/surrogates/kept_subset.h"
#include "search/surrogates/parzen_data.h"

namespace tonne {

/// Settings of the parting; see TpeSettings in tpe.cpp for what they mean to a user.
struct TpeParting {
  double gamma = 0.1;
  std::int64_t most_below = 25;
  bool learn_from_failures = true;
  std::size_t objectives = 1;  ///< of the problem, so many of the first; the cost is not among them
  TrialCost cost = TrialCost::none;
  [[nodiscard]] bool has_several_objectives() const { return objectives > 1 || cost != TrialCost::none; }
};

/// Ranks trials as Optuna's TPESampler does: completed ones by loss, then partial trainings by how far they
/// came and by their loss there, then those that violate a constraint, the less the better, by the sum of
/// what is above 0. With several objectives the completed ones are ranked by front; within the front that is
/// not taken whole, hypervolume decides (hypervolume_subset). Ties: the earlier trial. Failed and running
/// trials are never good.
class TpeHistory {
 public:
  TpeHistory(const SearchSpace& space, const TpeParting& parting) : parting_(parting), data_(space) {}

  /// A proposal that runs now, and counts as bad until something is told of it.
  void run(TrialId id, const Configuration& configuration) { record(id, configuration, {.id = id}); }
  /// A trial has ended. Only the first tell of a trial counts.
  void tell(const Trial& trial);
  /// A training has come to the trial's fidelity; replaces the report before.
  void report(const Trial& trial);

  [[nodiscard]] bool has_several_objectives() const { return parting_.has_several_objectives(); }
  /// How many trials can become good ones: all but running and failed ones.
  [[nodiscard]] std::size_t ranked() const { return ranked_.size(); }
  /// Section 4.1: the good ones are the n_l best, the others all others; both by age.
  void part();
  [[nodiscard]] std::span<const std::uint32_t> good() const { return good_; }
  [[nodiscard]] std::span<const std::uint32_t> others() const { return others_; }
  /// The configurations, by row.
  [[nodiscard]] const ParzenData& data() const { return data_; }
  /// Floating-point operations of the parting by fronts so far: m for each comparison of two trials, and
  /// hypervolume_subset's.
  [[nodiscard]] double operations() const { return operations_; }

 private:
  enum class State : std::uint8_t {
    completed,
    partial,
    infeasible,
    running,
    failed
  };  // the first three are ranked, so
  struct Observation {
    TrialId id;
    State state = State::running;
    double first = 0.0;      ///< what ranks it within its state: loss, - fidelity reached, violation
    double second = 0.0;     ///< then this: of a partial training its loss
    Objectives losses = {};  ///< of a completed one, where there are several objectives
  };

  void record(TrialId id, const Configuration& configuration, const Observation& observation);
  void rank(std::uint32_t row);
  void unrank(std::uint32_t row);
  [[nodiscard]] bool is_better(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] std::optional<Objectives> losses_of(const Trial& trial) const;
  void join_front(std::uint32_t row);
  void choose_by_front(std::size_t count);
  void choose_of_first_front(std::size_t count);
  void choose_by_volume(std::vector<std::uint32_t> front, std::size_t count);
  [[nodiscard]] std::vector<Objectives> losses_of(std::span<const std::uint32_t> rows) const;

  TpeParting parting_;
  ParzenData data_;
  std::vector<Observation> observations_;  // by row
  std::vector<std::uint32_t> by_id_;       // all rows
  std::vector<std::uint32_t> ranked_;      // completed ones, partial ones, infeasible ones
  std::size_t completed_ = 0;
  std::vector<std::uint32_t> front_;  // completed ones that none dominates, by id
  KeptSubset subset_;                 // of these
  std::vector<std::uint32_t>
      chosen_;  // the good ones by fronts, when so many had been completed and were wanted
  std::size_t chosen_at_ = 0;
  double operations_ = 0.0;
  std::vector<std::uint8_t> is_good_;
  std::vector<std::uint32_t> good_;
  std::vector<std::uint32_t> others_;
};

}  // namespace tonne
