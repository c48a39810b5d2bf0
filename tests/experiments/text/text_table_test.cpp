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

}  // namespace
}  // namespace tonne
