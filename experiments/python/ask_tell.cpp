// Strategies in a loop of the user's own: what the simulator tells a strategy, told by whoever trains.

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/budget.h"
#include "core/error.h"
#include "core/random.h"
#include "core/recipe.h"
#include "core/stand_in.h"
#include "core/trial.h"
#include "core/units.h"
#include "core/yaml.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/strategy_reader.h"
#include "experiments/python/module.h"
#include "experiments/python/space.h"

namespace tonne::python {

namespace py = pybind11;

namespace {

constexpr const char* kSource = "tonne.Strategy";

// {"strategies": ...} as an experiment file has it.
StrategyPlan plan_of(const std::string& text) {
  const YamlSource source{kSource, {}};
  const YamlNode root = parse_yaml(text, kSource);
  StrategyPlans plans = read_strategy_plans(root.find("strategies"), root, source);
  if (plans.plans.size() != 1) throw InputError(fmt::format("{}: a list of values makes {} strategies, expected one", kSource, plans.plans.size()));
  return std::move(plans.plans.front());
}

struct Loop {
  std::vector<std::string> directions;  // "minimise" or "maximise", one an objective
  std::vector<std::string> constraints;
  std::string fidelity_name;
  double lowest = 1.0, highest = 1.0;
  unsigned parallel = 1;
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> evaluations;
};

ProblemTraits traits_of(const Loop& loop) {
  ProblemTraits traits;
  traits.name = "loop";
  for (std::size_t i = 0; i < loop.directions.size(); ++i)
    traits.objectives.push_back({fmt::format("objective {}", i + 1), "", loop.directions[i] == "maximise" ? Direction::maximise : Direction::minimise});
  traits.fidelity = {loop.fidelity_name, loop.lowest, loop.highest, std::floor(loop.lowest) == loop.lowest && std::floor(loop.highest) == loop.highest};
  traits.constraints = loop.constraints;
  return traits;
}

struct Measured {
  std::vector<double> objectives, constraints;
  double seconds = 0.0, kwh = 0.0, kg = 0.0, embodied_kg = 0.0, usd = 0.0;
  std::optional<std::string> failure;
};

Failure failure_of(const std::string& name) {
  for (const Failure failure : {Failure::diverged, Failure::out_of_memory, Failure::invalid, Failure::infeasible})
    if (name == to_string(failure)) return failure;
  throw InputError(fmt::format("failed: found '{}', expected diverged, out_of_memory, invalid or infeasible", printable(name)));
}

void check_cost(const char* name, double value) {
  if (!(value >= 0.0) || !std::isfinite(value)) throw InputError(fmt::format("{}: found {}, expected a finite number >= 0", name, value));
}

class AskTell {
 public:
  AskTell(const std::string& strategy, std::shared_ptr<const NamedSpace> space, const Loop& loop)
      : plan_(plan_of(strategy)), space_(std::move(space)), traits_(traits_of(loop)), stream_(0) {
    budget_.evaluations = loop.evaluations;
    context_.emplace(StrategyContext{.space = space_->space(), .traits = traits_, .fidelity = plan_.fidelity.value_or(traits_.fidelity.highest), .workers = loop.parallel});
    if (loop.evaluations) {
      context_->budget = &budget_;
      context_->trainings = [this] { return std::optional(static_cast<double>(*budget_.evaluations)); };
    }
    if (const auto command = plan_.recipe->runs()) throw InputError(fmt::format("{} runs a command: it is a program of its own", plan_.name));
    if (const auto why = plan_.recipe->refuses(*context_)) throw InputError(fmt::format("{}: {}", plan_.label, *why));
    strategy_ = plan_.recipe->make(*context_);
    const auto* stand_in = dynamic_cast<const StandIn*>(plan_.recipe.get());
    stream_ = Random(loop.seed).child("ask").child(stand_in != nullptr ? stand_in->stands_for(*context_) : plan_.name);
  }
  AskTell(const AskTell&) = delete;
  AskTell& operator=(const AskTell&) = delete;

  // Nothing: wait, or the search is over.
  std::optional<Candidate> ask() {
    auto proposal = strategy_->ask(next_, stream_.child(next_).child(std::uint64_t{0}));
    if (!proposal) return std::nullopt;
    Trial trial;
    trial.id = next_++;
    trial.proposal = std::move(*proposal);
    if (const auto& resumes = trial.proposal.resumes) trial.trained_from = trained_.at(*resumes);
    trial.repeat = repeats_[trial.proposal.configuration.digest()]++;
    trial.start = now_;
    const auto& resumes = trial.proposal.resumes;
    Candidate asked{space_, trial.proposal.configuration, trial.proposal.fidelity, trial.trained_from, trial.repeat, py::int_(trial.id),
                    resumes ? py::object(py::int_(*resumes)) : py::none(), trial.proposal.screening.has_value()};
    running_.emplace(trial.id, std::move(trial));
    return asked;
  }

  void tell(TrialId id, const Measured& measured) {
    const auto found = running_.find(id);
    if (found == running_.end()) throw InputError(fmt::format("trial {} is not running: it was never asked for, or told already", id));
    Trial trial = found->second;
    put(trial, measured);
    running_.erase(found);
    now_ = std::max(now_, trial.end);
    if (trial.completed() && strategy_->may_resume()) trained_.emplace(id, trial.proposal.fidelity);
    strategy_->tell(trial);
  }

  [[nodiscard]] std::vector<TrialId> running() const {
    std::vector<TrialId> ids;
    for (const auto& [id, trial] : running_) ids.push_back(id);
    return ids;
  }
  [[nodiscard]] double computed() const { return strategy_->computed().base(); }

 private:
  void put(Trial& trial, const Measured& measured) const {
    for (const auto& [name, value] : {std::pair{"seconds", measured.seconds}, {"kwh", measured.kwh}, {"kg", measured.kg}, {"embodied_kg", measured.embodied_kg}, {"usd", measured.usd}})
      check_cost(name, value);
    trial.end = trial.start + measured.seconds * second;
    trial.charge.time = measured.seconds * second;
    trial.charge[Line::device_dynamic].energy = measured.kwh * kilowatt_hour;
    trial.charge[Line::device_dynamic].operational = measured.kg * kilogram;
    trial.charge[Line::embodied].embodied = measured.embodied_kg * kilogram;
    trial.charge[Line::rental].money = measured.usd * dollar;
    trial.constraints.assign(measured.constraints.begin(), measured.constraints.end());
    if (measured.failure) {
      trial.result = Failed{failure_of(*measured.failure)};
      return;
    }
    if (measured.constraints.size() != traits_.constraints.size())
      throw InputError(fmt::format("{} constraints were told, expected {}", measured.constraints.size(), traits_.constraints.size()));
    if (std::ranges::any_of(measured.constraints, [](double value) { return !(value <= 0.0); })) {
      trial.result = Failed{Failure::infeasible};
      return;
    }
    const std::size_t expected = trial.proposal.screening ? 1 : traits_.objectives.size();
    if (measured.objectives.size() != expected)
      throw InputError(fmt::format("{} objectives were told, expected {}", measured.objectives.size(), expected));
    if (std::ranges::any_of(measured.objectives, [](double value) { return std::isnan(value); })) {
      trial.result = Failed{Failure::diverged};
      return;
    }
    Completed completed;
    for (std::size_t i = 0; i < expected; ++i) {
      const bool falls = trial.proposal.screening || traits_.objectives[i].direction == Direction::minimise;
      completed.losses.push_back(falls ? measured.objectives[i] : -measured.objectives[i]);
    }
    trial.result = completed;
  }

  StrategyPlan plan_;
  std::shared_ptr<const NamedSpace> space_;
  ProblemTraits traits_;
  Budget budget_;
  std::optional<StrategyContext> context_;
  std::unique_ptr<Strategy> strategy_;
  Random stream_;  // of asks
  TrialId next_ = 0;
  Duration now_{};
  std::map<TrialId, Trial> running_;
  std::map<TrialId, double> trained_;                // fidelity of what may be resumed
  std::map<std::uint64_t, std::uint32_t> repeats_;  // by configuration
};

}  // namespace

void bind_ask_tell(py::module_& module) {
  py::class_<AskTell>(module, "AskTell")
      .def(py::init([](const std::string& strategy, std::shared_ptr<NamedSpace> space, const std::vector<std::string>& directions,
                       const std::vector<std::string>& constraints, const std::string& fidelity_name, double lowest, double highest, unsigned parallel,
                       std::uint64_t seed, std::optional<std::uint64_t> evaluations) {
             return std::make_unique<AskTell>(strategy, std::move(space),
                                              Loop{directions, constraints, fidelity_name, lowest, highest, parallel, seed, evaluations});
           }),
           py::arg("strategy"), py::arg("space"), py::arg("directions"), py::arg("constraints"), py::arg("fidelity_name"), py::arg("lowest"),
           py::arg("highest"), py::arg("parallel"), py::arg("seed"), py::arg("evaluations"))
      .def("ask", &AskTell::ask)
      .def("tell",
           [](AskTell& self, TrialId id, std::vector<double> objectives, std::vector<double> constraints, double seconds, double kwh, double kg,
              double embodied_kg, double usd, std::optional<std::string> failure) {
             self.tell(id, {std::move(objectives), std::move(constraints), seconds, kwh, kg, embodied_kg, usd, std::move(failure)});
           })
      .def("running", &AskTell::running)
      .def("computed", &AskTell::computed);
}

}  // namespace tonne::python
