#include "core/number_text.h"

#include <array>
#include <charconv>

namespace tonne {

std::string shortest_text(double value) {
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

}  // namespace tonne
