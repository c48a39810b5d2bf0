#pragma once
// The facts: devices, hosts, grids and facilities. The shipped ones are compiled into the program from
// cost_models/data/*.yaml; a file of the user's, of the same form, adds entries and overrides figures. A
// figure that is missing is absent here: never zero, never a guess.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/problem.h"
#include "core/settings.h"
#include "core/units.h"
#include "cost_models/grid.h"
#include "cost_models/inference_figures.h"
#include "cost_models/training_figures.h"

namespace tonne {

/// Where a figure comes from.
struct Provenance {
  std::string source;
  int published = 0;         ///< year; 0: not told (a user's own figure)
  bool verified = false;     ///< somebody read the publisher's text; false: from memory, copied or assumed
  std::string checked = {};  ///< the day on which it was read, "2026-11-30"; empty: not told. In no digest
};

/// One figure of an entry, as the file gives it. A list such as `training: [{work: transformer, precision: fp16,
/// utilisation: 0.2}]` is told apart by the words of its rows: "training.transformer/fp16.utilisation".
struct FigureRecord {
  std::string key;                   ///< "specification.tdp"
  std::optional<QuantityKind> kind;  ///< none: a plain number
  double value = 0.0;                ///< in base units
  std::optional<double> low;         ///< where published figures differ: the lowest of them
  std::optional<double> high;        ///< and the highest
  Provenance provenance;
};
/// "300 W", "0.85", "164 kg (15 kg to 575 kg)": as people write it, with the range where one is known.
[[nodiscard]] std::string shown_figure(const FigureRecord& figure);

/// A word of an entry that is no figure: its kind, its description.
struct WordRecord {
  std::string key;
  std::string text;
};

/// An entry as it stands in the catalogue: all that the file says.
struct EntryRecord {
  std::string name;
  std::vector<WordRecord> words;
  std::vector<FigureRecord> figures;  ///< in the order of the file's schema

  /// Null when the entry has no such figure.
  [[nodiscard]] const FigureRecord* find(std::string_view key) const;
  /// Empty when the entry has no such word.
  [[nodiscard]] std::string_view word(std::string_view key) const;
  /// Over everything that the entry says.
  [[nodiscard]] std::uint64_t digest() const;
};

/// A figure with its own provenance, absent when none is known here; a range where published ones differ.
template <class Q>
struct Sourced {
  std::optional<Q> value;
  std::optional<Q> low;
  std::optional<Q> high;
  Provenance provenance;
};

/// Of the device alone, or of a whole instance (processors, memory and disk with it), per device.
enum class PriceBasis : std::uint8_t { device, instance };
/// spot: the provider may take the device back.
enum class PriceTerm : std::uint8_t { on_demand, spot };
/// As the catalogue's file has them.
[[nodiscard]] constexpr std::string_view to_string(PriceBasis basis) {
  return basis == PriceBasis::device ? "device" : "instance";
}
[[nodiscard]] constexpr std::string_view to_string(PriceTerm term) {
  return term == PriceTerm::on_demand ? "on_demand" : "spot";
}

/// What one provider asks for one device.
struct DevicePrice {
  std::string provider;  ///< "own": from the `price:` of a user's file
  PriceBasis basis = PriceBasis::device;
  PriceTerm term = PriceTerm::on_demand;
  Sourced<PriceRate> price;
  std::string key;  ///< of its figure in the record
};

/// A processor or accelerator, as one worker uses it. Dense peaks, without sparsity.
struct Device {
  std::string name;
  std::string kind;  ///< "gpu", "tpu", "cpu", "edge", "microcontroller", "accelerator"
  std::array<std::optional<WorkRate>, kPrecisions> peak;  ///< by Precision
  std::optional<Bandwidth> bandwidth;
  std::optional<Bytes> memory;
  std::optional<Power> tdp;
  Provenance
      specification;  ///< of the first of the five above that is known; each one's own is in the record
  Sourced<Power> idle;
  Sourced<Power> system_power;  ///< measured mean of device and its share of the server, in training
  std::vector<MeasuredTraining> training;  ///< what it reached, by kind of work and precision
  std::vector<MeasuredInference> inference;  ///< likewise in inference
  std::optional<Area> die;                 ///< of all dies that compute
  std::optional<double> node;              ///< of the process, in nm
  std::vector<DevicePrice> prices;         ///< the user's own first, then as the file has them
  Sourced<Carbon> embodied;
  EntryRecord record;
  std::uint64_t digest = 0;  ///< of the whole entry

  [[nodiscard]] std::optional<WorkRate> peak_of(Precision precision) const {
    return peak[static_cast<std::size_t>(precision)];
  }
  /// The host that it stands in unless the user names one; empty: that of all clusters.
  [[nodiscard]] std::string_view usual_host() const { return record.word("host"); }
  /// The row that a rental goes by: of this term, of the provider (empty: the first) and on the basis (none: the device
  /// alone where there is such a row, else the instance). Null where the catalogue has none.
  [[nodiscard]] const DevicePrice* price_of(PriceTerm term, std::string_view provider = {},
                                            std::optional<PriceBasis> basis = std::nullopt) const;
};

/// The device with other values at some of its record's keys ("training.convolution/fp16.utilisation"), in base units.
/// Precondition: it has figures of these keys.
[[nodiscard]] Device with_figures(Device device, std::span<const std::pair<std::string, double>> figures);

/// The server around the devices, as the share of one device slot.
struct Host {
  std::string name;
  std::string description;
  Power slot_power{};  ///< (sockets * CPU TDP * load + DRAM) / slots, drawn whether the device works or waits
  WorkRate computing_rate{};  ///< one core on the strategy's own computing
  Power computing_power{};    ///< what that core draws above slot_power
  Carbon slot_embodied{};
  Provenance processor;  ///< of the CPU's TDP
  Provenance shape;      ///< of sockets
  Provenance computing;
  Provenance embodied;
  EntryRecord record;
  std::uint64_t digest = 0;
};

/// A year's mean of one grid.
struct GridEntry {
  std::string name;   ///< "US-2018", "FRA-2023", "Oregon-2024"
  std::string place;  ///< in words
  std::string kind;   ///< "country", "state", "subregion" (of eGRID), "cloud region", "world", "own"
  int of_year = 0;
  Intensity intensity{};
  SignalNature nature;
  std::optional<WaterIntensity> water;  ///< consumed by the power stations per energy delivered
  Provenance provenance;                ///< of the intensity
  EntryRecord record;
  std::uint64_t digest = 0;
};

/// A data centre, or the mean of many.
struct Facility {
  std::string name;
  std::string description;
  double pue = 1.0;                   ///< facility energy per IT energy, >= 1
  std::optional<WaterIntensity> wue;  ///< water evaporated on site per IT energy
  Provenance provenance;              ///< of the PUE
  EntryRecord record;
  std::uint64_t digest = 0;
};

/// The entry of an exact name: of those listed or, by key and year, of the shipped tables (grid_table.h).
[[nodiscard]] std::optional<GridEntry> find_exact_grid(std::span<const GridEntry> listed,
                                                       std::string_view name);
/// As Catalogue::grid(), with the entries that stand beside the shipped tables.
[[nodiscard]] GridEntry find_called_grid(std::span<const GridEntry> listed, std::string_view name);

/// Whether an entry may have this name: 1 to 64 letters, digits and -_.+
[[nodiscard]] bool is_entry_name(std::string_view name);

/// Immutable; shared by whoever needs it.
class Catalogue {
 public:
  /// What the program ships.
  [[nodiscard]] static std::shared_ptr<const Catalogue> shipped();
  /// The shipped entries with those of a user's file over them: top-level keys devices, hosts, grids,
  /// facilities, each a map from a name to an entry. A known name changes the figures that it gives and keeps
  /// the rest; `like: NAME` starts from another entry, shipped or above it in the file. An empty path: the
  /// shipped ones. Throws InputError with file, line and column.
  [[nodiscard]] static std::shared_ptr<const Catalogue> with_file(const std::filesystem::path& file);
  /// The same from text; `file` is what messages call it.
  [[nodiscard]] static std::shared_ptr<const Catalogue> with_text(const std::string& text,
                                                                  const std::string& file);
  /// The same over the entries of `base`, in place of the shipped ones.
  [[nodiscard]] static std::shared_ptr<const Catalogue> with_text(const std::string& text, const std::string& file,
                                                                  const Catalogue& base);

  /// All entries: the shipped ones in the order of their files, then the user's. Grids are thousands, of
  /// every place and year, and are made for the caller, those of the tables (grid_table.h) last.
  [[nodiscard]] std::span<const Device> devices() const { return devices_; }
  [[nodiscard]] std::span<const Host> hosts() const { return hosts_; }
  [[nodiscard]] std::vector<GridEntry> grids() const;
  [[nodiscard]] std::span<const Facility> facilities() const { return facilities_; }

  /// Of each place of the tables the latest year alone.
  [[nodiscard]] std::vector<GridEntry> latest_grids() const;

  /// The entry of that exact name. Throws InputError that gives the nearest name and how to list them all.
  [[nodiscard]] const Device& device(std::string_view name) const;
  [[nodiscard]] const Host& host(std::string_view name) const;
  [[nodiscard]] const Facility& facility(std::string_view name) const;
  /// The entry of that exact name or, by an ISO code, a name or a cloud region ("FRA", "France", "fr",
  /// "aws:eu-west-3"), of the latest year; with a year behind it ("fr-2019"), of that. Throws InputError for
  /// an unknown name, for one that means several grids, which it names, and for a year without a figure.
  [[nodiscard]] GridEntry grid(std::string_view name) const;
  /// The same, and none for what grid() refuses.
  [[nodiscard]] std::optional<GridEntry> find_grid(std::string_view name) const;

  /// Of the bytes of the user's file; 0 without one.
  [[nodiscard]] std::uint64_t file_digest() const { return file_digest_; }

 private:
  Catalogue() = default;
  void read(const std::string& text, const std::string& file, bool shipped);

  std::vector<Device> devices_;
  std::vector<Host> hosts_;
  std::vector<GridEntry> grids_;  // without those of the shipped tables
  std::vector<Facility> facilities_;
  std::uint64_t file_digest_ = 0;
};

}  // namespace tonne
