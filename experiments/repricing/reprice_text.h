#pragma once
// A comparison of places as a table, CSV and JSON.

#include <span>
#include <string>

#include "experiments/repricing/reprice.h"
#include "experiments/text/text_table.h"

namespace tonne {

/// Rows, what they say, how they were computed and why they may be wrong.
[[nodiscard]] std::string reprice_text(const Repricing& repricing, std::span<const Elsewhere> places, const TextStyle& style);
/// A line for each row; energy in kWh, carbon in kg CO2e, money in USD, time in hours, of the mean search.
[[nodiscard]] std::string reprice_csv(const Repricing& repricing, std::span<const Elsewhere> places);
/// The same, with the sentences.
[[nodiscard]] std::string reprice_json(const Repricing& repricing, std::span<const Elsewhere> places);

/// "nasbench, tpe": what tells a row from the others of its place.
[[nodiscard]] std::string search_name(const RepricedSearch& row);

}  // namespace tonne
