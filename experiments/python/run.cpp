// Running experiments from Python: the same steps as `tonne run`, without its words.

#include "experiments/python/run.h"

#include <pybind11/stl/filesystem.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "core/error.h"
#include "core/recipe.h"
#include "experiments/analysis/findings.h"
#include "experiments/exports/exports.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/python/callbacks.h"
#include "experiments/python/module.h"
#include "experiments/results/earlier_results.h"
#include "experiments/results/store.h"
#include "experiments/run/executor.h"
#include "experiments/run/runner.h"

namespace tonne::python {

namespace py = pybind11;
namespace fs = std::filesystem;

namespace {

// How often Python is asked whether Ctrl-C was pressed.
constexpr std::chrono::milliseconds kBetweenSignals{50};

void refuse_commands(const Experiment& experiment, const std::string& file) {
  for (const StrategyPlan& strategy : experiment.strategies)
    if (const auto command = strategy.recipe->runs())
      throw InputError({file, 0, 0}, "strategies",
                       printable(strategy.label) + " runs a command on this machine: " + printable(*command) +
                           ". Read it, and allow it with allow_external=True");
}

// Runs `work` on a thread of its own, without the interpreter's lock; meanwhile this thread, Python's main one as a rule, hears of
// signals. What `work` throws is thrown here. After a signal's exception `stop` is set, and that exception is thrown in the end.
template <class Work>
void run_beside_signals(std::atomic<bool>& stop, const Work& work) {
  std::exception_ptr failure;
  bool done = false;
  std::mutex mutex;
  std::condition_variable ended;
  const py::gil_scoped_release released;
  std::jthread worker([&] {
    try {
      // The interpreter knows this thread as long as it works: to be made known anew for each question to Python takes 50 us.
      const py::gil_scoped_acquire known;
      const py::gil_scoped_release meanwhile;
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    const std::scoped_lock lock(mutex);
    done = true;
    ended.notify_one();
  });
  std::exception_ptr interruption;
  while (true) {
    {
      std::unique_lock lock(mutex);
      if (ended.wait_for(lock, kBetweenSignals, [&] { return done; })) break;
    }
    const py::gil_scoped_acquire acquired;
    if (PyErr_CheckSignals() == 0) continue;
    const py::error_already_set raised;  // takes it from the interpreter, also where it is not the first
    if (interruption) continue;
    interruption = std::make_exception_ptr(raised);
    stop = true;
  }
  worker.join();
  if (interruption) std::rethrow_exception(interruption);
  if (failure) std::rethrow_exception(failure);
}

// A cost model in Python in the place of all machines.
void charge_by(Experiment& experiment, const py::object& cost_model) {
  if (experiment.is_uncertain()) throw InputError("cost_model: figures of the cluster are uncertain, and it has no place in this one");
  const auto name = py::str(py::type::of(cost_model).attr("__name__")).cast<std::string>();
  for (ScenarioPlan& scenario : experiment.scenarios) {
    scenario.cost = cost_model_of(cost_model);
    scenario.summary = std::to_string(scenario.options.workers) + " x cost model " + name;
    scenario.factors.clear();
    scenario.priced = true;
  }
}

}  // namespace

bool run_to_end(const Experiment& experiment, const fs::path& folder, unsigned threads, bool resume, bool csv) {
  Store store = resume ? Store::resume(folder, experiment, {}) : Store::create(folder, experiment, {});
  Progress progress;
  bool complete = false;
  try {
    run_beside_signals(progress.stop, [&] {
      complete = run_cells(experiment, {}, threads > 0 ? threads : available_cores(), store, progress);
      store.close();
      if (complete) write_exports(store, conclusions(store), folder, csv);
    });
  } catch (const InputError&) {
    if (!resume && store.cell_count() == 0) store.remove();
    throw;
  }
  return complete;
}

void bind_run(py::module_& module) {
  module.def(
      "run_experiment",
      [](const std::string& text, const std::string& file, const fs::path& directory, const fs::path& folder, unsigned threads,
         bool resume, bool allow_external, bool csv, const py::list& objects, const py::object& cost_model) {
        Experiment experiment = [&] {
          const ObjectsOfExperiment known(objects);
          return parse_experiment(text, file, directory, read_earlier_results);
        }();
        if (!cost_model.is_none()) charge_by(experiment, cost_model);
        if (!allow_external) refuse_commands(experiment, file);
        run_to_end(experiment, folder, threads, resume, csv);
      },
      py::arg("text"), py::arg("file"), py::arg("directory"), py::arg("folder"), py::arg("threads"), py::arg("resume"),
      py::arg("allow_external"), py::arg("csv"), py::arg("objects"), py::arg("cost_model"));
}

}  // namespace tonne::python
