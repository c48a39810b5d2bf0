#pragma once
// Published tables, computed again: a file holds the inputs of each row and, apart from them, what the paper
// prints.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tonne {

/// How a computed figure stands to the printed one. Within: relative error up to the table's tolerance.
/// Rounds: further off, but equal once rounded to the printed digits ("26" for 25.6). Known miss: it misses, as
/// the file says with the reason; met: the file says so, but it no longer does. Stated: the printed figure is
/// itself the input.
enum class Verdict : std::uint8_t { within, rounds, misses, known_miss, met, stated, unpublished };
[[nodiscard]] std::string_view to_string(Verdict verdict);

struct PublishedCell {
  std::string row;
  std::string column;   ///< key of the file, with its unit: "lb", "mwh", "reduction from as measured"
  std::string printed;  ///< as the paper prints it; empty: not published
  double computed = 0.0;
  double error = 0.0;  ///< (computed - printed) / printed; 0 where nothing is printed
  Verdict verdict = Verdict::unpublished;
  std::string note;
  std::string reason;  ///< why it misses, where the file calls it a known miss; else empty
};

/// One cause of a difference between two rows: (row before) / (row after), all else equal.
struct LadderFactor {
  std::string from;
  std::string to;
  std::string what;
  double factor = 1.0;
  /// ln(factor) / ln(first row / measured row); absent below the measured row. Shares of a waterfall sum
  /// to 1.
  std::optional<double> share;
};

struct PublishedTable {
  std::string title;
  std::string source;
  std::string assumption;  ///< empty: none beyond the sources
  std::string note;
  double tolerance = 0.0;
  std::vector<PublishedCell> cells;
  std::vector<LadderFactor> waterfall;

  /// Whether every cell is what the file says of it: none misses but the known misses, and all of those do.
  [[nodiscard]] bool holds() const;
};

/// Computes a table from the text of its file (docs/validation.md tells the keys). Throws InputError where a
/// key is unknown, an input out of bounds, or a published figure cannot be computed from the inputs given.
[[nodiscard]] PublishedTable reproduce(const std::string& text, const std::string& file);

/// The tables that the program holds, in the order of the list.
struct ShippedTable {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] std::span<const ShippedTable> shipped_tables();

}  // namespace tonne
