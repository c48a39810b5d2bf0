#include "experiments/meters/log_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "core/csv.h"
#include "cost_models/time.h"

namespace tonne::meters {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr Power kMostPower = 1e6 * watt;
constexpr Energy kMostEnergy = 1e18 * joule;
// DCGM's blanks for "no value yet", "not found", "not supported", "no permission" begin here (dcgm_structs.h,
// DCGM_FP64_BLANK and DCGM_INT64_BLANK); dcgmi prints them as numbers.
constexpr double kBlankReal = 140737488355328.0;
constexpr double kBlankInteger = 9223372036854775808.0;  // 0x7ffffffffffffff0 and those after it, as doubles

struct Unit {
  std::string_view name;
  double factor;
};
constexpr auto kPowerUnits = std::to_array<Unit>({{"W", 1.0}, {"mW", 1e-3}, {"kW", 1e3}});
constexpr auto kEnergyUnits = std::to_array<Unit>({{"J", 1.0},
                                                   {"mJ", 1e-3},
                                                   {"uJ", 1e-6},
                                                   {"kJ", 1e3},
                                                   {"Wh", watt_hour / joule},
                                                   {"kWh", kilowatt_hour / joule}});

bool is_blank_of_dcgm(double value) {
  return (value >= kBlankReal && value <= kBlankReal + 8.0) || value == kBlankInteger;
}

// A number and, where one stands behind it, its own unit instead of `factor`.
std::optional<double> scaled_number(std::string_view text, std::span<const Unit> units, double factor) {
  text = trimmed(text);
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    const std::string_view before = text.substr(0, text.size() - unit.name.size());
    if (const auto value = parse_number(before)) return *value * unit.factor;
  }
  const auto value = parse_number(text);
  return value ? std::optional(*value * factor) : std::nullopt;
}

[[noreturn]] void refuse_number(const Place& place, const Field& field, std::string_view what,
                                std::string_view allowed) {
  refuse(place, field, fmt::format("{} is no {}: expected {}", in_quotes(field.text), what, allowed));
}

std::optional<LogTime> parse_numeric_time(double value) {
  // Seconds since 1970 have ten digits since 2001; loggers write them in milli-, micro- or nanoseconds too.
  struct Scale {
    double below;
    double unit;
  };
  constexpr auto kScales = std::to_array<Scale>({{1e11, 1.0}, {1e14, 1e-3}, {1e17, 1e-6}, {1e20, 1e-9}});
  if (value < 0.0) return std::nullopt;
  if (value < 1e8) return LogTime{value * second, TimeBasis::relative};
  for (const Scale& scale : kScales)
    if (value < scale.below) return LogTime{value * scale.unit * second, TimeBasis::utc};
  return std::nullopt;
}

}  // namespace

bool Lines::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('\n');
    unended_ = end == std::string_view::npos;
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(unended_ ? rest_.size() : end + 1);
    ++number_;
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    if (line_.find_first_not_of(kBlanks) != std::string_view::npos) return true;
  }
  return false;
}

Fields split_fields(std::string_view line, char separator) {
  Fields fields;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    if (at < line.size() && line[at] == '"') inside = !inside;
    if (at < line.size() && (inside || line[at] != separator)) continue;
    const std::string_view raw = line.substr(begin, at - begin);
    std::string_view text = trimmed(raw);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    const std::size_t blanks = std::min(raw.find_first_not_of(kBlanks), raw.size());
    fields.push_back({std::string(text), static_cast<int>(begin + (text.empty() ? 0 : blanks)) + 1});
    begin = at + 1;
  }
  return fields;
}

std::vector<std::string> lowered_fields(std::string_view line, char separator) {
  std::vector<std::string> names;
  for (const Field& field : split_fields(line, separator)) names.push_back(lowered(field.text));
  return names;
}

Fields split_words(std::string_view line) {
  Fields fields;
  for (std::size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    fields.push_back({std::string(line.substr(at, end - at)), static_cast<int>(at) + 1});
    at = line.find_first_not_of(kBlanks, end);
  }
  return fields;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string column_name(std::string_view head) {
  const std::size_t bracket = head.find_first_of("[(");
  return lowered(trimmed(head.substr(0, bracket)));
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return "'" + printable(text.substr(0, kLongest)) + (text.size() > kLongest ? "...'" : "'");
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::optional<std::size_t> find_head(const std::vector<std::string>& heads,
                                     std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto at = std::ranges::find(heads, name);
    if (at != heads.end()) return static_cast<std::size_t>(at - heads.begin());
  }
  return std::nullopt;
}

void refuse(const Place& place, const Field& field, const std::string& message) {
  throw InputError({place.file, place.line, field.column}, "", message);
}

void refuse(const Place& place, const std::string& message) {
  throw InputError({place.file, place.line, 0}, "", message);
}

bool is_missing(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text == "-") return true;
  if (text.front() == '[' && text.back() == ']') return true;
  const std::string low = lowered(text);
  return low == "n/a" || low == "nan" || low == "none" || low == "null" || low == "err!" ||
         low == "unknown error" || low == "not supported";
}

std::optional<Power> power_in(const Place& place, const Field& field, Power unit) {
  if (is_missing(field.text)) return std::nullopt;
  const auto value = scaled_number(field.text, kPowerUnits, unit / watt);
  if (value && is_blank_of_dcgm(*value / (unit / watt))) return std::nullopt;
  if (!value || *value < 0.0 || *value * watt > kMostPower)
    refuse_number(place, field, "power of a device", "watts from 0 to 1 million");
  return *value * watt;
}

std::optional<Energy> energy_in(const Place& place, const Field& field, Energy unit) {
  if (is_missing(field.text)) return std::nullopt;
  const auto value = scaled_number(field.text, kEnergyUnits, unit / joule);
  if (value && is_blank_of_dcgm(*value / (unit / joule))) return std::nullopt;
  if (!value || *value < 0.0 || *value * joule > kMostEnergy)
    refuse_number(place, field, "energy", "0 to 1e18 J");
  return *value * joule;
}

Duration seconds_in(const Place& place, const Field& field) {
  const auto value = parse_number(field.text);
  if (!value || *value < 0.0 || *value * second > 100.0 * year)
    refuse_number(place, field, "duration", "seconds from 0 to 100 years");
  return *value * second;
}

std::optional<LogTime> parse_log_time(std::string_view text) {
  text = trimmed(text);
  if (const auto value = parse_number(text)) return parse_numeric_time(*value);
  constexpr std::size_t kLongest = 64;
  if (text.size() > kLongest) return std::nullopt;
  std::string date(text);
  // nvidia-smi writes 2024/01/31.
  if (date.size() > 7 && date[4] == '/' && date[7] == '/') date[4] = date[7] = '-';
  // Python's and journalctl's "... UTC" and "... +0000".
  if (date.ends_with(" UTC")) date.replace(date.size() - 4, 4, "Z");
  const auto time = parse_time(date);
  if (!time) return std::nullopt;
  if (!time->offset) return LogTime{time->local, TimeBasis::local};
  return LogTime{time->local - *time->offset, TimeBasis::utc};
}

LogTime time_in(const Place& place, const Field& field) {
  const auto time = parse_log_time(field.text);
  if (!time)
    refuse(place, field,
           in_quotes(field.text) +
               " is no time: expected such as 2024-01-31 10:11:12.123, or seconds since 1970 or the start");
  return *time;
}

}  // namespace tonne::meters
