#include "experiments/meters/meter_log.h"

#include <algorithm>
#include <array>

#include "core/error.h"

namespace tonne::meters {
namespace {

struct FormatRow {
  Format format;
  std::string_view name;
  std::string_view title;
};
constexpr auto kFormats = std::to_array<FormatRow>({
    {Format::automatic, "automatic", "told from the content"},
    {Format::codecarbon, "codecarbon", "CodeCarbon's emissions.csv"},
    {Format::nvidia_smi, "nvidia-smi", "nvidia-smi --query-gpu"},
    {Format::nvidia_dmon, "nvidia-dmon", "nvidia-smi dmon"},
    {Format::dcgm_dmon, "dcgm-dmon", "dcgmi dmon"},
    {Format::dcgm_csv, "dcgm-csv", "table of DCGM fields"},
    {Format::prometheus, "prometheus", "scrapes of dcgm-exporter"},
    {Format::zeus_power, "zeus-power", "table of times and power, as Zeus's power monitor writes"},
    {Format::zeus_windows, "zeus-windows", "ZeusMonitor's log of windows"},
    {Format::slurm, "slurm", "Slurm's sacct"},
    {Format::rapl, "rapl", "RAPL energy counters"},
    {Format::perf, "perf", "perf stat -I"},
    {Format::turbostat, "turbostat", "turbostat"},
});

const FormatRow& row_of(Format format) {
  return *std::ranges::find(kFormats, format, &FormatRow::format);
}

std::string shown_name(std::string_view name) {
  constexpr std::size_t kLongest = 40;
  return "'" + printable(name.substr(0, kLongest)) + "'";
}

bool is_number_of(const std::string& id, std::string_view number) {
  return id.size() > number.size() && id.ends_with(number) && id[id.size() - number.size() - 1] == ' ';
}

}  // namespace

std::string_view format_name(Format format) {
  return row_of(format).name;
}

std::string_view format_title(Format format) {
  return row_of(format).title;
}

Format format_from_name(std::string_view name) {
  std::vector<std::string> names;
  for (const FormatRow& row : kFormats) {
    if (row.name == name) return row.format;
    names.emplace_back(row.name);
  }
  throw InputError("there is no format " + shown_name(name) +
                   " of a power meter's log. Known: " + join_names(names));
}

Energy Run::energy() const {
  Energy sum{};
  for (const Part& part : parts) sum += part.energy;
  return sum;
}

const Device& find_device(const MeterLog& log, std::string_view id) {
  const auto exact = std::ranges::find(log.devices, id, &Device::id);
  if (exact != log.devices.end()) return *exact;
  const auto is_meant = [&](const Device& device) { return !id.empty() && is_number_of(device.id, id); };
  if (std::ranges::count_if(log.devices, is_meant) == 1) return *std::ranges::find_if(log.devices, is_meant);
  std::vector<std::string> ids;
  for (const Device& device : log.devices) ids.push_back(device.id);
  throw InputError({log.file, 0, 0}, "",
                   "there is no one device " + shown_name(id) + ". It has: " + join_names(ids));
}

}  // namespace tonne::meters
