#include "experiments/text/text_table.h"

#include <gtest/gtest.h>

namespace tonne {
namespace {

TEST(Figures, ThreeSignificantDigitsAndTheWholePartInFull) {
  EXPECT_EQ(significant_text(5.111), "5.11");
  EXPECT_EQ(significant_text(0.0212), "0.0212");
  EXPECT_EQ(significant_text(0.00199), "0.00199");
  EXPECT_EQ(significant_text(15568.4), "15,568");
  EXPECT_EQ(significant_text(-329287.0), "-329,287");
  EXPECT_EQ(significant_text(0.0), "0");
}

TEST(Figures, LargeOnesAreWordsAndOnlyTheUnreadableHaveAnExponent) {
  EXPECT_EQ(significant_text(999'999.7), "1.00 million");
  EXPECT_EQ(significant_text(3.71e6), "3.71 million");
  EXPECT_EQ(significant_text(-42e9), "-42.0 billion");
  EXPECT_EQ(significant_text(999e12), "999 trillion");
  EXPECT_EQ(significant_text(1e15), "1.00e+15");
  EXPECT_EQ(significant_text(0.000124), "0.000124");
  EXPECT_EQ(significant_text(0.0000124), "1.24e-05");
}

TEST(Figures, ValuesKeepTheirTrailingZeros) {
  EXPECT_EQ(value_text(94.1, "%"), "94.10");
  EXPECT_EQ(value_text(-2.79, "nats"), "-2.790");
  EXPECT_EQ(value_text(0.259, ""), "0.2590");
  EXPECT_EQ(value_text(91.0, ""), "91.00");
  EXPECT_EQ(value_text(18203.4, ""), "18,203");
  EXPECT_EQ(value_text(0.0, ""), "0");
  EXPECT_EQ(value_text(1e9, ""), "1.000 billion");
}

TEST(Figures, CountsHaveSeparatorsAndNoMoreDigitsThanTheyDeserve) {
  EXPECT_EQ(grouped(-1234567.0), "-1,234,567");
  EXPECT_EQ(count_text(1.0), "1");
  EXPECT_EQ(count_text(4737.9), "4,740");
  EXPECT_EQ(count_text(147000.0), "147,000");
  EXPECT_EQ(count_text(1.2446e8), "124 million");
  EXPECT_EQ(count_text(0.0), "0");
  EXPECT_EQ(count_text(999.7), "1,000");
}

const TextRows kTable = {{"strategy", "accuracy %", "kWh", "kg CO2e"},
                         {"tpe", "94.12", "12.3", "5.31"},
                         {"random", "93.80", "9", "4"}};

TEST(TextTable, IsWholeWhereTheWidthIsNotKnown) {
  EXPECT_EQ(format_table(kTable),
            "  strategy   accuracy %    kWh   kg CO2e\n"
            "  tpe             94.12   12.3      5.31\n"
            "  random          93.80      9         4\n");
  EXPECT_EQ(format_table(kTable, {.width = 40}, {.expendable = {"kWh"}}), format_table(kTable));
}

TEST(TextTable, LeavesOutWhatIsLeastNeededAndSaysSo) {
  const TableLayout layout{.expendable = {"no such", "kg CO2e", "kWh", "accuracy %"}};
  EXPECT_EQ(format_table(kTable, {.width = 39}, layout),
            "  strategy   accuracy %    kWh\n"
            "  tpe             94.12   12.3\n"
            "  random          93.80      9\n"
            "  Not shown at 39 columns: kg CO2e; all\n"
            "  with --json or a wider terminal.\n");
  EXPECT_NE(format_table(kTable, {.width = 25}, layout).find("columns: kWh, kg CO2e;\n"),
            std::string::npos);  // as in the table
  const std::string least = format_table(kTable, {.width = 10}, {.expendable = {"kWh"}});
  EXPECT_NE(least.find("kg CO2e"), std::string::npos);  // what nobody may leave out stays, fits or not
}

TEST(TextTable, TextInTheLastColumnIsWrapped) {
  const TextRows table = {{"name", "what it is"}, {"a", "one two three four five six seven"}, {"b", "short"}};
  const TableLayout layout{.last = LastColumn::wrapped_text};
  EXPECT_EQ(format_table(table, {}, layout),
            "  name   what it is\n"
            "  a      one two three four five six seven\n"
            "  b      short\n");
  EXPECT_EQ(format_table(table, {.bold = true, .width = 34}, layout),
            "\033[1m  name   what it is\033[0m\n"
            "  a      one two three four five\n"
            "         six seven\n"
            "  b      short\n");
  EXPECT_EQ(format_table(table, {.width = 34}, {.last = LastColumn::clipped_text}),
            "  name   what it is\n"
            "  a      one two three four ...\n"
            "  b      short\n");
}

TEST(TextTable, ProseFillsTheWidthUpTo120Columns) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "word ";
  const auto longest = [&](std::size_t width) {
    const std::string lines = wrapped(text, width);
    return lines.find('\n');
  };
  EXPECT_EQ(longest(0), 106U);
  EXPECT_EQ(longest(80), 76U);
  EXPECT_EQ(longest(300), 116U);
  EXPECT_EQ(wrapped("a  b", 80), "  a  b\n");
}

TEST(TextTable, ClipsBetweenWords) {
  EXPECT_EQ(clipped("one two three", 13), "one two three");
  EXPECT_EQ(clipped("one two three", 12), "one two ...");
  EXPECT_EQ(clipped("one two three", 10), "one ...");
}

}  // namespace
}  // namespace tonne
