#include "experiments/report/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "experiments/report/svg_charts.h"
#include "experiments/report/svg_ladder.h"
#include "experiments/report/svg_marks.h"

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
  EXPECT_THAT(labels(log_ticks(3.1, 3.2)), ElementsAre("3.1", "3.12", "3.14", "3.16", "3.18", "3.2"));
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

TEST(Svg, EachStepOfALadderBeginsWhereTheLastEnded) {
  const std::string hostile = "</text><script>alert(1)</script>\" onload=\"x";
  const std::string svg = ladder_chart_svg({"t", "times less", {{"a -> b", "devices", 8.0}, {"a -> b", "power", 0.5}, {hostile, hostile, 2.0}}, {}});
  expect_well_formed(svg);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("<desc>times less: devices 8 x, power 0.5 x, "));
  EXPECT_THAT(svg, HasSubstr("; all steps 8 x.</desc>"));
  std::vector<std::array<double, 2>> bars;  // left, right
  for (std::size_t at = svg.find("<rect x="); at != std::string::npos; at = svg.find("<rect x=", at + 1)) {
    const double left = std::stod(svg.substr(at + 9));
    bars.push_back({left, left + std::stod(svg.substr(svg.find("width=", at) + 7))});
  }
  ASSERT_EQ(bars.size(), 4U);
  EXPECT_NEAR(bars[1][1], bars[0][1], 0.02);  // 0.5 leads back from 8
  EXPECT_NEAR(bars[2][0], bars[1][0], 0.02);
  EXPECT_NEAR(bars[3][0], bars[0][0], 0.02);
  EXPECT_NEAR(3.0 * (bars[0][1] - bars[1][0]), bars[0][1] - bars[0][0], 0.1);  // a log axis: 2 is a third of 8
  EXPECT_THAT(ladder_chart_svg({"t", "x", {}, {}}), HasSubstr("nothing to show"));
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

// Counting marks by steps below a value's rounding never ends.
TEST(Svg, ValuesApartByRoundingAloneAreOneValue) {
  const double next = std::nextafter(94.0, 95.0);
  const std::string svg = line_chart_svg({"t", "x", "y", false, false, {{"a", {1.0, 2.0}, {94.0, next}, {}, {}}}, {}, {}, {}});
  expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr(">94<"));
}

TEST(Svg, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(svg_text("a\xff\xC3"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(svg_text("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(svg_text("ä€😀"), "ä€😀");
}

TEST(Svg, TheOtherChartsAreWellFormedWhateverTheirNames) {
  const std::string hostile = "</text><script>alert(1)</script> ]]> \" onload=\"x";
  const double never = std::numeric_limits<double>::infinity();
  for (const std::string& svg :
       {waterfall_chart_svg({hostile, hostile, hostile, {{hostile, 1.0}, {"less", -2.0}}}),
        timeline_chart_svg({hostile, "h", hostile, 2, {hostile}, {{1, 0.0, 2.0, 0}}, {0.0, 1.0}, {300.0, 300.0}}),
        forest_chart_svg({hostile, "x", {{hostile, 1.0, 1.0, 1.0}}, 0.0}),
        profile_chart_svg({hostile, "x", "share", true, {{hostile, {1.0, never}}, {"none", {never}}}}),
        waterfall_chart_svg({}), timeline_chart_svg({}), forest_chart_svg({}), profile_chart_svg({})}) {
    expect_well_formed(svg);
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(Svg, TheWaterfallEndsInTheSum) {
  const std::string svg = waterfall_chart_svg({"t", "kg", "total", {{"a", 2.0}, {"b", 1.5}, {"c", -0.5}}});
  EXPECT_THAT(svg, HasSubstr(">3</text>"));
  EXPECT_THAT(svg, HasSubstr(">-0.5</text>"));
}

// 1 of 4 at or below 1, 3 at or below 2, the fourth never.
TEST(Svg, AProfileCountsThoseThatNeverGetThere) {
  const double never = std::numeric_limits<double>::infinity();
  const std::string svg = profile_chart_svg({"t", "x", "share", false, {{"a", {2.0, 1.0, never, 2.0}}}});
  // The axis is 268 high from 280 upwards: 0.25 at 280 - 67, 0.75 at 280 - 201.
  EXPECT_THAT(svg, HasSubstr("M62 213H468L468 79"));
}

// What the drawing says stands in words too, for readers who do not see it.
TEST(Svg, ADescriptionHasTheFigures) {
  const auto description = [](const std::string& svg) {
    const std::size_t begin = svg.find("<desc>") + 6;
    return svg.substr(begin, svg.find("</desc>") - begin);
  };
  const double never = std::numeric_limits<double>::infinity();
  EXPECT_EQ(description(line_chart_svg({"t", "kg", "accuracy", true, false, {{"a", {1.0, 2.0}, {3.0, 94.187}, {}, {}}, {"none", {}, {}, {}, {}}}, {{90.5, "default"}}, {}, {}})),
            "accuracy against kg. The curves end at: a 94.19 at 2, default 90.5.");
  EXPECT_EQ(description(scatter_chart_svg({"t", "kg", "accuracy", true, {{"a", 1.0, 2.0, {}, {}}, {"b", 3.0, 4.0, {}, {}}}})), "accuracy against kg: a 2 at 1, b 4 at 3.");
  EXPECT_EQ(description(rank_chart_svg({"t", {"a", "b", "c"}, {2.8, 1.2, 2.0}, {{1, 2}}, {}})), "Mean rank (1 is best): b 1.20, c 2.00, a 2.80. Not separated: b and c.");
  EXPECT_EQ(description(bar_chart_svg({"t", "kg", {"a"}, {"p", "q"}, {{1.0, 2.0}}})), "kg: a 3 (p 1, q 2).");
  EXPECT_EQ(description(waterfall_chart_svg({"t", "kg", "total", {{"a", 2.0}, {"b", -0.5}}})), "kg: a 2, b -0.5; total 1.5.");
  EXPECT_EQ(description(timeline_chart_svg({"t", "hours", "", 2, {"completed"}, {{0, 0.0, 4.0, 0}, {1, 0.0, 2.0, 0}}, {}, {}})),
            "2 workers, hours from 0 to 4. Of their time: completed 75 %.");
  EXPECT_EQ(description(forest_chart_svg({"t", "points", {{"a", 1.0, 0.5, 1.5}}, 0.0})), "points: a 1 (0.5 to 1.5).");
  EXPECT_EQ(description(profile_chart_svg({"t", "x", "share", false, {{"a", {2.0, 1.0, never, 3.0}}, {"b", {never, 1.0, never}}}})),
            "share against x: a half by 2, b never reaches half.");
}

TEST(Svg, ALongTimelineStaysSmallAndKeepsWhatTookMostOfTheTime) {
  TimelineChart chart{"t", "h", "g/kWh", 8, {"completed", "failed"}, {}, {}, {}};
  for (std::size_t i = 0; i < 10000; ++i) {
    const double start = static_cast<double>(i / 8);
    chart.spans.push_back({i % 8, start, start + 0.9, i % 97 == 0 ? std::size_t{1} : std::size_t{0}});
  }
  const std::string many = timeline_chart_svg(chart);
  EXPECT_LT(many.size(), 20000U);
  expect_well_formed(many);
  EXPECT_EQ(timeline_chart_svg(chart), many);
  chart.spans.resize(400);
  EXPECT_GT(std::ranges::count(timeline_chart_svg(chart), '\n'), 400);  // one by one
}

}  // namespace
}  // namespace tonne
