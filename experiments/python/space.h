#pragma once
// Search spaces and candidates between Python and the program.

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/configuration.h"
#include "core/search_space.h"

namespace tonne::python {

/// A space, and the Python objects that its choices stand for.
class NamedSpace {
 public:
  /// Of tuples (name, kind, low, high, log, choices, parent, parent's choices, default): kind is "float", "int", "choice" or
  /// "ordinal"; choices are any objects; parent is the number of an earlier parameter, or -1; default a number, the index of a
  /// choice, or None. Throws InputError.
  explicit NamedSpace(const std::vector<pybind11::tuple>& parameters);
  NamedSpace(const NamedSpace&) = delete;
  NamedSpace& operator=(const NamedSpace&) = delete;

  [[nodiscard]] const SearchSpace& space() const { return space_; }
  /// A float, an int, the object of a choice, or None where inactive.
  [[nodiscard]] pybind11::object value(const Configuration& configuration, std::size_t parameter) const;
  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const;
  /// Throws KeyError.
  [[nodiscard]] std::size_t number_of(const std::string& name) const;
  /// The configuration of {name: value}; inactive parameters may be left out or None. Throws InputError where it is not of the
  /// space.
  [[nodiscard]] Configuration configuration_of(const pybind11::dict& values) const;

 private:
  // None, where it is no choice.
  [[nodiscard]] bool means_inactive(std::size_t parameter, const pybind11::handle& value) const;
  [[nodiscard]] double number_of_value(std::size_t parameter, const pybind11::handle& value) const;

  SearchSpace space_;
  std::vector<pybind11::list> choices_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

/// A point of a space as Python sees it: like a dictionary of its active parameters, without one being made.
struct Candidate {
  std::shared_ptr<const NamedSpace> space;
  Configuration configuration;
  double fidelity = 1.0;
  double trained_from = 0.0;
  std::uint32_t repeat = 0;
  pybind11::object id = pybind11::none();       ///< of the trial, in an ask-and-tell loop
  pybind11::object resumes = pybind11::none();  ///< the trial whose training goes on
  bool is_screening = false;                    ///< a score is asked for, no training
};

}  // namespace tonne::python
