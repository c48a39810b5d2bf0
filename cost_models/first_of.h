#pragma once
// Of figures that several places may give, the first that one does.

#include <optional>

namespace tonne {

/// The value from here, else from there.
template <class Q>
[[nodiscard]] std::optional<Q> first_of(const std::optional<Q>& here, const std::optional<Q>& there) {
  return here ? here : there;
}

}  // namespace tonne
