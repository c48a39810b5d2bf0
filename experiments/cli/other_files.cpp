#include "experiments/cli/other_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "core/csv.h"
#include "core/yaml.h"
#include "cost_models/catalogue.h"
#include "experiments/footprint/estimate.h"
#include "experiments/footprint/estimate_request.h"
#include "experiments/footprint/published.h"
#include "experiments/measured/measurements.h"

namespace tonne::cli {
namespace {

namespace fs = std::filesystem;

bool has_any(const YamlNode& root, std::initializer_list<std::string_view> keys) {
  return std::ranges::any_of(keys, [&](std::string_view key) { return root.find(key) != nullptr; });
}

// Sections with entries: an estimate's `devices` is a number.
bool is_catalogue(const YamlNode& root) {
  constexpr auto kSections = std::to_array<std::string_view>({"devices", "hosts", "grids", "facilities"});
  return std::ranges::any_of(kSections, [&](std::string_view key) { return root.find(key) != nullptr && root.find(key)->is_map(); });
}

// What only an estimate has at its top.
bool is_estimate(const YamlNode& root) {
  return has_any(root, {"hours", "time", "flops", "parameters", "tokens", "forward", "device", "watts", "power", "grid", "pue"});
}

OtherFile check_estimate(const YamlNode& root, const fs::path& file) {
  const YamlSource source{file.string(), file.parent_path()};
  try {
    (void)estimate(read_estimate(root, source));
  } catch (const InputError& error) {
    if (error.has_location()) throw;
    throw InputError({source.file, 0, 0}, error.path(), error.message());
  }
  return {"an estimate", fmt::format("is a valid estimate, which tonne estimate {} computes", file.string())};
}

}  // namespace

std::optional<OtherFile> checked_other_file(const fs::path& file) {
  const std::string text = read_text_file(file, YamlLimits{}.bytes);
  const YamlNode root = parse_yaml(text, file.string());
  if (!root.is_map() || has_any(root, {"problems", "strategies"})) return std::nullopt;
  if (root.find("measured")) {
    (void)read_measurements(file);
    return OtherFile{"measured runs", fmt::format("describes measured runs, all of which can be read: tonne calibrate {0}, or tonne calibrate --check {0}", file.string())};
  }
  if (root.find("rows")) {
    const bool holds = reproduce(text, file.string()).holds();
    return OtherFile{"a published table", fmt::format("is a valid published table{}, which tonne reproduce {} recomputes",
                                                      holds ? "" : " (a cell is off)", file.string())};
  }
  if (is_catalogue(root)) {
    (void)Catalogue::with_file(file);
    return OtherFile{"a catalogue", fmt::format("is a valid catalogue of devices, hosts, grids or facilities: name it as `catalogue` of a cluster, or see it with tonne list devices --catalogue {}", file.string())};
  }
  if (is_estimate(root)) return check_estimate(root, file);
  return std::nullopt;
}

}  // namespace tonne::cli
