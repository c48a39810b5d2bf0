#include "cost_models/cluster_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <type_traits>

#include "core/error.h"
#include "core/random.h"
#include "cost_models/catalogue.h"
#include "cost_models/machine_model.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"average", "marginal"};
constexpr std::array<std::string_view, 2> kScopes = {"direct", "life_cycle"};
constexpr std::array<std::string_view, 2> kBases = {"location", "market"};
constexpr std::array<std::string_view, 5> kTraceFormats = {"auto", "csv", "electricity_maps", "watttime", "carbon_aware"};
constexpr std::array<std::string_view, 5> kTraceUnits = {"auto", "g/kWh", "kg/kWh", "kg/MWh", "lb/MWh"};
constexpr std::array<std::string_view, 2> kValuesAt = {"interval", "point"};
constexpr Bounds kShare = {0.0, 1.0, true};
constexpr Bounds kUtilisation = {1e-6, 1.0};  // below, times overflow before they mean anything

constexpr std::array<std::string_view, 3> kAbatements = {"95 %", "97 %", "99 %"};
constexpr std::array<std::string_view, 3> kIdleCharges = {"full", "device_only", "none"};

// Finds a name, and says of an unknown one under which key it stands.
template <class Entry>
const Entry& find_at(std::string_view key, const std::string& name, const Catalogue& catalogue,
                     const Entry& (Catalogue::*find)(std::string_view) const) {
  try {
    return (catalogue.*find)(name);
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
  throw InputError(
      {}, fmt::format("cluster.{}", key),
      fmt::format("the catalogue has no {} of {}: give cluster.{}{}", what, device.name, key,
                  key == "embodied.device"
                      ? " or cluster.embodied.act, or leave manufacture out with embodied.count: false"
                      : ""));
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
LoadedTrace load_grid(const ClusterSettings& settings, const Catalogue& catalogue) {
  const GridSettings& custom = settings.own_grid;
  if (!custom.trace.empty() && custom.intensity)
    throw InputError({}, "cluster.grid", "a trace and an intensity are both given, expected one of them");
  if (!custom.trace.empty())
    return read_trace({custom.trace, custom.column, custom.nature, custom.format, custom.unit, custom.time_zone, custom.value_at});
  if (custom.intensity) return {GridSignal::constant(*custom.intensity, custom.nature), 0};
  if (settings.grid.empty())
    throw InputError({}, "cluster.grid", "has neither trace nor intensity: give one of them");
  if (!custom.column.empty()) throw InputError({}, "cluster.grid", "a column needs a trace");
  const GridEntry& entry = find_at("grid", settings.grid, catalogue, &Catalogue::grid);
  return {GridSignal::constant(entry.intensity, entry.nature), entry.digest};
}

// "es.csv (average, direct, mean 243 g/kWh)"
std::string trace_summary(const ClusterSettings& settings, const Catalogue& catalogue) {
  const GridSettings& custom = settings.own_grid;
  const GridSignal signal = load_grid(settings, catalogue).signal;
  return fmt::format("{} {}({}, {}{}, mean {:.3g} g/kWh)", custom.trace.filename().string(),
                     custom.column.empty() ? "" : custom.column + " ", to_string(custom.nature.kind),
                     to_string(custom.nature.scope), custom.nature.basis == SignalBasis::market ? ", market-based" : "",
                     signal.mean(signal.begin(), signal.end()) / gram_per_kilowatt_hour);
}

// Null: the user gives the figures themselves.
const Facility* named_facility(const FacilitySettings& settings, const Catalogue& catalogue) {
  return settings.name.empty() ? nullptr
                               : &find_at("facility", settings.name, catalogue, &Catalogue::facility);
}

// Null: a trace or an intensity of the user's.
const GridEntry* named_grid(const ClusterSettings& settings, const Catalogue& catalogue) {
  return settings.own_grid.given() || settings.grid.empty()
             ? nullptr
             : &find_at("grid", settings.grid, catalogue, &Catalogue::grid);
}

double pue_of(const FacilitySettings& settings, const Facility* facility) {
  if (settings.pue) return *settings.pue;
  if (facility) return facility->pue;
  throw InputError({}, "cluster.facility", "has neither name nor pue: give one of them");
}

Carbon embodied_device(const EmbodiedSettings& settings, const Device& device) {
  if (settings.act.given()) return settings.act.carbon();
  return require_figure(settings.device, device.embodied.value, "embodied.device", "embodied carbon", device);
}

Carbon embodied_host(const EmbodiedSettings& settings, const Host& host) {
  return settings.host_act.given() ? settings.host_act.carbon() : settings.host.value_or(host.slot_embodied);
}

void resolve_embodied(const EmbodiedSettings& settings, const Device& device, const Host& host,
                      MachineParameters& machine) {
  if (!settings.count) return;
  const Duration life = settings.lifetime * settings.use;
  const Carbon of_host = embodied_host(settings, host);
  machine.embodied = (embodied_device(settings, device) + of_host) / life;
  machine.embodied_host = of_host / life;
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

// Collects factors; what the user gives hides figures of the catalogue.
class FactorList {
 public:
  template <class Q>
  void give(std::string_view key, const std::optional<Q>& value,
            std::initializer_list<std::string_view> hidden) {
    if (!value) return;
    if constexpr (std::is_same_v<Q, double>)
      add(key, fmt::format("{:.12g}", *value), hidden);
    else
      add(key, format_quantity(value->base(), kKindOf<Q>), hidden);
  }
  void add(std::string_view key, std::string value, std::initializer_list<std::string_view> hidden) {
    factors_.push_back(
        {fmt::format("cluster.{}", key), std::move(value), {"given in the experiment", 0, false}});
    hide(hidden);
  }
  void hide(std::initializer_list<std::string_view> keys) {
    hidden_.insert(hidden_.end(), keys.begin(), keys.end());
  }
  void take(std::string_view section, const EntryRecord& record) {
    for (const FigureRecord& figure : record.figures) {
      const std::string key = fmt::format("{}.{}", section, figure.key);
      if (std::ranges::find(hidden_, key) != hidden_.end()) continue;
      factors_.push_back({key, shown_figure(figure), figure.provenance});
    }
  }
  [[nodiscard]] std::vector<Factor> factors() const { return factors_; }

 private:
  std::vector<Factor> factors_;
  std::vector<std::string_view> hidden_;
};

void give_embodied(const EmbodiedSettings& settings, FactorList& list) {
  if (!settings.count) list.hide({"device.embodied.carbon", "host.embodied.carbon"});
  const auto by_act = [](const ActSettings& act) {
    return act.given() ? std::optional(act.carbon()) : std::nullopt;
  };
  list.give("embodied.device", settings.device, {"device.embodied.carbon"});
  list.give("embodied.act", by_act(settings.act), {"device.embodied.carbon"});
  list.give("embodied.host", settings.host, {"host.embodied.carbon"});
  list.give("embodied.host_act", by_act(settings.host_act), {"host.embodied.carbon"});
}

}  // namespace

void FacilitySettings::visit(SettingsVisitor& visitor) {
  visitor.text("name", name, "facility of the catalogue, for what is not given here");
  visitor.optional_number("pue", pue, Bounds::between(1.0, 10.0), "facility energy per IT energy");
  visitor.quantity("wue", wue, Bounds::at_least(0.0), "water per IT energy");
}

void GridSettings::visit(SettingsVisitor& visitor) {
  visitor.path("trace", trace, "CSV or JSON file of uniform steps: times with their zone, carbon intensities");
  visitor.text("column", column, "column of the values; empty: the only one, or Electricity Maps'");
  visitor.quantity("intensity", intensity, Bounds::at_least(0.0), "a constant, instead of a trace");
  visitor.choice("kind", nature.kind, kKinds, "of all generation, or of one more kilowatt-hour");
  visitor.choice("scope", nature.scope, kScopes, "from the chimney, or with fuel supply and construction");
  visitor.choice("basis", nature.basis, kBases, "of the grid on the spot, or of the contracts that were bought");
  visitor.choice("format", format, kTraceFormats, "whose file the trace is");
  visitor.choice("unit", unit, kTraceUnits, "of the trace's values; auto: what the column's name says, or else g/kWh");
  visitor.text("time_zone", time_zone, "UTC or an offset such as +02:00, for times that do not say theirs");
  visitor.choice("value_at", value_at, kValuesAt, "the mean of the interval that follows its time, or a sample at its time");
  visitor.require(trace.empty() || !intensity, "intensity", "a trace is given too, expected one of them");
  visitor.require(column.empty() || !trace.empty(), "column", "a column needs a trace");
}

Carbon ActSettings::carbon() const {
  Carbon total = packages.value_or(0.0) * kPackageCarbon;
  if (die_area) total += die_carbon(*die_area, {node.value_or(0), abatement, electricity, yield});
  if (dram) total += dram_carbon(dram_type, *dram, yield);
  if (ssd) total += ssd_carbon(ssd_type, *ssd, yield);
  return total;
}

void ActSettings::visit(SettingsVisitor& visitor) {
  const std::string nodes = fmt::format("{}", fmt::join(fab_nodes(), ", "));
  const std::string dram_names = join_names(dram_types());
  const std::string ssd_names = join_names(ssd_types());
  const auto knows = [](const std::vector<std::string>& names, const std::string& name) {
    return name.empty() || std::ranges::find(names, name) != names.end();
  };
  const std::vector<std::int64_t> known_nodes = fab_nodes();
  visitor.quantity("die_area", die_area, Bounds::above(0.0), "of all dies together");
  visitor.optional_integer("node", node, Bounds::between(1.0, 1000.0), "process of the dies in nm: " + nodes);
  visitor.require(!die_area || node, "die_area", "needs the node of the dies too, in nm: " + nodes);
  visitor.require(
      !node || std::ranges::find(known_nodes, *node) != known_nodes.end(), "node",
      "no figures are published for this node, known are " + nodes + " (nothing is interpolated)");
  visitor.choice("abatement", abatement, kAbatements, "share of the fab's process gases that is destroyed");
  visitor.quantity("electricity", electricity, Bounds::at_least(0.0), "of the fab; the default is Taiwan's");
  visitor.number("yield", yield, kShare, "share of good dies and of good memory");
  visitor.optional_number("packages", packages, Bounds::at_least(0.0), "integrated circuits, 150 g each");
  visitor.quantity("dram", dram, Bounds::above(0.0), "memory, stacked on the device or beside it");
  visitor.text("dram_type", dram_type, "one of " + dram_names);
  visitor.require(!dram || !dram_type.empty(), "dram", "needs dram_type too: " + dram_names);
  visitor.require(knows(dram_types(), dram_type), "dram_type", "unknown type, known are " + dram_names);
  visitor.quantity("ssd", ssd, Bounds::above(0.0), "storage");
  visitor.text("ssd_type", ssd_type, "one of " + ssd_names);
  visitor.require(!ssd || !ssd_type.empty(), "ssd", "needs ssd_type too: " + ssd_names);
  visitor.require(knows(ssd_types(), ssd_type), "ssd_type", "unknown type, known are " + ssd_names);
  visitor.require(die_area || !node, "node", "needs die_area too");
  visitor.require(dram || dram_type.empty(), "dram_type", "needs dram too, the capacity");
  visitor.require(ssd || ssd_type.empty(), "ssd_type", "needs ssd too, the capacity");
  visitor.require(given() || !packages, "packages", "needs die_area, dram or ssd too");
  visitor.require(!given() || packages, "packages",
                  "is missing: how many integrated circuits, memory included");
}

void PreemptionSettings::visit(SettingsVisitor& visitor) {
  visitor.quantity("interval", interval, Bounds::above(0.0), "mean time between interruptions of one device");
  visitor.quantity("restart", restart, Bounds::at_least(0.0), "time until another device stands ready");
  visitor.quantity("checkpoint", checkpoint, Bounds::above(0.0),
                   "training time between checkpoints; none: an interruption loses all");
  visitor.require(interval || !checkpoint, "checkpoint", "needs the interval between interruptions");
}

void EmbodiedSettings::visit(SettingsVisitor& visitor) {
  visitor.flag("count", count, "whether manufacture is charged");
  visitor.quantity("device", device, Bounds::at_least(0.0),
                   "of one device, instead of the catalogue's figure");
  visitor.quantity("host", host, Bounds::at_least(0.0),
                   "of the host per device, instead of the catalogue's figure");
  visitor.group("act", "of one device, from what it is made of",
                [this](SettingsVisitor& v) { act.visit(v); });
  visitor.require(!device || !act.given(), "act", "embodied.device is given too, expected one of them");
  visitor.group("host_act", "of the host per device, from what it is made of",
                [this](SettingsVisitor& v) { host_act.visit(v); });
  visitor.require(!host || !host_act.given(), "host_act", "embodied.host is given too, expected one of them");
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
  visitor.path("catalogue", catalogue,
               "YAML file of entries of your own, added to the shipped ones or over them");
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
  visitor.number("utilisation", utilisation, kUtilisation, "share of the device's peak that arithmetic reaches");
  visitor.number("bandwidth_utilisation", bandwidth_utilisation, kUtilisation,
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
  visitor.group("preemption", "devices that their owner takes back",
                [this](SettingsVisitor& v) { preemption.visit(v); });
  visitor.quantity("electricity_price", electricity_price, Bounds::at_least(0.0),
                   "charged on top of the rent");
  visitor.quantity("carbon_price", carbon_price, Bounds::at_least(0.0),
                   "tax on all the carbon that is charged");
  visitor.quantity("grid_water", grid_water, Bounds::at_least(0.0),
                   "water that power stations consume, instead of the catalogue's");
  visitor.choice("idle_workers", idle_workers, kIdleCharges,
                 "what a waiting worker is charged: all, the device without its host, or nothing");
  visitor.group("embodied", "manufacture", [this](SettingsVisitor& v) { embodied.visit(v); });
}

namespace {

MachineParameters resolve(const ClusterSettings& settings, const Catalogue& catalogue, const GridSignal& signal) {
  const Device& device = find_at("device", settings.device, catalogue, &Catalogue::device);
  const Host& host = find_at("host", settings.host, catalogue, &Catalogue::host);
  const Facility* facility = named_facility(settings.facility, catalogue);
  const GridEntry* grid = named_grid(settings, catalogue);
  MachineParameters machine;
  resolve_device(settings, device, machine);
  machine.host_power = settings.host_power.value_or(host.slot_power);
  machine.host_idle_power = settings.host_idle_power.value_or(machine.host_power);
  machine.computing_rate = host.computing_rate;
  machine.computing_power = host.computing_power;
  machine.pue = pue_of(settings.facility, facility);
  machine.wue = either(settings.facility.wue, facility ? facility->wue : std::nullopt);
  machine.grid_water = either(settings.grid_water, grid ? grid->water : std::nullopt);
  resolve_embodied(settings.embodied, device, host, machine);
  machine.price = price_rate(settings, device);
  machine.electricity_price = settings.electricity_price.value_or(EnergyPrice{});
  machine.carbon_price = settings.carbon_price.value_or(CarbonPrice{});
  machine.idle_workers = settings.idle_workers;
  if (settings.preemption.interval)
    // A training stops when any of its devices is taken, so n devices are interrupted n times as often.
    machine.preemption = Preemption{*settings.preemption.interval / machine.devices, settings.preemption.restart,
                                    settings.preemption.checkpoint};
  machine.grid = signal.on_clock(experiment_start(settings, signal));
  return machine;
}

}  // namespace

MachineParameters resolve_machine(const ClusterSettings& settings) {
  const auto catalogue = Catalogue::with_file(settings.catalogue);
  return resolve(settings, *catalogue, load_grid(settings, *catalogue).signal);
}

std::string ClusterSettings::place_summary() const {
  const auto entries = Catalogue::with_file(catalogue);
  std::string electricity = grid;
  if (own_grid.intensity)
    electricity = fmt::format("{:.4g} g/kWh", *own_grid.intensity / gram_per_kilowatt_hour);
  else if (!own_grid.trace.empty())
    electricity = trace_summary(*this, *entries);
  else
    electricity += fmt::format(" ({:.4g} g/kWh)", named_grid(*this, *entries)->intensity / gram_per_kilowatt_hour);
  return fmt::format("PUE {:.4g}, {}", pue_of(facility, named_facility(facility, *entries)), electricity);
}

std::string ClusterSettings::summary() const {
  const auto entries = Catalogue::with_file(catalogue);
  const Facility* named = named_facility(facility, *entries);
  const GridEntry* known_grid = named_grid(*this, *entries);
  const bool on_site = facility.wue || (named && named->wue);
  const bool at_stations = grid_water || (known_grid && known_grid->water);
  std::string water;
  if (!on_site) water = at_stations ? ", water of the power stations only" : ", water not counted";
  if (on_site && !at_stations) water = ", water on site only";
  const std::string_view rented = spot ? " (spot)" : "";
  std::string machines = fmt::format("{} x {}{}", workers, device, rented);
  if (devices_per_worker > 1) machines = fmt::format("{} x {} {}{}", workers, devices_per_worker, device, rented);
  if (power_limit) machines += fmt::format(" at {:.4g} W", *power_limit / watt);
  return fmt::format("{}, {}{}", machines, place_summary(), water);
}

std::shared_ptr<const CostModel> make_cost_model(const ClusterSettings& settings) {
  return std::make_shared<const MachineCostModel>(resolve_machine(settings));
}

CostModelFamily::CostModelFamily(const ClusterSettings& settings)
    : catalogue_(Catalogue::with_file(settings.catalogue)) {
  if (!settings.own_grid.trace.empty()) trace_ = load_grid(settings, *catalogue_).signal;
}

MachineParameters CostModelFamily::parameters(const ClusterSettings& settings) const {
  return resolve(settings, *catalogue_, trace_ ? *trace_ : load_grid(settings, *catalogue_).signal);
}

std::shared_ptr<const CostModel> CostModelFamily::make(const ClusterSettings& settings) const {
  return std::make_shared<const MachineCostModel>(parameters(settings));
}

std::uint64_t content_digest(const ClusterSettings& settings) {
  const auto catalogue = Catalogue::with_file(settings.catalogue);
  const Facility* facility = named_facility(settings.facility, *catalogue);
  std::uint64_t digest = catalogue->file_digest();
  for (const std::uint64_t part :
       {find_at("device", settings.device, *catalogue, &Catalogue::device).digest,
        find_at("host", settings.host, *catalogue, &Catalogue::host).digest,
        facility ? facility->digest : std::uint64_t{0}, load_grid(settings, *catalogue).digest})
    digest = mix_bits(digest ^ part);
  return digest;
}

std::vector<Factor> factors_of(const ClusterSettings& settings) {
  const auto catalogue = Catalogue::with_file(settings.catalogue);
  const Device& device = find_at("device", settings.device, *catalogue, &Catalogue::device);
  const Host& host = find_at("host", settings.host, *catalogue, &Catalogue::host);
  const Facility* facility = named_facility(settings.facility, *catalogue);
  const GridEntry* grid = named_grid(settings, *catalogue);
  FactorList list;
  list.give("peak", settings.peak,
            {"device.specification.fp32", "device.specification.fp16", "device.specification.int8"});
  list.give("bandwidth", settings.bandwidth, {"device.specification.bandwidth"});
  list.give("memory", settings.memory, {"device.specification.memory"});
  list.give("tdp", settings.tdp, {"device.specification.tdp"});
  list.give("idle", settings.idle, {"device.idle.power"});
  list.give("host_power", settings.host_power,
            {"host.processor.tdp", "host.processor.dram_watts_per_gb", "host.shape.sockets",
             "host.shape.load", "host.shape.dram"});
  list.give("host_idle_power", settings.host_idle_power, {});
  list.give("power_limit", settings.power_limit, {});
  list.give("price", settings.price, {"device.price.on_demand", "device.price.spot"});
  list.give("electricity_price", settings.electricity_price, {});
  list.give("carbon_price", settings.carbon_price, {});
  list.give("facility.pue", settings.facility.pue, {"facility.pue"});
  list.give("facility.wue", settings.facility.wue, {"facility.wue"});
  list.give("grid.intensity", settings.own_grid.intensity, {});
  list.give("grid_water", settings.grid_water, {"grid.water.consumption"});
  give_embodied(settings.embodied, list);
  // Not what a charge rests on: measurements to compare with, and the other price.
  list.hide({"device.measured.system_power", "device.measured.utilisation", "grid.of_year",
             settings.spot ? "device.price.on_demand" : "device.price.spot"});
  list.take("device", device.record);
  list.take("host", host.record);
  if (facility) list.take("facility", facility->record);
  if (grid) list.take("grid", grid->record);
  return list.factors();
}

}  // namespace tonne
