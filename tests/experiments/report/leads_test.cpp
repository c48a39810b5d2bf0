// What leads the page: payback, scenarios, many boards, published figures; the configuration to copy; uncertain figures; terms.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "experiments/report/lead_view.h"
#include "experiments/report/spread_view.h"
#include "experiments/report/svg_overview.h"
#include "experiments/report/terms_view.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_program;
using testing::TemporaryFolder;
using Json = nlohmann::json;

// The report of an experiment in one format.
std::string report_of(const std::string& experiment, const std::string& format) {
  const TemporaryFolder folder;
  folder.write("e.yaml", experiment);
  const auto run = run_program("run e.yaml --quiet --out r", folder.path());
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto made = run_program("report r --format " + format + " --out page", folder.path());
  EXPECT_EQ(made.exit_code, 0) << made.err;
  return testing::read_file(folder / "page");
}

const std::string kStart = "seeds: 4\nstrategies: [random, tpe]\nbudget: {evaluations: 20}\n";

TEST(ShortLabels, KeepWhatDiffers) {
  const ShortLabels one = short_labels({"workers=4, start=2022-02-15", "workers=4, start=2022-05-15"});
  EXPECT_EQ(one.heading, "start");
  EXPECT_THAT(one.labels, ElementsAre("2022-02-15", "2022-05-15"));
  const ShortLabels two = short_labels({"a=1, b=2, c=0", "a=1, b=3, c=1"});
  EXPECT_EQ(two.heading, "scenario");
  EXPECT_THAT(two.labels, ElementsAre("b=2, c=0", "b=3, c=1"));
  EXPECT_THAT(short_labels({"a=1", "b=1"}).labels, ElementsAre("a=1", "b=1"));
  EXPECT_THAT(short_labels({"a=1", "plain"}).labels, ElementsAre("a=1", "plain"));
  EXPECT_THAT(short_labels({""}).labels, ElementsAre(""));
}

TEST(Leads, PaybackSaysNeverInPlainWords) {
  const std::string page = report_of(
      kStart + "problems: [{cell_nas: {task: cifar10}}]\ndeployment: {trainings: 1e4}\n", "md");
  EXPECT_THAT(page, HasSubstr("## Does the search pay back?"));
  EXPECT_THAT(page, ::testing::AnyOf(HasSubstr("never pays back"), HasSubstr("pays back after")));
  EXPECT_THAT(page, HasSubstr("**pays back**"));
  EXPECT_THAT(report_of(kStart + "problems: cell_nas\n", "md"), Not(HasSubstr("pays back")));
}

TEST(Leads, PaybackOfASearchThatSavesNothing) {
  Board board;
  board.traits.label = "p";
  board.leaderboard.deployment.trainings = 1000.0;
  LeaderboardRow& row = board.leaderboard.rows.emplace_back();
  row.strategy = "tpe";
  EXPECT_THAT(lead_views({board}, {BoardFindings{}})[0].text, HasSubstr("It is unknown whether a search with tpe pays back"));
  row.payback = PaybackBalance{};
  row.payback->search = 3.0 * kilogram;
  row.payback->saved = -1.5 * kilogram;
  EXPECT_EQ(lead_views({board}, {BoardFindings{}})[0].text,
            "A search with tpe emits 3 kg and never pays back: using its result instead of the default configuration saves "
            "nothing. Over 1,000 trainings it emits 1.5 kg more.");
  row.payback->saved = 1.5 * kilogram;
  row.payback->break_even = 2.0;
  EXPECT_THAT(lead_views({board}, {BoardFindings{}})[0].text,
              HasSubstr("Over the planned 1,000 trainings its result saves 1.5 kg against the default configuration: "
                        "less than the search emitted."));
}

TEST(Leads, ScenariosAreSetAgainstEachOtherAndTheBaseline) {
  const std::string text = kStart + "problems: cell_nas\ncluster: {grid: [FRA-2023, US-2018]}\n";
  const std::string page = report_of(text, "md");
  EXPECT_THAT(page, AllOf(HasSubstr("## What the scenario changes: cell"), HasSubstr("| grid |"), HasSubstr("| FRA-2023 |"),
                          HasSubstr("against random in the same row"),
                          HasSubstr("The grid figures are of different kinds: average, direct, location")));
  EXPECT_THAT(report_of(text, "html"), AllOf(HasSubstr("id=\"lead-scenarios-1\""), HasSubstr("CO2e of a search by scenario")));
}

TEST(Leads, ManyBoardsStandOnOneAxisAndMoreThanEightAreFolded) {
  const std::string four =
      kStart + "problems: [cell_nas, {hpo: {model: gradient_boosting}}, tiny_ml, compiler_schedule]\n";
  const std::string page = report_of(four, "html");
  EXPECT_THAT(page, AllOf(HasSubstr("id=\"lead-range\""), HasSubstr("a factor of "), Not(HasSubstr("class=\"sheet\""))));
  const std::string folded = report_of(four + "cluster: {workers: [1, 2, 3]}\n", "html");
  EXPECT_THAT(folded, AllOf(HasSubstr("<details class=\"sheet\" open>"), HasSubstr("<details class=\"sheet\">"),
                            HasSubstr("The sheets of single boards are folded")));
}

TEST(Leads, PublishedFiguresAndTheConfigurationInEveryFormat) {
  const std::string text = kStart +
                           "problems: cell_nas\nreference: {figure: co2e, value: 2 t, source: \"<b>paper</b> | 1\"}\n"
                           "baseline: tpe\n";
  EXPECT_THAT(report_of(text, "html"), AllOf(HasSubstr("&lt;b&gt;paper&lt;/b&gt;"), Not(HasSubstr("<b>paper")),
                                             HasSubstr("<pre class=\"configuration\" data-copy>edge_0_1: ")));
  EXPECT_THAT(report_of(text, "md"), AllOf(HasSubstr("\\<b\\>paper\\</b\\> \\| 1"), HasSubstr("```yaml\nedge_0_1: ")));
  EXPECT_THAT(report_of(text, "text"), AllOf(HasSubstr("published: 2 t"), HasSubstr("Against tpe:"), HasSubstr("    edge_0_1: ")));
  EXPECT_THAT(report_of(text, "csv"), AllOf(HasSubstr("published co2e,2000,"), HasSubstr("co2e difference from tpe")));
  const Json json = Json::parse(report_of(text, "json"));
  const Json& board = json["boards"][0];
  EXPECT_EQ(board["baseline"]["strategy"], "tpe");
  EXPECT_EQ(board["published"][0]["published"], 2000.0);
  EXPECT_EQ(board["best_configuration"]["configuration"].size(), 6U);
  EXPECT_EQ(json["leads"][0]["title"], "Published and simulated");
}

TEST(Leads, NamesOfATableOfTheUsersDoNotBecomeMarkup) {
  const TemporaryFolder folder;
  folder.write("t.csv", "</pre><script>x</script>,acc,s\n```,0.5,10\n\"\"\"a\"\"\n: # <b>\",0.7,20\n");
  folder.write("e.yaml",
               "seeds: 2\nproblems:\n  - tabular: {file: t.csv, decisions: [\"</pre><script>x</script>\"], objective: acc,\n"
               "              direction: maximise, time: s}\n"
               "strategies: random\nbudget: {evaluations: 9}\n");
  const auto run = run_program("run e.yaml --quiet --out r", folder.path());
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("    \"</pre><script>x</script>\": \"\\\"a\\\"\\x0a: # <b>\"\n"));
  EXPECT_EQ(run_program("report r", folder.path()).exit_code, 0);
  EXPECT_THAT(testing::read_file(folder / "r/report.html"), Not(HasSubstr("</pre><script>x")));
  const auto summary = Json::parse(testing::read_file(folder / "r/summary.json"));
  EXPECT_EQ(summary["leaderboards"][0]["best_configuration"]["configuration"]["</pre><script>x</script>"], "\"a\"\n: # <b>");
}

TEST(Spread, IntervalsATornadoAndWhetherTheAnswerTurns) {
  const std::string text = kStart + "problems: cell_nas\ncluster: {facility: {pue: 1.1..1.6}, tdp: 250..350 W}\n";
  const std::string page = report_of(text, "md");
  EXPECT_THAT(page, AllOf(HasSubstr("| 95 % of 256 draws |"), HasSubstr("### How much the uncertain figures matter"),
                          HasSubstr("cluster.facility.pue"), HasSubstr("at their medians")));
  EXPECT_THAT(page, ::testing::AnyOf(HasSubstr("would not turn"), HasSubstr("may turn"), HasSubstr("emits least in all")));
  EXPECT_THAT(report_of(text, "html"), HasSubstr("What moves the CO2e of a search most"));
  EXPECT_TRUE(Json::parse(report_of(text, "json"))["boards"][0]["uncertain_figures"].is_string());
}

TEST(Spread, PaybackTurnsWhereTheIntervalHoldsThePlan) {
  LeaderboardRow row;
  row.strategy = "tpe";
  row.search.operational = 10.0 * kilogram;
  row.spread = LeaderboardSpread{};
  row.spread->level = 0.95;
  row.spread->draws = 256;
  row.spread->carbon = {8.0 * kilogram, 15.0 * kilogram};
  row.payback = PaybackBalance{};
  row.payback->break_even = 0.8;
  Leaderboard board;
  board.rows = {row};
  EXPECT_THAT(turning_text(board, {}), HasSubstr("64 to 120 % of the planned trainings and uses, savings at the medians: whether "
                                                 "the plan is enough turns within the interval"));
  board.rows[0].payback->break_even = 0.5;
  EXPECT_THAT(turning_text(board, {}), HasSubstr("does not turn"));
  board.rows[0].payback->break_even.reset();
  EXPECT_THAT(turning_text(board, {}), HasSubstr("it never does"));
}

TEST(Terms, OnlyThoseThatTheFirstScreenUses) {
  ReportView view;
  view.headlines = {"Use tpe. It emits 3 kg CO2e per search."};
  view.boards.emplace_back();
  std::vector<std::string> names;
  for (const TermView& term : terms_of(view)) names.push_back(term.term);
  EXPECT_THAT(names, ElementsAre("search", "incumbent", "kg CO2e"));
}

TEST(OverviewCharts, EscapeAndKeepToTheirPaper) {
  const DotChart dots{"a < b", "kg", {"<script>"}, {{"row & row", {1.0}}, {"empty", {std::nullopt}}, {"far", {1e6}}}};
  EXPECT_THAT(dot_chart_svg(dots), AllOf(HasSubstr("&lt;script&gt;"), HasSubstr("row &amp; row"), Not(HasSubstr("<script"))));
  EXPECT_THAT(dot_chart_svg({"none", "kg", {"a"}, {{"r", {std::nullopt}}}}), HasSubstr("nothing to show"));
  EXPECT_THAT(labelled_bar_chart_svg({"t", "kg", {{"<b>", "1 kg", 1.0}, {"c", "0 kg", 0.0}}}), HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(labelled_bar_chart_svg({"t", "kg", {{"c", "0 kg", 0.0}}}), HasSubstr("nothing to show"));
  const std::string tornado = tornado_chart_svg({"t", "kg", 10.0, {{"cluster.pue", "1.1", "1.6", 8.0, 12.0}, {"x", "a", "b", 10.0, 10.0}}});
  EXPECT_THAT(tornado, AllOf(HasSubstr("cluster.pue"), HasSubstr("1.6")));
  EXPECT_EQ(tornado, tornado_chart_svg({"t", "kg", 10.0, {{"cluster.pue", "1.1", "1.6", 8.0, 12.0}, {"x", "a", "b", 10.0, 10.0}}}));
}

}  // namespace
}  // namespace tonne
