#pragma once
// How far trials have trained, for those that go on from them.

#include <cstdint>
#include <deque>

#include "core/trial.h"

namespace tonne {

class Checkpoints {
 public:
  struct Checkpoint {
    std::uint64_t configuration = 0;  ///< its digest
    double fidelity = 0.0;
    std::uint32_t repeat = 0;
  };

  /// The checkpoint that a completed trial leaves; its fidelity is above 0.
  void keep(TrialId trial, const Checkpoint& checkpoint) {
    if (trial >= kept_.size()) kept_.resize(trial + 1);
    kept_[trial] = checkpoint;
  }
  /// Null where the trial has not completed.
  [[nodiscard]] const Checkpoint* find(TrialId trial) const {
    return trial < kept_.size() && kept_[trial].fidelity > 0.0 ? &kept_[trial] : nullptr;
  }

 private:
  std::deque<Checkpoint> kept_;  // grows without being copied
};

}  // namespace tonne
