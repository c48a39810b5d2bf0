#pragma once
// Search spaces and their configurations as text, the way a store holds them.

#include <span>
#include <string>
#include <string_view>

#include "core/search_space.h"

namespace tonne {

/// A JSON array of the parameters, with domains, conditions and defaults.
[[nodiscard]] std::string encode_space(const SearchSpace& space);
/// What encode_space() wrote. Throws StoreError when the text is damaged.
[[nodiscard]] SearchSpace decode_space(const std::string& text);

/// A JSON array of numbers and choice indices, null where inactive.
[[nodiscard]] std::string encode_configuration(const Configuration& configuration);
/// What encode_configuration() wrote. Throws StoreError when it does not fit the space.
[[nodiscard]] Configuration decode_configuration(std::string_view text, const SearchSpace& space);
/// Throws StoreError where it does not fit the space.
void check_configuration(const Configuration& configuration, const SearchSpace& space);
/// Separated by semicolons, as `{}` of fmt writes each; empty where there are none.
[[nodiscard]] std::string encode_numbers(std::span<const double> numbers);
/// One number of it, as encode_configuration() writes it: the shortest form that reads back exactly, whole
/// numbers without an exponent.
[[nodiscard]] std::string encode_number(double value);

}  // namespace tonne
