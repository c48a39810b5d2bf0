// tonne statement: a paper's appendix.

#include "experiments/exports/statement.h"

#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"

namespace tonne::cli {

int statement(const StatementArguments& arguments) {
  const StatementFormat format = arguments.format == "md"      ? StatementFormat::markdown
                                 : arguments.format == "latex" ? StatementFormat::latex
                                                               : StatementFormat::text;
  const Store store = Store::open(arguments.results);
  const bool folder = std::filesystem::is_directory(arguments.results);
  const auto own = read_own_footprint(folder ? arguments.results : arguments.results.parent_path());
  const std::string text = sustainability_statement(store, own, format);
  if (arguments.out.empty()) {
    print(text);
    return kSuccess;
  }
  NewFile file(arguments.out);
  file.write(text);
  file.commit();
  print(arguments.out.string() + "\n");
  return kSuccess;
}

}  // namespace tonne::cli
