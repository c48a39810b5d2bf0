#pragma once
// Published tables, computed again, as text, pages and pictures.

#include <string>
#include <vector>

#include "experiments/footprint/published.h"
#include "experiments/text/text_table.h"

namespace tonne::cli {

struct NamedTable {
  std::string name;
  PublishedTable table;
};

/// For a terminal; where that is narrow, each row's name stands above its cells.
[[nodiscard]] std::string reproduced_text(const NamedTable& named, const TextStyle& style);
[[nodiscard]] std::string reproduced_json(const std::vector<NamedTable>& tables);
[[nodiscard]] std::string reproduced_markdown(const std::vector<NamedTable>& tables);
/// One page that loads nothing, with the ladders drawn in it.
[[nodiscard]] std::string reproduced_html(const std::vector<NamedTable>& tables);
/// Tables of booktabs, the ladders with bars.
[[nodiscard]] std::string reproduced_latex(const std::vector<NamedTable>& tables);
/// The ladder of the only table that has one. Throws InputError where none or several have.
[[nodiscard]] std::string reproduced_svg(const std::vector<NamedTable>& tables);

}  // namespace tonne::cli
