#pragma once

namespace tonne {

/// The program's version, as in CMakeLists.txt.
[[nodiscard]] const char* version();

/// Day of this version, as 2026-12-01, for manual pages: reading a clock would make no two builds equal.
[[nodiscard]] const char* version_date();

}  // namespace tonne
