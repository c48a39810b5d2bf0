#pragma once
// Text within a list whose separators it may hold.

#include <string>
#include <string_view>

namespace tonne {

/// `text` with '%' and each of the ASCII characters `separators` written as URLs write them (%25); decoders
/// of URLs give the text back.
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view separators);

}  // namespace tonne
