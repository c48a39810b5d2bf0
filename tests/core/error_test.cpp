#include "core/error.h"

#include <gtest/gtest.h>

namespace tonne {
namespace {

TEST(Printable, LetsNothingSteerATerminal) {
  EXPECT_EQ(printable("plain, Größe, 速度, €"), "plain, Größe, 速度, €");
  EXPECT_EQ(printable("a\033[2Jb\tc\x7f"), "a?[2Jb?c?");
  EXPECT_EQ(printable("\xc2\x9b 31m"), "? 31m");                          // CSI as one C1 character
  EXPECT_EQ(printable("\xe2\x80\xae gpj.exe"), "? gpj.exe");              // right-to-left override
  EXPECT_EQ(printable("\xe2\x81\xa6x\xe2\x81\xa9"), "?x?");              // isolates
  EXPECT_EQ(printable("\xe2\x82\xac \xe2\x80\x93"), "\xe2\x82\xac \xe2\x80\x93");  // euro, dash: their neighbours
  EXPECT_EQ(printable("\xe2\x80\x8fx\xe2\x80\xa8y\xd8\x9cz"), "?x?y?z");  // marks of direction, a separator of lines
  EXPECT_EQ(printable("two\nlines"), "two?lines");
  EXPECT_EQ(printable("two\nlines", true), "two\nlines");
  EXPECT_EQ(printable("\xc2"), "?");  // cut in the middle: not read beyond its end
  EXPECT_EQ(printable("\xe2\x80"), "??");
  EXPECT_EQ(printable("\xff\x9b" "31m"), "??31m");  // no UTF-8: CSI of an 8-bit terminal
  EXPECT_EQ(printable("\xc0\x8a \xf0\x9f\x98\x80"), "?? \xf0\x9f\x98\x80");  // an overlong line feed; an emoji
}

TEST(InputErrors, AreOneSafeSentence) {
  const InputError error({"a\nb.yaml", 3, 7}, "key", "found '\033[31m'");
  EXPECT_STREQ(error.what(), "a?b.yaml:3:7: key: found '?[31m'");
}

}  // namespace
}  // namespace tonne
