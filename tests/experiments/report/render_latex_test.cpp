// tonne report --format latex: tables that a paper can include, whatever a user calls things.

#include "experiments/report/render_latex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ReportView view_of(const std::string& strategy) {
  ReportView view;
  view.title = "My study_1";
  view.program = "0.1.0";
  BoardView board;
  board.id = "board-1";
  board.name = "cell_nas";
  board.summary = "1 x V100, 400 g CO2e/kWh";
  board.value_name = "loss, nats";
  board.better = "lower";
  board.leaderboard.head = {"strategy", "loss nats", "95 % interval", "seeds", "kg CO2e", "USD", "overhead"};
  board.leaderboard.rows = {{strategy, "-2.790", "-2.8 .. -2.7", "5", "329", "1,920", "4x"},
                            {"tpe", "-2.780", "-", "5", "12.3", "3.71 million", "4x"},
                            {"random", "-2.1", "-2.2 .. -2.0", "5", "1", "2", "4x"}};
  board.best_group = {strategy, "tpe"};
  view.boards = {board};
  return view;
}

TEST(RenderLatex, ATableHasValueIntervalCarbonAndMoneyAndTheBestGroupInBold) {
  EXPECT_EQ(render_latex(view_of("gp")),
            "% Needs \\usepackage{booktabs}.\n\n"
            "\\begin{table}[tb]\n"
            "  \\centering\n"
            "  \\caption{Search strategies on cell\\_nas: mean loss, nats (lower is better), with its 95 \\% "
            "interval over seeds, and "
            "the mean cost of a search. Bold: the leader and those not separated from it. Simulated with tonne 0.1.0 on 1 "
            "x V100, 400 g "
            "CO$_2$e/kWh.}\n"
            "  \\label{tab:my-study-1-board-1}\n"
            "  \\begin{tabular}{lrrrr}\n"
            "    \\toprule\n"
            "    strategy & loss nats & 95 \\% interval & kg CO$_2$e & USD \\\\\n"
            "    \\midrule\n"
            "    \\textbf{gp} & \\textbf{$-$2.790} & [$-$2.8, $-$2.7] & 329 & 1,920 \\\\\n"
            "    \\textbf{tpe} & \\textbf{$-$2.780} & -- & 12.3 & 3.71 million \\\\\n"
            "    random & $-$2.1 & [$-$2.2, $-$2.0] & 1 & 2 \\\\\n"
            "    \\bottomrule\n"
            "  \\end{tabular}\n"
            "\\end{table}\n");
}

TEST(RenderLatex, NoTextOfAUsersIsACommand) {
  const std::string text = render_latex(view_of("a&b%c$d#e_f{g}~h^i\\input<j>"));
  EXPECT_THAT(text, HasSubstr("a\\&b\\%c\\$d\\#e\\_f\\{g\\}\\textasciitilde{}h\\textasciicircum{}"
                              "i\\textbackslash{}input$<$j$>$"));
}

TEST(RenderLatex, OneStrategyAloneIsNotMarked) {
  ReportView view = view_of("gp");
  view.boards[0].leaderboard.rows.resize(1);
  view.boards[0].best_group = {"gp"};
  EXPECT_THAT(render_latex(view), Not(HasSubstr("textbf")));
  EXPECT_THAT(render_latex(view), Not(HasSubstr("Bold")));
}

TEST(RenderLatex, TheProgramWritesOneTableForEachBoard) {
  const testing::TemporaryFolder folder;
  folder.write("e.yaml",
               "name: two\nproblems: [cell_nas, nk]\nstrategies: [random, tpe]\nbudget: {evaluations: "
               "10}\nseeds: 3\n");
  ASSERT_EQ(testing::run_program("run e.yaml --quiet --out r", folder.path()).exit_code, 0);
  const testing::Finished made = testing::run_program("report r --format latex", folder.path());
  EXPECT_EQ(made.exit_code, 0) << made.err;
  for (const char* label : {"\\label{tab:two-board-1}", "\\label{tab:two-board-2}"})
    EXPECT_THAT(made.out, HasSubstr(label));
  EXPECT_THAT(made.out, HasSubstr("kg CO$_2$e & USD"));
  EXPECT_EQ(std::ranges::count(made.out, '{'), std::ranges::count(made.out, '}'));
}

}  // namespace
}  // namespace tonne
