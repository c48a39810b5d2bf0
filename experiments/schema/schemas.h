#pragma once
// JSON Schema (draft-07) of the files that the program reads, made by visiting the settings that read them.

#include <span>
#include <string_view>

#include "core/json_fwd.h"

namespace tonne {

/// A kind of file.
struct FileSchema {
  std::string_view name;  ///< "experiment"
  Json (*make)();
};

/// experiment, estimate, catalogue, measurements.
[[nodiscard]] std::span<const FileSchema> file_schemas();

/// An experiment file (docs/experiment-file.md).
[[nodiscard]] Json experiment_schema();
/// The file of `tonne estimate`. What a file leaves out may be given as an option, so nothing is required.
[[nodiscard]] Json estimate_schema();
/// A user's catalogue of devices, hosts, grids and facilities.
[[nodiscard]] Json catalogue_schema();
/// Measured runs, as `tonne calibrate` reads them.
[[nodiscard]] Json measurements_schema();

}  // namespace tonne
