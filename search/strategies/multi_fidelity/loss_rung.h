#pragma once
// A rung of asynchronous successive halving: what has been trained up to one fidelity, the best part of it parted from the
// rest.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "search/strategies/multi_fidelity/candidate_pool.h"

namespace tonne {

/// How the best of a rung go on.
struct RungRule {
  double eta = 3.0;    ///< the best floor(entries / eta) go on
  bool pauses = true;  ///< whoever is among the best goes on at any time; false: only who is when it ends the rung
};

/// How many of `entries` go on: entries / eta, rounded down.
[[nodiscard]] std::size_t rung_quota(std::size_t entries, double eta);

/// Entries by one loss, ties by age. An entry takes O(log n), as does taking one, and about 20 bytes besides its candidate.
class LossRung {
 public:
  /// A candidate of the pool ends the rung; `loss`: infinite for a failure, which counts as an entry. It is released at once
  /// where it can never go on: a failure, and under a rule that does not pause whoever is not among the best.
  void enter(CandidatePool::Number candidate, double loss, const RungRule& rule, CandidatePool& pool);
  /// The best candidate that may go on and has not; it has then. None: there is none.
  std::optional<CandidatePool::Number> take(const RungRule& rule);
  [[nodiscard]] std::size_t size() const { return states_.size(); }

 private:
  struct Entry {
    double loss = 0.0;
    std::uint32_t age = 0;  // index into states_: ties
    CandidatePool::Number candidate = 0;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.loss != b.loss ? a.loss < b.loss : a.age < b.age;
    }
    friend bool operator>(const Entry& a, const Entry& b) { return b < a; }
  };
  struct State {
    bool on_top : 1 = false;
    bool listed : 1 = false;  // in promotable_
    bool gone_on : 1 = false;
  };

  void rise(const Entry& entry, bool pauses);
  void list(const Entry& entry);

  std::vector<State> states_;      // by age
  std::vector<Entry> top_;         // heap, the worst first: the best floor(n / eta)
  std::vector<Entry> rest_;        // heap, the best first
  std::vector<Entry> promotable_;  // heap, the best first; of those that sank since, some are still there
};

}  // namespace tonne
