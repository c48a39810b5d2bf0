#pragma once
// Vectors of the trials that run, found by trial id: flat rows that are used again, so that a proposal
// allocates nothing.

#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "core/trial.h"

namespace tonne {

/// Rows of `length` doubles, each with a label, for trials by id. A row belongs to its trial until take(),
/// and is kept until release(). Finding one costs the same however many trials run.
template <class Label>
class TrialRows {
 public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  explicit TrialRows(std::size_t length) : length_(length), slots_(kInitial) {}

  /// A row of zeros or of an earlier trial for trial `id`; the row that it had, where it is asked for again.
  std::size_t put(TrialId id) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[position(slots_, id)];
    if (slot.row != kNone) return slot.row;
    slot = {id, fresh_row()};
    ++used_;
    return slot.row;
  }
  /// The row of trial `id`, which is forgotten; kNone where there is none. The row stays reserved until
  /// release().
  std::size_t take(TrialId id) {
    const std::size_t at = position(slots_, id);
    const std::size_t row = slots_[at].row;
    if (row == kNone) return kNone;
    close_gap(at);
    --used_;
    return row;
  }
  void release(std::size_t row) { free_.push_back(row); }
  /// Forgets all trials and frees all rows.
  void clear() {
    slots_.assign(kInitial, Slot{});
    used_ = 0;
    free_.clear();
    for (std::size_t row = labels_.size(); row-- > 0;) free_.push_back(row);
  }

  /// Valid until the next put().
  [[nodiscard]] double* operator[](std::size_t row) { return values_.data() + row * length_; }
  [[nodiscard]] const double* operator[](std::size_t row) const { return values_.data() + row * length_; }
  [[nodiscard]] Label& label(std::size_t row) { return labels_[row]; }

 private:
  struct Slot {
    TrialId id = 0;
    std::size_t row = kNone;
  };
  static constexpr std::size_t kInitial = 16;  // a power of two, like every later size

  // Ids are counted up, so that they spread evenly as they are.
  static std::size_t home(const std::vector<Slot>& slots, TrialId id) {
    return static_cast<std::size_t>(id) & (slots.size() - 1);
  }
  static std::size_t position(const std::vector<Slot>& slots, TrialId id) {
    std::size_t at = home(slots, id);
    while (slots[at].row != kNone && slots[at].id != id) at = (at + 1) & (slots.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Slot> larger(2 * slots_.size());
    for (const Slot& slot : slots_)
      if (slot.row != kNone) larger[position(larger, slot.id)] = slot;
    slots_ = std::move(larger);
  }
  // Slots behind an empty one would not be found: those move up that may (Knuth, TAOCP 3, algorithm 6.4 R).
  void close_gap(std::size_t gap) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = (gap + 1) & mask; slots_[at].row != kNone; at = (at + 1) & mask) {
      const std::size_t wants = home(slots_, slots_[at].id);
      if (((at - wants) & mask) < ((at - gap) & mask)) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap].row = kNone;
  }
  std::size_t fresh_row() {
    if (!free_.empty()) {
      const std::size_t row = free_.back();
      free_.pop_back();
      return row;
    }
    values_.resize(values_.size() + length_);
    labels_.emplace_back();
    return labels_.size() - 1;
  }

  std::size_t length_;
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::vector<double> values_;
  std::vector<Label> labels_;
  std::vector<std::size_t> free_;
};

}  // namespace tonne
