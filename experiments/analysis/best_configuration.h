#pragma once
// The best that the searches of a board found, as something that can be copied and used.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json_fwd.h"
#include "core/search_space.h"
#include "experiments/results/records.h"

namespace tonne {

class Store;

/// A final incumbent and whose search ended with it.
struct BestConfiguration {
  std::string strategy;
  std::uint64_t seed = 0;
  double value = 0.0;      ///< true value, in the objective's unit
  double kilograms = 0.0;  ///< CO2e of that search
  SearchSpace space;
  Configuration configuration;
};

/// Whether `a` is to be shown rather than `b`: the better value, of equals the search that emitted less, then
/// the lower seed. False for equals.
[[nodiscard]] bool is_better(const BestConfiguration& a, const BestConfiguration& b, Direction direction);

/// Of these cells, all of one problem; none where no search found a candidate that trains. Throws StoreError.
[[nodiscard]] std::optional<BestConfiguration> best_configuration(
    const Store& store, const std::vector<const CellRecord*>& cells, const StoredProblem& problem,
    const std::vector<StoredStrategy>& strategies);

/// One line for each active parameter: "filters: 64". What YAML would read as anything but the same text is
/// quoted.
[[nodiscard]] std::string configuration_yaml(const SearchSpace& space, const Configuration& configuration);
/// An object of the active parameters: numbers as numbers, choices and levels as text.
[[nodiscard]] Json configuration_json(const SearchSpace& space, const Configuration& configuration);

/// A text as YAML: plain where that is safe, else in double quotes.
[[nodiscard]] std::string yaml_text(const std::string& text);

}  // namespace tonne
