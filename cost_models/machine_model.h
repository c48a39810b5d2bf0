#pragma once
// The cost of machine time: work -> time (roofline) -> power -> facility -> grid, manufacture, rent.

#include <array>
#include <optional>
#include <string>

#include "core/cost_model.h"
#include "cost_models/catalogue.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/grid.h"

namespace tonne {

/// What a device reaches on one kind of work in one precision.
struct MachineRates {
  std::optional<WorkRate> arithmetic;
  std::optional<Bandwidth> traffic;
  Duration step_overhead{};
  Duration startup{};
  double compute = 0.0;  ///< dynamic power as a share of (TDP - idle), while arithmetic is the limit
  double memory = 0.0;   ///< while traffic is
  double waiting = 0.0;  ///< between kernels
  Duration launch{};     ///< of an operation of a forward pass; this and the next three of inference alone
  Duration call{};       ///< of a forward pass
  std::optional<Power> power;  ///< all that is charged while it infers, instead of idle and dynamic power
  Energy call_energy{};        ///< of a forward pass, on top of that
};

/// Everything that a charge is computed from, in plain figures.
struct MachineParameters {
  std::string device;  ///< name, for messages
  std::array<std::array<MachineRates, kPrecisions>, kWorkKinds> rates{};   ///< by WorkKind and Precision
  std::array<std::array<MachineRates, kPrecisions>, kWorkKinds> inference_rates{};  ///< the same, of inference
  double batch = 1.0;           ///< uses that one forward pass serves
  bool launches_ahead = false;  ///< operations are launched while others run
  std::array<std::array<Precision, kPrecisions>, kWorkKinds> automatic{};  ///< what work counted in a precision runs in; fp32 unless given
  std::optional<Precision> precision;                                    ///< the user's, instead of that
  std::optional<Bytes> memory;
  Power tdp{};
  Power idle{};
  double overlap = 0.0;
  double step_overlap = 0.0;
  std::optional<double> input_rate;  ///< samples per second
  std::optional<Power> power_limit;
  double voltage_floor = 1.0;
  double unclocked = 1.0;  ///< share of the power of traffic that a lower clock leaves as it is
  double devices = 1.0;  ///< of one worker; all figures of device, host, carbon and price are for one of them
  InterconnectSettings interconnect;
  double measured_activity = 0.0;  ///< as MachineRates, over a measured time whose work is unknown

  /// The precision that the work runs in.
  [[nodiscard]] Precision precision_of(const Workload& workload) const {
    const auto kind = static_cast<std::size_t>(workload.kind);
    if (workload.fixed_precision || !precision)
      return automatic[kind][static_cast<std::size_t>(workload.precision)];
    return *precision;
  }
  [[nodiscard]] const MachineRates& rates_of(const Workload& workload) const {
    const auto& table = workload.inference ? inference_rates : rates;
    return table[static_cast<std::size_t>(workload.kind)][static_cast<std::size_t>(precision_of(workload))];
  }

  Power host_power{};         ///< per slot, while it trains
  Power host_idle_power{};    ///< per slot, while it waits
  WorkRate computing_rate{};  ///< of one core
  Power computing_power{};    ///< of that core, on top of host_power
  double pue = 1.0;
  std::optional<WaterIntensity> wue;         ///< on site, of IT energy; none: not known, not charged
  std::optional<WaterIntensity> grid_water;  ///< at the power stations, of all energy; none: likewise
  GridSignal grid =
      GridSignal::constant(Intensity{}, SignalNature{});  ///< its clock reads 0 at the experiment's start
  CarbonRate embodied{};                                  ///< of device and host share
  CarbonRate embodied_host{};                             ///< the host's part of it
  PriceRate price{};
  EnergyPrice electricity_price{};
  CarbonPrice carbon_price{};  ///< on operational and embodied carbon
  IdleCharge idle_workers = IdleCharge::full;
  std::optional<Preemption> preemption;  ///< none: devices are never taken away
};

/// Figures for the settings; throws as make_cost_model().
[[nodiscard]] MachineParameters resolve_machine(const ClusterSettings& settings);

/// One worker is n devices, each in one slot of a host.
///
/// Precision: the user's, else what the problem counts in as the device has it (automatic_precision()). Activations
/// have bytes_of_activation() of it, in traffic and memory; weights, gradients and moments stay as the problem counts
/// them, for mixed training keeps them in fp32.
///
/// Time: with t_c = FLOPs / (n * peak * utilisation), t_m = bytes / (n * bandwidth * bandwidth_utilisation),
///     busy = max(t_c, t_m) + (1 - overlap) * min(t_c, t_m)
///     host = steps * step_overhead + samples / input_rate
///     link = steps * (2 (n - 1) / n * gradient bytes / link bandwidth + 2 (n - 1) * latency)
///     exposed = max(0, link - link overlap * busy)
///     waiting = exposed + host - step_overlap * min(busy + exposed, host) + startup
/// (Williams, Waterman & Patterson 2009, the roofline; a step's fixed cost as in landscapes of measured
/// runs; Patarasuk & Yuan 2009, the all-reduce). A measured time stands instead of the sum.
///
/// Of an inference (Workload::inference), with passes = Workload::passes / batch:
///     bytes = traffic - shared traffic + shared traffic / batch
///     launches = passes * operations * launch
///     waiting = passes * call + uses / input_rate + launches - min(busy, launches) where the device has a queue
/// so at batch 1 small networks take the time of their launches, and a batch amortises those, the call and the weights.
///
/// Power of the device: idle + (TDP - idle) * s, and s, the mean over the time, is
///     s = (min(busy, compute * t_c + memory * t_m) + wait * waiting) / (busy + waiting)
/// so it stays between idle and TDP, and falls from arithmetic to memory traffic to waiting. A measured
/// energy stands instead; what of it lies within idle power times time goes to device_idle.
///
/// In inference a measured `power` may stand for all of it, idle power included, and a fixed energy of each pass come on
/// top: of a board that runs anyway, what a use adds.
///
/// A power limit holds in each phase: no phase draws more than it. Traffic keeps its time, for the memory has a
/// clock of its own; arithmetic slows to t_c / f, where f is the highest share of the full clock at which
///     idle + (TDP - idle) * compute * f * max(f, voltage_floor)^2 <= limit
/// Dynamic power is proportional to frequency times voltage squared (Chandrakasan, Sheng & Brodersen 1992), and
/// voltage to frequency down to a floor. Traffic keeps its time but not its power: the cores, their caches and
/// the network between them run at the lower clock, too, and only a share `unclocked` of it (the memory chips and
/// their interface) stays:
///     memory * (unclocked + (1 - unclocked) * f * max(f, voltage_floor)^2)
/// (work without arithmetic does not lower the clock: no phase of it asks for that).
/// The board holds the limit over milliseconds, so it bites even where
/// the mean power of the whole run is well below it. A limit does not apply to measured runs, nor can these be
/// divided among devices: both are refused.
///
/// The host's share and the idle device draw constant power. Facility: (PUE - 1) times these lines, and the
/// water that cooling them evaporates (WUE); the power stations' water goes with each line's energy. Carbon:
/// each energy over the signal's mean during the time. Embodied carbon and rent go by time. The carbon tax is
/// the carbon price of all the carbon of the charge. A waiting worker is charged as IdleCharge says.
class MachineCostModel final : public CostModel {
 public:
  explicit MachineCostModel(MachineParameters parameters);

  /// Each device holds the weights, their gradients and one more copy (3 * parameters), and its share of the
  /// rest. True where the device's or the workload's memory is unknown: nothing can be checked then.
  [[nodiscard]] bool fits(const Workload& workload) const override;
  /// Throws InputError when the device has no rate for the workload's precision, or no bandwidth for its
  /// traffic, when a measured run meets several devices or a power limit, when gradients are to be exchanged
  /// and the workload has no parameters, or when the grid trace ends before the work does.
  [[nodiscard]] Charge charge(const Workload& workload, Duration start) const override;
  [[nodiscard]] Charge charge_part(const Workload& workload, Duration start, Duration length) const override;
  [[nodiscard]] Charge charge_idle(Duration length, Duration start) const override;
  /// Energy of one core and its facility overhead. Rent and embodied carbon of the time are charge_idle's.
  [[nodiscard]] Charge charge_computing(Work work, Duration start) const override;

  [[nodiscard]] double uses_per_pass() const override { return parameters_.batch; }
  [[nodiscard]] std::optional<Preemption> preemption() const override { return parameters_.preemption; }
  [[nodiscard]] std::optional<Intensity> intensity(Duration start, Duration length) const override {
    if (parameters_.grid.is_constant()) return std::nullopt;
    return parameters_.grid.mean(start, start + length);
  }
  [[nodiscard]] std::optional<Duration> horizon() const override {
    return parameters_.grid.is_constant() ? std::nullopt : std::optional(parameters_.grid.end());
  }

  [[nodiscard]] const MachineParameters& parameters() const { return parameters_; }

 private:
  struct Activity {
    Duration time{};
    double share = 0.0;  // of (TDP - idle), mean over the time
  };
  struct Energies {
    Energy dynamic{};
    Energy idle{};
    Energy host{};
  };
  [[nodiscard]] Activity activity(const Workload& workload) const;
  [[nodiscard]] Duration waiting_time(const Workload& workload, const MachineRates& rates, Duration busy) const;
  [[nodiscard]] Duration launching_time(const Workload& workload, const MachineRates& rates, Duration busy) const;
  [[nodiscard]] Energies device_energies(const Workload& workload, const Activity& activity, Duration length) const;
  [[nodiscard]] double passes_of(const Workload& workload) const { return workload.passes / parameters_.batch; }
  [[nodiscard]] double clock_under_limit(double compute) const;
  [[nodiscard]] double power_under_limit(double compute) const;
  [[nodiscard]] Duration host_time(const Workload& workload, const MachineRates& rates) const;
  [[nodiscard]] Duration exchange_time(const Workload& workload) const;
  [[nodiscard]] Bytes inference_memory(const Workload& workload, Precision runs) const;
  void refuse_measured(const Workload& workload) const;
  [[nodiscard]] Duration compute_time(const Workload& workload, const MachineRates& rates) const;
  [[nodiscard]] Duration memory_time(const Workload& workload, const MachineRates& rates) const;
  [[nodiscard]] Charge charge_active(const Workload& workload, const Activity& activity, Duration start,
                                     Duration length) const;
  [[nodiscard]] Charge book(const Energies& energies, Duration time, Duration start, Carbon embodied, Money rental) const;

  MachineParameters parameters_;
  Power dynamic_range_{};
  double limit_ = 1.0;          // the most dynamic power that the power limit leaves, as a share of dynamic_range_
  WaterIntensity grid_water_{};  // 0 where not known
  WaterIntensity wue_{};
};

}  // namespace tonne
