#include "experiments/exports/own_footprint.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "core/json.h"
#include "core/units.h"
#include "experiments/results/new_file.h"
#include "experiments/results/records.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

double processor_seconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0.0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::optional<double> number_in(const fs::path& file) {
  std::ifstream stream(file);
  double value = 0.0;
  return stream >> value ? std::optional(value) : std::nullopt;
}

// Packages are intel-rapl:0, intel-rapl:1, ...; their parts (intel-rapl:0:0) are counted in them.
bool is_package(const std::string& name) {
  return name.starts_with("intel-rapl:") && name.find(':', 11) == std::string::npos;
}

// Joules since some time in the past; none when a package cannot be read. A counter that wrapped since the
// first reading shows as less than it: the caller cannot tell how often, so the reading is dropped.
std::optional<double> package_joules(const fs::path& powercap) {
  std::error_code error;
  double joules = 0.0;
  bool any = false;
  for (fs::directory_iterator entry(powercap, error), end; !error && entry != end; entry.increment(error)) {
    if (!is_package(entry->path().filename().string())) continue;
    const auto energy = number_in(entry->path() / "energy_uj");
    if (!energy) return std::nullopt;
    joules += *energy * 1e-6;
    any = true;
  }
  return any ? std::optional(joules) : std::nullopt;
}

}  // namespace

double OwnFootprint::kilowatt_hours() const {
  return rapl_joules.value_or(cpu_seconds * kWattsPerCore) * joule / kilowatt_hour;
}

double OwnFootprint::grams() const {
  return kilowatt_hours() * kGramsPerKilowattHour;
}

OwnMeter::OwnMeter(fs::path powercap)
    : powercap_(std::move(powercap)), cpu_seconds_(processor_seconds()), joules_(package_joules(powercap_)) {}

OwnFootprint OwnMeter::read() const {
  OwnFootprint footprint;
  footprint.runs = 1;
  footprint.cpu_seconds = processor_seconds() - cpu_seconds_;
  const auto now = package_joules(powercap_);
  if (joules_ && now && *now >= *joules_) footprint.rapl_joules = *now - *joules_;
  return footprint;
}

std::string own_footprint_text(const OwnFootprint& footprint) {
  const double grams = footprint.grams();
  return fmt::format(
      "Simulating took {} s of CPU time and {:.2g} kWh ({}), {} g CO2e on the world's mean grid ({:g} g/kWh, life "
      "cycle; without the making of the computer).",
      significant_text(footprint.cpu_seconds), footprint.kilowatt_hours(),
      footprint.rapl_joules ? "measured by RAPL" : fmt::format("assumed: {:g} W per core", kWattsPerCore),
      grams < 0.001 ? "less than 0.001" : "about " + fmt::format("{:.2g}", grams), kGramsPerKilowattHour);
}

void add_own_footprint(const fs::path& folder, const OwnFootprint& footprint) {
  OwnFootprint sum = read_own_footprint(folder).value_or(OwnFootprint{});
  // A sum of measured and assumed power would be neither.
  const bool measured = footprint.rapl_joules && (sum.runs == 0 || sum.rapl_joules);
  sum.rapl_joules =
      measured ? std::optional(sum.rapl_joules.value_or(0.0) + *footprint.rapl_joules) : std::nullopt;
  sum.cpu_seconds += footprint.cpu_seconds;
  sum.runs += footprint.runs;
  const Json json = {
      {"cpu_seconds", sum.cpu_seconds},
      {"rapl_joules", sum.rapl_joules ? Json(*sum.rapl_joules) : Json()},
      {"runs", sum.runs}};
  try {
    discard_link(folder / kOwnFootprintFile);
    NewFile file(folder / kOwnFootprintFile);
    file.write(json_document(json));
    file.commit();
  } catch (const StoreError&) {
    return;  // as promised
  }
}

std::optional<OwnFootprint> read_own_footprint(const fs::path& folder) {
  std::ifstream stream(folder / kOwnFootprintFile);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  const Json json = parse_json(text.str());
  if (!json.is_object() || !json.contains("cpu_seconds") || !json["cpu_seconds"].is_number())
    return std::nullopt;
  OwnFootprint footprint;
  footprint.cpu_seconds = json["cpu_seconds"].get<double>();
  if (json.contains("rapl_joules") && json["rapl_joules"].is_number())
    footprint.rapl_joules = json["rapl_joules"].get<double>();
  footprint.runs =
      json.contains("runs") && json["runs"].is_number_unsigned() ? json["runs"].get<std::size_t>() : 1;
  return footprint;
}

}  // namespace tonne
