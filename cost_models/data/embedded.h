#pragma once
// The texts of the shipped files; the build writes their definitions (embedded.cpp.in).

#include <string_view>

namespace tonne::data {

extern const std::string_view devices;
extern const std::string_view hosts;
extern const std::string_view grids;
extern const std::string_view facilities;
extern const std::string_view grids_countries;
extern const std::string_view grids_google;
extern const std::string_view grids_egrid;
extern const std::string_view grids_clouds;
extern const std::string_view grids_water;

}  // namespace tonne::data
