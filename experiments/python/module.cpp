#include "experiments/python/module.h"

#include "core/error.h"
#include "experiments/results/records.h"
#include "experiments/text/version.h"

namespace tonne::python {

void bind_errors(pybind11::module_& module) {
  namespace py = pybind11;
  py::register_exception<InputError>(module, "InputError", PyExc_ValueError)
      .attr("__doc__") = "Something that was given cannot be used: what it is, where it stands, what is allowed.";
  py::register_exception<StoreError>(module, "StoreError", PyExc_OSError)
      .attr("__doc__") = "Results cannot be written or read.";
}

}  // namespace tonne::python

PYBIND11_MODULE(_core, module) {
  using namespace tonne::python;
  module.doc() = "The compiled part of tonne.";
  module.attr("__version__") = tonne::version();
  bind_errors(module);
  bind_space(module);
  bind_run(module);
  bind_results(module);
  bind_ask_tell(module);
  bind_callbacks(module);
}
