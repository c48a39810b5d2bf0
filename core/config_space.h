#pragma once
// Search spaces as ConfigSpace's JSON (https://github.com/automl/ConfigSpace).

#include <string>
#include <vector>

#include "core/configuration.h"
#include "core/json_fwd.h"
#include "core/search_space.h"

namespace tonne {

/// The space as the document that ConfigSpace 1.x reads (read_and_write/dictionary.py there, format 0.4): reals and integers as uniform_float and uniform_int (one integer alone: as
/// constant), choices and levels by their names, conditions as EQ or IN. `defaults` gives the default of what is active in it, each
/// parameter's own default, first choice or middle that of the others. Choices and levels are texts, numbers too.
[[nodiscard]] Json config_space_json(const SearchSpace& space, const Configuration& defaults, const std::string& name);

/// A space that was read, and what of the document it does not say, as whole sentences.
struct ConfigSpaceRead {
  SearchSpace space;
  std::vector<std::string> notes;
};

/// The space of a document of ConfigSpace 0.2 to 1.x. Steps (q) become ordered levels where they are at most a thousand, normal and
/// beta distributions their bounds, constants a single choice; forbidden clauses, weights and distributions are left out, and
/// told. Choices are texts as Python writes them (True, None). Throws InputError, with `file`, for anything that is no such
/// document, for numbers without bounds, and for conditions that look at several parents, or at more than equality.
[[nodiscard]] ConfigSpaceRead read_config_space(const std::string& text, const std::string& file);

}  // namespace tonne
