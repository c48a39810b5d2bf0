#pragma once
// The candidates that a scheduler may still go on with, each kept once and packed: rungs name them by number.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/search_space.h"
#include "core/trial.h"

namespace tonne {

/// Keeps configurations in as few bytes as their domains need: one for a parameter of up to 255 values, two up to 65,535,
/// eight for any other; and for each candidate its first trial and its latest checkpoint. What is let go makes room for
/// others.
class CandidatePool {
 public:
  /// Of a candidate; numbers are used again after release().
  using Number = std::uint32_t;

  /// The space outlives the pool.
  explicit CandidatePool(const SearchSpace& space);

  /// Precondition: the space contains the configuration.
  Number add(const Configuration& configuration, TrialId first);
  void release(Number candidate) { free_.push_back(candidate); }

  [[nodiscard]] Configuration configuration(Number candidate) const;
  /// Its first trial.
  [[nodiscard]] TrialId first(Number candidate) const;
  /// The trial to go on from; none: nothing was trained (a cached answer).
  [[nodiscard]] std::optional<TrialId> checkpoint(Number candidate) const;
  void set_checkpoint(Number candidate, std::optional<TrialId> checkpoint);

 private:
  struct Field {
    std::size_t offset = 0;  // in the row
    std::size_t bytes = 8;
    double lowest = 0.0;  // stands for 0 in a field of one or two bytes
  };
  static constexpr std::size_t kRowsOfBlock = 4096;

  [[nodiscard]] std::byte* row(Number candidate) const {
    return blocks_[candidate / kRowsOfBlock].get() + candidate % kRowsOfBlock * length_;
  }

  std::vector<Field> fields_;  // one a parameter
  std::size_t length_ = 0;     // bytes of a row: first trial, checkpoint, fields
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  Number used_ = 0;
  std::vector<Number> free_;
};

}  // namespace tonne
