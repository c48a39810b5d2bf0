#pragma once
// Regular expressions (ECMA 262, as JSON Schema takes them) for what parse_quantity() and its like accept, made from the
// same table of units. What they let through may still be refused by its size.

#include <optional>
#include <string>
#include <string_view>

#include "core/settings.h"

namespace tonne {

/// "a time", "a mass".
[[nodiscard]] std::string_view quantity_name(QuantityKind kind);
/// Of a whole text such as "350 W". Of the bounds only the sign counts: without "-" where they are at least zero, without
/// zero where they are above it.
[[nodiscard]] std::string quantity_pattern(QuantityKind kind, Bounds bounds);
/// Of a whole text that is a number with its key's unit ("30 %", "72h", "7B"); nothing where such a key has none.
[[nodiscard]] std::optional<std::string> number_with_unit_pattern(std::string_view key, Bounds bounds);
/// Of a whole text that is a distribution ("3..5 kg", "lognormal(40 W, 1.2)") of such quantities, or of numbers.
[[nodiscard]] std::string distribution_pattern(std::optional<QuantityKind> kind);
/// The same within a text; `argument`: the expression of a figure, `number`: of a number.
[[nodiscard]] std::string distribution_expression(const std::string& argument, const std::string& number);

}  // namespace tonne
