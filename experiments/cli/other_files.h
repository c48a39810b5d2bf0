#pragma once
// Files of this program that are no experiments, as `tonne validate` meets them.

#include <filesystem>
#include <optional>
#include <string>

namespace tonne::cli {

struct OtherFile {
  std::string kind;      ///< "an estimate"
  std::string sentence;  ///< what it is and what reads it
};

/// What a valid file is; nothing where it looks like an experiment, or like nothing known. Throws InputError where it is of
/// another kind, and not valid as such.
[[nodiscard]] std::optional<OtherFile> checked_other_file(const std::filesystem::path& file);

}  // namespace tonne::cli
