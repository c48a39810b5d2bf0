#pragma once
// What a search has evaluated: how often, and with which result.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/digest_table.h"
#include "core/trial.h"

namespace tonne {

/// Evaluations by the digest of configuration and fidelity. Keeps 8 bytes for each, with the room of a hash table 11 to
/// 21; 16 more for what is evaluated again, and the results only where they are kept.
class SeenEvaluations {
 public:
  /// Enters an evaluation that starts; how often it started before.
  std::uint32_t enter(std::uint64_t key) { return keys_.insert(key) ? 0 : ++again_[key]; }
  [[nodiscard]] bool contains(std::uint64_t key) const { return keys_.contains(key); }
  /// Different evaluations that started.
  [[nodiscard]] std::size_t count() const { return keys_.size(); }

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
  DigestSet keys_;
  DigestTable<std::uint32_t> again_;   // how often after the first time
  DigestTable<std::uint32_t> places_;  // 1 + index into results_
  std::vector<Completed> results_;
};

}  // namespace tonne
