#include "experiments/footprint/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "cost_models/machine_model.h"

namespace tonne {
namespace {

// --- what is known of the run -------------------------------------------------------------------------

// Of the whole training, on all devices.
Workload work_of(const EstimateSettings& settings) {
  TrainingWork training;
  training.parameters = settings.parameters.value_or(0.0);
  training.samples = samples_of(settings);
  training.epochs = settings.epochs;
  training.batch = settings.batch;
  if (settings.forward) training.forward = *settings.forward * flop;
  training.optimizer = settings.optimizer;
  training.precision = settings.precision();
  Workload work = training_workload(training);
  work.kind = settings.kind();
  if (settings.flops) work.flops = *settings.flops * flop;
  return work;
}

// One device's part, in equal parts.
Workload part_of(Workload work, double devices) {
  work.flops = work.flops / devices;
  work.traffic = work.traffic / devices;
  work.memory = work.memory / devices;
  return work;
}

// --- which side accounts are known --------------------------------------------------------------------

struct Known {
  bool embodied = false;
  bool rent = false;
  bool water = false;
};

Known known_accounts(const EstimateSettings& settings, const NamedEntries& entries) {
  const ClusterSettings& cluster = settings.cluster;
  const Device* device = entries.device;
  Known known;
  const EmbodiedSettings& embodied = cluster.embodied;
  known.embodied =
      embodied.count && (embodied.device || embodied.act.given() || (device && device->embodied.value));
  known.rent = cluster.price || (device && price_row(cluster, *device));
  const bool on_site = cluster.facility.wue || (entries.facility && entries.facility->wue);
  const bool at_stations = cluster.grid_water || (entries.grid && entries.grid->water);
  known.water = on_site || at_stations;
  return known;
}

// Settings that resolve: what is not known is set so that it counts nothing, and reported as not known; what
// a measured power makes superfluous need not be known.
ClusterSettings resolvable(const EstimateSettings& settings, const Known& known) {
  ClusterSettings cluster = settings.cluster;
  const bool measured = given_power(settings).has_value();
  if (cluster.device.empty()) cluster.device = ClusterSettings().device;
  if (!known.rent) cluster.price = PriceRate{};
  if (!known.embodied) cluster.embodied.count = false;
  if (measured || settings.share_of_tdp) cluster.idle = Power{};
  if (!measured) return cluster;
  cluster.host_power = Power{};
  cluster.tdp = *given_power(settings);
  return cluster;
}

// --- the arithmetic -----------------------------------------------------------------------------------

// The power of one device during `time` as the user gave it, if at all.
std::optional<Energy> given_energy(const EstimateSettings& settings, const MachineParameters& machine,
                                   Duration time) {
  if (const auto power = given_power(settings)) return *power * time;
  if (settings.share_of_tdp) return *settings.share_of_tdp * machine.tdp * time;
  return std::nullopt;
}

// On a grid of constant intensity, which time and energy do not depend on.
Charge charge_one_device(const EstimateSettings& settings, MachineParameters machine, Intensity intensity) {
  machine.grid = GridSignal::constant(intensity, machine.grid.nature());
  const MachineCostModel model(machine);
  Workload work = part_of(work_of(settings), static_cast<double>(settings.devices));
  const std::optional<Duration> given = given_time(settings);
  if (given) {
    work = Workload{};
    work.measured_time = given;
  }
  const Duration time = given ? *given : model.charge(work, Duration{}).time;
  work.measured_energy = given_energy(settings, machine, time);
  if (work.measured_energy) work.measured_time = time;
  return model.charge(work, Duration{});
}

constexpr std::array kLinesOfEnergy = {Line::device_dynamic, Line::device_idle, Line::host, Line::facility};

Money money_of_energy(const Charge& charge) {
  Money sum;
  for (const Line line : kLinesOfEnergy) sum += charge[line].money;
  return sum;
}

// Neither energy nor rent: what is levied on carbon, where the cost model knows such a line.
Money money_of_the_rest(const Charge& charge) {
  Money sum;
  for (std::size_t i = 0; i < kLines; ++i) {
    const auto line = static_cast<Line>(i);
    if (line != Line::rental && std::ranges::find(kLinesOfEnergy, line) == kLinesOfEnergy.end())
      sum += charge[line].money;
  }
  return sum;
}

// Use of settings that differ from the first ones in numbers only: accounts and the trace are settled once.
class EstimateModel {
 public:
  explicit EstimateModel(const EstimateSettings& settings)
      : entries_(named_entries(settings)),
        known_(known_accounts(settings, entries_)),
        machine_(resolve_machine(resolvable(settings, known_))) {}

  [[nodiscard]] const NamedEntries& entries() const { return entries_; }
  [[nodiscard]] const MachineParameters& machine() const { return machine_; }
  /// Precondition: `settings` names the same device, facility and grid as the first ones.
  [[nodiscard]] EstimatedUse use(const EstimateSettings& settings) const;

 private:
  [[nodiscard]] EstimatedUse use_on(const EstimateSettings& settings, const MachineParameters& machine) const;

  NamedEntries entries_;
  Known known_;
  MachineParameters machine_;
};

EstimatedUse EstimateModel::use(const EstimateSettings& settings) const {
  ClusterSettings cluster = resolvable(settings, known_);
  const bool has_trace = !cluster.own_grid.trace.empty();
  if (has_trace) {  // read once
    cluster.start.clear();
    cluster.own_grid = GridSettings();
    cluster.own_grid.intensity = Intensity{};
  }
  MachineParameters machine = resolve_machine(cluster);
  if (has_trace) machine.grid = machine_.grid;
  return use_on(settings, machine);
}

EstimatedUse EstimateModel::use_on(const EstimateSettings& settings, const MachineParameters& machine) const {
  EstimatedUse use;
  use.time = charge_one_device(settings, machine, Intensity{}).time;
  use.makespan = std::ceil(settings.trials / static_cast<double>(settings.cluster.workers)) * use.time;
  use.intensity = machine.grid.mean(Duration{}, use.makespan);

  const Charge charge = charge_one_device(settings, machine, use.intensity);
  const double copies = settings.trials * static_cast<double>(settings.devices);
  const Usage total = charge.total();
  use.device_time = copies * use.time;
  use.facility = copies * charge[Line::facility].energy;
  use.machines = copies * total.energy - use.facility;
  use.power = use.time > Duration{} ? use.machines / use.device_time : Power{};
  if (use.time > Duration{}) use.host_power = charge[Line::host].energy / use.time;
  use.operational = copies * total.operational;
  if (known_.embodied) use.embodied = copies * total.embodied;
  if (known_.rent) use.rent = copies * charge[Line::rental].money;
  if (settings.cluster.electricity_price) use.electricity = copies * money_of_energy(charge);
  if (const Money levies = money_of_the_rest(charge); levies > Money{}) use.levies = copies * levies;
  if (known_.water) use.water = copies * total.water;
  return use;
}

void add_spread(Estimate& result, const EstimateRequest& request, const EstimateModel& model) {
  if (request.uncertain.empty()) return;
  result.spread =
      estimate_spread(request.settings.uncertainty, request.uncertain,
                      [&](std::span<const double> values) { return model.use(request.settings_at(values)); });
  for (const UncertainInput& input : request.uncertain)
    for (EstimateFactor& factor : result.factors)
      if (factor.key == input.key) factor.value += fmt::format(" ({})", input.text);
}

}  // namespace

Estimate estimate(const EstimateRequest& request) {
  const EstimateSettings& settings = request.settings;
  const EstimateModel model(settings);
  Estimate result;
  result.name = settings.name;
  result.devices = settings.devices;
  result.trials = settings.trials;
  result.device = settings.cluster.device;
  if (!given_time(settings)) result.work = work_of(settings).flops;
  result.use = model.use(settings);
  if (!std::isfinite(result.use.makespan.base()) || !std::isfinite(result.use.energy().base()) ||
      !std::isfinite(result.use.carbon().base()))
    throw InputError("the result overflows: is one of the numbers too large?");
  const EstimateBasis basis{request, model.entries(), model.machine(), result.use};
  result.factors = estimate_factors(basis);
  result.notes = estimate_notes(basis, result.factors);
  add_spread(result, request, model);
  return result;
}

}  // namespace tonne
