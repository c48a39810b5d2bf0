#pragma once

namespace tonne {

/// The program's version, as in CMakeLists.txt.
[[nodiscard]] const char* version();

}  // namespace tonne
