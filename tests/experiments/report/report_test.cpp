// tonne report and tonne compare: that every headline number follows from what was recorded, and that no text of a
// user's can become markup.

#include "experiments/report/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;
using Json = nlohmann::json;
namespace fs = std::filesystem;

const std::string kExperiment =
    "name: reported\n"
    "seeds: 8\n"
    "problems:\n"
    "  - cell_nas: {task: cifar10}\n"
    "strategies:\n"
    "  - random\n"
    "  - regularized_evolution: {population: 10, sample: 3}\n"
    "  - tpe\n"
    "cluster: {device: V100, workers: 3, facility: {pue: 1.58}, grid: US-2018}\n"
    "budget: {co2e: 4 kg}\n";

// One run for all tests that only read.
class Report : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    folder_->write("e.yaml", kExperiment);
    ASSERT_EQ(run_program("run e.yaml --quiet --csv --out r", folder_->path()).exit_code, 0);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static std::map<std::string, double> figures(const std::string& metric) {
    const Finished made = run_program("report r --format json", folder_->path());
    std::map<std::string, double> values;
    const Json report = Json::parse(made.out);
    for (const Json& figure : report["figures"])
      if (figure["metric"] == metric) values[figure["strategy"]] = figure["value"];
    return values;
  }
  static TemporaryFolder* folder_;
};
TemporaryFolder* Report::folder_ = nullptr;

// Rows of a CSV of this program without quotes in what is read.
std::vector<std::map<std::string, std::string>> read_table(const fs::path& file) {
  std::istringstream text(read_file(file));
  std::string line;
  const auto split = [](const std::string& row) {
    std::vector<std::string> cells;
    std::istringstream stream(row);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    return cells;
  };
  std::getline(text, line);
  const std::vector<std::string> head = split(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(text, line)) {
    const std::vector<std::string> cells = split(line);
    for (std::size_t i = 0; i < head.size(); ++i)
      if (i < cells.size()) (i == 0 ? rows.emplace_back() : rows.back())[head[i]] = cells[i];
  }
  return rows;
}

TEST_F(Report, HeadlineFiguresFollowFromTheExportedFiles) {
  // Costs: what trials.csv says of each strategy, over its seeds; waiting and computing stand beside trials.
  std::map<std::string, double> kilograms, kilowatt_hours, trials;
  for (auto& row : read_table(*folder_ / "r" / "trials.csv")) {
    kilograms[row["strategy"]] += (std::stod(row["operational_kg"]) + std::stod(row["embodied_kg"])) / 8.0;
    double joules = 0.0;
    for (const char* line : {"device_dynamic_j", "device_idle_j", "host_j", "facility_j"}) joules += std::stod(row[line]);
    kilowatt_hours[row["strategy"]] += joules / 3.6e6 / 8.0;
    trials[row["strategy"]] += 1.0 / 8.0;
  }
  const auto reported = figures("co2e"), energy = figures("energy"), evaluations = figures("evaluations");
  ASSERT_EQ(reported.size(), 3U);
  for (const auto& [strategy, value] : reported) {
    EXPECT_LE(kilograms[strategy], value * (1.0 + 1e-9)) << strategy;
    EXPECT_GT(kilograms[strategy], 0.9 * value) << strategy;
    EXPECT_LE(kilowatt_hours[strategy], energy.at(strategy) * (1.0 + 1e-9)) << strategy;
    EXPECT_NEAR(trials[strategy], evaluations.at(strategy), 1e-9) << strategy;
  }
  // Values: the last incumbent of each search.
  std::map<std::pair<std::string, std::string>, double> last;
  std::map<std::pair<std::string, std::string>, double> reached;  // kg at the first incumbent of 93.5 or better
  for (auto& row : read_table(*folder_ / "r" / "incumbents.csv")) {
    const auto key = std::pair(row["strategy"], row["seed"]);
    last[key] = std::stod(row["true_value"]);
    if (std::stod(row["true_value"]) >= 93.5) reached.try_emplace(key, std::stod(row["operational_kg"]) + std::stod(row["embodied_kg"]));
  }
  std::map<std::string, double> means;
  for (const auto& [key, value] : last) means[key.first] += value / 8.0;
  for (const auto& [strategy, value] : figures("accuracy")) EXPECT_NEAR(value, means[strategy], 1e-9) << strategy;

  const Finished made = run_program("report r --format json --target 93.5", folder_->path());
  std::map<std::string, double> successes;
  for (const auto& [key, cost] : reached) successes[key.first] += 1.0;
  std::size_t checked = 0;
  const Json report = Json::parse(made.out);
  for (const Json& figure : report["figures"]) {
    if (figure["metric"] != "searches that reach 93.5 %") continue;
    EXPECT_EQ(figure["value"].get<double>(), successes[figure["strategy"]]);
    ++checked;
  }
  EXPECT_EQ(checked, 3U);
}

TEST_F(Report, LinesOfTheBreakdownAddUpToTheTotal) {
  double lines = 0.0;
  for (const char* line : {"devices at work", "devices idle", "hosts", "cooling and distribution", "making the hardware"})
    lines += figures(std::string("co2e of ") + line)["random"];
  const double total = figures("co2e")["random"];
  EXPECT_GT(total, 3.0);
  EXPECT_NEAR(lines, total, 1e-9 * total);
}

// The waterfall for a paper ends in the leaderboard's total; the profile's and forest's figures are those of the export.
TEST_F(Report, ChartsForPapersShowTheExportedFigures) {
  ASSERT_EQ(run_program("report r --charts c", folder_->path()).exit_code, 0);
  const auto values = figures("accuracy");
  const std::string best = std::ranges::max_element(values, {}, &std::pair<const std::string, double>::second)->first;
  EXPECT_THAT(read_file(*folder_ / "c" / "cell_nas-cifar10-waterfall.svg"), HasSubstr(fmt::format("total {:.4g}.</desc>", figures("co2e")[best])));
  const std::string other = best == "random" ? "tpe" : "random";
  EXPECT_THAT(read_file(*folder_ / "c" / "cell_nas-cifar10-forest.svg"), HasSubstr(fmt::format("{} {:.4g} (", other, figures("difference against " + other)[best])));
  EXPECT_THAT(read_file(*folder_ / "c" / "cell_nas-cifar10-profile.svg"), HasSubstr("accuracy: points from the best in the space: "));
  EXPECT_THAT(read_file(*folder_ / "c" / "cell_nas-cifar10-timeline.svg"), HasSubstr("3 workers, simulated hours from 0 to "));
}

// All strategies spend the budget's 4 kg, and at one grid intensity so many kWh: what differs is how many evaluations.
TEST_F(Report, ValuesStandAgainstACostThatIsNotTheBudget) {
  ASSERT_EQ(run_program("report r --out one.html --charts c", folder_->path()).exit_code, 0);
  const std::string page = read_file(*folder_ / "one.html");
  const std::size_t costs = page.find("\"costs\":[");
  ASSERT_NE(costs, std::string::npos);
  const std::string list = page.substr(costs, page.find(']', costs) - costs);
  EXPECT_THAT(list, HasSubstr("\"evaluations\""));
  EXPECT_THAT(list, Not(HasSubstr("carbon")));
  EXPECT_THAT(list, Not(HasSubstr("energy")));
  EXPECT_THAT(read_file(*folder_ / "c" / "cell_nas-cifar10-pareto.svg"), HasSubstr("evaluations per search, mean"));
  EXPECT_THAT(page, HasSubstr("lines closer to the top right are better"));
}

TEST_F(Report, ChartsAreAsWideAsAColumn) {
  for (const auto& [option, width] : {std::pair{"", "180mm"}, {" --chart-width double", "180mm"}, {" --chart-width single", "88mm"}}) {
    ASSERT_EQ(run_program(std::string("report r --charts w") + option, folder_->path()).exit_code, 0);
    for (const auto& file : fs::directory_iterator(*folder_ / "w")) {
      const std::string svg = read_file(file.path());
      EXPECT_THAT(svg.substr(0, svg.find('>')), HasSubstr(fmt::format(" width=\"{}\" height=\"", width))) << file.path();
    }
  }
  EXPECT_EQ(run_program("report r --charts w --chart-width triple", folder_->path()).exit_code, 2);
}

TEST_F(Report, ThePageHasTheIntervalsOfTheExport) {
  ASSERT_EQ(run_program("report r --out one.html", folder_->path()).exit_code, 0);
  const std::string page = read_file(*folder_ / "one.html");
  const Json report = Json::parse(run_program("report r --format json", folder_->path()).out);
  std::size_t checked = 0;
  for (const Json& figure : report["figures"]) {
    const bool area = figure["metric"] == "mean over log co2e";
    if (!area && figure["metric"] != "hypervolume of value and co2e") continue;
    EXPECT_THAT(page, HasSubstr(fmt::format("<td>{0:.{2}f} .. {1:.{2}f}</td>", figure["low"].get<double>(), figure["high"].get<double>(), area ? 2 : 3)));
    ++checked;
  }
  EXPECT_EQ(checked, 6U);
}

// A difference of percentages is in points, a gain per tonne in points per tonne.
TEST_F(Report, UnitsAreThoseOfTheFigures) {
  folder_->write("t.csv", "x,y,s\n1,5,60\n2,4,60\n3,3,60\n4,2,60\n5,1,60\n");
  struct Expected {
    std::string setting, value, difference, gain;
  };
  for (const Expected& expected : {Expected{"unit: '%'", "%", "points", "points/t"},
                                   Expected{"unit: ms", "ms", "ms", "ms/t"}, Expected{"scale: 1", "", "", "1/t"}}) {
    folder_->write("t.yaml",
                   "seeds: 3\nproblems:\n  - tabular: {file: t.csv, decisions: [x], objective: y, direction: minimise, time: s, " +
                       expected.setting + "}\nstrategies: [random, grid]\nbudget: {evaluations: 5}\n");
    const std::string results = "units-" + std::to_string(expected.value.size());
    ASSERT_EQ(run_program("run t.yaml --quiet --out " + results, folder_->path()).exit_code, 0);
    std::map<std::string, std::string> units;
    const Json report = Json::parse(run_program("report " + results + " --format json", folder_->path()).out);
    for (const Json& figure : report["figures"]) {
      const auto metric = figure["metric"].get<std::string>();
      units[metric.substr(0, metric.find(" against "))] = figure["unit"];
    }
    EXPECT_EQ(units.at("objective"), expected.value);
    EXPECT_EQ(units.at("interquartile mean"), expected.value);
    EXPECT_EQ(units.at("regret"), expected.difference);
    EXPECT_EQ(units.at("difference"), expected.difference);
    EXPECT_EQ(units.at("gain per tonne"), expected.gain);
  }
}

TEST_F(Report, TheSameStoreGivesTheSameBytes) {
  ASSERT_EQ(run_program("report r --out one.html", folder_->path()).exit_code, 0);
  ASSERT_EQ(run_program("report r --out two.html", folder_->path()).exit_code, 0);
  const std::string page = read_file(*folder_ / "one.html");
  EXPECT_EQ(page, read_file(*folder_ / "two.html"));
  EXPECT_GT(page.size(), 1'000'000U);
  EXPECT_LT(page.size(), 5'000'000U);
}

TEST_F(Report, ThePageNamesNoPlaceToLoadFrom) {
  ASSERT_EQ(run_program("report r --out one.html", folder_->path()).exit_code, 0);
  std::string page = read_file(*folder_ / "one.html");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  const std::size_t plotly = page.find("plotly.js (basic");
  ASSERT_NE(plotly, std::string::npos);
  page.resize(plotly);  // what this program wrote, before the library
  const std::string name_space = "http://www.w3.org/2000/svg";  // of a drawing: a name, not a place
  for (std::size_t at = page.find(name_space); at != std::string::npos; at = page.find(name_space)) page.erase(at, name_space.size());
  for (const char* loading : {"<link", "src=", "@import", "url(", "http:", "https:"}) EXPECT_THAT(page, Not(HasSubstr(loading))) << loading;
}

TEST_F(Report, EveryFormatHoldsTheAdviceAndTheTable) {
  for (const char* format : {"md", "text", "json"}) {
    const Finished made = run_program(std::string("report r --format ") + format, folder_->path());
    EXPECT_EQ(made.exit_code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("tpe")) << format;
    EXPECT_THAT(made.out, HasSubstr("kg CO2e")) << format;
  }
  const Finished csv = run_program("report r --format csv", folder_->path());
  EXPECT_EQ(csv.out.substr(0, csv.out.find('\n')), "problem,scenario,strategy,metric,value,low,high,unit");
}

TEST_F(Report, BadArgumentsAreOneSentence) {
  const Finished target = run_program("report r --target ninety", folder_->path());
  EXPECT_EQ(target.exit_code, 2);
  EXPECT_EQ(target.err, "--target: 'ninety' is not a number; expected one such as 94 in the objective's own unit\n");
  EXPECT_EQ(run_program("report nowhere", folder_->path()).exit_code, 3);
  EXPECT_EQ(run_program("report r --format pdf", folder_->path()).exit_code, 2);
  EXPECT_EQ(run_program("report r --out no/such/folder/x.html", folder_->path()).exit_code, 3);
  EXPECT_EQ(run_program("compare r", folder_->path()).exit_code, 2);
  const Finished same = run_program("compare r r/", folder_->path());
  EXPECT_EQ(same.exit_code, 2);
  EXPECT_EQ(same.err, "r and r/ are the same results\n");
}

// Three problems and three strategies: ranks over problems too, from the means of the table.
TEST(ReportOfManyBoards, RanksOverTheBoards) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: many\nseeds: 6\n"
               "problems: [cell_nas, {function: {function: branin}}, {nk: {}}]\n"
               "strategies: [random, tpe, local_search]\nbudget: {evaluations: 40}\n");
  ASSERT_EQ(run_program("run e.yaml --quiet --out r", folder.path()).exit_code, 0);
  const Finished made = run_program("report r --charts c", folder.path());
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string page = read_file(folder / "r" / "report.html");
  EXPECT_THAT(page, HasSubstr("Mean rank over 3 boards"));
  EXPECT_THAT(page, HasSubstr("id=\"board-3\""));
  for (const char* name : {"across-ranking.svg", "cell_nas-cifar10-anytime.svg", "function-branin-pareto.svg", "nk-20_4-carbon.svg", "cell_nas-cifar10-ranking.svg",
                           "cell_nas-cifar10-waterfall.svg", "function-branin-forest.svg", "nk-20_4-profile.svg", "cell_nas-cifar10-timeline.svg"}) {
    const std::string svg = read_file(folder / "c" / name);
    EXPECT_THAT(svg, HasSubstr("</desc>")) << name;
    EXPECT_THAT(svg, Not(HasSubstr("Nothing to show"))) << name;
  }
}

// Labels are the user's: they stand in tables, in JSON, in the drawing of ranks.
TEST(ReportOfHostileText, StaysText) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: hostile  # </title><script>alert(1)</script>\n"
               "seeds: 6\n"
               "problems: [cell_nas: {label: \"<img src=x onerror=alert(2)>\"}]\n"
               "strategies:\n"
               "  - random: {label: \"</script><script>alert(3)</script>\"}\n"
               "  - random: {label: \"]]> <!-- {{{css}}} {{/boards}}\"}\n"
               "  - tpe: {label: \"|a|b| `c` [x](javascript:alert(4)) =1+1\"}\n"
               "budget: {evaluations: 12}\n");
  const Finished ran = run_program("run e.yaml --quiet --out r", folder.path());
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  ASSERT_EQ(run_program("report r", folder.path()).exit_code, 0);
  const std::string page = read_file(folder / "r" / "report.html");
  for (const char* markup : {"<script>alert", "<img src=x", "</title><script"}) EXPECT_THAT(page, Not(HasSubstr(markup)));
  EXPECT_THAT(page, HasSubstr("&lt;img src=x onerror"));
  EXPECT_THAT(page, HasSubstr("{{{css}}}"));  // not taken for the template's own
  std::size_t scripts = 0;
  for (std::size_t at = page.find("</script"); at != std::string::npos; at = page.find("</script", at + 1)) ++scripts;
  EXPECT_EQ(scripts, 3U);  // data, library, program
  const Finished markdown = run_program("report r --format md", folder.path());
  EXPECT_THAT(markdown.out, HasSubstr("\\[x\\]"));
  EXPECT_THAT(markdown.out, Not(HasSubstr("<script>")));
}

// What Chromium makes of a page: its document after the scripts, and what it logged.
struct Browsed {
  std::string dom, log;
};
Browsed browse(const TemporaryFolder& folder, const fs::path& page) {
  const std::string command = "cd '" + folder.path().string() +
                              "' && HOME=. timeout 60 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir=profile --no-first-run "
                              "--virtual-time-budget=20000 --window-size=1200,12000 --enable-logging=stderr --dump-dom 'file://" +
                              page.string() + "' >dom.html 2>log.txt";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return {read_file(folder / "dom.html"), read_file(folder / "log.txt")};
}

// In a real browser: no error, every chart drawn, and nothing asked of a network. The page's own policy refuses and
// logs every attempt to load anything, which the page with a picture in it shows.
TEST(ReportInABrowser, DrawsItsChartsWithoutAnyRequest) {
  if (std::system("command -v chromium >/dev/null 2>&1") != 0) GTEST_SKIP() << "chromium is not installed";
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("report r", folder.path()).exit_code, 0);
  const Browsed page = browse(folder, folder / "r" / "report.html");
  EXPECT_THAT(page.dom, HasSubstr("data-ready=\"true\""));
  std::size_t drawn = 0;
  for (std::size_t at = page.dom.find("class=\"main-svg\""); at != std::string::npos; at = page.dom.find("class=\"main-svg\"", at + 1)) ++drawn;
  EXPECT_GE(drawn, 10U);
  EXPECT_THAT(page.log, Not(HasSubstr("Uncaught"))) << page.log;
  EXPECT_THAT(page.log, Not(HasSubstr("Content Security Policy"))) << page.log;

  std::string loading = read_file(folder / "r" / "report.html");
  loading.insert(loading.find("<main>"), "<img src=\"http://127.0.0.1:9/x.png\">");
  folder.write("loading.html", loading);
  EXPECT_THAT(browse(folder, folder / "loading.html").log, HasSubstr("Content Security Policy"));
}

TEST_F(Report, ComparesOnlyWhatIsComparable) {
  const auto variant = [&](const std::string& name, const std::string& from, const std::string& to) {
    std::string text = kExperiment;
    text.replace(text.find(from), from.size(), to);
    folder_->write(name + ".yaml", text);
    const Finished ran = run_program("run " + name + ".yaml --quiet --out " + name, folder_->path());
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return run_program("compare r " + name, folder_->path());
  };
  const Finished added = variant("added", "  - random\n", "  - rf\n");
  EXPECT_EQ(added.exit_code, 0) << added.err;
  for (const char* strategy : {"  rf ", "  random ", "  tpe "}) EXPECT_THAT(added.out, HasSubstr(strategy));
  EXPECT_THAT(added.out, Not(HasSubstr("tpe (r)")));  // the same searches stand once
  const Finished budget = variant("budget", "4 kg", "2 kg");
  EXPECT_EQ(budget.exit_code, 0) << budget.err;
  EXPECT_THAT(budget.out, HasSubstr("tpe (r)"));
  EXPECT_THAT(budget.out, HasSubstr("budget.co2e is 4 kg in r and 2 kg in budget."));

  EXPECT_THAT(budget.out, Not(HasSubstr("the seeds are")));

  const auto note = [](const Finished& made) {  // in one line, whatever it is wrapped to
    EXPECT_EQ(made.exit_code, 0) << made.err;
    std::string text = made.out;
    for (std::size_t at = text.find("\n  "); at != std::string::npos; at = text.find("\n  ", at)) text.replace(at, 3, " ");
    const std::size_t from = text.find("differ on ");
    return from == std::string::npos ? std::string() : text.substr(from, text.find(". Note", from) - from);
  };
  EXPECT_EQ(note(variant("other", "co2e: 4 kg", "energy: 5 kWh, time: 3 h")),
            "differ on cell_nas/cifar10: budget is {co2e: 4 kg} in r and {energy: 5 kWh, time: 3 h} in other");
  EXPECT_EQ(note(variant("grid", "workers: 3, facility: {pue: 1.58}, grid: US-2018", "workers: 4, facility: {pue: 1.58}, grid: {intensity: 400 g/kWh}")),
            "differ on cell_nas/cifar10: cluster.grid is US-2018 in r and {intensity: 0.4 kgCO2e/kWh} in grid; cluster.workers is 3 in r "
            "and 4 in grid");
  EXPECT_EQ(note(variant("seeded", "seeds: 8", "seeds: [10, 11, 12, 13, 20]")),
            "differ on cell_nas/cifar10: the seeds are 0 to 7 in r and 10, 11, 12, 13 and 20 in seeded");
  // A scenario's label says nothing: what has the same settings is compared.
  EXPECT_EQ(note(variant("listed", "budget: {co2e: 4 kg}", "budget: {co2e: [2 kg, 4 kg]}")), "");

  const Finished device = variant("device", "V100", "A100-40GB");
  EXPECT_EQ(device.exit_code, 2);
  EXPECT_EQ(device.err, "r and device cannot be compared on cell_nas/cifar10: cluster.device is V100 in r and A100-40GB in device\n");
  const Finished task = variant("task", "task: cifar10", "task: cifar10, epochs: 12");
  EXPECT_EQ(task.exit_code, 2);
  EXPECT_THAT(task.err, HasSubstr("problem.epochs is 200 in r and 12 in task"));
  const Finished kind = variant("kind", "grid: US-2018", "grid: {intensity: 400 g/kWh, kind: marginal, scope: direct}");
  EXPECT_EQ(kind.exit_code, 2);
  EXPECT_THAT(kind.err, HasSubstr("the kind of grid signal is average, direct, location in r and marginal, direct, location in kind"));
  const Finished problem = variant("problem", "cell_nas: {task: cifar10}", "macro_cnn");
  EXPECT_EQ(problem.exit_code, 2);
  EXPECT_THAT(problem.err, HasSubstr("cannot be compared: the first has cell_nas/cifar10, the second macro_cnn"));
}

}  // namespace
}  // namespace tonne
