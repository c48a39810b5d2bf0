#include "experiments/footprint/estimate_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "cost_models/catalogue.h"
#include "cost_models/used_factors.h"
#include "experiments/footprint/estimate_training.h"
#include "experiments/footprint/figure_text.h"

namespace tonne {
namespace {

constexpr double kPercent = 100.0;

const Provenance kKaplan = {
    "Kaplan et al. 2020, Scaling Laws for Neural Language Models, arXiv:2001.08361, section 2.1", 2020, true};
const Provenance kAct = {"Gupta et al. 2022 (ACT), ISCA, and its published tables", 2022, true};
const Provenance kBloom = service_life_provenance();
const Provenance kAdam = {"counted from the update rule of Kingma & Ba 2015, arXiv:1412.6980", 2015, true};
const Provenance kSgd = {"counted from the update rule w -= a g, with momentum v = m v + g (Polyak 1964)",
                         1964, true};

// Collects factors; a key that the user gave needs no source.
class FactorList {
 public:
  explicit FactorList(const std::map<std::string, std::string>& given) : given_(given) {}

  void add(std::string key, std::string meaning, double number, std::string unit, Provenance otherwise) {
    EstimateFactor factor{std::move(key), std::move(meaning), "", number, std::move(unit), std::nullopt};
    factor.value = figure_text(number, 7) + (factor.unit.empty() ? "" : " " + factor.unit);
    if (!given_.contains(factor.key)) factor.provenance = std::move(otherwise);
    factors_.push_back(std::move(factor));
  }
  // A figure that only the user can give.
  void add_given(std::string key, std::string meaning, double number, std::string unit) {
    add(std::move(key), std::move(meaning), number, std::move(unit), {});
    factors_.back().provenance.reset();
  }
  void add_text(std::string key, std::string meaning, std::string value) {
    factors_.push_back(
        {std::move(key), std::move(meaning), std::move(value), std::nullopt, "", std::nullopt});
  }
  [[nodiscard]] bool has(std::string_view key) const {
    return std::ranges::find(factors_, key, &EstimateFactor::key) != factors_.end();
  }
  [[nodiscard]] std::vector<EstimateFactor> take() { return std::move(factors_); }

 private:
  const std::map<std::string, std::string>& given_;
  std::vector<EstimateFactor> factors_;
};

// Of one figure of its specification, which may have several sources.
Provenance specified(const Device& device, std::string_view name) {
  const FigureRecord* figure = device.record.find(fmt::format("specification.{}", name));
  return figure ? figure->provenance : Provenance{};
}

bool power_is_measured(const EstimateSettings& settings) {
  return settings.watts || settings.power;
}

bool time_is_given(const EstimateSettings& settings) {
  return settings.hours || settings.time;
}

void add_optional(FactorList& list, const char* key, const char* meaning, const std::optional<double>& value,
                  const char* unit) {
  if (value) list.add_given(key, meaning, *value, unit);
}

void add_run(FactorList& list, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  const EstimatedUse& use = basis.use;
  if (settings.trials != 1.0) list.add_given("trials", "trainings in total", settings.trials, "");
  if (settings.cluster.workers != 1)
    list.add_given("workers", "parallel trainings", static_cast<double>(settings.cluster.workers), "");
  list.add_given("devices", "devices per training", static_cast<double>(settings.devices), "");
  if (settings.hours) list.add_given("hours", "time per training", *settings.hours, "h");
  if (settings.time) list.add_given("time", "time per training", use.time / hour, "h");
}

void add_batch(FactorList& list, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  const ClusterSettings& cluster = settings.cluster;
  const TrainingFigures figures = figures_of(basis);
  if (settings.batch) {
    const OptimizerCost cost = optimizer_cost(settings.optimizer, settings.precision());
    const Provenance& rule = settings.optimizer == Optimizer::adam ? kAdam : kSgd;
    list.add_given("batch", settings.tokens ? "tokens per step" : "samples per step", *settings.batch, "");
    const std::string name(kOptimizerNames[static_cast<std::size_t>(settings.optimizer)]);
    list.add_text("optimizer", "update rule of the weights", name);
    list.add("optimizer work", fmt::format("arithmetic of {} per parameter and step", name),
             cost.flops / flop, "FLOP", rule);
    list.add("optimizer traffic", fmt::format("memory traffic of {} per parameter and step", name),
             cost.traffic / byte, "bytes", rule);
    list.add("step_overhead", "fixed time per step", *figures.step_overhead / second, "s",
             measured_or_fitted(basis, "step_overhead"));
    list.add("bandwidth_utilisation", "share of peak bandwidth reached by the optimiser",
             *figures.bandwidth_utilisation, "", measured_or_fitted(basis, "bandwidth_utilisation"));
    list.add("overlap", "overlap of arithmetic and memory traffic", cluster.overlap, "", fitted_default());
  }
  list.add("startup", "fixed time per training", *figures.startup / second, "s",
           measured_or_fitted(basis, "startup"));
}

void add_work(FactorList& list, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  const Device& device = *basis.entries.device;
  const ClusterSettings& cluster = settings.cluster;
  add_optional(list, "parameters", "trainable parameters active per token", settings.parameters, "");
  add_optional(list, "tokens", "tokens per epoch", settings.tokens, "");
  add_optional(list, "forward", "one forward pass on one sample", settings.forward, "FLOP");
  add_optional(list, "samples", "samples per epoch", settings.samples, "");
  if (settings.epochs != 1.0) list.add_given("epochs", "passes over the data", settings.epochs, "");
  add_optional(list, "flops", "compute per training", settings.flops, "FLOP");
  if (settings.forward)
    list.add("training / forward", "cost of forward and backward passes relative to a forward pass",
             kPassesOfTraining, "", kKaplan);
  else if (!settings.flops)
    list.add("FLOPs rule", "per parameter and token, forward and backward",
             kPassesOfTraining * kForwardFlopsPerParameter, "FLOP", kKaplan);
  const auto precision = static_cast<std::size_t>(runs_in(basis));
  if (const auto peak = cluster.peak ? cluster.peak : device.peak[precision])
    list.add("peak", fmt::format("{} peak of {}", kPrecisionNames[precision], device.name),
             *peak / teraflop_per_second, "TFLOP/s",
             of_device(device, specified(device, kPrecisionNames[precision])));
  list.add(
      "utilisation",
      settings.batch ? "share of peak reached by the arithmetic" : "share of peak reached over the whole run",
      *figures_of(basis).utilisation, "", measured_or_fitted(basis, "utilisation"));
  add_batch(list, basis);
}

// The device's own power by the model: idle, and a share of what lies between idle and TDP.
void add_model_power(FactorList& list, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  const MachineParameters& machine = basis.machine;
  const Device& device = *basis.entries.device;
  const TrainingFigures figures = figures_of(basis);
  list.add("idle", "idle power of " + device.name, machine.idle / watt, "W",
           of_device(device, device.idle.provenance));
  if (time_is_given(settings))
    return list.add("activity.measured", "dynamic power when the work is unknown, as a share of (TDP - idle)",
                    settings.cluster.activity.measured, "", fitted_default());
  list.add("activity.compute", "dynamic power when compute-bound, as a share of (TDP - idle)",
           *figures.compute, "", measured_or_fitted(basis, "compute"));
  if (settings.batch)
    list.add("activity.memory", "the same when memory-bound", *figures.memory, "",
             measured_or_fitted(basis, "memory"));
  list.add("activity.waiting", "the same between kernels and at start-up", *figures.waiting, "",
           measured_or_fitted(basis, "waiting"));
}

void add_power(FactorList& list, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  constexpr const char* kMeasured = "mean power per device, including its share of the host";
  if (settings.watts) return list.add_given("watts", kMeasured, *settings.watts, "W");
  if (settings.power) return list.add_given("power", kMeasured, *settings.power / watt, "W");
  const Device& device = *basis.entries.device;
  list.add("tdp", "thermal design power of " + device.name, basis.machine.tdp / watt, "W",
           of_device(device, specified(device, "tdp")));
  if (settings.share_of_tdp)
    list.add_given("share_of_tdp", "mean power of the device, as a share of its TDP", *settings.share_of_tdp,
                   "");
  else
    add_model_power(list, basis);
  const Host& host = *basis.entries.host;
  Provenance shape = host.shape;
  shape.source =
      fmt::format("{} ({}): {}; {}", host.name, host.description, host.processor.source, host.shape.source);
  list.add("host_power", "host power per device", basis.use.host_power / watt, "W", shape);
}

void add_grid(FactorList& list, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  const EstimatedUse& use = basis.use;
  const ClusterSettings& cluster = settings.cluster;
  const double intensity = use.intensity / gram_per_kilowatt_hour;
  constexpr const char* kUnit = "g CO2e/kWh";
  if (!cluster.own_grid.trace.empty())
    return list.add_given(
        "grid.trace",
        fmt::format("mean over the run of {} {}({}, {})", cluster.own_grid.trace.filename().string(),
                    cluster.own_grid.column.empty() ? "" : cluster.own_grid.column + " ",
                    to_string(cluster.own_grid.nature.kind), to_string(cluster.own_grid.nature.scope)),
        intensity, kUnit);
  if (cluster.own_grid.intensity)
    return list.add_given("grid.intensity", "carbon intensity of electricity", intensity, kUnit);
  const GridEntry& entry = *basis.entries.grid;
  // The name is the user's, the figure the catalogue's.
  list.add("grid " + entry.name,
           fmt::format("{} {}, {}, {}", entry.place, entry.of_year, to_string(entry.nature.kind),
                       entry.nature.scope == SignalScope::direct ? "direct" : "life cycle"),
           intensity, kUnit, entry.provenance);
}

Provenance of_grid_water(const std::optional<GridEntry>& grid) {
  const FigureRecord* record = grid ? grid->record.find("water.consumption") : nullptr;
  return record ? record->provenance : Provenance{};
}

void add_place(FactorList& list, const EstimateBasis& basis) {
  const MachineParameters& machine = basis.machine;
  const Facility* facility = basis.entries.facility;
  const Provenance of_facility = facility ? facility->provenance : Provenance{};
  const std::string where = facility ? " of " + facility->name : "";
  list.add("facility.pue", "PUE" + where, machine.pue, "", of_facility);
  add_grid(list, basis);
  if (machine.wue)
    list.add("facility.wue", "cooling water per IT energy" + where, *machine.wue / (litre / kilowatt_hour),
             "L/kWh", of_facility);
  if (machine.grid_water)
    list.add("grid_water", "power-station water per energy", *machine.grid_water / (litre / kilowatt_hour),
             "L/kWh", of_grid_water(basis.entries.grid));
}

void add_embodied(FactorList& list, const EstimateBasis& basis) {
  const EmbodiedSettings& embodied = basis.request.settings.cluster.embodied;
  const Device* device = basis.entries.device;
  const Host& host = *basis.entries.host;
  if (embodied.act.given()) {
    list.add("embodied.act", "manufacture of one device, from its components",
             embodied.act.carbon() / kilogram, "kg CO2e", kAct);
  } else {
    const Carbon of_device = embodied.device ? *embodied.device : *device->embodied.value;
    list.add("embodied.device", "manufacture of one device", of_device / kilogram, "kg CO2e",
             device ? device->embodied.provenance : Provenance{});
  }
  if (embodied.host_act.given()) {
    list.add("embodied.host_act", "manufacture of the host per device, from its components",
             embodied.host_act.carbon() / kilogram, "kg CO2e", kAct);
  } else {
    list.add("embodied.host", fmt::format("manufacture of the host ({}), per device", host.name),
             embodied.host.value_or(host.slot_embodied) / kilogram, "kg CO2e", host.embodied);
  }
  list.add("embodied.lifetime", "service life", embodied.lifetime / year, "years", kBloom);
  list.add("embodied.use", "share of the service life in use", embodied.use, "", kBloom);
}

void add_money(FactorList& list, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  const EstimatedUse& use = basis.use;
  const MachineParameters& machine = basis.machine;
  const Device* device = basis.entries.device;
  const bool spot = settings.cluster.spot;
  if (use.rent) {
    const DevicePrice* row = device ? price_row(settings.cluster, *device) : nullptr;
    const bool whole = row && row->basis == PriceBasis::instance;
    const Provenance shipped = row ? row->price.provenance : Provenance{};
    list.add("price",
             fmt::format("rental price of a device{}{}{}", whole ? ", share of its instance" : "",
                         spot ? ", spot" : "", row ? " (" + row->provider + ")" : ""),
             machine.price / dollar_per_hour, "USD/h", shipped);
  }
  if (use.electricity)
    list.add_given("electricity_price", "electricity price",
                   machine.electricity_price / (dollar / kilowatt_hour), "USD/kWh");
}

// Of what the user gave: what a given time or power stands instead of.
bool is_without_effect(std::string_view key, const EstimateSettings& settings) {
  static constexpr auto kOfTime = std::to_array<std::string_view>(
      {"utilisation", "bandwidth_utilisation", "overlap", "step_overhead", "startup", "peak", "bandwidth",
       "memory", "precision", "optimizer", "batch", "epochs", "activity.compute", "activity.memory",
       "activity.waiting"});
  static constexpr auto kOfPower =
      std::to_array<std::string_view>({"idle", "tdp", "host_power", "activity.compute", "activity.memory",
                                       "activity.waiting", "activity.measured"});
  const bool without_time = time_is_given(settings) && std::ranges::find(kOfTime, key) != kOfTime.end();
  const bool without_power =
      power_is_measured(settings) && std::ranges::find(kOfPower, key) != kOfPower.end();
  const bool other_way = !time_is_given(settings) && key == "activity.measured";
  const bool unbatched = !settings.batch && (key == "optimizer" || key == "step_overhead");
  // An estimate is of work in equal parts that nothing interrupts; the simulator charges these.
  const bool simulated =
      key.starts_with("interconnect.") || key.starts_with("preemption.") || key == "idle_workers";
  return without_time || without_power || other_way || unbatched || simulated;
}

// Whatever else the user gave: nothing that may move the answer goes unlisted.
void add_rest(FactorList& list, const EstimateRequest& request) {
  static const std::set<std::string_view> kTold = {"name",        "device", "workers",   "trials",
                                                   "facility",    "grid",   "grid.kind", "grid.scope",
                                                   "grid.column", "epochs"};
  for (const auto& [key, text] : request.given)
    if (!kTold.contains(key) && !key.starts_with("uncertainty.") && !list.has(key) &&
        !is_without_effect(key, request.settings))
      list.add_text(key, "as given", text);
}

// --- notes --------------------------------------------------------------------------------------------

std::string what_device(const EstimateSettings& settings) {
  return settings.cluster.device.empty() ? "the unnamed device" : settings.cluster.device;
}

void note_missing(std::vector<std::string>& notes, const EstimateSettings& settings,
                  const EstimatedUse& use) {
  const bool unwanted = !settings.cluster.embodied.count;
  if (!use.embodied && unwanted)
    notes.push_back("Embodied emissions are left out, as requested (embodied.count).");
  if (!use.embodied && !unwanted)
    notes.push_back(fmt::format(
        "Embodied emissions are not counted: no figure is known for {}. Set embodied.device or embodied.act.",
        what_device(settings)));
  if (!use.money())
    notes.push_back(fmt::format("Cost is not counted: no {}price is known for {}. Set price.",
                                settings.cluster.spot ? "spot " : "", what_device(settings)));
  if (settings.cluster.spot && use.rent)
    notes.push_back(
        "Spot price: interruptions are not counted, so time, lost work, energy, CO2e and cost are lower bounds.");
  if (!use.water)
    notes.push_back(
        "Water is not counted: neither the facility's water use nor that of the power stations is known. Set "
        "wue or grid_water.");
}

// The training's weights, gradients and optimiser states, spread over all devices, are the least it needs.
void note_memory(std::vector<std::string>& notes, const EstimateSettings& settings,
                 const MachineParameters& machine) {
  if (!settings.parameters || !machine.memory) return;
  const Bytes states = *settings.parameters * optimizer_cost(settings.optimizer, settings.precision()).memory;
  const double devices = static_cast<double>(settings.devices);
  if (states <= devices * *machine.memory) return;
  notes.push_back(
      fmt::format("Weights, gradients and {} states need {} GB, more than the {} GB of {} x {}: at least {} "
                  "devices are needed.",
                  kOptimizerNames[static_cast<std::size_t>(settings.optimizer)],
                  figure_text(states / gigabyte), figure_text(devices * *machine.memory / gigabyte),
                  settings.devices, machine.device, figure_text(std::ceil(states / *machine.memory), 7)));
}

void note_power(std::vector<std::string>& notes, const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  constexpr double kImplausible = 2.5;  // a host adds less than the device's own TDP
  const Device* device = basis.entries.device;
  if (!device || !device->tdp || !power_is_measured(settings)) return;
  const Power given = settings.watts ? *settings.watts * watt : *settings.power;
  if (given > kImplausible * *device->tdp)
    notes.push_back(fmt::format(
        "{} W is far above the TDP of {} ({} W): this is the power of one device, not of all devices.",
        figure_text(given / watt, 7), device->name, figure_text(*device->tdp / watt)));
}

// A microcontroller does not sit in a server.
void note_host(std::vector<std::string>& notes, const EstimateRequest& request, const Host& host,
               const EstimatedUse& use) {
  const ClusterSettings& cluster = request.settings.cluster;
  const bool chosen = request.given.contains("host") || cluster.host_power.has_value();
  const Power of_device = use.power - use.host_power;
  if (chosen || use.host_power <= of_device) return;
  notes.push_back(
      fmt::format("The default host ({}, {} W per device) draws more power than the device. Set host, or "
                  "host_power and embodied.host.",
                  host.name, figure_text(use.host_power / watt)));
}

void note_scope(std::vector<std::string>& notes, const EstimateRequest& request, SignalNature nature,
                bool embodied) {
  if (nature.scope != SignalScope::direct) return;
  const bool assumed = request.settings.cluster.own_grid.given() && !request.given.contains("grid.scope");
  notes.push_back(fmt::format(
      "The grid figure {} (stack emissions only){}. With fuel supply and construction it would be "
      "higher, by a factor of 1.3 to 3.5 in four zones measured.{}",
      assumed ? "is assumed to be direct" : "is direct",
      embodied ? ", and is added to embodied emissions, which are life-cycle" : "",
      assumed ? " Set grid.scope." : ""));
}

void note_defaults(std::vector<std::string>& notes, const EstimateBasis& basis) {
  const EstimateRequest& request = basis.request;
  const EstimateSettings& settings = request.settings;
  // Of a time that is given there may be no device to ask.
  const bool assumed = !time_is_given(settings) && !request.given.contains("utilisation") &&
                       measured_or_fitted(basis, "utilisation").source == fitted_default().source;
  if (assumed)
    notes.push_back(
        fmt::format("Utilisation is assumed to be {} % of peak. Measured values are 20 % (V100), 25 to 35 % "
                    "(P100) and 20 to 57 % (large language models). Set utilisation.",
                    figure_text(kPercent * *figures_of(basis).utilisation)));
  if (time_is_given(settings) && !power_is_measured(settings) && !settings.share_of_tdp)
    notes.push_back("Power is modelled without knowing the work done. Set watts if it was measured.");
}

void note_unverified(std::vector<std::string>& notes, const std::vector<EstimateFactor>& factors) {
  std::vector<std::string> keys;
  for (const EstimateFactor& factor : factors)
    if (factor.provenance && !factor.provenance->verified) keys.push_back(factor.key);
  if (!keys.empty())
    notes.push_back(fmt::format("Assumed, or not verified against their source: {}.", join_names(keys)));
}

void note_unused(std::vector<std::string>& notes, const EstimateRequest& request) {
  std::vector<std::string> unused;
  for (const auto& [key, text] : request.given)
    if (is_without_effect(key, request.settings)) unused.push_back(key);
  if (!unused.empty()) notes.push_back(fmt::format("Set, but without effect here: {}.", join_names(unused)));
}

template <class Entry>
const Entry* named(const Catalogue& catalogue, const std::string& name, const char* key,
                   const Entry& (Catalogue::*find)(std::string_view) const) {
  if (name.empty()) return nullptr;
  try {
    return &(catalogue.*find)(name);
  } catch (const InputError& error) {
    throw InputError({}, key, error.message());
  }
}

std::optional<GridEntry> named_grid(const Catalogue& catalogue, const std::string& name) {
  if (name.empty()) return std::nullopt;
  try {
    return catalogue.grid(name);
  } catch (const InputError& error) {
    throw InputError({}, "grid", error.message());
  }
}

}  // namespace

NamedEntries named_entries(const EstimateSettings& settings) {
  const ClusterSettings& cluster = settings.cluster;
  const std::string grid = cluster.own_grid.given() ? "" : cluster.grid;
  auto catalogue = Catalogue::with_file(cluster.catalogue);
  const Device* device = named(*catalogue, cluster.device, "device", &Catalogue::device);
  const std::string host = device ? host_name(cluster, *device) : cluster.host.empty() ? kUsualHost : cluster.host;
  NamedEntries entries{nullptr, device, named(*catalogue, host, "host", &Catalogue::host),
                       named_grid(*catalogue, grid),
                       named(*catalogue, cluster.facility.name, "facility", &Catalogue::facility)};
  entries.catalogue = std::move(catalogue);
  return entries;
}

std::vector<EstimateFactor> estimate_factors(const EstimateBasis& basis) {
  FactorList list(basis.request.given);
  add_run(list, basis);
  if (!time_is_given(basis.request.settings)) add_work(list, basis);
  add_power(list, basis);
  add_place(list, basis);
  if (basis.use.embodied) add_embodied(list, basis);
  add_money(list, basis);
  add_rest(list, basis.request);
  return list.take();
}

std::vector<std::string> estimate_notes(const EstimateBasis& basis,
                                        const std::vector<EstimateFactor>& factors) {
  const EstimateSettings& settings = basis.request.settings;
  const SignalNature nature = basis.machine.grid.nature();
  std::vector<std::string> notes;
  note_missing(notes, settings, basis.use);
  note_power(notes, basis);
  note_memory(notes, settings, basis.machine);
  note_host(notes, basis.request, *basis.entries.host, basis.use);
  note_defaults(notes, basis);
  note_scope(notes, basis.request, nature, basis.use.embodied.has_value());
  if (nature.kind == SignalKind::marginal)
    notes.push_back(
        "The grid figure is marginal (for one additional kilowatt-hour) and not comparable with averages.");
  note_unverified(notes, factors);
  note_unused(notes, basis.request);
  return notes;
}

}  // namespace tonne
