#include "core/yaml.h"

#include <gtest/gtest.h>

#include <array>
#include <ostream>

namespace tonne {
namespace {

struct Sample {
  std::int64_t count = 3;
  double rate = 0.5;
  bool fast = false;
  std::string title = "none";
  std::optional<double> maybe;
  Carbon mass = 2.0 * kilogram;
  std::optional<Power> power;
  enum class Color : std::uint8_t { red, green } color = Color::red;
  double inner = 1.0;
  std::vector<std::string> columns;

  void visit(SettingsVisitor& v) {
    v.integer("count", count, Bounds::between(1, 10), "how many");
    v.number("rate", rate, Bounds::above(0.0), "how fast");
    v.flag("fast", fast, "whether");
    v.text("title", title, "called");
    v.optional_number("maybe", maybe, {}, "perhaps");
    v.quantity("mass", mass, Bounds::at_least(0.0), "weight");
    v.quantity("power", power, Bounds::above(0.0), "watts");
    v.choice("color", color, std::to_array<std::string_view>({"red", "green"}), "hue");
    v.group("nested", "a group", [this](SettingsVisitor& g) { g.number("inner", inner, {}, "inside"); });
    v.texts("columns", columns, "names");
  }
};

Sample read(const std::string& text) {
  const YamlNode root = parse_yaml(text, "a.yaml");
  const YamlSource source{"a.yaml", "."};
  SettingsReader reader(root, source, "");
  Sample sample;
  sample.visit(reader);
  reader.finish();
  return sample;
}

std::string error_of(const std::string& text) {
  try {
    (void)read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Settings, ReadsEveryKind) {
  const Sample s = read("count: 7\nrate: 1e-3\nfast: true\ntitle: \"010\"\nmaybe: -2\nmass: 3 t\npower: 350 W\n"
                        "color: green\nnested: {inner: 4}\ncolumns: [a, b]\n");
  EXPECT_EQ(s.count, 7);
  EXPECT_DOUBLE_EQ(s.rate, 1e-3);
  EXPECT_TRUE(s.fast);
  EXPECT_EQ(s.title, "010");
  EXPECT_DOUBLE_EQ(*s.maybe, -2.0);
  EXPECT_DOUBLE_EQ(s.mass / kilogram, 3000.0);
  EXPECT_DOUBLE_EQ(*s.power / watt, 350.0);
  EXPECT_EQ(s.color, Sample::Color::green);
  EXPECT_DOUBLE_EQ(s.inner, 4.0);
  EXPECT_EQ(s.columns, (std::vector<std::string>{"a", "b"}));
}

TEST(Settings, AbsentKeysKeepTheirDefaults) {
  const Sample s = read("{}");
  EXPECT_EQ(s.count, 3);
  EXPECT_FALSE(s.maybe);
  EXPECT_FALSE(s.power);
}

struct Bad {
  const char* text;
  const char* message;
  friend void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.message; }  // no addresses in test names
};
class BadSettings : public ::testing::TestWithParam<Bad> {};
TEST_P(BadSettings, IsOneClearSentence) { EXPECT_EQ(error_of(GetParam().text), GetParam().message); }

INSTANTIATE_TEST_SUITE_P(
    All, BadSettings,
    ::testing::Values(
        Bad{"cuont: 3\n",
            "a.yaml:1:1: unknown key 'cuont'. Did you mean count? Known: count, rate, fast, title, maybe, "
            "mass, "
            "power, color, nested, columns"},
        Bad{"nested:\n  iner: 3\n",
            "a.yaml:2:3: nested: unknown key 'iner'. Did you mean inner? Known: inner"},
        Bad{"count: 3\ncount: 4\n", "a.yaml:2:1: key 'count' appears twice in one map"},
        Bad{"count: 11\n", "a.yaml:1:8: count: 11 is out of bounds: must be 1 to 10"},
        Bad{"count: 2.5\n", "a.yaml:1:8: count: found '2.5', expected a whole number, 1 to 10"},
        Bad{"count: 010\n", "a.yaml:1:8: count: found '010', expected a whole number, 1 to 10"},
        Bad{"count: \"3\"\n", "a.yaml:1:8: count: found '3', expected a whole number, 1 to 10"},
        Bad{"count: [1, 2]\n", "a.yaml:1:8: count: found a list, expected a whole number"},
        Bad{"count: 99999999999999999999\n",
            "a.yaml:1:8: count: 99999999999999999999 is out of bounds: must be 1 to 10"},
        Bad{"rate: 0\n", "a.yaml:1:7: rate: 0 is out of bounds: must be above 0"},
        Bad{"rate: .nan\n", "a.yaml:1:7: rate: found '.nan', expected a number, above 0"},
        Bad{"rate: inf\n", "a.yaml:1:7: rate: found 'inf', expected a number, above 0"},
        Bad{"rate: 1e999\n", "a.yaml:1:7: rate: found '1e999', expected a number, above 0"},
        Bad{"rate:\n", "a.yaml:1:1: rate: found nothing, expected a number"},
        Bad{"fast: yes\n", "a.yaml:1:7: fast: found 'yes', expected true or false"},
        Bad{"mass: 20 km\n", "a.yaml:1:7: mass: '20 km' is a length, expected a mass such as '20 kg'"},
        Bad{"mass: 20\n", "a.yaml:1:7: mass: '20' has no unit, expected a mass such as '20 kg'"},
        Bad{"mass: 20 kWh\n", "a.yaml:1:7: mass: '20 kWh' is an energy, expected a mass such as '20 kg'"},
        Bad{"mass: 20 stone\n", "a.yaml:1:7: mass: unknown unit 'stone', expected a mass such as '20 kg'"},
        Bad{"mass: nan kg\n",
            "a.yaml:1:7: mass: 'nan kg' is not a quantity, expected a mass such as '20 kg'"},
        Bad{"mass: 1e308 t\n", "a.yaml:1:7: mass: '1e308 t' is too large, expected a mass such as '20 kg'"},
        Bad{"mass: -1 kg\n", "a.yaml:1:7: mass: '-1 kg' is out of bounds: must be zero or more"},
        Bad{"color: gren\n", "a.yaml:1:8: color: unknown 'gren'. Did you mean green? Allowed: red, green"},
        Bad{"nested: 3\n", "a.yaml:1:9: nested: found '3', expected settings (key: value)"},
        Bad{"columns: []\n", "a.yaml:1:10: columns: found an empty list, expected a list of texts"},
        Bad{"[1, 2]\n", "a.yaml:1:1: found a list, expected settings (key: value)"},
        Bad{"count: &x 3\n",
            "a.yaml:1:8: anchors and aliases (& and *) are not supported: write the value out"},
        Bad{"count: !!int 3\n", "a.yaml:1:8: tags (!...) are not supported"},
        Bad{"count: 3\n---\ncount: 4\n", "a.yaml: contains more than one document (---)"}));

TEST(Yaml, BrokenSyntaxNamesItsPlace) {
  try {
    (void)parse_yaml("a: [1, 2\nb: 3\n", "a.yaml");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("a.yaml:2:")) << error.what();
  }
}

TEST(Yaml, DeepNestingIsRefusedNotCrashedOn) {
  for (const char* opener : {"[", "{a: ", "- "}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += opener;
    EXPECT_THROW((void)parse_yaml(text, "deep.yaml"), InputError) << opener;
  }
}

TEST(Yaml, HugeFilesAndManyNodesAreRefused) {
  EXPECT_THROW((void)parse_yaml(std::string(5U << 20U, 'a'), "huge.yaml"), InputError);
  std::string many = "a: [";
  for (int i = 0; i < 300'000; ++i) many += "1,";
  EXPECT_THROW((void)parse_yaml(many + "1]", "many.yaml"), InputError);
  EXPECT_THROW((void)parse_yaml(std::string("a: \0b", 5), "zero.yaml"), InputError);
}

TEST(Settings, AreListedWithTheirDefaults) {
  Sample sample;
  const auto list = describe_settings([&](SettingsVisitor& v) { sample.visit(v); });
  ASSERT_EQ(list.size(), 10U);
  EXPECT_EQ(list[0].key, "count");
  EXPECT_EQ(list[0].default_text, "3");
  EXPECT_EQ(list[5].default_text, "2 kg");
  EXPECT_EQ(list[8].key, "nested.inner");
  EXPECT_TRUE(list[9].is_list);
}

// Groups under the user's names.
struct Limit {
  double at_most = 1.0;
  std::vector<std::string> columns;
  void visit(SettingsVisitor& v) {
    v.number("at_most", at_most, Bounds::above(0), "");
    v.texts("columns", columns, "");
  }
};
struct WithGroups {
  std::vector<std::pair<std::string, Limit>> limits;
  void visit(SettingsVisitor& v) { v.groups("limits", limits, "bounds by name"); }
};

TEST(Settings, GroupsHaveNamesOfTheUsers) {
  const auto read_groups = [](const std::string& text) {
    const YamlNode root = parse_yaml(text, "a.yaml");
    const YamlSource source{"a.yaml", "."};
    SettingsReader reader(root, source, "");
    WithGroups settings;
    settings.visit(reader);
    reader.finish();
    return settings;
  };
  const auto error_of_groups = [&](const std::string& text) -> std::string {
    try {
      (void)read_groups(text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  WithGroups read = read_groups("limits: {zeta: {at_most: 3}, alpha: {columns: [x, y]}, plain: }\n");
  ASSERT_EQ(read.limits.size(), 3U);
  EXPECT_EQ(read.limits[0].first, "zeta");  // as written, not sorted
  EXPECT_DOUBLE_EQ(read.limits[0].second.at_most, 3.0);
  EXPECT_EQ(read.limits[1].second.columns, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(canonical_settings([&](SettingsVisitor& v) { read.visit(v); }),
            R"({"limits":{"zeta":{"at_most":3.0,"columns":[]},"alpha":{"at_most":1.0,"columns":["x","y"]},"plain":{"at_most":1.0,"columns":[]}}})");
  WithGroups none;
  EXPECT_EQ(canonical_settings([&](SettingsVisitor& v) { none.visit(v); }), "{}");
  const auto list = describe_settings([&](SettingsVisitor& v) { none.visit(v); });
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].key, "limits");
  EXPECT_EQ(list[1].key, "limits.NAME.at_most");
  EXPECT_TRUE(list[2].is_list);
  EXPECT_TRUE(none.limits.empty());

  EXPECT_EQ(error_of_groups("limits: 3\n"), "a.yaml:1:9: limits: found '3', expected names, each with its settings");
  EXPECT_EQ(error_of_groups("limits: {memory: {most: 3}}\n"),
            "a.yaml:1:19: limits.memory: unknown key 'most'. Known: at_most, columns");
  EXPECT_EQ(error_of_groups("limits: {memory: {at_most: 0}}\n"),
            "a.yaml:1:28: limits.memory.at_most: 0 is out of bounds: must be above 0");
  EXPECT_EQ(error_of_groups("limits: {memory: 3}\n"),
            "a.yaml:1:18: limits.memory: found '3', expected settings (key: value)");
}

TEST(Settings, CanonicalTextDoesNotDependOnHowTheyWereWritten) {
  Sample a = read("mass: 2000 g\nrate: 0.50\n");
  Sample b = read("rate: 5e-1\n");
  EXPECT_EQ(canonical_settings([&](SettingsVisitor& v) { a.visit(v); }),
            canonical_settings([&](SettingsVisitor& v) { b.visit(v); }));
}

TEST(Quantity, KnowsTheUnitsPeopleWrite) {
  EXPECT_DOUBLE_EQ(parse_quantity("12 GPU-days", QuantityKind::duration), 12 * 86400.0);
  EXPECT_DOUBLE_EQ(parse_quantity("0.4 kgCO2e/kWh", QuantityKind::intensity) / kilogram_per_kilowatt_hour.base(), 0.4);
  EXPECT_DOUBLE_EQ(parse_quantity("400 g CO2e/kWh", QuantityKind::intensity) / gram_per_kilowatt_hour.base(), 400);
  EXPECT_DOUBLE_EQ(parse_quantity("20kg", QuantityKind::carbon), 20.0);
  EXPECT_DOUBLE_EQ(parse_quantity("3 tonnes", QuantityKind::carbon), 3000.0);
  EXPECT_DOUBLE_EQ(parse_quantity("626155 lb", QuantityKind::carbon) / 1000.0, 626155 * 0.45359237 / 1000.0);
  EXPECT_DOUBLE_EQ(parse_quantity("$5", QuantityKind::money), 5.0);
  EXPECT_DOUBLE_EQ(parse_quantity("2.48 USD/h", QuantityKind::price_rate) * 3600.0, 2.48);
  EXPECT_DOUBLE_EQ(parse_quantity("14 TFLOPS", QuantityKind::work_rate), 14e12);
  EXPECT_DOUBLE_EQ(parse_quantity("14 TFLOP/s", QuantityKind::work_rate), 14e12);
  EXPECT_DOUBLE_EQ(parse_quantity("900 GB/s", QuantityKind::bandwidth), 900e9);
  EXPECT_DOUBLE_EQ(parse_quantity("1.5 days", QuantityKind::duration), 129600.0);
}

TEST(Quantity, EveryKindReadsBackWhatItWrites) {
  for (int k = 0; k <= static_cast<int>(QuantityKind::water_intensity); ++k) {
    const auto kind = static_cast<QuantityKind>(k);
    EXPECT_NEAR(parse_quantity(format_quantity(1234.5678, kind), kind), 1234.5678, 1e-9);
  }
}

}  // namespace
}  // namespace tonne
