#include "experiments/footprint/figure_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tonne {

std::string figure_text(double value, int digits) {
  constexpr double kLarge = 1e9;
  constexpr double kSmall = 1e-4;
  const double size = std::abs(value);
  if (value == 0.0 || !std::isfinite(value)) return fmt::format("{}", value);
  std::string text = fmt::format("{:.{}g}", value, digits);
  if (size >= kLarge || size < kSmall) {
    text = fmt::format("{:.{}e}", value, digits - 1);
    const std::size_t e = text.find('e');
    std::string mantissa = text.substr(0, e);
    if (mantissa.find('.') != std::string::npos) mantissa.erase(mantissa.find_last_not_of('0') + 1);
    if (mantissa.ends_with('.')) mantissa.pop_back();
    return fmt::format("{}e{}", mantissa, std::stoi(text.substr(e + 1)));
  }
  if (text.find('e') != std::string::npos || size >= 1e3) {
    const double unit = std::pow(10.0, std::floor(std::log10(size)) - digits + 1);
    text = unit > 1.0 ? fmt::format("{:.0f}", std::round(value / unit) * unit)
                      : fmt::format("{:.{}g}", value, digits);
  }
  std::size_t end = std::min(text.find('.'), text.size());
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  while (end > first + 3) text.insert(end -= 3, 1, ',');
  return text;
}

}  // namespace tonne
