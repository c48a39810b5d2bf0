#pragma once
// A rung of asynchronous successive halving: what has been trained up to one fidelity, the best part of it parted from the
// rest.

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/trial.h"

namespace tonne {

/// Who ended a rung.
struct RungEntry {
  Configuration configuration;
  TrialId candidate = 0;              ///< its first trial
  std::optional<TrialId> checkpoint = {};  ///< to go on from; none: nothing was trained (a cached answer)
};

/// How the best of a rung go on.
struct RungRule {
  double eta = 3.0;    ///< the best floor(entries / eta) go on
  bool pauses = true;  ///< whoever is among the best goes on at any time; false: only who is when it ends the rung
};

/// How many of `entries` go on: entries / eta, rounded down.
[[nodiscard]] std::size_t rung_quota(std::size_t entries, double eta);

/// Entries by one loss, ties by age. An entry takes O(log n), as does taking one.
class LossRung {
 public:
  /// `loss`: infinite for a failure, which counts as an entry and never goes on.
  void enter(RungEntry entry, double loss, const RungRule& rule);
  /// The best entry that may go on and has not; it has then. None: there is none.
  std::optional<RungEntry> take(const RungRule& rule);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Key = std::pair<double, std::uint32_t>;  // loss and index: ties by age
  struct Standing {
    RungEntry entry;
    bool on_top = false;
    bool listed = false;  // in promotable_
    bool gone_on = false;
  };

  void rise(const Key& key, bool pauses);
  void list(const Key& key);

  std::vector<Standing> entries_;
  std::vector<Key> top_;         // heap, the worst first: the best floor(n / eta)
  std::vector<Key> rest_;        // heap, the best first
  std::vector<Key> promotable_;  // heap, the best first; of those that sank since, some are still there
};

}  // namespace tonne
