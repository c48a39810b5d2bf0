#pragma once
// An imitation for people, as JSON, and as the file that the problem `imitation` reads.

#include <string>

#include "experiments/imitation/imitate.h"
#include "experiments/text/text_table.h"

namespace tonne {

/// The portrait side by side, within 80 columns, and what is missed.
[[nodiscard]] std::string format_imitation(const Imitation& imitation, const TextStyle& style = {});
/// The table alone, a line each.
[[nodiscard]] std::string portrait_table(const Imitation& imitation);
[[nodiscard]] std::string imitation_json(const Imitation& imitation);
/// The file. `digest`: of what it was made from.
[[nodiscard]] std::string imitation_yaml(const Imitation& imitation, const std::string& digest);

}  // namespace tonne
