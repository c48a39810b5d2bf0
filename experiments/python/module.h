#pragma once
// The parts of the Python module tonne._core. What users see is made of them in tonne/*.py; nothing here is promised to anybody else.

#include <pybind11/pybind11.h>

namespace tonne::python {

/// Errors of the program as tonne.InputError and tonne.StoreError.
void bind_errors(pybind11::module_& module);
/// run_experiment, settings of strategies and problems.
void bind_run(pybind11::module_& module);
/// Results: a store, its tables as columns.
void bind_results(pybind11::module_& module);
/// Spaces and candidates.
void bind_space(pybind11::module_& module);
/// Strategies: ask and tell without a simulator.
void bind_ask_tell(pybind11::module_& module);
/// Problems, strategies and cost models that are written in Python, within the simulator.
void bind_callbacks(pybind11::module_& module);

}  // namespace tonne::python
