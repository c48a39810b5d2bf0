// Texts from strangers in what spreadsheets and terminals read.

#include "experiments/text/csv_text.h"

#include <gtest/gtest.h>

#include "core/json.h"

namespace tonne {
namespace {

TEST(CsvText, NeitherRunsNorSteers) {
  EXPECT_EQ(csv_text("plain"), "plain");
  EXPECT_EQ(csv_text("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
  EXPECT_EQ(csv_text("=cmd|'/C calc'!A0"), "'=cmd|'/C calc'!A0");
  EXPECT_EQ(csv_text("a\033[31m\xc2\x9b\xe2\x80\xae\r"), "a?[31m???");
  EXPECT_EQ(csv_text("Größe, 速度"), "\"Größe, 速度\"");
}

// What is escaped comes back as it was.
TEST(JsonDocument, EscapesWhatCouldSteerATerminal) {
  const std::string hostile = "a\033\x7f\xc2\x9b\xd8\x9c\xe2\x80\xae\xe2\x80\xa8 Größe 速度 \xf0\x9f\x98\x80";
  const std::string text = json_document(Json(hostile));
  EXPECT_EQ(text, "\"a\\u001b\\u007f\\u009b\\u061c\\u202e\\u2028 Größe 速度 \xf0\x9f\x98\x80\"\n");
  EXPECT_EQ(parse_json(text).get<std::string>(), hostile);
}

}  // namespace
}  // namespace tonne
