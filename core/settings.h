#pragma once
// Settings: each component describes its own once, and that description reads YAML, lists the defaults for people
// and writes the canonical text that enters an experiment's digest.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/units.h"

namespace tonne {

/// Closed bounds of a number; `exclusive_low` makes the lower one open.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool exclusive_low = false;

  [[nodiscard]] static constexpr Bounds at_least(double low) { return {low}; }
  [[nodiscard]] static constexpr Bounds above(double low) { return {low, std::numeric_limits<double>::infinity(), true}; }
  [[nodiscard]] static constexpr Bounds between(double low, double high) { return {low, high}; }
};

/// The kinds of quantity that text can hold ("350 W", "0.4 kgCO2e/kWh", "12 GPU-days").
enum class QuantityKind : std::uint8_t {
  duration, energy, power, carbon, intensity, work, work_rate, bytes, bandwidth, money, price_rate, energy_price,
  carbon_price, water, water_intensity, area
};

/// Maps a quantity type to its kind.
template <class Q> inline constexpr QuantityKind kKindOf = QuantityKind::duration;
template <> inline constexpr QuantityKind kKindOf<Energy> = QuantityKind::energy;
template <> inline constexpr QuantityKind kKindOf<Power> = QuantityKind::power;
template <> inline constexpr QuantityKind kKindOf<Carbon> = QuantityKind::carbon;
template <> inline constexpr QuantityKind kKindOf<Intensity> = QuantityKind::intensity;
template <> inline constexpr QuantityKind kKindOf<Work> = QuantityKind::work;
template <> inline constexpr QuantityKind kKindOf<WorkRate> = QuantityKind::work_rate;
template <> inline constexpr QuantityKind kKindOf<Bytes> = QuantityKind::bytes;
template <> inline constexpr QuantityKind kKindOf<Bandwidth> = QuantityKind::bandwidth;
template <> inline constexpr QuantityKind kKindOf<Money> = QuantityKind::money;
template <> inline constexpr QuantityKind kKindOf<PriceRate> = QuantityKind::price_rate;
template <> inline constexpr QuantityKind kKindOf<EnergyPrice> = QuantityKind::energy_price;
template <> inline constexpr QuantityKind kKindOf<CarbonPrice> = QuantityKind::carbon_price;
template <> inline constexpr QuantityKind kKindOf<Water> = QuantityKind::water;
template <> inline constexpr QuantityKind kKindOf<WaterIntensity> = QuantityKind::water_intensity;
template <> inline constexpr QuantityKind kKindOf<Area> = QuantityKind::area;

/// Parses "350 W" into base units. Throws InputError that says what was found ("a length", "no unit") and what is
/// expected ("a mass such as '20 kg'").
[[nodiscard]] double parse_quantity(std::string_view text, QuantityKind kind);
/// A number as people write it where its key says the unit: "30 %" where it is a share (bounds within 0 and 1), "72h" for
/// `hours`, "7B" for `parameters`. Nothing where it is none of these. Throws InputError where it has another unit.
[[nodiscard]] std::optional<double> parse_number_with_unit(std::string_view text, std::string_view key, Bounds bounds);
/// The value in the unit that people use for its kind ("20 kg", "1.5 h"), to 15 digits.
[[nodiscard]] std::string format_quantity(double base, QuantityKind kind);

/// How such a quantity is written: "350 W".
[[nodiscard]] std::string_view quantity_example(QuantityKind kind);

/// Visits the settings of one component. A component writes one function
///     void visit(SettingsVisitor& v) { v.integer("population", population, Bounds::at_least(1), "..."); }
/// over a struct whose members hold the defaults. Depending on the visitor, that reads, lists or writes them.
class SettingsVisitor {
 public:
  virtual ~SettingsVisitor() = default;

  virtual void integer(std::string_view key, std::int64_t& value, Bounds bounds, std::string_view meaning) = 0;
  virtual void number(std::string_view key, double& value, Bounds bounds, std::string_view meaning) = 0;
  virtual void flag(std::string_view key, bool& value, std::string_view meaning) = 0;
  virtual void text(std::string_view key, std::string& value, std::string_view meaning) = 0;
  /// A number or a text, kept as written: for things like a column's value.
  virtual void texts(std::string_view key, std::vector<std::string>& values, std::string_view meaning) = 0;
  /// A file of the user's; a relative path is relative to the file that names it. Empty: not given.
  virtual void path(std::string_view key, std::filesystem::path& value, std::string_view meaning) = 0;
  /// Absent unless the user gives it.
  virtual void optional_number(std::string_view key, std::optional<double>& value, Bounds bounds,
                               std::string_view meaning) = 0;
  virtual void optional_integer(std::string_view key, std::optional<std::int64_t>& value, Bounds bounds,
                                std::string_view meaning) = 0;
  virtual void choice_index(std::string_view key, std::size_t& index, std::span<const std::string_view> names,
                            std::string_view meaning) = 0;
  virtual void quantity_base(std::string_view key, std::optional<double>& base, QuantityKind kind, Bounds bounds,
                             std::string_view meaning) = 0;
  /// A nested group of settings.
  virtual void group(std::string_view key, std::string_view meaning,
                     const std::function<void(SettingsVisitor&)>& visit) = 0;
  /// A catalogue's name, or a group that describes an entry of the user's own: `grid: US-2018` or
  /// `grid: {intensity: 50 gCO2e/kWh}`. A group leaves the name empty.
  virtual void name_or_group(std::string_view key, std::string& name, std::string_view meaning,
                             const std::function<void(SettingsVisitor&)>& visit) = 0;
  /// Another component of a catalogue inside this one: `strategy: tpe` or `strategy: {tpe: {startup: 5}}`. Where the
  /// key is absent `name` stays; `visit` is called with the name's settings in any case, but for listings.
  virtual void component(std::string_view key, std::string& name, std::span<const std::string_view> names,
                         std::string_view meaning,
                         const std::function<void(const std::string& name, SettingsVisitor&)>& visit) = 0;
  /// Groups under names of the user's own: `constraints: {memory: {at_most: 2}}`. `visit` is called with each of the
  /// names; when reading, these are the map's keys in the order in which they are written.
  virtual void named_groups(std::string_view key, const std::vector<std::string>& names, std::string_view meaning,
                            const std::function<void(const std::string& name, SettingsVisitor&)>& visit) = 0;
  /// A condition between settings: when reading, `ok == false` is an error at `key`; otherwise ignored.
  virtual void require(bool ok, std::string_view key, std::string_view message) = 0;
  /// Whether this visitor reads a user's settings (so that what depends on them can be checked).
  [[nodiscard]] virtual bool reading() const { return false; }

  /// Groups under names of the user's own, each with a `visit(SettingsVisitor&)`.
  template <class Group>
  void groups(std::string_view key, std::vector<std::pair<std::string, Group>>& groups, std::string_view meaning) {
    std::vector<std::string> names;
    for (const auto& [name, group] : groups) names.push_back(name);
    named_groups(key, names, meaning, [&](const std::string& name, SettingsVisitor& nested) {
      const auto known = std::ranges::find(groups, name, &std::pair<std::string, Group>::first);
      if (known != groups.end()) return known->second.visit(nested);
      Group group;
      group.visit(nested);
      if (nested.reading()) groups.emplace_back(name, std::move(group));
    });
  }
  /// An enumeration whose enumerators count from 0 in the order of `names`.
  template <class Enum>
  void choice(std::string_view key, Enum& value, std::span<const std::string_view> names, std::string_view meaning) {
    auto index = static_cast<std::size_t>(value);
    choice_index(key, index, names, meaning);
    value = static_cast<Enum>(index);
  }
  /// A quantity with a default.
  template <class Dim>
  void quantity(std::string_view key, Quantity<Dim>& value, Bounds bounds, std::string_view meaning) {
    std::optional<double> base = value.base();
    quantity_base(key, base, kKindOf<Quantity<Dim>>, bounds, meaning);
    value = Quantity<Dim>::from_base(*base);
  }
  /// A quantity that is absent unless the user gives it.
  template <class Dim>
  void quantity(std::string_view key, std::optional<Quantity<Dim>>& value, Bounds bounds, std::string_view meaning) {
    std::optional<double> base = value ? std::optional(value->base()) : std::nullopt;
    quantity_base(key, base, kKindOf<Quantity<Dim>>, bounds, meaning);
    if (base) value = Quantity<Dim>::from_base(*base);
  }
};

/// Stands in a description's key for a name that is the user's own: "constraints.NAME.at_most".
inline constexpr std::string_view kAnyName = "NAME";

/// One line of `tonne list`: a key, its default as text (empty: none), its meaning.
struct SettingDescription {
  std::string key;
  std::string default_text;
  std::string allowed = {};
  std::string meaning = {};
  bool is_list = false;   ///< a list is a value of this setting (and does not expand to a grid)
  std::optional<QuantityKind> kind = {};  ///< of a quantity; none: a number, a text or a choice
};

/// Collects the descriptions of all settings that `visit` declares.
[[nodiscard]] std::vector<SettingDescription> describe_settings(
    const std::function<void(SettingsVisitor&)>& visit);
/// Canonical one-line JSON of the settings as they stand: the same settings give the same text, however they
/// were written. Enters digests and the store.
[[nodiscard]] std::string canonical_settings(const std::function<void(SettingsVisitor&)>& visit);

}  // namespace tonne
