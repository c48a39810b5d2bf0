#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "search/problems/tabular/tabular_file.h"
#include "tests/search/problems/tabular/tabular_fixture.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using Tabular = testing::TabularFixture;

const std::string kWide =
    "lr,net,acc0,acc1,sec\n"
    "0.1,a,90,92,10\n"
    "0.01,a,80,82,20\n"
    "0.1,b,70,,30\n"
    "0.001,b,60,64,40\n";
const std::string kWideSettings =
    "file: t.csv\ndecisions: [lr, net]\nobjective: [acc0, acc1]\ndirection: maximise\ntime: sec\n";

TEST_F(Tabular, ReadsDecisionsSeedsAndTimes) {
  write(kWide);
  const auto problem = make(kWideSettings);
  const SearchSpace& space = problem->space();
  EXPECT_EQ(std::get<Ordinal>(space[0].domain).levels, (std::vector<std::string>{"0.001", "0.01", "0.1"}));
  EXPECT_EQ(std::get<Categorical>(space[1].domain).choices, (std::vector<std::string>{"a", "b"}));
  EXPECT_DOUBLE_EQ(*problem->optimum(), 91.0);

  Configuration best(2);
  best.set(0, 2);
  best.set(1, 0);
  EXPECT_DOUBLE_EQ(problem->true_value(best), 91.0);
  // A repeat trains with the other seed; both seeds come first for some runs.
  std::array<int, 2> first{};
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Outcome once = problem->evaluate({best, 0.0, 1.0, 0, Random(i).name()}, Random(i));
    const Outcome twice = problem->evaluate({best, 0.0, 1.0, 1, Random(i).name()}, Random(i));
    EXPECT_DOUBLE_EQ(once.objectives[0] + twice.objectives[0], 182.0);
    EXPECT_DOUBLE_EQ(*once.workload.measured_time / second, 10.0);
    ++first[once.objectives[0] == 90.0 ? 0 : 1];
  }
  EXPECT_GT(first[0], 60);  // binomial(200, .5): below 61 with probability 1e-8
  EXPECT_GT(first[1], 60);
}

// Doubles do not tell neighbours above 2^53 apart; their texts do.
TEST_F(Tabular, LargeWholeNumbersStayDistinctLevels) {
  write("id,y,sec\n9007199254740993,3,1\n9007199254740992,2,1\n1.0,1,1\n9007199254740994,4,1\n");
  const std::string settings = "file: t.csv\ndecisions: [id]\nobjective: y\ndirection: minimise\ntime: sec\n";
  const auto problem = make(settings + "default: [9007199254740993]\n");
  EXPECT_EQ(std::get<Ordinal>(problem->space()[0].domain).levels,
            (std::vector<std::string>{"1.0", "9007199254740992", "9007199254740993", "9007199254740994"}));
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(problem->true_value(testing::configuration_of({static_cast<double>(i)})),
              static_cast<double>(i) + 1.0);
  EXPECT_EQ(problem->default_configuration()[0], 2.0);
  const auto declared =
      make(settings + "order: {id: [1, 9007199254740993, 9007199254740992, 9007199254740994]}\n");
  EXPECT_EQ(declared->true_value(testing::configuration_of({1.0})), 3.0);
  EXPECT_EQ(declared->true_value(testing::configuration_of({2.0})), 2.0);
}

TEST_F(Tabular, ASeedWithoutAValueIsPassedOver) {
  write(kWide);
  const auto problem = make(kWideSettings);
  Configuration partial(2);
  partial.set(0, 2);
  partial.set(1, 1);
  for (std::uint64_t i = 0; i < 20; ++i)
    EXPECT_DOUBLE_EQ(problem->evaluate({partial, 0.0, 1.0, 0, i}, Random(i)).objectives[0], 70.0);
  EXPECT_DOUBLE_EQ(problem->true_value(partial), 70.0);
}

TEST_F(Tabular, AMissingRowFails) {
  write(kWide);
  const auto problem = make(kWideSettings + "failed_time: 3 s\n");
  Configuration absent(2);
  absent.set(0, 0);
  absent.set(1, 0);
  const Outcome outcome = problem->evaluate({absent, 0.0, 1.0, 0}, Random(1));
  EXPECT_EQ(outcome.failure, Failure::invalid);
  EXPECT_DOUBLE_EQ(*outcome.workload.measured_time / second, 3.0);
  EXPECT_DOUBLE_EQ(problem->true_value(absent), 62.0);  // the worst
  EXPECT_EQ(error_of(kWideSettings + "missing: error\n"),
            "t.csv: has 4 of the 6 combinations of its decisions, and missing is 'error'");
}

TEST_F(Tabular, LongFormHasSeedsAndFidelitiesInRows) {
  write("x,seed,epoch,loss,j\n"
        "1,0,1,5,10\n1,0,4,3,40\n1,1,1,6,12\n1,1,4,4,44\n"
        "2,0,1,9,10\n2,0,4,8,40\n2,1,1,9,10\n2,1,4,6,40\n");
  const auto problem = make(
      "file: t.csv\ndecisions: [x]\nobjective: loss\ndirection: minimise\nseed: seed\nfidelity: epoch\nenergy: j\n"
      "evaluation_time: 4 s\n");
  EXPECT_DOUBLE_EQ(problem->traits().fidelity.lowest, 1.0);
  EXPECT_DOUBLE_EQ(problem->traits().fidelity.highest, 4.0);
  Configuration one(1);
  one.set(0, 0);
  EXPECT_DOUBLE_EQ(problem->true_value(one), 3.5);
  EXPECT_EQ(problem->traits().fidelity.levels, (std::vector<double>{1.0, 4.0}));
  const Outcome early = problem->evaluate({one, 0.0, 3.0, 0}, Random(1));  // rounds down to epoch 1
  EXPECT_TRUE(early.objectives[0] == 5.0 || early.objectives[0] == 6.0);
  const Outcome rest = problem->evaluate({one, 1.0, 4.0, 0}, Random(1));
  const double joules = *rest.workload.measured_energy / joule;
  EXPECT_TRUE(joules == 30.0 || joules == 32.0) << joules;
  EXPECT_DOUBLE_EQ(*rest.workload.measured_time / second, 3.0);
}

TEST_F(Tabular, WhatFailsInFullIsTheWorst) {
  write("x,epoch,acc\n1,1,50\n1,4,\n2,1,20\n2,4,80\n3,1,10\n3,4,70\n");
  const auto problem = make("file: t.csv\ndecisions: [x]\nobjective: acc\ndirection: maximise\nfidelity: epoch\nevaluation_time: 1 s\n");
  Configuration first(1);
  first.set(0, 0);
  EXPECT_FALSE(problem->evaluate({first, 0.0, 1.0, 0}, Random(1)).failure);
  EXPECT_TRUE(problem->evaluate({first, 0.0, 4.0, 0}, Random(1)).failure);
  EXPECT_DOUBLE_EQ(problem->true_value(first), 70.0);
}

const std::string kFlopsSettings =
    "file: t.csv\ndecisions: [x]\nobjective: y\ndirection: minimise\nflops: f\nflops_unit: 1 "
    "GFLOP\nfailed_time: 7 s\n";

// What the table tells of a failure is charged; failed_time stands in only where it tells nothing.
TEST_F(Tabular, AFailureCostsWhatTheTableSays) {
  write("x,y,f\n1,2,100\n2,,300\n3,,\n");
  const auto problem = make(kFlopsSettings);
  Configuration candidate(1);
  candidate.set(0, 1);
  const Outcome told = problem->evaluate({candidate, 0.0, 1.0, 0}, Random(1));
  EXPECT_EQ(told.failure, Failure::invalid);
  EXPECT_EQ(told.workload.flops, 300.0 * gigaflop);
  EXPECT_EQ(told.workload.measured_time, std::nullopt);  // a measured time would stand instead of the FLOPs
  candidate.set(0, 2);
  const Outcome untold = problem->evaluate({candidate, 0.0, 1.0, 0}, Random(1));
  EXPECT_EQ(untold.failure, Failure::invalid);
  EXPECT_EQ(untold.workload.flops, Work{});
  EXPECT_EQ(untold.workload.measured_time, 7.0 * second);
}

TEST_F(Tabular, ASuccessWithoutACostIsRefused) {
  write("x,y,f,t\n1,2,100,1\n2,3,,\n");
  EXPECT_EQ(error_of(kFlopsSettings), "t.csv:3: column 'f': is empty, expected a number");
  const std::string measured = "file: t.csv\ndecisions: [x]\nobjective: y\ndirection: minimise\n";
  EXPECT_EQ(error_of(measured + "time: t\n"), "t.csv:3: column 't': is empty, expected a number");
  EXPECT_EQ(error_of(measured + "energy: t\n"), "t.csv:3: column 't': is empty, expected a number");
  // Unless something stands in for the empty field.
  Configuration second_one(1);
  second_one.set(0, 1);
  const Evaluation evaluation{second_one, 0.0, 1.0, 0};
  EXPECT_EQ(make(measured + "time: t\nevaluation_time: 9 s\n")
                ->evaluate(evaluation, Random(1))
                .workload.measured_time,
            9.0 * second);
  EXPECT_EQ(
      make(kFlopsSettings + "evaluation_flops: 5 GFLOP\n")->evaluate(evaluation, Random(1)).workload.flops,
      5.0 * gigaflop);
}

TEST_F(Tabular, UnknownParametersAreNone) {
  write("x,y,w\n1,2,1000\n2,,\n3,4,\n");
  const auto problem = make(
      "file: t.csv\ndecisions: [x]\nobjective: y\ndirection: minimise\nparameters: w\nevaluation_time: 1 "
      "s\n");
  const auto weights = [&](double x) {
    Configuration candidate(1);
    candidate.set(0, x);
    return problem->evaluate({candidate, 0.0, 1.0, 0}, Random(1)).workload.parameters;
  };
  EXPECT_EQ(weights(0), 1000.0);
  EXPECT_EQ(weights(1), 0.0);
  EXPECT_EQ(weights(2), 0.0);
}

// Most rows fail, in either direction: the default is the median of those that succeed.
TEST_F(Tabular, TheDefaultIsASuccess) {
  write("x,y\n1,\n2,\n3,\n4,10\n5,30\n6,20\n7,\n8,\n");
  const std::string settings = "file: t.csv\ndecisions: [x]\nobjective: y\nevaluation_time: 1 s\n";
  for (const std::string direction : {"minimise", "maximise"}) {
    const auto problem = make(settings + "direction: " + direction + "\n");
    EXPECT_EQ(problem->space().describe(problem->default_configuration()), "x=6");
  }
  const auto chosen = make(settings + "direction: minimise\ndefault: [5.0]\n");
  EXPECT_EQ(chosen->space().describe(chosen->default_configuration()), "x=5");
  EXPECT_EQ(error_of(settings + "direction: minimise\ndefault: [1]\n"),
            "default: the table has no successful evaluation of x=1");
}

TEST_F(Tabular, AColumnHasOneRole) {
  write(kWide);
  const std::string rest = "direction: maximise\nevaluation_time: 1 s\n";
  EXPECT_EQ(error_of("file: t.csv\ndecisions: [lr, lr]\nobjective: acc0\n" + rest),
            "e.yaml:2:12: tabular.decisions: column 'lr' is already used by decisions");
  EXPECT_EQ(error_of("file: t.csv\ndecisions: [lr, net]\nobjective: [acc0, acc0]\n" + rest),
            "e.yaml:3:12: tabular.objective: column 'acc0' is already used by objective");
  EXPECT_EQ(error_of("file: t.csv\ndecisions: [lr, acc0]\nobjective: acc0\n" + rest),
            "e.yaml:3:12: tabular.objective: column 'acc0' is already used by decisions");
  EXPECT_EQ(error_of("file: t.csv\ndecisions: [lr, net]\nobjective: acc0\nseed: net\n" + rest),
            "e.yaml:4:7: tabular.seed: column 'net' is already used by decisions");
  // A cost may be the objective: a run time that is minimised.
  EXPECT_EQ(error_of("file: t.csv\ndecisions: [lr, net]\nobjective: sec\ntime: sec\ndirection: minimise\n"),
            "no error");
}

// A key taken for the seed: each row is its own seed, and the table of all rows by all seeds would not fit.
TEST_F(Tabular, AnAbsurdNumberOfSeedsIsRefused) {
  std::string text = "key,x,y\n";
  for (int row = 0; row < 9000; ++row) {
    const std::string number = std::to_string(row);
    text += number + "," + number + "," + number + "\n";
  }
  write(text);
  EXPECT_EQ(error_of("file: t.csv\ndecisions: [x]\nobjective: y\nseed: key\ndirection: "
                     "minimise\nevaluation_time: 1 s\n"),
            "t.csv: has 9000 configurations, 9000 training seeds and 1 fidelities, more than 67108864 values "
            "in total; are these really the seed and fidelity columns?");
}

TEST_F(Tabular, TheContentHasADigest) {
  const std::string settings =
      "file: t.csv\ndecisions: [lr, net]\nobjective: acc0\ndirection: maximise\ntime: sec\n";
  const auto digest = [&](const std::string& text) {
    write(text);
    return testing::problem_recipe("tabular", settings, folder_)->content_digest();
  };
  const std::uint64_t first = digest(kWide);
  EXPECT_NE(first, 0U);
  EXPECT_EQ(digest(kWide), first);
  EXPECT_NE(digest(kWide + "0.001,a,61,65,40\n"), first);
}

TEST_F(Tabular, FlopsOfOneSampleBecomeThoseOfTraining) {
  write("x,y,f\n1,2,100\n2,3,200\n");
  const auto problem = make(
      "file: t.csv\ndecisions: [x]\nobjective: y\ndirection: minimise\nflops: f\nflops_unit: 2 FLOP\nflops_per: sample\n"
      "samples: 1000\nepochs: 5\nbatch: 300\n");
  Configuration one(1);
  one.set(0, 0);
  const Workload work = problem->evaluate({one, 0.0, 1.0, 0}, Random(1)).workload;
  EXPECT_DOUBLE_EQ(work.flops / flop, 3.0 * 2.0 * 100 * 1000 * 5);
  EXPECT_DOUBLE_EQ(work.steps, 4 * 5);
}

TEST_F(Tabular, ReadsSqlite) {
  {
    SQLite::Database database((folder_ / "t.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("CREATE TABLE runs(x REAL, name TEXT, y REAL); INSERT INTO runs VALUES(1,'a \"b\"',3),(2,'c,d',NULL),(2,'a \"b\"',1)");
  }
  const std::string settings = "file: t.db\ndecisions: [x, name]\nobjective: y\ndirection: minimise\nevaluation_time: 1 s\n";
  const auto problem = make(settings + "table: runs\n");
  EXPECT_DOUBLE_EQ(*problem->optimum(), 1.0);
  EXPECT_EQ(std::get<Categorical>(problem->space()[1].domain).choices, (std::vector<std::string>{"a \"b\"", "c,d"}));
  EXPECT_EQ(error_of(settings), "t.db: is an SQLite file: select its table with table:, one of runs");
  EXPECT_EQ(error_of(settings + "table: rnus\n"),
            "t.db: has no table 'rnus'. Did you mean runs? Its tables: runs");
  std::ofstream(folder_ / "t.db")
      << "no database but text, of some length, so that a header could stand in it: "
      << std::string(200, '.');
  EXPECT_EQ(error_of(settings + "table: runs\n"), "t.db: cannot be read: file is not a database");
}

// A stranger's view may have rows without end, in however few it returns, or steps that take seconds.
TEST_F(Tabular, AnEndlessViewIsGivenUp) {
  const std::string file = (folder_ / "t.db").string();
  {
    SQLite::Database database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    const std::string endless = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) ";
    database.exec("CREATE VIEW endless AS " + endless + "SELECT x FROM r WHERE x < 0");
    database.exec("CREATE VIEW counted AS " + endless + "SELECT count(*) AS x FROM r");
    database.exec("CREATE VIEW large AS SELECT hex(zeroblob(1000000000)) AS x");
    database.exec("CREATE VIEW slow AS SELECT 'abc' LIKE '%a%b%c%' AS x");
    database.exec("CREATE VIEW sums AS SELECT round(1.5 + 2.25, 1) AS x");
  }
  const auto error_of_view = [&](const std::string& view) -> std::string {
    try {
      return "rows: " + std::to_string(tabular::read_table_file(file, view).rows());
    } catch (const InputError& error) {
      return error.what();
    }
  };
  for (const std::string view : {"endless", "counted"})
    EXPECT_EQ(error_of_view(view), file + ": reading its table '" + view +
                                       "' takes far longer than a file of this size should; if it is a view, store its rows in a table "
                                       "(CREATE TABLE ... AS SELECT ...)");
  for (const std::string view : {"large", "slow"})
    EXPECT_NE(error_of_view(view).find("its view '" + view + "' computes more than arithmetic"), std::string::npos) << error_of_view(view);
  EXPECT_EQ(error_of_view("sums"), "rows: 1");
}

// A value is the same from either kind of file, to the last bit.
TEST_F(Tabular, SqliteKeepsEveryDigit) {
  {
    SQLite::Database database((folder_ / "t.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec(
        "CREATE TABLE runs(x REAL, y REAL); INSERT INTO runs "
        "VALUES(1,0.12345678901234568),(2,45.31999969482422)");
  }
  write("x,y\n1,0.12345678901234568\n2,45.31999969482422\n");
  const std::string settings = "decisions: [x]\nobjective: y\ndirection: minimise\nevaluation_time: 1 s\n";
  const auto database = make("file: t.db\ntable: runs\n" + settings);
  const auto text = make("file: t.csv\n" + settings);
  EXPECT_EQ(*database->optimum(), 0.12345678901234568);
  for (const double x : {0.0, 1.0}) {
    Configuration candidate(1);
    candidate.set(0, x);
    EXPECT_EQ(database->true_value(candidate), text->true_value(candidate));
  }
}

TEST_F(Tabular, EverythingMissingIsNamed) {
  write(kWide);
  const auto with = [](std::string from, const std::string& what, const std::string& to) {
    return from.replace(from.find(what), what.size(), to);
  };
  EXPECT_EQ(error_of(with(kWideSettings, "[lr, net]", "[lr, nte]")),
            "t.csv:1: has no column 'nte' (decisions). Did you mean net? Its columns: lr, net, acc0, acc1, sec");
  EXPECT_EQ(error_of(with(kWideSettings, "acc1", "acc2")),
            "t.csv:1: has no column 'acc2' (objective). Did you mean acc0? Its columns: lr, net, acc0, acc1, sec");
  EXPECT_EQ(error_of(with(kWideSettings, "maximise", "up")), "e.yaml:4:12: tabular.direction: is 'up', expected minimise or maximise");
  EXPECT_EQ(error_of("file: t.csv\n"),
            "e.yaml:1:1: tabular.decisions: is missing: list the columns that form the search space");
  EXPECT_EQ(error_of(with(kWideSettings, "t.csv", "u.csv")).substr(0, 43), "e.yaml:1:7: tabular.file: no such file: u.c");
  EXPECT_TRUE(error_of(with(kWideSettings, "time: sec", "unit: s")).starts_with("e.yaml:1:1: tabular.time: is missing: give a column"));
  EXPECT_EQ(error_of(kWideSettings + "categorical: [sec]\n"),
            "categorical: 'sec' is not one of the decisions: lr, net");
  EXPECT_EQ(error_of(kWideSettings + "default: [0.1, z]\n"),
            "default: column 'net' has no value 'z'; it has a, b");

  write("lr,net,acc0,acc1,sec\n0.1,a,90,92,10\n0.1,a,90,92,10\n");
  EXPECT_EQ(error_of(kWideSettings),
            "t.csv:3: repeats the decisions of line 2 (training seeds in rows? give their column as seed:, "
            "or set repeats: seeds)");
  write("lr,net,acc0,acc1,sec\n0.1,a,high,92,10\n");
  EXPECT_EQ(error_of(kWideSettings), "t.csv:2: column 'acc0': is 'high', expected a number");
  write("lr,net,acc0,acc1,sec\n0.1,a,nan,92,10\n");
  EXPECT_EQ(error_of(kWideSettings), "t.csv:2: column 'acc0': is 'nan', expected a number");
  write("lr,net,acc0,acc1,sec\n0.1,a,90,92,-1\n");
  EXPECT_EQ(error_of(kWideSettings), "t.csv:2: column 'sec': is negative");
  write("lr,net,acc0,acc1,sec\n0.1,,90,92,1\n");
  EXPECT_EQ(error_of(kWideSettings), "t.csv:2: column 'net': is empty, expected a decision");
  write("lr,net,acc0,acc1,sec\n0.1,a,,,1\n");
  EXPECT_EQ(error_of(kWideSettings), "t.csv: has no successful evaluation at the highest fidelity");
  write("lr,net,acc0,acc1,sec\n");
  EXPECT_EQ(error_of(kWideSettings), "t.csv:1: has no rows");
  write("");
  EXPECT_EQ(error_of(kWideSettings), "t.csv:1: is empty: expected a header line");
  write("lr,net,acc0,acc1,sec\n0.1,a,90,92\n");
  EXPECT_EQ(error_of(kWideSettings), "t.csv:2: has 4 fields, the header has 5");
}

// Quantiles of the accuracy, to the digits that are published of this table, and its best network.
TEST_F(Tabular, NasBenchMacroHasThePublishedQuantiles) {
  const fs::path file = fs::path(TONNE_SOURCE_DIR) / "../shared/data/nasbench_macro.csv";
  if (!fs::exists(file)) GTEST_SKIP() << "the table does not stand beside the checkout";
  const auto problem =
      make("file: " + fs::absolute(file).string() +
           "\ndecisions: [b0, b1, b2, b3, b4, b5, b6, b7]\ncategorical: [b0, b1, b2, b3, b4, b5, b6, b7]\n"
           "objective: [acc_s0, acc_s1, acc_s2]\ndirection: maximise\nmissing: error\nflops: flops\n");
  const SearchSpace& space = problem->space();
  ASSERT_EQ(space.cardinality(), 6561.0);
  std::vector<double> values;
  for (int network = 0; network < 6561; ++network) {
    Configuration candidate(8);
    int rest = network;
    for (std::size_t block = 0; block < 8; ++block, rest /= 3) candidate.set(block, rest % 3);
    values.push_back(problem->true_value(candidate));
  }
  std::ranges::sort(values);
  const auto quantile = [&](double p) { return values[static_cast<std::size_t>(p * 6560.0 + 0.5)]; };
  constexpr std::array<std::array<double, 2>, 7> kPublished = {
      {{0.01, 80.2}, {0.05, 85.7}, {0.25, 89.5}, {0.5, 91.0}, {0.75, 91.8}, {0.95, 92.5}, {0.99, 92.8}}};
  for (const auto& [p, value] : kPublished) EXPECT_NEAR(quantile(p), value, 0.0501) << p;
  EXPECT_NEAR(values.front(), 45.4, 0.0501);
  EXPECT_NEAR(values.back(), 93.13, 0.00501);
  EXPECT_EQ(values.back(), *problem->optimum());
}

TEST_F(Tabular, ReadsAKernelTuningTableWithHoles) {
  const fs::path file = fs::path(TONNE_SOURCE_DIR) / "../shared/data/autotune_gemm_RTX_3090_kt.csv";
  if (!fs::exists(file)) GTEST_SKIP() << "the table does not stand beside the checkout";
  const auto problem = make("file: " + fs::absolute(file).string() +
                            "\ndecisions: [MWG, NWG, KWG, MDIMC, NDIMC, MDIMA, NDIMB, KWI, VWM, VWN, STRM, STRN, SA, SB]\n"
                            "objective: time_ms\ndirection: minimise\nfailure: error\ntime: framework_ms\ntime_unit: 1 ms\n");
  EXPECT_GT(*problem->optimum(), 0.0);
  Random random(1);
  int failures = 0;
  for (int i = 0; i < 1000; ++i) {
    const Configuration c = problem->space().sample(random);
    failures += problem->evaluate({c, 0.0, 1.0, 0}, random).failure ? 1 : 0;
  }
  EXPECT_GT(failures, 500);  // the constraints leave few of the full product
}

}  // namespace
}  // namespace tonne
