#pragma once
// Trainings of a table: a candidate was trained with a few seeds, its value is their mean, and whoever trains
// it again gets one of them again.

#include <cstdint>
#include <optional>

#include "core/problem.h"
#include "core/random.h"
#include "core/settings.h"

namespace tonne {

/// The training seeds of a synthetic table. What a training deviates from the candidate's true value is
/// hashed from the candidate's name and the seed, so it is the same for every search.
class TrainingSeeds {
 public:
  static constexpr std::int64_t kUnlimited = 0;
  /// A deviation costs a hashed normal number for each seed.
  static constexpr std::int64_t kMost = 100;

  /// `count`: between 1 and kMost, or kUnlimited.
  explicit constexpr TrainingSeeds(std::int64_t count = kUnlimited)
      : count_(static_cast<std::uint64_t>(count)) {}

  [[nodiscard]] constexpr bool unlimited() const { return count_ == 0; }
  /// 0 where unlimited.
  [[nodiscard]] constexpr std::uint64_t count() const { return count_; }
  /// As Problem::training_seeds has it.
  [[nodiscard]] constexpr std::optional<std::uint32_t> distinct() const {
    return unlimited() ? std::nullopt : std::optional(static_cast<std::uint32_t>(count_));
  }

  /// The seed of an evaluation, below count(): the first one is drawn by the search and the candidate, a
  /// resumed training keeps it, and repeats take the next ones, as `tabular` has it. Precondition: not
  /// unlimited.
  [[nodiscard]] std::uint64_t seed_of(const Evaluation& evaluation) const {
    return (evaluation.run % count_ + evaluation.repeat) % count_;
  }

  /// What the training with that seed deviates from the candidate's true value, in units of the seeds' sd. Of
  /// two or more seeds the deviations sum to 0, since the true value is their mean; their variance over
  /// candidates is 1 - 1 / count(). A single seed is not centred, or nothing would be left of it: then the
  /// true value is what an endless number of trainings would give. `candidate` names the candidate and the
  /// landscape. Precondition: not unlimited, seed < count().
  [[nodiscard]] double deviation(std::uint64_t candidate, std::uint64_t seed) const;

  /// The same of an evaluation, whose stream `random` is: where seeds are unlimited a new normal number, for
  /// which alone it takes a draw.
  [[nodiscard]] double deviation_of(std::uint64_t candidate, const Evaluation& evaluation,
                                    Random& random) const {
    return unlimited() ? random.normal() : deviation(candidate, seed_of(evaluation));
  }

 private:
  std::uint64_t count_;
};

/// The setting `training_seeds`: a whole number of at least 1, or `unlimited`.
class TrainingSeedsSetting {
 public:
  /// `usual`: what stands where the user says nothing, TrainingSeeds::kUnlimited included; it may depend on
  /// settings that were visited before.
  void visit(SettingsVisitor& visitor, std::int64_t usual);
  [[nodiscard]] TrainingSeeds seeds(std::int64_t usual) const {
    return TrainingSeeds(given_.value_or(usual));
  }

 private:
  std::optional<std::int64_t> given_;
};

}  // namespace tonne
