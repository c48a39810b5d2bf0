#include "cost_models/equivalents.h"

#include <array>

namespace tonne {
namespace {

constexpr std::string_view kGreenAlgorithms =
    "Green Algorithms (Lannelongue, Grealey & Inouye 2021, Advanced Science 8, 2100707)";
constexpr std::string_view kStrubell = "Strubell, Ganesh & McCallum 2019, table 1 (126,000 lb)";

constexpr auto kEquivalents = std::to_array<Equivalent>({
    {"car_km_eu", "km in a passenger car (EU)", 175.0 * gram, kGreenAlgorithms, 2021, true},
    {"car_km_us", "km in a passenger car (US)", 251.0 * gram, kGreenAlgorithms, 2021, true},
    {"car_lifetimes", "lifetimes of a US car with its fuel", 126000.0 * pound, kStrubell, 2019, true},
    {"flights_ny_sf", "passengers flying New York to San Francisco", 570.0 * kilogram, kGreenAlgorithms, 2021,
     true},
    {"flights_paris_london", "passengers flying Paris to London", 50.0 * kilogram, kGreenAlgorithms, 2021,
     true},
    {"flights_ny_melbourne", "passengers flying New York to Melbourne", 2310.0 * kilogram, kGreenAlgorithms,
     2021, true},
    {"tree_years", "tree-years to bind it", 11.0 * kilogram, kGreenAlgorithms, 2021, true},
    // EPA's edition of 2024; older ones have 8.22 g. A charge on another grid than the mean one of the US differs.
    {"smartphone_charges", "charges of a smartphone", 12.4 * gram,
     "US EPA, greenhouse gas equivalencies calculator (0.0000124 t per charge)", 2024, true},
});

}  // namespace

std::span<const Equivalent> equivalents() {
  return kEquivalents;
}

}  // namespace tonne
