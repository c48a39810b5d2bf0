#pragma once
// Experiments that the program holds: what `tonne init` starts from.

#include <span>
#include <string_view>

namespace tonne::cli {

struct ShippedConfig {
  std::string_view name;  ///< of its file in configs/, without .yaml
  std::string_view text;
};
/// Those of configs/ that name no other file, by name.
[[nodiscard]] std::span<const ShippedConfig> shipped_configs();
/// The commented experiment for those who begin.
[[nodiscard]] std::string_view first_experiment();

}  // namespace tonne::cli
