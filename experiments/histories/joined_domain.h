#pragma once
// One domain for a parameter whose domain changed between trials.

#include <functional>
#include <string>
#include <vector>

#include "core/search_space.h"
#include "experiments/histories/raw_study.h"

namespace tonne::histories {

/// The values of one parameter, by trial; `present` is false where a trial has none.
struct Column {
  std::vector<double> values;
  std::vector<bool> present;

  explicit Column(std::size_t trials) : values(trials, 0.0), present(trials, false) {}
};

/// The domain that holds every domain and every value of `column`, whose values are turned into its own
/// (indices of choices and levels). `domain_of[t]` is the domain of trial t, in `domains`. Adds to `notes`
/// what had to be decided. Throws InputError where kinds differ, choices are too many or a value is none of
/// its domain's.
[[nodiscard]] Domain joined_domain(const std::string& name, const std::vector<RawDomain>& domains,
                                   const std::vector<std::uint32_t>& domain_of, Column& column,
                                   const std::string& where, std::vector<std::string>& notes);

/// The integers of a domain as ordered levels; the column's values become their indices. Precondition: at
/// most kMostLevels.
[[nodiscard]] Ordinal as_levels(const Integer& domain, Column& column);

}  // namespace tonne::histories
