// A tree as YAML again: what is read of it is the same tree.

#include "experiments/advice/yaml_text.h"

#include <gtest/gtest.h>

#include <string>

namespace tonne {
namespace {

void expect_same(const YamlNode& a, const YamlNode& b) {
  ASSERT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.text, b.text);
  // What may not stand plain between commas is quoted; no number is such a text.
  const bool stays = a.text.find(',') == std::string::npos;
  EXPECT_TRUE(!stays || a.quoted == b.quoted) << a.text;
  ASSERT_EQ(a.items.size(), b.items.size());
  for (std::size_t i = 0; i < a.items.size(); ++i) expect_same(a.items[i], b.items[i]);
  ASSERT_EQ(a.entries.size(), b.entries.size());
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    EXPECT_EQ(a.entries[i].key, b.entries[i].key);
    expect_same(a.entries[i].value, b.entries[i].value);
  }
}

TEST(YamlTree, IsReadAsTheSameTree) {
  const std::string text =
      "a: 1\n"
      "b: [x, \"1\", 'no, yes', {c: 2022-01-01T20:00Z}]\n"
      "d: {e: {f: ~, g: \"two\\nlines \\u00e9\"}, h: []}\n"
      "i: a plain text, with a comma and 'quotes'\n"
      "j:\n  - k: 5 kg\n  - [1, 2]\n"
      "l: {}\n"
      "m: \"\"\n";
  const YamlNode tree = parse_yaml(text, "t");
  expect_same(tree, parse_yaml(document_text(tree), "again"));
  expect_same(tree, parse_yaml(flow_text(tree), "again"));
}

TEST(YamlTree, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(flow_text(parse_yaml("tpe: {startup: 5, label: \"a b\", note: a b}", "t")), "{tpe: {startup: 5, label: \"a b\", note: a b}}");
  EXPECT_EQ(flow_text(plain_scalar("a: b")), "\"a: b\"");
  EXPECT_EQ(flow_text(plain_scalar("-")), "\"-\"");
}

}  // namespace
}  // namespace tonne
