#include "core/simulator.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <functional>
#include <queue>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/digest_table.h"
#include "core/error.h"

namespace tonne {
namespace {

/// Re-asks before a strategy that proposes only forbidden duplicates is given up.
constexpr unsigned kMostRefusals = 1000;
/// Cached answers in a row before the search ends: the strategy is going round in circles, for free.
constexpr std::uint64_t kMostCachedInARow = 10'000;
/// Trials after which a budget that has not moved at all is called impossible.
constexpr std::uint64_t kTrialsBeforeProgress = 1'000'000;
constexpr std::uint64_t kInterruptionMask = 0xf;  // asked every 16 trials

// The training that a workload describes, cut after its first optimiser step: where out-of-memory strikes.
Workload first_step(Workload workload) {
  if (workload.steps <= 1.0) return workload;
  const double share = 1.0 / workload.steps;
  workload.flops *= share;
  workload.traffic *= share;
  workload.samples *= share;
  workload.steps = 1.0;
  if (workload.measured_time) *workload.measured_time *= share;
  if (workload.measured_energy) *workload.measured_energy *= share;
  return workload;
}

class Simulation {
 public:
  Simulation(Strategy& strategy, std::string_view strategy_name, const Problem& problem, const CostModel& cost,
             const SimulationOptions& options, const Random& root, Recorder& recorder)
      : strategy_(strategy),
        problem_(problem),
        cost_(cost),
        options_(options),
        recorder_(recorder),
        ask_stream_(root.child("ask").child(strategy_name)),
        evaluation_stream_(root.child("evaluate").child(problem.traits().name)),
        keeps_checkpoints_(strategy.may_resume()),
        workers_(options.workers) {
    assert(options.workers >= 1 && !options.budget.empty());
    for (unsigned w = 0; w < options.workers; ++w) free_workers_.push(w);
  }

  SearchResult run() {
    while (true) {
      start_trials();
      if (running_.empty()) break;
      finish_next();
    }
    settle();
    return std::move(result_);
  }

 private:
  struct Worker {
    Trial trial;
    Duration free_since{};
  };
  struct Event {
    Duration time;
    std::uint64_t sequence;
    unsigned worker;
    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };
  struct Seen {
    std::uint32_t times = 0;
    std::uint64_t result = 0;  // 1 + index into cached_results_, once the first trial has ended
  };
  struct Checkpoint {
    std::uint64_t configuration = 0;
    double fidelity = 0.0;
    std::uint32_t repeat = 0;
  };

  static std::uint64_t evaluation_key(std::uint64_t configuration, double fidelity) {
    return mix_bits(configuration ^ mix_bits(std::bit_cast<std::uint64_t>(fidelity)));
  }

  // --- starting ---------------------------------------------------------------------------------------------

  void start_trials() {
    while (!stopped_ && !free_workers_.empty()) {
      if (budget_used_up()) return stop(StopReason::budget);
      const auto proposal = ask();
      if (stopped_) return;
      if (!proposal) {
        if (running_.empty()) stop(StopReason::finished);
        return;
      }
      start(*proposal);
    }
  }

  std::optional<Proposal> ask() {
    const TrialId id = next_id_;
    for (unsigned attempt = 0; attempt < kMostRefusals; ++attempt) {
      auto proposal = strategy_.ask(id, ask_stream_.child(id).child(attempt));
      charge_strategy();
      if (!proposal || !is_forbidden(*proposal)) return proposal;
    }
    stop(StopReason::duplicates);
    return std::nullopt;
  }

  bool is_forbidden(const Proposal& proposal) {
    if (options_.duplicates != Duplicates::forbid || proposal.resumes) return false;
    return seen_.find(evaluation_key(proposal.configuration.digest(), proposal.fidelity)) != nullptr;
  }

  void start(const Proposal& proposal) {
    assert(problem_.space().contains(proposal.configuration));
    const std::uint64_t digest = proposal.configuration.digest();
    Seen& seen = seen_[evaluation_key(digest, proposal.fidelity)];
    Trial trial;
    trial.id = next_id_;
    trial.proposal = proposal;
    trial.start = std::max(now_, controller_free_);
    if (options_.duplicates == Duplicates::cache && seen.result != 0 && !proposal.resumes)
      return start_cached(std::move(trial), seen);

    cached_in_a_row_ = 0;
    trial.repeat = seen.times;
    if (proposal.resumes) resume(trial, digest);
    evaluate(trial, digest);
    if (options_.overshoot == Overshoot::deny && would_cross(trial)) return stop(StopReason::budget);
    ++seen.times;
    commit(trial);
    launch(std::move(trial));
  }

  void start_cached(Trial trial, const Seen& seen) {
    if (++cached_in_a_row_ > kMostCachedInARow) return stop(StopReason::duplicates);
    trial.end = trial.start;
    trial.result = cached_results_[seen.result - 1];
    launch(std::move(trial));
  }

  void resume(Trial& trial, std::uint64_t digest) {
    if (!keeps_checkpoints_) throw std::logic_error("a strategy resumes although may_resume() is false");
    const TrialId origin = *trial.proposal.resumes;
    const bool known = origin < checkpoints_.size() && checkpoints_[origin].fidelity > 0.0;
    if (!known || checkpoints_[origin].configuration != digest)
      throw std::logic_error("a strategy resumes a trial that has not completed, or of another configuration");
    trial.repeat = checkpoints_[origin].repeat;
    if (options_.resuming == Resuming::from_checkpoint) trial.trained_from = checkpoints_[origin].fidelity;
  }

  void evaluate(Trial& trial, std::uint64_t digest) {
    const Evaluation evaluation{trial.proposal.configuration, trial.trained_from, trial.proposal.fidelity,
                                trial.repeat};
    const Random stream = evaluation_stream_.child(digest)
                              .child(std::bit_cast<std::uint64_t>(trial.proposal.fidelity))
                              .child(trial.repeat);
    Outcome outcome = problem_.evaluate(evaluation, stream);
    if (!cost_.fits(outcome.workload)) {
      outcome.failure = Failure::out_of_memory;
      outcome.workload = first_step(outcome.workload);
    }
    trial.charge = cost_.charge(outcome.workload, trial.start);
    trial.end = trial.start + trial.charge.time;
    if (outcome.failure) {
      trial.result = Failed{*outcome.failure};
      return;
    }
    Completed completed;
    const auto& objectives = problem_.traits().objectives;
    for (std::size_t i = 0; i < outcome.objectives.size(); ++i)
      completed.losses.push_back(objectives[i].direction == Direction::minimise ? outcome.objectives[i]
                                                                                : -outcome.objectives[i]);
    trial.result = completed;
  }

  void commit(const Trial& trial) {
    committed_ += trial.charge.total();
    committed_busy_ += trial.charge.time;
    committed_end_ = std::max(committed_end_, trial.end);
    committed_fidelity_ += trial.proposal.fidelity - trial.trained_from;
    ++committed_evaluations_;
    if (committed_evaluations_ == kTrialsBeforeProgress) check_progress();
  }

  void launch(Trial trial) {
    const unsigned w = free_workers_.top();
    free_workers_.pop();
    charge_idle(workers_[w], trial.start);
    trial.worker = w;
    if (keeps_checkpoints_) checkpoints_.resize(next_id_ + 1);
    running_.push({trial.end, next_id_, w});
    workers_[w].trial = std::move(trial);
    ++next_id_;
    if ((next_id_ & kInterruptionMask) == 0 && recorder_.interrupted()) throw Interrupted{};
  }

  // --- the budget -------------------------------------------------------------------------------------------

  [[nodiscard]] bool budget_used_up() const {
    const Budget& b = options_.budget;
    if (b.evaluations && committed_evaluations_ >= *b.evaluations) return true;
    if (b.fidelity && committed_fidelity_ >= *b.fidelity) return true;
    if (b.time && std::max(now_, controller_free_) >= *b.time) return true;
    if (b.energy && committed_.energy >= *b.energy) return true;
    if (b.carbon && committed_.carbon() >= *b.carbon) return true;
    return b.money && committed_.money >= *b.money;
  }

  // Whether the search would cross its budget with this trial, the waiting of the other workers until it ends
  // included (exact for a constant grid; for a trace the waiting is priced at the present hours).
  [[nodiscard]] bool would_cross(const Trial& trial) const {
    const Budget& b = options_.budget;
    if (b.fidelity && committed_fidelity_ + trial.proposal.fidelity - trial.trained_from > *b.fidelity) return true;
    if (b.time && trial.end > *b.time) return true;
    if (!b.energy && !b.carbon && !b.money) return false;
    Usage projected = committed_;
    projected += trial.charge.total();
    if (options_.workers > 1) {
      const Duration end = std::max(committed_end_, trial.end);
      const Duration waiting = static_cast<double>(options_.workers) * end - committed_busy_ - trial.charge.time -
                               result_.ledger[Account::idle].time;
      if (waiting > Duration{}) projected += cost_.charge_idle(waiting, trial.start).total();
    }
    if (b.energy && projected.energy > *b.energy) return true;
    if (b.carbon && projected.carbon() > *b.carbon) return true;
    return b.money && projected.money > *b.money;
  }

  void check_progress() const {
    const Budget& b = options_.budget;
    const bool moves = b.evaluations || (b.fidelity && committed_fidelity_ > 0.0) ||
                       (b.time && committed_end_ > Duration{}) || (b.energy && committed_.energy > Energy{}) ||
                       (b.carbon && committed_.carbon() > Carbon{}) || (b.money && committed_.money > Money{});
    if (!moves)
      throw InputError("budget: a million evaluations of " + problem_.traits().name +
                       " have used nothing of it; add budget.evaluations or give the evaluations a cost");
  }

  void stop(StopReason reason) {
    stopped_ = true;
    result_.stop = reason;
  }

  // --- ending -----------------------------------------------------------------------------------------------

  void finish_next() {
    const Event event = running_.top();
    running_.pop();
    now_ = event.time;
    Worker& worker = workers_[event.worker];
    worker.free_since = now_;
    free_workers_.push(event.worker);
    const Trial& trial = worker.trial;
    result_.makespan = std::max(result_.makespan, trial.end);
    book(trial);
    recorder_.trial(trial);
    if (trial.completed()) completed(trial);
    strategy_.tell(trial);
    charge_strategy();
  }

  void book(const Trial& trial) {
    if (const auto* completed = std::get_if<Completed>(&trial.result); completed && completed->cached) {
      ++result_.cached;
      return;
    }
    ++result_.evaluations;
    result_.trained += trial.proposal.fidelity - trial.trained_from;
    if (!trial.completed()) ++result_.failures;
    result_.ledger[trial.completed() ? Account::search : Account::failed] += trial.charge;
    spent_ += trial.charge.total();
  }

  void completed(const Trial& trial) {
    const auto& completed = std::get<Completed>(trial.result);
    if (completed.cached) return;
    const std::uint64_t digest = trial.proposal.configuration.digest();
    if (keeps_checkpoints_) checkpoints_[trial.id] = {digest, trial.proposal.fidelity, trial.repeat};
    if (options_.duplicates == Duplicates::cache) {
      Seen& seen = seen_[evaluation_key(digest, trial.proposal.fidelity)];
      if (seen.result == 0) {
        cached_results_.push_back({completed.losses, true});
        seen.result = cached_results_.size();
      }
    }
    if (is_better(trial)) crown(trial);
  }

  [[nodiscard]] bool is_better(const Trial& trial) const {
    if (!result_.winner) return true;
    if (trial.proposal.fidelity != result_.winner->fidelity)
      return trial.proposal.fidelity > result_.winner->fidelity;
    return trial.loss() < result_.winner->loss;
  }

  void crown(const Trial& trial) {
    Incumbent incumbent;
    incumbent.number = result_.winner ? result_.winner->number + 1 : 0;
    incumbent.trial = trial.id;
    incumbent.configuration = trial.proposal.configuration;
    incumbent.fidelity = trial.proposal.fidelity;
    incumbent.loss = trial.loss();
    incumbent.true_value = problem_.true_value(trial.proposal.configuration);
    incumbent.time = trial.end;
    incumbent.evaluations = result_.evaluations;
    incumbent.trained = result_.trained;
    incumbent.spent = spent_;
    recorder_.incumbent(incumbent);
    result_.winner = std::move(incumbent);
  }

  // --- charges beside the trials ----------------------------------------------------------------------------

  void charge_strategy() {
    if (!options_.charge_strategy) return;
    const Work computed = strategy_.computed();
    if (!(computed > charged_work_)) return;
    const Duration start = std::max(now_, controller_free_);
    const Charge charge = cost_.charge_computing(computed - charged_work_, start);
    charged_work_ = computed;
    controller_free_ = start + charge.time;
    add_beside(Account::strategy, charge);
  }

  void charge_idle(Worker& worker, Duration until) {
    if (!(until > worker.free_since)) return;
    add_beside(Account::idle, cost_.charge_idle(until - worker.free_since, worker.free_since));
    worker.free_since = until;
  }

  void add_beside(Account account, const Charge& charge) {
    result_.ledger[account] += charge;
    const Usage total = charge.total();
    committed_ += total;
    spent_ += total;
  }

  // Workers that ended before the last one waited for it; then the winner is trained once more.
  void settle() {
    for (Worker& worker : workers_) charge_idle(worker, result_.makespan);
    if (!result_.winner) return;
    const double highest = problem_.traits().fidelity.highest;
    const Configuration& configuration = result_.winner->configuration;
    const Random stream = evaluation_stream_.child("retrain").child(configuration.digest());
    const Outcome outcome = problem_.evaluate({configuration, 0.0, highest, 0}, stream);
    result_.winner_training = cost_.charge(outcome.workload, result_.makespan);
    if (options_.retrain_winner) result_.ledger[Account::retraining] += *result_.winner_training;
  }

  Strategy& strategy_;
  const Problem& problem_;
  const CostModel& cost_;
  const SimulationOptions& options_;
  Recorder& recorder_;
  const Random ask_stream_;
  const Random evaluation_stream_;
  const bool keeps_checkpoints_;

  std::vector<Worker> workers_;
  std::priority_queue<unsigned, std::vector<unsigned>, std::greater<>> free_workers_;  // lowest number first
  std::priority_queue<Event, std::vector<Event>, std::greater<>> running_;
  DigestTable<Seen> seen_;
  std::vector<Completed> cached_results_;
  std::vector<Checkpoint> checkpoints_;

  Duration now_{};
  Duration controller_free_{};  // when the strategy has done computing
  TrialId next_id_ = 0;
  std::uint64_t cached_in_a_row_ = 0;
  Work charged_work_{};
  bool stopped_ = false;

  Usage committed_;  // what the budget counts
  Usage spent_;      // of trials that have ended, and beside them
  Duration committed_busy_{};
  Duration committed_end_{};
  double committed_fidelity_ = 0.0;
  std::uint64_t committed_evaluations_ = 0;
  SearchResult result_;
};

}  // namespace

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::budget:
      return "budget";
    case StopReason::finished:
      return "finished";
    case StopReason::duplicates:
      return "duplicates";
  }
  return "unknown";
}

SearchResult simulate(Strategy& strategy, std::string_view strategy_name, const Problem& problem,
                      const CostModel& cost, const SimulationOptions& options, Random root, Recorder& recorder) {
  return Simulation(strategy, strategy_name, problem, cost, options, root, recorder).run();
}

}  // namespace tonne
