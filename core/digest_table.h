#pragma once
// A hash table from 64-bit digests to small values: open addressing, no allocation per entry.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tonne {

/// Keys must already be well mixed. Never shrinks; order of insertion does not matter to look-ups.
template <class Value>
class DigestTable {
 public:
  DigestTable() : slots_(kInitial) {}

  /// The value of `key`, value-initialised when it is new.
  Value& operator[](std::uint64_t key) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[position(slots_, key)];
    if (!slot.used) {
      slot = {key, Value{}, true};
      ++used_;
    }
    return slot.value;
  }
  [[nodiscard]] const Value* find(std::uint64_t key) const {
    const Slot& slot = slots_[position(slots_, key)];
    return slot.used ? &slot.value : nullptr;
  }
  [[nodiscard]] std::size_t size() const { return used_; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    Value value{};
    bool used = false;
  };
  static constexpr std::size_t kInitial = 64;  // a power of two, like every later size

  static std::size_t position(const std::vector<Slot>& slots, std::uint64_t key) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = static_cast<std::size_t>(key) & mask;
    while (slots[at].used && slots[at].key != key) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Slot> larger(2 * slots_.size());
    for (Slot& slot : slots_)
      if (slot.used) larger[position(larger, slot.key)] = std::move(slot);
    slots_ = std::move(larger);
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace tonne
