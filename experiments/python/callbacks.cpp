// Problems, strategies and cost models in Python, for the simulator. The interpreter's lock is held while they are asked, and not
// otherwise. What they raise ends the run and reaches the caller with its trace.

#include "experiments/python/callbacks.h"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/recipe.h"
#include "core/units.h"
#include "experiments/python/module.h"
#include "experiments/python/space.h"
#include "search/catalogue.h"

namespace tonne::python {

namespace py = pybind11;

namespace {

const py::list* objects_of_experiment = nullptr;
// To read an experiment asks its objects for their descriptions, and Python may then go on with another thread.
std::recursive_mutex reading;

// Without the interpreter's lock, which whoever reads wants.
void await_reading() {
  const py::gil_scoped_release released;
  reading.lock();
}

// A reference that may be given up on any thread.
class Held {
 public:
  explicit Held(py::object object) : object_(std::move(object)) {}
  ~Held() {
    const py::gil_scoped_acquire acquired;
    object_ = py::object();
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  [[nodiscard]] const py::object& get() const { return object_; }

 private:
  py::object object_;
};

// The setting `object` and the name that results show.
struct ObjectSettings {
  std::int64_t object = -1;
  std::string name = "python";
  std::shared_ptr<const Held> held = nullptr;

  void visit(SettingsVisitor& v) {
    v.integer("object", object, Bounds::at_least(0), "number of an object of the running Python program");
    v.text("name", name, "its class");
    if (!v.reading()) return;
    const bool is_known = objects_of_experiment != nullptr && object < static_cast<std::int64_t>(objects_of_experiment->size());
    v.require(is_known, "object", "is no object of this experiment: give tonne.run the object itself");
    held = std::make_shared<const Held>(py::object((*objects_of_experiment)[static_cast<std::size_t>(object)]));
  }
};

// --- problems -------------------------------------------------------------------------------------------------------

double number(const py::handle& value, const char* name) {
  if (!py::isinstance<py::float_>(value) && !PyNumber_Check(value.ptr()))
    throw py::type_error(std::string(name) + ": found " + py::repr(value).cast<std::string>() + ", expected a number");
  return py::float_(py::reinterpret_borrow<py::object>(value));
}

template <class Values>
void put_all(Values& values, const py::handle& given, const char* name) {
  if (py::isinstance<py::sequence>(given))
    for (const py::handle& value : given) values.push_back(number(value, name));
  else
    values.push_back(number(given, name));
}

Failure failure_from(const std::string& name) {
  for (const Failure failure : {Failure::diverged, Failure::out_of_memory, Failure::invalid})
    if (name == to_string(failure)) return failure;
  throw py::value_error("failed: found '" + name + "', expected diverged, out_of_memory or invalid");
}

// One entry of what evaluate() returns as a dictionary; false where there is no such key.
bool put_entry(Outcome& outcome, std::string_view key, const py::handle& value) {
  Workload& work = outcome.workload;
  if (key == "objectives" || key == "loss") return put_all(outcome.objectives, value, "objectives"), true;
  if (key == "constraints") return put_all(outcome.constraints, value, "constraints"), true;
  if (key == "seconds") return work.measured_time = number(value, "seconds") * second, true;
  if (key == "kwh") return work.measured_energy = number(value, "kwh") * kilowatt_hour, true;
  if (key == "flops") return work.flops = number(value, "flops") * flop, true;
  if (key == "traffic") return work.traffic = number(value, "traffic") * byte, true;
  if (key == "memory") return work.memory = number(value, "memory") * byte, true;
  if (key == "steps") return work.steps = number(value, "steps"), true;
  if (key == "samples") return work.samples = number(value, "samples"), true;
  if (key == "parameters") return work.parameters = number(value, "parameters"), true;
  if (key != "failed") return false;
  if (!value.is_none()) outcome.failure = failure_from(value.cast<std::string>());
  return true;
}

Outcome outcome_of(const py::object& answer, const ProblemTraits& traits) {
  Outcome outcome;
  if (!py::isinstance<py::dict>(answer)) {
    put_all(outcome.objectives, answer, "evaluate");
  } else {
    for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(answer))
      if (const auto name = key.cast<std::string>(); !put_entry(outcome, name, value))
        throw py::key_error(
            "evaluate: found '" + name +
            "', expected objectives (or loss), constraints, seconds, kwh, flops, traffic, memory, steps, samples, parameters or failed");
  }
  if (outcome.failure) {
    outcome.objectives.clear();
    return outcome;
  }
  if (outcome.objectives.size() != traits.objectives.size() || outcome.constraints.size() != traits.constraints.size())
    throw py::value_error(fmt::format("evaluate: found {} objectives and {} constraints, expected {} and {}", outcome.objectives.size(),
                                      outcome.constraints.size(), traits.objectives.size(), traits.constraints.size()));
  for (const double value : outcome.objectives)
    if (!std::isfinite(value)) outcome.failure = Failure::diverged;
  if (outcome.failure) outcome.objectives.clear();
  return outcome;
}

class PythonProblem final : public Problem {
 public:
  // `object._description()`: (space, name, [(objective, unit, direction)], (fidelity, lowest, highest, whole), [constraints], notes)
  explicit PythonProblem(std::shared_ptr<const Held> held) : held_(std::move(held)) {
    const py::object& object = held_->get();
    const py::tuple told = object.attr("_description")();
    space_ = told[0].cast<std::shared_ptr<NamedSpace>>();
    traits_.name = told[1].cast<std::string>();
    for (const py::handle& objective : told[2]) {
      const auto parts = py::reinterpret_borrow<py::tuple>(objective);
      traits_.objectives.push_back({parts[0].cast<std::string>(), parts[1].cast<std::string>(),
                                    parts[2].cast<std::string>() == "maximise" ? Direction::maximise : Direction::minimise});
    }
    const py::tuple fidelity = told[3];
    traits_.fidelity = {fidelity[0].cast<std::string>(), fidelity[1].cast<double>(), fidelity[2].cast<double>(), fidelity[3].cast<bool>()};
    traits_.constraints = told[4].cast<std::vector<std::string>>();
    traits_.notes = told[5].cast<std::vector<std::string>>();
    evaluate_ = object.attr("evaluate");
    if (py::hasattr(object, "true_value") && !object.attr("true_value").is_none()) true_value_ = object.attr("true_value");
    if (const py::object best = object.attr("optimum"); !best.is_none()) optimum_ = best.cast<double>();
    if (const py::object given = object.attr("default"); !given.is_none()) default_ = space_->configuration_of(given.cast<py::dict>());
  }
  ~PythonProblem() override {
    const py::gil_scoped_acquire acquired;
    evaluate_ = py::object();
    true_value_ = py::object();
    space_.reset();
  }
  PythonProblem(const PythonProblem&) = delete;
  PythonProblem& operator=(const PythonProblem&) = delete;

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_->space(); }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }
  [[nodiscard]] Configuration default_configuration() const override { return default_ ? *default_ : space().default_configuration(); }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const std::uint64_t seed = random.next() >> 1U;  // a Python int that C and NumPy take, too
    const py::gil_scoped_acquire acquired;
    return ask(evaluation, seed);
  }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const py::gil_scoped_acquire acquired;
    if (true_value_) return number(true_value_(Candidate{space_, configuration, traits_.fidelity.highest}), "true_value");
    const Outcome outcome = ask({configuration, 0.0, traits_.fidelity.highest}, 0);
    return outcome.objectives.empty() ? std::numeric_limits<double>::quiet_NaN() : outcome.objectives.front();
  }

 private:
  [[nodiscard]] Outcome ask(const Evaluation& evaluation, std::uint64_t seed) const {
    return outcome_of(evaluate_(Candidate{space_, evaluation.configuration, evaluation.to, evaluation.from, evaluation.repeat}, evaluation.to, seed),
                      traits_);
  }

  std::shared_ptr<const Held> held_;
  std::shared_ptr<NamedSpace> space_;
  ProblemTraits traits_;
  py::object evaluate_, true_value_;
  std::optional<double> optimum_;
  std::optional<Configuration> default_;
};

class PythonProblemRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override { return std::make_shared<const PythonProblem>(settings_.held); }

 private:
  ObjectSettings settings_;
};

// --- strategies -----------------------------------------------------------------------------------------------------

// A parameter as Python shows it: (name, kind, low, high, log, choices).
py::list shown_space(const SearchSpace& space) {
  py::list shown;
  for (const Parameter& parameter : space.parameters()) {
    const auto tuple = [&](const char* kind, double low, double high, bool log, const std::vector<std::string>& choices) {
      const std::int64_t parent = parameter.active_when ? static_cast<std::int64_t>(parameter.active_when->parent) : -1;
      const auto of_parent = parameter.active_when ? parameter.active_when->choices : std::vector<std::size_t>{};
      shown.append(py::make_tuple(parameter.name, kind, low, high, log, choices, parent, of_parent, parameter.default_value));
    };
    if (const auto* real = std::get_if<Real>(&parameter.domain)) tuple("float", real->low, real->high, real->scale == Scale::log, {});
    if (const auto* whole = std::get_if<Integer>(&parameter.domain))
      tuple("int", static_cast<double>(whole->low), static_cast<double>(whole->high), whole->scale == Scale::log, {});
    if (const auto* choice = std::get_if<Categorical>(&parameter.domain)) tuple("choice", 0.0, 1.0, false, choice->choices);
    if (const auto* level = std::get_if<Ordinal>(&parameter.domain)) tuple("ordinal", 0.0, 1.0, false, level->levels);
  }
  return shown;
}

class PythonStrategy final : public Strategy {
 public:
  // The object makes one strategy for each search: object._start(parameters, fidelity, workers).
  PythonStrategy(const Held& object, const StrategyContext& context) : fidelity_(context.fidelity) {
    const py::gil_scoped_acquire acquired;
    const py::list shown = shown_space(context.space);
    space_ = std::make_shared<NamedSpace>(shown.cast<std::vector<py::tuple>>());
    const py::object made = object.get().attr("_start")(shown, fidelity_, context.workers);
    ask_ = made.attr("ask");
    tell_ = made.attr("tell");
  }
  ~PythonStrategy() override {
    const py::gil_scoped_acquire acquired;
    ask_ = py::object();
    tell_ = py::object();
    space_.reset();
  }
  PythonStrategy(const PythonStrategy&) = delete;
  PythonStrategy& operator=(const PythonStrategy&) = delete;

  std::optional<Proposal> ask(TrialId, Random random) override {
    const std::uint64_t seed = random.next() >> 1U;
    const py::gil_scoped_acquire acquired;
    const py::object answer = ask_(seed);
    if (answer.is_none()) return std::nullopt;
    if (py::isinstance<Candidate>(answer)) return Proposal{checked(answer.cast<const Candidate&>().configuration), fidelity_};
    if (!py::isinstance<py::dict>(answer))
      throw py::type_error("ask: found " + py::repr(answer).cast<std::string>() + ", expected a dictionary of parameters, or None to wait");
    return Proposal{space_->configuration_of(answer), fidelity_};
  }
  void tell(const Trial& trial) override {
    const py::gil_scoped_acquire acquired;
    const Candidate candidate{space_, trial.proposal.configuration, trial.proposal.fidelity, trial.trained_from, trial.repeat, py::int_(trial.id)};
    if (const auto* failed = std::get_if<Failed>(&trial.result)) {
      tell_(candidate, py::none(), to_string(failed->reason));
      return;
    }
    const Objectives& losses = std::get<Completed>(trial.result).losses;
    if (losses.size() == 1)
      tell_(candidate, losses.front(), py::none());
    else
      tell_(candidate, std::vector<double>(losses.begin(), losses.end()), py::none());
  }

 private:
  [[nodiscard]] const Configuration& checked(const Configuration& configuration) const {
    if (!space_->space().contains(configuration)) throw py::value_error("ask: the candidate is not of this search's space");
    return configuration;
  }

  double fidelity_;
  std::shared_ptr<NamedSpace> space_;
  py::object ask_, tell_;
};

class PythonStrategyRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<PythonStrategy>(*settings_.held, context);
  }

 private:
  ObjectSettings settings_;
};

// --- cost models ----------------------------------------------------------------------------------------------------

class PythonCostModel final : public CostModel {
 public:
  explicit PythonCostModel(const py::object& object) : held_(object) {}

  [[nodiscard]] bool fits(const Workload& workload) const override {
    const py::gil_scoped_acquire acquired;
    return held_.get().attr("fits")(shown(workload)).cast<bool>();
  }
  [[nodiscard]] Charge charge(const Workload& workload, Duration start) const override {
    const py::gil_scoped_acquire acquired;
    return charge_of(held_.get().attr("charge")(shown(workload), start / second), "charge");
  }
  [[nodiscard]] Charge charge_part(const Workload& workload, Duration start, Duration length) const override {
    Charge part = charge(workload, start);
    if (part.time > Duration{}) part *= length / part.time;
    return part;
  }
  [[nodiscard]] Charge charge_idle(Duration length, Duration start) const override {
    const py::gil_scoped_acquire acquired;
    Charge idle = charge_of(held_.get().attr("idle")(length / second, start / second), "idle");
    idle.time = length;
    return idle;
  }
  [[nodiscard]] Charge charge_computing(Work work, Duration start) const override {
    const py::gil_scoped_acquire acquired;
    return charge_of(held_.get().attr("computing")(work / flop, start / second), "computing");
  }

 private:
  static py::dict shown(const Workload& work) {
    py::dict shown;
    shown["flops"] = work.flops / flop;
    shown["traffic"] = work.traffic / byte;
    shown["memory"] = work.memory / byte;
    shown["steps"] = work.steps;
    shown["samples"] = work.samples;
    shown["parameters"] = work.parameters;
    shown["seconds"] = work.measured_time ? py::object(py::float_(*work.measured_time / second)) : py::none();
    shown["kwh"] = work.measured_energy ? py::object(py::float_(*work.measured_energy / kilowatt_hour)) : py::none();
    return shown;
  }
  static Charge charge_of(const py::object& answer, const char* from) {
    Charge charge;
    for (const auto& [key, value] : answer.cast<py::dict>()) {
      const auto name = key.cast<std::string>();
      const double amount = number(value, name.c_str());
      if (!(amount >= 0.0) || !std::isfinite(amount)) throw py::value_error(fmt::format("{}: {} is {}, expected a finite number >= 0", from, name, amount));
      if (name == "seconds") charge.time = amount * second;
      else if (name == "kwh") charge[Line::device_dynamic].energy = amount * kilowatt_hour;
      else if (name == "kg") charge[Line::device_dynamic].operational = amount * kilogram;
      else if (name == "embodied_kg") charge[Line::embodied].embodied = amount * kilogram;
      else if (name == "usd") charge[Line::rental].money = amount * dollar;
      else if (name == "litres") charge[Line::facility].water = amount * litre;
      else throw py::key_error(fmt::format("{}: found '{}', expected seconds, kwh, kg, embodied_kg, usd or litres", from, name));
    }
    return charge;
  }

  Held held_;
};

}  // namespace

ObjectsOfExperiment::ObjectsOfExperiment(const py::list& objects) {
  await_reading();
  outer_ = std::exchange(objects_of_experiment, &objects);
}
ObjectsOfExperiment::~ObjectsOfExperiment() {
  objects_of_experiment = outer_;
  reading.unlock();
}

std::shared_ptr<const CostModel> cost_model_of(const py::object& object) { return std::make_shared<const PythonCostModel>(object); }

void bind_callbacks(py::module_& module) {
  static_cast<void>(module);
  add_to_catalogue(CatalogueEntry<ProblemRecipe>{"python", "a problem of the running Python program", "docs/python.md",
                                                 [] { return std::unique_ptr<ProblemRecipe>(std::make_unique<PythonProblemRecipe>()); }});
  add_to_catalogue(CatalogueEntry<StrategyRecipe>{"python", "a strategy of the running Python program", "docs/python.md",
                                                  [] { return std::unique_ptr<StrategyRecipe>(std::make_unique<PythonStrategyRecipe>()); }});
}

}  // namespace tonne::python
