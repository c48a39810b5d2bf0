#include "experiments/report/svg_marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace tonne {
namespace {

// Of the UTF-8 sequence that text begins with; 0: it is none that XML takes.
std::size_t code_point_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[i])) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  const std::size_t length = first < 0xC2U   ? 0
                             : first < 0xE0U ? 2
                             : first < 0xF0U ? 3
                             : first < 0xF5U ? 4
                                             : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  if (first == 0xE0U && byte(1) < 0xA0U) return 0;                      // overlong
  if (first == 0xEDU && byte(1) > 0x9FU) return 0;                      // surrogates
  if (first == 0xEFU && byte(1) == 0xBFU && byte(2) > 0xBDU) return 0;  // U+FFFE, U+FFFF
  if (first == 0xF0U && byte(1) < 0x90U) return 0;
  if (first == 0xF4U && byte(1) > 0x8FU) return 0;
  return length;
}

}  // namespace

std::string svg_text(std::string_view text) {
  std::string escaped;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = code_point_bytes(text.substr(at));
    const char c = text[at];
    if (length == 0)
      escaped +=
          "\xEF\xBF\xBD";  // the replacement character: one stray byte would make the whole file unreadable
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '&')
      escaped += "&amp;";
    else if (c == '"')
      escaped += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20U && c != 0x7F)
      escaped += text.substr(at, length);
    at += std::max<std::size_t>(1, length);
  }
  return escaped;
}

std::string svg_number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string tick_label(double value) {
  const double size = std::abs(value);
  if (size != 0.0 && (size < 1e-3 || size >= 1e9)) return fmt::format("{:.3g}", value);
  if (size >= 1e6) return fmt::format("{:.6g} M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:.6g} k", value / 1e3);
  return fmt::format("{:.6g}", value);
}

std::vector<Tick> linear_ticks(double low, double high, std::size_t most) {
  assert(std::isfinite(low) && std::isfinite(high) && low < high && most > 1);
  const double raw = (high - low) / static_cast<double>(most - 1);
  const double power = std::floor(std::log10(raw));
  const double base = std::pow(10.0, power);
  const double lead = raw / base * (1.0 - 1e-9);  // 2.0000000000000004 is 2
  const double factor = lead <= 1.0 ? 1.0 : lead <= 2.0 ? 2.0 : lead <= 5.0 ? 5.0 : 10.0;
  // Counted in whole steps, so that 0.3 is not 0.30000000000000004.
  const double step = factor * base;
  std::vector<Tick> ticks;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1.0) {
    const double value = k == 0.0 ? 0.0 : power < 0.0 ? k * factor / std::pow(10.0, -power) : k * step;
    ticks.push_back({value, tick_label(value)});
  }
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high) {
  assert(low > 0.0 && low < high && std::isfinite(high));
  const double decades = std::log10(high / low);
  std::vector<Tick> ticks;
  const double every = std::ceil(decades / 8.0);  // many decades: not all of them
  for (double exponent = std::floor(std::log10(low)); exponent <= std::ceil(std::log10(high));
       exponent += 1.0) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value =
          exponent < 0.0 ? factor / std::pow(10.0, -exponent) : factor * std::pow(10.0, exponent);
      if (value < low * (1.0 - 1e-9) || value > high * (1.0 + 1e-9)) continue;
      if (factor != 1.0 && decades > 3.5) continue;
      if (factor == 1.0 && every > 1.0 && std::fmod(std::abs(exponent), every) != 0.0) continue;
      ticks.push_back({value, tick_label(value)});
    }
  }
  // Within a small range round values lie closer than 1, 2 and 5.
  return ticks.size() < 2 ? linear_ticks(low, high) : ticks;
}

std::string_view series_colour(std::size_t index) {
  constexpr std::array<std::string_view, 7> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                        "#c98500", "#3f9bd6", "#8c6bb1"};
  return kColours[index % kColours.size()];
}

std::string_view series_dash(std::size_t index) {
  constexpr std::array<std::string_view, 5> kDashes = {"", "7 3", "2 3", "7 3 2 3", "12 4"};
  return kDashes[index / 7 % kDashes.size()];
}

}  // namespace tonne
