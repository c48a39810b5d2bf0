// Quantities in text: "350 W", "0.4 kgCO2e/kWh", "12 GPU-days".

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/quantity_pattern.h"
#include "core/settings.h"

namespace tonne {
namespace {

// What a simple unit measures; compound kinds are ratios of these.
enum class Measure : std::uint8_t { time, energy, power, carbon, work, work_rate, bytes, money, water, area, length, none };

struct Unit {
  std::string_view name;
  Measure measure;
  double base;
};

constexpr auto kUnits = std::to_array<Unit>({
    {"ns", Measure::time, 1e-9},
    {"us", Measure::time, 1e-6},
    {"ms", Measure::time, 1e-3},
    {"s", Measure::time, second.base()},
    {"sec", Measure::time, second.base()},
    {"second", Measure::time, second.base()},
    {"min", Measure::time, minute.base()},
    {"minute", Measure::time, minute.base()},
    {"h", Measure::time, hour.base()},
    {"hr", Measure::time, hour.base()},
    {"hour", Measure::time, hour.base()},
    {"GPU-hour", Measure::time, hour.base()},
    {"TPU-hour", Measure::time, hour.base()},
    {"GPU-h", Measure::time, hour.base()},
    {"d", Measure::time, day.base()},
    {"day", Measure::time, day.base()},
    {"GPU-day", Measure::time, day.base()},
    {"week", Measure::time, (7.0 * day).base()},
    {"year", Measure::time, year.base()},
    {"mJ", Measure::energy, 1e-3 * joule.base()},
    {"J", Measure::energy, joule.base()},
    {"kJ", Measure::energy, 1e3 * joule.base()},
    {"MJ", Measure::energy, 1e6 * joule.base()},
    {"GJ", Measure::energy, 1e9 * joule.base()},
    {"Wh", Measure::energy, watt_hour.base()},
    {"kWh", Measure::energy, kilowatt_hour.base()},
    {"MWh", Measure::energy, 1e3 * kilowatt_hour.base()},
    {"GWh", Measure::energy, 1e6 * kilowatt_hour.base()},
    {"joule", Measure::energy, joule.base()},
    {"watt-hour", Measure::energy, watt_hour.base()},
    {"kilowatt-hour", Measure::energy, kilowatt_hour.base()},
    {"megawatt-hour", Measure::energy, 1e3 * kilowatt_hour.base()},
    {"mW", Measure::power, 1e-3 * watt.base()},
    {"W", Measure::power, watt.base()},
    {"kW", Measure::power, kilowatt.base()},
    {"MW", Measure::power, 1e3 * kilowatt.base()},
    {"watt", Measure::power, watt.base()},
    {"kilowatt", Measure::power, kilowatt.base()},
    {"megawatt", Measure::power, 1e3 * kilowatt.base()},
    {"mg", Measure::carbon, 1e-3 * gram.base()},
    {"g", Measure::carbon, gram.base()},
    {"kg", Measure::carbon, kilogram.base()},
    {"t", Measure::carbon, tonne_co2e.base()},
    {"tonne", Measure::carbon, tonne_co2e.base()},
    {"kt", Measure::carbon, 1e3 * tonne_co2e.base()},
    {"lb", Measure::carbon, pound.base()},
    {"gram", Measure::carbon, gram.base()},
    {"kilogram", Measure::carbon, kilogram.base()},
    {"pound", Measure::carbon, pound.base()},
    {"FLOP", Measure::work, 1.0},
    {"MFLOP", Measure::work, 1e6},
    {"GFLOP", Measure::work, 1e9},
    {"TFLOP", Measure::work, 1e12},
    {"PFLOP", Measure::work, 1e15},
    {"EFLOP", Measure::work, 1e18},
    {"ZFLOP", Measure::work, 1e21},
    {"YFLOP", Measure::work, 1e24},
    {"GFLOPS", Measure::work_rate, 1e9},
    {"TFLOPS", Measure::work_rate, 1e12},
    {"PFLOPS", Measure::work_rate, 1e15},
    {"B", Measure::bytes, 1.0},
    {"kB", Measure::bytes, 1e3},
    {"MB", Measure::bytes, 1e6},
    {"GB", Measure::bytes, gigabyte.base()},
    {"TB", Measure::bytes, 1e12},
    {"KiB", Measure::bytes, 1024.0},
    {"MiB", Measure::bytes, 1048576.0},
    {"GiB", Measure::bytes, gibibyte.base()},
    {"USD", Measure::money, dollar.base()},
    {"$", Measure::money, dollar.base()},
    {"dollar", Measure::money, dollar.base()},
    {"kUSD", Measure::money, 1e3 * dollar.base()},
    {"MUSD", Measure::money, 1e6 * dollar.base()},
    {"mL", Measure::water, 1e-3},
    {"L", Measure::water, litre.base()},
    {"l", Measure::water, litre.base()},
    {"litre", Measure::water, litre.base()},
    {"liter", Measure::water, litre.base()},
    {"m3", Measure::water, 1e3},
    {"mm2", Measure::area, square_millimetre.base()},
    {"cm2", Measure::area, square_centimetre.base()},
    // Known only to be named in a message.
    {"m", Measure::length, 1.0},
    {"km", Measure::length, 1e3},
    {"mile", Measure::length, 1609.344},
});

// What people write that is no unit here, and what to write.
constexpr auto kUnitHints = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"ton", "a tonne (1000 kg) is 't', a US ton 907.18 kg"},
    {"month", "months are of several lengths: write days"},
    {"EUR", "money is in USD: convert it"},
    {"€", "money is in USD: convert it"},
    {"GBP", "money is in USD: convert it"},
    {"£", "money is in USD: convert it"},
    {"%", "a share of something is a number from 0 to 1, or '30 %' where such a number is expected"},
    {"K", "write the unit: thousands of what?"},
    {"M", "write the unit: millions of what?"},
});

// Numbers without a unit of their own, by the last part of their key: they may be written with the unit that the key says.
struct NumberUnit {
  std::string_view key;
  QuantityKind kind;
  double base;  // of the key's unit
};
constexpr auto kNumberUnits = std::to_array<NumberUnit>({
    {"hours", QuantityKind::duration, hour.base()},
    {"watts", QuantityKind::power, watt.base()},
    {"flops", QuantityKind::work, 1.0},
    {"forward", QuantityKind::work, 1.0},
});
// Counts that may be written as "7B".
constexpr auto kCounts = std::to_array<std::string_view>({"parameters", "tokens", "samples", "flops", "forward"});
constexpr auto kMultiples = std::to_array<std::pair<char, std::string_view>>({{'k', "e3"}, {'K', "e3"}, {'M', "e6"}, {'B', "e9"}, {'T', "e12"}});

struct Kind {
  QuantityKind kind;
  std::string_view name;     // as in "expected a mass"
  std::string_view example;  // as in "such as '20 kg'"
  Measure numerator;
  Measure denominator;
};

constexpr auto kKinds = std::to_array<Kind>({
    {QuantityKind::duration, "a time", "12 h", Measure::time, Measure::none},
    {QuantityKind::energy, "an energy", "5 kWh", Measure::energy, Measure::none},
    {QuantityKind::power, "a power", "350 W", Measure::power, Measure::none},
    {QuantityKind::carbon, "a mass", "20 kg", Measure::carbon, Measure::none},
    {QuantityKind::intensity, "a carbon intensity", "0.4 kgCO2e/kWh", Measure::carbon, Measure::energy},
    {QuantityKind::work, "an amount of arithmetic", "2 PFLOP", Measure::work, Measure::none},
    {QuantityKind::work_rate, "a rate of arithmetic", "14 TFLOP/s", Measure::work, Measure::time},
    {QuantityKind::bytes, "an amount of memory", "16 GB", Measure::bytes, Measure::none},
    {QuantityKind::bandwidth, "a bandwidth", "900 GB/s", Measure::bytes, Measure::time},
    {QuantityKind::money, "an amount of money", "100 USD", Measure::money, Measure::none},
    {QuantityKind::price_rate, "a price per time", "2.48 USD/h", Measure::money, Measure::time},
    {QuantityKind::energy_price, "a price per energy", "0.12 USD/kWh", Measure::money, Measure::energy},
    {QuantityKind::carbon_price, "a price per mass", "80 USD/t", Measure::money, Measure::carbon},
    {QuantityKind::water, "a volume", "3 L", Measure::water, Measure::none},
    {QuantityKind::water_intensity, "a volume per energy", "1.8 L/kWh", Measure::water, Measure::energy},
    {QuantityKind::area, "an area", "815 mm2", Measure::area, Measure::none},
});

const Kind& kind_of(QuantityKind kind) {
  return *std::ranges::find_if(kKinds, [&](const Kind& k) { return k.kind == kind; });
}

std::string_view measure_name(Measure measure) {
  if (measure == Measure::length) return "a length";
  for (const Kind& kind : kKinds)
    if (kind.numerator == measure && kind.denominator == Measure::none) return kind.name;
  return "a rate";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {  // blanks that do not break a line too
    const std::string_view before = text;
    for (const std::string_view blank : {" ", "\u00a0", "\u202f"}) {
      if (text.starts_with(blank)) text.remove_prefix(blank.size());
      if (text.ends_with(blank)) text.remove_suffix(blank.size());
    }
    if (text.size() == before.size()) break;
  }
  return text;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// "kgCO2e", "kg CO2e", "g CO₂", "tCO2eq" all name masses.
std::string_view without_co2(std::string_view unit) {
  for (const std::string_view suffix : {"CO2eq", "CO2-eq", "CO2e", "CO2", "CO₂eq", "CO₂-eq", "CO₂e", "CO₂"})
    if (unit.ends_with(suffix)) return trimmed(unit.substr(0, unit.size() - suffix.size()));
  return unit;
}

const Unit* find_simple_unit(std::string_view name) {
  const auto by_name = [&](std::string_view n) {
    const auto at = std::ranges::find_if(kUnits, [&](const Unit& u) { return u.name == n; });
    return at == kUnits.end() ? nullptr : &*at;
  };
  const std::string_view bare = without_co2(name);
  const Unit* unit = by_name(bare);
  if (!unit && bare.size() > 2 && bare.ends_with('s')) unit = by_name(bare.substr(0, bare.size() - 1));
  if (bare != name && unit && unit->measure != Measure::carbon) return nullptr;
  return unit;
}

struct ParsedUnit {
  Measure numerator;
  Measure denominator;
  double base;
};

std::optional<ParsedUnit> parse_unit(std::string_view text) {
  const std::size_t slash = text.find('/');
  const Unit* above = find_simple_unit(trimmed(text.substr(0, slash)));
  if (!above) return std::nullopt;
  if (above->measure == Measure::work_rate && slash == std::string_view::npos)
    return ParsedUnit{Measure::work, Measure::time, above->base};
  if (slash == std::string_view::npos) return ParsedUnit{above->measure, Measure::none, above->base};
  const Unit* below = find_simple_unit(trimmed(text.substr(slash + 1)));
  if (!below) return std::nullopt;
  return ParsedUnit{above->measure, below->measure, above->base / below->base};
}

std::string expected(const Kind& kind) {
  return "expected " + std::string(kind.name) + " such as '" + std::string(kind.example) + "'";
}

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string safe;
  for (const char c : text.substr(0, kLongest)) safe += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return "'" + safe + (text.size() > kLongest ? "...'" : "'");
}

// "Did you mean kWh?", of one side of a ratio; empty where nothing is known.
std::string hint_of_simple_unit(std::string_view name) {
  if (find_simple_unit(name)) return "";
  const std::string_view bare = without_co2(name);
  for (const auto& [found, hint] : kUnitHints)
    if (bare == found || (bare.size() > 2 && bare == std::string(found) + "s")) return std::string(hint);
  std::vector<std::string_view> meant;
  for (const Unit& unit : kUnits)
    if (lower_case(unit.name) == lower_case(bare) || lower_case(unit.name) + "s" == lower_case(bare)) meant.push_back(unit.name);
  std::string names;
  for (std::size_t i = 0; i < meant.size(); ++i) names += (i == 0 ? "" : " or ") + std::string(meant[i]);
  return names.empty() ? "" : "did you mean " + names + "?";
}

std::string unit_hint(std::string_view unit) {
  if (unit.starts_with(',')) return " (a number has a point and no commas)";
  std::string hint;
  for (const std::string_view part : {unit.substr(0, unit.find('/')), unit.find('/') < unit.size() ? unit.substr(unit.find('/') + 1) : "s"})
    if (hint.empty()) hint = hint_of_simple_unit(trimmed(part));
  return hint.empty() ? "" : " (" + hint + ")";
}

// "7" and "e9" as the number that "7e9" is.
std::optional<double> with_exponent(std::string_view digits, std::string_view exponent) {
  if (digits.find_first_of("eE") != std::string_view::npos) return std::nullopt;
  return parse_number(std::string(trimmed(digits)) + std::string(exponent));
}

// --- As regular expressions

constexpr std::string_view kBlanks = "[ \\u00a0\\u202f]*";
constexpr std::string_view kDigits = "(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)";
constexpr std::string_view kExponent = "(?:[eE][+-]?[0-9]+)?";

std::string number_expression(Bounds bounds) {
  const std::string sign = bounds.low < 0.0 ? "-?" : bounds.low > 0.0 || bounds.exclusive_low ? "(?=[0.]*[1-9])" : "";
  return sign + std::string(kDigits) + std::string(kExponent);
}

// The names of units that measure it, as find_simple_unit() knows them.
std::string units_expression(Measure measure) {
  std::string names;
  for (const Unit& unit : kUnits) {
    if (unit.measure != measure) continue;
    names += (names.empty() ? "" : "|") + std::string(unit.name == "$" ? "\\$" : unit.name) + (unit.name.size() > 1 ? "s?" : "");
  }
  const std::string units = "(?:" + names + ")";
  return measure == Measure::carbon ? units + std::string(kBlanks) + "(?:CO[2₂](?:-?eq|e)?)?" : units;
}

std::string kind_expression(const Kind& kind) {
  std::string units = units_expression(kind.numerator);
  if (kind.denominator == Measure::none) return units;
  units += std::string(kBlanks) + "/" + std::string(kBlanks) + units_expression(kind.denominator);
  return kind.kind == QuantityKind::work_rate ? "(?:" + units + "|" + units_expression(Measure::work_rate) + ")" : units;
}

std::string whole_text(const std::string& expression) {
  return "^" + std::string(kBlanks) + expression + std::string(kBlanks) + "$";
}

// A number with its unit; in a distribution one unit may stand for all.
std::string quantity_expression(const Kind& kind, const std::string& number, std::string_view often) {
  const std::string blanks(kBlanks);
  const std::string expression = number + "(?:" + blanks + kind_expression(kind) + ")" + std::string(often);
  return kind.kind == QuantityKind::money ? "(?:" + expression + "|\\$" + blanks + number + ")" : expression;
}

}  // namespace

std::string_view quantity_name(QuantityKind kind) { return kind_of(kind).name; }

std::string quantity_pattern(QuantityKind kind, Bounds bounds) {
  return whole_text(quantity_expression(kind_of(kind), number_expression(bounds), ""));
}

std::optional<std::string> number_with_unit_pattern(std::string_view key, Bounds bounds) {
  std::string forms;
  const auto add = [&](const std::string& form) { forms += (forms.empty() ? "" : "|") + form; };
  const std::string sign = bounds.exclusive_low ? "(?=[0.]*[1-9])" : "";
  if (bounds.low >= 0.0 && bounds.high <= 1.0) add(sign + "(?:100(?:\\.0*)?|[0-9]{1,2}(?:\\.[0-9]*)?|\\.[0-9]+)" + std::string(kBlanks) + "%");
  if (std::ranges::find(kCounts, key) != kCounts.end()) {
    std::string letters;
    for (const auto& [letter, exponent] : kMultiples) letters += letter;
    add(sign + std::string(kDigits) + std::string(kBlanks) + "[" + letters + "]");
  }
  if (const auto unit = std::ranges::find(kNumberUnits, key, &NumberUnit::key); unit != kNumberUnits.end())
    add(quantity_expression(kind_of(unit->kind), number_expression(bounds), ""));
  return forms.empty() ? std::nullopt : std::optional(whole_text("(?:" + forms + ")"));
}

std::string distribution_pattern(std::optional<QuantityKind> kind) {
  const std::string number = number_expression({});
  return whole_text(distribution_expression(kind ? quantity_expression(kind_of(*kind), number, "?") : number, number));
}

std::optional<double> parse_number_with_unit(std::string_view given, std::string_view path, Bounds bounds) {
  const std::string_view text = trimmed(given);
  if (text.size() < 2) return std::nullopt;
  if (text.ends_with('%')) return bounds.low >= 0.0 && bounds.high <= 1.0 ? with_exponent(text.substr(0, text.size() - 1), "e-2") : std::nullopt;
  const std::string_view key = path.substr(path.rfind('.') + 1);
  if (std::ranges::find(kCounts, key) != kCounts.end())
    for (const auto& [letter, exponent] : kMultiples)
      if (text.ends_with(letter))
        if (const auto count = with_exponent(text.substr(0, text.size() - 1), exponent)) return count;
  const auto unit = std::ranges::find(kNumberUnits, key, &NumberUnit::key);
  if (unit == kNumberUnits.end() || text.find_first_not_of("0123456789.eE+-") == std::string_view::npos) return std::nullopt;
  return parse_quantity(text, unit->kind) / unit->base;
}

double parse_quantity(std::string_view text, QuantityKind quantity_kind) {
  const Kind& kind = kind_of(quantity_kind);
  std::string_view rest = trimmed(text);
  std::string_view unit_text;
  if (rest.starts_with('$')) {
    unit_text = "USD";
    rest = trimmed(rest.substr(1));
  }
  double value = 0.0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{} || !std::isfinite(value))
    throw InputError(shown(text) + " is not a quantity, " + expected(kind));
  const std::string_view after = trimmed(rest.substr(static_cast<std::size_t>(end - rest.data())));
  if (!after.empty() && !unit_text.empty()) throw InputError(shown(text) + " has two units, " + expected(kind));
  if (unit_text.empty()) unit_text = after;
  if (unit_text.empty()) throw InputError(shown(text) + " has no unit, " + expected(kind));
  const auto unit = parse_unit(unit_text);
  if (!unit) throw InputError("unknown unit " + shown(unit_text) + unit_hint(unit_text) + ", " + expected(kind));
  if (unit->numerator != kind.numerator || unit->denominator != kind.denominator) {
    std::string_view found = unit->denominator == Measure::none ? measure_name(unit->numerator) : "another ratio";
    for (const Kind& k : kKinds)
      if (k.numerator == unit->numerator && k.denominator == unit->denominator) found = k.name;
    throw InputError(shown(text) + " is " + std::string(found) + ", " + expected(kind));
  }
  if (!std::isfinite(value * unit->base)) throw InputError(shown(text) + " is too large, " + expected(kind));
  return value * unit->base;
}

std::string_view quantity_example(QuantityKind kind) { return kind_of(kind).example; }

std::string format_quantity(double base, QuantityKind quantity_kind) {
  const Kind& kind = kind_of(quantity_kind);
  // The example's unit is the one that people use; some kinds span too much for one.
  std::string_view unit_text = trimmed(kind.example.substr(kind.example.find(' ')));
  const auto choose = [&](std::initializer_list<std::string_view> ascending) {
    unit_text = *ascending.begin();
    for (const std::string_view longer : ascending)
      if (std::abs(base) >= parse_unit(longer)->base) unit_text = longer;
  };
  if (quantity_kind == QuantityKind::duration) choose({"ms", "s", "min", "h", "d", "year"});
  if (quantity_kind == QuantityKind::energy) choose({"J", "kJ", "kWh", "MWh"});
  if (quantity_kind == QuantityKind::work) choose({"FLOP", "GFLOP", "TFLOP", "PFLOP"});
  if (quantity_kind == QuantityKind::duration && base == 0.0) unit_text = "s";
  const double value = base / parse_unit(unit_text)->base;
  std::array<char, 32> buffer{};
  // 15 digits: a round value in its own unit reads round.
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 15);
  return std::string(buffer.data(), end.ptr) + " " + std::string(unit_text);
}

}  // namespace tonne
