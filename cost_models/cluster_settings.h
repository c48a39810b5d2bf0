#pragma once
// What a user says of the machines: `cluster:` in an experiment.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/cost_model.h"
#include "core/settings.h"
#include "core/units.h"
#include "cost_models/act.h"
#include "cost_models/catalogue.h"
#include "cost_models/grid.h"
#include "cost_models/trace_reader.h"

namespace tonne {

/// `facility:`. A name of the catalogue, or a group with figures of the user's own (and a name for the rest).
struct FacilitySettings {
  /// Default: the world mean of 2018, PUE 1.58, which Strubell et al. 2019 use; the survey of 2024 still
  /// finds 1.56.
  std::string name = "Strubell-2019";
  std::optional<double> pue;          ///< facility energy per IT energy, from 1
  std::optional<WaterIntensity> wue;  ///< water per IT energy; unknown: no water is charged

  void visit(SettingsVisitor& visitor);
};

/// `grid:` with settings instead of a name: a trace or a constant of the user's own.
struct GridSettings {
  std::filesystem::path trace;         ///< CSV or JSON file
  std::string column;                  ///< empty: the only one, or Electricity Maps' of the scope
  std::optional<Intensity> intensity;  ///< a constant, instead of a trace
  /// Average, direct and location-based unless said: what most inventories report.
  SignalNature nature;
  TraceFormat format = TraceFormat::automatic;
  TraceUnit unit = TraceUnit::automatic;
  std::string time_zone;  ///< of times that do not say theirs; empty: those are refused
  ValueAt value_at = ValueAt::interval;
  std::string location;  ///< the zone to read of a file with several
  Separator separator = Separator::automatic;
  DecimalMark decimal = DecimalMark::point;
  DateOrder dates = DateOrder::automatic;
  TraceGaps gaps = TraceGaps::refuse;

  [[nodiscard]] bool given() const { return !trace.empty() || intensity.has_value(); }
  void visit(SettingsVisitor& visitor);
};

/// `embodied.act:`, `embodied.host_act:`. Manufacture from what a machine is made of (cost_models/act.h).
struct ActSettings {
  std::optional<Area> die_area;      ///< of all dies together
  std::optional<std::int64_t> node;  ///< in nm
  GasAbatement abatement = GasAbatement::percent_97;
  Intensity electricity = Fab{}.electricity;  ///< of the fab
  double yield = Fab{}.yield;                 ///< of dies and memory alike, as in ACT
  std::optional<double> packages;             ///< integrated circuits, memory included
  std::optional<Bytes> dram;
  std::string dram_type;
  std::optional<Bytes> ssd;
  std::string ssd_type;

  [[nodiscard]] bool given() const { return die_area || dram || ssd; }
  /// Dies, packages, memory and storage. Precondition: visited, so that what belongs together is there.
  [[nodiscard]] Carbon carbon() const;
  void visit(SettingsVisitor& visitor);
};

/// `embodied:`. Manufacture is charged by time: carbon / (lifetime * use) per second of a slot.
struct EmbodiedSettings {
  bool count = true;             ///< false: leave embodied carbon out
  std::optional<Carbon> device;  ///< instead of the catalogue's figure
  std::optional<Carbon> host;    ///< per device slot, instead of the catalogue's figure
  /// Years in service, and the share of them in which the machine is reserved: Luccioni et al. 2022 (BLOOM).
  Duration lifetime = 6.0 * year;
  double use = 0.85;
  ActSettings act = {};       ///< of one device, instead of the catalogue's figure
  ActSettings host_act = {};  ///< of the host per device slot, instead of the catalogue's figure

  void visit(SettingsVisitor& visitor);
};

/// `activity:`. Dynamic power as a share of (TDP - idle) in each phase of a step, see MachineCostModel. None: what
/// the catalogue has for the device and this kind of work, or default_training_figures().
struct ActivitySettings {
  std::optional<double> compute;  ///< while arithmetic is the limit
  std::optional<double> memory;   ///< while memory traffic is the limit
  std::optional<double> waiting;  ///< between kernels: launches, input pipeline, start-up
  /// Over a measured time whose work is unknown: the mean of EC-NAS-Bench, (176 - 20) W of (260 - 20) W.
  double measured = 0.65;

  void visit(SettingsVisitor& visitor);
};

/// `inference:`. How what was trained is used: uses of deployments and of objectives, never trainings. None, of a figure:
/// the catalogue's for the device and this kind of work, else as default_inference_figures() and training_figures().
struct InferenceSettings {
  std::int64_t batch = 1;  ///< uses that one forward pass serves
  InferenceFigures figures;

  void visit(SettingsVisitor& visitor);
};

/// `interconnect:`. Between the devices of one worker: a ring all-reduce of the gradients at each step sends
/// and receives 2 (n - 1) / n times the gradients on each of n devices, in 2 (n - 1) messages (Patarasuk & Yuan
/// 2009, "Bandwidth optimal all-reduce algorithms").
struct InterconnectSettings {
  /// One way, of one device. Default: PCI Express 3.0 x16, 8 GT/s x 16 lanes x 128/130 (PCI-SIG 2010), what a
  /// server has without links of its own. NVLink by the vendor's sheets: V100 150, A100 300, H100 450 GB/s.
  Bandwidth bandwidth = 15.75 * gigabyte_per_second;
  Duration latency = Duration::from_base(1e-5);  ///< of one message: assumed, 10 us
  /// Share of the device's busy time behind which the exchange can hide: gradients are sent while the backward
  /// pass, two thirds of the work, goes on, but the last ones only after it (Li et al. 2020, PyTorch
  /// Distributed). The figure is assumed.
  double overlap = 0.5;

  void visit(SettingsVisitor& visitor);
};

/// `preemption:`. Rented devices that their owner takes back (core/cost_model.h). Without an interval nothing
/// is taken.
struct PreemptionSettings {
  std::optional<Duration> interval;  ///< mean time between interruptions of one device
  /// Until another device stands ready. An assumption: nobody's published mean.
  Duration restart = 2.0 * minute;
  std::optional<Duration> checkpoint;  ///< training time between checkpoints; none: an interruption loses all

  void visit(SettingsVisitor& visitor);
};

/// What a worker that waits is charged. full: as reserved, with device, host, manufacture and rent.
/// device_only: the device stays reserved, its host serves others meanwhile: idle power of the device, its
/// manufacture and its rent. none: a shared cluster that hands waiting devices to others at once.
enum class IdleCharge : std::uint8_t { full, device_only, none };

/// The host of devices that name none of their own: a server of eight. With V100s the model draws 256 W per slot while
/// memory traffic is the limit and 352 W while arithmetic is; Patterson et al. 2021 measured 325 W per chip for whole
/// systems.
inline constexpr const char* kUsualHost = "Xeon-8";

struct ClusterSettings {
  std::filesystem::path catalogue;  ///< the user's own entries and overrides (cost_models/catalogue.h)
  std::string device = "V100";
  std::int64_t workers = 1;
  /// Devices that train one candidate together, data parallel; each takes a slot of a host.
  std::int64_t devices_per_worker = 1;
  InterconnectSettings interconnect;
  /// Empty: the device's own (Device::usual_host), else kUsualHost.
  std::string host;
  FacilitySettings facility;
  std::string grid = "US-2018";  ///< catalogue name; 432.7 g/kWh, the figure of Strubell et al. 2019
  GridSettings own_grid;         ///< where grid is empty
  /// Time of the experiment's start on a trace, ISO 8601 in UTC. Empty: the start of the trace.
  std::string start;

  /// The format that trainings and inferences run in, mixed as frameworks do it (Precision). None: what the problem
  /// counts in, as the device has it: see automatic_precision().
  std::optional<Precision> precision;
  /// Share of the peak of the precision at hand that arithmetic reaches, and of the bandwidth that traffic does. None,
  /// here and of the two times below: see training_figures().
  std::optional<double> utilisation;
  std::optional<double> bandwidth_utilisation;
  /// How far arithmetic and traffic overlap: 1, the roofline of a single kernel (the longer of both); 0,
  /// their sum, as when some layers are bound by the one and some by the other. The fit to EC-NAS-Bench prefers 0
  /// (R2 0.99 against 0.91).
  double overlap = 0.0;
  std::optional<Duration> step_overhead;  ///< fixed time of an optimiser step (kernel launches, input pipeline)
  std::optional<Duration> startup;        ///< fixed time of a trial
  /// How far the host's part of a step (step_overhead, input) runs while the device works: 0, one after the
  /// other; 1, the longer of both counts. The runs behind the other defaults do not identify it; a V100's
  /// batch-size scans give .92 (docs/validation.md).
  double step_overlap = 0.0;
  /// Samples per second that the host can read and prepare for one worker. None: as many as it is asked for.
  std::optional<double> input_rate;
  /// Of one device: where arithmetic would draw more, the clock falls until it does not. None: no limit.
  std::optional<Power> power_limit;
  /// Clock, as a share of the full one, below which the voltage falls no further: see MachineCostModel. Fitted
  /// to six jobs under seven power limits on a V100 (docs/validation.md); no other device has been measured.
  double voltage_floor = 0.80;
  /// Share of the power of memory traffic that a lower clock leaves as it is, fitted to the same runs.
  double unclocked = 0.23;
  ActivitySettings activity;
  InferenceSettings inference;

  std::optional<WorkRate> peak;  ///< for every precision, instead of the catalogue's
  std::optional<Bandwidth> bandwidth;
  std::optional<Bytes> memory;
  std::optional<Power> tdp;
  std::optional<Power> idle;
  std::optional<Power> host_power;               ///< per device slot, while it trains
  /// The same while it waits for a candidate. None: as while it trains; no measurement at hand says less.
  std::optional<Power> host_idle_power;
  std::optional<PriceRate> price;                ///< per device, instead of the catalogue's
  bool spot = false;                             ///< the catalogue's spot price
  std::string provider;                   ///< whose price of the catalogue's; empty: the first
  std::optional<PriceBasis> price_basis;  ///< none: of the device alone, or of the instance where only that is known
  PreemptionSettings preemption;
  std::optional<EnergyPrice> electricity_price;  ///< on top of the rental, for machines of one's own
  std::optional<CarbonPrice> carbon_price;       ///< tax on all the carbon that is charged, embodied included
  std::optional<WaterIntensity> grid_water;      ///< of the power stations; unknown: no such water is charged
  IdleCharge idle_workers = IdleCharge::full;
  EmbodiedSettings embodied;
  /// The device's figures that the catalogue knows as ranges are uncertain: see ranged_figures().
  bool catalogue_ranges = false;
  /// Values of the device's record, instead of the catalogue's: what a draw of an uncertain catalogue sets. No setting.
  std::vector<std::pair<std::string, double>> device_figures = {};

  void visit(SettingsVisitor& visitor);
  /// "PUE 1.58, US-2018 (432.7 g/kWh)". Throws as make_cost_model does.
  [[nodiscard]] std::string place_summary() const;
  /// "8 x V100, PUE 1.58, US-2018 (432.7 g/kWh), water not counted". Throws likewise.
  [[nodiscard]] std::string summary() const;
};

struct MachineParameters;

/// The name of the host that the settings and the device come to.
[[nodiscard]] std::string host_name(const ClusterSettings& settings, const Device& device);

/// The row of the catalogue that the rental goes by; null where the user gives a price, or the catalogue has none. Throws
/// InputError, naming the rows there are, when the provider or the basis that the user names is not among them.
[[nodiscard]] const DevicePrice* price_row(const ClusterSettings& settings, const Device& device);

/// What ClusterSettings::summary() says where NotKnown::device_embodied; results keep no more of it than that.
inline constexpr std::string_view kManufactureNotKnown = "device's manufacture not known";

/// What the charges of a cluster leave out, because neither the user nor the catalogue has the figure.
struct NotKnown {
  bool rent = false;
  bool money = false;            ///< the rent, and the user gives no price of electricity or of carbon either
  bool device_embodied = false;  ///< manufacture of the device; that of its host is charged
};
/// Throws as make_cost_model() does.
[[nodiscard]] NotKnown not_known(const ClusterSettings& settings);

/// What the user gives of the figures that the catalogue has by kind of work and precision.
[[nodiscard]] TrainingFigures given_figures(const ClusterSettings& settings);
/// In which precision the device runs work that is counted in one, where neither the user nor the candidate decides: as
/// automatic_precision(), but a peak of the user's own is one of every precision.
[[nodiscard]] Precision automatic_precision(const ClusterSettings& settings, const Device& device, WorkKind kind,
                                            Precision counted);
/// The figures for work of this kind in this precision: the user's, else as training_figures(). All are present.
[[nodiscard]] TrainingFigures training_figures(const ClusterSettings& settings, const Device& device,
                                               WorkKind kind, Precision precision);

/// The same for inference: the user's, else the catalogue's rows of inference, else default_inference_figures(); shares of
/// the peaks that none of them has are those of training_figures(). `power` and `call_energy` may be absent.
[[nodiscard]] InferenceFigures inference_figures(const ClusterSettings& settings, const Device& device, WorkKind kind,
                                                 Precision precision);

/// The cost model that the settings describe. Throws InputError, with the key's path, when a name is unknown,
/// a figure that every charge needs is neither in the catalogue nor given, or a trace cannot be read.
[[nodiscard]] std::shared_ptr<const CostModel> make_cost_model(const ClusterSettings& settings);

/// Cost models for settings that differ in figures only: the trace and the catalogue that they name are read once.
class CostModelFamily {
 public:
  /// Throws InputError where a file cannot be read.
  explicit CostModelFamily(const ClusterSettings& settings);
  /// As make_cost_model(). Precondition: the settings name the same files.
  [[nodiscard]] std::shared_ptr<const CostModel> make(const ClusterSettings& settings) const;
  /// What that model is made of.
  [[nodiscard]] MachineParameters parameters(const ClusterSettings& settings) const;

 private:
  std::shared_ptr<const Catalogue> catalogue_;
  std::optional<GridSignal> trace_;  ///< none: a constant
};

/// Digest of what the settings only name: the bytes of the trace and of the user's catalogue, and the
/// catalogue's entries in use. Throws as above.
[[nodiscard]] std::uint64_t content_digest(const ClusterSettings& settings);

/// The device's figures that charges of such work rest on and that the catalogue knows as ranges: what the user gives
/// stands for itself. Throws as above.
[[nodiscard]] std::vector<FigureRecord> ranged_figures(const ClusterSettings& settings,
                                                       std::span<const WorkKind> kinds);

/// One figure that the charges rest on, and where it comes from.
struct Factor {
  std::string key;    ///< "device.specification.tdp", "cluster.tdp"
  std::string value;  ///< "300 W"; a known range follows: "164 kg (15 kg to 575 kg)"
  Provenance provenance;
};
/// Every figure of the catalogue and of the user that the charges rest on: what the user gives stands first
/// and hides the catalogue's. Throws as above.
[[nodiscard]] std::vector<Factor> factors_of(const ClusterSettings& settings);

}  // namespace tonne
