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

struct NamedUnit {
  std::string_view name;
  Carbon mass;
};
constexpr auto kMasses = std::to_array<NamedUnit>(
    {{"g", gram}, {"kg", kilogram}, {"t", tonne_co2e}, {"lb", pound}, {"lbs", pound}});

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::optional<Intensity> unit_of(const std::string& written, const std::string& file) {
  std::string name = lower(written);
  name = replaced_all(replaced_all(name, "_per_", "/"), " per ", "/");
  for (const std::string_view co2 : {"co\xe2\x82\x82"
                                     "eq",
                                     "co\xe2\x82\x82"
                                     "e",
                                     "co\xe2\x82\x82", "co2eq", "co2e", "co2"})
    name = replaced_all(name, co2, "");
  const std::size_t kwh = name.find("/kwh");
  const std::size_t slash = std::min(kwh, name.find("/mwh"));
  if (slash == std::string::npos) return std::nullopt;
  const std::size_t end = name.find_last_not_of(" _-", slash == 0 ? 0 : slash - 1) + 1;
  std::size_t begin = end;
  while (begin > 0 && name[begin - 1] >= 'a' && name[begin - 1] <= 'z') --begin;
  const std::string_view mass = std::string_view(name).substr(begin, end - begin);
  const auto* known = std::ranges::find(kMasses, mass, &NamedUnit::name);
  if (known == kMasses.end())
    throw InputError({file, 0, 0}, "",
                     fmt::format("'{}' has no known unit: expected g, kg, t or lb per kWh or MWh",
                                 printable(written.substr(0, 60))));
  return known->mass / ((slash == kwh ? 1.0 : 1e3) * kilowatt_hour);
}

void declare_watttime(Declared& declared) {
  declared.by = "WattTime";
  declared.kind = SignalKind::marginal;
  declared.scope = SignalScope::direct;
  declared.basis = SignalBasis::location;
  if (!declared.unit) declared.unit = pound / (1e3 * kilowatt_hour);
}

}  // namespace tonne::traces
