// tonne reproduce: published tables computed again from their inputs.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/json.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/footprint/published.h"
#include "experiments/text/text_table.h"

namespace tonne::cli {
namespace {

struct Named {
  std::string name;
  PublishedTable table;
};

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

std::vector<Named> tables_for(const std::string& what) {
  std::vector<Named> tables;
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

std::string figure(double value) {
  return value < 1000.0 ? fmt::format("{:.4g}", value) : value < 1e9 ? grouped(value) : value_text(value, "");
}

std::string error_text(double error) {
  const double percent = 100.0 * error;
  return std::abs(percent) < 1e4 ? fmt::format("{:+.2f} %", percent) : fmt::format("{:+.1e} %", percent);
}

std::string cells_text(const PublishedTable& table) {
  std::size_t width = 3;
  std::size_t column_width = 6;
  for (const PublishedCell& cell : table.cells) {
    width = std::max(width, cell.row.size());
    column_width = std::max(column_width, cell.column.size());
  }
  std::string text = fmt::format("  {:<{}}  {:<{}}  {:>11}  {:>11}  {:>8}  {}\n", "row", width, "column",
                                 column_width, "published", "computed", "error", "verdict");
  for (const PublishedCell& cell : table.cells) {
    const bool printed = !cell.printed.empty();
    std::string line =
        fmt::format("  {:<{}}  {:<{}}  {:>11}  {:>11}  {:>8}  {}", printable(cell.row), width,
                    printable(cell.column), column_width, printed ? printable(cell.printed) : "-",
                    figure(cell.computed), printed ? error_text(cell.error) : "-", to_string(cell.verdict));
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
    if (!cell.note.empty()) text += fmt::format("      note: {}\n", printable(cell.note));
  }
  return text;
}

// Bars to the right save, bars to the left ('<') cost more; lengths on the log scale.
std::string waterfall_text(const PublishedTable& table) {
  constexpr double kWidth = 40.0;
  std::string text =
      "\n  The waterfall: what divides the carbon from row to row (share of the whole reduction, log "
      "scale)\n";
  double product = 1.0;
  double longest = 0.0;
  for (const LadderFactor& f : table.waterfall) longest = std::max(longest, std::abs(std::log(f.factor)));
  std::string from;
  for (const LadderFactor& f : table.waterfall) {
    if (f.from != from) text += fmt::format("  {} -> {}\n", printable(f.from), printable(f.to));
    from = f.from;
    if (f.share) product *= f.factor;
    const double length = kWidth * std::abs(std::log(f.factor)) / longest;
    const std::string bar(static_cast<std::size_t>(std::ceil(length)), f.factor < 1.0 ? '<' : '#');
    text += fmt::format("    {:<15} {:>8.4g} x  {:>8}  {}\n", f.what, f.factor,
                        f.share ? fmt::format("{:.1f} %", 100.0 * *f.share) : "-", bar);
  }
  return text + fmt::format(
                    "    {:<15} {:>8.4g} x  {:>8}\n    '<' marks a factor below 1, which adds carbon; '-' "
                    "lies below "
                    "the measured row.\n",
                    "product", product, "100 %");
}

std::string table_text(const Named& named) {
  const PublishedTable& table = named.table;
  std::string text = fmt::format("{}\n  sources: {}\n", printable(table.title), printable(table.source));
  if (!table.assumption.empty()) text += fmt::format("  assumption: {}\n", printable(table.assumption));
  if (!table.note.empty()) text += fmt::format("  note: {}\n", printable(table.note));
  text += "\n" + cells_text(table);
  if (!table.waterfall.empty()) text += waterfall_text(table);
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(table.cells, verdict, &PublishedCell::verdict);
  };
  return text + fmt::format(
                    "\n  {}: {} cells within {:g} %, {} equal once rounded to the printed digits, {} stated, "
                    "{} missed\n",
                    printable(named.name), count(Verdict::within), 100.0 * table.tolerance,
                    count(Verdict::rounds), count(Verdict::stated), count(Verdict::misses));
}

Json table_json(const Named& named) {
  Json cells = Json::array();
  for (const PublishedCell& cell : named.table.cells) {
    const bool printed = !cell.printed.empty();
    cells.push_back({{"row", cell.row},
                     {"column", cell.column},
                     {"published", printed ? Json(cell.printed) : Json(nullptr)},
                     {"computed", cell.computed},
                     {"relative_error", printed ? Json(cell.error) : Json(nullptr)},
                     {"verdict", std::string(to_string(cell.verdict))},
                     {"note", cell.note}});
  }
  Json waterfall = Json::array();
  for (const LadderFactor& f : named.table.waterfall)
    waterfall.push_back({{"from", f.from},
                         {"to", f.to},
                         {"what", f.what},
                         {"factor", f.factor},
                         {"share", f.share ? Json(*f.share) : Json(nullptr)}});
  return {{"name", named.name},           {"title", named.table.title},
          {"source", named.table.source}, {"assumption", named.table.assumption},
          {"note", named.table.note},     {"tolerance", named.table.tolerance},
          {"holds", named.table.holds()}, {"cells", cells},
          {"waterfall", waterfall}};
}

}  // namespace

int reproduce_tables(const std::string& what, bool quiet, bool json) {
  const std::vector<Named> tables = tables_for(what);
  const bool holds = std::ranges::all_of(tables, [](const Named& named) { return named.table.holds(); });
  Json out = Json::array();
  std::string text;
  for (const Named& named : tables) {
    if (json) out.push_back(table_json(named));
    if (!quiet || !named.table.holds()) text += (text.empty() ? "" : "\n") + table_text(named);
  }
  print(json ? json_document(out) : text);
  return holds ? kSuccess : kFailure;
}

}  // namespace tonne::cli
