#include "core/simulator.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <functional>
#include <queue>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/budget_account.h"
#include "core/digest_table.h"
#include "core/error.h"
#include "core/preemptions.h"
#include "core/screening.h"
#include "core/sites.h"

namespace tonne {
namespace {

/// Re-asks before a strategy that proposes only forbidden duplicates is given up.
constexpr unsigned kMostRefusals = 1000;
/// Cached answers in a row before the search ends: the strategy is going round in circles, for free.
constexpr std::uint64_t kMostCachedInARow = 1000;
/// Trials in a row that use nothing of the budget before the search ends.
constexpr std::uint64_t kMostFreeInARow = 10'000;
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

bool is_finite(const Charge& charge) {
  const Usage total = charge.total();
  return std::isfinite(charge.time.base()) && std::isfinite(total.energy.base()) &&
         std::isfinite(total.carbon().base()) && std::isfinite(total.money.base()) &&
         std::isfinite(total.water.base());
}

class Simulation {
 public:
  Simulation(Strategy& strategy, std::string_view strategy_name, const Problem& problem,
             const CostModel& cost, const SimulationOptions& options, const Random& root, Recorder& recorder)
      : strategy_(strategy),
        problem_(problem),
        cost_(cost),
        options_(options),
        recorder_(recorder),
        ask_stream_(root.child("ask").child(strategy_name)),
        evaluation_stream_(root.child("evaluate").child(problem.traits().name)),
        keeps_checkpoints_(strategy.may_resume()),
        preemption_(cost.preemption()),
        account_(cost, options) {
    assert(options.workers >= 1 && !options.budget.empty());
    if (cost.sites()) running_at_.resize(cost.sites()->count());
    result_.stages.resize(problem.traits().stages.size());
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
    std::uint32_t result = 0;  // 1 + index into cached_results_, once the first trial has ended
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
    while (!stopped_ && running_.size() < options_.workers) {
      if (account_.used_up(std::max(now_, controller_free_))) return stop(StopReason::budget);
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
    if (options_.duplicates == Duplicates::cache && seen.result != 0 && !proposal.resumes)
      return start_cached(std::move(trial), seen);

    check_site(proposal.site);
    trial.start = std::max(std::max(now_, controller_free_) + delay_to(proposal.site), proposal.not_before);

    if (options_.budget.time && trial.start >= *options_.budget.time) return stop(StopReason::budget);
    cached_in_a_row_ = 0;
    trial.repeat = seen.times;
    if (proposal.resumes) resume(trial, digest);
    proposal.screening ? screen(trial, digest) : evaluate(trial, digest);
    if (options_.overshoot == Overshoot::deny && account_.would_cross(trial)) return stop(StopReason::budget);
    ++seen.times;
    account_.commit(trial);
    launch(std::move(trial));
    if (account_.free_in_a_row() >= kMostFreeInARow) stall();
  }

  // A place that does not exist or has no worker left is the strategy's error.
  void check_site(std::size_t site) const {
    if (site == 0) return;
    if (site >= running_at_.size())
      throw std::logic_error("the strategy sent a trial to a site that does not exist");
    const auto most = cost_.sites()->workers(site);
    if (most && running_at_[site] >= *most)
      throw std::logic_error("the strategy sent more trials to a site than it has workers");
  }

  [[nodiscard]] Duration delay_to(std::size_t site) const { return site == 0 ? Duration{} : cost_.sites()->delay(); }

  void start_cached(Trial trial, const Seen& seen) {
    if (++cached_in_a_row_ > kMostCachedInARow) return stop(StopReason::duplicates);
    trial.proposal.site = 0;  // it runs nowhere
    trial.start = std::max(now_, controller_free_);
    trial.end = trial.start;
    trial.result = cached_results_[seen.result - 1];
    launch(std::move(trial));
  }

  void resume(Trial& trial, std::uint64_t digest) {
    if (!keeps_checkpoints_)
      throw std::logic_error("the strategy resumed a trial although may_resume() is false");
    const TrialId origin = *trial.proposal.resumes;
    const bool known = origin < checkpoints_.size() && checkpoints_[origin].fidelity > 0.0;
    if (!known || (checkpoints_[origin].configuration != digest && !trial.proposal.inherits))
      throw std::logic_error(
          "the strategy resumed a trial that has not completed or has another configuration");
    if (checkpoints_[origin].configuration == digest) trial.repeat = checkpoints_[origin].repeat;
    if (options_.resuming == Resuming::from_checkpoint) trial.trained_from = checkpoints_[origin].fidelity;
  }

  void evaluate(Trial& trial, std::uint64_t digest) {
    const Random of_configuration = evaluation_stream_.child(digest);
    const Evaluation evaluation{trial.proposal.configuration, trial.trained_from, trial.proposal.fidelity, trial.repeat,
                                of_configuration.child("run").name()};
    const Random stream =
        of_configuration.child(std::bit_cast<std::uint64_t>(trial.proposal.fidelity)).child(trial.repeat);
    Outcome outcome = problem_.evaluate(evaluation, stream);
    if (!cost_.fits(outcome.workload)) {
      outcome.failure = Failure::out_of_memory;
      outcome.workload = first_step(outcome.workload);
    }
    trial.workload = outcome.workload;
    trial.stage_shares = outcome.stage_shares;
    run(trial, stream);
    if (outcome.failure) {
      trial.result = Failed{*outcome.failure};
      return;
    }
    trial.constraints = outcome.constraints;
    if (std::ranges::any_of(outcome.constraints, [](double value) { return !(value <= 0.0); })) {
      trial.result = Failed{Failure::infeasible};
      return;
    }
    Completed completed;
    const auto& objectives = problem_.traits().objectives;
    for (std::size_t i = 0; i < outcome.objectives.size(); ++i)
      completed.losses.push_back(objectives[i].direction == Direction::minimise ? outcome.objectives[i]
                                                                                : -outcome.objectives[i]);
    trial.result = completed;
  }

  // A candidate that its shortest training would break cannot be looked at either. What the look says is the same
  // whenever it is taken.
  void screen(Trial& trial, std::uint64_t digest) {
    const Screening& screening = *trial.proposal.screening;
    assert(trial.proposal.fidelity == 0.0 && !trial.proposal.resumes);
    if (!screening_scale_) screening_scale_.emplace(problem_, evaluation_stream_.child("screening scale"));
    const double shortest = problem_.traits().fidelity.lowest;
    const Random stream = evaluation_stream_.child(digest).child("screening");
    const Outcome outcome =
        problem_.evaluate({trial.proposal.configuration, 0.0, shortest, 0, stream.name()}, stream.child("training"));
    trial.workload = screening_workload(outcome.workload, shortest, screening.epochs);
    trial.stage_shares = outcome.stage_shares;
    run(trial, stream.child(trial.repeat));
    if (outcome.failure) {
      trial.result = Failed{*outcome.failure};
      return;
    }
    trial.result =
        Completed{{screening_scale_->score(problem_, trial.proposal.configuration, outcome, screening, stream)}};
  }

  void run(Trial& trial, const Random& stream) const {
    const CostModel& cost = cost_at(cost_, trial.proposal.site);
    if (preemption_)
      train_with_preemptions(trial, cost, *preemption_, problem_.traits().name, stream.child("preemption"));
    else
      train(trial, cost);
    if (trial.proposal.site != 0) trial.charge += cost_.sites()->transfer(trial.proposal.site, trial.start);
    if (!is_finite(trial.charge) || !is_finite(trial.lost))
      throw InputError("the cost of an evaluation of " + problem_.traits().name +
                       " is not finite: a figure of the problem or the cluster is too large or too small");
  }

  static void train(Trial& trial, const CostModel& cost) {
    trial.charge = cost.charge(trial.workload, trial.start);
    trial.end = trial.start + trial.charge.time;
  }

  void launch(Trial trial) {
    const unsigned w = take_worker();
    account_.occupy(workers_[w].free_since, trial.end);
    charge_idle(workers_[w], trial.start);
    trial.worker = w;
    if (trial.proposal.site != 0) ++running_at_[trial.proposal.site];
    if (keeps_checkpoints_) checkpoints_.resize(next_id_ + 1);
    running_.push({trial.end, next_id_, w});
    workers_[w].trial = std::move(trial);
    ++next_id_;
    if ((next_id_ & kInterruptionMask) == 0 && recorder_.interrupted()) throw Interrupted{};
  }

  // --- the budget -------------------------------------------------------------------------------------------

  // Nothing that was proposed of late uses the budget. If nothing ever did, the experiment is at fault.
  void stall() {
    if (account_.used()) return stop(StopReason::stalled);
    throw InputError("budget: 10,000 evaluations of " + problem_.traits().name +
                     " have used none of it; add budget.evaluations or give the evaluations a cost");
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
    if (trial.proposal.site != 0) --running_at_[trial.proposal.site];
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
    ++(trial.proposal.screening ? result_.screenings : result_.evaluations);
    result_.trained += trial.proposal.fidelity - trial.trained_from;
    if (!trial.completed() && !trial.proposal.screening) ++result_.failures;
    result_.ledger[trial.completed() ? Account::search : Account::failed] += trial.charge;
    spent_ += trial.charge.total();
    book_stages(trial, trial.charge);
    if (trial.preemptions == 0) return;
    result_.ledger[Account::lost] += trial.lost;
    spent_ += trial.lost.total();
    book_stages(trial, trial.lost);
  }

  void book_stages(const Trial& trial, const Charge& charge) {
    assert(trial.stage_shares.size() == result_.stages.size());
    for (std::size_t stage = 0; stage < trial.stage_shares.size(); ++stage) {
      Charge part = charge;
      part *= trial.stage_shares[stage];
      result_.stages[stage] += part;
    }
  }

  void completed(const Trial& trial) {
    const auto& completed = std::get<Completed>(trial.result);
    if (completed.cached) return;
    if (keeps_checkpoints_)
      checkpoints_[trial.id] = {trial.proposal.configuration.digest(), trial.proposal.fidelity, trial.repeat};
    if (options_.duplicates == Duplicates::cache) keep_result(trial, completed.losses);
    if (!trial.proposal.screening && is_better(trial)) crown(trial);
  }

  void keep_result(const Trial& trial, const Objectives& losses) {
    Seen& seen = seen_[evaluation_key(trial.proposal.configuration.digest(), trial.proposal.fidelity)];
    if (seen.result != 0) return;
    cached_results_.push_back({losses, true});
    seen.result = static_cast<std::uint32_t>(cached_results_.size());
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
    winner_start_ = trial.start;
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
    recorder_.computing(computed - charged_work_, start);
    charged_work_ = computed;
    controller_free_ = start + charge.time;
    add_beside(Account::strategy, charge);
  }

  void charge_idle(Worker& worker, Duration until) {
    if (!(until > worker.free_since)) return;
    add_beside(Account::idle, cost_.charge_idle(until - worker.free_since, worker.free_since));
    recorder_.idle(until - worker.free_since, worker.free_since);
    worker.free_since = until;
  }

  // The free worker of the lowest number. Workers come into being when they are first needed, so that a million of
  // them cost nothing before.
  unsigned take_worker() {
    if (free_workers_.empty()) {
      workers_.emplace_back();
      return static_cast<unsigned>(workers_.size() - 1);
    }
    const unsigned w = free_workers_.top();
    free_workers_.pop();
    return w;
  }

  void add_beside(Account account, const Charge& charge) {
    result_.ledger[account] += charge;
    const Usage total = charge.total();
    account_.commit(total);
    spent_ += total;
  }

  // Workers that ended before the last one waited for it; then the winner is trained once more.
  void settle() {
    for (Worker& worker : workers_) charge_idle(worker, result_.makespan);
    for (std::size_t w = workers_.size(); w < options_.workers; ++w) {
      Worker unused;
      charge_idle(unused, result_.makespan);
    }
    if (result_.winner) train_winner();
  }

  void train_winner() {
    const double highest = problem_.traits().fidelity.highest;
    const Configuration& configuration = result_.winner->configuration;
    const Random stream = evaluation_stream_.child("retrain").child(configuration.digest());
    const Outcome outcome =
        problem_.evaluate({configuration, 0.0, highest, 0, stream.child("run").name()}, stream);
    if (options_.retrain_winner)
      result_.ledger[Account::retraining] += cost_.charge(outcome.workload, result_.makespan);
    if (outcome.failure || !cost_.fits(outcome.workload)) return;
    try {
      result_.winner_training = cost_.charge(outcome.workload, winner_start_);
    } catch (const InputError&) {
      return;  // the grid trace ends before such a training would: it has no price
    }
    result_.winner_workload = outcome.workload;
    result_.winner_start = winner_start_;
  }

  Strategy& strategy_;
  const Problem& problem_;
  const CostModel& cost_;
  const SimulationOptions& options_;
  Recorder& recorder_;
  const Random ask_stream_;
  const Random evaluation_stream_;
  const bool keeps_checkpoints_;

  const std::optional<Preemption> preemption_;

  std::vector<Worker> workers_;
  std::priority_queue<unsigned, std::vector<unsigned>, std::greater<>> free_workers_;  // lowest number first
  std::priority_queue<Event, std::vector<Event>, std::greater<>> running_;
  std::vector<std::size_t> running_at_;  // by site; empty where there is only home
  DigestTable<Seen> seen_;
  std::vector<Completed> cached_results_;
  std::vector<Checkpoint> checkpoints_;
  std::optional<ScreeningScale> screening_scale_;  // made when it is first needed

  Duration now_{};
  Duration controller_free_{};  // when the strategy has done computing
  TrialId next_id_ = 0;
  std::uint64_t cached_in_a_row_ = 0;
  Work charged_work_{};
  Duration winner_start_{};
  bool stopped_ = false;

  BudgetAccount account_;
  Usage spent_;  // of trials that have ended, and beside them
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
    case StopReason::stalled:
      return "stalled";
  }
  return "unknown";
}

SearchResult simulate(Strategy& strategy, std::string_view strategy_name, const Problem& problem,
                      const CostModel& cost, const SimulationOptions& options, Random root, Recorder& recorder) {
  return Simulation(strategy, strategy_name, problem, cost, options, root, recorder).run();
}

}  // namespace tonne
