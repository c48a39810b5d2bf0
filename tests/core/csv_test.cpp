#include "core/csv.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "core/error.h"

namespace tonne {
namespace {

CsvTable parse(const std::string& text) {
  return CsvTable::parse(text, "t.csv");
}

template <class Action>
std::string error_of(Action action) {
  try {
    static_cast<void>(action());
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string parse_error(const std::string& text) {
  return error_of([&] { return parse(text); });
}

TEST(Csv, ReadsRowsAndColumns) {
  const CsvTable table = parse("a,b\n1,x\n-2.5e3,y z\n");
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.number(0, 0), 1.0);
  EXPECT_EQ(table.number(1, 0), -2500.0);
  EXPECT_EQ(table.field(1, 1), "y z");
  EXPECT_EQ(table.find("b"), 1U);
  EXPECT_EQ(table.find("c"), std::nullopt);
  EXPECT_EQ(table.file(), "t.csv");
}

TEST(Csv, TheLastLineNeedsNoEnd) {
  EXPECT_EQ(parse("a,b\n1,2").field(0, 1), "2");
  EXPECT_EQ(parse("a,b\n1,").field(0, 1), "");
  EXPECT_EQ(parse("a,b").rows(), 0U);
  EXPECT_EQ(parse("a,b\n").rows(), 0U);
}

TEST(Csv, EmptyFieldsAreFields) {
  const CsvTable table = parse("a,b,c\n,,\n1,,3\n");
  ASSERT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.field(0, 2), "");
  EXPECT_EQ(table.field(1, 1), "");
  EXPECT_EQ(table.field(1, 2), "3");
}

TEST(Csv, UnquotesFields) {
  const CsvTable table = parse("\"a,1\",b\n\"x,y\",\"say \"\"hi\"\"\"\n\"\",\"\"\"\"\nplain\"quote,\"\"\n");
  EXPECT_EQ(table.columns()[0], "a,1");
  EXPECT_EQ(table.field(0, 0), "x,y");
  EXPECT_EQ(table.field(0, 1), "say \"hi\"");
  EXPECT_EQ(table.field(1, 0), "");
  EXPECT_EQ(table.field(1, 1), "\"");
  EXPECT_EQ(table.field(2, 0), "plain\"quote");
}

TEST(Csv, AQuotedFieldMayHoldLines) {
  const CsvTable table = parse("a,b\n\"one\ntwo\r\nthree\",1\n4,5\n");
  EXPECT_EQ(table.field(0, 0), "one\ntwo\r\nthree");
  EXPECT_EQ(table.line(0), 2);
  EXPECT_EQ(table.line(1), 5);
}

TEST(Csv, AcceptsEveryLineEnd) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const CsvTable table = parse("a,b" + end + "1,2" + end + "\"3\",\"4\"" + end);
    ASSERT_EQ(table.rows(), 2U);
    EXPECT_EQ(table.columns()[1], "b");
    EXPECT_EQ(table.field(0, 1), "2");
    EXPECT_EQ(table.field(1, 1), "4");
    EXPECT_EQ(table.line(1), 3);
  }
}

TEST(Csv, SkipsTheByteOrderMark) {
  EXPECT_EQ(parse("\xEF\xBB\xBFname,b\n1,2\n").columns()[0], "name");
  EXPECT_NE(parse_error("\xEF\xBB\xBF").find("is empty"), std::string::npos);
}

TEST(Csv, SkipsBlankLinesAndCountsThem) {
  const CsvTable table = parse("a,b\n1,2\n\n\r\n3,4\n\n\n");
  ASSERT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.field(1, 0), "3");
  EXPECT_EQ(table.line(1), 5);
}

TEST(Csv, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(parse_error(""), "t.csv:1: is empty: expected a header line");
  EXPECT_EQ(parse_error("a,,c\n"), "t.csv:1: a column has no name");
  EXPECT_EQ(parse_error("\na,b\n"), "t.csv:1: a column has no name");
  EXPECT_EQ(parse_error("a,b,a\n1,2,3\n"), "t.csv:1: two columns are named 'a'");
  EXPECT_EQ(parse_error("a,b\n1,2\n\n1\n"), "t.csv:4: has 1 fields, the header has 2");
  EXPECT_EQ(parse_error("a,b\n1,2\n\"x\ny\",2\n1,2,3\n"), "t.csv:5: has 3 fields, the header has 2");
  EXPECT_EQ(parse_error("a,b\n1,2\n3,\"never\ncloses\n"), "t.csv:3: a quote opens here and never closes");
  EXPECT_EQ(parse_error("a,b\n1,2\n\"x\"y,2\n"),
            "t.csv:3: text after a closing quote: expected a comma or the end of the line");
  std::string wide = "c0";
  for (int i = 1; i <= 4096; ++i) wide += ",c" + std::to_string(i);
  EXPECT_EQ(parse_error(wide), "t.csv:1: has more than 4096 columns");
}

TEST(Csv, ANumberThatIsNoneIsNamed) {
  const CsvTable table = parse("a,b\n1,2\n3,fast\n4,\n5,inf\n6," + std::string(100, 'x') + "\n");
  const auto error = [&](std::size_t row) { return error_of([&] { return table.number(row, 1); }); };
  EXPECT_EQ(error(0), "no error");
  EXPECT_EQ(error(1), "t.csv:3: column 'b': is 'fast', expected a number");
  EXPECT_EQ(error(2), "t.csv:4: column 'b': is empty, expected a number");
  EXPECT_EQ(error(3), "t.csv:5: column 'b': is 'inf', expected a number");
  EXPECT_EQ(error(4), "t.csv:6: column 'b': is '" + std::string(40, 'x') + "...', expected a number");
}

// UTF-16, or no text at all.
TEST(Csv, RefusesZeroBytes) {
  EXPECT_EQ(parse_error(std::string("a,b\n1,\0002\n", 9)),
            "t.csv:2: holds a zero byte: expected text in UTF-8 (UTF-16 must be converted)");
}

// Whatever is behind the last field: fields end where they ended in the file.
TEST(Csv, FieldsEndAnywhere) {
  const auto fields = [](const std::string& text) {
    const CsvTable table = CsvTable::parse(text, "t.csv");
    return std::string(table.field(0, 0)) + "|" + std::string(table.field(0, 1));
  };
  EXPECT_EQ(fields("a,b\n1,"), "1|");
  EXPECT_EQ(fields("a,b\n\"x\"\"y\",\"z\"\"\""), "x\"y|z\"");
  EXPECT_EQ(fields("a,b\r\n1,2\r\n"), "1|2");
  EXPECT_EQ(fields("a,b\n\"1\"\"\"\"\"\"\",\"\"\n"), "1\"\"\"|");
}

TEST(Csv, DigestsTheBytes) {
  EXPECT_EQ(parse("a,b\n1,2\n").digest(), parse("a,b\n1,2\n").digest());
  EXPECT_NE(parse("a,b\n1,2\n").digest(), parse("a,b\n1,3\n").digest());
  EXPECT_NE(parse("a,b\n1,2\n").digest(), parse("a,b\r\n1,2\r\n").digest());
}

TEST(Csv, ReadsFiles) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto file = folder / ("tonne_csv_test_" + std::to_string(getpid()) + ".csv");
  std::ofstream(file, std::ios::binary) << "a,b\n1,2\n";
  EXPECT_EQ(CsvTable::read(file).field(0, 1), "2");
  EXPECT_EQ(read_text_file(file, 8), "a,b\n1,2\n");
  EXPECT_NE(error_of([&] { return read_text_file(file, 7); }).find("is 8 bytes long; at most 7"),
            std::string::npos);
  std::filesystem::remove(file);
  EXPECT_EQ(error_of([&] { return CsvTable::read(file); }), file.string() + ": no such file");
  EXPECT_EQ(error_of([&] { return CsvTable::read(folder); }), folder.string() + ": not a regular file");
}

TEST(ParseNumber, TakesFiniteDecimals) {
  EXPECT_EQ(parse_number("12"), 12.0);
  EXPECT_EQ(parse_number(" \t-1.5e-3 "), -1.5e-3);
  EXPECT_EQ(parse_number("+7"), 7.0);
  EXPECT_EQ(parse_number(".5"), 0.5);
  EXPECT_EQ(parse_number("1.7976931348623157e308"), std::numeric_limits<double>::max());
  for (const char* text :
       {"", " ", "+", "-", "1,5", "1 2", "0x10", "nan", "inf", "-inf", "1e999", "one", "1e", "1_000"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Csv, MayHaveAnotherForm) {
  const CsvForm tabs{'\t', true, true};
  const CsvTable table = CsvTable::parse(" \t b, \t\"c \" \n1\t x y \t\" z;\" \r\n 2\t\t \n \n", "t.csv", tabs);
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"", "b,", "c "}));
  ASSERT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.field(0, 1), "x y");
  EXPECT_EQ(table.field(0, 2), " z;");  // what is quoted keeps its blanks
  EXPECT_EQ(table.field(1, 0), "2");
  EXPECT_EQ(table.field(1, 1), "");
  EXPECT_EQ(table.field(1, 2), "");
  EXPECT_EQ(table.line(1), 3);
  EXPECT_EQ(error_of([] { return CsvTable::parse("a;\n1;2\n", "t.csv", {';', true, true}); }), "t.csv:1: a column has no name");
  EXPECT_EQ(error_of([] { return CsvTable::parse("\"a\" b;c\n", "t.csv", {';', true, false}); }),
            "t.csv:1: text after a closing quote: expected a semicolon or the end of the line");
  // Without being asked, blanks are part of a field and a column needs a name.
  EXPECT_EQ(parse("a, b\n1, 2\n").columns()[1], " b");
  EXPECT_EQ(parse_error(",b\n1,2\n"), "t.csv:1: a column has no name");
}

}  // namespace
}  // namespace tonne
