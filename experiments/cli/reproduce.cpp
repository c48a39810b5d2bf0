// tonne reproduce: published tables computed again from their inputs.

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/reproduce_formats.h"
#include "experiments/cli/terminal.h"
#include "experiments/footprint/published.h"

namespace tonne::cli {
namespace {

std::string read_text(const std::string& file) {
  constexpr std::size_t kLongest = std::size_t{4} << 20U;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw InputError(printable(file) + ": is not a regular file");
  std::ifstream stream(file, std::ios::binary);
  std::string text(kLongest + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.eof())
    throw InputError(printable(file) + ": cannot be read, or is longer than 4 MB");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

std::vector<NamedTable> tables_for(const std::string& what) {
  std::vector<NamedTable> tables;
  std::vector<std::string> known{"all"};
  for (const ShippedTable& shipped : shipped_tables()) {
    const std::string name(shipped.name);
    known.push_back(name);
    if (what == name || what == "all")
      tables.push_back({name, reproduce(std::string(shipped.text), name + ".yaml")});
  }
  if (!tables.empty()) return tables;
  std::error_code error;
  if (what.ends_with(".yaml") || what.ends_with(".yml") || std::filesystem::exists(what, error))
    return {{what, reproduce(read_text(what), what)}};
  const std::string hint = did_you_mean(what, known);
  throw InputError(fmt::format("tonne reproduce: there is no table '{}'. {}{}Known: {}, or a file",
                               printable(what), hint, hint.empty() ? "" : " ", join_names(known)));
}

// Only those that miss, where that is asked for.
std::vector<NamedTable> worth_showing(std::vector<NamedTable> tables, bool quiet) {
  if (quiet) std::erase_if(tables, [](const NamedTable& named) { return named.table.holds(); });
  return tables;
}

std::string in_format(const std::vector<NamedTable>& tables, const std::string& format) {
  if (format == "md") return reproduced_markdown(tables);
  if (format == "html") return reproduced_html(tables);
  if (format == "latex") return reproduced_latex(tables);
  if (format == "svg") return reproduced_svg(tables);
  std::string text;
  for (const NamedTable& named : tables)
    text += (text.empty() ? "" : "\n") + reproduced_text(named, text_style());
  return text;
}

}  // namespace

int reproduce_tables(const ReproduceArguments& arguments) {
  const std::vector<NamedTable> tables = tables_for(arguments.what);
  const bool holds = std::ranges::all_of(tables, [](const NamedTable& named) { return named.table.holds(); });
  print(arguments.json || arguments.format == "json"
            ? reproduced_json(tables)
            : in_format(worth_showing(tables, arguments.quiet), arguments.format));
  return holds ? kSuccess : kFailure;
}

}  // namespace tonne::cli
