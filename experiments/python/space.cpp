#include "experiments/python/space.h"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <cmath>
#include <optional>
#include <set>
#include <stdexcept>

#include "core/error.h"
#include "experiments/python/module.h"

namespace tonne::python {

namespace py = pybind11;

namespace {

constexpr double kMostWhole = 9007199254740992.0;  // 2^53

std::int64_t whole(double value, const std::string& name) {
  if (std::floor(value) == value && std::abs(value) <= kMostWhole) return static_cast<std::int64_t>(value);
  throw InputError(fmt::format("{}: {} is not a whole number up to 2^53", printable(name), value));
}

std::vector<std::string> names_of(const std::string& parameter, const py::list& choices) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const py::handle& choice : choices) {
    names.push_back(py::str(choice).cast<std::string>());
    if (!seen.insert(names.back()).second)
      throw InputError(fmt::format("space: two choices of {} are called '{}'", printable(parameter), printable(names.back())));
  }
  return names;
}

Domain domain_of(const std::string& name, const py::tuple& p) {
  const auto kind = p[1].cast<std::string>();
  const auto low = p[2].cast<double>(), high = p[3].cast<double>();
  const Scale scale = p[4].cast<bool>() ? Scale::log : Scale::linear;
  if (kind == "float") return Real{low, high, scale};
  if (kind == "int") return Integer{whole(low, name), whole(high, name), scale};
  if (kind == "choice") return Categorical{names_of(name, p[5])};
  return Ordinal{names_of(name, p[5])};
}

Parameter parameter_of(const py::tuple& p) {
  Parameter parameter;
  parameter.name = p[0].cast<std::string>();
  parameter.domain = domain_of(parameter.name, p);
  if (const auto parent = p[6].cast<std::int64_t>(); parent >= 0)
    parameter.active_when = Condition{static_cast<std::size_t>(parent), p[7].cast<std::vector<std::size_t>>()};
  parameter.default_value = p[8].cast<std::optional<double>>();
  return parameter;
}

bool is_choice(const Domain& domain) { return std::holds_alternative<Categorical>(domain) || std::holds_alternative<Ordinal>(domain); }

// "x=0.1, act='relu'"
std::string text_of(const Candidate& candidate) {
  const SearchSpace& space = candidate.space->space();
  std::string text;
  for (std::size_t i = 0; i < space.size(); ++i)
    if (candidate.configuration.is_active(i))
      text += fmt::format("{}{}={}", text.empty() ? "" : ", ", space[i].name,
                          py::repr(candidate.space->value(candidate.configuration, i)).cast<std::string>());
  return text;
}

py::list active_names(const Candidate& candidate) {
  py::list names;
  for (std::size_t i = 0; i < candidate.configuration.size(); ++i)
    if (candidate.configuration.is_active(i)) names.append(candidate.space->space()[i].name);
  return names;
}

py::object item(const Candidate& candidate, const std::string& name) {
  const std::size_t i = candidate.space->number_of(name);
  if (!candidate.configuration.is_active(i)) throw py::key_error(name + " is inactive in this configuration");
  return candidate.space->value(candidate.configuration, i);
}

py::object item_or(const Candidate& candidate, const std::string& name, py::object otherwise) {
  const std::size_t i = candidate.space->number_of(name);
  return candidate.configuration.is_active(i) ? candidate.space->value(candidate.configuration, i) : std::move(otherwise);
}

}  // namespace

NamedSpace::NamedSpace(const std::vector<py::tuple>& parameters) {
  std::vector<Parameter> made;
  for (const py::tuple& p : parameters) {
    made.push_back(parameter_of(p));
    choices_.push_back(p[5].cast<py::list>());
    numbers_.emplace(made.back().name, made.size() - 1);
  }
  try {
    space_ = SearchSpace(std::move(made));
  } catch (const std::invalid_argument& error) {
    throw InputError(std::string("space: ") + error.what());
  }
}

py::object NamedSpace::value(const Configuration& configuration, std::size_t parameter) const {
  if (!configuration.is_active(parameter)) return py::none();
  const Domain& domain = space_[parameter].domain;
  if (std::holds_alternative<Real>(domain)) return py::float_(configuration[parameter]);
  if (std::holds_alternative<Integer>(domain)) return py::int_(static_cast<std::int64_t>(configuration[parameter]));
  return choices_[parameter][configuration.index(parameter)];
}

std::optional<std::size_t> NamedSpace::find(const std::string& name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t NamedSpace::number_of(const std::string& name) const {
  if (const auto number = find(name)) return *number;
  throw py::key_error("the space has no parameter '" + name + "'");
}

bool NamedSpace::means_inactive(std::size_t parameter, const py::handle& value) const {
  return value.is_none() && !choices_[parameter].contains(py::none());
}

double NamedSpace::number_of_value(std::size_t parameter, const py::handle& value) const {
  if (!is_choice(space_[parameter].domain)) return value.cast<double>();
  const py::list& choices = choices_[parameter];
  double i = 0.0;
  for (const py::handle& choice : choices) {
    if (choice.equal(value)) return i;
    i += 1.0;
  }
  throw InputError(fmt::format("{}: {} is none of its choices", printable(space_[parameter].name), py::repr(value).cast<std::string>()));
}

Configuration NamedSpace::configuration_of(const py::dict& values) const {
  Configuration configuration(space_.size());
  for (const auto& [key, value] : values)
    if (const std::size_t i = number_of(key.cast<std::string>()); !means_inactive(i, value)) configuration.set(i, number_of_value(i, value));
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const bool given = configuration.is_active(i);
    if (given && !contains(space_[i].domain, configuration[i]))
      throw InputError(fmt::format("{}: {} is not in its domain", printable(space_[i].name), configuration[i]));
    if (given != space_.should_be_active(i, configuration))
      throw InputError(fmt::format("{} is {}", printable(space_[i].name), given ? "given, but inactive in this configuration" : "missing"));
  }
  return configuration;
}

void bind_space(py::module_& module) {
  py::class_<NamedSpace, std::shared_ptr<NamedSpace>>(module, "NamedSpace")
      .def(py::init<const std::vector<py::tuple>&>(), py::arg("parameters"))
      .def("candidate", [](const std::shared_ptr<NamedSpace>& self, const py::dict& values) { return Candidate{self, self->configuration_of(values)}; });
  py::class_<Candidate>(module, "Candidate", "A point of a space, like a dictionary of its active parameters.")
      .def("__getitem__", &item)
      .def("get", &item_or, py::arg("name"), py::arg("default") = py::none())
      .def("keys", &active_names)
      .def("__iter__", [](const Candidate& self) { return py::iter(active_names(self)); })
      .def("__len__", [](const Candidate& self) { return active_names(self).size(); })
      .def("__contains__",
           [](const Candidate& self, const std::string& name) {
             const auto number = self.space->find(name);
             return number && self.configuration.is_active(*number);
           })
      .def("__repr__", [](const Candidate& self) { return "Candidate(" + text_of(self) + ")"; })
      .def("__eq__", [](const Candidate& self, const Candidate& other) { return self.configuration == other.configuration; })
      .def("__hash__", [](const Candidate& self) { return self.configuration.digest(); })
      .def_readonly("fidelity", &Candidate::fidelity, "How far to train, in the loop's unit of fidelity.")
      .def_readonly("trained_from", &Candidate::trained_from, "How far it has been trained already.")
      .def_readonly("repeat", &Candidate::repeat, "How often this configuration was proposed before.")
      .def_readonly("id", &Candidate::id, "The trial's number; None outside of an ask-and-tell loop.")
      .def_readonly("resumes", &Candidate::resumes, "The trial whose training goes on; None: train from the beginning.")
      .def_readonly("is_screening", &Candidate::is_screening, "A score is asked for (smaller is better), no training.");
}

}  // namespace tonne::python
