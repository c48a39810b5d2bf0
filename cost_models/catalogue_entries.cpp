#include "cost_models/catalogue_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "cost_models/grid_table.h"

namespace tonne {
namespace {

template <class Q>
Q make(double base) {
  if constexpr (std::is_same_v<Q, double>)
    return base;
  else
    return Q::from_base(base);
}

template <class Q>
std::optional<Q> figure(const EntryRecord& record, std::string_view key) {
  const FigureRecord* found = record.find(key);
  return found ? std::optional(make<Q>(found->value)) : std::nullopt;
}

template <class Q>
Sourced<Q> sourced(const EntryRecord& record, std::string_view key) {
  const FigureRecord* found = record.find(key);
  if (!found) return {};
  const auto converted = [](std::optional<double> base) {
    return base ? std::optional(make<Q>(*base)) : std::nullopt;
  };
  return {converted(found->value), converted(found->low), converted(found->high), found->provenance};
}

Provenance provenance_of(const EntryRecord& record, std::string_view key) {
  const FigureRecord* found = record.find(key);
  return found ? found->provenance : Provenance{};
}

// The rows of `group`, every kind of work with every precision; `figures_at` reads those of a key's prefix.
template <class Row>
std::vector<Row> rows_of_work(const EntryRecord& record, std::string_view group, const auto& figures_at) {
  std::vector<Row> rows;
  const auto row = [&](std::optional<WorkKind> kind, std::optional<Precision> precision) {
    const std::string prefix =
        fmt::format("{}.{}/{}.", group, kind ? kWorkKindNames[static_cast<std::size_t>(*kind)] : "any",
                    precision ? kPrecisionNames[static_cast<std::size_t>(*precision)] : "any");
    const bool known = std::ranges::any_of(
        record.figures, [&](const FigureRecord& f) { return f.key.starts_with(prefix); });
    if (known) rows.push_back({kind, precision, figures_at(prefix)});
  };
  const bool any = std::ranges::any_of(
      record.figures, [&](const FigureRecord& f) { return f.key.starts_with(fmt::format("{}.", group)); });
  if (!any) return rows;
  for (std::size_t k = 0; k <= kWorkKinds; ++k)
    for (std::size_t p = 0; p <= kPrecisions; ++p)
      row(k < kWorkKinds ? std::optional(static_cast<WorkKind>(k)) : std::nullopt,
          p < kPrecisions ? std::optional(static_cast<Precision>(p)) : std::nullopt);
  return rows;
}

std::vector<MeasuredTraining> training_rows(const EntryRecord& record) {
  return rows_of_work<MeasuredTraining>(record, "training", [&](const std::string& prefix) {
    return TrainingFigures{figure<double>(record, prefix + "utilisation"),
                           figure<double>(record, prefix + "bandwidth_utilisation"),
                           figure<Duration>(record, prefix + "step_overhead"),
                           figure<Duration>(record, prefix + "startup"),
                           figure<double>(record, prefix + "compute"),
                           figure<double>(record, prefix + "memory"),
                           figure<double>(record, prefix + "waiting")};
  });
}

std::vector<MeasuredInference> inference_rows(const EntryRecord& record) {
  return rows_of_work<MeasuredInference>(record, "inference", [&](const std::string& prefix) {
    return InferenceFigures{figure<double>(record, prefix + "utilisation"),
                            figure<double>(record, prefix + "bandwidth_utilisation"),
                            figure<Duration>(record, prefix + "launch"),
                            figure<Duration>(record, prefix + "call"),
                            figure<Power>(record, prefix + "power"),
                            figure<Energy>(record, prefix + "call_energy")};
  });
}

// "prices.google/device/on_demand.price"; a user's own `price:` stands before all of them.
std::vector<DevicePrice> price_rows(const EntryRecord& record) {
  std::vector<DevicePrice> rows;
  for (const PriceTerm term : {PriceTerm::on_demand, PriceTerm::spot}) {
    const std::string key = fmt::format("price.{}", to_string(term));
    if (record.find(key)) rows.push_back({"own", PriceBasis::device, term, sourced<PriceRate>(record, key), key});
  }
  constexpr std::string_view kBefore = "prices.", kAfter = ".price";
  for (const FigureRecord& f : record.figures) {
    if (!f.key.starts_with(kBefore)) continue;
    const std::string_view name =
        std::string_view(f.key).substr(kBefore.size(), f.key.size() - kBefore.size() - kAfter.size());
    const std::size_t second = name.rfind('/');
    const std::size_t first = name.rfind('/', second - 1);
    rows.push_back({std::string(name.substr(0, first)),
                    name.substr(first + 1, second - first - 1) == to_string(PriceBasis::device)
                        ? PriceBasis::device
                        : PriceBasis::instance,
                    name.substr(second + 1) == to_string(PriceTerm::spot) ? PriceTerm::spot : PriceTerm::on_demand,
                    sourced<PriceRate>(record, f.key), f.key});
  }
  return rows;
}

}  // namespace

std::string objection(const Device& device) {
  if (device.idle.value && device.tdp && *device.idle.value > *device.tdp)
    return "has an idle power above its tdp";
  return "";
}

void fill_entry(Device& device) {
  const EntryRecord& record = device.record;
  device.kind = record.word("kind");
  for (std::size_t i = 0; i < kPrecisions; ++i)
    device.peak[i] = figure<WorkRate>(record, fmt::format("specification.{}", kPrecisionNames[i]));
  device.die = figure<Area>(record, "specification.die");
  device.node = figure<double>(record, "specification.node");
  device.training = training_rows(record);
  device.inference = inference_rows(record);
  device.bandwidth = figure<Bandwidth>(record, "specification.bandwidth");
  device.memory = figure<Bytes>(record, "specification.memory");
  device.tdp = figure<Power>(record, "specification.tdp");
  for (const FigureRecord& f : record.figures)
    if (f.key.starts_with("specification.") && device.specification.source.empty())
      device.specification = f.provenance;
  device.idle = sourced<Power>(record, "idle.power");
  device.system_power = sourced<Power>(record, "measured.system_power");
  device.prices = price_rows(record);
  device.embodied = sourced<Carbon>(record, "embodied.carbon");
}

void fill_entry(Host& host) {
  const EntryRecord& record = host.record;
  const auto number = [&](std::string_view key) { return *figure<double>(record, key); };
  host.description = record.word("description");
  host.processor = provenance_of(record, "processor.tdp");
  host.shape = provenance_of(record, "shape.sockets");
  host.computing = provenance_of(record, "computing.rate");
  host.embodied = provenance_of(record, "embodied.carbon");
  const double slots = number("shape.slots");
  const Power processors =
      number("shape.sockets") * *figure<Power>(record, "processor.tdp") * number("shape.load");
  const double gigabytes = *figure<Bytes>(record, "shape.dram") / gigabyte;
  const Power memory = gigabytes * number("processor.dram_watts_per_gb") * watt;
  host.slot_power = (processors + memory) / slots;
  host.computing_rate = *figure<WorkRate>(record, "computing.rate");
  host.computing_power = *figure<Power>(record, "computing.power");
  host.slot_embodied = *figure<Carbon>(record, "embodied.carbon") / slots;
}

void fill_entry(GridEntry& grid) {
  grid = grid_entry(std::move(grid.record));
}

void fill_entry(Facility& facility) {
  const EntryRecord& record = facility.record;
  facility.description = record.word("description");
  facility.pue = *figure<double>(record, "pue");
  facility.wue = figure<WaterIntensity>(record, "wue");
  facility.provenance = provenance_of(record, "pue");
}

}  // namespace tonne
