#pragma once
// What an experiment is about leads its page: whether searches pay back, what a place, season or price
// changes, how far boards lie apart. Each is there only where the experiment asks it.

#include <string>
#include <vector>

#include "experiments/analysis/board.h"
#include "experiments/analysis/findings.h"
#include "experiments/report/report_view.h"

namespace tonne {

/// In the order of the page.
[[nodiscard]] std::vector<LeadView> lead_views(const std::vector<Board>& boards,
                                               const std::vector<BoardFindings>& findings);

/// Labels of scenarios without the parts "key=value" that all of them share, and without the keys where one
/// part is left; as they are where they are not made alike. `heading`: the key that was dropped, "scenario"
/// where none was.
struct ShortLabels {
  std::string heading;
  std::vector<std::string> labels;
};
[[nodiscard]] ShortLabels short_labels(const std::vector<std::string>& labels);

/// More boards than this are folded: an overview and the first ones stand open.
inline constexpr std::size_t kMostOpenBoards = 8;

}  // namespace tonne
