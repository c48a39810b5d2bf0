#pragma once
// The names that a fidelity gives to evaluations and their streams.

#include <bit>
#include <cstdint>

#include "core/random.h"

namespace tonne {

/// Most searches stay at one fidelity, so its names are hashed only when it changes.
class FidelityNames {
 public:
  /// Those of `fidelity` from now on.
  void take(double fidelity) {
    if (fidelity == fidelity_) return;
    only_one_ = only_one_ && fidelity_ < 0.0;
    fidelity_ = fidelity;
    const auto bits = std::bit_cast<std::uint64_t>(fidelity);
    hashed_ = mix_bits(bits);
    stream_ = StreamName(bits);
  }
  /// Of the evaluation of a configuration, by its digest.
  [[nodiscard]] std::uint64_t evaluation(std::uint64_t configuration) const {
    return mix_bits(configuration ^ hashed_);
  }
  [[nodiscard]] const StreamName& stream() const { return stream_; }
  /// Whether there was never another.
  [[nodiscard]] bool only_one() const { return only_one_; }

 private:
  double fidelity_ = -1.0;  // none yet
  std::uint64_t hashed_ = 0;
  StreamName stream_{std::uint64_t{0}};
  bool only_one_ = true;
};

}  // namespace tonne
