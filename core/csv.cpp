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

// Splits one record in place: quoted fields are unescaped into the space they stood in, and every field gets a zero byte behind
// it once what ended it has been read.
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
      const std::size_t end = at_quote() ? quoted(first_line, emit) : plain(emit);
      const bool last = at_end();
      const char separator = last ? '\n' : text_[position_++];
      text_[end] = '\0';
      if (last) return;
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

  // Both return where the field ends.
  template <class Emit>
  std::size_t plain(Emit emit) {
    const std::size_t end = std::min(text_.find_first_of(ends(), position_), text_.size());
    std::size_t last = end;
    while (form_.trims && last > position_ && is_blank(text_[last - 1])) --last;
    emit(position_, last - position_);
    position_ = end;
    return last;
  }

  template <class Emit>
  std::size_t quoted(int first_line, Emit emit) {
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
    return write;
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

// What the places and ends of fields can hold.
void check_size(const std::string& text, const std::string& file) {
  if (text.size() > kLargestTable) throw InputError({file, 0, 0}, "", "is larger than 1 GiB");
  const std::size_t zero = text.find('\0');
  if (zero == std::string::npos) return;
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(zero), '\n');
  throw InputError({file, static_cast<int>(lines) + 1, 0}, "", "holds a zero byte: expected text in UTF-8 (UTF-16 must be converted)");
}

void check_names(const std::vector<std::string>& columns, const std::string& file, const CsvForm& form) {
  std::set<std::string_view> names;
  for (const std::string& name : columns) {
    const bool may_be_empty = form.nameless_first && &name == columns.data();
    if (name.empty() && !may_be_empty) throw InputError({file, 1, 0}, "", "a column has no name");
    if (!names.insert(name).second) throw InputError({file, 1, 0}, "", "two columns are named " + shown(name));
  }
}

// Counted beforehand, so that a large table is not copied while it grows.
std::size_t most_fields(std::string_view text, const CsvForm& form) {
  const auto ends = std::ranges::count_if(text, [&](char c) { return c == form.separator || c == '\n' || c == '\r'; });
  return static_cast<std::size_t>(ends) + 1;
}

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
  check_size(table.text_, table.file_);
  const std::size_t begin = table.text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  RecordReader reader(table.text_, begin, table.file_, form);

  if (reader.at_end()) throw InputError({table.file_, 1, 0}, "", "is empty: expected a header line");
  reader.record([&](std::size_t at, std::size_t length) {
    if (table.columns_.size() == kMostColumns)
      throw InputError({table.file_, 1, 0}, "", "has more than " + std::to_string(kMostColumns) + " columns");
    table.columns_.emplace_back(table.text_, at, length);
  });
  check_names(table.columns_, table.file_, form);

  const std::size_t width = table.columns_.size();
  table.fields_.reserve(most_fields(table.text_, form));
  while (!reader.at_end()) {
    const int line = reader.line();
    std::size_t found = 0;
    std::size_t last_length = 0;
    reader.record([&](std::size_t at, std::size_t length) {
      if (++found <= width) table.fields_.push_back(static_cast<std::uint32_t>(at));
      last_length = length;
    });
    const bool blank = found == 1 && last_length == 0;
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

void CsvTable::keep_rows(const std::vector<bool>& kept) {
  std::size_t to = 0;
  for (std::size_t row = 0; row < lines_.size(); ++row) {
    if (!kept[row]) continue;
    lines_[to] = lines_[row];
    std::copy_n(fields_.begin() + static_cast<std::ptrdiff_t>(row * columns_.size()), columns_.size(),
                fields_.begin() + static_cast<std::ptrdiff_t>(to * columns_.size()));
    ++to;
  }
  lines_.resize(to);
  fields_.resize(to * columns_.size());
}

double CsvTable::number(std::size_t row, std::size_t column) const {
  const std::string_view text = field(row, column);
  if (const auto value = parse_number(text)) return *value;
  const std::string what = text.empty() ? "is empty" : "is " + shown(text);
  throw InputError({file_, line(row), 0}, "column '" + columns_[column] + "'", what + ", expected a number");
}

}  // namespace tonne
