#pragma once
// Estimates from text.

#include <filesystem>
#include <string>

#include "core/yaml.h"
#include "experiments/footprint/estimate.h"

namespace tonne::testing {

/// The estimate that the file asks for; paths in it start in `folder`.
inline Estimate estimate_of(const std::string& yaml, const std::filesystem::path& folder = {}) {
  const YamlSource source{"e.yaml", folder};
  return estimate(read_estimate(parse_yaml(yaml, source.file), source));
}

}  // namespace tonne::testing
