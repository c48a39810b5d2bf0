#pragma once
// An amount of CO2e in familiar terms, as rows of pictures.

#include <vector>

#include "core/units.h"
#include "experiments/report/report_view.h"

namespace tonne {

/// Those equivalents of which the amount is neither a crumb nor a crowd; none of nothing.
[[nodiscard]] std::vector<EquivalentView> equivalent_views(Carbon carbon);

}  // namespace tonne
