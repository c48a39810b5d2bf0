#pragma once
// Counter-based random streams, named by purpose: an extra draw in one place never shifts another.

#include <array>
#include <cstdint>
#include <string_view>

namespace tonne {

__extension__ using Uint128 = unsigned __int128;

/// Mixes 64 bits into 64 bits (the finaliser of splitmix64, a bijection).
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// FNV-1a over the bytes, mixed. For naming streams and for digests; no defence against an adversary.
[[nodiscard]] constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix_bits(hash ^ text.size());
}

/// A name of a stream, hashed once: for streams that are made for each of millions of evaluations.
class StreamName {
 public:
  constexpr explicit StreamName(std::uint64_t name)
      : first_(mix_bits(name)), second_(mix_bits(name ^ 0xbb67ae8584caa73bULL)) {}
  constexpr explicit StreamName(std::string_view purpose) : StreamName(hash_text(purpose)) {}

 private:
  friend class Random;
  std::uint64_t first_;
  std::uint64_t second_;
};

/// Quantile of the standard normal distribution for 0 < p < 1 (Wichura 1988, algorithm AS 241, PPND16;
/// relative accuracy about 1e-16).
[[nodiscard]] double normal_quantile(double p);
/// Cumulative distribution function of the standard normal.
[[nodiscard]] double normal_cdf(double x);

/// A stream of random numbers: Philox 4x64-10 (Salmon et al. 2011) under a 128-bit key. The key is derived from
/// the path of names that leads to the stream, so `root.child("ask").child(7)` is the same stream wherever and
/// whenever it is made. Copying forks: both copies go on with the same numbers.
class Random {
 public:
  explicit Random(std::uint64_t seed) : key_{mix_bits(seed), mix_bits(seed ^ 0x6a09e667f3bcc908ULL)} {}

  [[nodiscard]] Random child(const StreamName& name) const {
    return Random(mix_bits(key_[0] ^ name.first_), mix_bits(key_[1] + name.second_));
  }
  [[nodiscard]] Random child(std::uint64_t name) const { return child(StreamName(name)); }
  [[nodiscard]] Random child(std::string_view purpose) const { return child(StreamName(purpose)); }

  /// 64 bits that name this stream.
  [[nodiscard]] std::uint64_t name() const { return mix_bits(key_[0] ^ mix_bits(key_[1])); }

  /// 64 uniform bits.
  std::uint64_t next() {
    if (available_ == 0) refill();
    return block_[--available_];
  }
  /// Uniform on [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  /// Uniform on [low, high); low when both are equal.
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform on {0, .., count - 1}, count > 0; the bias is below count / 2^64.
  std::uint64_t below(std::uint64_t count) {
    return static_cast<std::uint64_t>((static_cast<Uint128>(next()) * count) >> 64U);
  }
  bool bernoulli(double probability) { return uniform() < probability; }
  /// Standard normal by inversion: one draw each, so streams stay aligned.
  double normal() { return normal_quantile((static_cast<double>(next() >> 12U) + 0.5) * 0x1.0p-52); }

 private:
  Random(std::uint64_t k0, std::uint64_t k1) : key_{k0, k1} {}
  void refill();

  std::array<std::uint64_t, 2> key_;
  std::uint64_t counter_ = 0;
  std::array<std::uint64_t, 4> block_{};
  unsigned available_ = 0;
};

}  // namespace tonne
