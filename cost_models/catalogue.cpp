#include "cost_models/catalogue.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <stdexcept>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/random.h"
#include "cost_models/data/embedded.h"

namespace tonne {
namespace {

// A fault in a shipped file is a programmer's error, which the tests find.
[[noreturn]] void fault(const YAML::Node& node, std::string_view what) {
  throw std::logic_error(fmt::format("shipped catalogue, line {}: {}", node.Mark().line + 1, what));
}

std::optional<double> number(const YAML::Node& node, const char* key) {
  const YAML::Node field = node[key];
  if (!field) return std::nullopt;
  const auto value = parse_number(field.Scalar());
  if (!value || *value < 0.0) fault(node, fmt::format("'{}' is no number from 0", key));
  return value;
}

double required_number(const YAML::Node& node, const char* key) {
  const auto value = number(node, key);
  if (!value) fault(node, fmt::format("'{}' is missing", key));
  return *value;
}

std::string required_text(const YAML::Node& node, const char* key) {
  const YAML::Node field = node[key];
  if (!field || field.Scalar().empty()) fault(node, fmt::format("'{}' is missing", key));
  return field.Scalar();
}

template <class Q>
std::optional<Q> quantity(const YAML::Node& node, const char* key, Q unit) {
  const auto value = number(node, key);
  return value ? std::optional(*value * unit) : std::nullopt;
}

Provenance provenance(const YAML::Node& node) {
  const std::string verified = required_text(node, "verified");
  if (verified != "true" && verified != "false") fault(node, "'verified' is neither true nor false");
  return {required_text(node, "source"), static_cast<int>(required_number(node, "year")), verified == "true"};
}

// A figure in a group of its own; an absent group is an absent figure.
template <class Q>
Sourced<Q> sourced(const YAML::Node& entry, const char* group, const char* key, Q unit) {
  const YAML::Node node = entry[group];
  if (!node || !node[key]) return {};
  return {quantity(node, key, unit), provenance(node)};
}

template <class E>
E one_of(const YAML::Node& node, const char* key, E first, E second) {
  const std::string text = required_text(node, key);
  if (text == to_string(first)) return first;
  if (text == to_string(second)) return second;
  fault(node, fmt::format("'{}' is {}", key, text));
}

// Over every key and value as text, in the order of the file.
std::uint64_t digest_of(const YAML::Node& node) {
  if (node.IsScalar()) return hash_text(node.Scalar());
  std::uint64_t digest = mix_bits(node.size());
  for (const auto& item : node) {
    const std::uint64_t part =
        node.IsMap() ? mix_bits(digest_of(item.first)) ^ digest_of(item.second) : digest_of(item);
    digest = mix_bits(digest ^ part);
  }
  return digest;
}

Device read_device(const YAML::Node& node) {
  Device device;
  device.name = required_text(node, "name");
  device.kind = required_text(node, "kind");
  const YAML::Node specification = node["specification"];
  if (!specification) fault(node, "'specification' is missing");
  device.peak = {quantity(specification, "fp32", teraflop_per_second),
                 quantity(specification, "fp16", teraflop_per_second),
                 quantity(specification, "int8", teraflop_per_second)};
  device.bandwidth = quantity(specification, "bandwidth", gigabyte_per_second);
  device.memory = quantity(specification, "memory", gigabyte);
  device.tdp = quantity(specification, "tdp", watt);
  device.specification = provenance(specification);
  device.idle = sourced(node, "idle", "power", watt);
  device.on_demand = sourced(node, "price", "on_demand", dollar_per_hour);
  device.spot = sourced(node, "price", "spot", dollar_per_hour);
  device.embodied = sourced(node, "embodied", "carbon", kilogram);
  return device;
}

Host read_host(const YAML::Node& node) {
  Host host;
  host.name = required_text(node, "name");
  host.description = required_text(node, "description");
  const YAML::Node processor = node["processor"];
  const YAML::Node shape = node["shape"];
  const YAML::Node computing = node["computing"];
  const YAML::Node embodied = node["embodied"];
  if (!processor || !shape || !computing || !embodied) fault(node, "a group of the host is missing");
  host.processor = provenance(processor);
  host.shape = provenance(shape);
  host.computing = provenance(computing);
  host.embodied = provenance(embodied);
  const double slots = required_number(shape, "slots");
  if (slots < 1.0) fault(node, "a host has one slot or more");
  const Power processors = required_number(shape, "sockets") * required_number(processor, "tdp") *
                           required_number(shape, "load") * watt;
  const Power memory = required_number(shape, "dram") * required_number(processor, "dram_per_gb") * watt;
  host.slot_power = (processors + memory) / slots;
  host.computing_rate = required_number(computing, "rate") * 1e9 * flop_per_second;
  host.computing_power = required_number(computing, "power") * watt;
  host.slot_embodied = required_number(embodied, "carbon") * kilogram / slots;
  return host;
}

GridEntry read_grid(const YAML::Node& node) {
  GridEntry grid;
  grid.name = required_text(node, "name");
  grid.place = required_text(node, "place");
  grid.kind = required_text(node, "kind");
  grid.of_year = static_cast<int>(required_number(node, "of_year"));
  grid.intensity = required_number(node, "intensity") * gram_per_kilowatt_hour;
  grid.nature = {one_of(node, "signal", SignalKind::average, SignalKind::marginal),
                 one_of(node, "scope", SignalScope::direct, SignalScope::life_cycle)};
  grid.provenance = provenance(node);
  return grid;
}

Facility read_facility(const YAML::Node& node) {
  Facility facility;
  facility.name = required_text(node, "name");
  facility.description = required_text(node, "description");
  facility.pue = required_number(node, "pue");
  if (facility.pue < 1.0) fault(node, "a PUE is 1 or more");
  facility.wue = quantity(node, "wue", litre / kilowatt_hour);
  facility.provenance = provenance(node);
  return facility;
}

template <class Entry>
std::vector<Entry> read_all(std::string_view text, Entry (*read)(const YAML::Node&)) {
  std::vector<Entry> entries;
  for (const YAML::Node& node : YAML::Load(std::string(text))) {
    entries.push_back(read(node));
    entries.back().digest = digest_of(node);
  }
  return entries;
}

template <class Entry>
const Entry& find(std::span<const Entry> entries, std::string_view name, std::string_view what,
                  std::string_view command) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  const std::string hint = did_you_mean(name, names);
  const std::string all =
      command.empty() ? "known: " + join_names(names) : fmt::format("{} shows all {}", command, names.size());
  throw InputError(
      fmt::format("unknown {} '{}'{} ({})", what, name.substr(0, 64), hint.empty() ? "" : ". " + hint, all));
}

}  // namespace

std::span<const Device> devices() {
  static const std::vector<Device> entries = read_all(data::devices, read_device);
  return entries;
}

std::span<const Host> hosts() {
  static const std::vector<Host> entries = read_all(data::hosts, read_host);
  return entries;
}

std::span<const GridEntry> grids() {
  static const std::vector<GridEntry> entries = read_all(data::grids, read_grid);
  return entries;
}

std::span<const Facility> facilities() {
  static const std::vector<Facility> entries = read_all(data::facilities, read_facility);
  return entries;
}

const Device& find_device(std::string_view name) {
  return find(devices(), name, "device", "tonne list devices");
}
const Host& find_host(std::string_view name) {
  return find(hosts(), name, "host", "");
}
const GridEntry& find_grid(std::string_view name) {
  return find(grids(), name, "grid", "tonne list grids");
}
const Facility& find_facility(std::string_view name) {
  return find(facilities(), name, "facility", "");
}

}  // namespace tonne
