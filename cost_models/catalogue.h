#pragma once
// The shipped facts: devices, hosts, grids and facilities, compiled into the program from
// cost_models/data/*.yaml. A figure that is missing there is absent here: never zero, never a guess.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/problem.h"
#include "core/units.h"
#include "cost_models/grid.h"

namespace tonne {

/// Where a figure comes from.
struct Provenance {
  std::string source;
  int published = 0;      ///< year
  bool verified = false;  ///< false: from memory or by assumption, not checked against the source
};

/// A figure with its own provenance, absent when nobody published one.
template <class Q>
struct Sourced {
  std::optional<Q> value;
  Provenance provenance;
};

inline constexpr std::size_t kPrecisions = 3;

/// An accelerator, as one worker uses it. Dense peaks, without sparsity.
struct Device {
  std::string name;
  std::string kind;                                       ///< "gpu", "tpu", "edge", "microcontroller"
  std::array<std::optional<WorkRate>, kPrecisions> peak;  ///< by Precision
  std::optional<Bandwidth> bandwidth;
  std::optional<Bytes> memory;
  std::optional<Power> tdp;
  Provenance specification;  ///< of the five above
  Sourced<Power> idle;
  Sourced<PriceRate> on_demand;
  Sourced<PriceRate> spot;
  Sourced<Carbon> embodied;
  std::uint64_t digest = 0;  ///< of the whole entry

  [[nodiscard]] std::optional<WorkRate> peak_of(Precision precision) const {
    return peak[static_cast<std::size_t>(precision)];
  }
};

/// The server around the devices, as the share of one device slot.
struct Host {
  std::string name;
  std::string description;
  Power slot_power{};  ///< (sockets * CPU TDP * load + DRAM) / slots, drawn whether the device works or waits
  WorkRate computing_rate{};  ///< one core on the strategy's own computing
  Power computing_power{};    ///< what that core draws above slot_power
  Carbon slot_embodied{};
  Provenance processor;  ///< of the CPU's TDP and the DRAM's draw
  Provenance shape;      ///< of sockets, DRAM and slots
  Provenance computing;
  Provenance embodied;
  std::uint64_t digest = 0;
};

/// A year's mean of one grid.
struct GridEntry {
  std::string name;   ///< "US-2018", "FRA-2023", "Oregon-2024"
  std::string place;  ///< in words
  std::string kind;   ///< "country", "cloud region", "world"
  int of_year = 0;
  Intensity intensity{};
  SignalNature nature;
  Provenance provenance;
  std::uint64_t digest = 0;
};

/// A data centre, or the mean of many.
struct Facility {
  std::string name;
  std::string description;
  double pue = 1.0;  ///< facility energy per IT energy, >= 1
  std::optional<WaterIntensity> wue;
  Provenance provenance;
  std::uint64_t digest = 0;
};

/// All entries, in the order of the shipped files.
[[nodiscard]] std::span<const Device> devices();
[[nodiscard]] std::span<const Host> hosts();
[[nodiscard]] std::span<const GridEntry> grids();
[[nodiscard]] std::span<const Facility> facilities();

/// The entry of that exact name. Throws InputError that gives the nearest name and how to list them all.
[[nodiscard]] const Device& find_device(std::string_view name);
[[nodiscard]] const Host& find_host(std::string_view name);
[[nodiscard]] const GridEntry& find_grid(std::string_view name);
[[nodiscard]] const Facility& find_facility(std::string_view name);

}  // namespace tonne
