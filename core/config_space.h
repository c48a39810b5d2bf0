#pragma once
// Search spaces as ConfigSpace's JSON (https://github.com/automl/ConfigSpace).

#include <string>

#include "core/configuration.h"
#include "core/json_fwd.h"
#include "core/search_space.h"

namespace tonne {

/// The space as the document that ConfigSpace 1.x reads (read_and_write/dictionary.py there, format 0.4): reals and integers as uniform_float and uniform_int (one integer alone: as
/// constant), choices and levels by their names, conditions as EQ or IN. `defaults` gives the default of what is active in it, each
/// parameter's own default, first choice or middle that of the others. Choices and levels are texts, numbers too.
[[nodiscard]] Json config_space_json(const SearchSpace& space, const Configuration& defaults, const std::string& name);

}  // namespace tonne
