#pragma once
// Hash tables of 64-bit digests: open addressing, no allocation per entry.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tonne {
namespace detail {

/// Where `key` stands among the slots, or the empty one where it would: linear probing from its lowest bits. An empty
/// slot has the key 0. Precondition: the number of slots is a power of two, and one is empty.
template <class Slot, class KeyOf>
[[nodiscard]] std::size_t probe(const std::vector<Slot>& slots, std::uint64_t key, const KeyOf& key_of) {
  const std::size_t mask = slots.size() - 1;
  std::size_t at = static_cast<std::size_t>(key) & mask;
  while (key_of(slots[at]) != key && key_of(slots[at]) != 0) at = (at + 1) & mask;
  return at;
}

/// Twice as many slots, with the same entries.
template <class Slot, class KeyOf>
void grow(std::vector<Slot>& slots, const KeyOf& key_of) {
  std::vector<Slot> larger(2 * slots.size());
  for (Slot& slot : slots)
    if (key_of(slot) != 0) larger[probe(larger, key_of(slot), key_of)] = std::move(slot);
  slots = std::move(larger);
}

inline constexpr std::size_t kFirstSlots = 64;  // a power of two, like every later number

}  // namespace detail

/// From digests to small values: half of the slots stay empty, so that most look-ups end where they begin. Keys must
/// already be well mixed. Never shrinks; the order of insertion does not matter to look-ups.
template <class Value>
class DigestTable {
 public:
  DigestTable() : slots_(detail::kFirstSlots) {}

  /// The value of `key`, value-initialised when it is new. Holds until the next call.
  Value& operator[](std::uint64_t key) {
    if (key == 0) return value_of_zero();
    if (2 * (used_ + 1) > slots_.size()) detail::grow(slots_, key_of);
    Slot& slot = slots_[detail::probe(slots_, key, key_of)];
    if (slot.key == 0) {
      slot.key = key;
      ++used_;
    }
    return slot.value;
  }
  [[nodiscard]] const Value* find(std::uint64_t key) const {
    if (key == 0) return has_zero_ ? &zero_ : nullptr;
    const Slot& slot = slots_[detail::probe(slots_, key, key_of)];
    return slot.key == 0 ? nullptr : &slot.value;
  }
  [[nodiscard]] std::size_t size() const { return used_ + (has_zero_ ? 1 : 0); }
  /// Says that `key` will be looked up soon.
  void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[static_cast<std::size_t>(key) & (slots_.size() - 1)]); }

 private:
  struct Slot {
    std::uint64_t key = 0;
    Value value{};
  };
  static std::uint64_t key_of(const Slot& slot) { return slot.key; }

  Value& value_of_zero() {
    has_zero_ = true;
    return zero_;
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;  // without the key 0, which marks an empty slot and stands by itself
  Value zero_{};
  bool has_zero_ = false;
};

/// A set of digests, 8 bytes a slot, of which 3/8 to 3/4 are in use once it has grown. Keys must already be well mixed.
class DigestSet {
 public:
  DigestSet() : slots_(detail::kFirstSlots) {}

  /// Whether `key` was not in it before.
  bool insert(std::uint64_t key) {
    if (key == 0) return !std::exchange(has_zero_, true);
    if (4 * (used_ + 1) > 3 * slots_.size()) detail::grow(slots_, key_of);
    std::uint64_t& slot = slots_[detail::probe(slots_, key, key_of)];
    if (slot == key) return false;
    slot = key;
    ++used_;
    return true;
  }
  [[nodiscard]] bool contains(std::uint64_t key) const {
    return key == 0 ? has_zero_ : slots_[detail::probe(slots_, key, key_of)] == key;
  }
  [[nodiscard]] std::size_t size() const { return used_ + (has_zero_ ? 1 : 0); }
  /// Says that `key` will be looked up soon.
  void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[static_cast<std::size_t>(key) & (slots_.size() - 1)]); }

 private:
  static std::uint64_t key_of(std::uint64_t slot) { return slot; }

  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;  // without the key 0, which marks an empty slot
  bool has_zero_ = false;
};

}  // namespace tonne
