// Quantities in text: "350 W", "0.4 kgCO2e/kWh", "12 GPU-days".

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
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
    {"mW", Measure::power, 1e-3 * watt.base()},
    {"W", Measure::power, watt.base()},
    {"kW", Measure::power, kilowatt.base()},
    {"MW", Measure::power, 1e3 * kilowatt.base()},
    {"mg", Measure::carbon, 1e-3 * gram.base()},
    {"g", Measure::carbon, gram.base()},
    {"kg", Measure::carbon, kilogram.base()},
    {"t", Measure::carbon, tonne_co2e.base()},
    {"tonne", Measure::carbon, tonne_co2e.base()},
    {"kt", Measure::carbon, 1e3 * tonne_co2e.base()},
    {"lb", Measure::carbon, pound.base()},
    {"FLOP", Measure::work, 1.0},
    {"MFLOP", Measure::work, 1e6},
    {"GFLOP", Measure::work, 1e9},
    {"TFLOP", Measure::work, 1e12},
    {"PFLOP", Measure::work, 1e15},
    {"EFLOP", Measure::work, 1e18},
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
    {"kUSD", Measure::money, 1e3 * dollar.base()},
    {"MUSD", Measure::money, 1e6 * dollar.base()},
    {"mL", Measure::water, 1e-3},
    {"L", Measure::water, litre.base()},
    {"l", Measure::water, litre.base()},
    {"m3", Measure::water, 1e3},
    {"mm2", Measure::area, square_millimetre.base()},
    {"cm2", Measure::area, square_centimetre.base()},
    // Known only to be named in a message.
    {"m", Measure::length, 1.0},
    {"km", Measure::length, 1e3},
    {"mile", Measure::length, 1609.344},
});

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
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "kgCO2e", "kg CO2e", "g CO2", "tCO2eq" all name masses.
std::string_view without_co2(std::string_view unit) {
  for (const std::string_view suffix : {"CO2eq", "CO2e", "CO2"})
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

}  // namespace

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
  if (!unit) throw InputError("unknown unit " + shown(unit_text) + ", " + expected(kind));
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
