#pragma once
// What a cell's content is told by: one sum over its rows, whatever the order and the form in which they are kept.

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/random.h"

namespace tonne {

/// 128 bits, added up over rows: equal sets of rows have equal sums. No defence against an adversary.
struct ContentSum {
  std::uint64_t a = 0, b = 0;

  ContentSum& operator+=(const ContentSum& other) {
    a += other.a;
    b += other.b;
    return *this;
  }
  /// 32 hex digits.
  [[nodiscard]] std::string text() const;
  bool operator==(const ContentSum&) const = default;
};

/// What one column adds to the hash of a row: `key` tells the columns apart.
struct ColumnTerm {
  std::uint64_t factor, summand;

  explicit constexpr ColumnTerm(std::uint64_t key) : factor(mix_bits(2 * key)), summand(mix_bits(2 * key + 1)) {}
  void add(std::uint64_t word, std::uint64_t& a, std::uint64_t& b) const {
    const Uint128 product = static_cast<Uint128>(word + factor) * (std::rotl(word, 32) + summand);
    const auto low = static_cast<std::uint64_t>(product), high = static_cast<std::uint64_t>(product >> 64U);
    a += low ^ high;
    b += low + std::rotl(high, 32);
  }
};

/// Of the sums of a row's terms.
[[nodiscard]] inline ContentSum finished_row(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t first = mix_bits(a ^ std::rotl(b, 17));
  return {first, mix_bits(b + first)};
}

/// The hash of one row of a table, column by column from the left.
class RowHash {
 public:
  explicit RowHash(std::string_view table) : column_(hash_text(table)) {}

  void add_nothing() { add(0, 0); }
  void add(std::int64_t whole) { add(1, static_cast<std::uint64_t>(whole)); }
  /// As SQLite keeps them: what is no number is nothing, and there is one zero.
  void add(double number) {
    if (number != number) return add_nothing();
    add(2, std::bit_cast<std::uint64_t>(number + 0.0));
  }
  void add(std::string_view text) { add(3, hash_text(text)); }
  [[nodiscard]] ContentSum sum() const { return finished_row(a_, b_); }

 private:
  void add(std::uint64_t type, std::uint64_t word) { ColumnTerm(column_++ * 4 + type).add(word, a_, b_); }

  std::uint64_t column_;
  std::uint64_t a_ = 0, b_ = 0;
};

}  // namespace tonne
