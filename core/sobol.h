#pragma once
// The Sobol sequence.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tonne {

/// Coordinates of the Sobol sequence as 64-bit fractions, one after the other, from the point after the origin on: Sobol
/// 1967, with the direction numbers of Joe and Kuo 2008 as Boost.Random ships them. Boost's table of them is compiled
/// once, here, instead of into each user.
class SobolSequence {
 public:
  /// Precondition: 1 <= dimensions <= 3667.
  explicit SobolSequence(std::size_t dimensions);
  SobolSequence(SobolSequence&&) noexcept;
  SobolSequence& operator=(SobolSequence&&) noexcept;
  ~SobolSequence();
  /// The next coordinate: dimension by dimension, then the next point.
  [[nodiscard]] std::uint64_t next();

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace tonne
