// The catalogue's grids: its own entries and those of the shipped tables, by name or by what people call
// them.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/csv.h"
#include "core/error.h"
#include "cost_models/catalogue.h"
#include "cost_models/grid_table.h"

namespace tonne {
namespace {

// The year at the end of a name, "FRA-2023"; none where it has none.
std::optional<int> year_of(std::string_view name) {
  constexpr std::size_t kDigits = 4;
  if (name.size() <= kDigits + 1 || name[name.size() - kDigits - 1] != '-') return std::nullopt;
  int found = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(end - kDigits, end, found);
  return error == std::errc{} && stop == end ? std::optional(found) : std::nullopt;
}

std::string_view without_year(std::string_view name) {
  return year_of(name) ? name.substr(0, name.rfind('-')) : name;
}

// A user's entry may carry on a shipped place into later years.
int latest_year(std::span<const GridEntry> listed, std::string_view key) {
  int latest = GridTable::shipped().years(key).back();
  for (const GridEntry& grid : listed)
    if (without_year(grid.name) == key) latest = std::max(latest, year_of(grid.name).value_or(latest));
  return latest;
}

std::string options_text(std::span<const GridEntry> listed, const std::vector<std::string>& keys) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string name = fmt::format("{}-{}", keys[i], latest_year(listed, keys[i]));
    const std::string kind = find_exact_grid(listed, name)->kind;
    text += fmt::format("{}{} ({})", i == 0 ? "" : i + 1 == keys.size() ? " or " : ", ", name, kind);
  }
  return text;
}

std::string shown(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return printable(name.substr(0, kLongest));
}

// To a name with a year names with years are near, to others what places are called.
[[noreturn]] void refuse_unknown(std::span<const GridEntry> listed, std::string_view name) {
  const GridTable& table = GridTable::shipped();
  const std::vector<std::string> keys = table.keys();
  std::vector<std::string> names;
  for (const GridEntry& grid : listed) names.push_back(grid.name);
  for (const std::string& key : keys) names.push_back(fmt::format("{}-{}", key, latest_year(listed, key)));
  if (!year_of(name)) names = table.aliases();
  if (!name.empty() && name.front() >= '0' && name.front() <= '9')
    throw InputError(
        fmt::format("unknown grid '{}': a figure of your own is {{intensity: 400 g/kWh}} in a file, "
                    "--intensity of tonne estimate",
                    shown(name)));
  const std::string hint = did_you_mean(name, names);
  throw InputError(fmt::format("unknown grid '{}'{} (tonne list grids shows all {})", shown(name),
                               hint.empty() ? "" : ". " + hint, keys.size() + listed.size()));
}

}  // namespace

std::optional<GridEntry> find_exact_grid(std::span<const GridEntry> listed, std::string_view name) {
  const auto found = std::ranges::find(listed, name, &GridEntry::name);
  return found != listed.end() ? std::optional(*found) : GridTable::shipped().find(name);
}

GridEntry find_called_grid(std::span<const GridEntry> listed, std::string_view name) {
  if (auto exact = find_exact_grid(listed, name)) return *std::move(exact);
  const GridTable& table = GridTable::shipped();
  std::vector<std::string> keys = table.called(name);
  std::optional<int> wanted;
  if (keys.empty() && year_of(name)) {
    wanted = year_of(name);
    keys = table.called(without_year(name));
  }
  if (keys.empty()) refuse_unknown(listed, name);
  if (keys.size() > 1)
    throw InputError(
        fmt::format("grid '{}' is ambiguous: write {}", shown(name), options_text(listed, keys)));
  const std::string& key = keys.front();
  const auto is_namesake = [&](const GridEntry& grid) {
    return without_year(grid.name) == without_year(name);
  };
  auto found = find_exact_grid(listed, fmt::format("{}-{}", key, wanted.value_or(latest_year(listed, key))));
  if (!found && std::ranges::any_of(listed, is_namesake))
    refuse_unknown(listed, name);  // "US-2108" for "US-2018"
  if (!found)
    throw InputError(fmt::format("grid '{}': {} has no figure of {}, only of {} to {}", shown(name), key,
                                 *wanted, table.years(key).front(), table.years(key).back()));
  return *std::move(found);
}

std::vector<GridEntry> Catalogue::grids() const {
  std::vector<GridEntry> all = grids_;
  const GridTable& table = GridTable::shipped();
  for (const std::string& key : table.keys())
    for (const int of_year : table.years(key))
      if (GridEntry entry = *table.find(key, of_year);
          std::ranges::find(grids_, entry.name, &GridEntry::name) == grids_.end())
        all.push_back(std::move(entry));
  return all;
}

std::vector<GridEntry> Catalogue::latest_grids() const {
  std::vector<GridEntry> all = grids_;
  for (const std::string& key : GridTable::shipped().keys()) {
    const std::string name = fmt::format("{}-{}", key, latest_year(grids_, key));
    if (std::ranges::find(grids_, name, &GridEntry::name) == grids_.end())
      all.push_back(*GridTable::shipped().find(name));
  }
  return all;
}

GridEntry Catalogue::grid(std::string_view name) const {
  return find_called_grid(grids_, name);
}

std::optional<GridEntry> Catalogue::find_grid(std::string_view name) const {
  try {
    return grid(name);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

}  // namespace tonne
