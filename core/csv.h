#pragma once
// Comma-separated tables of the user's (RFC 4180, with a header line): read whole, checked, and never trusted.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tonne {

/// The whole content of a regular file. Throws InputError when it cannot be read or is larger than `limit` bytes.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path, std::size_t limit);

/// What a table may have beside RFC 4180.
struct CsvForm {
  char separator = ',';
  bool trims = false;  ///< takes blanks off both ends of unquoted fields and names
  /// The first column may have no name, as pandas writes an index: its name then is empty.
  bool nameless_first = false;
};

/// A parsed table. Fields are views into the file's text, unquoted where they were quoted.
class CsvTable {
 public:
  /// Reads a table of at most 1 GiB. A byte-order mark, CRLF line ends and blank lines at the end are accepted.
  /// Throws InputError, with file and line: file missing, no header, a column name empty or repeated, a row with
  /// more or fewer fields than the header, a quote that does not close, a zero byte (as UTF-16 has).
  [[nodiscard]] static CsvTable read(const std::filesystem::path& path);
  /// The same from text that has been read; `file` is what messages call it.
  [[nodiscard]] static CsvTable parse(std::string text, std::string file, const CsvForm& form = {});

  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] std::size_t rows() const { return lines_.size(); }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const;
  [[nodiscard]] std::string_view field(std::size_t row, std::size_t column) const {
    return text_.data() + fields_[row * columns_.size() + column];
  }
  /// A finite number. Throws InputError that names line, column and what was found.
  [[nodiscard]] double number(std::size_t row, std::size_t column) const;
  /// Line of the file, from 1, where a row begins.
  [[nodiscard]] int line(std::size_t row) const { return lines_[row]; }
  [[nodiscard]] const std::string& file() const { return file_; }
  /// Forgets the rows at which this is false; as many values as rows.
  void keep_rows(const std::vector<bool>& kept);
  /// Digest of the file's bytes.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

 private:
  std::string file_;
  std::string text_;  // each field ends with a zero byte, written over what ended it in the file
  std::vector<std::string> columns_;
  std::vector<std::uint32_t> fields_;  // where each begins: a table of a gibibyte can have 500 million
  std::vector<int> lines_;
  std::uint64_t digest_ = 0;
};

/// Parses a finite decimal number that fills the whole text (surrounding blanks allowed); nullopt otherwise.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

}  // namespace tonne
