#include "core/simulator.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <deque>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/budget_account.h"
#include "core/checkpoints.h"
#include "core/error.h"
#include "core/fidelity_names.h"
#include "core/preemptions.h"
#include "core/running_trials.h"
#include "core/screening.h"
#include "core/seen_evaluations.h"
#include "core/sites.h"

namespace tonne {
namespace {

/// Re-asks before a strategy that proposes only forbidden duplicates is given up.
constexpr unsigned kMostRefusals = 1000;
/// The same where nothing is left at the one fidelity that it has proposed: phases of one_shot end after 100, for another.
constexpr unsigned kRefusalsAtOneFidelity = 200;
/// Cached answers in a row before the search ends: the strategy is going round in circles, for free.
constexpr std::uint64_t kMostCachedInARow = 1000;
/// Trials in a row that use nothing of the budget before the search ends.
constexpr std::uint64_t kMostFreeInARow = 10'000;
constexpr std::uint64_t kInterruptionMask = 0xf;  // asked every 16 trials
/// Points of a space in which a long search comes back to most: they are counted in one table, of 64 MB at one fidelity.
constexpr double kSmallSpace = 1e6;

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

bool is_finite(Duration time, const Usage& total) {
  // A sum is finite only where its parts are.
  const double sum = time.base() + total.energy.base() + total.carbon().base() + total.money.base() + total.water.base();
  if (std::isfinite(sum)) return true;
  return std::isfinite(time.base()) && std::isfinite(total.energy.base()) && std::isfinite(total.carbon().base()) &&
         std::isfinite(total.money.base()) && std::isfinite(total.water.base());
}

constexpr StreamName kRunName{std::string_view("run")};
constexpr StreamName kFirst{std::uint64_t{0}};  // attempt, repeat

class Simulation {
 public:
  Simulation(Strategy& strategy, std::string_view strategy_name, const Problem& problem,
             const CostModel& cost, const SimulationOptions& options, const Random& root, Recorder& recorder)
      : strategy_(strategy),
        problem_(problem),
        traits_(problem.traits()),
        cost_(cost),
        options_(options),
        recorder_(recorder),
        ask_stream_(root.child("ask").child(strategy_name)),
        evaluation_stream_(root.child("evaluate").child(traits_.name)),
        keeps_checkpoints_(strategy.may_resume()),
        remembers_(!strategy.draws_afresh() || !problem.space().draws_never_meet()),
        preemption_(cost.preemption()),
        points_(problem.space().cardinality()),
        seen_(points_ && *points_ <= kSmallSpace),
        account_(cost, options) {
    assert(options.workers >= 1 && !options.budget.empty());
    if (cost.sites()) running_at_.resize(cost.sites()->count());
    result_.stages.resize(traits_.stages.size());
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
  using Worker = RunningTrials::Worker;

  // --- starting ---------------------------------------------------------------------------------------------

  void start_trials() {
    while (!stopped_ && running_.size() < options_.workers) {
      if (account_.used_up(std::max(now_, controller_free_))) return stop(StopReason::budget);
      auto proposal = ask();
      if (stopped_) return;
      if (!proposal) {
        if (running_.empty()) stop(StopReason::finished);
        return;
      }
      start(std::move(*proposal));
    }
  }

  std::optional<Proposal> ask() {
    const Random stream = ask_stream_.child(next_id_);
    auto proposal = strategy_.ask(next_id_, stream.child(kFirst));
    charge_strategy();
    for (unsigned attempt = 1; proposal && is_forbidden(*proposal); ++attempt) {
      if (attempt == kMostRefusals || (attempt >= kRefusalsAtOneFidelity && is_exhausted())) {
        stop(StopReason::duplicates);
        return std::nullopt;
      }
      proposal = strategy_.ask(next_id_, stream.child(attempt));
      charge_strategy();
    }
    return proposal;
  }

  bool is_forbidden(const Proposal& proposal) {
    if (options_.duplicates != Duplicates::forbid || proposal.resumes) return false;
    names_.take(proposal.fidelity);
    return seen_.contains(names_.evaluation(proposal.configuration.digest()));
  }

  // Whether everything was evaluated at the one fidelity that the strategy has proposed.
  [[nodiscard]] bool is_exhausted() const {
    return points_ && names_.only_one() && !keeps_checkpoints_ && static_cast<double>(seen_.count()) >= *points_;
  }

  void start(Proposal&& proposal) {
    assert(problem_.space().contains(proposal.configuration));
    Worker& worker = running_.next();
    Trial& trial = worker.trial;
    begin(worker, std::move(proposal));
    if (options_.duplicates == Duplicates::cache && !trial.proposal.resumes)
      if (const Completed* const known = seen_.result(worker.key)) return start_cached(worker, *known);

    const std::size_t site = trial.proposal.site;
    check_site(site);
    trial.start = std::max(std::max(now_, controller_free_) + delay_to(site), trial.proposal.not_before);

    if (options_.budget.time && trial.start >= *options_.budget.time) return stop(StopReason::budget);
    cached_in_a_row_ = 0;
    trial.repeat = remembers_ ? seen_.enter(worker.key) : 0;
    if (trial.proposal.resumes) resume(trial, worker.digest);
    trial.proposal.screening ? screen(worker) : evaluate(worker);
    if (options_.overshoot == Overshoot::deny && account_.would_cross(trial, worker.charged, worker.lost))
      return stop(StopReason::budget);
    account_.commit(trial, worker.charged, worker.lost);
    launch(worker);
    if (account_.free_in_a_row() >= kMostFreeInARow) stall();
  }

  // What the worker's last trial had, and this one may not have, is emptied. Workload and charge are written whole, and
  // nothing is ever lost without preemptions.
  void begin(Worker& worker, Proposal&& proposal) {
    Trial& trial = worker.trial;
    trial.id = next_id_;
    trial.proposal = std::move(proposal);
    trial.trained_from = 0.0;
    trial.preemptions = 0;
    trial.constraints.clear();
    trial.stage_shares.clear();
    worker.digest = trial.proposal.configuration.digest();
    names_.take(trial.proposal.fidelity);
    worker.key = names_.evaluation(worker.digest);
    seen_.prefetch(worker.key);
    if (!preemption_) return;
    trial.charge = {};
    trial.lost = {};
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

  void start_cached(Worker& worker, const Completed& known) {
    if (++cached_in_a_row_ > kMostCachedInARow) return stop(StopReason::duplicates);
    Trial& trial = worker.trial;
    trial.proposal.site = 0;  // it runs nowhere
    trial.repeat = 0;
    trial.start = std::max(now_, controller_free_);
    trial.end = trial.start;
    trial.workload = {};
    trial.charge = {};
    trial.result = known;
    launch(worker);
  }

  void resume(Trial& trial, std::uint64_t digest) {
    if (!keeps_checkpoints_)
      throw std::logic_error("the strategy resumed a trial although may_resume() is false");
    const Checkpoints::Checkpoint* const origin = checkpoints_.find(*trial.proposal.resumes);
    if (origin == nullptr || (origin->configuration != digest && !trial.proposal.inherits))
      throw std::logic_error(
          "the strategy resumed a trial that has not completed or has another configuration");
    if (origin->configuration == digest) trial.repeat = origin->repeat;
    if (options_.resuming == Resuming::from_checkpoint) trial.trained_from = origin->fidelity;
  }

  void evaluate(Worker& worker) {
    Trial& trial = worker.trial;
    const Proposal& proposal = trial.proposal;
    const Random of_configuration = evaluation_stream_.child(worker.digest);
    const Random of_fidelity = of_configuration.child(names_.stream());
    const Random stream = trial.repeat == 0 ? of_fidelity.child(kFirst) : of_fidelity.child(trial.repeat);
    Outcome outcome = problem_.evaluate({proposal.configuration, trial.trained_from, proposal.fidelity, trial.repeat,
                                         of_configuration.child(kRunName).name()},
                                        stream);
    if (!cost_.fits(outcome.workload)) {
      outcome.failure = Failure::out_of_memory;
      outcome.workload = first_step(outcome.workload);
    }
    trial.workload = outcome.workload;
    if (!outcome.stage_shares.empty()) trial.stage_shares = outcome.stage_shares;
    run(worker, stream);
    if (outcome.failure) {
      trial.result = Failed{*outcome.failure};
      return;
    }
    if (!outcome.constraints.empty()) trial.constraints = outcome.constraints;
    if (std::ranges::any_of(outcome.constraints, [](double value) { return !(value <= 0.0); })) {
      trial.result = Failed{Failure::infeasible};
      return;
    }
    Objectives& losses = trial.result.emplace<Completed>().losses;
    for (std::size_t i = 0; i < outcome.objectives.size(); ++i)
      losses.push_back(traits_.objectives[i].direction == Direction::minimise ? outcome.objectives[i]
                                                                              : -outcome.objectives[i]);
  }

  // A candidate that its shortest training would break cannot be looked at either. What the look says is the same
  // whenever it is taken.
  void screen(Worker& worker) {
    Trial& trial = worker.trial;
    const Screening& screening = *trial.proposal.screening;
    assert(trial.proposal.fidelity == 0.0 && !trial.proposal.resumes);
    if (!screening_scale_) screening_scale_.emplace(problem_, evaluation_stream_.child("screening scale"));
    const double shortest = traits_.fidelity.lowest;
    const Random stream = evaluation_stream_.child(worker.digest).child("screening");
    const Outcome outcome =
        problem_.evaluate({trial.proposal.configuration, 0.0, shortest, 0, stream.name()}, stream.child("training"));
    trial.workload = screening_workload(outcome.workload, shortest, screening.epochs);
    trial.stage_shares = outcome.stage_shares;
    run(worker, stream.child(trial.repeat));
    if (outcome.failure) {
      trial.result = Failed{*outcome.failure};
      return;
    }
    trial.result =
        Completed{{screening_scale_->score(problem_, trial.proposal.configuration, outcome, screening, stream)}};
  }

  void run(Worker& worker, const Random& stream) const {
    Trial& trial = worker.trial;
    const CostModel& cost = cost_at(cost_, trial.proposal.site);
    if (preemption_) {
      train_with_preemptions(trial, cost, *preemption_, traits_.name, stream.child("preemption"));
      worker.lost = trial.lost.total();
    } else {
      std::destroy_at(&trial.charge);
      ::new (&trial.charge) Charge(cost.charge(trial.workload, trial.start));  // in its place, without a copy
      trial.end = trial.start + trial.charge.time;
    }
    if (trial.proposal.site != 0) trial.charge += cost_.sites()->transfer(trial.proposal.site, trial.start);
    worker.charged = trial.charge.total();
    if (!is_finite(trial.charge.time, worker.charged) || !is_finite(trial.lost.time, worker.lost))
      throw InputError("the cost of an evaluation of " + traits_.name +
                       " is not finite: a figure of the problem or the cluster is too large or too small");
  }

  void launch(Worker& worker) {
    account_.occupy(worker.free_since, worker.trial.end);
    charge_idle(worker, worker.trial.start);
    if (worker.trial.proposal.site != 0) ++running_at_[worker.trial.proposal.site];
    running_.launch();
    ++next_id_;
    if ((next_id_ & kInterruptionMask) == 0 && recorder_.interrupted()) throw Interrupted{};
  }

  // --- the budget -------------------------------------------------------------------------------------------

  // Nothing that was proposed of late uses the budget. If nothing ever did, the experiment is at fault.
  void stall() {
    if (account_.used()) return stop(StopReason::stalled);
    throw InputError("budget: 10,000 evaluations of " + traits_.name +
                     " have used none of it; add budget.evaluations or give the evaluations a cost");
  }

  void stop(StopReason reason) {
    stopped_ = true;
    result_.stop = reason;
  }

  // --- ending -----------------------------------------------------------------------------------------------

  void finish_next() {
    Worker& worker = running_.finish();
    const Trial& trial = worker.trial;
    now_ = trial.end;
    worker.free_since = now_;
    if (trial.proposal.site != 0) --running_at_[trial.proposal.site];
    result_.makespan = std::max(result_.makespan, trial.end);
    book(worker);
    recorder_.trial(trial);
    if (trial.completed()) completed(worker);
    strategy_.tell(trial);
    charge_strategy();
  }

  void book(const Worker& worker) {
    const Trial& trial = worker.trial;
    if (const auto* completed = std::get_if<Completed>(&trial.result); completed && completed->cached) {
      ++result_.cached;
      return;
    }
    ++(trial.proposal.screening ? result_.screenings : result_.evaluations);
    result_.trained += trial.proposal.fidelity - trial.trained_from;
    if (!trial.completed() && !trial.proposal.screening) ++result_.failures;
    result_.ledger[trial.completed() ? Account::search : Account::failed] += trial.charge;
    spent_ += worker.charged;
    book_stages(trial, trial.charge);
    if (trial.preemptions == 0) return;
    result_.ledger[Account::lost] += trial.lost;
    spent_ += worker.lost;
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

  void completed(const Worker& worker) {
    const Trial& trial = worker.trial;
    const auto& completed = std::get<Completed>(trial.result);
    if (completed.cached) return;
    if (keeps_checkpoints_) checkpoints_.keep(trial.id, {worker.digest, trial.proposal.fidelity, trial.repeat});
    if (options_.duplicates == Duplicates::cache && remembers_) seen_.keep(worker.key, completed.losses);
    if (!trial.proposal.screening && is_better(trial)) crown(trial);
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

  void add_beside(Account account, const Charge& charge) {
    result_.ledger[account] += charge;
    const Usage total = charge.total();
    account_.commit(total);
    spent_ += total;
  }

  // Workers that ended before the last one waited for it; then the winner is trained once more.
  void settle() {
    std::deque<Worker>& workers = running_.workers();
    for (Worker& worker : workers) charge_idle(worker, result_.makespan);
    for (std::size_t w = workers.size(); w < options_.workers; ++w) {
      Worker unused;
      charge_idle(unused, result_.makespan);
    }
    if (result_.winner) train_winner();
  }

  void train_winner() {
    const double highest = traits_.fidelity.highest;
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
  const ProblemTraits& traits_;
  const CostModel& cost_;
  const SimulationOptions& options_;
  Recorder& recorder_;
  const Random ask_stream_;
  const Random evaluation_stream_;
  const bool keeps_checkpoints_;
  const bool remembers_;  // what was evaluated
  const std::optional<Preemption> preemption_;
  const std::optional<double> points_;  // of the space; none where they are infinitely many

  RunningTrials running_;
  std::vector<std::size_t> running_at_;  // by site; empty where there is only home
  SeenEvaluations seen_;
  FidelityNames names_;
  Checkpoints checkpoints_;
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
