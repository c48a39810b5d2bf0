#include "experiments/footprint/published_row.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>
#include <string>

#include "core/error.h"
#include "cost_models/catalogue.h"
#include "cost_models/footprint.h"
#include "experiments/footprint/quantity_in.h"

namespace tonne {
namespace {

std::optional<Duration> run_duration(const PublishedRow& row) {
  if (row.time) return row.time;
  if (!row.steps || !row.run_steps || !row.run_time) return std::nullopt;
  return *row.steps / *row.run_steps * *row.run_time;
}

std::optional<PriceRate> row_price(const PublishedRow& row) {
  if (row.price || row.device.empty()) return row.price;
  const DevicePrice* shipped = Catalogue::shipped()->device(row.device).price_of(PriceTerm::on_demand);
  return shipped ? shipped->price.value : std::nullopt;
}

// Of all devices; what is not known is left out, so the caller asks only for what is.
std::optional<Usage> row_usage(const PublishedRow& row, std::optional<Intensity> intensity,
                               std::optional<PriceRate> price) {
  const auto time = costed_time(row);
  if (!time) return std::nullopt;
  DeviceUse use;
  use.time = *time;
  use.power = device_power(row).value_or(Power{});
  use.pue = row_pue(row).value_or(1.0);
  use.intensity = intensity.value_or(Intensity{});
  use.price = price.value_or(PriceRate{});
  return footprint(use);
}

std::optional<Energy> row_energy(const PublishedRow& row) {
  const auto usage = row_usage(row, std::nullopt, std::nullopt);
  if (!usage || !device_power(row) || !row_pue(row)) return std::nullopt;
  return usage->energy;
}

std::optional<Carbon> electricity_carbon(const PublishedRow& row, std::optional<Intensity> intensity) {
  if (!row_energy(row) || !intensity) return std::nullopt;
  return row_usage(row, intensity, std::nullopt)->operational;
}

std::optional<Money> rent(const PublishedRow& row, std::optional<PriceRate> price) {
  const auto usage = row_usage(row, std::nullopt, price);
  if (!usage || !price) return std::nullopt;
  return usage->money;
}

std::optional<Carbon> chip_carbon(const PublishedRow& row) {
  if (!row.yield) return std::nullopt;
  const Carbon packages = row.packages * kPackageCarbon;
  if (row.capacity && !row.memory.empty())
    return row.count * (dram_carbon(row.memory, *row.capacity, *row.yield) + packages);
  if (!row.die_area || !row.node || !row.electricity) return std::nullopt;
  return row.count *
         (die_carbon(*row.die_area, {*row.node, row.abatement, *row.electricity, *row.yield}) + packages);
}

// The catalogue's own sentence, with the place in the file.
void check_entry(SettingsVisitor& visitor, std::string_view key, const std::string& name,
                 const std::function<void()>& look_up) {
  if (name.empty()) return;
  try {
    look_up();
  } catch (const InputError& error) {
    if (error.has_location()) throw;
    visitor.require(false, key, error.message());
  }
}

constexpr std::array<std::string_view, 3> kAbatements = {"95", "97", "99"};

struct Column {
  std::string_view key;
  std::optional<double> (*value)(const PublishedRow&);
};

constexpr auto kColumns = std::to_array<Column>({
    {"hours", [](const PublishedRow& r) { return in(run_duration(r), hour); }},
    {"device_hours", [](const PublishedRow& r) { return in(device_time(r), hour); }},
    {"device_khours", [](const PublishedRow& r) { return in(device_time(r), 1e3 * hour); }},
    {"device_days", [](const PublishedRow& r) { return in(device_time(r), day); }},
    {"flops",
     [](const PublishedRow& r) {
       const auto time = device_time(r);
       return time && r.rate ? std::optional(*time * *r.rate / flop) : std::nullopt;
     }},
    {"kwh", [](const PublishedRow& r) { return in(row_energy(r), kilowatt_hour); }},
    {"mwh", [](const PublishedRow& r) { return in(row_energy(r), 1e3 * kilowatt_hour); }},
    {"lb", [](const PublishedRow& r) { return in(row_carbon(r), pound); }},
    {"klb", [](const PublishedRow& r) { return in(row_carbon(r), 1e3 * pound); }},
    {"kg", [](const PublishedRow& r) { return in(row_carbon(r), kilogram); }},
    {"t", [](const PublishedRow& r) { return in(row_carbon(r), tonne_co2e); }},
    {"net_t", [](const PublishedRow& r) { return in(electricity_carbon(r, r.net_intensity), tonne_co2e); }},
    {"usd", [](const PublishedRow& r) { return in(rent(r, row_price(r)), dollar); }},
    {"kusd", [](const PublishedRow& r) { return in(rent(r, row_price(r)), 1e3 * dollar); }},
    {"usd_spot", [](const PublishedRow& r) { return in(rent(r, r.spot_price), dollar); }},
});

}  // namespace

void PublishedRow::visit(SettingsVisitor& v) {
  const Bounds positive = Bounds::above(0.0);
  const Bounds from_zero = Bounds::at_least(0.0);
  v.text("name", name, "the row, as the paper calls it");
  v.number("devices", devices, positive, "devices working in parallel");
  v.number("runs", runs, positive, "equal runs, one after the other");
  v.quantity("time", time, from_zero, "of one run");
  v.optional_number("steps", steps, positive, "steps in all, in place of time");
  v.optional_number("run_steps", run_steps, positive, "steps of a run whose time is known");
  v.quantity("run_time", run_time, positive, "the time of that run");
  v.number("deployments", deployments, from_zero, "how often time_per_deployment is spent");
  v.quantity("time_per_deployment", time_per_deployment, from_zero, "on top of time");
  v.quantity("rounded_device_time", rounded_device_time, positive,
             "device time as the paper rounds it before it computes carbon and price");
  v.quantity("power", power, from_zero, "of one device, including its share of the host");
  v.quantity("system_power", system_power, from_zero, "of all devices, in place of power");
  v.optional_number("pue", pue, Bounds::at_least(1.0), "facility energy per IT energy");
  v.quantity("intensity", intensity, from_zero, "of the grid");
  v.quantity("net_intensity", net_intensity, from_zero, "of the grid after the provider's carbon-free share");
  v.quantity("price", price, from_zero, "of one device, on demand");
  v.quantity("spot_price", spot_price, from_zero, "of one device, pre-emptible");
  v.quantity("rate", rate, from_zero, "measured arithmetic of one device");
  v.text("device", device, "catalogue entry for the price");
  v.text("facility", facility, "catalogue entry for the PUE");
  v.text("grid", grid, "catalogue entry for the intensity");
  v.quantity("carbon", carbon, from_zero, "the row's carbon, where that is the input");
  v.quantity("carbon_per_hour", carbon_per_hour, from_zero, "of one device");
  v.number("count", count, positive, "equal parts");
  v.quantity("die_area", die_area, positive, "of one part");
  v.optional_integer("node", node, positive, "of the fab, in nm");
  v.choice("abatement", abatement, kAbatements, "share of the fab's gases that is destroyed, in %");
  v.quantity("electricity", electricity, from_zero, "of the fab");
  v.optional_number("yield", yield, {0.0, 1.0, true}, "share of good dies");
  v.number("packages", packages, from_zero, "packages of one part");
  v.text("memory", memory, "DRAM type, as in embodied.act");
  v.quantity("capacity", capacity, positive, "of one part of memory");
  v.flag("stated", stated, "the published figure is the input: nothing is checked");
  v.require(!time || !steps, "steps", "duplicates time: give one of them");
  v.require(!power || !system_power, "system_power", "duplicates power: give one of them");
  v.require(!steps || (run_steps && run_time), "steps", "needs run_steps and run_time");
  check_entry(v, "node", node ? std::to_string(*node) : "", [&] { static_cast<void>(chip_carbon(*this)); });
  check_entry(v, "memory", memory, [&] { static_cast<void>(chip_carbon(*this)); });
  check_entry(v, "device", device, [&] {
    v.require(row_price(*this).has_value(), "device", "has no price in the catalogue: give price");
  });
  check_entry(v, "facility", facility, [&] { static_cast<void>(Catalogue::shipped()->facility(facility)); });
  check_entry(v, "grid", grid, [&] { static_cast<void>(Catalogue::shipped()->grid(grid)); });
}

std::optional<Duration> device_time(const PublishedRow& row) {
  auto time = run_duration(row);
  if (!time) return std::nullopt;
  if (row.time_per_deployment) *time += row.deployments * *row.time_per_deployment;
  return row.devices * row.runs * *time;
}

std::optional<Duration> costed_time(const PublishedRow& row) {
  return row.rounded_device_time ? row.rounded_device_time : device_time(row);
}

std::optional<Power> device_power(const PublishedRow& row) {
  return row.system_power ? std::optional(*row.system_power / row.devices) : row.power;
}

std::optional<double> row_pue(const PublishedRow& row) {
  if (row.pue || row.facility.empty()) return row.pue;
  return Catalogue::shipped()->facility(row.facility).pue;
}

std::optional<Intensity> row_intensity(const PublishedRow& row) {
  if (row.intensity || row.grid.empty()) return row.intensity;
  return Catalogue::shipped()->grid(row.grid).intensity;
}

std::optional<Carbon> row_carbon(const PublishedRow& row) {
  if (row.carbon) return row.carbon;
  if (const auto chips = chip_carbon(row)) return chips;
  const auto time = costed_time(row);
  if (row.carbon_per_hour && time) return *time / hour * *row.carbon_per_hour;
  return electricity_carbon(row, row_intensity(row));
}

std::vector<std::string> column_keys() {
  std::vector<std::string> keys;
  for (const Column& column : kColumns) keys.emplace_back(column.key);
  return keys;
}

std::optional<double> column_value(const PublishedRow& row, std::string_view column) {
  const auto* found = std::ranges::find(kColumns, column, &Column::key);
  assert(found != kColumns.end());
  return found->value(row);
}

}  // namespace tonne
