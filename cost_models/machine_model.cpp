#include "cost_models/machine_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "core/error.h"

namespace tonne {
namespace {

[[noreturn]] void missing(const MachineParameters& parameters, std::string_view what, std::string_view key) {
  throw InputError({}, fmt::format("cluster.{}", key),
                   fmt::format("the catalogue has no {} for {}, which this workload needs: give cluster.{}",
                               what, parameters.device, key));
}

// One gradient or weight. 8-bit training exchanges 16-bit gradients.
Bytes bytes_of_number(Precision precision) {
  return std::max(2.0, bytes_of_activation(precision)) * byte;
}

// An amount that the problem counts in one precision, of which a share are activations, in another.
inline Bytes in_precision(Bytes counted, double activations, Precision of_problem, Precision runs) {
  if (of_problem == runs || activations == 0.0) return counted;
  const double scale = bytes_of_activation(runs) / bytes_of_activation(of_problem);
  return counted * (1.0 + activations * (scale - 1.0));
}

}  // namespace

MachineCostModel::MachineCostModel(MachineParameters parameters)
    : parameters_(std::move(parameters)),
      dynamic_range_(parameters_.tdp - parameters_.idle),
      grid_water_(parameters_.grid_water.value_or(WaterIntensity{})),
      wue_(parameters_.wue.value_or(WaterIntensity{})) {
  assert(dynamic_range_ >= Power{} && parameters_.pue >= 1.0);
  if (parameters_.power_limit && *parameters_.power_limit < parameters_.tdp)
    limit_ = (*parameters_.power_limit - parameters_.idle) / dynamic_range_;
}

bool MachineCostModel::fits(const Workload& workload) const {
  if (workload.memory <= Bytes{} || !parameters_.memory) return true;
  const Precision runs = parameters_.precision_of(workload);
  if (workload.inference) return inference_memory(workload, runs) / parameters_.devices <= *parameters_.memory;
  const Bytes needed = in_precision(workload.memory, workload.activation_memory, workload.precision, runs);
  const Bytes replicated = std::min(needed, 3.0 * workload.parameters * bytes_of_number(workload.precision));
  return replicated + (needed - replicated) / parameters_.devices <= *parameters_.memory;
}

// A batch shares the weights, and each of its uses has activations of its own.
Bytes MachineCostModel::inference_memory(const Workload& workload, Precision runs) const {
  const Bytes weights =
      std::min(workload.memory, workload.parameters * bytes_of_activation(workload.precision) * byte);
  return in_precision(weights + parameters_.batch * (workload.memory - weights), workload.activation_memory,
                      workload.precision, runs);
}

inline Duration MachineCostModel::compute_time(const Workload& workload, const MachineRates& rates) const {
  if (workload.flops <= Work{}) return {};
  if (!rates.arithmetic) missing(parameters_, "peak", "peak");
  return workload.flops / *rates.arithmetic;
}

inline Duration MachineCostModel::memory_time(const Workload& workload, const MachineRates& rates) const {
  if (workload.traffic <= Bytes{}) return {};
  if (!rates.traffic) missing(parameters_, "bandwidth", "bandwidth");
  Bytes traffic = workload.traffic;
  if (workload.inference) traffic -= (1.0 - 1.0 / parameters_.batch) * workload.shared_traffic;
  return in_precision(traffic, workload.activation_traffic, workload.precision, parameters_.precision_of(workload)) /
         *rates.traffic;
}

// The highest share of the full clock at which arithmetic stays within the limit. Dynamic power goes as f V^2,
// V as f down to its floor: solved for f.
inline double MachineCostModel::clock_under_limit(double compute) const {
  if (compute <= limit_) return 1.0;
  const double power = limit_ / compute;
  const double floor = parameters_.voltage_floor;
  return power >= floor * floor * floor ? std::cbrt(power) : power / (floor * floor);
}

// The clocked power at that clock, as a share of that at the full one.
inline double MachineCostModel::power_under_limit(double compute) const {
  return compute <= limit_ ? 1.0 : limit_ / compute;
}

inline Duration MachineCostModel::host_time(const Workload& workload, const MachineRates& rates) const {
  Duration time = workload.steps * rates.step_overhead;
  if (parameters_.input_rate) time += workload.samples / *parameters_.input_rate * second;
  return time;
}

inline Duration MachineCostModel::exchange_time(const Workload& workload) const {
  const double n = parameters_.devices;
  if (n <= 1.0 || workload.steps <= 0.0) return {};
  if (workload.parameters <= 0.0)
    throw InputError({}, "cluster.devices_per_worker",
                     "the problem does not give its candidates' number of parameters, so the gradient "
                     "exchange cannot be costed: use 1 device");
  const Bytes gradients = workload.parameters * bytes_of_number(parameters_.precision_of(workload));
  const InterconnectSettings& link = parameters_.interconnect;
  return workload.steps * (2.0 * (n - 1.0) / n * gradients / link.bandwidth + 2.0 * (n - 1.0) * link.latency);
}

// What a forward pass takes beside its work. A host that launches through a queue is ahead while the device is busy.
Duration MachineCostModel::launching_time(const Workload& workload, const MachineRates& rates, Duration busy) const {
  const double passes = passes_of(workload);
  const Duration launches = passes * workload.operations * rates.launch;
  const Duration hidden = parameters_.launches_ahead ? std::min(busy, launches) : Duration{};
  return passes * rates.call + launches - hidden;
}

inline Duration MachineCostModel::waiting_time(const Workload& workload, const MachineRates& rates,
                                        Duration busy) const {
  if (workload.inference) return host_time(workload, rates) + launching_time(workload, rates, busy);
  const Duration exposed =
      std::max(Duration{}, exchange_time(workload) - parameters_.interconnect.overlap * busy);
  const Duration host = host_time(workload, rates);
  const Duration hidden = parameters_.step_overlap * std::min(busy + exposed, host);
  return host + rates.startup + exposed - hidden;
}

inline void MachineCostModel::refuse_measured(const Workload& workload) const {
  if (!workload.measured_time && !workload.measured_energy) return;
  if (parameters_.devices > 1.0)
    throw InputError({}, "cluster.devices_per_worker",
                     "the problem's run times were measured and cannot be divided among devices: use 1");
  if (parameters_.power_limit && *parameters_.power_limit < parameters_.tdp)
    throw InputError({}, "cluster.power_limit",
                     "the problem's run times were measured and cannot be power-capped: remove the limit");
}

inline MachineCostModel::Activity MachineCostModel::activity(const Workload& workload) const {
  refuse_measured(workload);
  const MachineRates& rates = parameters_.rates_of(workload);
  if (workload.measured_time && workload.measured_energy) return {*workload.measured_time, 0.0};

  const Duration compute = compute_time(workload, rates) / parameters_.devices / clock_under_limit(rates.compute);
  const Duration memory = memory_time(workload, rates) / parameters_.devices;
  const Duration busy = std::max(compute, memory) + (1.0 - parameters_.overlap) * std::min(compute, memory);
  if (workload.measured_time && busy <= Duration{}) return {*workload.measured_time, parameters_.measured_activity};

  const Duration waiting = waiting_time(workload, rates, busy);
  const Duration time = busy + waiting;
  if (time <= Duration{}) return {workload.measured_time.value_or(Duration{}), 0.0};
  // Without arithmetic nothing asks for a lower clock.
  const double clocked = compute > Duration{} ? power_under_limit(rates.compute) : 1.0;
  const double traffic = rates.memory * (parameters_.unclocked + (1.0 - parameters_.unclocked) * clocked);
  const Duration active = std::min(limit_ * busy, std::min(rates.compute, limit_) * compute +
                                                      std::min(traffic, limit_) * memory) +
                          std::min(rates.waiting, limit_) * waiting;
  return {workload.measured_time.value_or(time), active / time};
}

Charge MachineCostModel::charge(const Workload& workload, Duration start) const {
  const Activity activity = this->activity(workload);
  return charge_active(workload, activity, start, activity.time);
}

Charge MachineCostModel::charge_part(const Workload& workload, Duration start, Duration length) const {
  return charge_active(workload, activity(workload), start, length);
}

inline MachineCostModel::Energies MachineCostModel::device_energies(const Workload& workload, const Activity& activity,
                                                            Duration length) const {
  Energies energies;
  energies.idle = parameters_.devices * parameters_.idle * length;
  energies.dynamic = parameters_.devices * activity.share * dynamic_range_ * length;
  const double part = length == activity.time ? 1.0 : length / activity.time;
  if (workload.measured_energy) {
    const Energy measured = part * *workload.measured_energy;
    energies.idle = std::min(energies.idle, measured);
    energies.dynamic = measured - energies.idle;
    return energies;
  }
  if (!workload.inference) return energies;
  const MachineRates& rates = parameters_.rates_of(workload);
  if (rates.power) {
    const Power drawn = std::min(*rates.power, parameters_.power_limit.value_or(*rates.power));
    energies.idle = {};
    energies.dynamic = parameters_.devices * drawn * length;
  }
  energies.dynamic += part * passes_of(workload) * rates.call_energy;
  return energies;
}

inline Charge MachineCostModel::charge_active(const Workload& workload, const Activity& activity, Duration start,
                                       Duration length) const {
  Energies energies = device_energies(workload, activity, length);
  energies.host = parameters_.devices * parameters_.host_power * length;
  const double devices = parameters_.devices;
  return book(energies, length, start, devices * parameters_.embodied * length, devices * parameters_.price * length);
}

Charge MachineCostModel::charge_idle(Duration length, Duration start) const {
  if (parameters_.idle_workers == IdleCharge::none) return {.time = length, .lines = {}};
  const bool with_host = parameters_.idle_workers == IdleCharge::full;
  const Power host = with_host ? parameters_.host_idle_power : Power{};
  const CarbonRate embodied = with_host ? parameters_.embodied : parameters_.embodied - parameters_.embodied_host;
  const double devices = parameters_.devices;
  return book({{}, devices * parameters_.idle * length, devices * host * length}, length, start,
              devices * embodied * length, devices * parameters_.price * length);
}

Charge MachineCostModel::charge_computing(Work work, Duration start) const {
  const Duration time = work / parameters_.computing_rate;
  return book({{}, {}, parameters_.computing_power * time}, time, start, {}, {});
}

// Every line once and four currencies at a time, in their order in Usage: a charge is made for each of millions of
// evaluations, and is summed at once. The base units keep the products as they are.
Charge MachineCostModel::book(const Energies& energies, Duration time, Duration start, Carbon embodied,
                              Money rental) const {
  const Intensity intensity = parameters_.grid.mean(start, start + time);
  const Energy it = energies.dynamic + energies.idle + energies.host;
  const Energy facility = (parameters_.pue - 1.0) * it;
  const detail::FourDoubles each = {1.0, intensity.base(), 0.0, parameters_.electricity_price.base()};
  // As Charge::total() adds it up.
  const Carbon carbon = energies.dynamic * intensity + energies.idle * intensity + energies.host * intensity +
                        facility * intensity + embodied;
  const Money tax = carbon * parameters_.carbon_price;
  Charge charge;
  charge.time = time;
  charge.set(Line::device_dynamic, energies.dynamic.base() * each, energies.dynamic * grid_water_);
  charge.set(Line::device_idle, energies.idle.base() * each, energies.idle * grid_water_);
  charge.set(Line::host, energies.host.base() * each, energies.host * grid_water_);
  charge.set(Line::facility, facility.base() * each, facility * grid_water_ + it * wue_);
  charge.set(Line::embodied, detail::FourDoubles{0.0, 0.0, embodied.base(), 0.0}, {});
  charge.set(Line::rental, detail::FourDoubles{0.0, 0.0, 0.0, rental.base()}, {});
  charge.set(Line::carbon_tax, detail::FourDoubles{0.0, 0.0, 0.0, tax.base()}, {});
  return charge;
}

}  // namespace tonne
