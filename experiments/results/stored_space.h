#pragma once
// The search space of a problem and its configurations, as a store holds them.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/search_space.h"
#include "experiments/results/store.h"

namespace tonne {

/// The space of the store's problem, with domains, conditions and defaults. Throws StoreError when the store
/// is damaged.
[[nodiscard]] SearchSpace stored_space(const Store& store, std::size_t problem);

/// What encode_configuration() wrote. Throws StoreError when it does not fit the space.
[[nodiscard]] Configuration decode_configuration(std::string_view text, const SearchSpace& space);

}  // namespace tonne
