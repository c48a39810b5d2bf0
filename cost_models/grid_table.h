#pragma once
// The shipped tables of grids (data/grids_*.csv): a line for each place and publisher, a figure for each
// year. An entry is made when it is asked for, since there are thousands and a run needs one.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/catalogue.h"

namespace tonne {

/// The entry that a record describes, with words and figures as the catalogue's section `grids` has them.
[[nodiscard]] GridEntry grid_entry(EntryRecord record);

/// Places by their key ("FRA", "Oregon", "aws-eu-west-3"); the name of an entry is its key and year,
/// "FRA-2023".
class GridTable {
 public:
  /// What the program ships, read once. Throws std::logic_error for a fault in it, which the tests find.
  [[nodiscard]] static const GridTable& shipped();
  /// From the text of such tables; `file` is what messages call it. Throws InputError with the line.
  [[nodiscard]] static GridTable parse(std::string text, const std::string& file);

  /// The entry of an exact name, with its year.
  [[nodiscard]] std::optional<GridEntry> find(std::string_view name) const;
  /// The entry of a place and year.
  [[nodiscard]] std::optional<GridEntry> find(std::string_view key, int of_year) const;
  /// Years of which a place has a figure, ascending; empty for no place of the table.
  [[nodiscard]] std::vector<int> years(std::string_view key) const;
  /// All keys, in the order of the tables.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// Keys of the places that are called so: by key, name, ISO code or cloud region, whatever the case, with
  /// blanks or hyphens. "eu-west-3" means what "aws:eu-west-3" does.
  [[nodiscard]] std::vector<std::string> called(std::string_view alias) const;
  /// Whatever places may be called, for suggestions.
  [[nodiscard]] std::vector<std::string> aliases() const;

 private:
  // Of a publication: what its figures mean and where they come from.
  struct Source {
    std::string_view id;
    std::string_view signal;
    std::string_view scope;
    int published = 0;
    bool after = false;        // `published` counts from the figure's year
    std::string_view checked;  // empty: nobody read the publisher's text
    std::string_view text;
  };
  // A place by one publication, or a place that stands on another's grid.
  struct Row {
    std::string_view key;
    std::string_view kind;
    std::string_view place;
    std::size_t source = 0;
    std::string_view aliases;
    std::string_view figures;
    std::string_view like;  // key of the other grid; empty: the figures are its own
  };
  // What the power stations of a grid consume, in base units, of whatever year.
  struct Water {
    std::string_view key;
    std::size_t source = 0;
    double consumption = 0.0;
  };
  GridTable() = default;
  [[nodiscard]] static Provenance provenance_of(const Source& source, int of_year);
  [[nodiscard]] std::size_t source_of(std::string_view id) const;
  void add(const std::vector<std::string_view>& fields);
  void add_source(const std::vector<std::string_view>& fields);
  void add_grid(const std::vector<std::string_view>& fields);
  [[nodiscard]] std::vector<const Row*> rows_of(std::string_view key) const;
  [[nodiscard]] GridEntry made(const Row& place, const Row& figures, int of_year,
                               std::string_view figure) const;

  std::shared_ptr<const std::string> text_;  // what the views are of
  std::vector<Source> sources_;
  std::vector<Row> rows_;
  std::vector<Water> waters_;
};

}  // namespace tonne
