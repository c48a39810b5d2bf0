#pragma once
// The workers of a simulation and what runs on them. A trial is made, runs and ends in its worker's place and is never
// moved.

#include <cstddef>
#include <cstdint>
#include <deque>
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
    return *free_.top();
  }
  /// Its trial runs, from trial.start to trial.end.
  void launch() {
    Worker* const worker = free_.top();
    free_.pop();
    insert({worker->trial.end, worker->trial.id, worker});
  }
  /// Frees the worker whose trial ends next; of trials that end together, the one with the lowest id. Precondition: not
  /// empty().
  [[nodiscard]] Worker& finish() {
    close_hole();
    has_hole_ = true;
    Worker* const worker = running_.front().worker;
    free_.push(worker);
    return *worker;
  }

  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return running_.size() - (has_hole_ ? 1 : 0); }
  /// All that came into being.
  [[nodiscard]] std::deque<Worker>& workers() { return workers_; }

 private:
  struct Event {
    Duration time;
    TrialId trial;
    Worker* worker;
    bool operator<(const Event& other) const { return time != other.time ? time < other.time : trial < other.trial; }
  };
  struct HigherNumber {
    bool operator()(const Worker* a, const Worker* b) const { return a->trial.worker > b->trial.worker; }
  };

  void add() {
    Worker& worker = workers_.emplace_back();
    worker.trial.worker = static_cast<unsigned>(workers_.size() - 1);
    free_.push(&worker);
  }

  // A worker that ends a trial mostly begins another at once: the event goes where the last one left a hole at the root.
  void insert(const Event& event) {
    if (has_hole_) {
      has_hole_ = false;
      return sift_down(event);
    }
    running_.push_back(event);
    std::size_t at = running_.size() - 1;
    for (; at > 0 && event < running_[(at - 1) / 2]; at = (at - 1) / 2) running_[at] = running_[(at - 1) / 2];
    running_[at] = event;
  }
  void close_hole() {
    if (!has_hole_) return;
    has_hole_ = false;
    const Event last = running_.back();
    running_.pop_back();
    if (!running_.empty()) sift_down(last);
  }
  // From the root, whose own event is gone.
  void sift_down(const Event& event) {
    std::size_t at = 0;
    for (std::size_t child = 1; child < running_.size(); child = 2 * at + 1) {
      if (child + 1 < running_.size() && running_[child + 1] < running_[child]) ++child;
      if (!(running_[child] < event)) break;
      running_[at] = running_[child];
      at = child;
    }
    running_[at] = event;
  }

  std::deque<Worker> workers_;
  std::priority_queue<Worker*, std::vector<Worker*>, HigherNumber> free_;  // the lowest number on top
  std::vector<Event> running_;  // a heap, the next to end at its root
  bool has_hole_ = false;       // the root has ended
};

}  // namespace tonne
