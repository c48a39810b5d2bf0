#pragma once
// The files that every report.html holds, compiled into the program.

#include <string_view>

namespace tonne::report_assets {

extern const std::string_view kTemplate;  ///< mustache
extern const std::string_view kStyle;
extern const std::string_view kScript;
extern const std::string_view kPlotly;  ///< plotly.js basic 2.35.3, MIT licence (assets/plotly-LICENSE.txt)

}  // namespace tonne::report_assets
