#include "experiments/meters/table_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tonne::meters {
namespace {

struct KnownColumn {
  std::string_view name;
  bool is_counter;
  double unit;
  PowerKind kind = PowerKind::instant;
};
// In the order of preference where a table has several: a mean over the time between readings misses less of
// the power than an instant does, so that power.draw.average comes first. Units: nvidia-smi --help-query-gpu,
// dcgm_fields.h (150s), and Linux' powercap for energy_uj.
constexpr auto kKnown = std::to_array<KnownColumn>({
    {"power.draw.average", false, 1.0, PowerKind::averaged},
    {"power.draw", false, 1.0},
    {"power.draw.instant", false, 1.0},
    {"dcgm_fi_dev_power_usage", false, 1.0},
    {"dcgm_fi_dev_power_usage_instant", false, 1.0},
    {"power", false, 1.0},
    {"watts", false, 1.0},
    {"power_w", false, 1.0},
    {"power_watts", false, 1.0},
    {"power_mw", false, 1e-3},
    {"dcgm_fi_dev_total_energy_consumption", true, 1e-3},
    {"energy_uj", true, 1e-6},
});

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "power0" and "gpu_1_power_mw" are watts and milliwatts of a GPU.
std::optional<ValueColumn> numbered_power(std::string_view name) {
  const double unit = take_suffix(name, "_mw") ? 1e-3 : 1.0;
  take_suffix(name, "_w");
  if (!take_prefix(name, "power") && !take_suffix(name, "power")) return std::nullopt;
  if (!take_prefix(name, "gpu")) take_prefix(name, "_");
  take_prefix(name, "_");
  take_suffix(name, "_");
  if (!all_digits(name)) return std::nullopt;
  return ValueColumn{0, 0, "GPU " + std::string(name), unit, std::nullopt};
}

// The unit that a head has in brackets: "power.draw [mW]".
std::optional<double> unit_in_brackets(std::string_view head) {
  const std::size_t open = head.find_first_of("[(");
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view unit = head.substr(open + 1, head.find_first_of("])", open) - open - 1);
  if (unit == "W" || unit == "J") return 1.0;
  if (unit == "mW" || unit == "mJ") return 1e-3;
  if (unit == "uJ") return 1e-6;
  return std::nullopt;
}

std::size_t quantity_number(TableLayout& layout, const Quantity& quantity) {
  const auto at = std::ranges::find(layout.quantities, quantity.name, &Quantity::name);
  if (at != layout.quantities.end()) return static_cast<std::size_t>(at - layout.quantities.begin());
  layout.quantities.push_back(quantity);
  return layout.quantities.size() - 1;
}

void add_known(TableLayout& layout, const Fields& head, const std::vector<std::string>& names) {
  for (const KnownColumn& known : kKnown) {
    const auto at = find_head(names, {known.name});
    if (!at) continue;
    const double unit = unit_in_brackets(head[*at].text).value_or(known.unit);
    const std::size_t quantity =
        quantity_number(layout, {std::string(known.name), known.kind, known.is_counter});
    std::optional<std::size_t> range;
    if (known.is_counter) range = find_head(names, {"max_energy_range_uj"});
    layout.values.push_back({*at, quantity, "", unit, range});
    if (known.name == "power") {
      // Zeus's monitor of 2022, in C++, wrote NVML's milliwatts below the head "Time,Power".
      const bool is_zeus = head[*at].text == "Power" && head.front().text == "Time";
      if (is_zeus) layout.values.back().unit = 1e-3;
      layout.notes.push_back(
          is_zeus ? "below the head Time,Power stand milliwatts, as Zeus's monitor of 2022 writes them"
                  : "the column 'power' is taken to be in watts");
    }
  }
}

void add_wide(TableLayout& layout, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (auto power = numbered_power(names[i])) {
      power->index = i;
      power->quantity = quantity_number(layout, {"power", PowerKind::instant, false});
      layout.values.push_back(*power);
      continue;
    }
    std::string_view domain = names[i];
    if (!take_suffix(domain, "_energy_uj") || domain.empty()) continue;
    const std::string own_range = std::string(domain) + "_max_energy_range_uj";
    const auto range = find_head(names, {own_range, "max_energy_range_uj"});
    layout.values.push_back({i, quantity_number(layout, {"energy_uj", PowerKind::instant, true}),
                             std::string(domain), 1e-6, range});
  }
}

}  // namespace

TableLayout layout_of(const Fields& head, const std::string& column) {
  TableLayout layout;
  layout.width = head.size();
  std::vector<std::string> names;
  for (const Field& field : head) names.push_back(column_name(field.text));
  layout.time = find_head(
      names, {"timestamp", "time", "datetime", "date", "unix_time", "epoch", "time_s", "seconds", "elapsed"});
  layout.device = find_head(names, {"index", "gpu", "gpu-id", "gpu_id", "gpu_index"});
  layout.is_numbered = layout.device.has_value();
  if (!layout.device)
    layout.device =
        find_head(names, {"device", "domain", "zone", "uuid", "gpu_uuid", "pci.bus_id", "gpu_bus_id"});
  layout.host = find_head(names, {"hostname", "host"});
  layout.model = find_head(names, {"name", "gpu_name", "modelname", "model"});
  if (!column.empty()) {
    const auto at = find_head(names, {column_name(column)});
    if (!at) return layout;
    layout.quantities.push_back({names[*at], PowerKind::instant, false});
    if (names[*at].find("average") != std::string::npos) layout.quantities[0].kind = PowerKind::averaged;
    layout.values.push_back(
        {*at,
         0,
         "",
         unit_in_brackets(head[*at].text).value_or(names[*at].ends_with("_mw") ? 1e-3 : 1.0),
         {}});
    return layout;
  }
  add_known(layout, head, names);
  add_wide(layout, names);
  // The counters of powercap have names, not models.
  const bool is_rapl =
      std::ranges::any_of(layout.quantities, [](const Quantity& q) { return q.name == "energy_uj"; });
  if (is_rapl && !layout.device) layout.device = std::exchange(layout.model, std::nullopt);
  return layout;
}

TableLayout bare_layout(std::size_t width) {
  TableLayout layout;
  layout.width = width;
  layout.time = 0;
  layout.quantities.push_back({"power", PowerKind::instant, false});
  for (std::size_t i = 1; i < width; ++i)
    layout.values.push_back({i, 0, fmt::format("GPU {}", i - 1), 1.0, std::nullopt});
  layout.notes.emplace_back(
      "it has no header: read as Zeus's power monitor writes it, a time and the watts of each GPU");
  return layout;
}

}  // namespace tonne::meters
