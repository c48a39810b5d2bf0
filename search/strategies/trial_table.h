#pragma once
// What a strategy remembers of the trials that run, by trial id, and which ids it was told: without an allocation for each.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/trial.h"

namespace tonne {

/// Values of the running trials. Finding one costs the same however many trials run; the table grows with the most that ever
/// ran at once, not with the search.
template <class Value>
class TrialTable {
 public:
  TrialTable() : slots_(kInitial) {}

  /// Remembers `value` of trial `id`, instead of what it was, where it is asked for again. Valid until the next put().
  Value& put(TrialId id, Value value) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[position(slots_, id)];
    if (!slot.used) ++used_;
    slot.id = id;
    slot.used = true;
    slot.value = std::move(value);
    return slot.value;
  }
  /// What trial `id` left, which is forgotten; none where there is nothing.
  std::optional<Value> take(TrialId id) {
    const std::size_t at = position(slots_, id);
    if (!slots_[at].used) return std::nullopt;
    std::optional<Value> value(std::move(slots_[at].value));
    close_gap(at);
    --used_;
    return value;
  }
  /// Forgets trial `id`. Returns whether there was something.
  bool erase(TrialId id) {
    const std::size_t at = position(slots_, id);
    if (!slots_[at].used) return false;
    close_gap(at);
    --used_;
    return true;
  }
  [[nodiscard]] bool empty() const { return used_ == 0; }
  [[nodiscard]] std::size_t size() const { return used_; }

 private:
  struct Slot {
    TrialId id = 0;
    Value value{};
    bool used = false;
  };
  static constexpr std::size_t kInitial = 16;  // a power of two, like every later size

  // Ids are counted up, so that they spread evenly as they are.
  static std::size_t home(const std::vector<Slot>& slots, TrialId id) {
    return static_cast<std::size_t>(id) & (slots.size() - 1);
  }
  static std::size_t position(const std::vector<Slot>& slots, TrialId id) {
    std::size_t at = home(slots, id);
    while (slots[at].used && slots[at].id != id) at = (at + 1) & (slots.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Slot> larger(2 * slots_.size());
    for (Slot& slot : slots_)
      if (slot.used) larger[position(larger, slot.id)] = std::move(slot);
    slots_ = std::move(larger);
  }
  // Slots behind an empty one would not be found: those move up that may (Knuth, TAOCP 3, algorithm 6.4 R).
  void close_gap(std::size_t gap) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = (gap + 1) & mask; slots_[at].used; at = (at + 1) & mask) {
      const std::size_t wants = home(slots_, slots_[at].id);
      if (((at - wants) & mask) < ((at - gap) & mask)) continue;
      slots_[gap] = std::move(slots_[at]);
      gap = at;
    }
    slots_[gap].used = false;
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

/// A set of trials that run.
class TrialSet {
 public:
  /// `id` runs; it may be in the set already, where it is asked for again.
  void insert(TrialId id) { table_.put(id, {}); }
  /// Returns whether it was in the set.
  bool erase(TrialId id) { return table_.erase(id); }
  [[nodiscard]] bool empty() const { return table_.empty(); }

 private:
  struct Nothing {};
  TrialTable<Nothing> table_;
};

/// A set of trial ids that only grows, of ids that are counted up: a bit for each.
class ToldTrials {
 public:
  /// Returns whether the id is new.
  bool insert(TrialId id) {
    const auto word = static_cast<std::size_t>(id / 64);
    if (word >= bits_.size()) bits_.resize(word + 1, 0);
    const std::uint64_t bit = std::uint64_t{1} << (id % 64);
    const bool is_new = (bits_[word] & bit) == 0;
    bits_[word] |= bit;
    return is_new;
  }
  [[nodiscard]] bool contains(TrialId id) const {
    const auto word = static_cast<std::size_t>(id / 64);
    return word < bits_.size() && (bits_[word] >> (id % 64) & 1U) != 0;
  }

 private:
  std::vector<std::uint64_t> bits_;
};

}  // namespace tonne
