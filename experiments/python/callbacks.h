#pragma once
// What is written in Python and runs within the simulator.

#include <pybind11/pybind11.h>

#include <memory>

#include "core/cost_model.h"

namespace tonne::python {

/// While it lives, the entry `python: {object: 3}` of an experiment's problems and strategies stands for the third of these objects
/// (from 0). One at a time, with the interpreter's lock.
class ObjectsOfExperiment {
 public:
  explicit ObjectsOfExperiment(const pybind11::list& objects);
  ~ObjectsOfExperiment();
  ObjectsOfExperiment(const ObjectsOfExperiment&) = delete;
  ObjectsOfExperiment& operator=(const ObjectsOfExperiment&) = delete;
};

/// A cost model that asks a Python object (tonne.CostModel).
[[nodiscard]] std::shared_ptr<const CostModel> cost_model_of(const pybind11::object& object);

}  // namespace tonne::python
