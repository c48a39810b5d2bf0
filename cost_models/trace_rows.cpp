#include "cost_models/trace_rows.h"

#include <algorithm>
#include <array>

namespace tonne::traces {
namespace {

std::string replaced_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

struct NamedMass {
  std::string_view name;
  Carbon mass;
};
constexpr auto kMasses = std::to_array<NamedMass>({{"g", gram}, {"gram", gram}, {"grams", gram}, {"kg", kilogram}, {"kgs", kilogram},
                                                   {"kilogram", kilogram}, {"kilograms", kilogram}, {"t", tonne_co2e},
                                                   {"tonne", tonne_co2e}, {"tonnes", tonne_co2e}, {"lb", pound}, {"lbs", pound},
                                                   {"pound", pound}, {"pounds", pound}});
struct NamedEnergy {
  std::string_view name;
  double kilowatt_hours;
};
constexpr auto kEnergies = std::to_array<NamedEnergy>({{"kwh", 1.0}, {"mwh", 1e3}, {"gwh", 1e6}, {"twh", 1e9}, {"wh", 1e-3}});
// Words that make a figure's unit something else than grams per kilowatt-hour, where the name says no more.
constexpr auto kOtherMasses = std::to_array<std::string_view>({"lb", "lbs", "pound", "pounds", "mg", "t", "ton", "tons", "tonne", "tonnes", "kilograms"});
constexpr auto kOtherEnergies = std::to_array<std::string_view>({"j", "kj", "mj", "gj", "tj", "pj", "btu", "mmbtu", "therm", "therms", "toe"});

// Lower case, without what the mass is of: "kg co2eq/kwh" -> "kg /kwh".
std::string without_co2(std::string_view written) {
  std::string name = replaced_all(lower(written), "\xe2\x82\x82", "2");
  for (const std::string_view co2 : {"co2eq", "co2e", "co2"}) name = replaced_all(name, co2, " ");
  return name;
}

struct EnergyWord {
  std::size_t begin = 0;
  double kilowatt_hours = 0.0;
};

// The last energy that ends a word: "gkwh" and "per_kwh" have one, "wholesale" has none.
std::optional<EnergyWord> energy_in(std::string_view name) {
  for (std::size_t at = name.rfind("wh"); at != std::string_view::npos && at > 0; at = name.rfind("wh", at - 1)) {
    if (at + 2 < name.size() && is_letter(name[at + 2])) continue;
    for (const auto& energy : kEnergies)
      if (name.substr(0, at + 2).ends_with(energy.name)) return EnergyWord{at + 2 - energy.name.size(), energy.kilowatt_hours};
  }
  return std::nullopt;
}

std::string_view without_last_word(std::string_view text, std::string_view word) {
  return text.ends_with(word) ? text.substr(0, text.size() - word.size()) : text;
}

// The word before "per": of "mean kg eq per " it is "kg".
std::string_view mass_word(std::string_view before) {
  std::size_t length = 0;
  do {
    length = before.size();
    while (!before.empty() && !is_letter_or_digit(before.back())) before.remove_suffix(1);
    before = without_last_word(before, "per");
    for (const std::string_view filler : {" eq", "-eq", "_eq", " e", "-e", " of"}) before = without_last_word(before, filler);
  } while (before.size() != length);
  std::size_t begin = before.size();
  while (begin > 0 && is_letter(before[begin - 1])) --begin;
  return before.substr(begin);
}

std::vector<std::string_view> words_of(std::string_view name) {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < name.size();) {
    std::size_t end = i;
    while (end < name.size() && is_letter(name[end])) ++end;
    if (end > i) words.push_back(name.substr(i, end - i));
    i = end + 1;
  }
  return words;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const std::size_t end = text.find_last_not_of(kBlanks) + 1;
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

bool says_nothing(std::string_view cell) {
  constexpr auto kNothing = std::to_array<std::string_view>({"", "-", "nan", "na", "n/a", "#n/a", "null", "none"});
  return is_one_of(lower(trimmed(cell)), kNothing);
}

void declare_unit(Declared& declared, std::string_view written) {
  constexpr std::size_t kLongestName = 256;  // replacing takes the square of it
  const std::string name = without_co2(written.substr(0, kLongestName));
  if (const auto energy = energy_in(name)) {
    const std::string_view mass = mass_word(std::string_view(name).substr(0, energy->begin));
    const auto* known = std::ranges::find(kMasses, mass, &NamedMass::name);
    if (known == kMasses.end()) {
      declared.why_asked = "has no known unit";
      return;
    }
    declared.unit = known->mass / (energy->kilowatt_hours * kilowatt_hour);
    return;
  }
  for (const std::string_view word : words_of(name)) {
    if (is_one_of(word, kOtherEnergies)) declared.why_asked = "has no known unit";
    if (is_one_of(word, kOtherMasses) || word.starts_with("kg")) declared.why_asked = "names a mass but not of how much energy";
  }
}

void declare_watttime(Declared& declared) {
  declared.by = "WattTime";
  declared.kind = SignalKind::marginal;
  declared.scope = SignalScope::direct;
  declared.basis = SignalBasis::location;
  if (!declared.unit)
    declared.why_asked = "does not say its unit, which is lb/MWh in most of its files and kg/kWh in California's SGIP signal";
}

}  // namespace tonne::traces
