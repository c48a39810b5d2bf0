#include "cost_models/cluster_settings.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "core/error.h"
#include "core/random.h"
#include "cost_models/catalogue.h"
#include "cost_models/machine_model.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"average", "marginal"};
constexpr std::array<std::string_view, 2> kScopes = {"direct", "life_cycle"};
constexpr Bounds kShare = {0.0, 1.0, true};

// Finds a name, and says of an unknown one under which key it stands.
template <class Entry>
const Entry& find_at(std::string_view key, const std::string& name, const Entry& (*find)(std::string_view)) {
  try {
    return find(name);
  } catch (const InputError& error) {
    throw InputError({}, fmt::format("cluster.{}", key), error.message());
  }
}

// The user's figure, or else the catalogue's, or else an error that says how to give it.
template <class Q>
Q require_figure(const std::optional<Q>& given, const std::optional<Q>& shipped, std::string_view key,
                 std::string_view what, const Device& device) {
  if (given) return *given;
  if (shipped) return *shipped;
  throw InputError({}, fmt::format("cluster.{}", key),
                   fmt::format("the catalogue has no {} of {}: give cluster.{}{}", what, device.name, key,
                               key == "embodied.device" ? ", or leave manufacture out with embodied.count: false" : ""));
}

Duration experiment_start(const ClusterSettings& settings, const GridSignal& signal) {
  if (settings.start.empty()) return signal.begin();
  const auto start = parse_utc(settings.start);
  if (!start)
    throw InputError({}, "cluster.start",
                     fmt::format("'{}' is no UTC time such as '2021-01-01' or '2021-01-01T12:00Z'",
                                 settings.start.substr(0, 40)));
  if (signal.is_constant() || (*start >= signal.begin() && *start < signal.end())) return *start;
  throw InputError({}, "cluster.start",
                   fmt::format("{} lies outside the grid trace, which covers {} to {}", format_utc(*start),
                               format_utc(signal.begin()), format_utc(signal.end())));
}

// The signal and a digest of where it comes from.
LoadedTrace load_grid(const ClusterSettings& settings) {
  const GridSettings& custom = settings.own_grid;
  if (!custom.trace.empty() && custom.intensity)
    throw InputError({}, "cluster.grid", "a trace and an intensity are both given, expected one of them");
  if (!custom.trace.empty()) return read_trace({custom.trace, custom.column, custom.nature});
  if (custom.intensity) return {GridSignal::constant(*custom.intensity, custom.nature), 0};
  if (settings.grid.empty()) throw InputError({}, "cluster.grid", "has neither trace nor intensity: give one of them");
  if (!custom.column.empty()) throw InputError({}, "cluster.grid", "a column needs a trace");
  const GridEntry& entry = find_at("grid", settings.grid, find_grid);
  return {GridSignal::constant(entry.intensity, entry.nature), entry.digest};
}

// Null: the user gives the figures themselves.
const Facility* named_facility(const FacilitySettings& settings) {
  return settings.name.empty() ? nullptr : &find_at("facility", settings.name, find_facility);
}

double pue_of(const FacilitySettings& settings, const Facility* facility) {
  if (settings.pue) return *settings.pue;
  if (facility) return facility->pue;
  throw InputError({}, "cluster.facility", "has neither name nor pue: give one of them");
}

CarbonRate embodied_rate(const EmbodiedSettings& settings, const Device& device, const Host& host) {
  if (!settings.count) return {};
  const Carbon of_device = require_figure(settings.device, device.embodied.value, "embodied.device",
                                          "embodied carbon", device);
  return (of_device + settings.host.value_or(host.slot_embodied)) / (settings.lifetime * settings.use);
}

PriceRate price_rate(const ClusterSettings& settings, const Device& device) {
  return settings.spot ? require_figure(settings.price, device.spot.value, "price", "spot price", device)
                       : require_figure(settings.price, device.on_demand.value, "price", "price", device);
}

template <class Q>
std::optional<Q> either(const std::optional<Q>& given, const std::optional<Q>& shipped) {
  return given ? given : shipped;
}

void resolve_device(const ClusterSettings& settings, const Device& device, MachineParameters& machine) {
  machine.device = device.name;
  for (std::size_t i = 0; i < kPrecisions; ++i)
    if (const auto peak = either(settings.peak, device.peak[i]))
      machine.rate[i] = *peak * settings.utilisation;
  if (const auto bandwidth = either(settings.bandwidth, device.bandwidth))
    machine.bandwidth = *bandwidth * settings.bandwidth_utilisation;
  machine.memory = either(settings.memory, device.memory);
  machine.tdp = require_figure(settings.tdp, device.tdp, "tdp", "thermal design power", device);
  machine.idle = require_figure(settings.idle, device.idle.value, "idle", "idle power", device);
  if (machine.idle > machine.tdp)
    throw InputError({}, "cluster.idle",
                     fmt::format("{} W idle is above the {} W that {} draws at most (cluster.tdp)",
                                 machine.idle / watt, machine.tdp / watt, device.name));
  if (settings.power_limit && *settings.power_limit <= machine.idle)
    throw InputError({}, "cluster.power_limit",
                     fmt::format("{} W is not above the {} W that {} draws idle (cluster.idle)",
                                 *settings.power_limit / watt, machine.idle / watt, device.name));
  machine.power_limit = settings.power_limit;
  machine.voltage_floor = settings.voltage_floor;
  machine.overlap = settings.overlap;
  machine.step_overhead = settings.step_overhead;
  machine.startup = settings.startup;
  machine.step_overlap = settings.step_overlap;
  machine.input_rate = settings.input_rate;
  machine.devices = static_cast<double>(settings.devices_per_worker);
  machine.interconnect = settings.interconnect;
  machine.activity = settings.activity;
}

}  // namespace

void FacilitySettings::visit(SettingsVisitor& visitor) {
  visitor.text("name", name, "facility of the catalogue, for what is not given here");
  visitor.optional_number("pue", pue, Bounds::between(1.0, 10.0), "facility energy per IT energy");
  visitor.quantity("wue", wue, Bounds::at_least(0.0), "water per IT energy");
}

void GridSettings::visit(SettingsVisitor& visitor) {
  visitor.path("trace", trace, "CSV file: a time column in UTC, values in g CO2e/kWh, uniform steps");
  visitor.text("column", column, "column of the values; empty: the only one, or Electricity Maps'");
  visitor.quantity("intensity", intensity, Bounds::at_least(0.0), "a constant, instead of a trace");
  visitor.choice("kind", nature.kind, kKinds, "of all generation, or of one more kilowatt-hour");
  visitor.choice("scope", nature.scope, kScopes, "from the chimney, or with fuel supply and construction");
  visitor.require(trace.empty() || !intensity, "intensity", "a trace is given too, expected one of them");
  visitor.require(column.empty() || !trace.empty(), "column", "a column needs a trace");
}

void EmbodiedSettings::visit(SettingsVisitor& visitor) {
  visitor.flag("count", count, "whether manufacture is charged");
  visitor.quantity("device", device, Bounds::at_least(0.0),
                   "of one device, instead of the catalogue's figure");
  visitor.quantity("host", host, Bounds::at_least(0.0),
                   "of the host per device, instead of the catalogue's figure");
  visitor.quantity("lifetime", lifetime, Bounds::above(0.0), "time in service");
  visitor.number("use", use, kShare, "share of the lifetime that is in use");
}

void ActivitySettings::visit(SettingsVisitor& visitor) {
  const Bounds share = Bounds::between(0.0, 1.0);
  visitor.number("compute", compute, share, "dynamic power while arithmetic is the limit, of (TDP - idle)");
  visitor.number("memory", memory, share, "the same while memory traffic is the limit");
  visitor.number("waiting", waiting, share, "the same between kernels and at start-up");
  visitor.number("measured", measured, share, "the same over a measured time of unknown work");
}

void InterconnectSettings::visit(SettingsVisitor& visitor) {
  visitor.quantity("bandwidth", bandwidth, Bounds::above(0.0), "one way, of one device");
  visitor.quantity("latency", latency, Bounds::at_least(0.0), "of one message");
  visitor.number("overlap", overlap, Bounds::between(0.0, 1.0),
                 "share of the busy time behind which gradients are exchanged");
}

void ClusterSettings::visit(SettingsVisitor& visitor) {
  visitor.text("device", device, "accelerator of the catalogue (tonne list devices)");
  visitor.integer("workers", workers, Bounds::between(1.0, 1e6),
                  "how many candidates are trained at the same time");
  visitor.integer("devices_per_worker", devices_per_worker, Bounds::between(1.0, 1e6),
                  "devices that train one candidate together");
  visitor.group("interconnect", "between the devices of a worker",
                [this](SettingsVisitor& v) { interconnect.visit(v); });
  visitor.text("host", host, "server of the catalogue");
  visitor.name_or_group("facility", facility.name, "cooling and distribution (tonne list facilities)",
                        [this](SettingsVisitor& v) { facility.visit(v); });
  visitor.name_or_group("grid", grid, "where the electricity comes from (tonne list grids)",
                        [this](SettingsVisitor& v) { own_grid.visit(v); });
  visitor.text("start", start, "UTC time of the search's start on a trace; empty: the start of the trace");
  visitor.number("utilisation", utilisation, kShare, "share of the device's peak that arithmetic reaches");
  visitor.number("bandwidth_utilisation", bandwidth_utilisation, kShare,
                 "share of peak bandwidth that is reached");
  visitor.number("overlap", overlap, Bounds::between(0.0, 1.0),
                 "of arithmetic and memory traffic: 1, the longer of both counts; 0, their sum");
  visitor.quantity("step_overhead", step_overhead, Bounds::at_least(0.0), "fixed time of an optimiser step");
  visitor.quantity("startup", startup, Bounds::at_least(0.0), "fixed time of a trial");
  visitor.number("step_overlap", step_overlap, Bounds::between(0.0, 1.0),
                 "of the host's part of a step with the device's: 1, the longer counts; 0, their sum");
  visitor.optional_number("input_rate", input_rate, Bounds::above(0.0),
                          "samples per second that the host prepares for a worker");
  visitor.quantity("power_limit", power_limit, Bounds::above(0.0), "of one device, by a lower clock");
  visitor.number("voltage_floor", voltage_floor, kShare,
                 "share of the full clock below which the voltage stays");
  visitor.group("activity", "power in each phase", [this](SettingsVisitor& v) { activity.visit(v); });
  visitor.quantity("peak", peak, Bounds::above(0.0),
                   "peak rate of every precision, instead of the catalogue's");
  visitor.quantity("bandwidth", bandwidth, Bounds::above(0.0), "peak bandwidth, instead of the catalogue's");
  visitor.quantity("memory", memory, Bounds::above(0.0), "device memory, instead of the catalogue's");
  visitor.quantity("tdp", tdp, Bounds::above(0.0), "thermal design power, instead of the catalogue's");
  visitor.quantity("idle", idle, Bounds::at_least(0.0), "idle power, instead of the catalogue's");
  visitor.quantity("host_power", host_power, Bounds::at_least(0.0),
                   "host's power per device, instead of the catalogue's");
  visitor.quantity("host_idle_power", host_idle_power, Bounds::at_least(0.0),
                   "the same while the worker waits; none: no less");
  visitor.quantity("price", price, Bounds::at_least(0.0), "rent per device, instead of the catalogue's");
  visitor.flag("spot", spot, "rent at the catalogue's spot price");
  visitor.quantity("electricity_price", electricity_price, Bounds::at_least(0.0),
                   "charged on top of the rent");
  visitor.group("embodied", "manufacture", [this](SettingsVisitor& v) { embodied.visit(v); });
}

MachineParameters resolve_machine(const ClusterSettings& settings) {
  const Device& device = find_at("device", settings.device, find_device);
  const Host& host = find_at("host", settings.host, find_host);
  const Facility* facility = named_facility(settings.facility);
  MachineParameters machine;
  resolve_device(settings, device, machine);
  machine.host_power = settings.host_power.value_or(host.slot_power);
  machine.host_idle_power = settings.host_idle_power.value_or(machine.host_power);
  machine.computing_rate = host.computing_rate;
  machine.computing_power = host.computing_power;
  machine.pue = pue_of(settings.facility, facility);
  machine.wue = either(settings.facility.wue, facility ? facility->wue : std::nullopt).value_or(WaterIntensity{});
  machine.embodied = embodied_rate(settings.embodied, device, host);
  machine.price = price_rate(settings, device);
  machine.electricity_price = settings.electricity_price.value_or(EnergyPrice{});
  const GridSignal signal = load_grid(settings).signal;
  machine.grid = signal.on_clock(experiment_start(settings, signal));
  return machine;
}

std::string ClusterSettings::summary() const {
  std::string electricity = grid;
  if (own_grid.intensity)
    electricity = fmt::format("{:.4g} g/kWh", *own_grid.intensity / gram_per_kilowatt_hour);
  else if (!own_grid.trace.empty())
    electricity = fmt::format("{} {}({}, {})", own_grid.trace.filename().string(),
                              own_grid.column.empty() ? "" : own_grid.column + " ",
                              kKinds[static_cast<std::size_t>(own_grid.nature.kind)],
                              kScopes[static_cast<std::size_t>(own_grid.nature.scope)]);
  else
    electricity += fmt::format(" ({:.4g} g/kWh)", find_grid(grid).intensity / gram_per_kilowatt_hour);
  std::string machines = fmt::format("{} x {}", workers, device);
  if (devices_per_worker > 1) machines = fmt::format("{} x {} {}", workers, devices_per_worker, device);
  if (power_limit) machines += fmt::format(" at {:.4g} W", *power_limit / watt);
  return fmt::format("{}, PUE {:.4g}, {}", machines, pue_of(facility, named_facility(facility)), electricity);
}

std::shared_ptr<const CostModel> make_cost_model(const ClusterSettings& settings) {
  return std::make_shared<const MachineCostModel>(resolve_machine(settings));
}

std::uint64_t content_digest(const ClusterSettings& settings) {
  const Facility* facility = named_facility(settings.facility);
  std::uint64_t digest = 0;
  for (const std::uint64_t part :
       {find_at("device", settings.device, find_device).digest,
        find_at("host", settings.host, find_host).digest,
        facility ? facility->digest : std::uint64_t{0}, load_grid(settings).digest})
    digest = mix_bits(digest ^ part);
  return digest;
}

}  // namespace tonne
