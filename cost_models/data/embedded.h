#pragma once
// The texts of the shipped YAML files; the build writes their definitions (embedded.cpp.in).

#include <string_view>

namespace tonne::data {

extern const std::string_view devices;
extern const std::string_view hosts;
extern const std::string_view grids;
extern const std::string_view facilities;

}  // namespace tonne::data
