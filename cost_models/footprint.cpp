#include "cost_models/footprint.h"

#include "cost_models/machine_model.h"

namespace tonne {

Usage footprint(const DeviceUse& use) {
  MachineParameters machine;
  machine.tdp = use.power;
  machine.pue = use.pue;
  machine.grid = GridSignal::constant(use.intensity, SignalNature{});
  machine.price = use.price;
  Workload work;
  work.measured_time = use.time;
  work.measured_energy = use.power * use.time;
  Usage usage = MachineCostModel(machine).charge(work, Duration{}).total();
  usage *= use.devices;
  return usage;
}

}  // namespace tonne
