#include "experiments/histories/recorded_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <tuple>

#include "core/error.h"
#include "experiments/text/quantity.h"

namespace tonne::histories {
namespace {

// Times of tools have microseconds at best, and a double holds today's to a quarter of one.
constexpr double kPerSecond = 1e6;

Duration in_microseconds(double seconds) {
  return std::round(seconds * kPerSecond) / kPerSecond * second;
}

std::string trials_text(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// What the trials of a history are counted in.
class Steps {
 public:
  explicit Steps(const History& history) {
    for (const RecordedTrial& trial : history.trials)
      for (const Report& report : trial.reports) {
        least_ = std::min(least_, report.step);
        most_ = std::max(most_, report.step);
        integral_ = integral_ && report.step == std::floor(report.step);
      }
    if (least_ <= most_ && least_ <= 0.0) moved_ = 1.0 - least_;
  }

  [[nodiscard]] bool given() const { return least_ <= most_; }
  [[nodiscard]] bool moved() const { return moved_ > 0.0; }
  [[nodiscard]] double fidelity(double step) const { return step + moved_; }
  [[nodiscard]] FidelityTraits traits(const std::string& name) const {
    FidelityTraits fidelity;
    if (!given()) return fidelity;
    if (!name.empty()) fidelity.name = name;
    fidelity.lowest = this->fidelity(least_);
    fidelity.highest = this->fidelity(most_);
    fidelity.integral = integral_;
    return fidelity;
  }

 private:
  double least_ = std::numeric_limits<double>::infinity();
  double most_ = -std::numeric_limits<double>::infinity();
  double moved_ = 0.0;
  bool integral_ = true;
};

Failure failure_of(const RecordedTrial& trial) {
  const auto says = [&](const char* word) { return trial.reason.find(word) != std::string::npos; };
  return says("memory") || says("Memory") ? Failure::out_of_memory : Failure::invalid;
}

// How many trials were treated in a way that has to be told.
struct Counts {
  std::size_t running = 0, without_times = 0, infinite = 0, without_value = 0, pruned = 0, pruned_late = 0;
  std::size_t with_carbon = 0;
  double kilograms = 0.0;  // of these, as the file says
};

class Reader {
 public:
  explicit Reader(const History& history) : history_(history), steps_(history) {}

  RecordedSearch read() {
    check_sizes();
    search_.name = history_.name;
    search_.source = history_.source;
    search_.method = history_.method;
    search_.space = history_.space;
    search_.objectives = history_.objectives;
    search_.constraints = history_.constraints;
    search_.fidelity = steps_.traits(history_.step_name);
    search_.notes = history_.notes;
    find_beginning();
    for (const RecordedTrial& trial : history_.trials) take(trial);
    check_result();
    std::ranges::sort(search_.runs, {}, [](const RecordedRun& run) { return std::tuple(run.start, run.number); });
    search_.at_once = most_at_once();
    tell();
    return std::move(search_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("the search '{}' {}", printable(history_.name), what));
  }

  void check_sizes() const {
    if (history_.objectives.empty()) fail("has no objective");
    if (history_.objectives.size() > kMaxObjectives)
      fail(fmt::format("has {} objectives; at most {} are read", history_.objectives.size(), kMaxObjectives));
    if (history_.constraints.size() > kMaxObjectives)
      fail(fmt::format("has {} constraints; at most {} are read", history_.constraints.size(), kMaxObjectives));
    if (history_.trials.empty()) fail("has no trials");
  }

  static bool has_times(const RecordedTrial& trial) { return trial.start_s && trial.end_s; }

  void find_beginning() {
    search_.began = std::numeric_limits<double>::infinity();
    for (const RecordedTrial& trial : history_.trials)
      if (trial.state != State::running && has_times(trial)) search_.began = std::min(search_.began, *trial.start_s);
    if (!std::isfinite(search_.began))
      fail("has no trial that ended and says when it started and ended: without run times there is nothing to price");
  }

  void take(const RecordedTrial& trial) {
    if (trial.state == State::running) {
      ++counts_.running;
      return;
    }
    if (!has_times(trial)) {
      ++counts_.without_times;
      return;
    }
    if (!search_.space.contains(trial.configuration))
      fail(fmt::format("has a trial {} outside of its search space", trial.number));
    RecordedRun run;
    run.number = trial.number;
    run.configuration = trial.configuration;
    run.start = in_microseconds(*trial.start_s - search_.began);
    run.time = in_microseconds(*trial.end_s - *trial.start_s);
    if (trial.energy_j) run.energy = *trial.energy_j * joule;
    if (trial.operational_kg) {
      ++counts_.with_carbon;
      counts_.kilograms += *trial.operational_kg;
    }
    run.fidelity = fidelity_of(trial);
    for (const Report& report : trial.reports)
      if (std::isfinite(report.value)) run.curve.emplace_back(steps_.fidelity(report.step), report.value);
    judge(trial, run);
    search_.runs.push_back(std::move(run));
  }

  [[nodiscard]] double fidelity_of(const RecordedTrial& trial) const {
    if (trial.state == State::complete) return search_.fidelity.highest;
    return trial.reports.empty() ? search_.fidelity.lowest : steps_.fidelity(trial.reports.back().step);
  }

  void judge(const RecordedTrial& trial, RecordedRun& run) {
    if (trial.state == State::pruned) {
      ++counts_.pruned;
      if (steps_.given() && run.fidelity == search_.fidelity.highest) ++counts_.pruned_late;
    }
    if (trial.state == State::failed) {
      run.failure = failure_of(trial);
      return;
    }
    const std::vector<double> values = values_of(trial);
    if (values.size() != history_.objectives.size()) {
      ++counts_.without_value;
      run.failure = Failure::invalid;
      return;
    }
    if (std::ranges::any_of(values, [](double value) { return !std::isfinite(value); })) {
      ++counts_.infinite;
      run.failure = Failure::diverged;
      return;
    }
    run.objectives.assign(values.begin(), values.end());
    if (trial.constraints.size() == history_.constraints.size())
      run.constraints.assign(trial.constraints.begin(), trial.constraints.end());
  }

  // Of a pruned trial what it reported last, which is of the first objective.
  [[nodiscard]] std::vector<double> values_of(const RecordedTrial& trial) const {
    if (trial.state == State::pruned && !trial.reports.empty()) return {trial.reports.back().value};
    return trial.values;
  }

  void check_result() const {
    if (std::ranges::none_of(search_.runs, [&](const RecordedRun& run) {
          return !run.failure && run.fidelity == search_.fidelity.highest;
        }))
      fail(fmt::format("has no trial that completed with a finite value ({} of {} ended)", search_.runs.size(),
                       history_.trials.size()));
  }

  // As a simulation with so many workers needs them.
  [[nodiscard]] std::size_t most_at_once() const {
    constexpr double kSame = 0.5 / kPerSecond;  // sums of rounded times
    std::priority_queue<double, std::vector<double>, std::greater<>> ends;
    std::size_t most = 1;
    for (const RecordedRun& run : search_.runs) {
      while (!ends.empty() && ends.top() <= run.start / second + kSame) ends.pop();
      ends.push(run.end() / second);
      most = std::max(most, ends.size());
    }
    return most;
  }

  void note(std::size_t count, const char* one, const char* many, const std::string& what) {
    if (count > 0) search_.notes.push_back(fmt::format("{} {}", trials_text(count, one, many), what));
  }

  void tell() {
    note(counts_.running, "trial was", "trials were", "still running when the search was recorded, and left out.");
    note(counts_.without_times, "trial was", "trials were", "left out, without a time of start or end.");
    note(counts_.infinite, "trial has", "trials have", "a value that is infinite or no number, told as failed (diverged).");
    note(counts_.without_value, "trial ended", "trials ended", "without a value for every objective, told as failed (invalid).");
    if (counts_.pruned > 0) {
      std::string text = fmt::format("Pruned, and told as trained up to the last report: {}", trials_text(counts_.pruned, "trial", "trials"));
      if (counts_.pruned_late > 0) text += fmt::format(", {} of them in full", counts_.pruned_late);
      search_.notes.push_back(text + ".");
    }
    if (counts_.with_carbon > 0)
      search_.notes.push_back(fmt::format("The file itself tells {} CO2e of {}, which is not what is charged: that follows from energy and grid.",
                                          mass_text(counts_.kilograms * kilogram), trials_text(counts_.with_carbon, "trial", "trials")));
    if (steps_.moved())
      search_.notes.push_back(fmt::format("Steps count from 0 or less in the file and from 1 here ({}).", search_.fidelity.name));
    for (std::size_t i = 0; i < search_.runs.size(); ++i)
      if (search_.runs[i].number != i) {
        search_.notes.emplace_back("Trials are numbered anew from 0, in the order of their starts.");
        return;
      }
  }

  const History& history_;
  const Steps steps_;
  RecordedSearch search_;
  Counts counts_;
};

}  // namespace

Duration RecordedSearch::run_time() const {
  Duration sum{};
  for (const RecordedRun& run : runs) sum += run.time;
  return sum;
}

Duration RecordedSearch::makespan() const {
  Duration last{};
  for (const RecordedRun& run : runs) last = std::max(last, run.end());
  return last;
}

RecordedSearch recorded_search(const History& history) {
  return Reader(history).read();
}

}  // namespace tonne::histories
