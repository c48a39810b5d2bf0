#pragma once
// The workers of a simulation and what runs on them. A trial is made, runs and ends in its worker's place and is never
// moved.

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "core/trial.h"
#include "core/units.h"

namespace tonne {

class RunningTrials {
 public:
  struct Worker {
    Trial trial;            ///< the latest; what its next one does not have, must be emptied
    Duration free_since{};  ///< until when it was busy or charged
    std::uint64_t digest = 0;  ///< of the trial's configuration
    std::uint64_t key = 0;     ///< of its evaluation
    Usage charged;             ///< total of its charge
    Usage lost;                ///< total of what was lost; zero without preemptions
  };

  /// The free worker of the lowest number, which launch() takes. Workers come into being when they are first needed, so
  /// that a million of them cost nothing before. The reference holds as long as this object.
  [[nodiscard]] Worker& next() {
    if (free_.empty()) add();
    return workers_[free_.top()];
  }
  /// Its trial runs, from trial.start to trial.end; trial.worker is set.
  void launch() {
    const unsigned number = free_.top();
    free_.pop();
    Trial& trial = workers_[number].trial;
    trial.worker = number;
    running_.push({trial.end, trial.id, number});
  }
  /// Frees the worker whose trial ends next; of trials that end together, the one with the lowest id. Precondition: not
  /// empty().
  [[nodiscard]] Worker& finish() {
    const Event event = running_.top();
    running_.pop();
    free_.push(event.worker);
    return workers_[event.worker];
  }

  [[nodiscard]] bool empty() const { return running_.empty(); }
  [[nodiscard]] std::size_t size() const { return running_.size(); }
  /// All that came into being.
  [[nodiscard]] std::deque<Worker>& workers() { return workers_; }

 private:
  struct Event {
    Duration time;
    TrialId trial;
    unsigned worker;
    bool operator>(const Event& other) const { return time != other.time ? time > other.time : trial > other.trial; }
  };

  void add() {
    free_.push(static_cast<unsigned>(workers_.size()));
    workers_.emplace_back();
  }

  std::deque<Worker> workers_;
  std::priority_queue<unsigned, std::vector<unsigned>, std::greater<>> free_;  // lowest number first
  std::priority_queue<Event, std::vector<Event>, std::greater<>> running_;
};

}  // namespace tonne
