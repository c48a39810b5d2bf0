#include "experiments/report/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tonne {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> texts;
  for (const Tick& tick : ticks) texts.push_back(tick.label);
  return texts;
}

// Elements that are opened are closed, in order; attributes are quoted. A small reader, not a parser of all XML.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at)) {
    const std::size_t end = svg.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = svg.substr(at + 1, end - at - 1);
    ASSERT_EQ(std::ranges::count(tag, '"') % 2, 0) << tag;
    ASSERT_EQ(tag.find('<'), std::string::npos) << tag;
    if (tag.front() == '/') {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
    at = end;
  }
  EXPECT_TRUE(open.empty());
}

TEST(SvgTicks, AreRoundAndInside) {
  EXPECT_THAT(labels(linear_ticks(0.0, 1.0)), ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1"));
  EXPECT_THAT(labels(linear_ticks(93.4, 94.37)), ElementsAre("93.4", "93.6", "93.8", "94", "94.2"));
  EXPECT_THAT(labels(linear_ticks(-3.0, 3.0)), ElementsAre("-2", "0", "2"));
  EXPECT_THAT(labels(log_ticks(0.09, 20.0)), ElementsAre("0.1", "0.2", "0.5", "1", "2", "5", "10", "20"));
  EXPECT_THAT(labels(log_ticks(1.0, 1e6)), ElementsAre("1", "10", "100", "1000", "10 k", "100 k", "1 M"));
  EXPECT_EQ(log_ticks(3.1, 3.2).size(), 2U);
  for (const double high : {1e-9, 0.3, 7.0, 123456.0, 1e12})
    for (const Tick& tick : linear_ticks(0.0, high)) EXPECT_LE(tick.value, high * (1.0 + 1e-6));
  EXPECT_LE(log_ticks(1e-20, 1e20).size(), 12U);
}

TEST(Svg, TextStaysTextAndNumbersStayShort) {
  EXPECT_EQ(svg_text("<script>&\"\x01\x7f"), "&lt;script&gt;&amp;&quot;");
  EXPECT_EQ(svg_number(12.5), "12.5");
  EXPECT_EQ(svg_number(-0.001), "0");
  EXPECT_EQ(svg_number(3.0), "3");
}

TEST(Svg, EveryChartIsWellFormedWhateverItsNames) {
  const std::string hostile = "</title><script>alert(1)</script> ]]> \" onload=\"x ääääääääääääääääääääääääääääääääääääää";
  const LineChart lines{hostile, "x", "y", true, true, {{hostile, {1.0, 10.0}, {3.0, 4.0}, {2.0, 3.0}, {4.0, 5.0}}, {"empty", {}, {}, {}, {}}}, {{3.5, hostile}}, {}, {}};
  const ScatterChart scatter{hostile, "x", "y", true, {{hostile, 1.0, 2.0, 1.5, 2.5}, {"b", 1.0, 2.0, {}, {}}}};
  const RankChart ranks{hostile, {hostile, "b", "c"}, {1.2, 2.0, 2.8}, {{0, 1}, {1, 2}}, 0.9};
  const BarChart bars{hostile, "kg", {hostile, "b"}, {"p", hostile}, {{1.0, 2.0}, {0.0, 0.0}}};
  for (const std::string& svg : {line_chart_svg(lines), scatter_chart_svg(scatter), rank_chart_svg(ranks), bar_chart_svg(bars)}) {
    expect_well_formed(svg);
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(Svg, NothingAndOnePointAreDrawnToo) {
  expect_well_formed(line_chart_svg({}));
  expect_well_formed(scatter_chart_svg({}));
  expect_well_formed(rank_chart_svg({}));
  expect_well_formed(bar_chart_svg({}));
  const std::string one = line_chart_svg({"t", "x", "y", true, false, {{"a", {2.0}, {0.0}, {}, {}}}, {}, {}, {}});
  expect_well_formed(one);
  EXPECT_THAT(one, Not(HasSubstr("nan")));
}

// The front runs through what nobody beats: here the first and third point.
TEST(Svg, TheFrontIsWhatNobodyBeats) {
  const ScatterChart chart{"t", "kg", "accuracy", true, {{"a", 1.0, 90.0, {}, {}}, {"b", 2.0, 89.0, {}, {}}, {"c", 3.0, 93.0, {}, {}}}};
  const std::string svg = scatter_chart_svg(chart);
  const std::size_t front = svg.find("stroke-dasharray=\"2 3\"");
  ASSERT_NE(front, std::string::npos);
  const std::string path = svg.substr(svg.rfind("<path", front), front - svg.rfind("<path", front));
  EXPECT_EQ(std::ranges::count(path, 'L'), 1);
}

}  // namespace
}  // namespace tonne
