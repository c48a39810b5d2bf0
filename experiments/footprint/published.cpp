#include "experiments/footprint/published.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/csv.h"
#include "core/error.h"
#include "core/yaml.h"
#include "experiments/footprint/published_row.h"

namespace tonne {
namespace {

struct Texts {  // column -> text, with the node for messages
  std::vector<std::pair<std::string, const YamlNode*>> entries;

  [[nodiscard]] std::string of(const std::string& column) const {
    for (const auto& [key, node] : entries)
      if (key == column) return node->text;
    return "";
  }
};

struct Row {
  PublishedRow inputs;
  Texts published;
  Texts notes;
  Texts known_misses;  // column -> reason
  std::vector<std::string> ratios;      // this row over the named ones
  std::vector<std::string> reductions;  // the named ones over this row
};

constexpr std::string_view kRatio = "ratio to ";
constexpr std::string_view kReduction = "reduction from ";

Texts take_texts(SettingsReader& reader, std::string_view key) {
  Texts texts;
  const YamlNode* node = reader.take(key);
  if (!node) return texts;
  if (!node->is_map()) reader.fail(*node, key, "found " + node->shown() + ", expected column: figure");
  for (const YamlNode::Entry& entry : node->entries) {
    if (!entry.value.is_scalar())
      reader.fail(entry.value, key, "found " + entry.value.shown() + ", expected a text");
    texts.entries.emplace_back(entry.key, &entry.value);
  }
  return texts;
}

// A miss needs a printed figure, and a reader its reason.
void check_known_misses(const Row& row, const SettingsReader& reader) {
  for (const auto& [column, node] : row.known_misses.entries) {
    if (node->text.empty()) reader.fail(*node, "known_misses", "say why '" + printable(column) + "' misses");
    if (row.published.of(column).empty() || row.inputs.stated)
      reader.fail(*node, "known_misses",
                  "'" + printable(column) + "' is not compared with a printed figure, so it cannot miss");
  }
}

Row read_row(const YamlNode& node, const YamlSource& source, const PublishedRow& common, std::size_t index) {
  SettingsReader reader(node, source, fmt::format("rows[{}]", index));
  Row row;
  row.inputs = common;
  row.inputs.visit(reader);
  reader.require(!row.inputs.name.empty(), "name", "each row needs a name");
  row.published = take_texts(reader, "published");
  row.notes = take_texts(reader, "notes");
  row.known_misses = take_texts(reader, "known_misses");
  check_known_misses(row, reader);
  reader.texts("ratios", row.ratios, "rows to compare with");
  reader.texts("reductions", row.reductions, "rows to compare with");
  reader.finish();
  return row;
}

const Row& row_named(const std::vector<Row>& rows, const std::string& name, SettingsReader& reader,
                     const YamlNode& node, std::string_view key) {
  std::vector<std::string> names;
  for (const Row& row : rows) {
    if (row.inputs.name == name) return row;
    names.push_back(row.inputs.name);
  }
  const std::string hint = did_you_mean(name, names);
  reader.fail(node, key,
              fmt::format("there is no row '{}'. {}{}Known: {}", printable(name), hint,
                          hint.empty() ? "" : " ", join_names(names)));
}

// Half of the last printed digit: "26" is anything from 25.5 to 26.5.
double half_digit(const std::string& printed) {
  const std::size_t exponent_at = printed.find_first_of("eE");
  const std::string mantissa = printed.substr(0, exponent_at);
  const std::size_t point = mantissa.find('.');
  const double decimals = point == std::string::npos ? 0.0 : static_cast<double>(mantissa.size() - point - 1);
  const double exponent =
      exponent_at == std::string::npos ? 0.0 : parse_number(printed.substr(exponent_at + 1)).value_or(0.0);
  return 0.5 * std::pow(10.0, exponent - decimals);
}

Verdict compare(double computed, double published, const std::string& printed, double tolerance) {
  const double difference = std::abs(computed - published);
  if (difference <= tolerance * std::abs(published)) return Verdict::within;
  if (difference <= half_digit(printed)) return Verdict::rounds;
  return Verdict::misses;
}

// What the comparison says, against what the file says of it.
Verdict judge(Verdict compared, bool known_miss) {
  if (!known_miss) return compared;
  return compared == Verdict::misses ? Verdict::known_miss : Verdict::met;
}

class TableReader {
 public:
  TableReader(const YamlNode& tree, const YamlSource& source) : source_(source), reader_(tree, source, "") {}

  PublishedTable read() {
    read_head();
    for (const Row& row : rows_) add_cells(row);
    add_waterfall();
    return std::move(table_);
  }

 private:
  void read_head() {
    reader_.text("title", table_.title, "what is reproduced");
    reader_.text("source", table_.source, "of every input that names no other");
    reader_.text("assumption", table_.assumption, "beyond the sources");
    reader_.text("note", table_.note, "where the paper contradicts itself");
    reader_.number("tolerance", table_.tolerance, Bounds::between(0.0, 0.1), "relative");
    for (const char* key : {"title", "source", "tolerance", "columns", "rows"})
      reader_.require(reader_.take(key) != nullptr, "", fmt::format("'{}' is missing", key));
    reader_.texts("columns", columns_, "what is computed of each row");
    PublishedRow common;
    reader_.group("common", "inputs of every row", [&](SettingsVisitor& v) { common.visit(v); });
    const YamlNode& list = *reader_.take("rows");
    if (!list.is_sequence() || list.items.empty())
      reader_.fail(list, "rows", "found " + list.shown() + ", expected a list of rows");
    for (std::size_t i = 0; i < list.items.size(); ++i)
      rows_.push_back(read_row(list.items[i], source_, common, i));
    if (reader_.take("waterfall"))
      reader_.group("waterfall", "factors from row to row", [&](SettingsVisitor& v) {
        v.text("measured_at", measured_at_, "the row up to which shares are computed");
        v.require(!measured_at_.empty(), "measured_at", "name a row");
      });
    reader_.finish();
    check_columns();
    check_names(list);
  }

  void check_columns() {
    const std::vector<std::string> known = column_keys();
    for (const std::string& column : columns_) {
      if (std::ranges::find(known, column) != known.end()) continue;
      const std::string hint = did_you_mean(column, known);
      reader_.fail(*reader_.take("columns"), "columns",
                   fmt::format("unknown column '{}'. {}{}Known: {}", printable(column), hint,
                               hint.empty() ? "" : " ", join_names(known)));
    }
  }

  void check_names(const YamlNode& list) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (rows_[i].inputs.name == rows_[j].inputs.name)
          reader_.fail(list.items[i], "rows",
                       "two rows are called '" + printable(rows_[i].inputs.name) + "'");
  }

  // In the columns' order, then comparisons; a published figure that none of them computes is an error.
  void add_cells(const Row& row) {
    const std::size_t first = table_.cells.size();
    for (const std::string& column : columns_)
      if (const auto value = column_value(row.inputs, column)) add_cell(row, column, *value);
    for (const std::string& name : row.ratios) add_comparison(row, name, kRatio);
    for (const std::string& name : row.reductions) add_comparison(row, name, kReduction);
    for (const Texts* texts : {&row.published, &row.notes})
      for (const auto& [column, node] : texts->entries) require_cell(row, column, *node, first);
  }

  void require_cell(const Row& row, const std::string& column, const YamlNode& node, std::size_t first) {
    for (std::size_t i = first; i < table_.cells.size(); ++i)
      if (table_.cells[i].column == column) return;
    reader_.fail(
        node, "rows",
        fmt::format(
            "'{}' of row '{}' cannot be computed: it is not a column of this table, or an input is missing",
            printable(column), printable(row.inputs.name)));
  }

  void add_comparison(const Row& row, const std::string& name, std::string_view kind) {
    const YamlNode& list = *reader_.take("rows");
    const Row& other = row_named(rows_, name, reader_, list, "rows");
    const auto own = row_carbon(row.inputs);
    const auto others = row_carbon(other.inputs);
    if (!own || !others || *own <= Carbon{} || *others <= Carbon{})
      reader_.fail(list, "rows",
                   fmt::format("'{}' and '{}' cannot be compared: one has no CO2e",
                               printable(row.inputs.name), printable(name)));
    add_cell(row, std::string(kind) + name, kind == kRatio ? *own / *others : *others / *own);
  }

  void add_cell(const Row& row, const std::string& column, double computed) {
    PublishedCell cell{
        row.inputs.name,      column, row.published.of(column), computed, 0.0, Verdict::unpublished,
        row.notes.of(column), row.known_misses.of(column)};
    if (!std::isfinite(computed))
      reader_.fail(*reader_.take("rows"), "rows",
                   fmt::format("'{}' of '{}' is not finite", column, printable(row.inputs.name)));
    for (const auto& [key, node] : row.published.entries) {
      if (key != column) continue;
      const auto published = parse_number(node->text);
      if (!published || *published <= 0.0)
        reader_.fail(*node, "rows",
                     "found " + node->shown() + ", expected the printed figure, a number above 0");
      cell.error = (computed - *published) / *published;
      cell.verdict = row.inputs.stated ? Verdict::stated
                                       : judge(compare(computed, *published, node->text, table_.tolerance),
                                               !cell.reason.empty());
    }
    table_.cells.push_back(std::move(cell));
  }

  // What the next row has less of; a factor of exactly 1 is no cause.
  void add_waterfall() {
    if (measured_at_.empty()) return;
    const YamlNode& list = *reader_.take("rows");
    const Row& measured = row_named(rows_, measured_at_, reader_, list, "waterfall.measured_at");
    bool reached = false;
    for (std::size_t i = 0; i + 1 < rows_.size(); ++i) {
      reached = reached || &rows_[i] == &measured;
      add_factors(rows_[i].inputs, rows_[i + 1].inputs);
      if (reached) continue;
      for (LadderFactor& factor : table_.waterfall)
        if (factor.from == rows_[i].inputs.name) factor.share = std::log(factor.factor);
    }
    double total = 0.0;
    for (const LadderFactor& factor : table_.waterfall) total += factor.share.value_or(0.0);
    if (total == 0.0) reader_.fail(list, "waterfall", "the rows up to measured_at do not differ");
    for (LadderFactor& factor : table_.waterfall)
      if (factor.share) *factor.share /= total;
  }

  void add_factors(const PublishedRow& from, const PublishedRow& to) {
    const auto add = [&](const char* what, double factor) {
      if (!std::isfinite(factor) || factor <= 0.0)
        reader_.fail(*reader_.take("rows"), "waterfall",
                     fmt::format("the {} of '{}' and '{}' have no ratio", what, printable(from.name),
                                 printable(to.name)));
      if (factor != 1.0) table_.waterfall.push_back({from.name, to.name, what, factor, std::nullopt});
    };
    for (const PublishedRow* row : {&from, &to})
      if (!device_time(*row) || !device_power(*row) || !row_pue(*row) || !row_intensity(*row) ||
          *row_carbon(*row) <= Carbon{})
        reader_.fail(*reader_.take("rows"), "waterfall",
                     "row '" + printable(row->name) + "' needs time, power, pue and intensity, all above 0");
    if (from.steps && to.steps) {
      add("time of a step", (*from.run_time / *from.run_steps) / (*to.run_time / *to.run_steps));
      add("steps", *from.steps / *to.steps);
      add("devices", from.devices * from.runs / (to.devices * to.runs));
    } else {
      add("device-hours", *costed_time(from) / *costed_time(to));
    }
    add("power", *device_power(from) / *device_power(to));
    add("PUE", *row_pue(from) / *row_pue(to));
    add("grid", *row_intensity(from) / *row_intensity(to));
  }

  const YamlSource& source_;
  SettingsReader reader_;
  PublishedTable table_;
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
  std::string measured_at_;
};

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::within:
      return "ok";
    case Verdict::rounds:
      return "ok, rounded";
    case Verdict::misses:
      return "MISSES";
    case Verdict::known_miss:
      return "known miss";
    case Verdict::met:
      return "MISSES NO MORE";
    case Verdict::stated:
      return "stated";
    case Verdict::unpublished:
      return "";
  }
  return "";
}

bool PublishedTable::holds() const {
  return std::ranges::none_of(cells, [](const PublishedCell& cell) {
    return cell.verdict == Verdict::misses || cell.verdict == Verdict::met;
  });
}

PublishedTable reproduce(const std::string& text, const std::string& file) {
  const YamlNode tree = parse_yaml(text, file);
  const YamlSource source{file, {}};
  return TableReader(tree, source).read();
}

}  // namespace tonne
