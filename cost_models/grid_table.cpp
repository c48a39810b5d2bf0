#include "cost_models/grid_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "core/error.h"
#include "cost_models/data/embedded.h"

namespace tonne {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Calls use(year, figure) for each item of "2022=56.1 2023=56".
template <class Use>
void for_each_figure(std::string_view figures, const Use& use) {
  for (const std::string_view item : split(figures, ' ')) {
    const std::size_t equals = item.find('=');
    const auto of_year = whole_number(item.substr(0, equals));
    if (!of_year || equals == std::string_view::npos)
      throw InputError(fmt::format("'{}' is no year=figure", item));
    use(*of_year, item.substr(equals + 1));
  }
}

// How names are compared: without case, apostrophes and full stops, a blank or an underscore like a hyphen.
constexpr bool is_left_out(char c) {
  return c == '\'' || c == '.';
}
constexpr char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == ' ' || c == '_' ? '-' : c;
}

// "West Europe" and "west-europe" are one name. Compared in place: a run with uncertain figures asks
// thousands of times.
bool are_one_name(std::string_view one, std::string_view other) {
  std::size_t i = 0, k = 0;
  while (true) {
    while (i < one.size() && is_left_out(one[i])) ++i;
    while (k < other.size() && is_left_out(other[k])) ++k;
    if (i == one.size() || k == other.size()) return i == one.size() && k == other.size();
    if (folded(one[i++]) != folded(other[k++])) return false;
  }
}

// "aws:eu-west-3" may be written without its provider.
bool is_called(std::string_view name, std::string_view written) {
  const std::size_t colon = name.find(':');
  return are_one_name(name, written) ||
         (colon != std::string_view::npos && are_one_name(name.substr(colon + 1), written));
}

}  // namespace

GridEntry grid_entry(EntryRecord record) {
  const auto number = [&](std::string_view key) { return record.find(key)->value; };
  GridEntry grid;
  grid.name = record.name;
  grid.place = record.word("place").empty() ? record.name : record.word("place");
  grid.kind = record.word("kind").empty() ? "own" : record.word("kind");
  grid.of_year = static_cast<int>(number("of_year"));
  grid.intensity = Intensity::from_base(number("intensity"));
  if (const FigureRecord* water = record.find("water.consumption"))
    grid.water = WaterIntensity::from_base(water->value);
  grid.nature.kind = record.word("signal") == "marginal" ? SignalKind::marginal : SignalKind::average;
  grid.nature.scope = record.word("scope") == "direct" ? SignalScope::direct : SignalScope::life_cycle;
  grid.provenance = record.find("intensity")->provenance;
  grid.digest = record.digest();
  grid.record = std::move(record);
  return grid;
}

const GridTable& GridTable::shipped() {
  static const GridTable table = [] {
    std::string text;
    for (const std::string_view part : {data::grids_countries, data::grids_google, data::grids_egrid,
                                        data::grids_clouds, data::grids_water})
      text += part;
    try {
      return parse(std::move(text), "shipped grids");
    } catch (const InputError& error) {
      throw std::logic_error(error.what());
    }
  }();
  return table;
}

GridTable GridTable::parse(std::string text, const std::string& file) {
  GridTable table;
  table.text_ = std::make_shared<const std::string>(std::move(text));
  int line = 0;
  for (const std::string_view row : split(*table.text_, '\n')) {
    ++line;
    if (row.empty() || row.starts_with('#')) continue;
    try {
      table.add(split(row, ';'));
    } catch (const InputError& error) {
      throw InputError({file, line, 0}, "", error.message());
    }
  }
  for (const Row& row : table.rows_)
    if (!row.like.empty() && table.years(row.like).empty())
      throw InputError(
          fmt::format("{}: {} stands on the grid '{}', which is not there", file, row.key, row.like));
  return table;
}

void GridTable::add(const std::vector<std::string_view>& fields) {
  constexpr std::size_t kSourceFields = 7, kGridFields = 7, kLikeFields = 6, kWaterFields = 4;
  if (fields[0] == "source" && fields.size() == kSourceFields)
    add_source(fields);
  else if (fields[0] == "grid" && fields.size() == kGridFields)
    add_grid(fields);
  else if (fields[0] == "like" && fields.size() == kLikeFields)
    rows_.push_back({fields[1], fields[2], fields[3], 0, fields[5], "", fields[4]});
  else if (fields[0] == "water" && fields.size() == kWaterFields)
    waters_.push_back({fields[1], source_of(fields[2]),
                       parse_quantity(fmt::format("{} L/kWh", fields[3]), QuantityKind::water_intensity)});
  else
    throw InputError(fmt::format(
        "a line begins with source or grid and has 7 fields, with like and has 6, or with water and "
        "has 4; found '{}' with {}",
        fields[0], fields.size()));
}

void GridTable::add_source(const std::vector<std::string_view>& fields) {
  const bool after = fields[4].starts_with('+');
  const auto published = whole_number(fields[4].substr(after ? 1 : 0));
  if (!published) throw InputError(fmt::format("'{}' is no year of publication", fields[4]));
  const bool known = (fields[2] == "average" || fields[2] == "marginal") &&
                     (fields[3] == "direct" || fields[3] == "life_cycle");
  if (!known) throw InputError(fmt::format("'{}' and '{}' are no kind and scope", fields[2], fields[3]));
  sources_.push_back({fields[1], fields[2], fields[3], *published, after,
                      fields[5] == "-" ? std::string_view{} : fields[5], fields[6]});
}

std::size_t GridTable::source_of(std::string_view id) const {
  const auto source = std::ranges::find(sources_, id, &Source::id);
  if (source == sources_.end()) throw InputError(fmt::format("there is no source '{}'", id));
  return static_cast<std::size_t>(source - sources_.begin());
}

void GridTable::add_grid(const std::vector<std::string_view>& fields) {
  const std::size_t source = source_of(fields[4]);
  for_each_figure(fields[6], [](int, std::string_view figure) {
    double grams = 0.0;
    const char* const end = figure.data() + figure.size();
    const auto [stop, error] = std::from_chars(figure.data(), end, grams);
    if (error != std::errc{} || stop != end || !(grams >= 0.0))
      throw InputError(fmt::format("'{}' is no intensity in g/kWh", figure));
  });
  rows_.push_back({fields[1], fields[2], fields[3], source, fields[5], fields[6], ""});
}

std::vector<const GridTable::Row*> GridTable::rows_of(std::string_view key) const {
  std::vector<const Row*> rows;
  for (const Row& row : rows_)
    if (row.key == key) rows.push_back(&row);
  return rows;
}

Provenance GridTable::provenance_of(const Source& source, int of_year) {
  return {std::string(source.text), source.after ? of_year + source.published : source.published,
          !source.checked.empty(), std::string(source.checked)};
}

GridEntry GridTable::made(const Row& place, const Row& figures, int of_year, std::string_view figure) const {
  const Source& source = sources_[figures.source];
  Provenance provenance = provenance_of(source, of_year);
  std::string where(place.place);
  if (&place != &figures) {
    // That the region stands on this grid is nobody's text.
    where += fmt::format(", on the grid of {}", figures.key);
    provenance.source += fmt::format(" of {}, the grid of the region by its location", figures.key);
    provenance.verified = false;
    provenance.checked.clear();
  }
  const double intensity = parse_quantity(fmt::format("{} g/kWh", figure), QuantityKind::intensity);
  EntryRecord record;
  record.name = fmt::format("{}-{}", place.key, of_year);
  record.words = {{"place", std::move(where)},
                  {"kind", std::string(place.kind)},
                  {"signal", std::string(source.signal)},
                  {"scope", std::string(source.scope)}};
  record.figures = {
      {"of_year", std::nullopt, static_cast<double>(of_year), std::nullopt, std::nullopt, provenance},
      {"intensity", QuantityKind::intensity, intensity, std::nullopt, std::nullopt, provenance}};
  if (const auto water = std::ranges::find(waters_, figures.key, &Water::key); water != waters_.end()) {
    const Source& of_water = sources_[water->source];
    record.figures.push_back({"water.consumption", QuantityKind::water_intensity, water->consumption,
                              std::nullopt, std::nullopt, provenance_of(of_water, of_year)});
  }
  return grid_entry(std::move(record));
}

std::optional<GridEntry> GridTable::find(std::string_view key, int of_year) const {
  for (const Row* place : rows_of(key))
    for (const Row* row : place->like.empty() ? std::vector{place} : rows_of(place->like)) {
      std::optional<std::string_view> found;
      for_each_figure(row->figures, [&](int y, std::string_view figure) {
        if (y == of_year) found = figure;
      });
      if (found) return made(*place, *row, of_year, *found);
    }
  return std::nullopt;
}

std::optional<GridEntry> GridTable::find(std::string_view name) const {
  const std::size_t hyphen = name.rfind('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  const auto of_year = whole_number(name.substr(hyphen + 1));
  return of_year ? find(name.substr(0, hyphen), *of_year) : std::nullopt;
}

std::vector<int> GridTable::years(std::string_view key) const {
  std::vector<int> found;
  for (const Row* place : rows_of(key))
    for (const Row* row : place->like.empty() ? std::vector{place} : rows_of(place->like))
      for_each_figure(row->figures, [&](int of_year, std::string_view) { found.push_back(of_year); });
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> GridTable::keys() const {
  std::vector<std::string> keys;
  for (const Row& row : rows_)
    if (keys.empty() || keys.back() != row.key) keys.emplace_back(row.key);
  return keys;
}

std::vector<std::string> GridTable::called(std::string_view alias) const {
  std::vector<std::string> keys;
  if (std::ranges::all_of(alias, is_left_out)) return keys;
  for (const Row& row : rows_) {
    bool is = is_called(row.key, alias) || is_called(row.place, alias);
    for (std::string_view rest = row.aliases; !is && !rest.empty();) {
      const std::size_t comma = rest.find(',');
      is = is_called(rest.substr(0, comma), alias);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    if (is && std::ranges::find(keys, row.key) == keys.end()) keys.emplace_back(row.key);
  }
  return keys;
}

std::vector<std::string> GridTable::aliases() const {
  std::vector<std::string> names;
  for (const Row& row : rows_) {
    names.emplace_back(row.key);
    names.emplace_back(row.place);
    if (row.aliases.empty()) continue;
    for (const std::string_view name : split(row.aliases, ',')) {
      names.emplace_back(name);
      names.emplace_back(name.substr(name.find(':') + 1));
    }
  }
  return names;
}

}  // namespace tonne
