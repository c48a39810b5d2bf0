#pragma once
// From what the catalogue's file says of an entry to the figures that cost models use.

#include <string>

#include "cost_models/catalogue.h"

namespace tonne {

/// Fills everything of the entry but its name, record and digest from its record. Precondition: the record has all
/// that its schema requires.
void fill_entry(Device& device);
void fill_entry(Host& host);
void fill_entry(GridEntry& grid);
void fill_entry(Facility& facility);

/// What no figure can say of itself; an empty text is no objection.
[[nodiscard]] std::string objection(const Device& device);
[[nodiscard]] inline std::string objection(const Host&) { return ""; }
[[nodiscard]] inline std::string objection(const GridEntry&) { return ""; }
[[nodiscard]] inline std::string objection(const Facility&) { return ""; }

}  // namespace tonne
