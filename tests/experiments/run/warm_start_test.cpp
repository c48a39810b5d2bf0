// warm_start from the file to the tables: what is learned from, what it is charged, and every folder that
// cannot be used.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/strategy.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/exports/summary.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/plan/space_map.h"
#include "experiments/results/earlier_results.h"
#include "experiments/results/merge.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/results/changed_store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class WarmStart : public ::testing::Test {
 protected:
  [[nodiscard]] Experiment parse(const std::string& text) const {
    return parse_experiment(text, "e.yaml", folder_.path(), read_earlier_results);
  }
  Store run(const std::string& name, const Experiment& experiment, unsigned threads = 1,
            const Shard& shard = {}) const {
    Store store = Store::create(folder_ / name, experiment, shard);
    Progress progress;
    EXPECT_TRUE(run_cells(experiment, shard, threads, store, progress));
    store.close();
    return Store::open(folder_ / name);
  }
  // Two tasks, two strategies, three seeds.
  Store run_first(const std::string& more = "", const std::string& name = "first") const {
    return run(name, parse("seeds: 3\nproblems: [{cell_nas: {task: cifar100, label: c100}}, {cell_nas: "
                           "{task: imagenet16, label: i16}}]\n"
                           "strategies: [random, local_search]\nbudget: {evaluations: 12}\n" +
                           more));
  }
  [[nodiscard]] static std::string second(const std::string& warm_start,
                                          const std::string& strategies = "random, zero_shot, bounding_box",
                                          const std::string& problems = "cell_nas") {
    return "seeds: 3\nproblems: [" + problems + "]\nstrategies: [" + strategies +
           "]\nbudget: {evaluations: 8}\n" + (warm_start.empty() ? "" : "warm_start: " + warm_start + "\n");
  }
  void expect_refused(const std::string& text, const std::string& why) const {
    try {
      (void)parse(text);
      ADD_FAILURE() << "not refused: " << why;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(why));
      EXPECT_THAT(error.what(), HasSubstr("e.yaml:"));
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
  // Of all searches of the store but the winners' retraining.
  static Carbon emitted(const Store& store) {
    Carbon sum;
    for (const CellRecord& cell : store.cells()) sum += cell.search.carbon();
    return sum;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(WarmStart, IsWhatStrategiesAreTold) {
  const Store first = run_first();
  const Experiment experiment = parse(second("first"));
  const auto earlier = earlier_of(experiment, cell_at(experiment, 0));
  ASSERT_EQ(earlier.size(), 12U);
  EXPECT_EQ(earlier[0].name, "c100, random, seed 0");
  EXPECT_EQ(earlier[0].problem, first.problems()[0].settings);
  EXPECT_EQ(earlier[0].trials.size(), 12U);
  std::size_t row = 0;
  first.each_trial(
      [&](const TrialRow& trial) {  // one worker: trials end in their order; the accuracy is maximised
        if (trial.cell != 0) return;
        EXPECT_EQ(earlier[0].trials[row].loss, -*trial.objective());
        EXPECT_EQ(earlier[0].trials[row].charged / kilogram, trial.operational_kg + trial.embodied_kg);
        EXPECT_EQ(earlier[0].trials[row++].fidelity, 200.0);
      });
  EXPECT_EQ(experiment.warm_start.learns, (std::vector<bool>{false, true, true}));

  EXPECT_EQ(
      earlier_of(parse(second("{results: first, problems: i16, strategies: [local_search]}")), Cell{}).size(),
      3U);
  const Experiment same = parse(second("{results: [first], seeds: same}"));
  const auto of_seed_2 = earlier_of(same, cell_at(same, 2));
  ASSERT_EQ(of_seed_2.size(), 4U);
  EXPECT_EQ(of_seed_2[0].name, "c100, random, seed 2");
}

TEST_F(WarmStart, LeavesOutTheVeryProblemOnlyIfAsked) {
  run_first();
  const std::string both = "{cell_nas: {task: cifar100}}, {cell_nas: {task: imagenet16}}";
  const Experiment all = parse(second("first", "zero_shot", both));
  EXPECT_EQ(all.warm_start.problems[0].searches.size(), 12U);
  const Experiment others = parse(second("{results: first, leave_out_same: true}", "zero_shot", both));
  ASSERT_EQ(others.warm_start.problems[1].searches.size(), 6U);
  EXPECT_THAT(others.warm_start.problems[1].searches[0].name, HasSubstr("c100"));
  expect_refused(second("{results: first, problems: c100, leave_out_same: true}", "zero_shot", both),
                 "no search of another problem is left");
}

TEST_F(WarmStart, IsDeclaredWhereverCarbonIs) {
  const Store first = run_first();
  const Store store = run("second", parse(second("first")));
  EXPECT_EQ(store.cells()[3].search.carbon(), store.search_usage(3).carbon());
  store.each_ledger_row([](const LedgerRow& row) { EXPECT_NE(row.account, kWarmStartAccount); });
  const std::string text = format_leaderboards(leaderboards(store), {});
  EXPECT_THAT(text, HasSubstr("zero_shot and bounding_box learn from 12 earlier searches in first"));
  EXPECT_THAT(leaderboards(store)[0].notes[0], HasSubstr("not counted in what searches cost here"));
  const auto json = nlohmann::json::parse(summary_json(store));
  EXPECT_THAT(json["leaderboards"][0]["notes"][0].get<std::string>(), HasSubstr("have emitted"));
  EXPECT_EQ(json["warm_start"]["results"][0]["content_digest"], first.content_digest());
  EXPECT_EQ(json["warm_start"]["strategies"], (nlohmann::json{"zero_shot", "bounding_box"}));
  for (const char* format : {"html", "md", "text", "latex"}) {
    const auto report =
        testing::run_program(fmt::format("report second --format {} --out page", format), folder_.path());
    ASSERT_EQ(report.exit_code, 0) << report.err;
    std::string page = report.out + testing::read_file(folder_ / "page");
    std::erase(page, '\\');
    std::ranges::replace(page, '\n', ' ');
    EXPECT_THAT(page, HasSubstr("earlier")) << format;
    EXPECT_THAT(page, HasSubstr("not counted")) << format;
  }
  EXPECT_THAT(testing::run_program("show second", folder_.path()).out,
              HasSubstr("earlier searches in first"));
  EXPECT_THAT(testing::run_program("statement second", folder_.path()).out,
              HasSubstr("Earlier results: zero_shot"));
}

TEST_F(WarmStart, IsCountedByShares) {
  const Store first = run_first();
  const Store declared = run("declared", parse(second("first")));
  const Store counted = run("counted", parse(second("{results: first, carbon: counted, uses: 4}")));
  const double share = emitted(first) / kilogram / 4.0;
  for (std::size_t i = 0; i < 9; ++i) {
    const Usage without = declared.cells()[i].search, with = counted.cells()[i].search;
    EXPECT_NEAR((with.carbon() - without.carbon()) / kilogram, i < 3 ? 0.0 : share, 1e-9 * share) << i;
    EXPECT_GE(with.money, without.money);
    EXPECT_EQ(counted.cells()[i].worker_time, declared.cells()[i].worker_time);
  }
  counted.each_incumbent([&](const IncumbentRow& row) {
    EXPECT_GT(row.operational_kg + row.embodied_kg, row.cell >= 3 ? share : 0.0);
  });
  const auto json = nlohmann::json::parse(summary_json(counted));
  EXPECT_FALSE(json["ledger"][0]["accounts"].contains("warm_start"));
  double lines = 0.0;
  for (const auto& line : json["ledger"][1]["accounts"]["warm_start"]) lines += line["co2e_kg"].get<double>();
  EXPECT_NEAR(lines, share, 1e-9 * share);
  EXPECT_THAT(leaderboards(counted)[0].notes[0], HasSubstr("1/4 of this is counted"));
  ASSERT_EQ(testing::run_program("report counted", folder_.path()).exit_code, 0);
  EXPECT_THAT(testing::read_file(folder_ / "counted" / "report.html"), HasSubstr("earlier searches"));

  const Experiment own = parse(second("{results: first, carbon: 6 kg, uses: 3}"));
  EXPECT_NEAR(share_of(own, cell_at(own, 4)).total().carbon() / kilogram, 2.0, 1e-12);
  EXPECT_EQ(share_of(own, cell_at(own, 0)), Charge{});  // random learns nothing
  const Experiment same = parse(second("{results: first, carbon: counted, seeds: same}"));
  double sum = 0.0;
  for (std::size_t i = 3; i < 6; ++i) sum += share_of(same, cell_at(same, i)).total().carbon() / kilogram;
  EXPECT_NEAR(sum, emitted(first) / kilogram, 1e-9 * sum);
}

// Beside results that began at nothing, whichever is named first.
TEST_F(WarmStart, IsSaidOfJoinedResults) {
  run_first();
  run("plain", parse(second("", "random")));
  run("second", parse(second("first")));
  for (const char* order : {"plain second", "second plain"}) {
    const auto compared = testing::run_program(fmt::format("compare {} --format md", order), folder_.path());
    EXPECT_EQ(compared.exit_code, 0) << compared.err;
    std::string text = compared.out;
    std::ranges::replace(text, '\n', ' ');
    std::erase(text, '\\');
    EXPECT_THAT(text, HasSubstr("12 earlier searches in first")) << order;
  }
}

// What a warm start started from is said too, once more.
TEST_F(WarmStart, OfAWarmStart) {
  run_first();
  run("second", parse(second("first")));
  EXPECT_THAT(parse(second("second")).warm_start.problems[0].notes[0],
              HasSubstr("without what they themselves learned from"));
  run("counted", parse(second("{results: first, carbon: counted}")));
  EXPECT_FALSE(parse(second("counted")).warm_start.warm_started);
}

TEST_F(WarmStart, EarlierResultsArePartOfTheExperiment) {
  run_first();
  const Experiment experiment = parse(second("first"));
  const Store whole = run("whole", experiment, 2);
  for (std::size_t n = 1; n <= 2; ++n) run("part" + std::to_string(n), experiment, 1, {n, 2});
  const Store joined = merge_shards({folder_ / "part1", folder_ / "part2"}, folder_ / "joined");
  EXPECT_EQ(joined.content_digest(), whole.content_digest());

  fs::rename(folder_ / "first", folder_ / "moved");  // what it holds counts, not where it stands
  EXPECT_EQ(parse(second("moved")).digest, experiment.digest);
  EXPECT_NE(parse(second("{results: moved, problems: [c100]}")).digest, experiment.digest);
  fs::remove_all(folder_ / "moved");
  run_first("cluster: {device: T4}\n");
  const Experiment changed = parse(second("first"));
  EXPECT_NE(changed.digest, experiment.digest);
  EXPECT_THROW((void)Store::resume(folder_ / "whole", changed, {}), StoreError);
}

TEST_F(WarmStart, WhatDoesNotFitIsLeftOutAndCounted) {
  run("wide", parse("seeds: 2\nproblems: [{hpo: {space: lcbench}}, cell_nas]\nstrategies: [random]\nbudget: "
                    "{evaluations: 5}\n"));
  const Experiment experiment = parse(second("wide"));
  EXPECT_EQ(experiment.warm_start.problems[0].searches.size(), 2U);
  EXPECT_THAT(experiment.warm_start.problems[0].notes[1],
              HasSubstr("of 20 earlier trials are no configurations of this search space"));
  expect_refused(second("wide", "zero_shot", "nk"), "nothing of it can be used for nk");
}

TEST(SpaceMap, GoesByNamesAndDomains) {
  const SearchSpace from({{.name = "x", .domain = Real{0.0, 10.0}},
                          {.name = "n", .domain = Integer{0, 9}},
                          {.name = "kind", .domain = Categorical{{"a", "b", "c"}}},
                          {.name = "extra", .domain = Real{0.0, 1.0}, .active_when = Condition{2, {2}}}});
  const SearchSpace to({{.name = "kind", .domain = Ordinal{{"c", "b", "a"}}},
                        {.name = "n", .domain = Real{1.0, 5.0}},
                        {.name = "x", .domain = Real{0.0, 5.0}},
                        {.name = "more", .domain = Real{0.0, 1.0}, .active_when = Condition{0, {1}}}});
  const SpaceMap map(from, to);
  const auto mapped = [&](double x, double n, double kind) {
    Configuration c(4);
    c.set(0, x);
    c.set(1, n);
    c.set(2, kind);
    if (kind == 2) c.set(3, 0.5);
    return map(c);
  };
  const auto fits = mapped(4.5, 3, 0);
  ASSERT_TRUE(fits);
  EXPECT_EQ(to.describe(*fits), "kind=a, n=3, x=4.5");
  EXPECT_FALSE(mapped(6.0, 3, 0));  // outside
  EXPECT_FALSE(mapped(4.5, 0, 0));  // outside
  EXPECT_FALSE(mapped(4.5, 3, 1));  // `more` would have to be active
  EXPECT_FALSE(mapped(4.5, 3, 2));  // `extra` is not known
  const SearchSpace numbers({{.name = "x", .domain = Real{0.0, 10.0}},
                             {.name = "n", .domain = Integer{0, 9}},
                             {.name = "kind", .domain = Integer{0, 2}}});
  Configuration c(4);
  for (const std::size_t i : {0U, 1U, 2U}) c.set(i, 1.0);
  EXPECT_FALSE(SpaceMap(from, numbers)(c));  // choices are no numbers
}

TEST_F(WarmStart, RefusesInOneSentence) {
  expect_refused(second(""),
                 "it learns from earlier results, and there are none: name a finished results folder with "
                 "warm_start: RESULTS");
  expect_refused(second("nowhere"), "nowhere: no such results folder");
  fs::create_directories(folder_ / "empty");
  expect_refused(second("empty"), "holds no results.sqlite");
  run_first();
  expect_refused(second("first", "random"),
                 "no strategy of the file learns from earlier results; those that do: ");
  expect_refused(second("{problems: c100}"), "warm_start.results: is missing");
  expect_refused(second("{results: first, problems: c10}"),
                 "warm_start.problems: 'c10' is not in the earlier results, which hold c100, i16");
  expect_refused(second("{results: first, strategies: gp}"),
                 "'gp' is not in the earlier results, which hold local_search, random");
  expect_refused(second("{results: first, carbon: 3 km}"), "must be declared, counted or a mass");
  expect_refused(second("{results: first, carbon: -3 kg}"), "must be declared, counted or a mass");
  expect_refused(second("{results: [first, first]}"), "holds the same results as another");
  expect_refused(
      "seeds: [7]\nproblems: cell_nas\nstrategies: zero_shot\nbudget: {evaluations: 3}\nwarm_start: "
      "{results: first, seeds: same}\n",
      "no earlier search of seed 7");
  EXPECT_THROW((void)parse_experiment(second("first"), "e.yaml", folder_.path()),
               InputError);  // nobody reads it here
  run_first("record: incumbents\n", "few");
  expect_refused(second("few"), "was recorded with record: incumbents");
  const Experiment halves =
      parse("problems: [cell_nas]\nstrategies: [random]\nseeds: 2\nbudget: {evaluations: 3}\n");
  run("half", halves, 1, {1, 2});
  expect_refused(second("half"), "is shard 1/2 of its experiment");
  Store::create(folder_ / "begun", halves, {}).close();
  expect_refused(second("begun"), "is unfinished: 0 of 2 searches have ended");
}

TEST_F(WarmStart, RefusesWhatIsNoStoreOfItsOwn) {
  run_first();
  const auto copy = [&](const std::string& name) {
    fs::create_directories(folder_ / name);
    fs::copy_file(folder_ / "first" / Store::kFileName, folder_ / name / Store::kFileName);
    return (folder_ / name / Store::kFileName).string();
  };
  const auto changed = [&](const std::string& name, const char* sql) {
    testing::change_store(copy(name), sql);
    return name;
  };
  fs::create_directories(folder_ / "garbage");
  folder_.write("garbage/results.sqlite", std::string(5000, 'x'));
  expect_refused(second("garbage"), "garbage/results.sqlite");
  fs::resize_file(copy("cut"), 9000);
  expect_refused(second("cut"), "cut/results.sqlite");
  expect_refused(second(changed("old", "UPDATE meta SET value='1' WHERE key='format'; DROP TABLE variants")),
                 "another version of tonne made it");
  expect_refused(second(changed("view", "CREATE VIEW v AS SELECT * FROM cells")),
                 "it does not hold the tables that this program makes");
  expect_refused(second(changed("trial", "UPDATE trial_blocks SET data=zeroblob(length(data))")),
                 "the block of trials from 0 on, of cell 0, is not what was written");
  expect_refused(second(changed("domain", "UPDATE problems SET parameters=replace(parameters, ',\"avg_pool_3x3\"', '')")),
                 "lies outside its search space");
  expect_refused(second(changed("space", "UPDATE problems SET parameters='{]'")),
                 "the parameters of a problem cannot be read");
  expect_refused(second(changed("ledger", "UPDATE ledger SET line='x' WHERE line='host'")),
                 "its ledger has an unknown line");
  expect_refused(second(changed("cell", "UPDATE cells SET strategy=77")), "does not hold");
  expect_refused(second(changed("lost", "DELETE FROM trial_blocks")), "nothing of it can be used");
}

// Names from elsewhere reach terminal and page as text.
TEST_F(WarmStart, NamesAreText) {
  const std::string evil = "<script>alert(1)</script>\x1b[31m";
  run_first("", evil);
  testing::change_store(folder_ / evil / Store::kFileName,
                        "UPDATE problems SET label='<b>../../x</b>' WHERE problem=0; UPDATE strategies SET label=char(27) || "
                        "'[2J' WHERE strategy=0");
  const std::string quoted = "'<script>alert(1)</script>\x1b[31m'";
  expect_refused(second("{results: 'nowhere\x1b[31m'}"), "nowhere?[31m: no such results folder");
  try {
    (void)parse(second("{results: " + quoted + ", problems: none}"));
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
  }
  run("second", parse(second(quoted)));
  const auto shown = testing::run_program("show second", folder_.path());
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_EQ(shown.out.find('\x1b'), std::string::npos);
  ASSERT_EQ(testing::run_program("report second", folder_.path()).exit_code, 0);
  EXPECT_EQ(testing::read_file(folder_ / "second" / "report.html").find("<script>alert"), std::string::npos);
}

}  // namespace
}  // namespace tonne
