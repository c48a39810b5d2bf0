#pragma once
// What the simulator itself used: measured, so it differs from run to run. It stays out of the store and of
// every file whose bytes are promised.

#include <filesystem>
#include <optional>
#include <string>

namespace tonne {

/// Of one or several runs.
struct OwnFootprint {
  double cpu_seconds = 0.0;  ///< user and system, all threads; external strategies' processes not
  std::optional<double>
      rapl_joules;  ///< of the processor packages, whatever else ran on them; none: not readable
  std::size_t runs = 0;

  /// kWh: what RAPL measured, else cpu_seconds at kWattsPerCore.
  [[nodiscard]] double kilowatt_hours() const;
  /// Of its electricity on the world's mean grid (kGramsPerKilowattHour, life cycle), without the computer's
  /// manufacture. To compare it with a search's, take kilowatt_hours() on that search's grid.
  [[nodiscard]] double grams() const;
};

/// A server core at work with its share of memory and board; published server measurements give 8 to 18 W
/// (assumed, not checked against one source). A factor of two either way does not matter at the grams in
/// question.
inline constexpr double kWattsPerCore = 12.0;
/// The catalogue's World-2023: life cycle, location-based.
inline constexpr double kGramsPerKilowattHour = 480.8;

/// Measures from its construction on.
class OwnMeter {
 public:
  /// `powercap`: where Linux shows RAPL's domains.
  explicit OwnMeter(std::filesystem::path powercap = "/sys/class/powercap");
  [[nodiscard]] OwnFootprint read() const;

 private:
  std::filesystem::path powercap_;
  double cpu_seconds_ = 0.0;
  std::optional<double> joules_;
};

/// "Simulating took 3.1 s of CPU time and 1e-05 kWh (assumed: 12 W per core), about 0.005 g CO2e on the world's mean
/// grid (480.8 g/kWh, life cycle; without the making of the computer)."
[[nodiscard]] std::string own_footprint_text(const OwnFootprint& footprint);

inline constexpr const char* kOwnFootprintFile = "footprint.json";

/// Adds to footprint.json in the results folder. A folder that cannot be written is no error: the results
/// matter.
void add_own_footprint(const std::filesystem::path& folder, const OwnFootprint& footprint);
/// Of all runs that wrote into the folder; none where there is no such file or it cannot be read.
[[nodiscard]] std::optional<OwnFootprint> read_own_footprint(const std::filesystem::path& folder);

}  // namespace tonne
