#include "experiments/text/percent.h"

#include <fmt/format.h>

#include <algorithm>

namespace tonne {

std::string percent_encoded(std::string_view text, std::string_view separators) {
  const auto stands_apart = [&](char c) { return c == '%' || separators.find(c) != std::string_view::npos; };
  if (std::ranges::none_of(text, stands_apart)) return std::string(text);
  std::string encoded;
  for (const char c : text) {
    if (stands_apart(c))
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      encoded += c;
  }
  return encoded;
}

}  // namespace tonne
