#pragma once
// What a search has evaluated: how often, and with which result.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/digest_table.h"
#include "core/trial.h"

namespace tonne {

/// Evaluations by the digest of configuration and fidelity. Where few come again, 8 bytes are kept for each and 16 more
/// for those that do: with the room of the hash tables 11 to 21 and 32 to 64. Where many do, the latter for all, so that
/// one look-up tells everything. Results only where they are kept.
class SeenEvaluations {
 public:
  explicit SeenEvaluations(bool many_come_again) : many_come_again_(many_come_again) {}

  /// Enters an evaluation that starts; how often it started before.
  std::uint32_t enter(std::uint64_t key) {
    if (many_come_again_) return times_[key]++;
    return keys_.insert(key) ? 0 : ++times_[key];
  }
  [[nodiscard]] bool contains(std::uint64_t key) const {
    return many_come_again_ ? times_.find(key) != nullptr : keys_.contains(key);
  }
  /// Different evaluations that started.
  [[nodiscard]] std::size_t count() const { return many_come_again_ ? times_.size() : keys_.size(); }
  /// Says that `key` will be entered soon.
  void prefetch(std::uint64_t key) const { many_come_again_ ? times_.prefetch(key) : keys_.prefetch(key); }

  /// Keeps the first result of an evaluation.
  void keep(std::uint64_t key, const Objectives& losses) {
    std::uint32_t& place = places_[key];
    if (place != 0) return;
    results_.push_back({losses, true});
    place = static_cast<std::uint32_t>(results_.size());
  }
  /// The result that was kept, as a cached one; null where there is none. Holds until the next is kept.
  [[nodiscard]] const Completed* result(std::uint64_t key) const {
    const std::uint32_t* const place = places_.find(key);
    return place == nullptr ? nullptr : &results_[*place - 1];
  }

 private:
  bool many_come_again_;
  DigestTable<std::uint32_t> times_;   // how often, or how often after the first time where keys_ holds them
  DigestSet keys_;                     // unless many come again
  DigestTable<std::uint32_t> places_;  // 1 + index into results_
  std::vector<Completed> results_;
};

}  // namespace tonne
