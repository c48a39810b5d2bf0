#include "experiments/run/runner.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "core/error.h"
#include "core/recipe.h"
#include "core/replayable.h"
#include "core/simulator.h"
#include "core/stand_in.h"
#include "core/sites.h"
#include "experiments/plan/experiment.h"
#include "experiments/results/ask_journal.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "experiments/results/trial_collector.h"
#include "experiments/run/cell_log.h"
#include "experiments/run/cell_queue.h"
#include "experiments/run/executor.h"
#include "experiments/run/journalled_strategy.h"
#include "experiments/run/observed_front.h"
#include "experiments/run/repricing.h"
#include "experiments/text/log.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

// Evaluations after which the progress bar hears of them.
constexpr std::uint64_t kReported = 4096;

// Receives the trials and incumbents of one cell and hands them to the store in blocks.
class CellRecorder final : public Recorder {
 public:
  CellRecorder(Store& store, const Experiment& experiment, const Cell& cell, Progress& progress);
  void trial(const Trial& trial) override;
  void incumbent(const Incumbent& incumbent) override;
  void idle(Duration length, Duration start) override;
  void computing(Work work, Duration start) override;
  [[nodiscard]] bool interrupted() const override { return progress_.stop.load(std::memory_order_relaxed); }
  // Writes what is left, and the cell as finished.
  void finish(const SearchResult& result);

 private:
  void observe(const Trial& trial);
  [[nodiscard]] std::optional<Payback> payback(const SearchResult& result) const;

  Store& store_;
  const Cell cell_;
  Progress& progress_;
  const bool keep_trials_;
  const Problem& problem_;
  const ScenarioPlan& scenario_;
  const std::vector<ObjectiveTraits>& objectives_;  // of the problem
  const Charge earlier_;  // its share of the searches that it learns from
  Repricer repricer_;
  ObservedFront front_;  // only where its cheapest is asked for
  TrialRow row_;
  TrialCollector trials_;
  std::vector<IncumbentRow> incumbents_;
  std::uint64_t unreported_ = 0;
};

constexpr TrialStatus status_of(Failure reason) {
  switch (reason) {
    case Failure::diverged: return TrialStatus::diverged;
    case Failure::out_of_memory: return TrialStatus::out_of_memory;
    case Failure::invalid: return TrialStatus::invalid;
    case Failure::infeasible: return TrialStatus::infeasible;
  }
  return TrialStatus::invalid;
}

// The row is used again and again: whatever a trial does not have must be emptied.
void fill_result(TrialRow& row, const Trial& trial, const std::vector<ObjectiveTraits>& objectives) {
  row.objectives.clear();
  row.constraints = trial.constraints;
  const auto* completed = std::get_if<Completed>(&trial.result);
  if (completed == nullptr) {
    row.status = status_of(std::get<Failed>(trial.result).reason);
    return;
  }
  const bool screening = trial.proposal.screening.has_value();
  row.status = completed->cached ? TrialStatus::cached : screening ? TrialStatus::screened : TrialStatus::completed;
  for (std::size_t i = 0; i < completed->losses.size(); ++i) {
    // A score has no direction of its own and is kept as it is.
    const bool turned = !screening && objectives[i].direction == Direction::maximise;
    row.objectives.push_back((turned ? -completed->losses[i] : completed->losses[i]) + 0.0);  // -0 and +0 are one value
  }
}

void fill_charge(TrialRow& row, const Trial& trial) {
  constexpr std::array kEnergyLines = {Line::device_dynamic, Line::device_idle, Line::host, Line::facility,
                                       Line::transfer};
  for (std::size_t i = 0; i < kEnergyLines.size(); ++i)
    row.energy_j[i] = trial.charge[kEnergyLines[i]].energy / joule;
  const Usage total = trial.charge.total();
  row.operational_kg = total.operational / kilogram;
  row.embodied_kg = total.embodied / kilogram;
  row.usd = total.money / dollar;
  const Usage lost = trial.lost.total();
  row.lost_s = trial.lost.time / second;
  row.lost_j = lost.energy / joule;
  row.lost_kg = lost.carbon() / kilogram;
  row.lost_usd = lost.money / dollar;
}

CellRecorder::CellRecorder(Store& store, const Experiment& experiment, const Cell& cell, Progress& progress)
    : store_(store),
      cell_(cell),
      progress_(progress),
      keep_trials_(experiment.recording == Recording::trials),
      problem_(*experiment.problems[cell.problem].problem),
      scenario_(experiment.scenarios[cell.scenario]),
      objectives_(problem_.traits().objectives),
      earlier_(share_of(experiment, cell)),
      repricer_(scenario_),
      trials_([&store, &cell = cell_](const TrialBlock& block) { store.append_trials(cell.index, block); }) {}

void CellRecorder::trial(const Trial& trial) {
  if (++unreported_ == kReported) {
    progress_.evaluations += unreported_;
    unreported_ = 0;
  }
  repricer_.trial(trial);
  observe(trial);
  if (!keep_trials_) return;
  TrialRow& row = row_;
  row.trial = trial.id;
  row.configuration = trial.proposal.configuration;
  row.fidelity = trial.proposal.fidelity;
  row.trained_from = trial.trained_from;
  row.resumes = trial.proposal.resumes;
  row.repeat = trial.repeat;
  row.worker = trial.worker;
  row.start_s = trial.start / second;
  row.end_s = trial.end / second;
  row.charged_s = trial.charge.time / second;
  row.preemptions = trial.preemptions;
  const std::size_t site = trial.proposal.site;
  row.site.clear();
  if (site > 0) row.site = scenario_.cost->sites()->name(site);
  fill_result(row, trial, objectives_);
  fill_charge(row, trial);
  trials_.add(row);
}

void CellRecorder::incumbent(const Incumbent& incumbent) {
  IncumbentRow row;
  row.number = incumbent.number;
  row.trial = incumbent.trial;
  row.configuration = encode_configuration(incumbent.configuration);
  row.fidelity = incumbent.fidelity;
  row.observed = objectives_.front().direction == Direction::maximise ? -incumbent.loss : incumbent.loss;
  row.true_value = incumbent.true_value;
  row.time_s = incumbent.time / second;
  row.evaluations = incumbent.evaluations;
  row.trained = incumbent.trained;
  Usage spent = incumbent.spent;
  spent += earlier_.total();
  row.energy_j = spent.energy / joule;
  row.operational_kg = spent.operational / kilogram;
  row.embodied_kg = spent.embodied / kilogram;
  row.usd = spent.money / dollar;
  incumbents_.push_back(std::move(row));
}

void CellRecorder::idle(Duration length, Duration start) {
  repricer_.idle(length, start);
}

void CellRecorder::computing(Work work, Duration start) {
  repricer_.computing(work, start);
}

void CellRecorder::observe(const Trial& trial) {
  if (objectives_.size() < 2 || !scenario_.deployment.given() || trial.proposal.screening) return;
  if (trial.proposal.fidelity < problem_.traits().fidelity.highest) return;  // the front is of full trainings
  if (const auto* completed = std::get_if<Completed>(&trial.result);
      completed != nullptr && !completed->cached)
    front_.add(trial.proposal.configuration, completed->losses);
}

std::optional<Payback> CellRecorder::payback(const SearchResult& result) const {
  const DeploymentSettings& deployment = scenario_.deployment;
  if (!deployment.given() || !result.winner) return std::nullopt;
  Payback payback =
      payback_of(problem_, result.winner->configuration, deployment.train_until, *scenario_.deployment_cost);
  payback.cheapest = cheapest_uses(problem_, front_.configurations(), deployment, *scenario_.deployment_cost);
  return payback;
}

void CellRecorder::finish(const SearchResult& result) {
  trials_.finish();
  std::vector<VariantRow> variants = repricer_.finish(result);
  for (VariantRow& row : variants) row.search += earlier_.total();  // known as one figure
  store_.finish_cell(cell_, result, incumbents_, variants, payback(result), problem_.traits().stages, earlier_);
  progress_.evaluations += unreported_;
  ++progress_.cells_done;
}

// What the answers of a costly strategy in a cell hang on.
std::uint64_t journal_key(const Experiment& experiment, const Cell& cell) {
  return Random(hash_text(experiment.digest)).child(version()).child(cell.index).name();
}

// The strategy of a cell; one whose answers are costly keeps them in a journal, and goes on from that of a killed run.
class CellStrategy {
 public:
  CellStrategy(const Experiment& experiment, const Cell& cell, const Store& store, const StrategyContext& context,
               const CellLog& log)
      : own_(experiment.strategies[cell.strategy].recipe->make(context)) {
    auto* const replayable = dynamic_cast<Replayable*>(own_.get());
    if (replayable == nullptr) return;
    journal_.emplace(ask_journal_file(store.folder(), cell.index), journal_key(experiment, cell));
    journalled_.emplace(*own_, *replayable, context.space, *journal_);
    if (journalled_->recorded() > 0) log.goes_on(journalled_->recorded());
  }

  [[nodiscard]] Strategy& get() { return journalled_ ? *journalled_ : *own_; }
  // The cell is in the store, or cannot be.
  void forget() {
    if (journal_) journal_->remove();
  }

 private:
  std::unique_ptr<Strategy> own_;
  std::optional<AskJournal> journal_;
  std::optional<JournalledStrategy> journalled_;
};

void run_cell(const Experiment& experiment, const Cell& cell, const Shard& shard, Store& store,
              Progress& progress) {
  const Problem& problem = *experiment.problems[cell.problem].problem;
  const ScenarioPlan& scenario = experiment.scenarios[cell.scenario];
  const StrategyPlan& plan = experiment.strategies[cell.strategy];
  CellLog log(experiment, cell, shard);
  StrategyContext context = strategy_context(experiment, cell);
  context.notes = &log;
  CellStrategy strategy(experiment, cell, store, context, log);
  CellRecorder recorder(store, experiment, cell, progress);
  try {
    const auto* stand_in = dynamic_cast<const StandIn*>(plan.recipe.get());
    const std::string draws = stand_in != nullptr ? stand_in->stands_for(context) : plan.name;
    const SearchResult result = simulate(strategy.get(), draws, problem, *scenario.cost, scenario.options,
                                         Random(cell.seed), recorder);
    recorder.finish(result);
    strategy.forget();
    log.finished(result);
  } catch (const InputError& error) {
    strategy.forget();
    log.failed(error.what());
    throw InputError(log.name() + ": " + error.what());
  } catch (const StoreError& error) {
    log.failed(error.what());
    throw;
  } catch (const Interrupted&) {
    log.interrupted();
    throw;
  }
}

// Which of the cells take alike, and how much each has to do: its evaluations where several scenarios have unlike budgets.
class CellSizes {
 public:
  explicit CellSizes(const Experiment& experiment) : experiment_(experiment) {}

  [[nodiscard]] std::size_t kind_of(const Cell& cell) const { return cell.problem * experiment_.strategies.size() + cell.strategy; }
  [[nodiscard]] double size_of(const Cell& cell) {
    if (experiment_.scenarios.size() == 1) return 1.0;
    const double fidelity = experiment_.strategies[cell.strategy].fidelity.value_or(0.0);
    const auto [at, fresh] = known_.try_emplace({cell.problem, cell.scenario, fidelity});
    if (fresh) at->second = expected_evaluations(experiment_, cell).value_or(1.0);
    return at->second;
  }

 private:
  const Experiment& experiment_;
  std::map<std::tuple<std::size_t, std::size_t, double>, double> known_;
};

CellQueue queue_of(const Experiment& experiment, const std::vector<std::size_t>& open) {
  CellSizes sizes(experiment);
  std::vector<std::size_t> kinds;
  std::vector<double> work;
  for (const std::size_t index : open) {
    const Cell cell = cell_at(experiment, index);
    kinds.push_back(sizes.kind_of(cell));
    work.push_back(sizes.size_of(cell));
  }
  return CellQueue(kinds, work);
}

}  // namespace

bool run_cells(const Experiment& experiment, const Shard& shard, unsigned threads, Store& store,
               Progress& progress) {
  const auto finished = store.finished(experiment.cells());
  remove_ask_journals(store.folder(), finished);
  const CellGrid grid = experiment.grid();
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < experiment.cells(); ++i)
    if (!finished[i] && shard.holds(i, grid)) open.push_back(i);
  // Seed by seed: an error that every search of a kind meets is told of the first one.
  std::ranges::sort(open, {}, [&](std::size_t i) { return std::pair(i % experiment.seeds.size(), i); });
  progress.cells_total = open.size();
  CellQueue queue = queue_of(experiment, open);
  std::size_t done = 0;
  std::mutex learning;
  const auto next = [&] {
    const std::scoped_lock lock(learning);
    return queue.next();
  };
  const auto ended = [&](std::size_t cell, double seconds) {
    const std::scoped_lock lock(learning);
    queue.ended(cell, seconds);
    const std::size_t left = open.size() - ++done;
    progress.seconds_left = *queue.seconds_left() / static_cast<double>(std::clamp<std::size_t>(left, 1, threads));
  };
  try {
    for_each_chosen(open.size(), threads, next, [&](std::size_t i) {
      if (progress.stop.load(std::memory_order_relaxed)) throw Interrupted{};
      const Stopwatch watch;
      run_cell(experiment, cell_at(experiment, open[i]), shard, store, progress);
      ended(i, watch.seconds());
    });
  } catch (const Interrupted&) {
    return false;
  }
  return true;
}

}  // namespace tonne
