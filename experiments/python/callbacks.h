#pragma once
// What is written in Python and runs within the simulator.

#include <pybind11/pybind11.h>

#include <memory>

#include "core/cost_model.h"

namespace tonne::python {

/// While it lives, the entry `python: {object: 3}` of an experiment's problems and strategies stands for the third of these objects
/// (from 0). With the interpreter's lock; another thread's waits until this one is gone, so it lives for the reading of an
/// experiment, not for its run. One within another on the same thread is fine.
class ObjectsOfExperiment {
 public:
  explicit ObjectsOfExperiment(const pybind11::list& objects);
  ~ObjectsOfExperiment();
  ObjectsOfExperiment(const ObjectsOfExperiment&) = delete;
  ObjectsOfExperiment& operator=(const ObjectsOfExperiment&) = delete;

 private:
  const pybind11::list* outer_;
};

/// A cost model that asks a Python object (tonne.CostModel).
[[nodiscard]] std::shared_ptr<const CostModel> cost_model_of(const pybind11::object& object);

}  // namespace tonne::python
