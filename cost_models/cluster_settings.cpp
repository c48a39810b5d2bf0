#include "cost_models/cluster_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.h"

namespace tonne {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"average", "marginal"};
constexpr std::array<std::string_view, 2> kScopes = {"direct", "life_cycle"};
constexpr std::array<std::string_view, 2> kBases = {"location", "market"};
constexpr std::array<std::string_view, 6> kTraceFormats = {"auto", "csv", "electricity_maps", "watttime", "carbon_aware", "gb_carbon_intensity"};
constexpr std::array<std::string_view, 5> kTraceUnits = {"auto", "g/kWh", "kg/kWh", "kg/MWh", "lb/MWh"};
constexpr std::array<std::string_view, 2> kValuesAt = {"interval", "point"};
constexpr std::array<std::string_view, 4> kSeparators = {"auto", "comma", "semicolon", "tab"};
constexpr std::array<std::string_view, 2> kDecimalMarks = {"point", "comma"};
constexpr std::array<std::string_view, 3> kDateOrders = {"auto", "day_first", "month_first"};
constexpr std::array<std::string_view, 2> kTraceGaps = {"refuse", "hold"};
constexpr Bounds kShare = {0.0, 1.0, true};
constexpr Bounds kUtilisation = {1e-6, 1.0};  // below, times overflow before they mean anything

constexpr std::array<std::string_view, kPrecisions + 1> kFormats = {"automatic", "fp32", "tf32", "fp16",
                                                                    "bf16",      "fp8",  "int8"};
constexpr std::array<std::string_view, 3> kPriceBases = {"automatic", "device", "instance"};
constexpr std::array<std::string_view, 3> kAbatements = {"95 %", "97 %", "99 %"};
constexpr std::array<std::string_view, 3> kIdleCharges = {"full", "device_only", "none"};

}  // namespace

void FacilitySettings::visit(SettingsVisitor& visitor) {
  visitor.text("name", name, "facility in the catalogue, for anything not given here");
  visitor.optional_number("pue", pue, Bounds::between(1.0, 10.0),
                          "power usage effectiveness: facility energy per IT energy");
  visitor.quantity("wue", wue, Bounds::at_least(0.0), "water usage effectiveness: water per IT energy");
}

void GridSettings::visit(SettingsVisitor& visitor) {
  visitor.path("trace", trace,
               "CSV or JSON file: times with time zone, carbon intensities");
  visitor.text("column", column, "column of the intensities; empty: the only one, or Electricity Maps' own; of Great Britain's JSON: actual, forecast");
  visitor.quantity("intensity", intensity, Bounds::at_least(0.0), "constant intensity instead of a trace");
  visitor.choice("kind", nature.kind, kKinds,
                 "average over all generation, or marginal for one more kilowatt-hour");
  visitor.choice("scope", nature.scope, kScopes,
                 "direct emissions, or life cycle with fuel supply and construction");
  visitor.choice("basis", nature.basis, kBases,
                 "location-based (the local grid) or market-based (purchased contracts)");
  visitor.choice("format", format, kTraceFormats, "format of the trace file");
  visitor.choice("unit", unit, kTraceUnits,
                 "unit of the trace's values; auto: from the column's name, or else g/kWh");
  visitor.text("time_zone", time_zone, "UTC, an offset such as +02:00 or a place such as Europe/Berlin, for times without a time zone");
  visitor.choice(
      "value_at", value_at, kValuesAt,
      "whether a value is the mean of the interval that starts at its time, or a sample at its time");
  visitor.text("location", location, "zone to read of a trace file with several");
  visitor.choice("separator", separator, kSeparators, "between the columns of a CSV trace; auto: the one that the header has");
  visitor.choice("decimal", decimal, kDecimalMarks, "decimal mark of a CSV trace");
  visitor.choice("dates", dates, kDateOrders, "whether day or month is first in dates such as 02/03/2024; auto: what another date proves");
  visitor.choice("gaps", gaps, kTraceGaps, "refuse a trace with missing rows or values, or hold each value until the next");
  visitor.require(trace.empty() || !intensity, "intensity", "a trace is given too; expected one of them");
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
  visitor.quantity("die_area", die_area, Bounds::above(0.0), "total area of all dies");
  visitor.optional_integer("node", node, Bounds::between(1.0, 1000.0),
                           "process node of the dies in nm: " + nodes);
  visitor.require(!die_area || node, "die_area", "needs the dies' node too, in nm: " + nodes);
  visitor.require(!node || std::ranges::find(known_nodes, *node) != known_nodes.end(), "node",
                  "no published figures for this node; known are " + nodes + " (no interpolation)");
  visitor.choice("abatement", abatement, kAbatements, "fraction of the fab's process gases that is abated");
  visitor.quantity("electricity", electricity, Bounds::at_least(0.0),
                   "carbon intensity of the fab's electricity; the default is Taiwan's");
  visitor.number("yield", yield, kShare, "yield of dies and of memory");
  visitor.optional_number("packages", packages, Bounds::at_least(0.0),
                          "number of integrated circuits, 150 g each");
  visitor.quantity("dram", dram, Bounds::above(0.0), "memory capacity, on the package or off it");
  visitor.text("dram_type", dram_type, "one of " + dram_names);
  visitor.require(!dram || !dram_type.empty(), "dram", "needs dram_type too: " + dram_names);
  visitor.require(knows(dram_types(), dram_type), "dram_type", "unknown type; known are " + dram_names);
  visitor.quantity("ssd", ssd, Bounds::above(0.0), "storage capacity");
  visitor.text("ssd_type", ssd_type, "one of " + ssd_names);
  visitor.require(!ssd || !ssd_type.empty(), "ssd", "needs ssd_type too: " + ssd_names);
  visitor.require(knows(ssd_types(), ssd_type), "ssd_type", "unknown type; known are " + ssd_names);
  visitor.require(die_area || !node, "node", "needs die_area too");
  visitor.require(dram || dram_type.empty(), "dram_type", "needs dram, the capacity, too");
  visitor.require(ssd || ssd_type.empty(), "ssd_type", "needs ssd, the capacity, too");
  visitor.require(given() || !packages, "packages", "needs die_area, dram or ssd too");
  visitor.require(!given() || packages, "packages",
                  "is missing: the number of integrated circuits, memory included");
}

void PreemptionSettings::visit(SettingsVisitor& visitor) {
  visitor.quantity("interval", interval, Bounds::above(0.0), "mean time between preemptions of one device");
  visitor.quantity("restart", restart, Bounds::at_least(0.0), "time until a replacement device is ready");
  visitor.quantity("checkpoint", checkpoint, Bounds::above(0.0),
                   "training time between checkpoints; default: a preemption loses all progress");
  visitor.require(interval || !checkpoint, "checkpoint", "needs the interval between preemptions");
}

void EmbodiedSettings::visit(SettingsVisitor& visitor) {
  visitor.flag("count", count, "charge embodied carbon");
  visitor.quantity("device", device, Bounds::at_least(0.0),
                   "embodied carbon of one device, instead of the catalogue's");
  visitor.quantity("host", host, Bounds::at_least(0.0),
                   "embodied carbon of the host per device, instead of the catalogue's");
  visitor.group("act", "embodied carbon of one device from its components (ACT)",
                [this](SettingsVisitor& v) { act.visit(v); });
  visitor.require(!device || !act.given(), "act", "embodied.device is given too; expected one of them");
  visitor.group("host_act", "embodied carbon of the host per device from its components (ACT)",
                [this](SettingsVisitor& v) { host_act.visit(v); });
  visitor.require(!host || !host_act.given(), "host_act", "embodied.host is given too; expected one of them");
  visitor.quantity("lifetime", lifetime, Bounds::above(0.0), "service life");
  visitor.number("use", use, kShare, "fraction of the lifetime in use");
}

void ActivitySettings::visit(SettingsVisitor& visitor) {
  const Bounds share = Bounds::between(0.0, 1.0);
  visitor.optional_number("compute", compute, share,
                          "dynamic power while compute-bound, as a fraction of (TDP - idle); default: as "
                          "measured on the device, or 0.97");
  visitor.optional_number("memory", memory, share,
                          "the same while memory-bound; default: as measured, or 0.60");
  visitor.optional_number("waiting", waiting, share,
                          "the same between kernels and at start-up; default: as measured, or 0.10");
  visitor.number("measured", measured, share, "the same over a measured time whose work is unknown");
}

void InferenceSettings::visit(SettingsVisitor& visitor) {
  visitor.integer("batch", batch, Bounds::between(1.0, 1e6), "uses that one forward pass serves");
  visitor.quantity("launch", figures.launch, Bounds::at_least(0.0),
                   "fixed time of each operation of a forward pass; default: as measured on the device, or by its kind "
                   "(GPUs 33 us)");
  visitor.quantity("call", figures.call, Bounds::at_least(0.0),
                   "fixed time of a forward pass; default: as measured, or by kind (GPUs 3 ms)");
  visitor.optional_number("utilisation", figures.utilisation, kUtilisation,
                          "fraction of peak compute that is reached; default: as measured, or as in training");
  visitor.optional_number("bandwidth_utilisation", figures.bandwidth_utilisation, kUtilisation,
                          "fraction of peak bandwidth that is reached; default: likewise");
  visitor.quantity("power", figures.power, Bounds::at_least(0.0),
                   "all power that a device is charged for while it infers; default: as measured, or idle power and "
                   "that of its activity");
  visitor.quantity("call_energy", figures.call_energy, Bounds::at_least(0.0),
                   "fixed energy of a forward pass on top of that power; default: as measured, or none");
}

void InterconnectSettings::visit(SettingsVisitor& visitor) {
  visitor.quantity("bandwidth", bandwidth, Bounds::above(0.0), "one-way bandwidth per device");
  visitor.quantity("latency", latency, Bounds::at_least(0.0), "latency per message");
  visitor.number("overlap", overlap, Bounds::between(0.0, 1.0),
                 "fraction of the busy time that can hide the gradient exchange");
}

void ClusterSettings::visit(SettingsVisitor& visitor) {
  visitor.path("catalogue", catalogue,
               "YAML file of your own catalogue entries, which add to or override the shipped ones");
  visitor.text("device", device, "accelerator in the catalogue (tonne list devices)");
  visitor.integer("workers", workers, Bounds::between(1.0, 1e6), "candidates trained in parallel");
  visitor.integer("devices_per_worker", devices_per_worker, Bounds::between(1.0, 1e6),
                  "devices per candidate (data parallel)");
  visitor.group("interconnect", "interconnect between the devices of a worker",
                [this](SettingsVisitor& v) { interconnect.visit(v); });
  visitor.text("host", host, "server in the catalogue; empty: the device's own, or Xeon-8");
  visitor.name_or_group("facility", facility.name,
                        "data centre overhead: cooling and power distribution (tonne list facilities)",
                        [this](SettingsVisitor& v) { facility.visit(v); });
  visitor.name_or_group("grid", grid, "electricity grid (tonne list grids)",
                        [this](SettingsVisitor& v) { own_grid.visit(v); });
  visitor.text("start", start, "UTC start time of the search on a trace; empty: the start of the trace");
  auto format = precision ? static_cast<std::size_t>(*precision) + 1 : 0;
  visitor.choice_index("precision", format, kFormats,
                       "number format of trainings; automatic: the problem's, with TF32 as frameworks use it");
  precision = format > 0 ? std::optional(static_cast<Precision>(format - 1)) : std::nullopt;
  visitor.optional_number("utilisation", utilisation, kUtilisation,
                          "fraction of peak compute that is reached; default: as measured for the device and "
                          "kind of work, or 0.275");
  visitor.optional_number("bandwidth_utilisation", bandwidth_utilisation, kUtilisation,
                          "fraction of peak bandwidth that is reached; default: as measured, or 0.57 (0.285 "
                          "for convolutions below fp32)");
  visitor.number("overlap", overlap, Bounds::between(0.0, 1.0),
                 "overlap of compute and memory traffic: at 1 the longer one counts, at 0 their sum");
  visitor.quantity("step_overhead", step_overhead, Bounds::at_least(0.0),
                   "fixed time per optimiser step; default: as measured, or 5 ms");
  visitor.quantity("startup", startup, Bounds::at_least(0.0),
                   "fixed time per trial; default: as measured, or 2 s");
  visitor.number("step_overlap", step_overlap, Bounds::between(0.0, 1.0),
                 "overlap of host and device work in a step: at 1 the longer one counts, at 0 their sum");
  visitor.optional_number("input_rate", input_rate, Bounds::above(0.0),
                          "samples per second the host can prepare for a worker");
  visitor.quantity("power_limit", power_limit, Bounds::above(0.0), "power cap per device, by a lower clock");
  visitor.number("voltage_floor", voltage_floor, kShare,
                 "fraction of the full clock below which the voltage stays constant");
  visitor.number("unclocked", unclocked, Bounds::between(0.0, 1.0),
                 "fraction of the power of memory traffic that a lower clock leaves as it is");
  visitor.group("activity", "dynamic power by phase", [this](SettingsVisitor& v) { activity.visit(v); });
  visitor.group("inference", "uses of what was trained", [this](SettingsVisitor& v) { inference.visit(v); });
  visitor.quantity("peak", peak, Bounds::above(0.0),
                   "peak rate at every precision, instead of the catalogue's");
  visitor.quantity("bandwidth", bandwidth, Bounds::above(0.0), "peak bandwidth, instead of the catalogue's");
  visitor.quantity("memory", memory, Bounds::above(0.0), "device memory, instead of the catalogue's");
  visitor.quantity("tdp", tdp, Bounds::above(0.0), "thermal design power, instead of the catalogue's");
  visitor.quantity("idle", idle, Bounds::at_least(0.0), "idle power, instead of the catalogue's");
  visitor.quantity("host_power", host_power, Bounds::at_least(0.0),
                   "host power per device, instead of the catalogue's");
  visitor.quantity("host_idle_power", host_idle_power, Bounds::at_least(0.0),
                   "host power per device while the worker waits; default: host_power");
  visitor.quantity("price", price, Bounds::at_least(0.0),
                   "rental price per device, instead of the catalogue's");
  visitor.flag("spot", spot, "use the catalogue's spot price");
  visitor.text("provider", provider, "whose price to use; empty: the first that the catalogue has");
  auto basis = price_basis ? static_cast<std::size_t>(*price_basis) + 1 : 0;
  visitor.choice_index("price_basis", basis, kPriceBases,
                       "price of the device alone, or of the whole instance per device; automatic: the device's "
                       "where there is one");
  price_basis = basis > 0 ? std::optional(static_cast<PriceBasis>(basis - 1)) : std::nullopt;
  visitor.group("preemption", "preemption of rented devices",
                [this](SettingsVisitor& v) { preemption.visit(v); });
  visitor.quantity("electricity_price", electricity_price, Bounds::at_least(0.0),
                   "electricity price, charged on top of the rent");
  visitor.quantity("carbon_price", carbon_price, Bounds::at_least(0.0), "carbon tax on all carbon charged");
  visitor.quantity("grid_water", grid_water, Bounds::at_least(0.0),
                   "water consumption of electricity generation, instead of the catalogue's");
  visitor.choice("idle_workers", idle_workers, kIdleCharges,
                 "what a waiting worker is charged: device and host, the device only, or nothing");
  visitor.flag("catalogue_ranges", catalogue_ranges,
               "treat the device's figures that the catalogue knows as ranges as uncertain");
  visitor.group("embodied", "embodied carbon of the machines",
                [this](SettingsVisitor& v) { embodied.visit(v); });
}

}  // namespace tonne
