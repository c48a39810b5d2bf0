// What a cluster is once its settings and the catalogue are put together: cost models, summaries, factors.

#include "cost_models/cluster_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <type_traits>

#include "core/error.h"
#include "core/random.h"
#include "cost_models/catalogue.h"
#include "cost_models/cluster_rates.h"
#include "cost_models/first_of.h"
#include "cost_models/machine_model.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

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

GridEntry find_grid_at(const std::string& name, const Catalogue& catalogue) {
  try {
    return catalogue.grid(name);
  } catch (const InputError& error) {
    throw InputError({}, "cluster.grid", error.message());
  }
}

Duration experiment_start(const ClusterSettings& settings, const GridSignal& signal) {
  if (settings.start.empty()) return signal.begin();
  const auto start = parse_utc(settings.start);
  if (!start)
    throw InputError({}, "cluster.start",
                     fmt::format("'{}' is not a UTC time such as '2021-01-01' or '2021-01-01T12:00Z'",
                                 settings.start.substr(0, 40)));
  if (signal.is_constant() || (*start >= signal.begin() && *start < signal.end())) return *start;
  throw InputError({}, "cluster.start",
                   fmt::format("{} is outside the grid trace, which covers {} to {}", format_utc(*start),
                               format_utc(signal.begin()), format_utc(signal.end())));
}

// The signal and a digest of where it comes from.
LoadedTrace load_grid(const ClusterSettings& settings, const Catalogue& catalogue) {
  const GridSettings& custom = settings.own_grid;
  if (!custom.trace.empty() && custom.intensity)
    throw InputError({}, "cluster.grid", "both a trace and an intensity are given; expected one of them");
  if (!custom.trace.empty())
    return read_trace({custom.trace, custom.column, custom.nature, custom.format, custom.unit, custom.time_zone,
                       custom.value_at, custom.location, custom.separator, custom.decimal, custom.dates, custom.gaps});
  if (custom.intensity) return {GridSignal::constant(*custom.intensity, custom.nature), 0};
  if (settings.grid.empty()) throw InputError({}, "cluster.grid", "needs a trace or an intensity");
  if (!custom.column.empty()) throw InputError({}, "cluster.grid", "a column needs a trace");
  const GridEntry entry = find_grid_at(settings.grid, catalogue);
  return {GridSignal::constant(entry.intensity, entry.nature), entry.digest};
}

// "es.csv (average, direct, mean 243 g/kWh)"
std::string trace_summary(const ClusterSettings& settings, const Catalogue& catalogue) {
  const GridSettings& custom = settings.own_grid;
  const GridSignal signal = load_grid(settings, catalogue).signal;
  return fmt::format("{} {}({}, {}{}, mean {:.3g} g/kWh)", custom.trace.filename().string(),
                     custom.column.empty() ? "" : custom.column + " ", to_string(custom.nature.kind),
                     to_string(custom.nature.scope),
                     custom.nature.basis == SignalBasis::market ? ", market-based" : "",
                     signal.mean(signal.begin(), signal.end()) / gram_per_kilowatt_hour);
}

// Null: the user gives the figures themselves.
const Facility* named_facility(const FacilitySettings& settings, const Catalogue& catalogue) {
  return settings.name.empty() ? nullptr
                               : &find_at("facility", settings.name, catalogue, &Catalogue::facility);
}

// None: a trace or an intensity of the user's.
std::optional<GridEntry> named_grid(const ClusterSettings& settings, const Catalogue& catalogue) {
  if (settings.own_grid.given() || settings.grid.empty()) return std::nullopt;
  return find_grid_at(settings.grid, catalogue);
}

double pue_of(const FacilitySettings& settings, const Facility* facility) {
  if (settings.pue) return *settings.pue;
  if (facility) return facility->pue;
  throw InputError({}, "cluster.facility", "needs a name or a pue");
}

// None: not known.
std::optional<Carbon> embodied_device(const EmbodiedSettings& settings, const Device& device) {
  if (settings.act.given()) return settings.act.carbon();
  return settings.device ? settings.device : device.embodied.value;
}

Carbon embodied_host(const EmbodiedSettings& settings, const Host& host) {
  return settings.host_act.given() ? settings.host_act.carbon() : settings.host.value_or(host.slot_embodied);
}

void resolve_embodied(const EmbodiedSettings& settings, const Device& device, const Host& host,
                      MachineParameters& machine) {
  if (!settings.count) return;
  const Duration life = settings.lifetime * settings.use;
  const Carbon of_host = embodied_host(settings, host);
  machine.embodied = (embodied_device(settings, device).value_or(Carbon{}) + of_host) / life;
  machine.embodied_host = of_host / life;
}

// None: not known.
std::optional<PriceRate> price_rate(const ClusterSettings& settings, const Device& device) {
  if (settings.price) return settings.price;
  const DevicePrice* row = price_row(settings, device);
  return row ? row->price.value : std::nullopt;
}

// "google (device, on_demand), lambda (instance, on_demand)"
std::string shown_prices(const Device& device) {
  std::vector<std::string> rows;
  for (const DevicePrice& row : device.prices)
    rows.push_back(fmt::format("{} ({}, {})", row.provider, to_string(row.basis), to_string(row.term)));
  return rows.empty() ? "none" : join_names(rows);
}

// Everything that no charge can do without, named at once. A run whose time was measured needs no peak.
void refuse_missing(const ClusterSettings& settings, const Device& device) {
  std::vector<std::string> what, keys;
  const auto need = [&](bool known, const char* name, const char* key) {
    if (known) return;
    what.emplace_back(fmt::format("no {}", name));
    keys.emplace_back(fmt::format("cluster.{}", key));
  };
  need(settings.tdp || device.tdp, "thermal design power", "tdp");
  need(settings.idle || device.idle.value, "idle power", "idle");
  if (keys.empty()) return;
  const bool computes = std::ranges::any_of(device.peak, [](const auto& peak) { return peak.has_value(); });
  need(settings.peak || computes, "peak", "peak");
  need(settings.bandwidth || device.bandwidth, "bandwidth", "bandwidth");
  throw InputError({}, keys.size() == 1 ? keys.front() : "cluster.device",
                   fmt::format("the catalogue has {} for {}: give {}", join_names(what), device.name,
                               join_names(keys)));
}

void resolve_device(const ClusterSettings& settings, const Device& device, MachineParameters& machine) {
  refuse_missing(settings, device);
  machine.device = device.name;
  resolve_rates(settings, device, machine);
  machine.memory = first_of(settings.memory, device.memory);
  machine.tdp = settings.tdp ? *settings.tdp : *device.tdp;
  machine.idle = settings.idle ? *settings.idle : *device.idle.value;
  if (machine.idle > machine.tdp)
    throw InputError({}, "cluster.idle",
                     fmt::format("{} W idle exceeds the {} W TDP of {} (cluster.tdp)", machine.idle / watt,
                                 machine.tdp / watt, device.name));
  if (settings.power_limit && *settings.power_limit <= machine.idle)
    throw InputError({}, "cluster.power_limit",
                     fmt::format("{} W is not above the {} W idle power of {} (cluster.idle)",
                                 *settings.power_limit / watt, machine.idle / watt, device.name));
  machine.power_limit = settings.power_limit;
  machine.voltage_floor = settings.voltage_floor;
  machine.unclocked = settings.unclocked;
  machine.overlap = settings.overlap;
  machine.step_overlap = settings.step_overlap;
  machine.input_rate = settings.input_rate;
  machine.devices = static_cast<double>(settings.devices_per_worker);
  machine.interconnect = settings.interconnect;
  machine.measured_activity = settings.activity.measured;
  machine.batch = static_cast<double>(settings.inference.batch);
  machine.launches_ahead = launches_ahead(device.kind);
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
    take(section, record, [](const FigureRecord&) { return true; });
  }
  void take(std::string_view section, const EntryRecord& record, const auto& wanted) {
    for (const FigureRecord& figure : record.figures) {
      const std::string key = fmt::format("{}.{}", section, figure.key);
      if (std::ranges::find(hidden_, key) != hidden_.end() || !wanted(figure)) continue;
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

// Of the catalogue, with what a draw has set.
Device device_of(const ClusterSettings& settings, const Catalogue& catalogue) {
  const Device& device = find_at("device", settings.device, catalogue, &Catalogue::device);
  return settings.device_figures.empty() ? device : with_figures(device, settings.device_figures);
}

MachineParameters resolve(const ClusterSettings& settings, const Catalogue& catalogue,
                          const GridSignal& signal) {
  const Device device = device_of(settings, catalogue);
  const Host& host = find_at("host", host_name(settings, device), catalogue, &Catalogue::host);
  const Facility* facility = named_facility(settings.facility, catalogue);
  const std::optional<GridEntry> grid = named_grid(settings, catalogue);
  MachineParameters machine;
  resolve_device(settings, device, machine);
  machine.host_power = settings.host_power.value_or(host.slot_power);
  machine.host_idle_power = settings.host_idle_power.value_or(machine.host_power);
  machine.computing_rate = host.computing_rate;
  machine.computing_power = host.computing_power;
  machine.pue = pue_of(settings.facility, facility);
  machine.wue = first_of(settings.facility.wue, facility ? facility->wue : std::nullopt);
  machine.grid_water = first_of(settings.grid_water, grid ? grid->water : std::nullopt);
  resolve_embodied(settings.embodied, device, host, machine);
  machine.price = price_rate(settings, device).value_or(PriceRate{});
  machine.electricity_price = settings.electricity_price.value_or(EnergyPrice{});
  machine.carbon_price = settings.carbon_price.value_or(CarbonPrice{});
  machine.idle_workers = settings.idle_workers;
  if (settings.preemption.interval)
    // A training stops when any of its devices is taken, so n devices are interrupted n times as often.
    machine.preemption = Preemption{*settings.preemption.interval / machine.devices,
                                    settings.preemption.restart, settings.preemption.checkpoint};
  machine.grid = signal.on_clock(experiment_start(settings, signal));
  return machine;
}

}  // namespace

std::string host_name(const ClusterSettings& settings, const Device& device) {
  if (!settings.host.empty()) return settings.host;
  return device.usual_host().empty() ? kUsualHost : std::string(device.usual_host());
}

const DevicePrice* price_row(const ClusterSettings& settings, const Device& device) {
  if (settings.price) return nullptr;
  const PriceTerm term = settings.spot ? PriceTerm::spot : PriceTerm::on_demand;
  const DevicePrice* row = device.price_of(term, settings.provider, settings.price_basis);
  if (row || (settings.provider.empty() && !settings.price_basis)) return row;
  std::string asked = settings.spot ? "spot price" : "on-demand price";
  if (settings.price_basis) asked += fmt::format(" on the basis '{}'", to_string(*settings.price_basis));
  if (!settings.provider.empty()) asked += fmt::format(" by '{}'", printable(settings.provider.substr(0, 64)));
  throw InputError({}, settings.provider.empty() ? "cluster.price_basis" : "cluster.provider",
                   fmt::format("the catalogue has no {} for {} (it has {}): choose one of these, or give cluster.price",
                               asked, device.name, shown_prices(device)));
}

NotKnown not_known(const ClusterSettings& settings) {
  const auto catalogue = Catalogue::with_file(settings.catalogue);
  const Device& device = find_at("device", settings.device, *catalogue, &Catalogue::device);
  NotKnown missing;
  missing.rent = !price_rate(settings, device);
  missing.money = missing.rent && !settings.electricity_price && !settings.carbon_price;
  missing.device_embodied = settings.embodied.count && !embodied_device(settings.embodied, device);
  return missing;
}

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
  else if (const auto entry = named_grid(*this, *entries))  // by its own name, whatever the user called it
    electricity = fmt::format("{} ({:.4g} g/kWh)", entry->name, entry->intensity / gram_per_kilowatt_hour);
  return fmt::format("PUE {:.4g}, {}", pue_of(facility, named_facility(facility, *entries)), electricity);
}

std::string ClusterSettings::summary() const {
  const auto entries = Catalogue::with_file(catalogue);
  const Facility* named = named_facility(facility, *entries);
  const std::optional<GridEntry> known_grid = named_grid(*this, *entries);
  const bool on_site = facility.wue || (named && named->wue);
  const bool at_stations = grid_water || (known_grid && known_grid->water);
  std::string water;
  if (!on_site) water = at_stations ? ", water of the power stations only" : ", water not counted";
  if (on_site && !at_stations) water = ", water on site only";
  const std::string_view rented = spot ? " (spot)" : "";
  std::string machines = fmt::format("{} x {}{}", workers, device, rented);
  if (devices_per_worker > 1)
    machines = fmt::format("{} x {} {}{}", workers, devices_per_worker, device, rented);
  if (precision) machines += fmt::format(" in {}", kPrecisionNames[static_cast<std::size_t>(*precision)]);
  if (power_limit) machines += fmt::format(" at {:.4g} W", *power_limit / watt);
  const NotKnown missing = not_known(*this);
  std::string left_out;
  if (missing.rent) left_out += missing.money ? ", cost not known" : ", rent not known, not counted";
  if (missing.device_embodied) left_out += fmt::format(", {}, not counted", kManufactureNotKnown);
  return fmt::format("{}, {}{}{}", machines, place_summary(), water, left_out);
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
  const Device& device = find_at("device", settings.device, *catalogue, &Catalogue::device);
  const Facility* facility = named_facility(settings.facility, *catalogue);
  std::uint64_t digest = catalogue->file_digest();
  for (const std::uint64_t part :
       {device.digest,
        find_at("host", host_name(settings, device), *catalogue, &Catalogue::host).digest,
        facility ? facility->digest : std::uint64_t{0}, load_grid(settings, *catalogue).digest})
    digest = mix_bits(digest ^ part);
  return digest;
}

std::vector<FigureRecord> ranged_figures(const ClusterSettings& settings, std::span<const WorkKind> kinds) {
  const auto catalogue = Catalogue::with_file(settings.catalogue);
  const Device& device = find_at("device", settings.device, *catalogue, &Catalogue::device);
  const bool own_carbon = !settings.embodied.count || settings.embodied.device || settings.embodied.act.given();
  const std::array<std::pair<std::string_view, bool>, 7> given = {
      {{"utilisation", settings.utilisation.has_value()},
       {"bandwidth_utilisation", settings.bandwidth_utilisation.has_value()},
       {"step_overhead", settings.step_overhead.has_value()},
       {"startup", settings.startup.has_value()},
       {"compute", settings.activity.compute.has_value()},
       {"memory", settings.activity.memory.has_value()},
       {"waiting", settings.activity.waiting.has_value()}}};
  const auto counts = [&](const FigureRecord& figure) {
    if (figure.key == "idle.power") return !settings.idle;
    if (figure.key == "embodied.carbon") return !own_carbon;
    if (!figure.key.starts_with("training.")) return false;
    const bool of_the_work = std::ranges::any_of(kinds, [&](WorkKind kind) {
      return figure.key.starts_with(fmt::format("training.{}/", kWorkKindNames[static_cast<std::size_t>(kind)]));
    });
    const bool users = std::ranges::any_of(given, [&](const auto& setting) {
      return setting.second && figure.key.ends_with(fmt::format(".{}", setting.first));
    });
    return (of_the_work || figure.key.starts_with("training.any/")) && !users;
  };
  std::vector<FigureRecord> figures;
  for (const FigureRecord& figure : device.record.figures)
    if ((figure.low || figure.high) && counts(figure)) figures.push_back(figure);
  return figures;
}

std::vector<Factor> factors_of(const ClusterSettings& settings) {
  const auto catalogue = Catalogue::with_file(settings.catalogue);
  const Device& device = find_at("device", settings.device, *catalogue, &Catalogue::device);
  const Host& host = find_at("host", host_name(settings, device), *catalogue, &Catalogue::host);
  const Facility* facility = named_facility(settings.facility, *catalogue);
  const std::optional<GridEntry> grid = named_grid(settings, *catalogue);
  FactorList list;
  list.give("peak", settings.peak,
            {"device.specification.fp32", "device.specification.tf32", "device.specification.fp16",
             "device.specification.bf16", "device.specification.fp8", "device.specification.int8"});
  list.give("bandwidth", settings.bandwidth, {"device.specification.bandwidth"});
  list.give("memory", settings.memory, {"device.specification.memory"});
  list.give("tdp", settings.tdp, {"device.specification.tdp"});
  list.give("idle", settings.idle, {"device.idle.power"});
  list.give("host_power", settings.host_power,
            {"host.processor.tdp", "host.processor.dram_watts_per_gb", "host.shape.sockets",
             "host.shape.load", "host.shape.dram"});
  list.give("host_idle_power", settings.host_idle_power, {});
  list.give("power_limit", settings.power_limit, {});
  list.give("price", settings.price, {});
  list.give("electricity_price", settings.electricity_price, {});
  list.give("carbon_price", settings.carbon_price, {});
  list.give("facility.pue", settings.facility.pue, {"facility.pue"});
  list.give("facility.wue", settings.facility.wue, {"facility.wue"});
  list.give("grid.intensity", settings.own_grid.intensity, {});
  list.give("grid_water", settings.grid_water, {"grid.water.consumption"});
  give_embodied(settings.embodied, list);
  // Not what a charge rests on: measurements to compare with, and the other prices.
  list.hide({"device.measured.system_power", "device.specification.die", "device.specification.node", "grid.of_year"});
  const DevicePrice* price = price_row(settings, device);
  list.take("device", device.record, [&](const FigureRecord& figure) {
    return !figure.key.starts_with("price") || (price && figure.key == price->key);
  });
  list.take("host", host.record);
  if (facility) list.take("facility", facility->record);
  if (grid) list.take("grid", grid->record);
  return list.factors();
}

}  // namespace tonne
