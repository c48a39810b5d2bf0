#include "experiments/repricing/reprice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "experiments/repricing/blind_strategies.h"
#include "experiments/repricing/recorded_cluster.h"
#include "experiments/repricing/recorded_work.h"
#include "experiments/results/imported.h"
#include "experiments/results/problem_again.h"
#include "experiments/results/records.h"
#include "experiments/results/store.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

struct Pair {
  Usage before, after;
  void add(const Usage& was, const Usage& is) {
    before += was;
    after += is;
  }
};

// A recorded amount, as what was computed of it changes.
Usage changed(const Usage& recorded, const Pair& computed) {
  const auto scaled = [](auto amount, auto before, auto after) {
    if (before == after) return amount;
    if (before == decltype(before){}) return amount == decltype(amount){} ? after : amount;
    return (after / before) * amount;
  };
  const auto& [was, is] = computed;
  return {scaled(recorded.energy, was.energy, is.energy), scaled(recorded.operational, was.operational, is.operational),
          scaled(recorded.embodied, was.embodied, is.embodied), scaled(recorded.money, was.money, is.money),
          scaled(recorded.water, was.water, is.water)};
}

bool differ(const Usage& a, const Usage& b) {
  return a.energy != b.energy || a.operational != b.operational || a.embodied != b.embodied || a.money != b.money || a.water != b.water;
}

using Accounts = std::map<std::string, Usage>;

// What is asked of the machines of a scenario.
struct Machines {
  std::shared_ptr<const CostModel> cost;
  std::shared_ptr<const CostModel> waiting;  // the same, its waiting charged in full: what time alone costs
};
Machines machines_of(ClusterSettings cluster) {
  Machines machines;
  machines.cost = make_cost_model(cluster);
  cluster.idle_workers = IdleCharge::full;
  machines.waiting = make_cost_model(cluster);
  return machines;
}

// Trials by how they could be charged again.
struct Counts {
  std::size_t charged = 0, scaled = 0, memory = 0;
};

// The trials of one cell, read once for all places.
struct RecordedTrial {
  TrialStatus status = TrialStatus::completed;
  std::uint32_t worker = 0, preemptions = 0;
  Duration start{}, end{}, charged{};
  std::optional<Workload> workload;  // none: neither computed nor recorded in a way that these machines can charge
  bool computed = false;             // from the problem; else it is what was recorded, and holds on these machines alone
  std::size_t place = 0;             // in the record
};

constexpr double kSameCharge = 1e-9;  // relative

// Whether the workload is what was charged.
bool explains(const CostModel& cost, const Workload& workload, const TrialRow& row) {
  const Charge charge = cost.charge(workload, Duration::from_base(row.start_s));
  double energy = 0.0;
  for (const double part : row.energy_j) energy += part;
  const auto same = [](double a, double b) { return std::abs(a - b) <= kSameCharge * std::abs(b); };
  return same(charge.time / second, row.charged_s) && same(charge.total().energy / joule, energy);
}

// Time and device energy as they were recorded, to be charged by another facility and grid. None where the machines refuse such.
std::optional<Workload> as_recorded(const CostModel& cost, const TrialRow& row) {
  Workload workload;
  workload.measured_time = row.charged_s * second;
  workload.measured_energy = (row.energy_j[0] + row.energy_j[1]) * joule;
  try {
    (void)cost.charge(workload, row.start_s * second);
  } catch (const InputError&) {  // several devices, a power limit
    return std::nullopt;
  }
  return workload;
}

std::vector<RecordedTrial> trials_of(const Store& store, const CellRecord& cell, const Problem* problem, const CostModel& cost) {
  std::vector<RecordedTrial> trials;
  store.each_trial(cell.index, [&](const TrialRow& row) {
    RecordedTrial trial{row.status, row.worker, row.preemptions, row.start_s * second, row.end_s * second, row.charged_s * second, {}, false, trials.size()};
    if (problem != nullptr) trial.workload = workload_again(*problem, cell.seed, row);
    if (trial.workload && !explains(cost, *trial.workload, row)) trial.workload.reset();
    trial.computed = trial.workload.has_value();
    if (!trial.computed) trial.workload = as_recorded(cost, row);
    trials.push_back(std::move(trial));
  });
  std::ranges::sort(trials, {}, [](const RecordedTrial& trial) { return std::pair(trial.start, trial.place); });
  return trials;
}

// One cell, elsewhere: its trials one after the other on their workers.
class Replay {
 public:
  Replay(const Machines& was, const Machines& is, unsigned workers)
      : was_(was), is_(is), workers_(workers) {
    const Duration before = was_.cost->charge_computing(kUnit, Duration{}).time;
    const Duration after = is_.cost->charge_computing(kUnit, Duration{}).time;
    computing_before_ = before;
    slower_ = before > Duration{} ? after / before : 1.0;
  }

  void trial(const RecordedTrial& trial) {
    if (trial.status == TrialStatus::cached) return;
    Worker& worker = at_[trial.worker];
    const Duration gap = trial.start - worker.end_before;
    const Duration start = worker.end_after == worker.end_before && slower_ == 1.0 ? trial.start : worker.end_after + slower_ * gap;
    beside(gap, worker.end_before, start - worker.end_after, worker.end_after);
    const Usage before = charge(was_, trial, trial.start).total();
    const Charge after = charge(is_, trial, start);
    pairs_[static_cast<std::size_t>(account_of(trial))].add(before, after.total());
    pairs_[static_cast<std::size_t>(Account::lost)].add(before, after.total());
    const Duration length = trial.end - trial.start;
    const Duration was = charge(was_, trial, trial.start).time;
    worker.end_before = trial.end;
    worker.end_after = was == after.time && start == trial.start ? trial.end
                       : was > Duration{}                        ? start + (after.time / was) * length
                                                                 : start + length;
  }

  // Workers wait until the last has ended.
  void finish(Duration makespan) {
    Duration last{};
    for (const auto& [number, worker] : at_) last = std::max(last, worker.end_after);
    makespan_ = last;
    for (const auto& [number, worker] : at_) beside(makespan - worker.end_before, worker.end_before, last - worker.end_after, worker.end_after);
  }

  [[nodiscard]] Duration makespan() const { return makespan_; }
  [[nodiscard]] const Pair& of(Account account) const { return pairs_[static_cast<std::size_t>(account)]; }

 private:
  struct Worker {
    Duration end_before{}, end_after{};
  };

  static Account account_of(const RecordedTrial& trial) {
    return trial.status == TrialStatus::completed || trial.status == TrialStatus::screened ? Account::search : Account::failed;
  }

  Charge charge(const Machines& machines, const RecordedTrial& trial, Duration start) {
    if (trial.workload) return machines.cost->charge(*trial.workload, start);
    Charge charge = machines.waiting->charge_idle(trial.charged, start);
    charge.time = trial.charged;
    return charge;
  }

  // Between trials a worker waits, and with one worker the strategy computes meanwhile.
  void beside(Duration before, Duration from_before, Duration after, Duration from_after) {
    if (before > Duration{} && after > Duration{})
      pairs_[static_cast<std::size_t>(Account::idle)].add(was_.waiting->charge_idle(before, from_before).total(),
                                                          is_.waiting->charge_idle(after, from_after).total());
    const bool alone = workers_ == 1 && before > Duration{} && computing_before_ > Duration{};
    const Work work = alone ? (before / computing_before_) * kUnit : kUnit;
    if (workers_ == 1 && !alone) return;
    pairs_[static_cast<std::size_t>(Account::strategy)].add(was_.cost->charge_computing(work, from_before).total(),
                                                            is_.cost->charge_computing(work, from_after).total());
  }

  static constexpr Work kUnit = Work::from_base(1e12);
  const Machines& was_;
  const Machines& is_;
  const unsigned workers_;
  Duration computing_before_{};
  double slower_ = 1.0;  // the strategy's computing
  Duration makespan_{};
  std::map<std::uint32_t, Worker> at_;
  std::array<Pair, kAccounts> pairs_{};
};

// What could have made the search another one.
class Doubts {
 public:
  // Whether there is none, of this strategy in this place.
  bool check(const RecordedCluster& recorded, const StoredStrategy& strategy, bool times, bool changes) {
    if (!changes) return true;
    const std::size_t known = found_;
    const Budget& budget = recorded.options.budget;
    if (times && recorded.options.workers > 1)
      add(fmt::format("{} workers train at once: at other speeds their trials would have ended in another order", recorded.options.workers));
    if (times && budget.time) add("the budget is a time: on other machines it would have ended after another number of trials");
    if (budget.energy || budget.carbon || budget.money)
      add("the budget is energy, carbon or money: elsewhere it would have ended after another number of trials");
    if (times && recorded.cluster.preemption.interval) add("machines are taken back now and then: in trials of other lengths, elsewhere");
    if (!is_blind_to_cost(strategy))
      add(strategy.label + " may look at costs, durations or the clock");
    return found_ == known;
  }
  // False: it is not known how a real search chose.
  bool add_real(const StoredStrategy& strategy) {
    add(strategy.label + " was a real search: whether its choices rested on costs or the clock is not recorded");
    return false;
  }
  [[nodiscard]] std::vector<std::string> take() { return {said_.begin(), said_.end()}; }

 private:
  void add(std::string doubt) {
    ++found_;
    said_.insert(std::move(doubt));
  }

  std::size_t found_ = 0;
  std::set<std::string> said_;
};

class Comparison {
 public:
  Comparison(const Store& store, std::span<const Elsewhere> places)
      : store_(store), places_(places), problems_(store.problems()), scenarios_(store.scenarios()), strategies_(store.strategies()) {
    if (store.meta("record") != "trials" || store.trial_count() == 0)
      throw InputError("the results hold no trials (record: incumbents): there is nothing to charge again; use `tonne run`");
    for (const StoredProblem& problem : problems_) again_.push_back(problem_again(problem));
    for (const StoredScenario& scenario : scenarios_) recorded_.push_back(recorded_cluster(scenario));
    store.each_ledger_row([&](const LedgerRow& row) {
      ledgers_[row.cell][row.account] += Usage{row.energy_j * joule, row.operational_kg * kilogram, row.embodied_kg * kilogram,
                                              row.usd * dollar, row.water_l * litre};
    });
    make_machines();
  }

  Repricing run() {
    for (const CellRecord& cell : store_.cells()) add(cell);
    Repricing result;
    for (auto& [key, row] : rows_) {
      const double share = 1.0 / static_cast<double>(row.searches);
      if (row.searches > 1) {
        row.before *= share;
        row.after *= share;
        row.time_before *= share;
        row.time_after *= share;
      }
      result.rows.push_back(std::move(row));
    }
    std::ranges::sort(result.rows, {}, [](const RepricedSearch& row) {
      return std::tuple(row.after.carbon(), row.place, std::string_view(row.problem), std::string_view(row.scenario), std::string_view(row.strategy));
    });
    result.doubts = doubts_.take();
    result.methods = methods();
    result.priced = priced_;
    result.real = std::ranges::any_of(problems_, [](const StoredProblem& problem) { return imported_search(problem).has_value(); });
    return result;
  }

 private:
  void make_machines() {
    for (std::size_t s = 0; s < recorded_.size(); ++s) {
      was_.push_back(machines_of(recorded_[s].cluster));
      auto& there = is_.emplace_back();
      for (const Elsewhere& place : places_) {
        const ClusterSettings cluster = changed_cluster(recorded_[s].cluster, place.changes);
        priced_ = priced_ && !not_known(cluster).money;
        there.push_back(place.changes.empty() ? was_.back() : machines_of(cluster));
      }
    }
  }

  void add(const CellRecord& cell) {
    const Machines& was = was_[cell.scenario];
    const auto trials = trials_of(store_, cell, again_[cell.problem].get(), *was.cost);
    const bool known = count(trials);
    for (std::size_t p = 0; p < places_.size(); ++p) {
      const auto& changes = places_[p].changes;
      const bool times = !std::ranges::all_of(changes, keeps_times);
      if (times && !known)
        throw InputError(problems_[cell.problem].label + unknown_work(problems_[cell.problem]));
      const Machines& is = is_[cell.scenario][p];
      check_memory(trials, was, is);
      Replay replay(was, is, recorded_[cell.scenario].options.workers);
      for (const RecordedTrial& trial : trials) replay.trial(trial);
      replay.finish(cell.makespan);
      const bool same = imported_search(problems_[cell.problem])
                            ? changes.empty() || doubts_.add_real(strategies_[cell.strategy])
                            : doubts_.check(recorded_[cell.scenario], strategies_[cell.strategy], times, !changes.empty());
      book(cell, p, replay, same);
    }
  }

  static std::string unknown_work(const StoredProblem& problem) {
    if (imported_search(problem))
      return ": how fast another machine would have been is not known of a real search, whose record has run times and no work: "
             "grid, start, facility and prices can change, machines cannot";
    return ": the work of its trials is not known (screenings; a table that is not in this directory): grid, start, facility and "
           "prices can change, machines cannot; use `tonne run`";
  }

  bool count(const std::vector<RecordedTrial>& trials) {
    std::size_t unknown = 0, failed = 0;
    for (const RecordedTrial& trial : trials) {
      if (trial.status == TrialStatus::cached) continue;
      ++(trial.computed ? counts_.charged : counts_.scaled);
      if (trial.computed) continue;
      ++(trial.status == TrialStatus::out_of_memory ? failed : unknown);
    }
    return unknown + failed == 0;
  }

  void check_memory(const std::vector<RecordedTrial>& trials, const Machines& was, const Machines& is) {
    if (was.cost == is.cost) return;
    for (const RecordedTrial& trial : trials)
      if (trial.workload && was.cost->fits(*trial.workload) && !is.cost->fits(*trial.workload)) ++counts_.memory;
  }

  void book(const CellRecord& cell, std::size_t place, const Replay& replay, bool same_order) {
    Usage after = cell.search;
    for (std::size_t a = 0; a < kAccounts; ++a) {
      const auto account = static_cast<Account>(a);
      if (account == Account::retraining) continue;
      const Accounts& ledger = ledgers_[cell.index];
      const auto at = ledger.find(std::string(kAccountNames[a]));
      if (at == ledger.end() || !differ(at->second, Usage{})) continue;  // nothing took place that a new price could charge
      const Usage moved = changed(at->second, replay.of(account));
      if (!differ(moved, at->second)) continue;
      Usage less = at->second;
      less *= -1.0;
      after += moved;
      after += less;
    }
    RepricedSearch& row = rows_[{place, cell.problem, cell.scenario, cell.strategy}];
    if (row.searches == 0) {
      row.place = place;
      row.problem = problems_[cell.problem].label;
      row.scenario = scenarios_[cell.scenario].label;
      row.strategy = strategies_[cell.strategy].label;
      row.same_order = true;
    }
    ++row.searches;
    row.before += cell.search;
    row.after += after;
    row.time_before += cell.makespan;
    row.time_after += replay.makespan();
    row.same_order = row.same_order && same_order;
  }

  [[nodiscard]] std::vector<std::string> methods() const {
    std::vector<std::string> said;
    if (counts_.charged > 0)
      said.push_back(fmt::format("The work of {} trials was computed again from their problem, and charged by the changed cluster.",
                                 grouped(static_cast<double>(counts_.charged))));
    if (counts_.scaled > 0)
      said.push_back(fmt::format("The work of {} trials is not known: their recorded run times and the energy of their devices are kept, "
                                 "and charged by the changed facility and grid.",
                                 grouped(static_cast<double>(counts_.scaled))));
    said.emplace_back("Kept: what was tried and in which order, which trials failed, what warm starts cost. Retraining of a winner is "
                      "not in these figures.");
    if (counts_.memory > 0)
      said.push_back(fmt::format("{} trials would not have fitted into a device's memory there: they would have failed.",
                                 grouped(static_cast<double>(counts_.memory))));
    return said;
  }

  const Store& store_;
  const std::span<const Elsewhere> places_;
  const std::vector<StoredProblem> problems_;
  const std::vector<StoredScenario> scenarios_;
  const std::vector<StoredStrategy> strategies_;
  std::vector<std::shared_ptr<const Problem>> again_;
  std::vector<RecordedCluster> recorded_;
  std::vector<Machines> was_;               // by scenario
  std::vector<std::vector<Machines>> is_;   // by scenario and place
  std::map<std::size_t, Accounts> ledgers_;
  std::map<std::tuple<std::size_t, std::size_t, std::size_t, std::size_t>, RepricedSearch> rows_;
  Doubts doubts_;
  Counts counts_;
  bool priced_ = true;
};

}  // namespace

Repricing reprice(const Store& store, std::span<const Elsewhere> places) { return Comparison(store, places).run(); }

}  // namespace tonne
