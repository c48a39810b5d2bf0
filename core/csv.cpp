#include "core/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <system_error>

#include "core/error.h"
#include "core/random.h"

namespace tonne {
namespace {

constexpr std::size_t kLargestTable = std::size_t{1} << 30U;
constexpr std::size_t kMostColumns = 4096;

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return "'" + std::string(text.substr(0, kLongest)) + (text.size() > kLongest ? "...'" : "'");
}

// Splits one record in place: quoted fields are unescaped into the space they stood in.
class RecordReader {
 public:
  RecordReader(std::string& text, std::size_t begin, const std::string& file, const CsvForm& form)
      : text_(text), position_(begin), file_(file), form_(form), ends_{form.separator, '\r', '\n'} {}

  [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
  [[nodiscard]] int line() const { return line_; }

  template <class Emit>
  void record(Emit emit) {
    const int first_line = line_;
    while (true) {
      if (form_.trims) skip_blanks();
      at_quote() ? quoted(first_line, emit) : plain(emit);
      if (at_end()) return;
      const char separator = text_[position_++];
      if (separator == form_.separator) continue;
      if (separator == '\r' && !at_end() && text_[position_] == '\n') ++position_;
      ++line_;
      return;
    }
  }

 private:
  [[nodiscard]] bool at_quote() const { return !at_end() && text_[position_] == '"'; }
  [[nodiscard]] bool is_blank(char c) const { return (c == ' ' || c == '\t') && c != form_.separator; }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[position_])) ++position_;
  }

  template <class Emit>
  void plain(Emit emit) {
    const std::size_t end = std::min(text_.find_first_of(ends(), position_), text_.size());
    std::size_t last = end;
    while (form_.trims && last > position_ && is_blank(text_[last - 1])) --last;
    emit(position_, last - position_);
    position_ = end;
  }

  template <class Emit>
  void quoted(int first_line, Emit emit) {
    const std::size_t begin = ++position_;
    std::size_t write = begin;
    while (true) {
      if (at_end()) throw InputError({file_, first_line, 0}, "", "a quote opens here and never closes");
      const char c = text_[position_++];
      if (c == '"') {
        if (!at_quote()) break;
        ++position_;
      }
      if (c == '\n') ++line_;
      text_[write++] = c;
    }
    emit(begin, write - begin);
    if (form_.trims) skip_blanks();
    if (!at_end() && ends().find(text_[position_]) == std::string_view::npos)
      throw InputError({file_, line_, 0}, "",
                       "text after a closing quote: expected " + separator_name() + " or the end of the line");
  }

  [[nodiscard]] std::string_view ends() const { return {ends_.data(), ends_.size()}; }
  [[nodiscard]] std::string separator_name() const {
    return form_.separator == ',' ? "a comma" : form_.separator == ';' ? "a semicolon" : "a tab";
  }

  std::string& text_;
  std::size_t position_;
  const std::string& file_;
  CsvForm form_;
  std::array<char, 3> ends_;
  int line_ = 1;
};

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);  // from_chars knows no plus
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string read_text_file(const std::filesystem::path& path, std::size_t limit) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  const Location where{path.string(), 0, 0};
  if (error || !std::filesystem::exists(status)) throw InputError(where, "", "no such file");
  if (!std::filesystem::is_regular_file(status)) throw InputError(where, "", "not a regular file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw InputError(where, "", "cannot be read: " + error.message());
  if (size > limit)
    throw InputError(where, "", "is " + std::to_string(size) + " bytes long; at most " + std::to_string(limit) +
                                    " are read");
  std::ifstream stream(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(text.size())))
    throw InputError(where, "", "cannot be read");
  return text;
}

CsvTable CsvTable::read(const std::filesystem::path& path) {
  return parse(read_text_file(path, kLargestTable), path.string());
}

CsvTable CsvTable::parse(std::string text, std::string file, const CsvForm& form) {
  CsvTable table;
  table.file_ = std::move(file);
  table.text_ = std::move(text);
  table.digest_ = hash_text(table.text_);
  const std::size_t begin = table.text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  RecordReader reader(table.text_, begin, table.file_, form);

  if (reader.at_end()) throw InputError({table.file_, 1, 0}, "", "is empty: expected a header line");
  reader.record([&](std::size_t at, std::size_t length) { table.columns_.emplace_back(table.text_, at, length); });
  std::set<std::string_view> names;
  if (table.columns_.size() > kMostColumns)
    throw InputError({table.file_, 1, 0}, "", "has more than " + std::to_string(kMostColumns) + " columns");
  for (const std::string& name : table.columns_) {
    const bool may_be_empty = form.nameless_first && &name == table.columns_.data();
    if (name.empty() && !may_be_empty) throw InputError({table.file_, 1, 0}, "", "a column has no name");
    if (!names.insert(name).second)
      throw InputError({table.file_, 1, 0}, "", "two columns are named " + shown(name));
  }

  const std::size_t width = table.columns_.size();
  while (!reader.at_end()) {
    const int line = reader.line();
    const std::size_t before = table.fields_.size();
    reader.record([&](std::size_t at, std::size_t length) { table.fields_.push_back({at, length}); });
    const std::size_t found = table.fields_.size() - before;
    const bool blank = found == 1 && table.fields_.back().length == 0;
    if (blank && (width != 1 || reader.at_end())) {  // in a table of one column only the last line can be none
      table.fields_.pop_back();
      continue;
    }
    if (found != width)
      throw InputError({table.file_, line, 0}, "",
                       "has " + std::to_string(found) + " fields, the header has " + std::to_string(width));
    table.lines_.push_back(line);
  }
  return table;
}

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
  const auto at = std::ranges::find(columns_, column);
  if (at == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns_.begin());
}

double CsvTable::number(std::size_t row, std::size_t column) const {
  const std::string_view text = field(row, column);
  if (const auto value = parse_number(text)) return *value;
  const std::string what = text.empty() ? "is empty" : "is " + shown(text);
  throw InputError({file_, line(row), 0}, "column '" + columns_[column] + "'", what + ", expected a number");
}

}  // namespace tonne
