#pragma once
// A problem, costs and strategies of round figures, for the simulator's tests.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/simulator.h"

namespace tonne::testing {

// A problem of one real: the loss is x, training takes x seconds per epoch on any machine; x > 0.9 diverges
// halfway.
class LineProblem final : public Problem {
 public:
  LineProblem() {
    traits_.name = "line";
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 100.0, true};
  }
  const ProblemTraits& traits() const override { return traits_; }
  const SearchSpace& space() const override { return space_; }
  Outcome evaluate(const Evaluation& e, Random random) const override {
    Outcome outcome;
    const double x = e.configuration[0];
    outcome.objectives.push_back(x + 0.001 * random.uniform());
    outcome.workload.steps = 10.0 * (e.to - e.from);
    outcome.workload.memory = x * 20.0 * gigabyte;
    outcome.workload.measured_time = (e.to - e.from) * x * second;
    if (x > 0.9) {
      outcome.failure = Failure::diverged;
      *outcome.workload.measured_time *= 0.5;
    }
    return outcome;
  }
  double true_value(const Configuration& c) const override { return c[0]; }

 private:
  ProblemTraits traits_;
  SearchSpace space_{{{"x", Real{0.0, 1.0}}}};
};

// Watts and prices that make sums easy to check: busy 1 kW, idle 100 W, 1 kg and 1 USD per kWh.
class PlainCost final : public CostModel {
 public:
  explicit PlainCost(Bytes memory = 1e3 * gigabyte) : memory_(memory) {}
  bool fits(const Workload& w) const override { return w.memory <= memory_; }
  Charge charge(const Workload& w, Duration) const override { return at(*w.measured_time, kilowatt); }
  Charge charge_part(const Workload&, Duration, Duration length) const override {
    return at(length, kilowatt);
  }
  Charge charge_idle(Duration length, Duration) const override { return at(length, 100.0 * watt); }
  Charge charge_computing(Work work, Duration) const override {
    return at(work / gigaflop * second, 10.0 * watt);
  }

 private:
  static Charge at(Duration time, Power power) {
    Charge charge;
    charge.time = time;
    Usage& usage = charge[Line::device_dynamic];
    usage.energy = power * time;
    usage.operational = usage.energy * kilogram_per_kilowatt_hour;
    usage.money = usage.energy / kilowatt_hour * dollar;
    return charge;
  }
  Bytes memory_;
};

// Proposes what it is given, in order, then waits for ever.
class Scripted final : public Strategy {
 public:
  explicit Scripted(std::deque<Proposal> script) : script_(std::move(script)) {}
  std::optional<Proposal> ask(TrialId, Random) override {
    if (script_.empty()) return std::nullopt;
    const Proposal next = script_.front();
    script_.pop_front();
    return next;
  }
  void tell(const Trial& trial) override { told.push_back(trial.id); }
  bool may_resume() const override { return true; }
  std::vector<TrialId> told;

 private:
  std::deque<Proposal> script_;
};

// Uniform draws with a fixed amount of computing for each.
class Uniform final : public Strategy {
 public:
  explicit Uniform(const SearchSpace& space, Work work = Work{}) : space_(space), work_(work) {}
  std::optional<Proposal> ask(TrialId, Random random) override {
    computed_ += work_;
    return Proposal{space_.sample(random), 10.0, std::nullopt};
  }
  void tell(const Trial&) override {}
  Work computed() const override { return computed_; }

 private:
  const SearchSpace& space_;
  Work work_;
  Work computed_{};
};

struct Kept final : Recorder {
  std::vector<Trial> trials;
  std::vector<Incumbent> incumbents;
  void trial(const Trial& t) override { trials.push_back(t); }
  void incumbent(const Incumbent& i) override { incumbents.push_back(i); }
};

inline Proposal at(double x, double fidelity, std::optional<TrialId> resumes = std::nullopt) {
  Configuration c(1);
  c.set(0, x);
  return {c, fidelity, resumes};
}

inline SimulationOptions evaluations(std::uint64_t count, unsigned workers = 1) {
  SimulationOptions options;
  options.budget.evaluations = count;
  options.workers = workers;
  return options;
}

inline SearchResult run(Strategy& strategy, const SimulationOptions& options, Kept& kept,
                        const CostModel& cost = PlainCost()) {
  return simulate(strategy, "test", LineProblem(), cost, options, Random(1), kept);
}

class SpotCost final : public CostModel {
 public:
  explicit SpotCost(Preemption preemption) : preemption_(preemption) {}
  bool fits(const Workload& w) const override { return plain_.fits(w); }
  Charge charge(const Workload& w, Duration start) const override { return plain_.charge(w, start); }
  Charge charge_part(const Workload& w, Duration start, Duration length) const override {
    return plain_.charge_part(w, start, length);
  }
  std::optional<Preemption> preemption() const override { return preemption_; }
  Charge charge_idle(Duration length, Duration start) const override {
    return plain_.charge_idle(length, start);
  }
  Charge charge_computing(Work work, Duration start) const override {
    return plain_.charge_computing(work, start);
  }

 private:
  Preemption preemption_;
  PlainCost plain_;
};

}  // namespace tonne::testing
