#pragma once
// The words of the first screen, explained where they stand.

#include <vector>

#include "experiments/report/report_view.h"

namespace tonne {

/// Those that headlines, leads, the overview and the first board's text and leaderboard use, in the order in
/// which a reader meets them.
[[nodiscard]] std::vector<TermView> terms_of(const ReportView& view);

}  // namespace tonne
